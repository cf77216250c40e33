"""Type and length of a recording: sound or film, by its content."""

from __future__ import annotations

import importlib
import io
import wave
from dataclasses import dataclass

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.fields.webm import webm_seconds

__all__ = ["Medium", "read_medium"]

#: A box of MP4 tells its kind after its length; an EBML file begins so (RFC 8794, 11.2.1).
_MP4_KIND, _EBML = slice(4, 8), b"\x1a\x45\xdf\xa3"
_RIFF, _WAVE = b"RIFF", b"WAVE"
#: Eleven bits that begin a frame of MPEG sound (ISO/IEC 11172-3, 2.4.1.3).
_SYNC = 0xFFE0
#: A type stands in the first bytes.
_HEAD = 64


@dataclass(frozen=True, slots=True)
class Medium:
    """Type by content, and length in seconds where the container tells it."""

    mime: str
    seconds: float | None


def read_medium(data: bytes, family: str, *, name: str) -> Medium:
    """Read type and length.

    Parameters
    ----------
    data
        The encoded recording: WAV, MP3, FLAC, Ogg, MP4 or WebM.
    family
        ``"audio"`` or ``"video"``: what it is to be played as.
    name
        What an error calls it.

    Raises
    ------
    ExchangeError
        If it is none of these, or only sound where a film is expected.
    """
    container = _container(data[:_HEAD])
    if container is None:
        raise ExchangeError(name, "it is no WAV, MP3, FLAC, Ogg, MP4 or WebM by its content.")
    if family == "video" and container not in ("mp4", "ogg", "webm"):
        raise ExchangeError(name, f"it is sound without pictures ({container}).")
    return Medium(f"{family}/{container}", _seconds(data, container, name))


def _container(head: bytes) -> str | None:
    if head.startswith(_RIFF) and head[8:12] == _WAVE:
        return "wav"
    if head[_MP4_KIND] == b"ftyp":
        return "mp4"
    for start, container in ((b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mpeg"), (_EBML, "webm")):
        if head.startswith(start):
            return container
    return "mpeg" if int.from_bytes(head[:2], "big") & _SYNC == _SYNC else None


def _seconds(data: bytes, container: str, name: str) -> float | None:
    """Return the length; where the container or this installation does not tell it, the browser finds out."""
    if container == "webm":
        return webm_seconds(data)
    if container == "wav":
        return _wav_seconds(data)
    try:
        tinytag = importlib.import_module("tinytag")
    except ModuleNotFoundError:
        return None
    try:
        found: float | None = tinytag.TinyTag.get(file_obj=io.BytesIO(data), tags=False).duration
    except (tinytag.TinyTagException, ValueError, KeyError, IndexError, ArithmeticError, OSError) as error:
        raise ExchangeError(name, f"it is cut off or damaged ({type(error).__name__}).") from error
    return found or None


def _wav_seconds(data: bytes) -> float | None:
    """Return the length of a WAV; None for one whose samples are no whole numbers."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError, ArithmeticError):
        return None
