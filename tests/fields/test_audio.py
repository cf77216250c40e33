"""Audio: what travels to the browser, and what cannot be heard."""

from __future__ import annotations

import sys

import pytest

from jupyter_annotate import Audio
from jupyter_annotate.content import Recording
from jupyter_annotate.errors import ExchangeError
from tests.fields.test_recordings import mp4
from tests.recordings import wav


def test_the_payload_says_how_long_and_how_large(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bytes and a file are alike."""
    folder = tmp_path_factory.mktemp("takes")
    (folder / "a.wav").write_bytes(wav(2))
    field = Audio("take", root=folder)
    told = {"blob": "i-1/take", "mime": "audio/wav", "seconds": 2.0, "bytes": len(wav(2))}

    assert field.payload(wav(2), item_id="i-1") == told
    assert field.payload("a.wav", item_id="i-1") == told
    assert field.identity("a.wav") == field.identity(wav(2))


def test_what_cannot_be_heard_keeps_its_place() -> None:
    """The item is shown all the same; asking for the bytes says why there are none."""
    field = Audio("take")

    assert field.payload("gone.wav", item_id="i-1") == {
        "blob": "i-1/take",
        "mime": "application/octet-stream",
        "seconds": None,
        "bytes": 0,
    }
    with pytest.raises(ExchangeError, match="there is no such file"):
        field.blob("gone.wav")


def test_without_the_extra_only_the_browser_knows_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """WAV tells it all the same; a sound that is shown is never refused for it."""
    monkeypatch.setitem(sys.modules, "tinytag", None)

    assert Audio("f").content(mp4(3)) == Recording(None)
    assert Audio("f").content(wav(3)) == Recording(3.0)
