"""Content: what a field shows and a question is answered about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Content", "ImageSize", "Recording"]


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Size of an image as it is displayed, EXIF orientation applied, in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Recording:
    """Length of sound or a film in seconds; None where its container does not tell."""

    seconds: float | None


#: What a question is answered about: the text, the size of an image, the length of a recording, labels.
Content: TypeAlias = str | ImageSize | Recording | tuple[str, ...]
