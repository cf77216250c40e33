"""Turned boxes: their corners, and the exact area two of them share.

A box is x, y, width and height before it is turned, and the degrees by which it is turned clockwise (y points
down) about its centre. Two convex outlines are clipped by one another edge by edge (Sutherland and Hodgman
1974), all pairs at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.geometry.boxes import Floats

__all__ = ["bounds_of", "corners_of", "reframed", "turned", "turned_iou"]

#: Pairs clipped together.
_PAIRS = 50_000
#: Corners of a box, from the top left clockwise, in half sides.
_CORNERS = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])


def corners_of(sides: Floats, rotation: Floats) -> Floats:
    """Return the corners, clockwise from the one that is the top left of the box before it is turned.

    Parameters
    ----------
    sides
        x, y, width, height. Shape (n, 4).
    rotation
        Degrees clockwise. Shape (n,).

    Examples
    --------
    >>> corners_of(np.array([[0.0, 0, 4, 2]]), np.array([90.0])).round(3).tolist()
    [[[3.0, -1.0], [3.0, 3.0], [1.0, 3.0], [1.0, -1.0]]]
    """
    half = sides[:, 2:] / 2
    across = _CORNERS * half[:, None]
    return (sides[:, :2] + half)[:, None] + turned(across, rotation[:, None])


def turned(points: Floats, degrees: Floats) -> Floats:
    """Return points turned clockwise about the origin. Shapes (..., 2) and (...)."""
    # Quarter turns are exact: the sine of 180 degrees is 0, not 1e-16.
    quarters = np.round(degrees / 90)
    rest = np.radians(degrees - 90 * quarters)
    part = np.round(quarters).astype(np.int64) % 4
    sine, cosine = np.sin(rest), np.cos(rest)
    sine, cosine = (
        np.choose(part, [sine, cosine, -sine, -cosine]),
        np.choose(part, [cosine, -sine, -cosine, sine]),
    )
    x, y = points[..., 0], points[..., 1]
    return np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=-1)


def bounds_of(corners: Floats) -> Floats:
    """Return left, top, right and bottom of what encloses the corners. Shape (n, 4)."""
    return np.hstack([corners.min(axis=1), corners.max(axis=1)])


def reframed(sides: Floats, rotation: Floats, like: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Describe the same boxes by the edges that come nearest to those of others.

    A box turned by a quarter with its sides exchanged is the same rectangle: of the four ways to say it, that
    one is taken whose corners lie nearest to those of the other box, each to its own.

    Parameters
    ----------
    sides, rotation
        As for `corners_of`. Shapes (n, 4) and (n,).
    like
        Corners of the other box of each. Shape (n, 4, 2).

    Returns
    -------
    sides, rotation
        The same rectangles; the rotation is not brought into a range. Shapes (n, 4) and (n,).
    quarters
        By how many quarter turns clockwise the top differs from the one given. Shape (n,).
    """
    corners = corners_of(sides, rotation)
    ways = [np.roll(corners, -quarter, axis=1) for quarter in range(4)]
    far = np.stack([((way - like) ** 2).sum(axis=(1, 2)) for way in ways])
    quarters = far.round(9).argmin(axis=0)
    centre = sides[:, :2] + sides[:, 2:] / 2
    size = np.where((quarters % 2 == 1)[:, None], sides[:, :1:-1], sides[:, 2:])
    return np.hstack([centre - size / 2, size]), rotation + 90 * quarters, quarters


def turned_iou(one: Floats, other: Floats) -> Floats:
    """Return the shared area over the area covered together, for each pair of boxes.

    Parameters
    ----------
    one, other
        Corners as `corners_of` gives them. Shapes (m, 4, 2).

    Examples
    --------
    >>> square = corners_of(np.array([[0.0, 0, 2, 2]]), np.array([0.0]))
    >>> diamond = corners_of(np.array([[0.0, 0, 2, 2]]), np.array([45.0]))
    >>> float(turned_iou(square, diamond)[0].round(4))
    0.7071
    """
    parts = [slice(n, n + _PAIRS) for n in range(0, len(one), _PAIRS)]
    shared = np.concatenate([np.empty(0), *(_shared(one[part], other[part]) for part in parts)])
    areas = _area(one) + _area(other)
    iou: Floats = np.minimum(shared / (areas - shared), 1.0)
    return iou


def _shared(one: Floats, other: Floats) -> Floats:
    # Near the origin no digits are lost on boxes far out in a large image.
    origin = one.mean(axis=1, keepdims=True)
    inside, cutting = one - origin, other - origin
    for edge in range(4):
        inside = _clipped(inside, cutting[:, edge], cutting[:, (edge + 1) % 4])
    return np.maximum(_area(inside), 0.0)


def _clipped(outline: Floats, start: Floats, end: Floats) -> Floats:
    """Cut each convex outline off left of an edge; corners too many repeat the first. Shape (m, k + 1, 2)."""
    after = np.roll(outline, -1, axis=1)
    along = (end - start)[:, None]
    heights = [_cross(along, points - start[:, None]) for points in (outline, after)]
    here, there = (height >= 0 for height in heights)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(here != there, heights[0] / (heights[0] - heights[1]), 0.0)
    crossing = outline + share[..., None] * (after - outline)
    # Each edge of the outline gives where it crosses, and its end if that is inside.
    m, k = outline.shape[:2]
    points = np.stack([crossing, after], axis=2).reshape(m, 2 * k, 2)
    kept = np.stack([here != there, there], axis=2).reshape(m, 2 * k)
    first = np.argsort(~kept, axis=1, kind="stable")[:, : k + 1]
    points = np.take_along_axis(points, first[..., None], axis=1)
    kept = np.take_along_axis(kept, first, axis=1)
    return np.where(kept[..., None], points, points[:, :1])


def _area(outline: Floats) -> Floats:
    area: Floats = _cross(outline, np.roll(outline, -1, axis=1)).sum(axis=1) / 2
    return area


def _cross(one: Floats, other: Floats) -> Floats:
    product: Floats = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return product
