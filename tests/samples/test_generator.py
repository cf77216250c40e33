"""scripts/make_samples.py makes exactly the files that are shipped, and its boxes fit its drawings."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from jupyter_annotate.samples import datasets
from scripts import make_samples

DATA = Path(datasets.__file__).parent / "data"
SCENES = {scene.name: scene for scene in make_samples.SCENES}


def content(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG, the image data inflated: versions of zlib pack differently."""
    chunks, at = [], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        chunks.append((name, zlib.decompress(body) if name == b"IDAT" else body))
        at += 12 + length
    return chunks


def test_the_shipped_files_are_what_the_script_makes() -> None:
    """Running the script again gives the same texts byte for byte and the same pixels, and no other file."""
    made = make_samples.build()
    shipped = {p.relative_to(DATA).as_posix(): p.read_bytes() for p in DATA.rglob("*") if p.is_file()}

    assert made.keys() == shipped.keys()
    for name, data in made.items():
        if name.endswith(".png"):
            assert content(data) == content(shipped[name]), name
        else:
            assert data == shipped[name], name


def test_two_runs_give_identical_bytes() -> None:
    """On one machine the images come out byte for byte the same."""
    scene = make_samples.SCENES[7]
    first, second = (
        make_samples.png(make_samples.render(scene, make_samples.shapes_of(scene))) for _ in range(2)
    )

    assert first == second


@pytest.mark.parametrize("name", ["dish-01", "dish-05-portrait", "dish-08-cut", "dish-10-tiny"])
def test_boxes_are_tight(name: str) -> None:
    """Drawing a shape changes pixels up to each side of its box, give or take one, and none beyond."""
    scene = SCENES[name]
    empty = make_samples.render(scene, [])

    for shape in make_samples.shapes_of(scene):
        box = make_samples.box_of(shape, scene)
        rows, columns = np.nonzero((make_samples.render(scene, [shape]) != empty).any(axis=2))
        drawn = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        sides = np.array([box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]])

        assert np.abs(drawn - sides).max() <= 1.01, (shape, drawn, sides)


def test_marks_become_spans() -> None:
    """Marks are taken out of the text, nested ones too, and count in code points."""
    text, spans = make_samples.parse_marks("👋🏽 ⟦⟦Anna|person⟧'s studio|place⟧, ⟦10:00|time⟧")

    assert text == "👋🏽 Anna's studio, 10:00"
    assert [(text[s["start"] : s["end"]], s["label"]) for s in spans] == [
        ("Anna", "person"),
        ("Anna's studio", "place"),
        ("10:00", "time"),
    ]


@pytest.mark.parametrize("source", ["⟦open", "close|person⟧", "⟦Ada|hero⟧"])
def test_broken_marks_stop_the_script(source: str) -> None:
    """A mark that is not closed, not opened, or has an unknown label is named and nothing is written."""
    with pytest.raises(SystemExit, match=r"mark|closes"):
        make_samples.parse_marks(source)


def test_a_line_that_is_no_review_stops_the_script() -> None:
    """A review with a topic nobody knows is refused."""
    with pytest.raises(SystemExit, match="not a review"):
        make_samples.parse_review("+L weather| Sunny.")


def test_escapes_stand_for_characters() -> None:
    r"""``\r\n``, ``\t``, ``\u....`` and ``\U........`` become the characters they name; others stay."""
    assert make_samples.unescape(r"a\r\nb\tc\u200d\U0001f600\x") == "a\r\nb\tc\u200d😀\\x"
