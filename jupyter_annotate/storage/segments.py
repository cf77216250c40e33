"""SegmentLog: the log in files that never change, for network file systems, whose locks nobody can trust.

Each write is a block: a file named after its first position and put there by an exclusive link, so that of
several who want the same place one gets it and the others see that they did not (docs/adr/0012).
"""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar, final

import polars as pl

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import ConflictError, NotSavedError, StorageError
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.drafts import add, frame_of
from jupyter_annotate.storage.forks import survive_forks
from jupyter_annotate.storage.permissions import sync_folder
from jupyter_annotate.storage.rows import Head, Row, Transaction
from jupyter_annotate.storage.segment_chain import Chain
from jupyter_annotate.storage.segment_draft import Draft, remove
from jupyter_annotate.storage.segment_file import SegmentWriter
from jupyter_annotate.storage.segment_folder import SEGMENTS, Folder
from jupyter_annotate.storage.segment_pending import Pending
from jupyter_annotate.storage.segment_queue import Queue
from jupyter_annotate.storage.segment_rows import decode_rows, encode_line, encode_rows, name_of
from jupyter_annotate.storage.segment_upkeep import Upkeep
from jupyter_annotate.storage.sqlite_file import not_saved, read_plainly

__all__ = ["SegmentLog"]

_T = TypeVar("_T")

#: Rows handed out in one go.
_CHUNK = 20_000
#: Rows that are read one by one; more are worth the threads of polars, so many at once.
_FEW = 2_000
_MANY = 100_000
_STORED = {name: pl.Int64 if name in {"position", "at"} else pl.String for name in EVENTS}


@final
class SegmentLog(EventLog):
    """The log in a folder that several computers share.

    Threads may share one; several of one folder may live in one process; the log itself survives a fork.

    Parameters
    ----------
    folder
        The project's folder; made if it is not there.
    read_only
        Refuse every write, and make nothing.

    Raises
    ------
    StorageError
        If it is no log, is of a later format, or may not be written to.
    IntegrityError
        If a block in the middle is gone, or one of the newest is damaged.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._where = Folder(folder / SEGMENTS)
        self._read_only = read_only
        self._lock = threading.RLock()
        self._durable = 0
        self.location = str(folder)
        self._begin()
        with read_plainly(self._where.root):
            self.log_id = self._where.log_id()
            self._chain = Chain(self._where, self.log_id, self._lock)
        self._writer = SegmentWriter(self._where.writers)
        self._pending = Pending(self._where.writers)
        self._queue = Queue(self._where.queue)
        self._upkeep = Upkeep(self._where, self.log_id, self._chain)
        if not read_only:
            self._tidy_up()
        survive_forks(self)

    def head(self) -> Head:
        """Return the last event as committed now."""
        with self._lock, read_plainly(self._where.root):
            self._chain.catch_up()
            return self._chain.head

    def close(self) -> None:
        """Close the segment; the next use that needs one begins another."""
        with self._lock:
            self._writer.close()

    def before_fork(self) -> None:
        """Wait until no write is under way."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Go on; the child begins a segment of its own."""
        self._lock.release()

    def _begin(self) -> None:
        if not self._where.is_begun():
            if self._read_only:
                message = f"There is no project in {self._folder}; open it without read_only to begin one."
                raise StorageError(message)
            try:
                self._where.begin()
            except OSError as error:
                raise not_saved(error, self._folder) from error
        if not self._read_only and not self._where.may_be_written_to():
            raise StorageError(
                f"{self._where.root} may not be written to. Ask for the permission, or open the project with "
                "read_only=True to read it."
            )

    def _tidy_up(self) -> None:
        """Store what killed writers left, finish what they broke off, and remove what is stored."""
        with self._lock, contextlib.suppress(OSError, StorageError):  # no room, say: reading goes on
            self._queue.clear()
            self._remove_segments()
            self._upkeep.finish_erasures()
            self._upkeep.pack()

    def _transact(self, body: Callable[[Transaction], _T]) -> _T:
        return self._write(body, ())

    def _store(self, drafts: Sequence[Row]) -> list[int]:
        return self._write(lambda transaction: add(transaction, drafts), drafts) if drafts else []

    def _write(self, body: Callable[[Transaction], _T], drafts: Sequence[Row]) -> _T:
        if self._read_only:
            advice = "Open the project without read_only to write."
            raise NotSavedError(f"{self._folder} was opened read-only", advice=advice)
        with self._lock:
            try:
                self._refuse_another_log()
                found, transaction = self._place(body, drafts)
            except OSError as error:
                raise not_saved(error, self._folder) from error
            if transaction.erases:
                self._erase_payloads()
            self._writer.drop_if_removed()
            if self._upkeep.is_due():
                with contextlib.suppress(OSError, StorageError):  # what was written is durable all the same
                    self._upkeep.pack()
            return found

    def _place(
        self, body: Callable[[_SegmentTransaction], _T], drafts: Sequence[Row] = ()
    ) -> tuple[_T, _SegmentTransaction]:
        """Call the body until what it wrote has a place, or until it finds nothing to write.

        The first attempt goes without ceremony, unless others have waited for long. Whoever lost a place
        makes what it wants to append durable in its segment, so that others can store it along with theirs,
        and asks for its turn.
        """
        self._chain.catch_up()
        is_waiting, untold = self._queue.is_pressing(self._chain.head.position), drafts
        try:
            while True:
                if is_waiting:
                    if untold:
                        self._writer.append(encode_line(untold))
                        untold = ()
                    self._queue.draw(self._chain.head.position)
                    self._queue.wait(lambda: self._are_stored(drafts))
                with Draft(self._where.blocks) as draft:
                    transaction = self._begun(drafts)
                    found = body(transaction)
                    if not transaction.rows:
                        self._see_durable()
                        return found, transaction
                    if self._put(draft, transaction.rows):
                        return found, transaction
                is_waiting = True
        finally:
            self._queue.leave()

    def _begun(self, drafts: Sequence[Row]) -> _SegmentTransaction:
        """Begin a transaction at the end of the log; an append takes along what others wait for.

        A decision sees stored events alone: whoever decides may keep what it saw, and a block that
        loses its place never happened.
        """
        self._chain.catch_up()
        transaction = _SegmentTransaction(self, self._chain)
        if drafts and not self._queue.is_empty() and not self._are_stored(drafts):
            self._pending.take(transaction.take)
        return transaction

    def _are_stored(self, drafts: Sequence[Row]) -> bool:
        """Tell whether somebody else has put all of these in the log; there must be some."""
        self._chain.catch_up()
        ids = {draft.event_id for draft in drafts}
        return bool(ids) and len(self._chain.find([*ids])) == len(ids)

    def _put(self, draft: Draft, rows: Sequence[Row]) -> bool:
        path = self._where.blocks / name_of(rows[0].position)
        draft.write(encode_rows(rows))
        if not draft.link(path):
            return False
        self._chain.take(rows, path)
        self._durable = self._chain.head.position
        return True

    def _see_durable(self) -> None:
        """Make what others placed durable before it is acknowledged: they may not have come to that."""
        if self._durable < self._chain.head.position:
            sync_folder(self._where.blocks)
            self._durable = self._chain.head.position

    def _refuse_another_log(self) -> None:
        if self._where.log_id() != self.log_id:
            message = (
                f"{self._where.root} was replaced by another log. Open the project again to use that one."
            )
            raise StorageError(message)

    def _remove_segments(self) -> None:
        """Store all pending lines, then remove the segments they are in.

        A writer that is alive sees that its segment is gone and begins another. What it wrote after we looked
        it stores itself: it waits for that.
        """
        segments: list[Path] = []

        def body(transaction: _SegmentTransaction) -> None:
            segments[:] = self._pending.take(transaction.take)

        self._place(body)
        sync_folder(self._where.blocks)
        remove(segments)
        self._writer.close()

    def _erase_payloads(self) -> None:
        try:
            self._upkeep.finish_erasures()
            self._remove_segments()
        except OSError as error:
            raise StorageError(
                f"The erasure is in the log, but its payloads are still in {self._where.root} "
                f"({error.strerror or error}). Make room or ask for the permission, then open the project "
                "again: that finishes it."
            ) from error

    def _rows(self, after: int, until: int | None) -> Iterator[Sequence[Row]]:
        with read_plainly(self._where.root):
            for first, lines in _together(self._chain.lines(after, self._until(until)), _CHUNK):
                yield decode_rows(lines, first)

    def _frames(self, after: int, until: int | None) -> Iterator[pl.DataFrame]:
        with self._lock, read_plainly(self._where.root):
            last = self._until(until)
            rows = self._chain.recent(after)
        if after >= last:
            return
        if rows is not None:
            yield frame_of(rows[: last - after])
        elif last - after < _FEW:
            yield from super()._frames(after, last)
        else:
            with read_plainly(self._where.root):
                for first, lines in _together(self._chain.lines(after, last), _MANY):
                    yield _parsed(first, lines)

    def _until(self, until: int | None) -> int:
        """Return the last position to read, having looked for what is new if that may matter."""
        with self._lock:
            if until is None or until > self._chain.head.position:
                self._chain.catch_up()
            head = self._chain.head.position
            return head if until is None else min(until, head)


@final
class _SegmentTransaction:
    """What is to be the next block."""

    def __init__(self, log: SegmentLog, chain: Chain) -> None:
        self._log = log
        self._chain = chain
        self._by_id: dict[str, Row] = {}
        self.rows: list[Row] = []
        self.erases = False

    def take(self, drafts: Sequence[Row]) -> bool:
        """Take a pending line along; return whether it was stored before."""
        before = len(self.rows)
        with contextlib.suppress(ConflictError):  # its writer is told; nothing of it is stored
            add(self, drafts)
        return len(self.rows) == before

    def head(self) -> Head:
        return Head(self.rows[-1].position, self.rows[-1].digest) if self.rows else self._chain.head

    def latest(self) -> int:
        return max(self._chain.latest, *(row.at for row in self.rows), 0)

    def now(self) -> int:
        return time.time_ns() // 1000

    def read(self, after: int) -> pl.DataFrame:
        stored = self._log.read(after, self._chain.head.position)
        return pl.concat([stored, frame_of(self.rows)]) if self.rows else stored

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        return self._chain.find(event_ids) | {
            each: self._by_id[each] for each in event_ids if each in self._by_id
        }

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        stored = self._log.read(after, self._chain.head.position)["kind"]
        return any(kind in kinds for kind in [*stored, *(row.kind for row in self.rows)])

    def insert(self, rows: Sequence[Row]) -> None:
        self.rows.extend(rows)
        self._by_id.update((row.event_id, row) for row in rows)

    def erase(self, positions: Sequence[int]) -> None:
        self.erases = self.erases or bool(positions)


def _together(chunks: Iterator[tuple[int, list[bytes]]], size: int) -> Iterator[tuple[int, list[bytes]]]:
    """Put short runs of lines together and break up long ones."""
    begin, kept = 0, list[bytes]()
    for first, lines in chunks:
        begin = first if not kept else begin
        kept += lines
        while len(kept) >= size:
            yield begin, kept[:size]
            begin, kept = begin + size, kept[size:]
    if kept:
        yield begin, kept


def _parsed(first: int, lines: Sequence[bytes]) -> pl.DataFrame:
    """Return lines as EVENTS; what cannot be read in one go is read one by one, which names the damage."""
    with contextlib.suppress(pl.exceptions.PolarsError):
        frame = pl.read_ndjson(io.BytesIO(b"\n".join(lines)), schema=_STORED)
        if frame["position"].to_list() == list(range(first, first + len(lines))):
            return frame.cast({"at": EVENTS["at"]})  # type: ignore[dict-item]  # EVENTS has no open dtype
    return frame_of(decode_rows(lines, first))
