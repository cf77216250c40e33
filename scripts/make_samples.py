"""Make the sample data in jupyter_annotate/samples/data from its sources: `python scripts/make_samples.py`.

Texts come from scripts/sample_texts, where pieces are marked in place, so no offset is ever typed. Images are
drawn from scratch. Nothing here draws from numpy's generators or calls sine and cosine: the same pixels come
out on every machine and in every version.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "scripts" / "sample_texts"
DATA = ROOT / "jupyter_annotate" / "samples" / "data"

SENTIMENTS = {"+": "positive", "0": "neutral", "-": "negative"}
PLACES = {"L": "library", "M": "museum", "T": "tram"}
TOPICS = ("staff", "offer", "comfort", "timing", "price", "access", "digital")
ENTITIES = ("person", "place", "date", "time", "quantity")
SHAPES = ("disc", "ring", "square")

Pixels: TypeAlias = NDArray[np.float64]
Row: TypeAlias = dict[str, Any]

# ------------------------------------------------------------------------------------------- texts

_REVIEW = re.compile(r"([-+0])([LMT])(?:/([a-z]{2}))? ([a-z,]+)\| (.*)", re.DOTALL)
_MESSAGE = re.compile(r"(?:([a-z]{2})\| )?(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(r|n|t|u[0-9a-f]{4}|U[0-9a-f]{8})")
_CONTROLS = {"r": "\r", "n": "\n", "t": "\t"}
_MARK = re.compile(r"⟦|\|([a-z]+)⟧")


def unescape(text: str) -> str:
    r"""Turn ``\r``, ``\u200d`` and their like into the characters they stand for."""
    return _ESCAPE.sub(lambda m: _CONTROLS.get(m[1]) or chr(int(m[1][1:], 16)), text)


def source_lines(name: str) -> Iterator[str]:
    """Yield the lines of a source that are neither empty nor comments, with their outer spaces."""
    for line in (SOURCES / name).read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            yield unescape(line)


def parse_marks(source: str) -> tuple[str, list[Row]]:
    """Take the marks ⟦text|label⟧ out of a text.

    Returns
    -------
    text, spans
        The bare text, and each mark as start, end (code points, half open) and label, in order.
    """
    text, spans, opened, at = "", [], [], 0
    for mark in _MARK.finditer(source):
        text += source[at : mark.start()]
        at = mark.end()
        if mark[1] is None:
            opened.append(len(text))
        elif mark[1] not in ENTITIES or not opened:
            raise SystemExit(f"{mark[0]!r} closes nothing or is no label, in {source!r}")
        else:
            spans.append({"start": opened.pop(), "end": len(text), "label": mark[1]})
    if opened:
        raise SystemExit(f"a mark is never closed in {source!r}")
    return text + source[at:], sorted(spans, key=lambda s: (s["start"], s["end"], s["label"]))


def parse_review(line: str) -> Row:
    """Read one line of reviews.txt."""
    parts = _REVIEW.fullmatch(line)
    if parts is None or not set(parts[4].split(",")) <= set(TOPICS):
        raise SystemExit(f"not a review: {line!r}")
    chosen = parts[4].split(",")
    return {
        "text": parts[5],
        "place": PLACES[parts[2]],
        "language": parts[3] or "en",
        "gold_sentiment": SENTIMENTS[parts[1]],
        "gold_topics": [topic for topic in TOPICS if topic in chosen],
    }


def parse_message(line: str) -> Row:
    """Read one line of messages.txt."""
    parts = _MESSAGE.fullmatch(line)
    assert parts is not None
    text, spans = parse_marks(parts[2])
    return {"text": text, "language": parts[1] or "en", "gold_entities": spans}


def numbered(rows: Sequence[Row], prefix: str) -> list[Row]:
    """Mix the rows, always the same way, and give each its id: sources are sorted, people need variety."""
    mixed = sorted(rows, key=lambda row: hashlib.sha256(row["text"].encode()).digest())
    return [{"item_id": f"{prefix}-{n:03d}", **row} for n, row in enumerate(mixed, 1)]


def json_lines(rows: Sequence[Row]) -> bytes:
    """Write rows as JSON Lines in UTF-8."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


# ------------------------------------------------------------------------------------------ images


@dataclass(frozen=True)
class Scene:
    """One image to draw: its size, colours, and how many of each shape lie on it."""

    name: str
    counts: tuple[int, int, int]
    paper: tuple[int, int, int]
    ink: tuple[int, int, int]
    sizes: tuple[float, float] = (18.0, 46.0)
    width: int = 640
    height: int = 480
    #: How far centres may lie outside, in pixels: such shapes are cut off by the edge.
    beyond: float = -52.0


@dataclass(frozen=True)
class Shape:
    """One thing in an image: centre, half axes, and a rotation given as cosine and sine."""

    label: str
    x: float
    y: float
    a: float
    b: float
    cosine: float
    sine: float

    def reach(self) -> tuple[float, float]:
        """Return how far it extends from its centre to each side, horizontally and vertically."""
        u, v, w, z = self.a * self.cosine, self.b * self.sine, self.a * self.sine, self.b * self.cosine
        if self.label == "square":
            return abs(u) + abs(v), abs(w) + abs(z)
        return float(np.sqrt(u * u + v * v)), float(np.sqrt(w * w + z * z))


SCENES = (
    Scene("dish-01", (6, 3, 3), (226, 214, 196), (150, 62, 70)),
    Scene("dish-02", (9, 0, 4), (210, 222, 228), (44, 92, 140)),
    Scene("dish-03", (0, 7, 5), (222, 230, 208), (70, 110, 60)),
    Scene("dish-04", (4, 4, 4), (46, 50, 66), (232, 180, 92)),
    Scene("dish-05-portrait", (6, 4, 4), (232, 222, 232), (120, 70, 140), width=480, height=640),
    Scene("dish-06-crowded", (22, 10, 12), (232, 224, 206), (60, 74, 96), sizes=(11.0, 24.0), beyond=-26.0),
    Scene("dish-07-empty", (0, 0, 0), (216, 208, 198), (90, 80, 70)),
    Scene("dish-08-cut", (7, 4, 5), (206, 224, 220), (168, 84, 44), beyond=8.0),
    Scene("dish-09-single", (0, 1, 0), (240, 232, 214), (28, 96, 104), sizes=(120.0, 140.0), beyond=-150.0),
    Scene("dish-10-tiny", (10, 6, 6), (220, 220, 224), (130, 40, 60), sizes=(5.0, 9.0)),
    Scene("dish-11", (5, 5, 0), (34, 58, 60), (150, 220, 196)),
    Scene("dish-12", (3, 2, 8), (236, 218, 204), (88, 92, 30)),
)


def shapes_of(scene: Scene) -> list[Shape]:
    """Place the shapes of a scene so that neighbours touch at most a little."""
    random = Random(scene.name)
    shapes: list[Shape] = []
    for label in [name for name, count in zip(SHAPES, scene.counts, strict=True) for _ in range(count)]:
        drafts = (_draft(label, scene, random) for _ in range(2_000))
        fitting = next((d for d in drafts if all(_apart(d, other) for other in shapes)), None)
        if fitting is None:
            raise SystemExit(f"{scene.name}: no room for another {label}")
        shapes.append(fitting)
    return shapes


def _draft(label: str, scene: Scene, random: Random) -> Shape:
    low, high = scene.sizes
    a = low + (high - low) * random.random()
    b = a * {"disc": 0.7 + 0.3 * random.random(), "ring": 1.0, "square": 0.9}[label]
    t = random.random()  # half-angle form: a rotation up to a quarter turn without sine and cosine
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    x = -scene.beyond + (scene.width + 2 * scene.beyond) * random.random()
    y = -scene.beyond + (scene.height + 2 * scene.beyond) * random.random()
    return Shape(label, x, y, a, b, cosine, sine)


def _apart(one: Shape, other: Shape) -> bool:
    gap = (one.x - other.x) ** 2 + (one.y - other.y) ** 2
    return gap >= (0.92 * (one.a + other.a)) ** 2


def box_of(shape: Shape, scene: Scene) -> Row:
    """Return the tight box around a shape, cut at the edges of the image, in pixels."""
    right, down = shape.reach()
    x0, x1 = (float(np.clip(shape.x + d, 0, scene.width)) for d in (-right, right))
    y0, y1 = (float(np.clip(shape.y + d, 0, scene.height)) for d in (-down, down))
    x, y = round(x0, 2), round(y0, 2)
    return {
        "x": x,
        "y": y,
        "width": round(round(x1, 2) - x, 2),
        "height": round(round(y1, 2) - y, 2),
        "label": shape.label,
    }


def _lattice_noise(scene: Scene, step: int) -> Pixels:
    """Return smooth noise in [0, 1): random values on a grid, blended in between."""
    random = Random(f"{scene.name}/{step}")
    rows, columns = scene.height // step + 2, scene.width // step + 2
    grid = np.array([[random.random() for _ in range(columns)] for _ in range(rows)])
    y, x = np.mgrid[0 : scene.height, 0 : scene.width] / step
    top, left = y.astype(np.int64), x.astype(np.int64)
    down, right = y - top, x - left
    down, right = down * down * (3 - 2 * down), right * right * (3 - 2 * right)
    upper = grid[top, left] * (1 - right) + grid[top, left + 1] * right
    lower = grid[top + 1, left] * (1 - right) + grid[top + 1, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def paper_of(scene: Scene) -> Pixels:
    """Return the textured background, height x width x 3."""
    noise = 0.6 * _lattice_noise(scene, 64) + 0.4 * _lattice_noise(scene, 16)
    steps = np.floor(noise * 7) * 4 - 14
    return np.asarray(np.array(scene.paper, dtype=np.float64) + steps[:, :, None])


def draw(canvas: Pixels, shape: Shape, scene: Scene) -> None:
    """Draw a shape: a rim, a lighter body, and what is inside it."""
    right, down = shape.reach()
    left, top = max(0, int(shape.x - right) - 2), max(0, int(shape.y - down) - 2)
    part = canvas[top : int(shape.y + down) + 3, left : int(shape.x + right) + 3]
    y, x = np.mgrid[0 : part.shape[0], 0 : part.shape[1]] + 0.5
    dx, dy = x + left - shape.x, y + top - shape.y
    u = dx * shape.cosine + dy * shape.sine
    v = dy * shape.cosine - dx * shape.sine
    paper, ink = np.array(scene.paper, dtype=np.float64), np.array(scene.ink, dtype=np.float64)
    body = ink + (paper - ink) * 0.45
    small = min(shape.a, shape.b)
    outside = _distance(u, v, shape.a, shape.b, shape.label)
    _paint(part, outside, ink)
    _paint(part, outside + max(1.5, small * 0.1), body)
    _INSIDES[shape.label](part, shape, (u, v), (ink, paper))


def _nucleus(part: Pixels, shape: Shape, at: tuple[Pixels, Pixels], colors: tuple[Pixels, Pixels]) -> None:
    u, v = at
    a, b = shape.a, shape.b
    _paint(part, _distance(u - a * 0.2, v + b * 0.15, a * 0.36, b * 0.36, "disc"), colors[0])


def _hole(part: Pixels, shape: Shape, at: tuple[Pixels, Pixels], colors: tuple[Pixels, Pixels]) -> None:
    hole = _distance(*at, shape.a * 0.55, shape.b * 0.55, "ring")
    _paint(part, hole - shape.a * 0.08, colors[0])
    _paint(part, hole, colors[1])


def _stripe(part: Pixels, shape: Shape, at: tuple[Pixels, Pixels], colors: tuple[Pixels, Pixels]) -> None:
    u, v = at
    inside = _distance(u, v, shape.a * 0.68, shape.b * 0.68, "square")
    _paint(part, np.maximum(inside, np.abs(u - v) - shape.a * 0.12), colors[0])


_INSIDES = {"disc": _nucleus, "ring": _hole, "square": _stripe}


def _distance(u: Pixels, v: Pixels, a: float, b: float, label: str) -> Pixels:
    """Return about how many pixels each point lies outside (negative: inside)."""
    if label == "square":
        return np.asarray(np.maximum(np.abs(u) - a, np.abs(v) - b))
    return np.asarray((np.sqrt((u / a) ** 2 + (v / b) ** 2) - 1) * min(a, b))


def _paint(canvas: Pixels, distance: Pixels, color: Pixels) -> None:
    """Lay a colour over part of the canvas; edges blend in quarters, which keeps the palette small."""
    cover = np.rint(np.clip(0.5 - distance, 0, 1) * 4)[:, :, None] / 4
    canvas += (color - canvas) * cover


def render(scene: Scene, shapes: Sequence[Shape]) -> NDArray[np.uint8]:
    """Return the pixels of a scene, height x width x 3."""
    canvas = paper_of(scene)
    for shape in shapes:
        draw(canvas, shape, scene)
    return np.asarray(np.clip(np.rint(canvas / 4) * 4, 0, 255), dtype=np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode pixels as PNG with a palette (W3C PNG specification, second edition), no line filter."""
    height, width, _ = pixels.shape
    palette, index = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    if len(palette) > 256:
        raise SystemExit(f"{len(palette)} colours, a palette holds 256")
    lines = np.zeros((height, 1 + width), dtype=np.uint8)
    lines[:, 1:] = index.reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    chunks = ((b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


# ------------------------------------------------------------------------------------------ files


def image_rows() -> list[Row]:
    """Return what load_images() needs to know about each image."""
    return [
        {
            "item_id": scene.name,
            "width": scene.width,
            "height": scene.height,
            "gold_cells": [box_of(shape, scene) for shape in shapes_of(scene)],
        }
        for scene in SCENES
    ]


def build() -> dict[str, bytes]:
    """Return every file of the sample data by its name below the data folder."""
    reviews = numbered([parse_review(line) for line in source_lines("reviews.txt")], "review")
    messages = numbered([parse_message(line) for line in source_lines("messages.txt")], "message")
    files = {
        "reviews.jsonl": json_lines(reviews),
        "messages.jsonl": json_lines(messages),
        "images.jsonl": json_lines(image_rows()),
    }
    images = {f"images/{scene.name}.png": png(render(scene, shapes_of(scene))) for scene in SCENES}
    return files | images


def main() -> int:
    """Write the files, or with --check only say which differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file differs")
    check = parser.parse_args().check
    files = build()
    differing = [n for n, c in files.items() if not (DATA / n).exists() or (DATA / n).read_bytes() != c]
    for name in [] if check else differing:
        (DATA / name).parent.mkdir(parents=True, exist_ok=True)
        (DATA / name).write_bytes(files[name])
    for name in differing:
        print(f"{'differs' if check else 'written'}: {name} ({len(files[name])} bytes)")
    print(f"{len(files)} files, {sum(map(len, files.values()))} bytes")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
