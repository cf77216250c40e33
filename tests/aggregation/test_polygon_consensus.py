"""Polygon consensus: overlap of outlines, medoids, votes, invariance, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.polygon_consensus import PolygonConsensus
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, renamed, shuffled

Points = list[list[float]]


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return polygons; a row that ends after the annotator says that nothing was found."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(["item_id", "annotator_id", "label"], pl.String),
        "points": pl.List(pl.List(pl.Float64)),
    }
    return pl.DataFrame([(*row, *[None] * (4 - len(row))) for row in rows], schema=schema, orient="row")


def regular(x: float, y: float, radius: float, corners: int = 24) -> Points:
    """Return a regular polygon."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return [[x + radius * math.cos(a), y + radius * math.sin(a)] for a in angle.tolist()]


def box(x: float, y: float, width: float, height: float) -> Points:
    """Return a rectangle as a polygon."""
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def simulated(n: int, *, seed: int) -> pl.DataFrame:
    """Return discs of four annotators, one of whom is careless."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for item in range(n):
        for who in range(4):
            noise = 12 if who == 3 else 2
            drawn = [
                (name, regular(*(np.array([x, 60, 30]) + rng.normal(0, noise, 3) / [1, 1, 3]).tolist()))
                for name, x in (("cell", 60), ("nucleus", 160))
                if rng.random() > 0.1
            ]
            rows += [(f"i{item}", f"w{who}", *each) for each in drawn]
            rows += [] if drawn else [(f"i{item}", f"w{who}")]
    return frame(rows)


def test_overlap_is_that_of_the_areas() -> None:
    """Two rectangles that share two of ten columns overlap by 8 / 12; discs by what geometry says."""
    two = [("a", "ada", "cell", box(0, 0, 10, 7)), ("a", "bob", "cell", box(2, 0, 10, 7))]
    discs = [
        ("a", "ada", "cell", regular(100, 100, 80, 200)),
        ("a", "bob", "cell", regular(100, 100, 60, 200)),
    ]

    assert PolygonConsensus().fit_predict(frame(two))["overlap"].to_list() == pytest.approx([8 / 12])
    assert PolygonConsensus().fit_predict(frame(discs))["overlap"].to_list() == pytest.approx([9 / 16])


def test_a_hollow_is_no_part_of_a_polygon() -> None:
    """An outline that bends around a square shares nothing with a polygon in the hollow."""
    bent = [[0, 0], [30, 0], [30, 30], [0, 30], [0, 20], [20, 20], [20, 10], [0, 10]]
    rows = [("a", "ada", "cell", bent), ("a", "bob", "cell", box(1, 11, 8, 8))]

    groups = PolygonConsensus(least_overlap=0.01).fit(frame(rows)).groups_

    assert groups["n_votes"].to_list() == [1, 1]
    assert groups["overlap"].to_list() == [None, None]


def test_the_middle_outline_is_kept() -> None:
    """Of three discs of one centre the middle one overlaps the others most; a lone outline is dropped."""
    rows = [("a", who, "cell", regular(50, 50, r)) for who, r in (("ada", 20), ("bob", 23), ("eve", 26))]
    rows.append(("a", "eve", "cell", regular(150, 50, 20)))

    found = PolygonConsensus().fit_predict(frame(rows))

    assert found["points"].to_list() == [regular(50, 50, 23)]
    assert found.select("label", "confidence", "n_votes", "n_seen").rows() == [("cell", 1.0, 3, 3)]


def test_names_and_order_of_rows_change_nothing() -> None:
    """Shuffled rows give the same bits; renamed items, annotators and labels the same under their names."""
    labels = simulated(12, seed=1)
    plain = PolygonConsensus(DawidSkene()).fit_predict(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "label")}
    other = PolygonConsensus(DawidSkene()).fit_predict(renamed(labels, new))
    expected = renamed(plain, {name: new[name] for name in ("item_id", "label")}).sort("item_id", "label")

    assert plain.equals(PolygonConsensus(DawidSkene()).fit_predict(shuffled(labels)))
    other = other.sort("item_id", "label")
    assert expected.drop("confidence", "presence").equals(other.drop("confidence", "presence"))
    assert expected["confidence"].to_numpy() == pytest.approx(other["confidence"].to_numpy(), abs=1e-7)


def test_points_are_written_as_they_came() -> None:
    """Flat corners and objects in several parts are matched as others are, and returned as they were."""
    flat = [0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 10.0]
    parts = [flat, [100.0 + x for x in flat]]
    for points in (flat, parts):
        labels = {
            "item_id": ["a"] * 2,
            "annotator_id": ["ada", "bob"],
            "label": ["x"] * 2,
            "points": [points] * 2,
        }
        found = PolygonConsensus().fit_predict(labels)

        assert found.select("points", "overlap", "n_votes").rows() == [(points, 1.0, 2)]


def test_labels_may_have_to_match() -> None:
    """Polygons at the same place with another label are another object if only equal labels match."""
    rows = [
        ("a", who, name, box(0, 0, 5, 5)) for who, name in (("ada", "cell"), ("bob", "cell"), ("eve", "x"))
    ]

    assert PolygonConsensus().fit(frame(rows)).groups_["n_votes"].to_list() == [3]
    apart = PolygonConsensus(by_label=True).fit(frame(rows)).groups_
    assert apart.select("label", "n_votes").rows() == [("x", 1), ("cell", 2)]


def test_polygons_that_say_little_have_a_result() -> None:
    """One annotator is believed; an item without polygons keeps a row; no rows, no items."""
    found = PolygonConsensus().fit_predict(frame([("a", "ada", "cell", box(0, 0, 5, 5)), ("b", "ada")]))

    assert found.select("item_id", "label", "confidence").rows() == [("a", "cell", 1.0), ("b", None, 1.0)]
    assert PolygonConsensus().fit_predict(frame([])).is_empty()


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [1, 1]],
        [[0, 0], [1, 1], [2, 2]],
        [[0, 0], [float("nan"), 1], [2, 0]],
        [[0, 0], [1], [2, 0]],
        None,
    ],
)
def test_impossible_outlines_name_row_and_column(points: Points | None) -> None:
    """Outlines of too few, aligned or broken vertices, and labels without one, are refused."""
    with pytest.raises(ColumnError) as caught:
        PolygonConsensus().fit(frame([("a", "bob"), ("a", "ada", "cell", points)]))

    assert (caught.value.row, caught.value.column) == (1, "points")


def test_wrong_parameters_are_refused() -> None:
    """A threshold beyond 1 is a ValueError."""
    with pytest.raises(ValueError, match="least_overlap"):
        PolygonConsensus(least_overlap=2)
