"""Image fields: type and size by content, names below a folder."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate import Image
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import ColumnError, ExchangeError
from jupyter_annotate.fields.image_header import read_header


def chunk(kind: bytes, data: bytes) -> bytes:
    """Make one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """Make a black PNG."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" * (width + 1)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, orientation: int | None = None, order: str = ">") -> bytes:
    """Make the head of a JPEG, as far as its frame."""
    exif = b""
    if orientation is not None:
        mark = b"MM" if order == ">" else b"II"
        entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
        tiff = mark + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 1) + entry + b"\x00" * 4
        exif = b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\x00\x00" + tiff
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + exif + frame + b"\xff\xd9"


def webp(width: int, height: int) -> bytes:
    """Make the head of an extended WebP."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00" * 4 + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (png(7, 5), "image/png"),
        (jpeg(7, 5), "image/jpeg"),
        (b"GIF89a" + struct.pack("<HH", 7, 5) + b";", "image/gif"),
        (webp(7, 5), "image/webp"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + struct.pack("<I", 6 | 4 << 14), "image/webp"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 10 + struct.pack("<HH", 7, 5), "image/webp"),
    ],
)
def test_type_and_size_come_from_the_content(data: bytes, mime: str) -> None:
    """The header tells what it is, whatever its name says."""
    header = read_header(data)

    assert (header.mime, header.width, header.height) == (mime, 7, 5)


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_the_one_displayed(orientation: int, order: str) -> None:
    """Orientations 5 to 8 swap width and height, in both byte orders."""
    header = read_header(jpeg(70, 50, orientation, order))

    assert (header.width, header.height) == ((50, 70) if orientation >= 5 else (70, 50))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"\x89PNG\r\n\x1a\n",
        png(7, 5)[:-20],
        png(0, 5),
        jpeg(7, 5)[:6],
        b"\xff\xd8\xff\xd9",
        b"GIF89a",
        webp(7, 5)[:20],
        b"%PDF-1.7",
    ],
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    """Text, SVG, cut off and empty images are refused with a sentence, never with a crash."""
    with pytest.raises(ExchangeError, match="image"):
        read_header(data)


def test_the_first_bad_image_is_named_by_row(tmp_path: Path) -> None:
    """The error names row, column, the problem and where names are looked up."""
    (tmp_path / "a.png").write_bytes(png(2, 2))
    (tmp_path / "b.png").write_bytes(b"no image")
    field = Image("scan", root=tmp_path)

    with pytest.raises(
        ColumnError, match=r"row 1, column 'scan': expected a readable PNG.*it starts with 6e 6f"
    ):
        field.check_column(pl.Series("scan", ["a.png", "b.png"]), what="items")


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "C:\\a.png", "nul", "missing.png", "a\x00.png"])
def test_names_stay_below_the_folder(tmp_path: Path, name: str) -> None:
    """A name that leaves the folder, or is not there, is refused by row."""
    with pytest.raises(ColumnError, match="row 0, column 'scan'"):
        Image("scan", root=tmp_path).check_column(pl.Series("scan", [name]), what="items")


def test_bytes_and_names_show_the_same(tmp_path: Path) -> None:
    """A file and its bytes have the same size, media and identity."""
    (tmp_path / "a.png").write_bytes(png(7, 5))
    field = Image("scan", root=tmp_path)

    assert field.content("a.png") == field.content(png(7, 5)) == ImageSize(7, 5)
    assert field.identity("a.png") == field.identity(png(7, 5))
    assert field.blob("a.png") == field.blob(png(7, 5))


def test_the_browser_is_told_where_the_bytes_are() -> None:
    """The payload holds the blob's name and the size, never the bytes."""
    payload = Image("scan").payload(png(7, 5), item_id="17")

    assert payload == {"blob": "17/scan", "width": 7, "height": 5, "mime": "image/png"}
