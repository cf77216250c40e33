"""Polygons: exact areas of what they cover and share, whatever their outline does.

A horizontal strip between two neighbouring corners or crossings is cut into trapezoids, so its area is its
height times the length covered at half height: exact, and nothing special happens where outlines touch, run
along each other or cross themselves. What an outline covers follows the nonzero rule, as SVG fills it:
every point it winds around. An outline without area overlaps with nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.pairing import runs

__all__ = ["Outline", "polygon_iou"]

Floats: TypeAlias = NDArray[np.float64]

#: Crossings are looked for a little beyond the ends of edges: one too many changes nothing.
_BEYOND = 1e-9
#: Pairs of edges tested at once.
_PAIRS = 2_000_000


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed outline, or several: the parts of one object.

    Parameters
    ----------
    points
        Corners in order; the last is joined to the first. Shape (n, 2), n at least 3.
    parts
        Corners of the other parts. What any part covers is covered, so a part inside another is no hole.

    Examples
    --------
    >>> import numpy as np
    >>> bow_tie = Outline(np.array([[0.0, 0], [2, 2], [2, 0], [0, 2]]))
    >>> bow_tie.area
    2.0
    """

    points: Floats
    parts: tuple[Floats, ...] = ()

    @property
    def rings(self) -> tuple[Floats, ...]:
        """The corners of each part."""
        return (self.points, *self.parts)

    @cached_property
    def corners(self) -> Floats:
        """All corners. Shape (m, 2)."""
        return np.vstack(self.rings)

    @cached_property
    def bounds(self) -> Floats:
        """Left, top, right and bottom. Shape (4,)."""
        return np.concatenate([self.corners.min(axis=0), self.corners.max(axis=0)])

    @cached_property
    def edges(self) -> Floats:
        """Start and end of each edge that is not horizontal: x0, y0, x1, y1. Shape (m, 4)."""
        edges = np.vstack([_directed(ring) for ring in self.rings])
        sloped: Floats = edges[edges[:, 1] != edges[:, 3]]
        return sloped

    @cached_property
    def levels(self) -> Floats:
        """Heights of the corners and of where the outline crosses itself."""
        return np.concatenate([self.corners[:, 1], _crossings(self.edges, self.edges)])

    @cached_property
    def area(self) -> float:
        """Area of what it winds around."""
        edges = self.edges
        return _covered(edges, np.unique(self.levels), np.zeros(len(edges), dtype=bool))


def polygon_iou(one: Outline, other: Outline, *, least: float = 0.0) -> float:
    """Return the shared area of two outlines over the area they cover together; 0 where that is 0.

    Parameters
    ----------
    one, other
        The outlines.
    least
        If it is certain that less than this is shared, 0 is returned without looking closer.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    >>> polygon_iou(Outline(square), Outline(square + [1, 0]))
    0.3333333333333333
    """
    low, high = np.maximum(one.bounds, other.bounds)[:2], np.minimum(one.bounds, other.bounds)[2:]
    if (low >= high).any():
        return 0.0
    most = min(one.area, other.area, float(np.prod(high - low)))
    together = one.area + other.area
    if most <= 0 or most < least * (together - most):
        return 0.0
    shared = _shared(one, other, low[1], high[1])
    return float(min(shared / (together - shared), 1.0))


def _directed(ring: Floats) -> Floats:
    """Return the edges of a ring, all rings in the same direction. Shape (n, 4)."""
    # Parts drawn in opposite directions would cancel out where they overlap.
    edges = np.hstack([ring, np.roll(ring, -1, axis=0)])
    x0, y0, x1, y1 = (edges - np.tile(ring[0], 2)).T
    return edges if (x0 * y1 - x1 * y0).sum() >= 0 else edges[:, [2, 3, 0, 1]]


def _shared(one: Outline, other: Outline, low: float, high: float) -> float:
    ours, theirs = (_between(outline.edges, low, high) for outline in (one, other))
    levels = np.concatenate([one.levels, other.levels, _crossings(ours, theirs)])
    levels = np.unique(np.append(levels[(levels > low) & (levels < high)], [low, high]))
    second = np.repeat([False, True], [len(ours), len(theirs)])
    return _covered(np.vstack([ours, theirs]), levels, second)


def _between(edges: Floats, low: float, high: float) -> Floats:
    bottom, top = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    return edges[(top > low) & (bottom < high)]


def _covered(edges: Floats, levels: Floats, second: NDArray[np.bool_]) -> float:
    """Return the area that the first outline winds around, and the second too if it has edges.

    Parameters
    ----------
    edges
        Edges of one outline or two, none horizontal. Shape (m, 4).
    levels
        Heights between which no edges cross, sorted.
    second
        Which edges belong to the second outline.
    """
    bottom, top = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    first = np.searchsorted(levels, bottom)
    spans = np.maximum(np.searchsorted(levels, np.minimum(top, levels[-1])) - first, 0)
    edge, strip = runs(first, spans)
    x0, y0, x1, y1 = edges[edge].T
    share = ((levels[strip] + levels[strip + 1]) / 2 - y0) / (y1 - y0)
    x = x0 + share * (x1 - x0)
    order = np.lexsort((x, strip))
    x, strip, edge = x[order], strip[order], edge[order]
    turn = np.where(edges[edge, 3] > edges[edge, 1], 1, -1)
    # Closed outlines wind back to 0 within each strip, so one running sum does for all strips.
    inside = np.cumsum(np.where(second[edge], 0, turn)) != 0
    if second.any():
        inside &= np.cumsum(np.where(second[edge], turn, 0)) != 0
    widths = np.diff(x, append=0.0)
    return float((widths * np.diff(levels)[strip])[inside].sum())


def _crossings(ours: Floats, theirs: Floats) -> Floats:
    """Return the heights at which edges cross."""
    rows = max(1, _PAIRS // max(len(theirs), 1))
    found = [_some_crossings(ours[n : n + rows], theirs) for n in range(0, len(ours), rows)]
    return np.concatenate(found) if found else np.empty(0)


def _some_crossings(ours: Floats, theirs: Floats) -> Floats:
    low = np.maximum(np.minimum(ours[:, 1], ours[:, 3])[:, None], np.minimum(theirs[:, 1], theirs[:, 3]))
    high = np.minimum(np.maximum(ours[:, 1], ours[:, 3])[:, None], np.maximum(theirs[:, 1], theirs[:, 3]))
    one, other = np.nonzero(low <= high)
    x, y, x1, y1 = ours[one].T
    u, v, u1, v1 = theirs[other].T
    turn = (x1 - x) * (v1 - v) - (y1 - y) * (u1 - u)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = ((u - x) * (v1 - v) - (v - y) * (u1 - u)) / turn
        across = ((u - x) * (y1 - y) - (v - y) * (x1 - x)) / turn
    met = (along > -_BEYOND) & (along < 1 + _BEYOND) & (across > -_BEYOND) & (across < 1 + _BEYOND)
    return np.asarray((y + along * (y1 - y))[met])
