"""Agreement on polygons: areas of outlines that do whatever they like, and matching by them."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_annotate.agreement.box_agreement import box_agreement, polygon_agreement
from jupyter_annotate.agreement.polygons import Outline, polygon_iou
from jupyter_annotate.errors import ColumnError

Points = NDArray[np.float64]

corners = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9).map(
    lambda points: np.array(points, dtype=np.float64)
)


def winding(points: Points, x: Points, y: Points) -> NDArray[np.int64]:
    """Return how often an outline winds around each point, by the crossings of a ray to the right."""
    turns = np.zeros(x.shape, dtype=np.int64)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        at = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        turns += np.where((min(y0, y1) < y) & (y < max(y0, y1)) & (at > x), 1 if y1 > y0 else -1, 0)
    return turns


def covered(points: Points, n: int = 240) -> NDArray[np.bool_]:
    """Return which cells of a fine grid over 0 to 6 an outline covers."""
    middle = (np.arange(n) + 0.5) * 6 / n
    x, y = np.meshgrid(middle, middle)
    return np.asarray(winding(points, x, y) != 0)


def square(x: float, y: float, side: float) -> Points:
    """Return a square by its corner."""
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])


@settings(max_examples=120)
@given(corners)
def test_areas_are_those_of_a_fine_grid(points: Points) -> None:
    """However an outline crosses itself, its area is what a fine grid counts."""
    assert Outline(points).area == pytest.approx(covered(points).mean() * 36, abs=0.25)


@settings(max_examples=120)
@given(corners, corners)
def test_shared_areas_are_those_of_a_fine_grid(one: Points, other: Points) -> None:
    """What two outlines share is what a fine grid counts, and order does not matter."""
    ours, theirs = covered(one), covered(other)
    areas = Outline(one).area, Outline(other).area
    found = polygon_iou(Outline(one), Outline(other))
    shared = found * sum(areas) / (1 + found)

    assert shared == pytest.approx((ours & theirs).mean() * 36, abs=0.25)
    assert found == pytest.approx(polygon_iou(Outline(other), Outline(one)), abs=1e-12)


@settings(max_examples=80)
@given(corners, st.integers(0, 8), st.sampled_from([1, -1]), st.floats(-1e4, 1e4))
def test_where_an_outline_starts_and_lies_does_not_matter(
    points: Points, start: int, step: int, shift: float
) -> None:
    """Another first corner, the other direction and another place give the same area, and a whole overlap."""
    same = np.roll(points, start, axis=0)[::step]
    area = Outline(points).area

    assert Outline(same + shift).area == pytest.approx(area, abs=1e-6)
    assert polygon_iou(Outline(points), Outline(same)) == pytest.approx(1.0 if area else 0.0)


@pytest.mark.parametrize(
    ("points", "area"),
    [
        ([[0, 0], [2, 2], [2, 0], [0, 2]], 2),
        ([[0, 0], [3, 3], [6, 6]], 0),
        ([[1, 1], [1, 1], [1, 1]], 0),
        ([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [4, 0], [4, 4], [0, 4]], 16),
        ([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [1, 3], [3, 3], [3, 1], [1, 1]], 12),
        ([[0, 0], [2, 0], [2, 2], [4, 2], [4, 4], [2, 4], [2, 2], [0, 2]], 8),
    ],
    ids=["bow tie", "line", "point", "twice around", "hole by a cut", "touches itself"],
)
def test_odd_outlines_have_their_area(points: list[list[float]], area: float) -> None:
    """Outlines that cross, repeat, touch themselves or have no area are defined."""
    assert Outline(np.array(points, dtype=np.float64)).area == pytest.approx(area)


def test_parts_are_one_object() -> None:
    """Parts add up, overlapping ones count once, whichever way each is drawn."""
    far, near = square(3, 0, 1), square(0.5, 0, 1)
    for other in (far, far[::-1]):
        assert Outline(square(0, 0, 1), (other,)).area == pytest.approx(2)
    for other in (near, near[::-1]):
        assert Outline(square(0, 0, 1), (other,)).area == pytest.approx(1.5)
    both = Outline(square(0, 0, 1), (far,))

    assert polygon_iou(both, Outline(square(0, 0, 1))) == pytest.approx(0.5)
    assert polygon_iou(both, Outline(square(0, 0, 4))) == pytest.approx(2 / 16)


def test_parts_may_be_nested_or_flat() -> None:
    """Corners of parts as pairs, and flat as COCO has them, are the same object."""
    parts = [square(0, 0, 2), square(5, 0, 2)]
    nested = [[part.tolist() for part in parts]] * 2
    flat = [[part.ravel().tolist() for part in parts]] * 2
    for points in (nested, flat):
        labels = {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": points}
        found = polygon_agreement(labels, replicates=0)

        assert (found.pooled.localisation.value, found.items["n_objects"].item()) == (1, 1)


def test_neighbours_share_nothing() -> None:
    """Outlines that share an edge or a corner overlap by 0, as those without area do with themselves."""
    line = Outline(np.array([[0.0, 0], [5, 5], [2, 2]]))

    assert polygon_iou(Outline(square(0, 0, 2)), Outline(square(2, 0, 2))) == 0
    assert polygon_iou(Outline(square(0, 0, 2)), Outline(square(2, 2, 2))) == 0
    assert polygon_iou(Outline(square(0, 0, 4)), Outline(square(1, 1, 2))) == pytest.approx(0.25)
    assert polygon_iou(line, line) == 0


def test_a_bound_spares_work_and_changes_nothing_above_it() -> None:
    """Pairs that reach the threshold keep their value; others may be 0."""
    one, other = Outline(square(0, 0, 4)), Outline(square(1, 0, 4))

    assert polygon_iou(one, other, least=0.6) == pytest.approx(0.6)
    assert polygon_iou(one, Outline(square(3, 0, 4)), least=0.6) == 0


def test_rectangles_agree_as_boxes_do() -> None:
    """Boxes drawn as polygons, nested or flat, give the four numbers of boxes."""
    rng = np.random.default_rng(0)
    place, side = rng.uniform(0, 30, (60, 2)), rng.uniform(10, 20, (60, 2))
    ids = {
        "item_id": np.repeat(np.arange(10), 6).astype(str),
        "annotator_id": np.tile(list("aabbcc"), 10),
        "label": rng.choice(["cat", "dog"], 60),
    }
    boxes = pl.DataFrame(
        {**ids, "x": place[:, 0], "y": place[:, 1], "width": side[:, 0], "height": side[:, 1]}
    )
    nested = [
        [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
        for x, y, w, h in boxes.select("x", "y", "width", "height").rows()
    ]
    flat = [[number for corner in outline for number in corner] for outline in nested]
    expected = box_agreement(boxes, tau=0.3, replicates=0).to_frame()["value"].to_list()
    for points in (nested, flat):
        found = polygon_agreement(pl.DataFrame({**ids, "points": points}), tau=0.3, replicates=0)

        assert found.to_frame()["value"].to_list() == pytest.approx(expected)


def test_an_outline_without_area_is_an_object_nobody_else_found() -> None:
    """A degenerate polygon counts as an object and matches nothing, not even its twin."""
    line = [[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]]
    labels = {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": [line, line]}
    found = polygon_agreement(labels, replicates=0)

    assert (found.items["n_objects"].item(), found.pooled.existence.value) == (2, 0.0)


@pytest.mark.parametrize(
    "points",
    [
        [[0.0, 0.0], [1.0, 1.0]],
        [[0.0, 0.0], [1.0, 1.0], [math.nan, 2.0]],
        [[0.0, 0.0, 1.0], [1.0, 1.0, 2.0]] * 2,
        [],
    ],
    ids=["two corners", "nan", "three numbers a corner", "none"],
)
def test_impossible_polygons_are_refused(points: list[list[float]]) -> None:
    """The error names the row."""
    good = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]
    labels = pl.DataFrame(
        {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": [good, points]}
    )

    with pytest.raises(ColumnError, match="at least 3 corners") as caught:
        polygon_agreement(labels)
    assert (caught.value.row, caught.value.column) == (1, "points")
