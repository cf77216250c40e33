"""SqliteLog: the log in one SQLite file of a folder, for many kernels on one machine."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, final

import polars as pl

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import IntegrityError, NotSavedError, StorageError
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.filesystem import network_filesystem
from jupyter_annotate.storage.forks import survive_forks
from jupyter_annotate.storage.lock import FileLock
from jupyter_annotate.storage.permissions import make_folder
from jupyter_annotate.storage.rows import Head, Row, Transaction
from jupyter_annotate.storage.sqlite_file import begin_file, not_saved, open_file, read_plainly

__all__ = ["LOG_FILE", "SqliteLog"]

_T = TypeVar("_T")

LOG_FILE = "log.sqlite"

#: Milliseconds to wait for a program that does not queue, such as a database browser.
_PATIENCE = 30_000
#: Milliseconds after which a reader takes a place in the queue instead of trying again.
_HASTE = 5
#: Rows read in one go; a longer read would keep writers waiting.
_CHUNK = 20_000
_FIND = 500

_FROM = "FROM events AS e LEFT JOIN payloads AS p USING (position) "
_LAST = "SELECT coalesce(max(position), 0) FROM events"
_WINDOW = "WHERE e.position > ? AND e.position <= ? ORDER BY e.position"
_ROW = f"""
SELECT e.position, e.event_id, e.at, e.kind, e.annotator_id, e.annotator_kind, e.item_id, e.question,
  e.schema, e."commit", e.digest, p.value, p.context, p.salt {_FROM}
"""
_EVENT = f"SELECT {', '.join('e.position' if n == 'position' else n for n in EVENTS)} {_FROM}"
_STORED = {name: pl.Int64 if name in {"position", "at"} else pl.String for name in EVENTS}


@final
class SqliteLog(EventLog):
    """The log in a folder, shared by the kernels of one machine.

    Threads may share one; several of one folder may live in one process; the log itself survives a fork (what
    else a project uses, polars above all, does not: start new processes, as spawn does).

    Parameters
    ----------
    folder
        The project's folder; made if it is not there.
    read_only
        Refuse every write, and make nothing.
    sqlite_on_network
        Use a network file system all the same. Only for one whose locks and caches are known to be
        coherent; SQLite corrupts the file on others.

    Raises
    ------
    StorageError
        If the file is no log, is of a later format, or lies on a network file system.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, sqlite_on_network: bool = False) -> None:
        self._folder = folder
        self._path = folder / LOG_FILE
        self._read_only = read_only
        self._lock = threading.RLock()
        self._handle: sqlite3.Connection | None = None
        self._queue = FileLock(folder / f"{LOG_FILE}.lock")
        self.location = str(folder)
        self.log_id = ""
        _refuse_network(folder, allowed=sqlite_on_network)
        with read_plainly(self._path):
            self._begin()
        self.head()
        survive_forks(self)

    def head(self) -> Head:
        """Return the last event as committed now."""
        return self._ask(_head)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                handle.close()

    def before_fork(self) -> None:
        """Close the connection, once no write is under way.

        It must not cross a fork: the child's copy, once collected, would roll back the parent's write.
        """
        self._lock.acquire()
        if self._handle is not None and not self._handle.in_transaction:
            self.close()

    def after_fork(self) -> None:
        """Go on; the next use opens the file again."""
        self._lock.release()

    def _begin(self) -> None:
        if self._path.exists():
            return
        if self._read_only:
            message = f"There is no project in {self._folder}; open it without read_only to begin one."
            raise StorageError(message)
        make_folder(self._folder)
        with self._queue:
            if not self._path.exists():
                begin_file(self._path)

    def _connection(self, patience: int | None = None) -> sqlite3.Connection:
        """Return the connection, which waits for others as many milliseconds as this."""
        patience = _PATIENCE if patience is None else patience
        if self._handle is not None:
            self._handle.execute(f"PRAGMA busy_timeout={patience}")
        else:
            handle, log_id = open_file(self._path, patience=patience, read_only=self._read_only)
            if self.log_id and log_id != self.log_id:
                handle.close()
                message = f"{self._path} was replaced by another log. Open the project again to use that one."
                raise StorageError(message)
            self._handle, self.log_id = handle, log_id
        return self._handle

    def _transact(self, body: Callable[[Transaction], _T]) -> _T:
        if self._read_only:
            advice = "Open the project without read_only to write."
            raise NotSavedError(f"{self._folder} was opened read-only", advice=advice)
        with self._lock, self._queued():
            try:
                connection = self._connection()
                connection.execute("BEGIN IMMEDIATE")
                found = body(_SqliteTransaction(self, connection))
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._abandon()
                raise not_saved(error, self._folder) from error
            except BaseException:
                self._abandon()
                raise
            return found

    @contextmanager
    def _queued(self) -> Iterator[None]:
        try:
            self._queue.__enter__()
        except OSError as error:
            raise not_saved(error, self._folder) from error
        try:
            yield
        finally:
            self._queue.__exit__()

    def _abandon(self) -> None:
        """Roll back and drop the connection: after an error nothing it says can be trusted."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        with contextlib.suppress(sqlite3.Error):
            if handle.in_transaction:  # a full disk has rolled back already
                handle.execute("ROLLBACK")
        with contextlib.suppress(sqlite3.Error):
            handle.close()

    def _rows(self, after: int, until: int | None) -> Iterator[Sequence[Row]]:
        for found in self._chunks(_ROW, after, until):
            yield [Row(*each) for each in found]

    def _frames(self, after: int, until: int | None) -> Iterator[pl.DataFrame]:
        for found in self._chunks(_EVENT, after, until):
            yield pl.DataFrame(found, schema=_STORED, orient="row").cast({"at": EVENTS["at"]})  # type: ignore[dict-item]  # EVENTS has no open dtype

    def _chunks(self, select: str, after: int, until: int | None) -> Iterator[list[tuple[Any, ...]]]:
        while True:
            ((last,),) = self._ask(partial(_fetch, _LAST, ()))
            last = last if until is None else min(until, last)
            end = min(after + _CHUNK, last)
            found = self._ask(partial(_fetch, select + _WINDOW, (after, end)))
            if found:
                yield found
            if end >= last:
                return
            after = end

    def _ask(self, question: Callable[[sqlite3.Connection], _T]) -> _T:
        """Read; where a write is in the way, take a place in the queue of the writers.

        SQLite lets a reader who only tries again wait for seconds while somebody writes at full speed.
        """
        with self._lock, read_plainly(self._path):
            try:
                return question(self._connection(_HASTE))
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    raise
            with contextlib.suppress(OSError), self._queue:  # a reader may not be allowed to make its file
                return question(self._connection())
            return question(self._connection())


class _SqliteTransaction:
    def __init__(self, log: SqliteLog, connection: sqlite3.Connection) -> None:
        self._log = log
        self._connection = connection

    def head(self) -> Head:
        return _head(self._connection)

    def latest(self) -> int:
        ((at,),) = self._connection.execute("SELECT at FROM head")
        return int(at)

    def now(self) -> int:
        return time.time_ns() // 1000

    def read(self, after: int) -> pl.DataFrame:
        return self._log.read(after)  # through the same connection

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for start in range(0, len(event_ids), _FIND):
            some = event_ids[start : start + _FIND]
            query = _ROW + f"WHERE e.event_id IN ({','.join('?' * len(some))})"
            rows = [Row(*each) for each in self._connection.execute(query, some)]
            found.update({row.event_id: row for row in rows})
        return found

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        marks = ",".join("?" * len(kinds))
        query = f"SELECT EXISTS (SELECT 1 FROM events WHERE position > ? AND kind IN ({marks}))"  # noqa: S608 -- marks only
        ((found,),) = self._connection.execute(query, (after, *map(str, kinds)))
        return bool(found)

    def insert(self, rows: Sequence[Row]) -> None:
        whole = [astuple(row) for row in rows]
        self._connection.executemany(
            "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?)", [row[:11] for row in whole]
        )
        self._connection.executemany(
            "INSERT INTO payloads VALUES (?,?,?,?)", [(row[0], *row[11:]) for row in whole]
        )
        last, latest = rows[-1], max(row.at for row in rows)
        self._connection.execute(
            "UPDATE head SET position = ?, digest = ?, at = max(at, ?)", (last.position, last.digest, latest)
        )

    def erase(self, positions: Sequence[int]) -> None:
        self._connection.executemany("DELETE FROM payloads WHERE position = ?", [(p,) for p in positions])


def _fetch(query: str, window: tuple[int, ...], file: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return file.execute(query, window).fetchall()


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT position, digest FROM head").fetchone()
    if row is None:
        raise IntegrityError("its head is gone")
    return Head(*row)


def _refuse_network(folder: Path, *, allowed: bool) -> None:
    kind = network_filesystem(folder)
    if kind is not None and not allowed:
        raise StorageError(
            f"{folder} is on a network file system ({kind}), where SQLite can corrupt the log. Put the "
            "project on a local disk, or begin a new one here and bring the events over with `jupyter "
            "annotate merge`; or set JUPYTER_ANNOTATE_SQLITE_ON_NETWORK=1 if the locks and caches of this "
            "one are known to be coherent."
        )
