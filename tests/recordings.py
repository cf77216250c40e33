"""Small recordings, whole and well formed."""

from __future__ import annotations

import io
import wave
from functools import cache

from jupyter_annotate.samples import load_films

__all__ = ["film", "wav"]


def wav(seconds: float, rate: int = 8_000) -> bytes:
    """Make a sound as long as said, of a rectangular wave."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(255 * (at // 20 % 2) for at in range(round(seconds * rate))))
    return out.getvalue()


@cache
def film(number: int = 0) -> bytes:
    """Return a film of five seconds."""
    found: bytes = load_films(number + 1)["video"][number]
    return found
