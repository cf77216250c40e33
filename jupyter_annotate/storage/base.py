"""EventLog: the append-only log, the same for every backend.

A backend supplies one transaction and a way to read rows; what an append means and when a log verifies is
written here once and is final.
"""

from __future__ import annotations

import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar, final

import numpy as np
import polars as pl

from jupyter_annotate.access import Access
from jupyter_annotate.columns import EVENTS, empty
from jupyter_annotate.errors import IntegrityError, StorageError
from jupyter_annotate.events import Event, EventKind, genesis
from jupyter_annotate.storage.drafts import add, draft, erase, frame_of, fresh_of, insert
from jupyter_annotate.storage.rows import Head, Row, Transaction
from jupyter_annotate.storage.walk import Verification, Walk

__all__ = ["EventLog", "forget_erased", "has_news"]

_T = TypeVar("_T")

_ELSEWHERE = "erased in a copy that was merged"
#: What the log could not be read without.
_ON_RECORD = frozenset(
    {EventKind.SCHEMA, EventKind.ITEMS, EventKind.PRELABELS, EventKind.UNDO, EventKind.ERASE}
)


class EventLog(Access, ABC):
    """An append-only log of events, its digests a chain.

    Attributes
    ----------
    log_id
        UUID of this log; the chain begins with it.
    location
        Where it is, for people.
    """

    log_id: str
    location: str

    @abstractmethod
    def _transact(self, body: Callable[[Transaction], _T]) -> _T:
        """Call the body alone on the log, commit durably what it wrote and return what it returned.

        What it wrote is rolled back if it raises. A backend without locks calls it again when somebody else
        was faster, so it changes nothing but the transaction.
        """

    @abstractmethod
    def _rows(self, after: int, until: int | None) -> Iterator[Sequence[Row]]:
        """Read rows with after < position <= until, in order, in chunks that hold no writer up for long."""

    def _frames(self, after: int, until: int | None) -> Iterator[pl.DataFrame]:
        """Read the same rows as EVENTS; a backend that has them by column may do better."""
        return map(frame_of, self._rows(after, until))

    @abstractmethod
    def head(self) -> Head:
        """Return the last event as committed now."""

    def _has_news(self, after: int) -> bool:
        """Tell whether there may be events after a position; who is told of them need not look."""
        return self.head().position > after

    @abstractmethod
    def close(self) -> None:
        """Release what is held; the log itself stays."""

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @final
    def append(self, events: Sequence[Event]) -> list[int]:
        """Store events, all or none, and return their positions once that is durable.

        An event whose id is stored already is not stored again; its old position is returned.

        Raises
        ------
        ConflictError
            If an id is stored with other content.
        NotSavedError
            If the write did not become durable; nothing of it counts.
        """
        return self._store([draft(event) for event in events])

    @final
    def append_unless(
        self, events: Sequence[Event], *, kinds: Collection[EventKind], after: int
    ) -> list[int] | None:
        """Store events as `append` does, unless somebody was faster.

        Parameters
        ----------
        events
            What to store.
        kinds, after
            Nothing is stored if an event of one of these kinds stands after this position: what the caller
            decided rests on having seen all of them.

        Returns
        -------
        positions
            None if there is such an event: look at it and decide anew.

        Raises
        ------
        ConflictError, NotSavedError
            As for `append`.
        """
        drafts = [draft(event) for event in events]

        def body(transaction: Transaction) -> list[int] | None:
            return None if transaction.happened(kinds, after=after) else add(transaction, drafts)

        return self._transact(body)

    @final
    def append_after(self, after: int, decide: Callable[[pl.DataFrame, int], Sequence[Event]]) -> list[int]:
        """Store what somebody decides who has seen every event, with nothing in between.

        Parameters
        ----------
        after
            The last position the caller knows.
        decide
            Called with EVENTS after it and the time by the store's clock, microseconds; returns what to
            store. It may be called again, with more events. What it is shown is stored for good, so it may
            keep that; it changes nothing else.

        Returns
        -------
        positions
            As for `append`.

        Raises
        ------
        ConflictError, NotSavedError
            As for `append`.
        """

        def body(transaction: Transaction) -> list[int]:
            events = decide(forget_erased(transaction.read(after)), transaction.now())
            return add(transaction, [draft(event) for event in events])

        return self._transact(body)

    @final
    def adopt(
        self, rows: Sequence[Row], events: Sequence[Event] = (), *, erased: Collection[str] = ()
    ) -> int:
        """Store events of another log under their own ids, times, commitments and salts, all or none.

        Those whose id is here already are left out.

        Parameters
        ----------
        rows
            Of the other log. Erasures stay there: they name positions.
        events
            What is to be said about it, stored after them if anything was new.
        erased
            Ids of the events whose payload is gone there; it goes here as well, or stays out.

        Returns
        -------
        added
            How many were new.

        Raises
        ------
        ConflictError
            If an id is stored with other content.
        NotSavedError
            If the write did not become durable; nothing of it counts.
        """

        def body(transaction: Transaction) -> int:
            added = insert(transaction, fresh_of(transaction, [replace(row, digest="") for row in rows]))
            missing = [row.position for row in added if row.value is None]
            known = transaction.find([*set(erased) - {row.event_id for row in added}])
            gone = missing + [row.position for row in known.values() if row.value is not None]
            told = [draft(event) for event in events] if added or gone else []
            erase(transaction, sorted(gone), who=told[0].annotator_id if told else "", reason=_ELSEWHERE)
            insert(transaction, fresh_of(transaction, told))
            return len(added)

        return self._transact(body)

    def _store(self, drafts: Sequence[Row]) -> list[int]:
        """Store drafts; a backend that makes them durable before they have their place begins here."""
        return self._transact(lambda transaction: add(transaction, drafts)) if drafts else []

    @final
    def erase(self, positions: Sequence[int], *, annotator_id: str, reason: str) -> int:
        """Delete the payloads at these positions for good and say so in the log.

        The chain covers commitments, so it verifies as before. Backups, exports and snapshots made earlier
        still hold the payloads.

        Parameters
        ----------
        positions
            Of the events whose value and context go. Thousands of them take more than one erase event.
        annotator_id
            Who erases.
        reason
            Why; it stays in the log.

        Returns
        -------
        position
            Of the last erase event.

        Raises
        ------
        StorageError
            If there is no such event, or it is itself an erase event. Nothing is erased then.
        NotSavedError
            If the write did not become durable; nothing is erased then.
        """
        named = sorted(set(positions))

        def body(transaction: Transaction) -> int:
            self._check_erasable(named, transaction.head())
            erase(transaction, named, who=annotator_id, reason=reason)
            return transaction.head().position

        return self._transact(body)

    def _check_erasable(self, positions: Sequence[int], head: Head) -> None:
        if not positions or positions[0] < 1 or positions[-1] > head.position:
            found = f"found {list(positions[:5])}"
            message = f"Nothing was erased: expected positions from 1 to {head.position}, {found}."
            raise StorageError(message)
        for position in positions:
            row = next(itertools.chain.from_iterable(self._rows(position - 1, position)), None)
            if row is not None and row.kind in _ON_RECORD:
                found = f"position {position} is of kind {row.kind!r} and stays on record"
                raise StorageError(f"Nothing was erased: {found}.")

    @final
    def read(self, after: int = 0, until: int | None = None) -> pl.DataFrame:
        """Read EVENTS with ``after < position <= until``, in order.

        Parameters
        ----------
        after
            The last position already read.
        until
            The last position to read; the head by default.
        """
        frames = list(self._frames(after, until))
        return forget_erased(pl.concat(frames)) if frames else empty(EVENTS)

    @final
    def verify(self, anchor: Head | Mapping[str, Any] | None = None) -> Verification:
        """Recompute every digest from the first event to the head. Others may append meanwhile.

        Parameters
        ----------
        anchor
            A head kept elsewhere: a `Head`, or ``manifest["log"]["head"]`` of an export. Without one, a log
            whose *tail* was cut off verifies: nothing in it could tell.

        Raises
        ------
        IntegrityError
            If an event was changed, removed, inserted or moved, with its position.
        """
        kept = Head(anchor["position"], anchor["digest"]) if isinstance(anchor, Mapping) else anchor
        walk = Walk(Head(0, genesis(self.log_id)), kept, self.hidden)
        while True:
            start, head = walk.last.position, self.head()
            for row in itertools.chain.from_iterable(self._rows(start, None)):
                walk.step(row)
            if walk.last.position == start:
                break
        walk.finish(head)
        for position in sorted(walk.named - walk.gone):  # perhaps erased while we walked
            (row,) = itertools.chain.from_iterable(self._rows(position - 1, position))
            if row.value is not None:
                raise IntegrityError("an erased payload is back", position=position)
        return Verification(head, len(walk.gone), len(walk.unseen))


def has_news(log: EventLog, after: int) -> bool:
    """Tell whether there may be events after a position: for who asks again and again, and seldom in vain.

    Where the store announces events this costs it nothing. One that it did not announce is found seconds
    later.
    """
    return log._has_news(after)  # noqa: SLF001 -- two halves of one thing


def forget_erased(events: pl.DataFrame) -> pl.DataFrame:
    """Return EVENTS without the payloads that erase events among them name.

    A reader takes rows in chunks and may have one from before its erasure.
    """
    erasures = events.filter(pl.col("kind") == EventKind.ERASE)
    if erasures.is_empty():
        return events
    named = [position for value in erasures["value"] for position in json.loads(value)["positions"]]
    kept = pl.Series(~np.isin(events["position"].to_numpy(), named))
    return events.with_columns(pl.when(kept).then(pl.col("value", "context")))
