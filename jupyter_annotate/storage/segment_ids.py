"""Ids of a log in segments: where an event with a given id stands, of a million in a few megabytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

__all__ = ["Ids"]

#: Ids kept one by one before they join the sorted ones.
_LOOSE = 50_000


@final
class Ids:
    """Positions of event ids, as they are spelled in the lines: a hash each, so a hit is only a candidate.

    Attributes
    ----------
    last
        The position up to which ids are known.
    """

    def __init__(self) -> None:
        self.last = 0
        self._loose: dict[int, int] = {}
        self._hashes = np.empty(0, np.int64)
        self._positions = np.empty(0, np.int64)

    def extend(self, ids: Sequence[bytes]) -> None:
        """Take in the ids of the positions that follow."""
        for position, each in enumerate(ids, start=self.last + 1):
            # Ids whose hash is taken already, which hardly ever happens, go to the sorted ones at once.
            if self._loose.setdefault(hash(each), position) != position:
                self._settle()
                self._loose[hash(each)] = position
        self.last += len(ids)
        if len(self._loose) > _LOOSE:
            self._settle()

    def candidates(self, event_id: bytes) -> Iterator[int]:
        """Yield the positions where an id may stand."""
        wanted = hash(event_id)
        if wanted in self._loose:
            yield self._loose[wanted]
        at = int(np.searchsorted(self._hashes, wanted))
        while at < len(self._hashes) and self._hashes[at] == wanted:
            yield int(self._positions[at])
            at += 1

    def _settle(self) -> None:
        count = len(self._loose)
        hashes = np.concatenate([self._hashes, np.fromiter(self._loose.keys(), np.int64, count)])
        positions = np.concatenate([self._positions, np.fromiter(self._loose.values(), np.int64, count)])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._positions = hashes[order], positions[order]
        self._loose.clear()
