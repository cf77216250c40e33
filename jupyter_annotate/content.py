"""Content: what a field shows and a question is answered about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Content", "ImageSize"]


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Size of an image as it is displayed, EXIF orientation applied, in pixels."""

    width: int
    height: int


#: What a question is answered about: the text, the size of the image, or the labels on offer.
Content: TypeAlias = str | ImageSize | tuple[str, ...]
