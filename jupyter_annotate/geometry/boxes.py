"""Boxes: how far they overlap, and which of them do.

A box is its left, top, right and bottom edge. A span of text is one of height 1, so all of this holds for
spans too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.pairing import runs

__all__ = ["iou", "sharing"]

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

#: Pairs of boxes looked at together.
_PAIRS = 4_000_000


def iou(one: Floats, other: Floats) -> Floats:
    """Return the intersection over union of boxes, 0 where they only touch.

    Parameters
    ----------
    one, other
        Left, top, right, bottom. Shapes (..., 4) that broadcast: (n, 1, 4) and (m, 4) give all pairs.

    Returns
    -------
    iou
        Between 0 and 1. Shape (...).

    Examples
    --------
    >>> float(iou(np.array([0.0, 0, 2, 2]), np.array([1.0, 0, 3, 2])).round(3))
    0.333
    """
    low, high = np.maximum(one[..., :2], other[..., :2]), np.minimum(one[..., 2:], other[..., 2:])
    shared = np.clip(high - low, 0, None).prod(axis=-1)
    areas = [(box[..., 2:] - box[..., :2]).prod(axis=-1) for box in (one, other)]
    union = areas[0] + areas[1] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(union), where=union > 0))


def sharing(group: NDArray[np.integer], owner: NDArray[np.integer], boxes: Floats) -> tuple[Places, Places]:
    """Return each pair of boxes of one group and two owners that share area.

    Boxes are swept from left to right, so those side by side are never compared.

    Parameters
    ----------
    group, owner
        Which image each box lies on and who drew it. Shapes (n,).
    boxes
        Shape (n, 4).

    Returns
    -------
    first, second
        Rows of the boxes, sorted; the first of a pair comes before the second. Shapes (n_pairs,).
    """
    found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for one, other in _meeting(group, boxes):
        low = np.maximum(boxes[one, 1], boxes[other, 1])
        high = np.minimum(boxes[one, 3], boxes[other, 3])
        kept = (high > low) & (owner[one] != owner[other])
        found.append((np.minimum(one, other)[kept], np.maximum(one, other)[kept]))
    first, second = (np.concatenate(rows) for rows in zip(*found, strict=True))
    order = np.lexsort((second, first))
    return first[order], second[order]


def _meeting(group: NDArray[np.integer], boxes: Floats) -> Iterator[tuple[Places, Places]]:
    """Yield pairs of boxes of one group whose horizontal extents meet, some millions at once."""
    n = len(boxes)
    order = np.lexsort((boxes[:, 0], group))
    edges = np.concatenate([boxes[order, 0], boxes[order, 2]])
    # Right edges come before left ones at the same place: boxes that only touch do not meet.
    swept = np.lexsort((np.repeat([1, 0], n), edges, np.tile(group[order], 2)))
    opened = np.empty(2 * n, dtype=np.int64)
    opened[swept] = np.cumsum(swept < n)
    after = np.arange(1, n + 1)
    counts = np.maximum(opened[n:] - after, 0)
    total = np.cumsum(counts)
    start = 0
    while start < n:
        most = total[start] - counts[start] + _PAIRS
        end = max(int(np.searchsorted(total, most, side="right")), start + 1)
        first, second = runs(after[start:end], counts[start:end])
        yield order[first + start], order[second]
        start = end
