"""Overlaps: which shapes of different annotators overlap, and how far, boxes and outlines alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.geometry.boxes import Floats, Places, iou, sharing
from jupyter_annotate.geometry.polygons import Outline, polygon_iou

__all__ = ["Overlaps", "overlapping"]


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pairs of shapes, ``left`` before ``right``, and their intersection over union. Shapes (m,)."""

    left: Places
    right: Places
    iou: Floats

    def __len__(self) -> int:
        return len(self.left)

    def at(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Overlaps:
        """Return some of the pairs."""
        return Overlaps(self.left[rows], self.right[rows], self.iou[rows])


def overlapping(
    group: NDArray[np.integer],
    owner: NDArray[np.integer],
    bounds: Floats,
    outlines: Sequence[Outline] | None = None,
    *,
    least: float = 0.0,
) -> Overlaps:
    """Return the pairs of shapes of one group and two owners that overlap.

    Parameters
    ----------
    group, owner
        Which image each shape lies on and who drew it. Shapes (n,).
    bounds
        Left, top, right, bottom of each. Shape (n, 4).
    outlines
        Of each; None for boxes, which fill their bounds.
    least
        Pairs with a lower intersection over union are left out; of outlines they cost little.
    """
    left, right = sharing(group, owner, bounds)
    if outlines is None:
        near = iou(bounds[left], bounds[right])
    else:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        near = np.array([polygon_iou(outlines[a], outlines[b], least=least) for a, b in pairs], dtype=float)
    return Overlaps(left, right, near).at((near > 0) & (near >= least))
