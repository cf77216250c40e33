"""LeaseBook: who holds, has answered and may get which item. A fold of the log; it never looks at a clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.events import EventKind
from jupyter_annotate.translation import History as Versions
from jupyter_annotate.workflow.places import Places, State
from jupyter_annotate.workflow.plan import Plan
from jupyter_annotate.workflow.reopening import reopened, undecided
from jupyter_annotate.workflow.settled import HOLDERS, Settled, settle
from jupyter_annotate.workflow.steps import Step, step_frame, steps_of

__all__ = ["LeaseBook"]

Rows: TypeAlias = NDArray[np.int64]
History: TypeAlias = Callable[[], pl.DataFrame]
#: How many rows are looked at at once for the next free item.
_SCAN = 8192
#: After these the whole history is followed anew.
_ANEW = [EventKind.PLAN, EventKind.ERASE, EventKind.SCHEMA]


class Counts(NamedTuple):
    """How many items and places there are.

    Parameters
    ----------
    taken
        Items this annotator holds or has answered.
    complete
        Items with all their answers.
    elsewhere
        Items whose places are taken, that wait for answers, and that this annotator could still get.
    free
        Places nobody has taken.
    """

    taken: int
    complete: int
    elsewhere: int
    free: int


@final
class LeaseBook:
    """Who holds, has answered and may get which item, seen by one annotator.

    Parameters
    ----------
    annotator_id
        Whose book it is; "" for nobody's in particular.
    rows_of
        Row numbers of item ids, -1 for one that is not known (yet).

    Attributes
    ----------
    plan
        How the items are shared; None as long as everybody gets everything.
    position
        Of the last event taken in.
    """

    def __init__(self, annotator_id: str, rows_of: Callable[[pl.Series], Rows]) -> None:
        self._annotator_id = annotator_id
        self._rows_of = rows_of
        self.plan: Plan | None = None
        self.position = 0
        self._begin()

    def _begin(self, n_items: int = 0) -> None:
        self._seen: dict[str, int] = {}
        self._settled = Settled(pl.DataFrame(schema=HOLDERS))
        self._places: dict[int, Places] = {}
        self._used = np.zeros(n_items, np.int16)
        self._done = np.zeros(n_items, np.int16)
        #: Rows that this annotator must not be given (again), and how many of them count for the quota.
        self._closed = np.zeros(n_items, np.bool_)
        self._mine: set[int] = set()
        self._leases: dict[str, set[int]] = {}
        self._early: list[Step] = []
        #: Versions of the schema, where it ever changed.
        self._versions: Versions | None = None

    def grow(self, n_items: int) -> None:
        """Take up items that were added."""
        more = n_items - len(self._used)
        if more <= 0:
            return
        self._used = np.concatenate([self._used, np.zeros(more, np.int16)])
        self._done = np.concatenate([self._done, np.zeros(more, np.int16)])
        self._closed = np.concatenate([self._closed, np.zeros(more, np.bool_)])
        early, self._early = self._early, []
        self._follow(early)

    def take_in(self, tail: pl.DataFrame, history: History) -> None:
        """Take in events not seen yet.

        Parameters
        ----------
        tail
            EVENTS, all or any tail of them, in the order of the log.
        history
            Returns all EVENTS up to the last of the tail: after a change of plan, an erasure and some undos
            they are followed anew.
        """
        fresh = tail.slice(int(tail["position"].search_sorted(self.position, side="right")))
        if fresh.is_empty():
            return
        if fresh["kind"].is_in(_ANEW).any():
            self._take_in_all(history())
        elif self.plan is not None:
            self._note_life(fresh)
            lost = self._follow([*steps_of(fresh)])
            lost |= {*self._rows_of(undecided(fresh, self._versions)).tolist()} - {-1}
            if lost:
                self._follow_anew(lost, history())
        self.position = fresh["position"][-1]  # at the end: an interrupt on the way loses nothing

    # -- what is asked

    @property
    def held(self) -> Rows:
        """Rows this annotator holds, ascending."""
        return np.sort(np.fromiter(self._leases.get(self._annotator_id, ()), np.int64))

    def counts(self) -> Counts:
        """Count items and places."""
        if self.plan is None:
            return Counts(0, 0, 0, 0)
        wanting = self._done < self.plan.overlap
        full = wanting & (self._used >= self.plan.overlap)
        return Counts(
            taken=len(self._mine),
            complete=len(wanting) - int(np.count_nonzero(wanting)),
            elsewhere=int(np.count_nonzero(full & ~self._closed)),
            free=int(np.maximum(self.plan.overlap - self._used, 0).sum()),
        )

    def seen(self, annotator_id: str) -> int:
        """Return when an annotator last gave a sign of life, microseconds; 0 for never."""
        return self._seen.get(annotator_id, 0)

    def overdue(self, now: int) -> dict[str, list[int]]:
        """Return what is held by annotators who have given no sign of life for longer than a lease."""
        if self.plan is None:
            return {}
        limit = now - self.plan.lease_us
        held = {name: sorted(rows) for name, rows in self._leases.items() if rows}
        return {name: rows for name, rows in held.items() if self.seen(name) < limit}

    def free(self, n: int, *, given_back: Sequence[int] = ()) -> Rows:
        """Return the first n rows that this annotator may be given.

        Parameters
        ----------
        n
            How many at most.
        given_back
            Rows of leases that are about to end, each as often as one ends.

        Returns
        -------
        rows
            Shape (k,), k <= n, ascending.
        """
        if self.plan is None or n <= 0:
            return np.zeros(0, np.int64)
        used, closed, places = self._used, self._closed, self.plan.overlap
        if given_back:
            used = used.copy()
            np.subtract.at(used, np.asarray(given_back, np.int64), 1)
        found = _first(n, len(used), lambda part: (used[part] < places) & ~closed[part])
        if len(found) or self.plan.cap == "hard":
            return found
        # One person more than needed, where somebody has taken a place and not answered yet.
        wanting = self._done < places
        return _first(n, len(used), lambda part: wanting[part] & (used[part] <= places) & ~closed[part])

    def holders(self) -> pl.DataFrame:
        """Return HOLDERS: everybody who ever had to do with an item, by row."""
        followed = [
            (row, name, int(holder.state), holder.since)
            for row, places in self._places.items()
            for name, holder in places.holders.items()
        ]
        known = pl.Series([*self._places], dtype=pl.Int64)
        settled = self._settled.holders.filter(~pl.col("row").is_in(known.implode()))
        both = pl.concat([settled, pl.DataFrame(followed, schema=HOLDERS, orient="row")])
        return both.sort("row", maintain_order=True)

    def state(self, row: int) -> State | None:
        """Return where this annotator stands with an item."""
        holder = self._of(row).holders.get(self._annotator_id)
        return None if holder is None else holder.state

    # -- following the log

    @property
    def _overlap(self) -> int:
        return 0 if self.plan is None else self.plan.overlap

    def _take_in_all(self, events: pl.DataFrame) -> None:
        plans = events.filter(pl.col("kind") == EventKind.PLAN)["value"].drop_nulls()
        self._begin(len(self._used))
        self.plan = Plan.from_json(json.loads(plans[-1])) if len(plans) else None
        if self.plan is None:
            return
        self._note_life(events)
        versions = Versions(events.filter(pl.col("kind") == EventKind.SCHEMA))
        self._versions = versions if len(versions.versions) > 1 else None
        steps = _steps(events)
        numbered = steps.with_columns(row=pl.Series(self._rows_of(steps["item_id"]), dtype=pl.Int64))
        known = pl.col("row").is_between(0, len(self._used) - 1)
        holders, rest = settle(numbered.filter(known), self._overlap)
        self._settled = Settled(holders)
        self._count_settled(holders)
        together = pl.concat([rest, numbered.filter(~known)]).select(*Step._fields)
        self._follow([Step(*each) for each in together.iter_rows()])

    def _count_settled(self, holders: pl.DataFrame) -> None:
        for counts, least in ((self._used, State.LEASED), (self._done, State.DONE)):
            rows = holders.filter(pl.col("state").is_between(least, State.DONE))["row"].to_numpy()
            np.add.at(counts, rows, 1)
        leased = holders.filter(pl.col("state") == State.LEASED).group_by("annotator_id").agg("row")
        self._leases = {name: set(rows) for name, rows in leased.iter_rows()}
        mine = holders.filter(pl.col("annotator_id") == self._annotator_id)
        for row, state in mine.select("row", "state").iter_rows():
            self._mark(row, State(state))

    def _note_life(self, events: pl.DataFrame) -> None:
        last = events.group_by("annotator_id").agg(pl.col("at").max().cast(pl.Int64))
        for name, at in last.iter_rows():
            self._seen[name] = max(at, self.seen(name))

    def _follow(self, steps: Sequence[Step]) -> set[int]:
        """Take steps in one by one; return the rows of undos that need the whole history.

        Steps about items that are not there yet wait for them.
        """
        lost: set[int] = set()
        rows = self._rows_of(pl.Series([step.item_id for step in steps], dtype=pl.String))
        for step, row in zip(steps, rows.tolist(), strict=True):
            if not 0 <= row < len(self._used):
                self._early.append(step)
                continue
            places = self._places[row] = self._of(row)
            if not places.apply(step):
                lost.add(row)
            self._tally(row, places)
        return lost

    def _follow_anew(self, rows: set[int], events: pl.DataFrame) -> None:
        steps = _steps(events)
        of_rows = pl.Series(self._rows_of(steps["item_id"])).is_in([*rows])
        for row in rows:
            self._places[row] = Places(self._overlap)
        self._follow([Step(*each) for each in steps.filter(of_rows).select(*Step._fields).iter_rows()])

    def _of(self, row: int) -> Places:
        return self._places.get(row) or self._settled.places(row, self._overlap)

    def _tally(self, row: int, places: Places) -> None:
        self._used[row], self._done[row] = places.used, places.done
        for name, holder in places.holders.items():
            leases = self._leases.setdefault(name, set())
            (leases.add if holder.state is State.LEASED else leases.discard)(row)
            if name == self._annotator_id:
                self._mark(row, holder.state)

    def _mark(self, row: int, state: State) -> None:
        self._closed[row] = state is not State.EXPIRED
        taken = state in {State.LEASED, State.DONE, State.LATE}
        (self._mine.add if taken else self._mine.discard)(row)


def _steps(events: pl.DataFrame) -> pl.DataFrame:
    """Return all STEPS in order, with those that a change of the schema brings."""
    kept = _not_erased(events)
    return pl.concat([step_frame(kept), reopened(kept)]).sort("position", maintain_order=True)


def _not_erased(events: pl.DataFrame) -> pl.DataFrame:
    """Leave out what was erased; a payload alone may also be missing because this reader may not see it."""
    erasures = events.filter(pl.col("kind") == EventKind.ERASE)["value"].drop_nulls()
    gone = [position for value in erasures for position in json.loads(value)["positions"]]
    return events.filter(~pl.col("position").is_in(gone)) if gone else events


def _first(n: int, n_rows: int, fits: Callable[[slice], NDArray[np.bool_]]) -> Rows:
    """Return the first n rows that fit, looking no further than needed."""
    found: list[Rows] = []
    count, start = 0, 0
    while count < n and start < n_rows:
        here = np.flatnonzero(fits(slice(start, start + _SCAN))) + start
        found.append(here)
        count, start = count + len(here), start + _SCAN
    return np.concatenate(found)[:n] if found else np.zeros(0, np.int64)
