"""Claims: the items one annotator holds under a plan, and how more of them are taken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.errors import AwayError, NotSavedError
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.workflow import LeaseBook, Plan

__all__ = ["Claims"]

#: What cannot be followed from the newest events alone: the project has to take it up first.
_LOOK_AGAIN = [EventKind.ITEMS, EventKind.PLAN, EventKind.ERASE, EventKind.UNDO]
_TRIES = 30
#: Places are taken so many at a time, as long as there are enough for everybody.
_BLOCK = 10
#: A sign of life is given when this part of a lease has passed without one.
_PART = 3
#: Nobody takes more than this part of the places that are left.
_PART_OF_REST = 20


@final
class Claims:
    """The items one annotator holds. Who gets what is decided while nobody else can decide.

    Parameters
    ----------
    project
        Whose items.
    identity
        Whose claims.
    """

    def __init__(self, project: Project, identity: Identity) -> None:
        self._project = project
        self._identity = identity
        self._annotator_id = identity.annotator_id
        self._book = LeaseBook(self._annotator_id, project.table.rows_of)
        self._alive = time.monotonic()

    @property
    def plan(self) -> Plan | None:
        """How the items are shared; None as long as everybody gets all of them."""
        return self._book.plan

    def take_in(self, tail: pl.DataFrame) -> None:
        """Take in events not seen yet, once the project has taken up the items they name."""
        self._book.grow(len(self._project.table))
        self._book.take_in(tail, self._project.events)
        if (tail["annotator_id"] == self._annotator_id).any():
            self._alive = time.monotonic()

    def upcoming(self, n: int, have: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the next rows this annotator holds, taking more where they are too few.

        Parameters and result are those of `Agenda.upcoming`.
        """
        held = np.setdiff1d(self._book.held, have)
        if len(held) < n and self.could_take():
            self._take(n - len(held))
            held = np.setdiff1d(self._book.held, have)
        return held[:n]

    def standing(self, item_id: str) -> str | None:
        """Return where this annotator stands with an item, None where there is no plan."""
        if self.plan is None:
            return None
        (row,) = self._project.table.rows_of([item_id])
        state = self._book.state(int(row))
        return "free" if state is None else state.name.lower()

    def team(self) -> Json:
        """Return how far all are together; None where there is no plan."""
        if self.plan is None:
            return None
        counts = self._book.counts()
        return {
            "complete": counts.complete,
            "total": len(self._project.table),
            "overlap": self.plan.overlap,
            "held": counts.elsewhere,
        }

    def could_take(self) -> bool:
        """Tell whether there is something this annotator might be given now."""
        return self._quota(1) > 0 and self._may_take()

    def show_life(self) -> None:
        """Say that this annotator is still there, when that was not said for a while."""
        plan = self.plan
        if plan is None or not len(self._book.held):
            return
        if time.monotonic() - self._alive > plan.lease / _PART:
            self._alive = time.monotonic()
            with suppress(AwayError, NotSavedError):  # the next answer is a sign of life as well
                self._project.log.append([self._assign([])])

    def release(self) -> int:
        """Give back all that is held; return how many items."""
        self.take_in(self._project.events())
        rows = self._book.held
        if len(rows):
            self._project.log.append([self._event(EventKind.RELEASE, self._annotator_id, rows)])
        return len(rows)

    # -- taking

    def _may_take(self) -> bool:
        """Look whether it is worth asking: nothing is taken on the strength of it."""
        overdue = self._book.overdue(time.time_ns() // 1000)
        return bool(len(self._book.free(1)) or any(name != self._annotator_id for name in overdue))

    def _take(self, wanted: int) -> None:
        for _ in range(_TRIES):
            if self._took(wanted):
                return

    def _took(self, wanted: int) -> bool:
        """Take places once; False if something happened that has to be looked at outside of the decision."""
        current = True

        def decide(tail: pl.DataFrame, now: int) -> list[Event]:
            nonlocal current
            current = not tail["kind"].is_in(_LOOK_AGAIN).any()
            if not current:
                return []
            self._book.take_in(tail, tail.clear)
            return self._claim(wanted, now)

        try:
            self._project.log.append_after(self._book.position, decide)
            self.take_in(self._project.events(after=self._book.position))
        except (AwayError, NotSavedError):
            return True  # what is held already can be labeled; the next look asks again
        return current

    def _claim(self, wanted: int, now: int) -> list[Event]:
        """Return the events that end what is overdue and take what is free."""
        book = self._book
        overdue = {name: rows for name, rows in book.overdue(now).items() if name != self._annotator_id}
        given_back = [row for rows in overdue.values() for row in rows]
        rows = book.free(self._quota(self._share(wanted, len(given_back))), given_back=given_back)
        ended = [self._event(EventKind.EXPIRE, name, rows) for name, rows in overdue.items()]
        return [*ended, self._assign(rows)] if len(rows) else ended

    def _share(self, wanted: int, given_back: int) -> int:
        """Return how many to take: a block, and towards the end few, so that nobody hoards the last ones."""
        counts = self._book.counts()
        return min(max(wanted, _BLOCK), max(1, (counts.free + given_back) // _PART_OF_REST))

    def _quota(self, wanted: int) -> int:
        plan = self.plan
        if plan is None or plan.quota is None:
            return wanted
        return max(0, min(wanted, plan.quota - self._book.counts().taken))

    def _assign(self, rows: Sequence[int] | NDArray[np.int64]) -> Event:
        return self._event(EventKind.ASSIGN, self._annotator_id, rows)

    def _event(self, kind: EventKind, holder: str, rows: Sequence[int] | NDArray[np.int64]) -> Event:
        value: Json = {"annotator": holder, "items": [*self._project.table.ids(rows)]}
        context: Json = self._identity.context()
        return Event(kind=kind, annotator_id=self._annotator_id, value=value, context=context)
