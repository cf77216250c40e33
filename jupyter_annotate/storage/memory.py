"""MemoryLog: a log that lives as long as the process. For trying things out, and for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar, final

import polars as pl

from jupyter_annotate.events import genesis, uuid7
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.rows import Head, Row, Transaction

__all__ = ["MemoryLog"]

_T = TypeVar("_T")

_CHUNK = 20_000


@final
class MemoryLog(EventLog):
    """A log in memory, gone with the process.

    Examples
    --------
    >>> from jupyter_annotate.events import Event, EventKind
    >>> with MemoryLog() as log:
    ...     log.append([Event(kind=EventKind.COMMENT, value="hello")])
    [1]
    """

    def __init__(self) -> None:
        self.log_id = uuid7()
        self.location = "memory"
        self._lock = threading.RLock()
        self._stored: list[Row] = []
        self._by_id: dict[str, int] = {}
        self._latest = 0

    def head(self) -> Head:
        """Return the last event."""
        with self._lock:
            last = self._stored[-1] if self._stored else None
        return Head(last.position, last.digest) if last else Head(0, genesis(self.log_id))

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def _transact(self, body: Callable[[Transaction], _T]) -> _T:
        with self._lock:
            transaction = _MemoryTransaction(self)
            found = body(transaction)
            transaction.commit()
            return found

    def _rows(self, after: int, until: int | None) -> Iterator[Sequence[Row]]:
        with self._lock:
            end = len(self._stored) if until is None else min(until, len(self._stored))
            rows = self._stored[after:end]
        for start in range(0, len(rows), _CHUNK):
            yield rows[start : start + _CHUNK]


class _MemoryTransaction:
    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._added: list[Row] = []
        self._erased: list[int] = []

    def head(self) -> Head:
        return Head(self._added[-1].position, self._added[-1].digest) if self._added else self._log.head()

    def latest(self) -> int:
        return max(self._log._latest, *(row.at for row in self._added), 0)  # noqa: SLF001 -- two halves of one thing

    def now(self) -> int:
        return time.time_ns() // 1000

    def read(self, after: int) -> pl.DataFrame:
        return self._log.read(after)

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        by_id, stored = self._log._by_id, self._log._stored  # noqa: SLF001 -- as above
        return {each: stored[by_id[each]] for each in event_ids if each in by_id}

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        return any(row.kind in kinds for row in self._log._stored[after:])  # noqa: SLF001 -- as above

    def insert(self, rows: Sequence[Row]) -> None:
        self._added.extend(rows)

    def erase(self, positions: Sequence[int]) -> None:
        self._erased.extend(positions)

    def commit(self) -> None:
        log, log._latest = self._log, self.latest()  # noqa: SLF001 -- as above
        for row in self._added:
            log._by_id[row.event_id] = len(log._stored)  # noqa: SLF001 -- as above
            log._stored.append(row)  # noqa: SLF001 -- as above
        for position in self._erased:
            row = log._stored[position - 1]  # noqa: SLF001 -- as above
            log._stored[position - 1] = replace(row, value=None, context=None, salt=None)  # noqa: SLF001 -- as above
