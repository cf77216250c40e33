"""Type and displayed size of an image, from its structure.

The browser decodes images; the kernel only has to know whether it can and where the edges are. Decoding
whole images here would need an imaging library for two numbers. Where a format leaves it open, this module
does what Chromium does: tests/ui/test_image_sizes.py compares the two.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_annotate.errors import ExchangeError

__all__ = ["ImageHeader", "read_header"]

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST = 100_000

#: Marker bytes of a JPEG (ITU-T T.81, table B.1): the start of a frame, of the picture, the end, EXIF.
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI, _APP1, _FILL = 0xDA, b"\xff\xd9", 0xE1, 0xFF
#: Markers without a length: restarts, TEM and a second start of image.
_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}
_EXIF = b"Exif\x00"
#: Bytes before the TIFF structure in an EXIF segment; browsers do not look at the sixth.
_EXIF_HEAD = 6

#: EXIF orientations 5 to 8 turn the picture by a quarter.
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
_ORIENTATIONS = range(1, 9)
_ORIENTATION, _SHORT, _TIFF = 0x0112, 3, 42

#: Blocks of a GIF: extension, picture, end.
_GIF_EXTENSION, _GIF_PICTURE, _GIF_END = 0x21, 0x2C, b";"
_WEBP_PICTURES = frozenset({b"VP8 ", b"VP8L", b"ANMF"})


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Type by content, and size in pixels with the EXIF orientation applied."""

    mime: str
    width: int
    height: int


class _UnreadableError(Exception):
    """Says what is wrong, in words."""


def read_header(data: bytes, *, name: str = "image") -> ImageHeader:
    """Read type and displayed size.

    Parameters
    ----------
    data
        The encoded image, PNG, JPEG, GIF or WebP. Bytes after its end do not count.
    name
        What an error calls it.

    Raises
    ------
    ExchangeError
        If it is none of these, is cut off, or names an impossible size.
    """
    try:
        header = _by_signature(data)
    except (struct.error, IndexError):
        raise ExchangeError(name, "it is cut off or damaged.") from None
    except _UnreadableError as error:
        raise ExchangeError(name, f"{error}") from None
    if not (0 < header.width <= _LARGEST and 0 < header.height <= _LARGEST):
        size = f"{header.width} x {header.height}"
        raise ExchangeError(name, f"its header gives an impossible size, {size} pixels.")
    return header


def _by_signature(data: bytes) -> ImageHeader:
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return _gif(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    start = data[:12].hex(" ") or "nothing"
    raise _UnreadableError(f"it is no PNG, JPEG, GIF or WebP; it starts with {start}.")


def _png(data: bytes) -> ImageHeader:
    """Read the size, and the orientation from the first sound eXIf before the picture (PNG 3, 11.3.4.6)."""
    orientation, seen = None, set[bytes]()
    for kind, start, end in _png_chunks(data):
        is_first_exif = kind == b"eXIf" and orientation is None and b"IDAT" not in seen
        if is_first_exif and zlib.crc32(data[start - 4 : end]) == int.from_bytes(data[end : end + 4]):
            orientation = _orientation(data[start:end])
        seen.add(kind)
    if data[12:16] != b"IHDR" or not {b"IDAT", b"IEND"} <= seen:
        raise _UnreadableError("this PNG is cut off or damaged.")
    width, height = struct.unpack_from(">II", data, 16)
    return _turn("image/png", width, height, orientation)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walk the chunks that are whole: kind, first byte of the content, byte after it."""
    at, kind = len(_PNG), b""
    while at + 8 <= len(data) and kind != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        kind, start, end = data[at + 4 : at + 8], at + 8, at + 8 + length
        if end + 4 > len(data):
            return
        yield kind, start, end
        at = end + 4


def _jpeg(data: bytes) -> ImageHeader:
    """Read the size from the frame, and the orientation from the first EXIF segment before the picture."""
    size, orientation = None, None
    for marker, start, end in _jpeg_segments(data):
        is_exif = marker == _APP1 and data[start:end].startswith(_EXIF) and end - start > _EXIF_HEAD
        if is_exif and orientation is None:
            orientation = _orientation(data[start + _EXIF_HEAD : end])
        elif marker in _SOF and size is None:
            height, width = struct.unpack_from(">HH", data, start + 1)
            size = (width, height)
        elif marker == _SOS and size is not None and _EOI in data[end:]:
            return _turn("image/jpeg", *size, orientation)
    raise _UnreadableError("this JPEG is cut off or damaged.")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Walk the marker segments up to the picture: marker, first byte of the content, byte after it."""
    at, marker = 2, 0
    while marker != _SOS and 0 <= (at := data.find(b"\xff", at)) < len(data) - 3:
        marker = data[at + 1]
        if marker == _FILL:
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield marker, at + 4, at + 2 + length
        at += 2 + length


def _gif(data: bytes) -> ImageHeader:
    """Read the size of the screen, which the first picture may enlarge (GIF89a, sections 18 and 20).

    A file may end right after a whole picture: some programs leave the last byte out, and nothing is lost.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at, has_picture = 13 + _gif_colors(flags), False
    while data[at : at + 1] not in (_GIF_END, b""):
        if data[at] == _GIF_EXTENSION:
            at = _after_gif_blocks(data, at + 2)
        elif data[at] == _GIF_PICTURE:
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, at + 1)
            if not has_picture:
                width, height, has_picture = max(width, left + wide), max(height, top + high), True
            at = _after_gif_blocks(data, at + 11 + _gif_colors(flags))
        else:
            raise _UnreadableError("this GIF is damaged.")
    if not has_picture:
        raise _UnreadableError("this GIF is cut off or damaged.")
    return ImageHeader("image/gif", width, height)


def _gif_colors(flags: int) -> int:
    """Return how many bytes the table of colours takes that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_gif_blocks(data: bytes, at: int) -> int:
    """Return the byte after a chain of data blocks, each led by its length."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _webp(data: bytes) -> ImageHeader:
    """Read the size. Browsers show a WebP as it is stored: its EXIF orientation does not count."""
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data) or not _has_webp_picture(data[: length + 8]):
        raise _UnreadableError("this WebP is cut off or damaged.")
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (size & 0x3FFF for size in struct.unpack_from("<HH", data, 26))
    return ImageHeader("image/webp", width, height)


def _has_webp_picture(data: bytes) -> bool:
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        if data[at : at + 4] in _WEBP_PICTURES:
            return bool(at + 8 + length <= len(data))
        at += 8 + length + length % 2
    return False


def _orientation(tiff: bytes) -> int:
    """Find the orientation in the first directory of a TIFF structure (EXIF 2.3, section 4.6.4).

    A directory that cannot be read turns nothing; one that is cut off counts as far as it goes.
    """
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        magic, first = struct.unpack_from(f"{order}HI", tiff, 2) if order else (None, 0)
        (count,) = struct.unpack_from(f"{order}H", tiff, first) if magic == _TIFF else (0,)
        for entry in range(count):
            found = struct.unpack_from(f"{order}HHIHxx", tiff, first + 2 + 12 * entry)
            if found[:3] == (_ORIENTATION, _SHORT, 1) and found[3] in _ORIENTATIONS:
                return int(found[3])
    except struct.error:
        return 1
    return 1


def _turn(mime: str, width: int, height: int, orientation: int | None) -> ImageHeader:
    turned = orientation in _QUARTER_TURNS
    return ImageHeader(mime, height, width) if turned else ImageHeader(mime, width, height)
