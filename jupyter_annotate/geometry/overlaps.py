"""Overlaps: which shapes of different annotators overlap, and how far: boxes, turned or not, and outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.geometry.boxes import Floats, Places, iou, sharing
from jupyter_annotate.geometry.polygons import Outline, polygon_iou
from jupyter_annotate.geometry.turned import turned_iou

__all__ = ["Outlines", "Overlaps", "overlapping"]

#: Of several shapes: any outline of each, or the corners of turned boxes, shape (n, 4, 2).
Outlines: TypeAlias = Sequence[Outline] | Floats


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
    outlines: Outlines | None = None,
    *,
    threshold: float,
) -> Overlaps:
    """Return the pairs of shapes of one group and two owners that overlap, so far as `clustered` needs them.

    Parameters
    ----------
    group, owner
        Which image each shape lies on and who drew it. Shapes (n,).
    bounds
        Left, top, right, bottom of each. Shape (n, 4).
    outlines
        Of each; None for boxes, which fill their bounds.
    threshold
        Least overlap that joins clusters, above 0. Of a group with two owners, whose clusters are pairs,
        those that overlap less are left out: of outlines they cost little.
    """
    left, right = sharing(group, owner, bounds)
    crowded = _n_owners(group, owner)[group[left]] > 2  # noqa: PLR2004 -- a cluster is more than a pair
    least = np.where(crowded, 0.0, threshold)
    if outlines is None:
        near = iou(bounds[left], bounds[right])
    elif isinstance(outlines, np.ndarray):
        near = turned_iou(outlines[left], outlines[right])
    else:
        near = _near(outlines, left, right, least)
    return Overlaps(left, right, near).at((near > 0) & (near >= least))


def _near(outlines: Sequence[Outline], left: Places, right: Places, least: Floats) -> Floats:
    pairs = zip(left.tolist(), right.tolist(), least.tolist(), strict=True)
    return np.array([polygon_iou(outlines[a], outlines[b], least=low) for a, b, low in pairs], dtype=float)


def _n_owners(group: NDArray[np.integer], owner: NDArray[np.integer]) -> Places:
    """Return how many own shapes of each group. Shape (n_groups,)."""
    most = int(owner.max(initial=0)) + 1
    return np.bincount(np.unique(group.astype(np.int64) * most + owner) // most)
