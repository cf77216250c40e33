"""Agenda: which items are still open for one annotator, in order, for a million of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.desk import Status

__all__ = ["Agenda"]

#: How many rows are looked at at once for the next open item.
_SCAN = 4096


class Agenda:
    """The state of every item by row number."""

    def __init__(self) -> None:
        self._state = np.zeros(0, dtype=np.uint8)
        self._frontier = 0

    def __len__(self) -> int:
        return len(self._state)

    def grow(self, n_items: int) -> None:
        """Take up items that were added: they are open."""
        more = n_items - len(self)
        if more > 0:
            self._state = np.concatenate([self._state, np.zeros(more, np.uint8)])

    def mark(self, row: int, status: Status) -> None:
        """Note where the item of this row stands."""
        self._state[row] = status.code
        if status is Status.OPEN:
            self._frontier = min(self._frontier, row)

    def count(self, status: Status) -> int:
        """Count the items that stand so."""
        return int(np.count_nonzero(self._state == status.code))

    def closed(self) -> NDArray[np.int64]:
        """Return the rows that are not open. Shape (c,), ascending."""
        return np.flatnonzero(self._state != Status.OPEN.code)

    def upcoming(self, n: int, have: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first n open rows that are not held already, looking no further than needed.

        Parameters
        ----------
        n
            How many at most.
        have
            Rows to leave out. Shape (h,).

        Returns
        -------
        rows
            Shape (k,), k <= n, ascending.
        """
        found: list[NDArray[np.int64]] = []
        count, start = 0, self._frontier
        while count < n and start < len(self):
            window = np.flatnonzero(self._state[start : start + _SCAN] == Status.OPEN.code) + start
            if not len(window) and start == self._frontier:
                self._frontier = min(start + _SCAN, len(self))
            fresh = window[~np.isin(window, have)]
            found.append(fresh)
            count, start = count + len(fresh), start + _SCAN
        return np.concatenate(found)[:n] if found else np.zeros(0, np.int64)
