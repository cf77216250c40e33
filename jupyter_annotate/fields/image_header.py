"""Type and displayed size of an image, from its first bytes.

The browser decodes images; the kernel only has to know whether it can and where the edges are. Decoding
whole images here would need an imaging library for two numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_annotate.errors import ExchangeError

__all__ = ["ImageHeader", "read_header"]

_PNG = b"\x89PNG\r\n\x1a\n"
#: EXIF orientations 5 to 8 turn the picture by a quarter.
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
_ORIENTATION = 0x0112
_LARGEST = 100_000
#: Bytes up to the end of the size in an extended WebP.
_VP8X_BYTES = 30


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Type by content, and size in pixels with the EXIF orientation applied."""

    mime: str
    width: int
    height: int


def read_header(data: bytes) -> ImageHeader:
    """Read type and displayed size.

    Parameters
    ----------
    data
        The encoded image, PNG, JPEG, GIF or WebP.

    Raises
    ------
    ExchangeError
        If it is none of these, is cut off, or names an impossible size.
    """
    try:
        header = _by_signature(data)
    except (struct.error, IndexError):
        raise ExchangeError("image", "it is cut off or damaged.") from None
    if not (0 < header.width <= _LARGEST and 0 < header.height <= _LARGEST):
        size = f"{header.width} x {header.height}"
        raise ExchangeError("image", f"its header gives an impossible size, {size} pixels.")
    return header


def _by_signature(data: bytes) -> ImageHeader:
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return ImageHeader("image/gif", *struct.unpack_from("<HH", data, 6))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    start = data[:12].hex(" ") or "nothing"
    raise ExchangeError("image", f"it is no PNG, JPEG, GIF or WebP; it starts with {start}.")


def _png(data: bytes) -> ImageHeader:
    if data[12:16] != b"IHDR" or b"IEND" not in data[-16:]:
        raise ExchangeError("image", "this PNG is cut off or damaged.")
    return ImageHeader("image/png", *struct.unpack_from(">II", data, 16))


def _jpeg(data: bytes) -> ImageHeader:
    turned = False
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and data[start : start + 6] == b"Exif\x00\x00":  # noqa: PLR2004 -- APP1
            turned = _orientation(data[start + 6 : end]) in _QUARTER_TURNS
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004 -- start of frame
            height, width = struct.unpack_from(">HH", data, start + 1)
            return _turn("image/jpeg", width, height, turned=turned)
    raise ExchangeError("image", "this JPEG has no frame: it is cut off or damaged.")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Walk the marker segments: marker, first byte of the content, byte after it."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 -- every marker starts so
        if data[at + 1] == 0xFF:  # noqa: PLR2004 -- fill byte
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], at + 4, at + 2 + length
        at += 2 + length


def _webp(data: bytes) -> ImageHeader:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= _VP8X_BYTES:
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        return _turn("image/webp", width, height, turned=_webp_orientation(data) in _QUARTER_TURNS)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return ImageHeader("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return ImageHeader("image/webp", width & 0x3FFF, height & 0x3FFF)


def _webp_orientation(data: bytes) -> int:
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        if data[at : at + 4] == b"EXIF":
            return _orientation(data[at + 8 : at + 8 + length].removeprefix(b"Exif\x00\x00"))
        at += 8 + length + length % 2
    return 1


def _orientation(tiff: bytes) -> int:
    """Find the orientation in the first directory of a TIFF structure (EXIF 2.3, section 4.6.4)."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for entry in range(count):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
        if tag == _ORIENTATION:
            return int(value)
    return 1


def _turn(mime: str, width: int, height: int, *, turned: bool) -> ImageHeader:
    return ImageHeader(mime, height, width) if turned else ImageHeader(mime, width, height)
