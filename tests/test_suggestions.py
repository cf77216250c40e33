"""Suggestions: which one is shown, and what became of it."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate.events import Json
from jupyter_annotate.suggestions import Suggestion, outcome, suggestions_for


def begin() -> ja.Project:
    """Begin a project with two questions."""
    schema = ja.Schema(
        ja.Text("text"), ja.Choice("mood", ["glad", "sad"]), ja.MultiChoice("topics", ["x", "y"])
    )
    return ja.Project.open(":memory:", schema=schema, items={"item_id": ["a", "b"], "text": ["A.", "B."]})


def test_the_last_added_is_shown() -> None:
    """Of several sources and batches the one added last is shown, for each question by itself."""
    project = begin()
    project.add_prelabels(
        {"item_id": ["a", "b"], "question": ["mood"] * 2, "value": ["glad", "glad"], "score": [0.6, 0.7]},
        source="first",
    )
    project.add_prelabels({"item_id": ["a"], "question": ["mood"], "value": ["sad"]}, source="second")
    project.add_prelabels({"item_id": ["a"], "question": ["topics"], "value": [["y", "x"]]}, source="third")
    shown = suggestions_for(project.prelabels(), ["a", "b", "unknown"])
    assert {
        item: {q: (s.value, s.score, s.source) for q, s in each.items()} for item, each in shown.items()
    } == {
        "a": {"mood": ("sad", None, "second"), "topics": (["x", "y"], None, "third")},
        "b": {"mood": ("glad", 0.7, "first")},
        "unknown": {},
    }


def test_two_sources_may_agree() -> None:
    """Equal values from two sources are two suggestions with names of their own; added again they are not."""
    project = begin()
    frame = {"item_id": ["a"], "question": ["mood"], "value": ["glad"]}
    for source in ("first", "second", "first"):
        project.add_prelabels(frame, source=source)
    assert project.prelabels()["source"].to_list() == ["first", "second"]
    assert project.prelabels()["prelabel_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("answer", "dismissed", "expected"),
    [
        (["x"], False, "kept"),
        (["x"], True, "kept"),
        (["x", "y"], False, "changed"),
        (["x", "y"], True, "refused"),
        ([], False, "refused"),
        (None, True, "refused"),
        (None, False, "unanswered"),
    ],
)
def test_outcomes(answer: Json, dismissed: bool, expected: str) -> None:  # noqa: FBT001 -- a case
    """An answer equal to the suggestion kept it; an empty one or any after a dismissal refused it."""
    suggestion = Suggestion("b:0", ["x"], 0.9, "model")
    assert outcome(answer, suggestion, dismissed=dismissed) == expected


def test_an_empty_suggestion_can_be_kept() -> None:
    """Where the model says there is nothing, an empty answer keeps the suggestion."""
    assert outcome([], Suggestion("b:0", [], 0.9, "model"), dismissed=False) == "kept"


@pytest.mark.parametrize("item_id", [5, None, "\ud800", ""])
def test_what_is_no_item_has_no_suggestion(item_id: str) -> None:
    """An id that no item can have is answered with nothing, beside those that have one."""
    project = begin()
    project.add_prelabels({"item_id": ["a"], "question": ["mood"], "value": ["glad"]}, source="model")
    shown = suggestions_for(project.prelabels(), [item_id, "a"])
    assert (shown[item_id], list(shown["a"])) == ({}, ["mood"])
