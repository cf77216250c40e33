"""Who holds what: the book against a plain model, step by step and all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.errors import SchemaError
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.workflow import LeaseBook, Plan
from jupyter_annotate.workflow.book import Rows
from jupyter_annotate.workflow.steps import Step, step_frame, steps_of

ITEMS = [f"i{n}" for n in range(4)]
PEOPLE = ["ada", "bob", "cleo", "dan"]


def rows_of(item_ids: pl.Series) -> Rows:
    """Return the numbers of the items."""
    return np.array([ITEMS.index(each) if each in ITEMS else -1 for each in item_ids], np.int64)


def plan(overlap: int = 2, **rest: object) -> Event:
    """Make the event of a plan."""
    return Event(kind=EventKind.PLAN, value=Plan(overlap, **rest).to_json())  # type: ignore[arg-type]  # JSON


def lease(kind: EventKind, who: str, *items: str) -> Event:
    """Make an event of leases."""
    return Event(kind=kind, annotator_id=who, value={"annotator": who, "items": [*items]})


def answer(who: str, item: str, submission: str | None = None, question: str = "q") -> Event:
    """Make an answer."""
    submission = submission or f"{who}-{item}"
    return Event(
        kind=EventKind.ANSWER,
        annotator_id=who,
        item_id=item,
        question=question,
        value="x",
        event_id=f"{submission}.{question}",
    )


def undo(who: str, item: str, submission: str, name: str) -> Event:
    """Make an undo of an answer."""
    value: Json = {"submission": submission, "events": [f"{submission}.q"]}
    return Event(kind=EventKind.UNDO, annotator_id=who, item_id=item, value=value, event_id=name)


def book_of(events: Sequence[Event], who: str = "ada", *, step_by_step: bool = False) -> LeaseBook:
    """Fold events, all at once or one by one."""
    with MemoryLog() as log:
        book = LeaseBook(who, rows_of)
        book.grow(len(ITEMS))
        if step_by_step:
            for event in events:
                log.append([event])
                book.take_in(log.read(), log.read)
        else:
            log.append(events)
            book.take_in(log.read(), log.read)
    return book


def states(book: LeaseBook) -> dict[tuple[int, str], int]:
    """Return who stands where."""
    frame = book.holders().select("row", "annotator_id", "state")
    return {(row, name): state for row, name, state in frame.iter_rows()}


# ------------------------------------------------------------------------------------- model


@dataclass
class Model:
    """One item, written down as plainly as can be."""

    overlap: int
    order: list[str] = field(default_factory=list)
    state: dict[str, str] = field(default_factory=dict)
    kept: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def taken(self, *states: str) -> int:
        """Count the holders in these states."""
        return sum(each in states for each in self.state.values())

    def step(self, kind: str, who: str, name: str, undone: str | None) -> None:
        """Take one step."""
        if who not in self.state:
            self.order.append(who)
        now = self.state.setdefault(who, "expired")
        kept = self.kept.setdefault(who, [])
        if kind == "assign" and now == "expired":
            self.state[who] = "leased"
        elif kind in {"expire", "release"} and now == "leased":
            self.state[who] = "expired"
        elif kind in {"answer", "skip"}:
            kept[:] = [each for each in kept if each[0] != name] + [(name, kind)]
            self.decide(who, kind)
        elif kind == "undo":
            kept[:] = [each for each in kept if each[0] != undone]
            self.settle(who, kept)
        self.move_up()

    def move_up(self) -> None:
        """Let the first who was late count when a place is free."""
        for late in self.order:
            if self.state[late] == "late" and self.taken("leased", "done") < self.overlap:
                self.state[late] = "done"

    def settle(self, who: str, kept: list[tuple[str, str]]) -> None:
        """Stand where the last decision left says."""
        if kept:
            self.decide(who, kept[-1][1])
        elif self.state[who] == "done":
            self.state[who] = "leased"
        elif self.state[who] != "leased":
            free = self.taken("leased", "done") < self.overlap
            self.state[who] = "leased" if free else "expired"

    def decide(self, who: str, kind: str) -> None:
        """Let an annotator answer or skip."""
        now = self.state[who]
        if kind == "skip":
            self.state[who] = "skipped"
        elif now == "leased":
            self.state[who] = "done" if self.taken("done") < self.overlap else "late"
        elif now != "done":
            self.state[who] = "done" if self.taken("leased", "done") < self.overlap else "late"


NUMBERS = {"leased": 1, "done": 2, "skipped": 3, "late": 4, "expired": 5}
STEP = st.tuples(
    st.sampled_from(["assign", "assign", "expire", "release", "answer", "answer", "answer", "skip", "undo"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(ITEMS[:2]),
    st.integers(0, 2),
)


def events_of(script: Sequence[tuple[str, str, str, int]]) -> list[Event]:
    """Make the events of a script."""
    made: list[Event] = []
    for n, (kind, who, item, which) in enumerate(script):
        name = f"{who}-{item}-{which}"
        if kind in {"assign", "expire", "release"}:
            made.append(lease(EventKind(kind), who, item))
        elif kind == "answer":
            made.append(answer(who, item, f"{name}-{n}"))
        elif kind == "skip":
            made.append(Event(kind=EventKind.SKIP, annotator_id=who, item_id=item, event_id=f"{name}-{n}"))
        else:
            earlier = [e.event_id.removesuffix(".q") for e in made if e.event_id.startswith(f"{who}-{item}-")]
            made.append(undo(who, item, earlier[-1 - which] if which < len(earlier) else "none", f"u{n}"))
    return made


def modelled(events: Sequence[Event], overlap: int) -> dict[tuple[int, str], int]:
    """Let the model follow the events."""
    models = [Model(overlap) for _ in ITEMS]
    for event in events:
        value = event.value if isinstance(event.value, dict) else {}
        items = value.get("items") or [event.item_id]
        assert isinstance(items, list)
        name = event.event_id.removesuffix(".q")
        undone = value.get("submission")
        models[ITEMS.index(str(items[0]))].step(
            event.kind, event.annotator_id, name, None if undone is None else str(undone)
        )
    return {
        (row, who): NUMBERS[state] for row, model in enumerate(models) for who, state in model.state.items()
    }


@settings(max_examples=400, deadline=None)
@given(st.lists(STEP, max_size=25), st.integers(1, 3))
def test_the_book_is_the_plain_model(script: list[tuple[str, str, str, int]], overlap: int) -> None:
    """Whatever happens in whatever order: one by one and all at once the book says what the model says."""
    events = events_of(script)
    expected = modelled(events, overlap)

    one_by_one = book_of([plan(overlap), *events], step_by_step=True)
    at_once = book_of([*events, plan(overlap)])

    assert states(one_by_one) == expected
    assert states(at_once) == expected
    for book in (one_by_one, at_once):
        done = [sum(s == 2 for (row, _), s in expected.items() if row == n) for n in range(len(ITEMS))]
        assert max(done) <= overlap
        assert book.counts().complete == sum(each == overlap for each in done)
        assert book.held.tolist() == sorted(
            row for (row, who), s in expected.items() if (who, s) == ("ada", 1)
        )
        assert set(book.free(9).tolist()).isdisjoint(
            row for (row, who), s in expected.items() if who == "ada" and s != 5
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_few_and_many_events_are_read_alike(script: list[tuple[str, str, str, int]]) -> None:
    """The rows of the frame are the steps that are taken one by one."""
    with MemoryLog() as log:
        log.append([*events_of(script), answer("ada", "i3", "two", "a.b")])
        events = log.read()

    steps = [*steps_of(events)]
    assert [Step(*each) for each in step_frame(events).select(*Step._fields).iter_rows()] == steps
    assert steps[-1].decision == "two"


# --------------------------------------------------------------------------------- behaviour


def test_without_a_plan_there_is_nothing_to_hold() -> None:
    """Everybody gets everything, and the book stays empty."""
    book = book_of([answer("ada", "i0")])

    assert book.plan is None
    assert book.counts() == (0, 0, 0, 0)
    assert book.free(3).tolist() == []
    assert book.overdue(2**62) == {}


def test_a_place_is_given_once() -> None:
    """An item that two hold is free for nobody; one that one holds is free for others only."""
    events = [plan(2), lease(EventKind.ASSIGN, "bob", "i0", "i1"), lease(EventKind.ASSIGN, "cleo", "i0")]

    assert book_of(events).free(9).tolist() == [1, 2, 3]
    assert book_of(events, "bob").free(9).tolist() == [2, 3]
    assert book_of(events).counts().elsewhere == 1


def test_what_is_overdue_is_told_and_can_be_counted_as_free() -> None:
    """Who gave no sign of life for a lease is named; any event of theirs is one."""
    book = book_of([plan(1, lease=10), lease(EventKind.ASSIGN, "bob", "i0"), answer("cleo", "i1")])
    alive = book.seen("bob")

    assert book.overdue(alive + 10_000_000) == {}
    assert book.overdue(alive + 10_000_001) == {"bob": [0]}
    assert book.free(9, given_back=[0]).tolist() == [0, 2, 3]


def test_an_answer_without_a_place_is_late_and_moves_up_when_one_is_free() -> None:
    """It is kept beyond the overlap, and counts when another is taken back and given up."""
    events = [plan(1), answer("bob", "i0"), answer("cleo", "i0")]
    assert states(book_of(events)) == {(0, "bob"): 2, (0, "cleo"): 4}

    events += [undo("bob", "i0", "bob-i0", "u"), lease(EventKind.RELEASE, "bob", "i0")]
    assert states(book_of(events)) == {(0, "bob"): 5, (0, "cleo"): 2}


def test_a_soft_cap_lets_one_more_in_where_somebody_has_not_answered() -> None:
    """Only when nothing else is left, only one more, and the answer that comes last is late."""
    hard = [plan(1), *(lease(EventKind.ASSIGN, "bob", each) for each in ITEMS)]
    soft = [plan(1, cap="soft"), *hard[1:]]
    assert book_of(hard).free(9).tolist() == []
    assert book_of(soft).free(9).tolist() == [0, 1, 2, 3]
    assert book_of(soft[:-1]).free(9).tolist() == [3]

    soft.append(lease(EventKind.ASSIGN, "cleo", "i0"))
    assert book_of(soft).free(9).tolist() == [1, 2, 3]
    soft += [answer("cleo", "i0"), answer("bob", "i0")]
    assert states(book_of(soft, step_by_step=True))[0, "bob"] == 4


def test_machines_take_no_place() -> None:
    """What a model answers is no answer of the overlap."""
    event = Event(
        kind=EventKind.ANSWER,
        annotator_id="bert",
        annotator_kind=AnnotatorKind.MODEL,
        item_id="i0",
        question="q",
        value="x",
    )
    assert states(book_of([plan(1), event])) == {}
    assert states(book_of([plan(1), event], step_by_step=True)) == {}


def test_events_about_items_that_come_later_wait_for_them() -> None:
    """A lease of an item that this kernel has not taken up yet counts as soon as it has."""
    with MemoryLog() as log:
        log.append([plan(1), lease(EventKind.ASSIGN, "bob", "i3")])
        book = LeaseBook("ada", rows_of)
        book.grow(2)
        book.take_in(log.read(), log.read)
        assert book.free(9).tolist() == [0, 1]

        book.grow(4)

    assert book.free(9).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"overlap": 0}, "overlap is a whole number from 1 on, found 0"),
        ({"overlap": True}, "overlap is a whole number"),
        ({"overlap": 2.0}, "overlap is a whole number"),
        ({"quota": 0}, "quota is a whole number"),
        ({"cap": "firm"}, "cap is one of"),
        ({"lease": float("nan")}, "lease is a number of seconds"),
        ({"lease": "long"}, "lease is a number of seconds"),
    ],
)
def test_a_plan_nobody_could_follow_is_refused(facts: dict[str, object], told: str) -> None:
    """The sentence says what was expected and what was found."""
    with pytest.raises(SchemaError, match=told):
        Plan(**facts)  # type: ignore[arg-type]  # wrong on purpose
