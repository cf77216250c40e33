"""Chain: the order of a log in segments, as one reader knows it: packs, then blocks, then what comes next.

Blocks are named by their first position, so "is there anything new" is a look for one name. What is known
never changes; only where it lies does, when blocks are packed.
"""

from __future__ import annotations

import bisect
import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from jupyter_annotate.errors import IntegrityError
from jupyter_annotate.events import EventKind, genesis
from jupyter_annotate.storage.rows import Head, Row
from jupyter_annotate.storage.segment_file import GONE
from jupyter_annotate.storage.segment_folder import Folder
from jupyter_annotate.storage.segment_ids import Ids
from jupyter_annotate.storage.segment_rows import (
    decode_rows,
    encode_id,
    id_of,
    last_row,
    lines_from,
    name_of,
    span_of,
)

__all__ = ["Chain", "Source", "firsts_in"]

#: Rows kept in memory for those who ask what is new.
_RECENT = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file with the rows from one position to another.

    Parameters
    ----------
    first, last
        The positions.
    path
        The file.
    latest
        Of a pack: the greatest time of all events up to its end.
    """

    first: int
    last: int
    path: Path
    latest: int = 0


@final
class Chain:
    """What a reader knows of the order. Threads must hold the lock, save for `lines`.

    Parameters
    ----------
    folder
        The log.
    log_id
        Its id.
    lock
        Held by those who use the chain.

    Attributes
    ----------
    head, latest
        The last event known, and the greatest time of all.
    packs, blocks
        The files the rows are in: first packs, then blocks that are in no pack.
    erased
        Positions named by erase events since the last pack, whose payload may still be there.

    Raises
    ------
    IntegrityError
        If a pack or a block in the middle is missing or damaged.
    OSError
        If it cannot be read.
    """

    def __init__(self, folder: Folder, log_id: str, lock: threading.RLock) -> None:
        self._folder = folder
        self._lock = lock
        self.packs: list[Source] = []
        self.blocks: list[Source] = []
        self._packed_at = -1
        self._recent: deque[Row] = deque(maxlen=_RECENT)
        self._ids = Ids()
        self.head = Head(0, genesis(log_id))
        self.latest = 0
        self.erased: set[int] = set()
        listed = firsts_in(folder.blocks)  # before following: whatever is seen here must be reached
        self.catch_up()
        if any(first > self.head.position for first in listed):
            missing = folder.blocks / name_of(self.head.position + 1)
            message = f"{missing} is missing; restore it from a backup"
            raise IntegrityError(message, position=self.head.position + 1)

    def catch_up(self) -> bool:
        """Follow the blocks to the last one; return whether there was anything new."""
        before = self.head.position
        while self._follow() or self._look_at_packs():
            pass
        return self.head.position > before

    def take(self, rows: Sequence[Row], path: Path) -> None:
        """Take in rows that stand in a block after the head.

        Raises
        ------
        IntegrityError
            If they do not follow from it.
        """
        first, last = rows[0], rows[-1]
        if first.chained(self.head.digest) != first.digest:
            message = "its digest does not follow from the event before"
            raise IntegrityError(message, position=first.position)
        self.blocks.append(Source(first.position, last.position, path))
        self._note(rows)

    def recent(self, after: int) -> list[Row] | None:
        """Return the rows after a position from memory, None if they are no longer there."""
        if not self._recent or self._recent[0].position > after + 1:
            return None
        newest_first = itertools.islice(reversed(self._recent), self.head.position - after)
        return list(newest_first)[::-1]

    def lines(self, after: int, until: int) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the lines of the rows with after < position <= until, each time with the first position.

        Raises
        ------
        IntegrityError
            If one is not there.
        """
        while after < until:
            source = self._source(after + 1)
            try:
                for some in lines_from(source.path, after + 1, source.first):
                    kept = some[: min(until, source.last) - after]
                    if kept:
                        yield after + 1, kept
                    after += len(kept)
            except OSError as error:
                if error.errno not in GONE:
                    raise
                if not self._look_again():
                    raise IntegrityError(f"{source.path.name} is gone", position=after + 1) from error
                continue
            if after < min(until, source.last):
                raise IntegrityError("events are missing", position=after + 1)

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows with these ids, as far as there are any."""
        if self._ids.last < self.head.position:
            for _, lines in self.lines(self._ids.last, self.head.position):
                self._ids.extend([id_of(line) for line in lines])
        found: dict[str, Row] = {}
        for event_id in event_ids:
            for position in self._ids.candidates(encode_id(event_id)):
                row = self.row(position)
                if row.event_id == event_id:
                    found[event_id] = row
        return found

    def row(self, position: int) -> Row:
        """Return the row at a position.

        Raises
        ------
        IntegrityError
            If it is not there.
        """
        kept = self.recent(position - 1)
        if kept:
            return kept[0]
        first, lines = next(self.lines(position - 1, position))
        return decode_rows(lines[:1], first)[0]

    def look_at_packs(self) -> None:
        """Take notice of a pack that was just made."""
        self._packed_at = -1
        self._look_at_packs()

    def _follow(self) -> bool:
        first = self.head.position + 1
        path = self._folder.blocks / name_of(first)
        try:
            lines = list(itertools.chain.from_iterable(lines_from(path, first, first)))
        except OSError as error:
            if error.errno in GONE:
                return False
            raise
        if not lines:
            raise IntegrityError(f"{path.name} is empty", position=first)
        self.take(decode_rows(lines, first), path)
        return True

    def _look_at_packs(self) -> bool:
        """Look for new packs, and go to their end if they hold events not seen yet.

        A clock too coarse to tell two packs apart does no harm: blocks stay long after they were packed.
        """
        stamp = self._folder.packs.stat().st_mtime_ns
        if stamp == self._packed_at:
            return False
        self._packed_at = stamp
        self.packs = self._listed_packs()
        end = self.packs[-1].last if self.packs else 0
        self.blocks = [each for each in self.blocks if each.first > end]
        if end <= self.head.position:
            return False
        row = last_row(self.packs[-1].path, end)
        self._recent.clear()
        self.head, self.latest = Head(row.position, row.digest), self.packs[-1].latest
        return True

    def _listed_packs(self) -> list[Source]:
        packs: list[Source] = []
        for path in sorted(self._folder.packs.iterdir()):
            span = span_of(path.name)
            if span is None:
                continue
            first, last, latest = span
            expected = packs[-1].last + 1 if packs else 1
            if first != expected:
                raise IntegrityError("a pack is missing", position=expected)
            packs.append(Source(first, last, path, latest))
        return packs

    def _look_again(self) -> bool:
        """Look where the rows are now; return whether anything is elsewhere than it was."""
        with self._lock:
            before = self.packs
            self.look_at_packs()
            return self.packs != before

    def _source(self, position: int) -> Source:
        packed = self.packs[-1].last if self.packs else 0
        sources = self.packs if position <= packed else self.blocks
        at = bisect.bisect_right(sources, position, key=lambda each: each.first) - 1
        if at < 0 or sources[at].last < position:
            raise IntegrityError("its block is missing", position=position)
        return sources[at]

    def _note(self, rows: Sequence[Row]) -> None:
        """Keep what is asked for often: the newest rows, their ids, and what they erase."""
        if self._ids.last == self.head.position and self._ids.last:
            self._ids.extend([encode_id(row.event_id) for row in rows])
        named = [row.value for row in rows if row.kind == EventKind.ERASE and row.value is not None]
        if named:
            self._recent.clear()  # payloads that were erased must not be read from memory
            self.erased.update(*(json.loads(value)["positions"] for value in named))
        else:
            self._recent.extend(rows)
        self.head = Head(rows[-1].position, rows[-1].digest)
        self.latest = max(self.latest, *(row.at for row in rows))


def firsts_in(folder: Path) -> list[int]:
    """Return the first positions of all blocks in a folder."""
    spans = (span_of(path.name) for path in folder.iterdir())
    return [span[0] for span in spans if span is not None]
