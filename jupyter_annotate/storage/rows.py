"""Rows: one event as a backend stores it, the head of a log, and what a backend offers in a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from jupyter_annotate.events import chain

__all__ = ["Head", "Row", "Transaction"]


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

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows that exist already, by event id."""

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        """Tell whether an event of one of these kinds stands after a position."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Add rows at the end and move the head."""

    def erase(self, positions: Sequence[int]) -> None:
        """Delete value, context and salt at these positions."""
