"""Films of cells that move, made when they are asked for: WebM of whole pictures (RFC 9559, RFC 6386)."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from random import Random
from typing import Any

import polars as pl

from jupyter_annotate.extras import need_pillow

__all__ = ["EVENTS", "load_films"]

#: Labels of ``gold_events`` in `load_films`.
EVENTS = ("moves", "divides")

_WIDTH, _HEIGHT, _FPS, _N_FRAMES = 320, 240, 8, 40
_EVENT = pl.Struct({"start": pl.Float64, "end": pl.Float64, "label": pl.String})
_INK, _PAPER, _KERNEL = (176, 96, 104), (226, 214, 194), (140, 52, 66)


def load_films(n: int = 3) -> pl.DataFrame:
    """Make films of a cell that wanders and divides, for segments.

    Parameters
    ----------
    n
        How many.

    Returns
    -------
    items
        item_id, video (WebM bytes, 320 x 240, 8 pictures a second, 5 s), gold_events: a list of start, end
        (seconds) and label (one of `EVENTS`).

    Raises
    ------
    MissingExtraError
        Without Pillow, which encodes the pictures.
    """
    rows = [_film(number) for number in range(n)]
    return pl.DataFrame(
        rows, schema={"item_id": pl.String, "video": pl.Binary, "gold_events": pl.List(_EVENT)}
    )


def _film(number: int) -> dict[str, Any]:
    draw = Random(number)
    moves, divides = draw.randrange(6, 12), draw.randrange(24, 30)
    start = (draw.uniform(60, 120), draw.uniform(80, 160))
    frames = [
        _frame(start, max(0, min(at, divides) - moves), max(0, at - divides)) for at in range(_N_FRAMES)
    ]
    events = [
        {"start": moves / _FPS, "end": divides / _FPS, "label": "moves"},
        {"start": divides / _FPS, "end": _N_FRAMES / _FPS, "label": "divides"},
    ]
    return {"item_id": f"cell-{number + 1:02}", "video": _webm(frames), "gold_events": events}


def _frame(start: tuple[float, float], moved: int, apart: int) -> bytes:
    """Draw one picture and return it as VP8: what a WebP file holds behind the head of its one chunk."""
    image = need_pillow("Image", purpose="Films")
    pen = need_pillow("ImageDraw", purpose="Films")
    picture = image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    canvas = pen.Draw(picture)
    x, y = start[0] + 5 * moved, start[1] + 10 * ((moved // 4) % 2)
    for side in (-1, 1):
        at = x + side * 2.5 * apart
        canvas.ellipse((at - 30, y - 26, at + 30, y + 26), fill=_INK, outline=_KERNEL, width=3)
    for side in (-1, 1):
        at = x + side * 2.5 * apart
        canvas.ellipse((at - 8, y - 8, at + 8, y + 8), fill=_KERNEL)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=40, method=0)
    data = out.getvalue()
    begin = data.index(b"VP8 ") + 8
    (size,) = struct.unpack("<I", data[begin - 4 : begin])
    return data[begin : begin + size]


def _webm(frames: Sequence[bytes]) -> bytes:
    """Put pictures one after the other, each a cluster of its own that can be jumped to."""
    step = 1000 // _FPS
    head = _element(
        0x1A45DFA3, _number(0x4286, 1), _number(0x42F7, 1), _number(0x42F2, 4), _number(0x42F3, 8),
        _element(0x4282, b"webm"), _number(0x4287, 4), _number(0x4285, 2),
    )  # fmt: skip
    length = _element(0x4489, struct.pack(">d", float(step * len(frames))))
    info = _element(
        0x1549A966, _number(0x2AD7B1, 1_000_000), length, _element(0x4D80, b"-"), _element(0x5741, b"-")
    )
    size = _element(0xE0, _number(0xB0, _WIDTH), _number(0xBA, _HEIGHT))
    track = _element(
        0xAE, _number(0xD7, 1), _number(0x73C5, 1), _number(0x83, 1), _element(0x86, b"V_VP8"), size
    )
    before = info + _element(0x1654AE6B, track)
    clusters = [_cluster(at * step, frame) for at, frame in enumerate(frames)]
    cues, places = b"", [0]
    for cluster in clusters:
        places.append(places[-1] + len(cluster))
    # The index stands before what it points at: its own length is found in a second pass.
    for _ in range(2):
        first = len(before) + len(cues)
        points = [_cue(at * step, first + place) for at, place in enumerate(places[:-1])]
        cues = _element(0x1C53BB6B, *points)
    return head + _element(0x18538067, before, cues, *clusters)


def _cluster(milliseconds: int, frame: bytes) -> bytes:
    block = _element(0xA3, b"\x81\x00\x00\x80" + frame)
    return _element(0x1F43B675, _number(0xE7, milliseconds), block)


def _cue(milliseconds: int, position: int) -> bytes:
    place = _element(0xB7, _number(0xF7, 1), _element(0xF1, struct.pack(">Q", position)))
    return _element(0xBB, _number(0xB3, milliseconds), place)


def _element(identity: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    name = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return name + (len(body) | 1 << 56).to_bytes(8, "big") + body


def _number(identity: int, value: int) -> bytes:
    return _element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))
