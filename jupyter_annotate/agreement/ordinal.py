"""Alpha for labels with an order: its distances depend on how often each label occurs."""

from __future__ import annotations

import numpy as np

from jupyter_annotate.agreement.profiles import Floats, Profiles
from jupyter_annotate.agreement.sums import STEP, over

__all__ = ["OrdinalAlpha"]


class OrdinalAlpha:
    """Krippendorff's alpha of ordinal labels, as a `Statistic`.

    The distance between two labels is the difference of their middle ranks among all labels, squared, which
    makes the sum over pairs of an item a function of its sum of ranks and of their squares: no matrix of
    labels by labels.

    Parameters
    ----------
    profiles
        How items were labeled.
    places
        The order of the categories, as numbers. Shape (V,).
    """

    def __init__(self, profiles: Profiles, places: Floats) -> None:
        order = np.argsort(places, kind="stable")
        rank = np.empty(len(places), dtype=np.int64)
        rank[order] = np.arange(len(places))
        kept = (profiles.pairs > 0)[profiles.owner]
        owner, label, count = profiles.owner[kept], rank[profiles.label[kept]], profiles.count[kept]
        by_owner = np.lexsort((label, owner))
        self._owner, self._label, self._count = owner[by_owner], label[by_owner], count[by_owner]
        self._starts = np.flatnonzero(np.diff(self._owner, prepend=-1))
        self._paired = self._owner[self._starts]
        self._sizes = profiles.sizes[self._paired]
        self._share = over(self._sizes, profiles.pairs[self._paired])
        self._k, self._n_labels = len(profiles.items), len(places)

    def values(self, weights: Floats) -> Floats:
        """Return a value for each draw, as `Statistic.values`."""
        return np.array([self._value(row) for row in weights])

    def without(self, weights: Floats, one: Floats) -> Floats | None:
        """Return the value without one item of each profile in turn, as `Statistic.without`."""
        if self._k * len(self._owner) > 10 * STEP:
            return None
        found = np.empty(self._k)
        for place in range(self._k):
            left = weights.copy()
            left[place] -= one[place]
            found[place] = self._value(left)
        return found

    def _value(self, weights: Floats) -> float:
        if not len(self._owner):
            return float("nan")
        totals = np.bincount(self._label, weights[self._owner] * self._count, self._n_labels)
        n = totals.sum()
        # From the middle: squares of ranks of a million labels would cancel.
        ranks = np.cumsum(totals) - totals / 2 - n / 2
        weighted = self._count * ranks[self._label]
        first = np.add.reduceat(weighted, self._starts)
        second = np.add.reduceat(weighted * ranks[self._label], self._starts)
        within = np.maximum(self._sizes * second - first**2, 0)
        within[np.diff(self._starts, append=len(self._owner)) == 1] = 0
        found = weights[self._paired] @ (within * self._share)
        expected = n * (totals @ ranks**2) - (totals @ ranks) ** 2
        if np.count_nonzero(totals) < 2 or expected <= 0:  # noqa: PLR2004 -- two labels differ
            return float("nan")
        return float(1 - found * (n - 1) / expected)
