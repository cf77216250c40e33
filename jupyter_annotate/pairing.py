"""Pairing: all pairs of places in the same group, and runs of places, all at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["pairs_within", "runs"]

Places: TypeAlias = NDArray[np.int64]


def pairs_within(group: NDArray[np.integer]) -> tuple[Places, Places]:
    """Return all pairs of places in one group, each once. Two arrays of shape (n_pairs,).

    Examples
    --------
    >>> [places.tolist() for places in pairs_within(np.array([0, 1, 0, 0]))]
    [[0, 0, 2], [2, 3, 3]]
    """
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], group[order], side="right")
    after = np.arange(1, len(order) + 1)
    first, second = runs(after, ends - after)
    return order[first], order[second]


def runs(starts: Places, counts: Places) -> tuple[Places, Places]:
    """Return the places of runs, and whose run each belongs to.

    Parameters
    ----------
    starts, counts
        Where each run starts and how long it is, 0 for none. Shapes (n,).

    Returns
    -------
    owner, place
        Number of the run, and the place. Shapes (counts.sum(),).

    Examples
    --------
    >>> [places.tolist() for places in runs(np.array([5, 0, 8]), np.array([2, 0, 1]))]
    [[0, 0, 2], [5, 6, 8]]
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    shift = starts - (np.cumsum(counts) - counts)
    return owner, np.arange(len(owner)) + shift[owner]
