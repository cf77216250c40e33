"""The size the kernel reads from an image is the one a browser shows."""

from __future__ import annotations

import base64
import struct

from playwright.sync_api import Browser, Page

from jupyter_annotate.fields.image_header import read_header
from tests.pictures import chunk, exif, gif, gif_picture, part, riff, tiff

_DRAW = """kind => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [40, 20];
  canvas.getContext("2d").fillRect(0, 0, 20, 20);
  return canvas.toDataURL(kind).split(",")[1];
}"""
_SIZE = """url => new Promise(done => {
  const image = new Image();
  image.onload = () => done([image.naturalWidth, image.naturalHeight]);
  image.onerror = () => done(null);
  image.src = url;
})"""


def drawn(page: Page, kind: str) -> bytes:
    """Return an image of 40 x 20 pixels as this browser encodes it."""
    return base64.b64decode(page.evaluate(_DRAW, f"image/{kind}"))


def jpegs(plain: bytes) -> dict[str, bytes]:
    """Put EXIF wherever a JPEG may have it, sound and not."""
    start, scan = plain[:2], plain.index(b"\xff\xda")
    segments = {
        "none": [],
        "first": [tiff(6), tiff(1)],
        "second": [tiff(1), tiff(6)],
        "empty first": [b"", tiff(6)],
        "long": [tiff(6, "<", kind=4)],
        "count": [tiff(6, count=2)],
        "no directory": [tiff(1, first=0xFFFF), tiff(6)],
        "cut": [tiff(6)[:-6]],
        **{f"{n}{order}": [tiff(n, order)] for n in range(10) for order in "<>"},
    }
    found = {f"jpeg {n}": start + b"".join(map(exif, each)) + plain[2:] for n, each in segments.items()}
    found["jpeg after the frame"] = plain[:scan] + exif(tiff(6)) + plain[scan:]
    found["jpeg after the picture"] = plain[:-2] + exif(tiff(6)) + plain[-2:]
    return found | {"jpeg and more": plain + bytes(99)}


def pngs(plain: bytes) -> dict[str, bytes]:
    """Put EXIF before and after the picture of a PNG."""
    whole = chunk(b"eXIf", tiff(6))
    chunks = {f"{n}": [chunk(b"eXIf", tiff(n))] for n in range(10)}
    chunks |= {"two": [chunk(b"eXIf", tiff(1)), whole], "sum": [whole[:-1] + b"\x00"]}
    chunks |= {
        "sum first": [whole[:-1] + b"\x00", whole],
        "head": [chunk(b"eXIf", b"Exif\x00\x00" + tiff(6))],
    }
    found = {f"png {name}": plain[:33] + b"".join(each) + plain[33:] for name, each in chunks.items()}
    return found | {"png after": plain[:-12] + whole + plain[-12:], "png and more": plain + bytes(99)}


def webps(plain: bytes) -> dict[str, bytes]:
    """Put EXIF into an extended WebP, and take the extension off a simple one."""
    at = plain.index(b"VP8 ")
    (length,) = struct.unpack_from("<I", plain, at + 4)
    simple = riff(part(b"VP8 ", plain[at + 8 : at + 8 + length]))
    extended = part(b"VP8X", b"\x08\x00\x00\x00" + bytes([39, 0, 0, 19, 0, 0]))
    turned = riff(extended, simple[12:], part(b"EXIF", tiff(6)))
    return {"webp": plain, "webp simple": simple, "webp exif": turned, "webp and more": plain + bytes(99)}


def gifs() -> dict[str, bytes]:
    """Make GIFs whose pictures fit their screen, and not."""
    places = {
        "fits": (0, 0, 40, 20),
        "small": (0, 0, 5, 5),
        "larger": (0, 0, 60, 50),
        "off": (30, 10, 20, 20),
    }
    found = {f"gif {name}": gif(40, 20, gif_picture(*place)) for name, place in places.items()}
    later = gif(40, 20, gif_picture(0, 0, 40, 20), gif_picture(0, 0, 90, 80))
    return found | {"gif later": later, "gif no screen": gif(0, 0, gif_picture(0, 0, 40, 20))}


def test_sizes_are_those_of_the_browser(chromium: Browser) -> None:
    """For every format and every place EXIF may stand in, kernel and browser name the same size."""
    page = chromium.new_page()
    images = jpegs(drawn(page, "jpeg")) | pngs(drawn(page, "png")) | webps(drawn(page, "webp")) | gifs()
    shown, read = {}, {}
    for name, data in images.items():
        header = read_header(data)
        read[name] = [header.width, header.height]
        url = f"data:{header.mime};base64,{base64.b64encode(data).decode()}"
        shown[name] = page.evaluate(_SIZE, url)
    page.close()

    assert read == shown
    assert {tuple(size) for size in shown.values()} >= {(40, 20), (20, 40), (50, 30)}
