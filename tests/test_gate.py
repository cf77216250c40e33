"""Gate: the one door through which an annotator's events come."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.views import latest_annotations


def begin() -> ja.Project:
    """Begin a project of two items."""
    items = {"item_id": ["a", "b"], "text": ["A.", "B."]}
    return ja.Project.open(
        ":memory:", schema=ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"])), items=items
    )


def event(kind: EventKind, value: Json, **changed: str) -> Event:
    """Make an event of ada's on item a."""
    return Event(kind=kind, value=value, **{"annotator_id": "ada", "item_id": "a", **changed})  # type: ignore[arg-type]  # texts


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (event(EventKind.SCHEMA, {"fields": []}), "not recorded by an annotator"),
        (event(EventKind.ITEMS, {"digest": "x"}), "not recorded by an annotator"),
        (event(EventKind.PRELABELS, {"digest": "x"}), "not recorded by an annotator"),
        (event(EventKind.ERASE, {"positions": [1], "reason": ""}), "not recorded by an annotator"),
        (event(EventKind.ANSWER, "glad", question="mood", item_id=""), "needs item_id"),
        (event(EventKind.ANSWER, "glad", question="mood", annotator_id=""), "needs annotator_id"),
        (event(EventKind.SKIP, "", item_id="zz"), "no item 'zz'"),
        (event(EventKind.ANSWER, "glad", question="nod"), "no question 'nod'"),
        (event(EventKind.UNDO, 5), "found 5"),
        (event(EventKind.UNDO, {"events": [1]}), "what it takes back"),
    ],
)
def test_only_what_an_annotator_does_comes_in(wrong: Event, problem: str) -> None:
    """Schemas, batches and erasures have doors of their own; what says of nothing or nobody has none."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(AnnotateError, match=problem):
            project.record([event(EventKind.COMMENT, "fine"), wrong])
        assert project.log.head() == head


def test_an_undo_of_anothers_answer_takes_nothing_back() -> None:
    """Whoever writes it: the views honour an undo by the same annotator on the same item only."""
    with begin() as project:
        project.record([event(EventKind.ANSWER, "glad", question="mood", event_id="e-1")])
        before = project.annotations()
        for other in ({"annotator_id": "bob"}, {"item_id": "b"}):
            project.record([event(EventKind.UNDO, {"submission": "e-1", "events": ["e-1"]}, **other)])
        assert project.annotations().equals(before)
        assert latest_annotations(project.events()).equals(before)
