"""An order of annotators and labels that depends on neither names nor rows: on who did what alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.ratings import Ratings

__all__ = ["canonical_places"]

Hashes = NDArray[np.uint64]

#: Rounds of refinement: after a few, only annotators that could be swapped look alike.
_ROUNDS = 4


def canonical_places(ratings: Ratings) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the place of each annotator, and of each label, in an order fixed by the labels given.

    Notes
    -----
    Colour refinement (Weisfeiler and Leman 1968) of the graph of items, annotators and labels: the colour of
    each is that of the multiset of its neighbours' colours. Those of the same colour keep their order; what
    distinguishes them is their name only.
    """
    n_items, n_annotators, n_labels = ratings.shape
    annotator, label = (np.ones(n, dtype=np.uint64) for n in (n_annotators, n_labels))
    for _ in range(_ROUNDS):
        edge = _mixed(annotator[ratings.annotator] + _mixed(label)[ratings.label])
        item = _summed(ratings.item, edge, n_items)
        seen = _mixed(item[ratings.item] + edge)
        annotator = _summed(ratings.annotator, seen, n_annotators)
        label = _summed(ratings.label, seen, n_labels)
    silent = np.bincount(ratings.annotator, minlength=n_annotators) == 0
    unused = np.bincount(ratings.label, minlength=n_labels) == 0
    return _places(annotator, silent), _places(label, unused)


def _summed(codes: NDArray[np.int32], values: Hashes, n: int) -> Hashes:
    """Add values up by code, modulo 2**64, so that no order of adding matters."""
    sums = np.zeros(n, dtype=np.uint64)
    np.add.at(sums, codes, values)
    return _mixed(sums)


def _mixed(values: Hashes) -> Hashes:
    """Scatter whole numbers over all of 64 bits (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _places(colours: Hashes, last: NDArray[np.bool_]) -> NDArray[np.intp]:
    places = np.empty(len(colours), dtype=np.intp)
    places[np.lexsort((colours, last))] = np.arange(len(colours))
    return places
