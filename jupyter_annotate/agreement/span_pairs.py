"""Pairs: index arithmetic that the measures of spans share, without a loop over spans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["overlapping", "pairs_within", "ranges", "stretches"]

Codes = NDArray[np.int64]
_Numbers = NDArray[Any]


def ranges(starts: Codes, lengths: Codes) -> tuple[Codes, Codes]:
    """List the numbers of several ranges.

    Returns
    -------
    owner, number
        Which range, and the number in it.

    Examples
    --------
    >>> owner, number = ranges(np.array([5, 0]), np.array([2, 1]))
    >>> owner.tolist(), number.tolist()
    ([0, 0, 1], [5, 6, 0])
    """
    owner = np.repeat(np.arange(len(lengths)), lengths)
    first = np.cumsum(lengths) - lengths
    return owner, np.arange(len(owner)) - first[owner] + starts[owner]


def pairs_within(sizes: Codes) -> tuple[Codes, Codes]:
    """List the pairs of members of each group, where groups stand one after the other.

    Returns
    -------
    left, right
        Places of the members, left < right.

    Examples
    --------
    >>> left, right = pairs_within(np.array([2, 0, 3]))
    >>> list(zip(left.tolist(), right.tolist(), strict=True))
    [(0, 1), (2, 3), (2, 4), (3, 4)]
    """
    ends = np.repeat(np.cumsum(sizes), sizes)
    place = np.arange(len(ends))
    return ranges(place + 1, ends - place - 1)


def stretches(*keys: _Numbers) -> Codes:
    """Return where equal rows begin, in columns that stand sorted; the number of rows comes last."""
    n = len(keys[0])
    changed = np.ones(n + 1, dtype=bool)
    if n:
        changed[1:n] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.flatnonzero(changed)


def overlapping(group: Codes, start: _Numbers, end: _Numbers) -> tuple[Codes, Codes]:
    """List the pairs of spans of one group that share a position.

    Parameters
    ----------
    group, start, end
        Shape (n,), in any order.

    Returns
    -------
    left, right
        Indices of the spans of each pair, once.
    """
    if not len(group):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    width = end.max() - start.min() + 1
    order = np.lexsort((end, start, group))
    base = group[order] * width - start.min()
    opens = base + start[order]
    last = np.searchsorted(opens, base + end[order], side="left")
    place = np.arange(len(order))
    left, right = ranges(place + 1, last - place - 1)
    return order[left], order[right]
