"""Conditions: what is asked only then, who cannot tell, and checks of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Choice, MultiChoice, Project, Schema, Session, Spans, Text
from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.conditions import CANNOT_TELL, hold

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "protocol" / "conditions.json").read_text(encoding="utf-8")
)
MOOD = Choice("mood", ["glad", "sad"], cannot_tell=True)
ASKS = Schema(
    Text("text"),
    MOOD,
    Choice("why", ["rain", "news"], show_when={"mood": "sad"}),
    Choice("sure", ["yes", "no"], show_when="why", required=False),
)
SHOWN: dict[str, Content] = {"text": "Ada met Grace"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: json.dumps([case["when"], case["answers"]]))
def test_python_and_the_browser_decide_alike(case: dict[str, Any]) -> None:
    """Both languages read these cases: of a list one label is enough, of several questions each counts."""
    assert hold(case["when"], case["answers"]) is case["shown"]


def test_a_question_that_is_not_asked_needs_no_answer_and_takes_none() -> None:
    """Required questions are required where they are asked; an answer to one that is not is refused."""
    assert ASKS.check({"mood": "glad"}, SHOWN) == {"mood": "glad"}
    assert ASKS.check({"mood": "sad", "why": "rain"}, SHOWN) == {"mood": "sad", "why": "rain"}
    with pytest.raises(LabelError, match="'why': expected an answer, as the question is required"):
        ASKS.check({"mood": "sad"}, SHOWN)
    with pytest.raises(
        LabelError, match=r"'why': expected no answer: it is asked when \{'mood': \['sad'\]\}"
    ):
        ASKS.check({"mood": "glad", "why": "rain"}, SHOWN)


def test_what_hangs_on_a_question_that_is_not_asked_is_not_asked_either() -> None:
    """Conditions reach on from question to question."""
    with pytest.raises(LabelError, match="'sure': expected no answer"):
        ASKS.check({"mood": "glad", "sure": "yes"}, SHOWN)


def test_a_condition_is_on_a_question_before() -> None:
    """A condition on itself, on a later question or on none is refused when the schema is made."""
    for other in ("why", "later", "nobody", "text"):
        with pytest.raises(SchemaError, match=f"shown when {other!r} is answered: expected a question that"):
            Schema(
                Text("text"),
                MOOD,
                Choice("why", ["a"], show_when=other),
                Choice("later", ["a"]),
            )


@pytest.mark.parametrize("odd", [1, [], {}, {"mood": {}}, {1: "a"}, {"mood": 1.5}, ["mood"]])
def test_a_condition_that_says_nothing_is_refused(odd: object) -> None:
    """The error shows how one is written."""
    with pytest.raises(SchemaError, match=r"expected show_when like \{'mood': \['sad', 'angry'\]\}"):
        Choice("why", ["a"], show_when=odd)  # type: ignore[arg-type]  # what a user could write


def test_options_that_are_not_used_leave_the_schema_as_it_was() -> None:
    """A stored schema keeps its fingerprint; with the options it comes back from JSON."""
    assert Choice("q", ["a"]).to_json().keys() == {"kind", "name", "title", "help", "required", "labels"}
    assert Schema.from_json(json.loads(json.dumps(ASKS.to_json()))) == ASKS
    assert Choice("q", ["a"], show_when="p").to_json()["show_when"] == {"p": []}


def test_who_cannot_tell_has_answered_and_gives_no_label() -> None:
    """The answer is stored and completes the item; labels and statistics do not see it."""
    with Project.open(":memory:", schema=ASKS, items={"item_id": ["1", "2"], "text": ["a", "b"]}) as project:
        session = Session(project, "ada")
        session.submit({"mood": CANNOT_TELL})
        session.submit({"mood": "glad"})

        assert session.current() is None
        assert project.annotations()["value"].to_list() == ['{"cannot_tell":true}', '"glad"']
        assert project.labels("mood").rows() == [("2", "ada", "glad")]


def test_cannot_tell_is_refused_where_it_is_no_answer() -> None:
    """Only a question that offers it takes it, and only in its exact form."""
    with pytest.raises(LabelError, match="expected one of"):
        Choice("q", ["a"]).admit(CANNOT_TELL, {})
    odds: tuple[Json, ...] = ({"cannot_tell": False}, {"cannot_tell": True, "more": 1}, {}, "cannot_tell")
    for odd in odds:
        with pytest.raises(LabelError, match="expected one of"):
            MOOD.admit(odd, {})


def test_spans_that_cannot_be_told_are_not_no_spans(tmp_path: Path) -> None:
    """An item left empty keeps its row in the labels, one that nobody could tell has none."""
    schema = Schema(Text("text"), Spans("who", ["person"], cannot_tell=True))
    items = {"item_id": ["1", "2"], "text": ["a", "b"]}
    with Project.open(":memory:", schema=schema, items=items) as project:
        session = Session(project, "ada")
        session.submit({"who": []})
        session.submit({"who": CANNOT_TELL})

        assert project.labels("who")["item_id"].to_list() == ["1"]
        ja.export(project, tmp_path / "out")
        assert ja.read_export(tmp_path / "out")["labels_who"]["item_id"].to_list() == ["1"]


def test_its_key_is_kept_free() -> None:
    """A label cannot take the key that says "cannot tell"; elsewhere it may."""
    with pytest.raises(SchemaError, match="the key 'u' of label 'a' is used by the widget itself"):
        Choice("q", [ja.Label("a", key="u")], cannot_tell=True)
    assert Choice("q", [ja.Label("a", key="u")]).label_names == ("a",)


def at_most_one(answer: Json, content: Mapping[str, Content]) -> str | None:
    """Take one topic of a short text."""
    too_many = isinstance(answer, list) and len(answer) > 1 and len(str(content["text"])) < 20
    return "one topic is enough for a text this short" if too_many else None


def test_a_check_of_ones_own_is_enforced_by_the_kernel() -> None:
    """The sentence of the function reaches whoever submits, and nothing is stored."""
    schema = Schema(Text("text"), MultiChoice("topics", ["food", "price"], validate=at_most_one))
    with Project.open(":memory:", schema=schema, items={"item_id": ["1"], "text": ["Cheap."]}) as project:
        session = Session(project, "ada")
        with pytest.raises(LabelError, match="one topic is enough for a text this short"):
            session.submit({"topics": ["food", "price"]})
        assert project.annotations().height == 0

        session.submit({"topics": ["food"]})
        assert project.annotations().height == 1


def test_a_check_is_a_function() -> None:
    """Anything else is refused when the question is made, and no check is part of the schema."""
    with pytest.raises(SchemaError, match="expected validate to be a function, found 'yes'"):
        Choice("q", ["a"], validate="yes")  # type: ignore[arg-type]  # what a user could write
    assert MultiChoice("q", ["a"], validate=at_most_one) == MultiChoice("q", ["a"])
