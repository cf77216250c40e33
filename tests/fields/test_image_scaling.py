"""Images with more pixels than a browser should get: sent smaller, upright, and the sizes agree."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import ExchangeError, MissingExtraError, SchemaError
from jupyter_annotate.fields import image_scaling
from tests.pictures import exif, png, tiff


def encoded(size: tuple[int, int], kind: str, *, mode: str = "RGB", orientation: int = 1) -> bytes:
    """Return an image whose left half is red."""
    made = PIL.Image.new(mode, size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    made.save(written, kind)
    plain = written.getvalue()
    return plain[:2] + exif(tiff(orientation)) + plain[2:] if orientation > 1 else plain


def sent(field: ja.Image, cell: bytes) -> tuple[PIL.Image.Image, Any]:
    """Return the picture the browser gets, and what it is told about it."""
    blob = field.blob(cell)
    assert blob is not None
    picture = PIL.Image.open(io.BytesIO(blob.data))
    assert blob.mime == f"image/{str(picture.format).lower()}"
    return picture, field.payload(cell, item_id="a")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_large_image_comes_smaller_and_counts_as_it_is(kind: str) -> None:
    """The picture has the size that the page is told, answers are checked against that of the file."""
    field = ja.Image("scan", most_pixels=10_000)
    cell = encoded((400, 100), kind)
    picture, payload = sent(field, cell)

    assert picture.size == tuple(payload["sent"]) == (200, 50)
    assert (payload["width"], payload["height"]) == (400, 100)
    assert field.content(cell) == ImageSize(400, 100)
    left, right = (picture.convert("RGB").getpixel((at, 25)) for at in (20, 180))
    assert left[0] - left[2] > 150  # type: ignore[index]  # three colours
    assert right[2] - right[0] > 150  # type: ignore[index]  # as above


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_one_is_sent_upright(orientation: int) -> None:
    """EXIF is applied once: the size is that of the header as displayed, and nothing turns it again."""
    field = ja.Image("scan", most_pixels=10_000)
    cell = encoded((400, 100), "JPEG", orientation=orientation)
    picture, payload = sent(field, cell)
    size = field.content(cell)

    assert size == (ImageSize(400, 100) if orientation < 5 else ImageSize(100, 400))
    assert picture.size == tuple(payload["sent"])
    assert picture.getexif().get(0x0112, 1) == 1
    red_first = orientation in {1, 4, 5, 6}
    corner: Any = picture.convert("RGB").getpixel((10, 10))
    assert (corner[0] > corner[2]) == red_first


def test_one_that_is_seen_through_stays_so() -> None:
    """It is sent as a PNG."""
    picture, _ = sent(ja.Image("scan", most_pixels=100), encoded((40, 40), "PNG", mode="RGBA"))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (10, 10))


def test_small_ones_are_sent_as_they_are() -> None:
    """Byte by byte, and nothing is said of another size."""
    cell = encoded((400, 100), "PNG")
    field = ja.Image("scan", most_pixels=40_000)
    blob = field.blob(cell)
    assert blob is not None
    assert blob.data == cell
    assert "sent" not in dict(field.payload(cell, item_id="a"))  # type: ignore[arg-type]  # an object


def test_without_pillow_they_are_sent_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever asks to scale is told what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    cell = encoded((400, 100), "PNG")
    blob = ja.Image("scan", most_pixels=100).blob(cell)
    assert blob is not None
    assert blob.data == cell

    def none(module: str, *, purpose: str) -> None:
        raise MissingExtraError("pillow", extra="image", purpose=f"{purpose} {module}")

    monkeypatch.setattr(image_scaling, "need_pillow", none)
    with pytest.raises(MissingExtraError, match="image"):
        image_scaling.scaled(cell, (10, 10), name="it")


def test_one_that_cannot_be_decoded_says_so() -> None:
    """A header alone is enough to be added; what is wrong is said when the picture is asked for."""
    field = ja.Image("scan", most_pixels=10)
    broken = png(40, 40)[:-40]
    whole = png(40, 40).replace(b"IDAT", b"IDAT", 1)
    assert field.blob(whole) is not None
    with pytest.raises(ExchangeError):
        field.blob(broken)


def test_items_are_added_without_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand large images are checked by their headers."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("decoded")

    monkeypatch.setattr("jupyter_annotate.fields.image.scaled", refuse)
    ja.Image("scan", most_pixels=10).check_column(pl.Series("scan", [png(40, 40)]), what="items")


def test_the_limit_is_no_part_of_the_schema() -> None:
    """The same project opens with another."""
    one, other = (ja.Schema(ja.Image("a", most_pixels=n), ja.Choice("b", ["c"])) for n in (1, 2))
    assert one == other
    with pytest.raises(SchemaError, match="most_pixels"):
        ja.Image("a", most_pixels=0)
