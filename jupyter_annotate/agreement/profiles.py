"""Profiles: ratings reduced to what a coefficient needs, in memory that grows with what differs.

Two items with the same labels in the same numbers are the same to every coefficient that ignores who is
who. A hundred thousand items with three annotators and five labels have at most 35 profiles, and drawing
items with replacement is a multinomial draw of profiles: a bootstrap costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["Floats", "Integers", "Profiles", "dense_codes", "profiles_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
#: From two arrays of codes to what each pair of labels weighs.
Between = Callable[[Integers, Integers], Floats]

#: Keys are ranked by a table if it has at most this many cells for each of them.
_CELLS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """How items were labeled.

    Parameters
    ----------
    items
        How many items have each profile. Shape (k,).
    weights
        What one item of each profile counts. Shape (k,).
    units
        Which items are drawn together: a code for each profile, or None for each item by itself. Shape (k,).
    owner, label, count, square
        Entries of the profiles, sorted by label, then owner: which profile, which label, how many annotators
        gave it, and the sum of the squares of what these annotators count (the same number, if each counts
        once).
    of_item
        Which profile each item has; -1 for items left out. Shape (n_items,).
    shape
        How many annotators and categories there are. If profiles tell annotators apart, a label is
        ``annotator * categories + category``.
    annotators
        What each annotator counts. Shape (n_annotators,).
    """

    items: Integers
    weights: Floats
    units: Integers | None
    owner: Integers
    label: Integers
    count: Floats
    square: Floats
    of_item: Codes
    shape: tuple[int, int]
    annotators: Floats

    @property
    def sizes(self) -> Floats:
        """Count the labels of an item of each profile. Shape (k,)."""
        return self._summed(self.count)

    @property
    def pairs(self) -> Floats:
        """Count the ordered pairs of labels of different annotators on an item. Shape (k,)."""
        return self.sizes**2 - self._summed(self.square)

    def _summed(self, amounts: Floats) -> Floats:
        # Without entries bincount would count whole numbers.
        return np.bincount(self.owner, amounts, len(self.items)).astype(np.float64)

    def pair_sums(self, between: Between | None) -> Floats:
        """Sum over the ordered pairs of labels of different annotators on an item of each profile.

        Parameters
        ----------
        between
            What a pair of labels counts, from their codes; it must be symmetric. None: 1 if they are equal.

        Returns
        -------
        sums
            Shape (k,).
        """
        same = self.count**2 - self.square
        if between is None:
            return self._summed(same)
        total = self._summed(same * between(self.label, self.label))
        order = np.argsort(self.owner, kind="stable")
        owner, label, count = self.owner[order], self.label[order], self.count[order]
        for shift in range(1, len(owner)):
            first = np.flatnonzero(owner[shift:] == owner[:-shift])
            if not len(first):
                break
            second = first + shift
            amount = 2 * count[first] * count[second] * between(label[first], label[second])
            total += np.bincount(owner[first], amount, len(total))
        return total


def profiles_of(  # noqa: PLR0913 -- each is named
    ratings: Ratings,
    *,
    by_annotator: bool = False,
    single: bool = False,
    weights: Floats | None = None,
    units: Integers | None = None,
    totals: Integers | None = None,
) -> Profiles:
    """Reduce ratings to profiles, in an order that depends on labels and how often they occur alone.

    Parameters
    ----------
    ratings
        One label an item and annotator; every annotator has one.
    by_annotator
        Whether it matters who gave which label.
    single
        Whether items with one label count.
    weights, units
        Of each item. Shape (n_items,).
    totals
        How often each label was given, where these are not all the ratings. Shape (n_categories,).
    """
    _, n_annotators, n_categories = ratings.shape
    codes, n_codes = ratings.label.astype(np.int64), n_categories
    if by_annotator:
        codes, n_codes = ratings.annotator * np.int64(n_categories) + codes, n_annotators * n_categories
    names = _by_frequency(np.bincount(codes, minlength=n_codes) if totals is None else totals)
    kinds, extra = _kinds(ratings, weights, units)
    table = _Table(names.argsort()[codes], n_codes, ratings, kinds)
    for size in np.unique(ratings.sizes()):
        if size >= (1 if single else 2):
            table.add(int(size))
    owner, label, count = table.entries()
    order = np.lexsort((owner, label))
    amounts: Floats = count[order].astype(np.float64)
    first = table.first()
    return Profiles(
        items=np.bincount(table.of_item[table.of_item >= 0], minlength=len(first)),
        weights=np.ones(len(first)) if weights is None else weights[first],
        units=None if units is None else dense_codes(units[first], extra)[0].astype(np.int64),
        owner=owner[order],
        label=names[label[order]],
        count=amounts,
        square=amounts,
        of_item=table.of_item,
        shape=(n_annotators, n_categories),
        annotators=np.ones(n_annotators),
    )


def _by_frequency(totals: Integers) -> Integers:
    """Return the labels, the most frequent first: which profile a draw hits should not depend on names."""
    return np.argsort(-totals, kind="stable")


def _kinds(ratings: Ratings, weights: Floats | None, units: Integers | None) -> tuple[Codes | None, int]:
    """Return a code that tells items of different weight or unit apart, and how many units there may be."""
    highest = 0 if units is None or not len(units) else int(units.max()) + 1
    if weights is None and units is None:
        return None, highest
    n_items = len(ratings.items)
    kind = np.zeros(n_items, dtype=np.int64) if units is None else units.astype(np.int64)
    if weights is not None:
        levels, level = np.unique(weights, return_inverse=True)
        kind = kind * len(levels) + level
    return dense_codes(kind, int(kind.max(initial=0)) + 1)[0], highest


class _Table:
    """Profiles as they are found, one size of items after the other."""

    def __init__(self, codes: Integers, n_codes: int, ratings: Ratings, kinds: Codes | None) -> None:
        self._codes, self._n_codes, self._kinds = codes, n_codes, kinds
        self._starts, self._sizes = ratings.starts(), ratings.sizes()
        self._rows: list[Integers] = []
        self._labels: list[Integers] = []
        self._n = 0
        self.of_item = np.full(len(self._sizes), -1, dtype=np.int32)

    def add(self, size: int) -> None:
        """Add the items with this many labels."""
        items = np.flatnonzero(self._sizes == size)
        if len(items) * size == len(self._codes):
            labels = self._codes.reshape(-1, size)
        else:
            labels = self._codes[self._starts[items][:, None] + np.arange(size)]
        labels = np.sort(labels, axis=1)
        kind = np.zeros(len(items), dtype=np.int32) if self._kinds is None else self._kinds[items]
        code, n = dense_codes(kind, int(kind.max(initial=0)) + 1)
        for column in labels.T:
            code, n = dense_codes(code.astype(np.int64) * self._n_codes + column, n * self._n_codes)
        first = np.empty(n, dtype=np.int64)
        first[code[::-1]] = np.arange(len(items))[::-1]
        self.of_item[items] = code + self._n
        self._rows.append(items[first])
        self._labels.append(labels[first])
        self._n += n

    def first(self) -> Integers:
        """Return the first item of each profile."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._rows])

    def entries(self) -> tuple[Integers, Integers, Integers]:
        """Return owner, label and count of the entries."""
        none = np.empty(0, dtype=np.int64)
        sizes = [np.full(len(labels), labels.shape[1]) for labels in self._labels]
        owner = np.repeat(np.arange(self._n), np.concatenate([none, *sizes]))
        label = np.concatenate([none, *(labels.ravel() for labels in self._labels)])
        new = np.ones(len(owner), dtype=bool)
        new[1:] = (owner[1:] != owner[:-1]) | (label[1:] != label[:-1])
        starts = np.flatnonzero(new)
        return owner[starts], label[starts], np.diff(starts, append=len(owner))


def dense_codes(keys: NDArray[np.integer], high: int) -> tuple[Codes, int]:
    """Give each different key a number, in their order.

    Parameters
    ----------
    keys
        Whole numbers from 0 to below ``high``.

    Returns
    -------
    codes
        Which of the different keys each one is.
    n
        How many different ones there are.
    """
    if high <= _CELLS * len(keys):
        seen = np.zeros(high, dtype=bool)
        seen[keys] = True
        table = np.cumsum(seen, dtype=np.int32) - np.int32(1)
        return table[keys], int(table[-1]) + 1 if high else 0
    values, codes = np.unique(keys, return_inverse=True)
    return codes.astype(np.int32), len(values)
