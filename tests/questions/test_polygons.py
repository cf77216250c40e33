"""Polygons: outlines and lines inside the image, and what the statistics make of them."""

from __future__ import annotations

import math

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Image, Polygons, Project, Schema, Session
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from tests.pictures import png

LAKES = Polygons("lakes", ["lake"], on="image")
SHOWN = {"image": ImageSize(100, 80)}


def outline(*points: tuple[float, float]) -> list[Json]:
    """Return an answer of one outline."""
    return [{"points": [list(point) for point in points], "label": "lake"}]


def test_a_line_has_two_ends_and_may_cross_itself() -> None:
    """Open lines need two corners, no area, and may run over themselves."""
    line = Polygons("paths", ["lake"], on="image", closed=False)
    eight = outline((0, 0), (9, 9), (9, 0), (0, 9))

    assert line.check(eight, SHOWN) == [
        {"points": [[0.0, 0.0], [9.0, 9.0], [9.0, 0.0], [0.0, 9.0]], "label": "lake"}
    ]
    assert line.check(outline((0, 0), (9, 0)), SHOWN)
    with pytest.raises(LabelError, match=r"2 to 2000 points \[x, y\]"):
        line.check(outline((0, 0)), SHOWN)
    with pytest.raises(SchemaError, match="expected closed"):
        Polygons("q", ["a"], closed=1)  # type: ignore[arg-type]  # what a user could write


def test_an_outline_that_crosses_itself_is_refused_wherever_it_does() -> None:
    """A star of five points crosses itself; the same corners in turn do not."""
    corners = [
        (50 + 30 * math.sin(k * 2 * math.pi / 5), 40 - 30 * math.cos(k * 2 * math.pi / 5)) for k in range(5)
    ]

    assert LAKES.check(outline(*corners), SHOWN)
    with pytest.raises(LabelError, match="does not cross itself"):
        LAKES.check(outline(*(corners[k * 2 % 5] for k in range(5))), SHOWN)


def test_a_corner_may_stick_out_by_a_rounding() -> None:
    """The browser rounds to hundredths, so the edge of the image is reached and not passed."""
    assert LAKES.check(outline((0, 0), (100.004, 0), (50, 80)), SHOWN)
    with pytest.raises(LabelError, match="inside the image of 100 x 80"):
        LAKES.check(outline((0, 0), (100.01, 0), (50, 80)), SHOWN)


def test_agreement_and_consensus_take_the_labels_as_they_are() -> None:
    """Two squares shifted by a third of their side share half of what they cover together."""
    schema = Schema(Image("image"), Polygons("lakes", ["lake"]))
    squares = {
        "ada": outline((10, 10), (40, 10), (40, 40), (10, 40)),
        "bob": outline((20, 10), (50, 10), (50, 40), (20, 40)),
    }
    with Project.open(
        ":memory:", schema=schema, items={"item_id": ["1"], "image": [png(100, 80)]}
    ) as project:
        for who, answer in squares.items():
            Session(project, who).submit({"lakes": answer})
        labels = project.labels("lakes")

    assert ja.polygon_agreement(labels, tau=0.4).pooled.localisation.value == pytest.approx(600 / 1200)
    assert ja.PolygonConsensus().fit(labels).consensus_.height == 1
