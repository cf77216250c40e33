"""Small images, whole and well formed, and the pieces to make odd ones of."""

from __future__ import annotations

import struct
import zlib


def chunk(kind: bytes, data: bytes) -> bytes:
    """Make one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *before: bytes, n_bytes: int = 0, after: bytes = b"") -> bytes:
    """Make a black PNG with other chunks before and after the picture, and this many bytes more at least."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress((b"\x00" * (width + 1)) * height))
    more = chunk(b"juNk", bytes(n_bytes)) if n_bytes else b""
    parts = [chunk(b"IHDR", header), *before, rows, after, more, chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(orientation: int, order: str = ">", *, kind: int = 3, count: int = 1, first: int = 8) -> bytes:
    """Make the TIFF structure in which EXIF keeps an orientation."""
    mark = b"MM" if order == ">" else b"II"
    value = struct.pack(f"{order}HH", orientation, 0)
    entry = struct.pack(f"{order}HHI", 0x0112, kind, count) + value
    return mark + struct.pack(f"{order}HIH", 42, first, 1) + entry + b"\x00" * 4


def exif(content: bytes) -> bytes:
    """Make the segment of a JPEG that holds EXIF."""
    return b"\xff\xe1" + struct.pack(">H", len(content) + 8) + b"Exif\x00\x00" + content


def jpeg(width: int, height: int, *before: bytes, after: bytes = b"") -> bytes:
    """Make a JPEG of one colour channel without its tables, with segments before and after the frame."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\x56"
    return b"\xff\xd8" + b"".join(before) + frame + after + scan + b"\xff\xd9"


def gif_picture(left: int, top: int, width: int, height: int) -> bytes:
    """Make a picture of a GIF."""
    return b"," + struct.pack("<HHHH", left, top, width, height) + b"\x00\x02\x02\x4c\x01\x00"


def gif(width: int, height: int, *pictures: bytes) -> bytes:
    """Make a GIF with a screen of this size and these pictures; one that fills it by default."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
    control = b"!\xf9\x04\x00\x00\x00\x00\x00"
    return head + control + b"".join(pictures or [gif_picture(0, 0, width, height)]) + b";"


def riff(*chunks: bytes) -> bytes:
    """Make a WebP of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def part(kind: bytes, data: bytes) -> bytes:
    """Make one chunk of a WebP."""
    return kind + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)


def vp8(width: int, height: int) -> bytes:
    """Make the beginning of a lossy picture of a WebP."""
    return part(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height))


def vp8l(width: int, height: int) -> bytes:
    """Make the beginning of a lossless picture of a WebP."""
    return part(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def webp(width: int, height: int, *more: bytes) -> bytes:
    """Make an extended WebP, with more chunks."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    flags = b"\x08\x00\x00\x00" if more else b"\x00" * 4
    return riff(part(b"VP8X", flags + size), vp8(width, height), *more)
