"""Geometry: how far rectangles overlap, and which marks of several annotators mean the same thing.

A rectangle is x, y, width and height. A span of text is one of height 1, so all of this holds for spans too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["clustered", "iou", "overlapping_pairs"]

Rectangles = NDArray[np.float64]
Places = NDArray[np.int64]

#: Overlaps that differ by less are equal but for rounding.
_DIGITS = 12


def iou(boxes_a: Rectangles, boxes_b: Rectangles) -> NDArray[np.float64]:
    """Return the intersection over union of boxes, 0 where they only touch.

    Parameters
    ----------
    boxes_a, boxes_b
        x, y, width, height with positive sides. Shapes (..., 4) that broadcast: (n, 1, 4) and (m, 4) give all
        pairs.

    Returns
    -------
    iou
        Between 0 and 1. Shape (...).

    Examples
    --------
    >>> float(iou(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 2, 2])).round(3))
    0.333
    """
    low = np.maximum(boxes_a[..., :2], boxes_b[..., :2])
    high = np.minimum(boxes_a[..., :2] + boxes_a[..., 2:], boxes_b[..., :2] + boxes_b[..., 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    union = boxes_a[..., 2:].prod(axis=-1) + boxes_b[..., 2:].prod(axis=-1) - shared
    return np.asarray(shared / union)


def overlapping_pairs(group: Places, boxes: Rectangles) -> tuple[Places, Places]:
    """Return each pair of boxes of one group that share area, by a sweep along x.

    Parameters
    ----------
    group
        Which image each box lies on. Shape (n,).
    boxes
        Shape (n, 4).

    Returns
    -------
    first, second
        Rows of the boxes; each pair once. Shapes (n_pairs,).
    """
    order = np.lexsort((boxes[:, 0], group))
    n = len(order)
    group, boxes = group[order], boxes[order]
    values = np.concatenate([boxes[:, 0], boxes[:, 0] + boxes[:, 2]])
    is_start = np.repeat([True, False], n)
    # At the same x ends come before starts, as boxes that touch do not overlap.
    sweep = np.lexsort((is_start, values, np.tile(group, 2)))
    started = np.cumsum(is_start[sweep])
    ends = np.empty(2 * n, dtype=np.int64)
    ends[sweep] = started
    counts = ends[n:] - np.arange(n) - 1
    first = np.repeat(np.arange(n), counts)
    offsets = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    second = first + 1 + offsets
    low = np.maximum(boxes[first, 1], boxes[second, 1])
    high = np.minimum(boxes[first, 1] + boxes[first, 3], boxes[second, 1] + boxes[second, 3])
    share = high > low
    return order[first[share]], order[second[share]]


def clustered(  # noqa: PLR0913 -- two parallel lists of pairs
    n_marks: int,
    owner: Places,
    first: Places,
    second: Places,
    closeness: NDArray[np.float64],
    *,
    threshold: float,
) -> Places:
    """Group the marks that mean the same thing: at most one of each annotator.

    The closest pairs are joined first; two groups join if no annotator has a mark in both and their marks are
    on average as close as the threshold (average linkage). Equally close pairs are taken as listed.

    Parameters
    ----------
    n_marks
        How many marks there are.
    owner
        Annotator of each. Shape (n_marks,).
    first, second, closeness
        Pairs of marks and how close they are, from 0 to 1; pairs not listed have 0. Shapes (n_pairs,).
    threshold
        Least closeness.

    Returns
    -------
    clusters
        The number of each mark's group, in the order in which the marks come. Shape (n_marks,).
    """
    near = {
        (a, b): value
        for one, two, value in zip(first.tolist(), second.tolist(), closeness.tolist(), strict=True)
        for a, b in ((one, two), (two, one))
    }
    members = [[mark] for mark in range(n_marks)]
    cluster = list(range(n_marks))
    owners = owner.tolist()
    close = np.flatnonzero(closeness >= threshold)
    for pair in close[np.argsort(-closeness[close].round(_DIGITS), kind="stable")].tolist():
        one, two = sorted((cluster[first[pair]], cluster[second[pair]]))
        left, right = members[one], members[two]
        if one == two or not {owners[m] for m in left}.isdisjoint(owners[m] for m in right):
            continue
        mean = sum(near.get((a, b), 0.0) for a in left for b in right) / (len(left) * len(right))
        if mean >= threshold:
            left.extend(right)
            for mark in right:
                cluster[mark] = one
            members[two] = []
    return np.unique(cluster, return_inverse=True)[1].astype(np.int64)
