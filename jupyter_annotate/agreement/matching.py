"""Matching: which shapes of different annotators mean the same object.

Two annotators: the one-to-one matching with the greatest sum of overlaps (Kuhn 1955), among pairs that
overlap by tau or more; of shapes that overlap alike, those with the same label. More annotators: the matched
pairs of all twos of annotators, strongest first, join clusters (agglomerative, average linkage): two clusters
become one if no annotator would be in it twice and their shapes overlap by tau or more on average (see
`clustered`). Clusters first and agreement on them second is the idea of KaLOS (Tschirschwitz 2026).

A consensus of shapes is clustered alike, but from all pairs, closest first: the matching takes scipy, and its
greatest sum matters to a measure of overlap, where a pair given away for it may be the closest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.shapes import Shapes, overlapping
from jupyter_annotate.extras import need_scipy
from jupyter_annotate.geometry import Overlaps, clustered

__all__ = ["clusters_of", "matched"]

_Assign: TypeAlias = Callable[..., Any]

#: What the same label adds to an overlap: it decides only between overlaps that are equal.
_SAME_LABEL = 1e-9


def clusters_of(shapes: Shapes, tau: float) -> tuple[NDArray[np.int64], Overlaps]:
    """Return the cluster of each shape, shape (n,), and the pairs that overlap within a cluster."""
    pairs = overlapping(shapes, tau)
    best = matched(pairs.at(pairs.iou >= tau), shapes)
    cluster = clustered(shapes.annotator, pairs, threshold=tau, joining=best)
    return cluster, pairs.at(cluster[pairs.left] == cluster[pairs.right])


def matched(pairs: Overlaps, shapes: Shapes) -> Overlaps:
    """Keep the pairs of the best one-to-one matching of each two annotators on each item."""
    one, other = shapes.annotator[pairs.left], shapes.annotator[pairs.right]
    n_annotators = len(shapes.annotators)
    choices = [_times(pairs.left, other, n_annotators), _times(pairs.right, one, n_annotators)]
    alone = (choices[0] == 1) & (choices[1] == 1)
    rows = np.flatnonzero(~alone)
    if not len(rows):
        return pairs
    contested = np.column_stack([shapes.item[pairs.left], one, other])[rows]
    _, group = np.unique(contested, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    parts = np.split(rows[order], np.flatnonzero(np.diff(group.ravel()[order])) + 1)
    assign = need_scipy("optimize", purpose="Matching shapes").linear_sum_assignment
    weight = pairs.iou + _SAME_LABEL * (shapes.label[pairs.left] == shapes.label[pairs.right])
    kept = [np.flatnonzero(alone), *(_best(part, pairs, weight, assign) for part in parts)]
    return pairs.at(np.sort(np.concatenate(kept)))


def _times(shape: NDArray[np.int64], annotator: NDArray[np.int32], n_annotators: int) -> NDArray[np.int64]:
    """Count how many shapes of that annotator each shape could be matched with."""
    key = shape.astype(np.int64) * n_annotators + annotator
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse.ravel()])


def _best(
    rows: NDArray[np.intp], pairs: Overlaps, weight: NDArray[np.float64], assign: _Assign
) -> NDArray[np.intp]:
    """Return which of the pairs of two annotators on an item make the best matching."""
    left, i = np.unique(pairs.left[rows], return_inverse=True)
    right, j = np.unique(pairs.right[rows], return_inverse=True)
    weights = np.zeros((len(left), len(right)))
    place = np.full(weights.shape, -1, dtype=np.intp)
    weights[i, j], place[i, j] = weight[rows], rows
    chosen: NDArray[np.intp] = place[assign(weights, maximize=True)]
    return chosen[chosen >= 0]
