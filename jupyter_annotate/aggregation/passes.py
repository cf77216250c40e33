"""Passes over the labels, in chunks of items: all that expectation maximization needs of them are sums.

A chunk lays the labels of its items out by position: the first label of every item, then the second of every
item that has one, and so on. Items stand in the order of their number of labels, the most first, so that
those with a label at a position are the first ones, and adding up a position is adding two dense arrays.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.ratings import Codes, Ratings

__all__ = [
    "Chunk",
    "Floats",
    "Places",
    "Sums",
    "chunks_of",
    "classes_of",
    "counted",
    "guessed",
    "posterior",
    "settled",
    "total",
]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Number = TypeVar("Number", np.float64, np.intp)

#: Labels in a chunk: few enough to stay in the cache of a core.
_LABELS = 65_536
#: Items with more labels are added up one by one.
_POSITIONS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The labels of some items, laid out by position.

    Parameters
    ----------
    items
        Codes of the items, by number of labels, the most first. Shape (m,).
    gold
        Code of each item's known label, -1 where none is. Shape (m,).
    cells
        annotator * n_categories + label of every label, position by position; item by item if ``starts`` is
        given. Shape (n,).
    votes
        Place of the item among ``items`` * n_categories + label, of every label. Shape (n,).
    widths
        How many items have a label at each position.
    starts
        Where the labels of each item begin, for items with many; else None. Shape (m,).
    n_categories
        How many labels could have been given.
    """

    items: Places
    gold: Codes
    cells: Places
    votes: Places
    widths: Places
    starts: Places | None
    n_categories: int

    def totals(self, table: Floats) -> Floats:
        """Add up a row of a table for each label of each item. Shape (m, table.shape[1])."""
        if self.starts is not None:
            rows: Floats = np.add.reduceat(np.take(table, self.cells, axis=0, mode="clip"), self.starts)
            return rows
        total = np.take(table, self.cells[: self.widths[0]], axis=0, mode="clip")
        begin = self.widths[0]
        for width in self.widths[1:]:
            total[:width] += np.take(table, self.cells[begin : begin + width], axis=0, mode="clip")
            begin += width
        return total

    def spread(self, values: NDArray[Number]) -> NDArray[Number]:
        """Repeat a value of each item for each of its labels. Shape (n,)."""
        return _spread(values, self.widths, self.starts)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What a pass adds up; the sums over two sets of items add to those over both.

    Parameters
    ----------
    counts
        Expected number of times each annotator gave each label to items of each true label.
        Shape (n_annotators, true, label).
    classes
        Expected number of items of each true label. Shape (n_categories,).
    log_likelihood
        Of the labels, marginal over the true ones.
    """

    counts: Floats
    classes: Floats
    log_likelihood: float = 0.0

    def __add__(self, other: Self) -> Sums:
        return Sums(
            self.counts + other.counts,
            self.classes + other.classes,
            self.log_likelihood + other.log_likelihood,
        )


def chunks_of(ratings: Ratings, gold: Codes) -> list[Chunk]:
    """Lay the labels out in chunks; items without a label are in none."""
    _, n_annotators, n_labels = ratings.shape
    sizes = ratings.sizes()
    most = sizes.max()
    # Whole numbers of 16 bits are sorted by their digits, in a fraction of the time.
    fewer = (most - sizes).astype(np.uint16) if most <= np.iinfo(np.uint16).max else most - sizes
    order = np.argsort(fewer, kind="stable")[: int((sizes > 0).sum())]
    begins, sizes = ratings.starts()[order], sizes[order]
    n_many = int(np.searchsorted(-sizes, -_POSITIONS))
    # As many labels as there are sums to add them to: else adding up the sums is the greater work.
    in_chunk = max(_LABELS, n_annotators * n_labels)
    bounds = [
        *_bounds(sizes[:n_many], in_chunk),
        *(n_many + bound for bound in _bounds(sizes[n_many:], in_chunk)),
    ]
    chunks = []
    for first, last in itertools.pairwise([*bounds, len(order)]):
        rows, widths, starts = _layout(begins[first:last], sizes[first:last])
        items, label = order[first:last], ratings.label[rows]
        place = _spread(np.arange(len(items)), widths, starts)
        cells, votes = ratings.annotator[rows] * np.intp(n_labels) + label, place * n_labels + label
        chunks.append(Chunk(items, gold[items], cells, votes, widths, starts, n_labels))
    return chunks


def _bounds(sizes: Places, most: int) -> list[int]:
    """Return where chunks of about that many labels begin."""
    number = (np.cumsum(sizes) - 1) // most
    return [int(bound) for bound in np.flatnonzero(np.diff(number, prepend=-1))]


def _layout(begins: Places, sizes: Places) -> tuple[Places, Places, Places | None]:
    """Return the rows of the labels in the order of a chunk, its widths and, for many labels, its starts."""
    if sizes[0] > _POSITIONS:
        starts = np.cumsum(sizes) - sizes
        return np.arange(sizes.sum()) + np.repeat(begins - starts, sizes), sizes, starts
    widths = (sizes[:, None] > np.arange(sizes[0])).sum(axis=0)
    return np.concatenate([begins[:width] + n for n, width in enumerate(widths)]), widths, None


def _spread(values: NDArray[Number], widths: Places, starts: Places | None) -> NDArray[Number]:
    if starts is not None:
        return np.repeat(values, widths)
    return np.concatenate([values[:width] for width in widths])


def _across(combine: np.ufunc, rows: Floats) -> Floats:
    """Reduce each row: column by column, which takes numpy a tenth of the time where rows are short."""
    found = rows[:, 0].copy()
    for column in rows.T[1:]:
        combine(found, column, out=found)
    return found


def guessed(chunk: Chunk, guess: Floats | None = None) -> Floats:
    """Return the probabilities to begin with: a guess of all items, else the share of each label.

    Known labels are certain.
    """
    if guess is not None:
        return _certain(guess[chunk.items], chunk.gold)
    times = np.bincount(chunk.votes, minlength=len(chunk.items) * chunk.n_categories)
    found: Floats = times.reshape(len(chunk.items), chunk.n_categories).astype(np.float64)
    found /= found.sum(axis=1, keepdims=True)
    return _certain(found, chunk.gold)


def _certain(probabilities: Floats, gold: Codes) -> Floats:
    """Set known labels, in place."""
    known = np.flatnonzero(gold >= 0)
    probabilities[known] = 0
    probabilities[known, gold[known]] = 1
    return probabilities


def posterior(chunk: Chunk, prior: Floats, table: Floats) -> tuple[Floats, float]:
    """Return the probabilities of the true labels of a chunk, and the log-likelihood of its labels.

    Parameters
    ----------
    chunk
        The labels.
    prior
        Log-probability of each true label. Shape (n_categories,).
    table
        Log-probability of each cell given each true label. Shape (n_annotators * n_categories, n_categories).

    Returns
    -------
    probabilities
        Shape (m, n_categories).
    log_likelihood
        The sum over items; of a known label, that of the labels and it.
    """
    joint = chunk.totals(table)
    joint += prior
    return settled(joint, chunk.gold)


def settled(joint: Floats, gold: Codes) -> tuple[Floats, float]:
    """Turn joint log-probabilities into those of the true labels, in place; add up the marginal ones."""
    known = np.flatnonzero(gold >= 0)
    of_known = joint[known, gold[known]]
    top = _across(np.maximum, joint)
    joint -= top[:, None]
    np.exp(joint, out=joint)
    whole = _across(np.add, joint)
    joint /= whole[:, None]
    marginal = np.log(whole) + top
    marginal[known] = of_known
    return _certain(joint, gold), float(marginal.sum())


def counted(chunk: Chunk, probabilities: Floats, n_annotators: int, log_likelihood: float = 0.0) -> Sums:
    """Add up what the labels of a chunk say of the annotators, given probabilities of the true labels."""
    n_labels = chunk.n_categories
    counts = np.empty((n_annotators, n_labels, n_labels))
    for true in range(n_labels):
        weights = chunk.spread(np.ascontiguousarray(probabilities[:, true]))
        counts[:, true] = added(chunk.cells, weights, n_annotators * n_labels).reshape(n_annotators, n_labels)
    return Sums(counts, classes_of(probabilities), log_likelihood)


def total(sums: Iterable[Sums], n_annotators: int, n_labels: int) -> Sums:
    """Add sums up, in their order."""
    counts = np.zeros((n_annotators, n_labels, n_labels))
    classes = np.zeros(n_labels)
    log_likelihood = 0.0
    for each in sums:
        counts += each.counts
        classes += each.classes
        log_likelihood += each.log_likelihood
    return Sums(counts, classes, log_likelihood)


def classes_of(probabilities: Floats) -> Floats:
    """Return the expected number of items of each true label. Shape (n_categories,)."""
    found: Floats = np.ascontiguousarray(probabilities.T).sum(axis=1)
    return found


def added(places: Places, weights: Floats, n_places: int) -> Floats:
    """Add up the weights at each place. Shape (n_places,)."""
    return np.bincount(places, weights, n_places).astype(np.float64, copy=False)
