"""Walk: go along the digest chain of a log from its first event to its head."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from jupyter_annotate.errors import IntegrityError
from jupyter_annotate.events import EventKind, commitment
from jupyter_annotate.storage.rows import Head, Row

__all__ = ["Verification", "Walk"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What `EventLog.verify` found: a log that holds together.

    Parameters
    ----------
    head
        The last event.
    erased
        How many payloads were erased, each named by an erase event.
    hidden
        How many payloads this reader may not see; their commitments stand in the chain all the same.
    """

    head: Head
    erased: int
    hidden: int = 0


class Walk:
    """One walk along the chain: where it is, and what it has seen on its way."""

    def __init__(self, start: Head, anchor: Head | None, hidden: Collection[str] = ()) -> None:
        self.last = start
        self.gone: set[int] = set()
        self.named: set[int] = set()
        #: Without a payload for this reader, of a kind that is not shown to everybody.
        self.unseen: set[int] = set()
        self._hidden = hidden
        self._anchor = anchor if anchor is not None and anchor.position else None
        self._met = self._anchor is None

    def step(self, row: Row) -> None:
        """Take the next event in, or say why it cannot be the next."""
        self.last = _next(self.last, row)
        if row.value is None:
            (self.unseen if row.kind in self._hidden else self.gone).add(row.position)
        elif row.kind == EventKind.ERASE:
            self.named.update(json.loads(row.value)["positions"])
        if self._anchor is not None and row.position == self._anchor.position:
            self._met = self.last == self._anchor

    def finish(self, head: Head) -> None:
        """Compare what the whole walk showed with what the log and the anchor say of it."""
        if self.gone - self.named:
            position = min(self.gone - self.named)
            raise IntegrityError("a payload is gone and no erase event names it", position=position)
        if head.position > self.last.position:
            raise IntegrityError("events are missing at the end", position=self.last.position + 1)
        if head != self.last:
            raise IntegrityError("the head is not the last event", position=head.position)
        if self._anchor is not None and not self._met:
            raise IntegrityError("the history is not the one of the anchor", position=self._anchor.position)


def _next(last: Head, row: Row) -> Head:
    if row.position != last.position + 1:
        raise IntegrityError(f"found position {row.position}", position=last.position + 1)
    if row.value is not None:
        if row.salt is None or row.context is None:
            raise IntegrityError("half a payload is gone", position=row.position)
        if commitment(row.salt, row.value, row.context) != row.commit:
            raise IntegrityError("the payload is not the one committed to", position=row.position)
    elif row.salt is not None or row.context is not None:
        raise IntegrityError("half a payload is gone", position=row.position)
    if row.chained(last.digest) != row.digest:
        raise IntegrityError("its digest does not follow from the event before", position=row.position)
    return Head(row.position, row.digest)
