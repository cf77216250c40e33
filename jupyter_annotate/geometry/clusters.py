"""Clusters: which shapes of several annotators mean the same object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.geometry.boxes import Places
from jupyter_annotate.geometry.overlaps import Overlaps

__all__ = ["clustered"]

#: Overlaps that differ by less are equal but for rounding.
_DIGITS = 12


def clustered(
    owner: NDArray[np.integer], pairs: Overlaps, *, threshold: float, joining: Overlaps | None = None
) -> Places:
    """Group the shapes that mean the same object: at most one of each annotator.

    The closest pairs are joined first; two clusters join if no annotator has a shape in both and their shapes
    overlap on average as far as the threshold (average linkage). Pairs as close are taken as listed.

    Parameters
    ----------
    owner
        Annotator of each shape. Shape (n,).
    pairs
        Pairs of shapes of different annotators; those not listed do not overlap.
    threshold
        Least overlap.
    joining
        The pairs that may join clusters; by default all that overlap as far as the threshold.

    Returns
    -------
    clusters
        The number of each shape's cluster, in the order of their first shapes. Shape (n,).
    """
    close = pairs.at(pairs.iou >= threshold) if joining is None else joining
    cluster = np.arange(len(owner))
    times = np.bincount(np.concatenate([close.left, close.right]), minlength=len(owner))
    alone = (times[close.left] == 1) & (times[close.right] == 1)
    cluster[close.right[alone]] = close.left[alone]
    rest = close.at(~alone)
    if len(rest):
        rest = rest.at(np.argsort(-rest.iou.round(_DIGITS), kind="stable"))
        cluster = _joined(cluster.tolist(), owner.tolist(), pairs, _listed(rest), threshold)
    return np.unique(cluster, return_inverse=True)[1].astype(np.int64)


def _joined(
    cluster: list[int], owner: list[int], pairs: Overlaps, close: list[tuple[int, int]], threshold: float
) -> Places:
    """Join the clusters of pairs, one pair after the other."""
    near = dict(zip(_listed(pairs), pairs.iou.tolist(), strict=True))
    near |= {(other, one): value for (one, other), value in near.items()}
    members = {mark: [mark] for pair in close for mark in pair}
    for left, right in close:
        one, other = sorted((cluster[left], cluster[right]))
        ours, theirs = members[one], members[other]
        if one == other or not {owner[mark] for mark in ours}.isdisjoint(owner[mark] for mark in theirs):
            continue
        total = sum(near.get((a, b), 0.0) for a in ours for b in theirs)
        if total / (len(ours) * len(theirs)) >= threshold:
            ours.extend(theirs)
            for mark in theirs:
                cluster[mark] = one
            del members[other]
    return np.array(cluster)


def _listed(pairs: Overlaps) -> list[tuple[int, int]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
