"""Type and length of recordings, told by their content alone."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate import Audio, Video
from jupyter_annotate.content import Recording
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.fields.recording import read_medium
from jupyter_annotate.fields.webm import webm_seconds
from jupyter_annotate.samples import load_films, load_recordings
from tests.recordings import film, wav


def mp4(seconds: float) -> bytes:
    """Make an MP4 without pictures: its type, and the box that tells its length (ISO/IEC 14496-12, 8.2.2)."""
    header = struct.pack(">IIIII", 0, 0, 0, 1000, round(seconds * 1000)) + bytes(80)
    mvhd = struct.pack(">I4s", len(header) + 8, b"mvhd") + header
    return (
        struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4s", len(mvhd) + 8, b"moov") + mvhd
    )


@pytest.mark.parametrize("seconds", [0.5, 3.0, 61.25])
def test_a_length_is_read_from_its_container(seconds: float) -> None:
    """WAV and MP4 tell it."""
    assert Audio("f").content(wav(seconds)) == Recording(seconds)
    assert Audio("f").content(mp4(seconds)) == Recording(seconds)
    assert Video("f").content(mp4(seconds)) == Recording(seconds)


def test_types_go_by_content() -> None:
    """The same container is sound or a film, as the field says."""
    assert read_medium(wav(1), "audio", name="x").mime == "audio/wav"
    assert read_medium(film(), "audio", name="x").mime == "audio/webm"
    assert read_medium(film(), "video", name="x").mime == "video/webm"
    assert read_medium(mp4(1), "video", name="x").mime == "video/mp4"


@pytest.mark.parametrize("data", [wav(1), b"ID3\x04", b"fLaC" + bytes(40)], ids=["wav", "mp3", "flac"])
def test_sound_is_no_film(data: bytes) -> None:
    """A video field refuses it in words."""
    with pytest.raises(ExchangeError, match="sound without pictures"):
        Video("f").blob(data)


def test_a_webm_of_unknown_length_has_none() -> None:
    """What a browser recorded holds no length, and a segment of unknown size."""
    data = film()
    length = data.index(b"\x44\x89\x01")
    segment = data.index(b"\x18\x53\x80\x67") + 4

    assert webm_seconds(data) == 5.0
    assert webm_seconds(data[:segment] + b"\x01" + b"\xff" * 7 + data[segment + 8 :]) == 5.0
    # The element becomes one that is to be passed over (RFC 8794, 11.3.2).
    assert webm_seconds(data[:length] + b"\x42\x8a" + data[length + 2 :]) is None


@given(st.integers(0, 400), st.binary(max_size=40))
def test_damaged_films_are_read_or_refused(cut: int, junk: bytes) -> None:
    """Whatever the bytes are, there is a length, none, or one sentence."""
    for data in (film()[:cut] + junk, wav(0.1)[:cut] + junk, mp4(1)[:cut] + junk):
        for field in (Audio("f"), Video("f")):
            try:
                found: object = field.content(data)
            except ExchangeError as error:
                found = str(error)
            assert isinstance(found, Recording) or "\n" not in str(found)


def test_samples_hold_what_they_say() -> None:
    """Every sound and event lies inside its recording."""
    for items, field, gold in (
        (load_recordings(), Audio("audio"), "gold_sounds"),
        (load_films(), Video("video"), "gold_events"),
    ):
        for row in items.iter_rows(named=True):
            length = field.content(row[field.name])
            assert isinstance(length, Recording)
            assert length.seconds is not None
            assert row[gold]
            assert all(0 <= each["start"] < each["end"] <= length.seconds for each in row[gold])
