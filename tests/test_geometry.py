"""Geometry: overlap by definition, all overlapping pairs, and groups of one mark an annotator."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.geometry import clustered, iou, overlapping_pairs

sides = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))


def cells(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    """Return the unit squares that a box covers."""
    x, y, width, height = box
    return set(itertools.product(range(x, x + width), range(y, y + height)))


@given(boxes=st.lists(st.tuples(st.integers(0, 1), sides), max_size=12))
def test_overlap_counts_shared_squares(boxes: list[tuple[int, tuple[int, int, int, int]]]) -> None:
    """Every pair of one group that shares a square is found once, with shared squares over all squares."""
    group = np.array([g for g, _ in boxes], dtype=np.int64)
    sizes = np.array([box for _, box in boxes], dtype=float).reshape(-1, 4)

    first, second = overlapping_pairs(group, sizes)

    expected = {
        (i, j): len(cells(a) & cells(b)) / len(cells(a) | cells(b))
        for (i, (g, a)), (j, (h, b)) in itertools.combinations(enumerate(boxes), 2)
        if g == h and cells(a) & cells(b)
    }
    pairs = [tuple(sorted(pair)) for pair in zip(first.tolist(), second.tolist(), strict=True)]
    assert sorted(pairs) == sorted(expected)
    assert iou(sizes[first], sizes[second]).tolist() == pytest.approx([expected[pair] for pair in pairs])


def test_all_pairs_come_by_broadcasting() -> None:
    """Boxes along two axes give a matrix of overlaps."""
    a, b = np.array([[0.0, 0, 2, 2], [5, 5, 1, 1]]), np.array([[0.0, 0, 2, 2], [1, 0, 2, 2], [9, 9, 1, 1]])

    assert iou(a[:, None], b) == pytest.approx(np.array([[1, 1 / 3, 0], [0, 0, 0]]))


def groups(owner: list[int], pairs: dict[tuple[int, int], float], threshold: float) -> list[int]:
    """Return the group of each mark."""
    first, second = (np.array([pair[k] for pair in pairs], dtype=np.int64) for k in (0, 1))
    near = np.array(list(pairs.values()))
    found = clustered(len(owner), np.array(owner), first, second, near, threshold=threshold)
    return [int(number) for number in found]


def test_an_annotator_has_one_mark_in_a_group() -> None:
    """Of two marks of one annotator that are near a third the nearer is joined to it."""
    assert groups([0, 1, 1], {(0, 1): 0.6, (0, 2): 0.8, (1, 2): 0.9}, 0.5) == [0, 1, 0]


def test_a_chain_is_no_group() -> None:
    """Marks that are near only through a third are not joined: the mean of all pairs counts."""
    assert groups([0, 1, 2], {(0, 1): 0.6, (1, 2): 0.55}, 0.5) == [0, 0, 1]
    assert groups([0, 1, 2], {(0, 1): 0.9, (1, 2): 0.7, (0, 2): 0.4}, 0.5) == [0, 0, 0]
