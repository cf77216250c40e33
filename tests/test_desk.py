"""Desk: the fold of one annotator's own events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.desk import Decision, Desk, Status
from jupyter_annotate.errors import ProtocolError
from jupyter_annotate.events import EventKind
from jupyter_annotate.session import Session


def begin() -> ja.Project:
    """Begin a project of three items."""
    items = {"item_id": ["a", "b", "c"], "text": ["A.", "B.", "C."]}
    return ja.Project.open(
        ":memory:", schema=ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"])), items=items
    )


def news(desk: Desk, events: pl.DataFrame) -> list[str]:
    """Take events in and return the items they changed."""
    desk.changed.clear()
    desk.take_in(events)
    return [*desk.changed]


def test_events_are_taken_in_once() -> None:
    """Taking in the same events again, whole or in part, changes nothing."""
    project = begin()
    session = Session(project, "ada")
    session.submit({"mood": "glad"}, item_id="b")
    session.skip(item_id="a")
    desk = Desk("ada")
    assert news(desk, project.events()) == ["b", "a"]
    assert news(desk, project.events()) == []
    session.submit({"mood": "sad"}, item_id="b")
    assert news(desk, project.events(after=desk.position)) == ["b"]
    assert desk.position == project.log.head().position
    assert desk.note("b").answers == {"mood": "sad"}


def test_others_are_passed_over() -> None:
    """Events of other annotators leave no note, but are not read again."""
    project = begin()
    Session(project, "grace").submit({"mood": "glad"}, item_id="a")
    desk = Desk("ada")
    assert news(desk, project.events()) == []
    assert desk.note("a").status is Status.OPEN
    assert desk.position == project.log.head().position


def test_an_erased_answer_does_not_count() -> None:
    """An answer whose payload was erased is no answer for a session begun later."""
    project = begin()
    Session(project, "ada").submit({"mood": "glad"}, item_id="a")
    project.log.erase([project.log.head().position], annotator_id="ada", reason="asked to")
    desk = Desk("ada")
    desk.take_in(project.events())
    assert desk.note("a").status is Status.OPEN
    assert project.labels().height == 0


def test_one_submission_answers_several_questions() -> None:
    """The events of one submission are found together under its name."""
    decision = Decision("s-1", EventKind.ANSWER, "a", "ada")
    events = [decision.event("glad", None, question="mood"), decision.event(["x"], None, question="topics")]
    assert [each.event_id for each in events] == ["s-1.mood", "s-1.topics"]
    assert decision.event("why", None).event_id == "s-1"
    desk = Desk("ada")
    for each in events:
        desk.apply(each.event_id, each.kind, each.item_id, each.question, each.value)
    assert desk.has("s-1")
    assert not desk.has("s-1.mood")
    assert desk.events_of("s-1") == ("a", ["s-1.mood", "s-1.topics"])
    assert desk.note("a").answers == {"mood": "glad", "topics": ["x"]}


def test_an_interrupt_on_the_way_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever event the interrupt comes at, the next look takes in the rest and tells of it, undo too."""
    project = begin()
    session = Session(project, "ada")
    for item in ("a", "b", "c"):
        session.submit({"mood": "glad"}, item_id=item)
    session.undo()
    whole = Desk("ada")
    whole.take_in(project.events())
    apply = Desk.apply

    for at in range(4):
        desk, calls = Desk("ada"), iter(range(9))

        def interrupted(self: Desk, *event: Any, at: int = at, calls: Iterator[int] = calls) -> None:  # noqa: ANN401 -- as apply
            if next(calls) == at:
                raise KeyboardInterrupt
            apply(self, *event)

        monkeypatch.setattr(Desk, "apply", interrupted)
        with pytest.raises(KeyboardInterrupt):
            desk.take_in(project.events())
        monkeypatch.setattr(Desk, "apply", apply)
        desk.take_in(project.events(after=desk.position))
        assert [desk.note(i) for i in "abc"] == [whole.note(i) for i in "abc"]
        assert desk.recent(9) == whole.recent(9)
        assert set(desk.changed) == {"a", "b", "c"}


def test_an_undo_is_not_taken_back() -> None:
    """To take an undo back one answers again; the refusal says so."""
    session = Session(begin(), "ada")
    session.submit({"mood": "glad"}, item_id="a", submission="s-1")
    session.undo("s-1", submission="s-2")
    with pytest.raises(ProtocolError, match=r"'s-2' is an undo: .* answer the item again"):
        session.undo("s-2")
    assert session.upcoming(1)[0].item_id == "a"


def test_an_unknown_submission_is_worth_another_try() -> None:
    """A target that is not there yet has the code that makes the browser try again."""
    with pytest.raises(ProtocolError) as error:
        Desk("ada").events_of("s-9")
    assert error.value.code == "unknown_target"
