"""Rows: one event as a backend stores it, the head of a log, and what a backend offers in a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import polars as pl

from jupyter_annotate.events import chain

__all__ = ["Head", "Row", "Transaction", "linked"]


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a log: keep it elsewhere and a cut tail shows.

    Parameters
    ----------
    position
        1-based, 0 for an empty log.
    digest
        Digest at that position, 64 hex digits.
    """

    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class Row:
    """One event as stored: ``at`` in microseconds UTC; ``value``, ``context``, ``salt`` None once erased."""

    position: int
    event_id: str
    at: int
    kind: str
    annotator_id: str
    annotator_kind: str
    item_id: str
    question: str
    schema: str
    commit: str
    digest: str
    value: str | None
    context: str | None
    salt: bytes | None

    def chained(self, previous: str) -> str:
        """Return the digest this row must have after the given one."""
        fields = (
            str(self.position),
            self.event_id,
            str(self.at),
            self.kind,
            self.annotator_id,
            self.annotator_kind,
            self.item_id,
            self.question,
            self.schema,
            self.commit,
        )
        return chain(previous, fields)


class Transaction(Protocol):
    """What a backend offers between begin and commit, alone on the log."""

    def head(self) -> Head:
        """Return the last event."""

    def latest(self) -> int:
        """Return the greatest ``at`` of all events, microseconds; 0 for an empty log."""

    def now(self) -> int:
        """Return the time by the clock of the store, microseconds UTC."""

    def read(self, after: int) -> pl.DataFrame:
        """Return EVENTS after a position, up to the head of this transaction."""

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows that exist already, by event id."""

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        """Tell whether an event of one of these kinds stands after a position."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Add rows at the end and move the head."""

    def erase(self, positions: Sequence[int]) -> None:
        """Delete value, context and salt at these positions."""


def linked(drafts: Sequence[Row], head: Head, at: int) -> list[Row]:
    """Give drafts their place after the head: position, digest, and a time later than all before.

    Parameters
    ----------
    drafts
        In order. One with a time of its own, as from another log, keeps it.
    head
        The last event.
    at
        Time of the first, microseconds.
    """
    rows: list[Row] = []
    for n, draft in enumerate(drafts):
        row = replace(draft, position=head.position + 1, at=draft.at or at + n)
        row = replace(row, digest=row.chained(head.digest))
        head = Head(row.position, row.digest)
        rows.append(row)
    return rows
