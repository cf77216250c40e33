"""Type and displayed size of images: what browsers do, and a sentence for what is cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.fields.image_header import read_header
from tests.pictures import chunk, exif, gif, gif_picture, jpeg, part, png, riff, tiff, vp8, vp8l, webp

WHOLE = {
    "png": (png(7, 5), "image/png"),
    "jpeg": (jpeg(7, 5), "image/jpeg"),
    "gif": (gif(7, 5), "image/gif"),
    "webp extended": (webp(7, 5), "image/webp"),
    "webp lossless": (riff(vp8l(7, 5)), "image/webp"),
    "webp lossy": (riff(vp8(7, 5)), "image/webp"),
}


def size(data: bytes) -> tuple[int, int]:
    """Return width and height as displayed."""
    header = read_header(data)
    return header.width, header.height


@pytest.mark.parametrize("name", WHOLE)
def test_type_and_size_come_from_the_content(name: str) -> None:
    """The header tells what it is, whatever its name says."""
    data, mime = WHOLE[name]
    header = read_header(data)

    assert (header.mime, header.width, header.height) == (mime, 7, 5)


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("orientation", range(10))
def test_size_is_the_one_displayed(orientation: int, order: str) -> None:
    """Orientations 5 to 8 swap width and height of JPEG and PNG, in both byte orders; no other does."""
    content = tiff(orientation, order)
    turned = (50, 70) if 5 <= orientation <= 8 else (70, 50)

    assert size(jpeg(70, 50, exif(content))) == turned
    assert size(png(70, 50, chunk(b"eXIf", content))) == turned
    assert size(webp(70, 50, part(b"EXIF", content))) == (70, 50)


BAD_CRC = chunk(b"eXIf", tiff(6))[:-4] + b"\x00" * 4


@pytest.mark.parametrize(
    ("data", "turned"),
    [
        (jpeg(70, 50, after=exif(tiff(6))), True),
        (jpeg(70, 50, exif(tiff(1)), exif(tiff(6))), False),
        (jpeg(70, 50, exif(tiff(6)), exif(tiff(1))), True),
        (jpeg(70, 50, exif(b""), exif(tiff(6))), True),
        (jpeg(70, 50, exif(b"M"), exif(tiff(6))), False),
        (jpeg(70, 50, exif(tiff(6, first=0xFFFF))), False),
        (jpeg(70, 50, exif(tiff(6)[:-4])), True),
        (jpeg(70, 50, exif(tiff(6)[:-6])), False),
        (jpeg(70, 50, exif(tiff(6, "<", kind=4))), False),
        (jpeg(70, 50, exif(tiff(6, count=2))), False),
        (jpeg(70, 50, b"\xff", exif(tiff(6))), True),
        (jpeg(70, 50, exif(b"no directory"))[:-2] + exif(tiff(6)) + b"\xff\xd9", False),
        (png(70, 50, chunk(b"eXIf", tiff(1)), chunk(b"eXIf", tiff(6))), False),
        (png(70, 50, BAD_CRC), False),
        (png(70, 50, BAD_CRC, chunk(b"eXIf", tiff(6))), True),
        (png(70, 50, after=chunk(b"eXIf", tiff(6))), False),
        (png(70, 50, chunk(b"eXIf", b"Exif\x00\x00" + tiff(6))), False),
    ],
)
def test_which_orientation_counts(data: bytes, turned: bool) -> None:  # noqa: FBT001 -- a parameter
    """The first readable EXIF before the picture counts, and one that cannot be read turns nothing."""
    assert size(data) == ((50, 70) if turned else (70, 50))


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ([gif_picture(0, 0, 5, 5)], (40, 20)),
        ([gif_picture(0, 0, 60, 50)], (60, 50)),
        ([gif_picture(30, 10, 20, 20)], (50, 30)),
        ([gif_picture(0, 0, 40, 20), gif_picture(0, 0, 90, 80)], (40, 20)),
    ],
)
def test_the_first_picture_may_enlarge_a_gif(pictures: list[bytes], expected: tuple[int, int]) -> None:
    """The screen of a GIF grows with a first picture that does not fit, with no later one."""
    assert size(gif(40, 20, *pictures)) == expected


def test_a_gif_may_lack_its_last_byte() -> None:
    """Some programs leave the end mark out; a whole picture is whole without it."""
    assert size(gif(7, 5)[:-1]) == (7, 5)


@pytest.mark.parametrize("name", WHOLE)
def test_bytes_after_the_end_do_not_count(name: str) -> None:
    """What some programs append to an image hides nothing of it."""
    assert size(WHOLE[name][0] + b"\x00" * 99) == (7, 5)


@pytest.mark.parametrize("name", WHOLE)
def test_an_image_that_is_cut_off_is_refused(name: str) -> None:
    """Wherever it ends before its end, it is refused with a sentence, never with a crash."""
    data = WHOLE[name][0].removesuffix(b";")
    for n_bytes in range(len(data)):
        with pytest.raises(ExchangeError, match="image: "):
            read_header(data[:n_bytes])


@pytest.mark.parametrize(
    "data",
    [
        b"<svg onload=alert(1)>",
        b"%PDF-1.7",
        png(0, 5),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\x00\x00" + jpeg(7, 5)[2:],
        gif(7, 5)[:-1] + b"\x00junk",
        gif(7, 5)[:13] + b"\x00\x00\x00\xff\xff\xff;",
        riff(part(b"EXIF", tiff(1))),
    ],
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    """Text, SVG, empty images and images without a picture are refused with a sentence."""
    with pytest.raises(ExchangeError, match="image: "):
        read_header(data)


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_no_bytes_crash_it(name: str, draw: st.DataObject) -> None:
    """Whatever is changed in an image, there is a size or a sentence."""
    data = bytearray(WHOLE[name][0])
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        width, height = size(bytes(data))
    except ExchangeError:
        return
    assert width > 0
    assert height > 0
