"""Outlines as frames hold them: lists of corners, flat or not, of one part or of several."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.geometry.polygons import Floats, Outline

__all__ = ["outline_of"]

_CORNERS = 3


def outline_of(cell: list[Any], row: int, what: str) -> Outline:
    """Return the outline of a cell of the column ``points``.

    Parameters
    ----------
    cell
        Corners ``[[x, y], ...]`` or flat ``[x, y, x, y, ...]``. A list of such lists is several parts of one
        object (``segmentation`` in COCO is that). Each part has at least three corners.
    row, what
        Where it stands and whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If it is none of these, or a number is nan or infinite.

    Examples
    --------
    >>> outline_of([0, 0, 4, 0, 0, 4], row=0, what="labels").area
    8.0
    """
    try:
        rings = _rings(cell)
    except (TypeError, ValueError, IndexError):
        rings = []
    good = all(len(ring) >= _CORNERS and ring.shape[1:] == (2,) and np.isfinite(ring).all() for ring in rings)
    if not rings or not good:
        expected = f"at least {_CORNERS} corners, as [[x, y], ...] or [x, y, x, y, ...]"
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column="points")
    return Outline(rings[0], tuple(rings[1:]))


def _rings(cell: list[Any]) -> list[Floats]:
    first = cell[0]
    if not isinstance(first, list):
        return [_ring(cell)]
    parts = cell if isinstance(first[0], list) or len(first) != 2 else [cell]  # noqa: PLR2004 -- x and y
    return [_ring(part) for part in parts]


def _ring(part: list[Any]) -> Floats:
    # The sum turns -0.0 into 0.0.
    ring = np.asarray(part, dtype=np.float64) + 0.0
    return ring.reshape(-1, 2) if ring.ndim == 1 else ring
