"""Geometry: overlap by definition, all overlapping pairs, clusters, and areas of any outlines."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_annotate.geometry import (
    Outline,
    Overlaps,
    bounds_of,
    clustered,
    corners_of,
    iou,
    overlapping,
    polygon_iou,
    reframed,
    turned_iou,
)

Points = NDArray[np.float64]

sides = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))


corners = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9).map(
    lambda points: np.array(points, dtype=np.float64)
)


def cells(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    """Return the unit squares that a box covers."""
    x, y, width, height = box
    return set(itertools.product(range(x, x + width), range(y, y + height)))


def bounds(boxes: list[tuple[int, int, int, int]]) -> Points:
    """Return left, top, right and bottom of boxes."""
    sizes = np.array(boxes, dtype=float).reshape(-1, 4)
    return np.hstack([sizes[:, :2], sizes[:, :2] + sizes[:, 2:]])


@given(boxes=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), sides), max_size=12))
def test_overlap_counts_shared_squares(boxes: list[tuple[int, int, tuple[int, int, int, int]]]) -> None:
    """Every pair of one group and two owners that shares a square is found, with shared over all squares."""
    group, owner = (np.array([box[k] for box in boxes], dtype=np.int64) for k in (0, 1))

    found = overlapping(group, owner, bounds([box for _, _, box in boxes]), threshold=1e-9)

    expected = {
        (i, j): len(cells(a) & cells(b)) / len(cells(a) | cells(b))
        for (i, (g, v, a)), (j, (h, w, b)) in itertools.combinations(enumerate(boxes), 2)
        if g == h and v != w and cells(a) & cells(b)
    }
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == list(expected)
    assert found.iou.tolist() == pytest.approx(list(expected.values()))


def test_low_overlaps_are_left_out_where_clusters_are_pairs() -> None:
    """With two owners only overlaps from the threshold on are listed, with a third all, by group."""
    boxes = bounds([(0, 0, 4, 4), (3, 0, 4, 4), (0, 0, 4, 3)] * 2)
    outlines = [Outline(np.array([[a, b], [c, b], [c, d], [a, d]])) for a, b, c, d in boxes.tolist()]
    group, owner = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 1, 0, 1, 2])
    for given_outlines in (None, outlines):
        found = overlapping(group, owner, boxes, given_outlines, threshold=0.5)

        assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [
            (0, 2),
            (3, 4),
            (3, 5),
            (4, 5),
        ]
        assert found.iou.tolist() == pytest.approx([3 / 4, 1 / 7, 3 / 4, 3 / 25])


def test_pairs_are_looked_at_in_portions_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few pairs are compared at once, the same are found."""
    rng = np.random.default_rng(0)
    boxes = bounds(rng.integers(1, 30, (80, 4)).tolist())
    group, owner = rng.integers(0, 3, (2, 80))
    whole = overlapping(group, owner, boxes, threshold=0.1)
    monkeypatch.setattr("jupyter_annotate.geometry.boxes._PAIRS", 50)
    parts = overlapping(group, owner, boxes, threshold=0.1)

    assert len(whole) > 200
    assert (whole.left.tolist(), whole.right.tolist()) == (parts.left.tolist(), parts.right.tolist())


def test_all_pairs_come_by_broadcasting() -> None:
    """Boxes along two axes give a matrix of overlaps; a box has all of itself, one without area nothing."""
    a, b = np.array([[0.0, 0, 2, 2], [5, 5, 6, 6]]), np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [9, 9, 9, 9]])

    assert iou(a[:, None], b) == pytest.approx(np.array([[1, 1 / 3, 0], [0, 0, 0]]))
    assert iou(b, b).tolist() == [1, 1, 0]


def groups(
    owner: list[int], near: dict[tuple[int, int], float], joining: list[tuple[int, int]] | None = None
) -> list[int]:
    """Return the cluster of each mark at a threshold of one half."""

    def listed(pairs: list[tuple[int, int]]) -> Overlaps:
        left, right = np.array(pairs, dtype=np.int64).T
        return Overlaps(left, right, np.array([near[pair] for pair in pairs]))

    tried = None if joining is None else listed(joining)
    found = clustered(np.array(owner), listed(list(near)), threshold=0.5, joining=tried)
    return [int(number) for number in found]


def test_an_annotator_has_one_mark_in_a_group() -> None:
    """Of two marks of one annotator that are near a third the nearer is joined to it."""
    assert groups([0, 1, 1], {(0, 1): 0.6, (0, 2): 0.8, (1, 2): 0.9}) == [0, 1, 0]


def test_a_chain_is_no_group() -> None:
    """Marks that are near only through a third are not joined: the mean of all pairs counts."""
    assert groups([0, 1, 2], {(0, 1): 0.6, (1, 2): 0.55}) == [0, 0, 1]
    assert groups([0, 1, 2], {(0, 1): 0.9, (1, 2): 0.7, (0, 2): 0.4}) == [0, 0, 0]


def test_only_some_pairs_may_join() -> None:
    """Pairs that may not join clusters still count for how near two clusters are."""
    near = {(0, 1): 0.9, (0, 2): 0.2, (1, 2): 0.7}

    assert groups([0, 1, 2], near, joining=[(0, 1), (1, 2)]) == [0, 0, 1]
    assert groups([0, 1, 2], {**near, (0, 2): 0.4}, joining=[(0, 1), (1, 2)]) == [0, 0, 0]
    assert groups([0, 1, 2], {**near, (0, 2): 0.4}, joining=[(1, 2)]) == [0, 1, 1]


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


turns = st.tuples(
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([0.0, 15, 45, 90, 133.7, 180, 270, 359.99]),
)


def turned_corners(boxes: list[tuple[float, ...]]) -> Points:
    """Return the corners of boxes given as x, y, width, height, rotation."""
    numbers = np.array(boxes, dtype=float).reshape(-1, 5)
    return corners_of(numbers[:, :4], numbers[:, 4])


@given(pairs=st.lists(st.tuples(turns, turns), max_size=8))
def test_turned_boxes_overlap_as_their_outlines_do(pairs: list[tuple[Any, Any]]) -> None:
    """Clipping gives the area that the cut into strips gives, also where edges coincide."""
    one, other = (turned_corners([pair[k] for pair in pairs]) for k in (0, 1))

    expected = [polygon_iou(Outline(a), Outline(b)) for a, b in zip(one, other, strict=True)]
    assert turned_iou(one, other) == pytest.approx(expected, abs=1e-9)
    assert turned_iou(other, one) == pytest.approx(expected, abs=1e-9)
    assert turned_iou(one, one) == pytest.approx(1)


def test_turning_is_clockwise_about_the_centre() -> None:
    """A quarter turn moves the top left corner to the top right; quarter turns are exact."""
    (quarter,) = turned_corners([(0, 0, 4, 2, 90)])
    assert quarter.tolist() == [[3, -1], [3, 3], [1, 3], [1, -1]]
    (half,) = turned_corners([(0, 0, 4, 2, 180)])
    assert half.tolist() == [[4, 2], [0, 2], [0, 0], [4, 0]]
    assert bounds_of(quarter[None]).tolist() == [[1, -1, 3, 3]]


@given(box=turns, quarters=st.integers(-4, 4))
def test_a_quarter_turn_with_sides_exchanged_is_the_same_rectangle(box: Any, quarters: int) -> None:  # noqa: ANN401 -- five numbers
    """Told from the side of another box, the rectangle stays where it is."""
    x, y, width, height, rotation = box
    sides, angle = np.array([[x, y, width, height]], dtype=float), np.array([rotation])
    like = corners_of(sides, angle + 90 * quarters)

    told, turn, _ = reframed(sides, angle, like)

    assert turned_iou(corners_of(told, turn), corners_of(sides, angle)) == pytest.approx(1)


def test_all_pairs_of_turned_boxes_are_found_by_what_encloses_them() -> None:
    """Boxes whose enclosing boxes overlap but which do not are no pair."""
    boxes = turned_corners([(0, 0, 20, 2, 45), (7, -5, 20, 2, 45), (0, 0, 20, 2, 225)])
    found = overlapping(np.zeros(3, int), np.arange(3), bounds_of(boxes), boxes, threshold=0.5)

    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 2)]
    assert found.iou.tolist() == pytest.approx([1])
