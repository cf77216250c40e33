"""Schema: fields and questions, their JSON form and their checks."""

from __future__ import annotations

import pytest

from jupyter_annotate import Boxes, Choice, Image, MultiChoice, Schema, Spans, Text
from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError

EVERYTHING = Schema(
    Text("text", title="What they wrote"),
    Image("scan"),
    Choice("mood", ["glad", "sad"], help="How it sounds"),
    MultiChoice("topics", ["food", "price"], required=False, maximum=1),
    Spans("who", ["person"], overlap=False, snap="character"),
    Boxes("cells", ["red"], minimum_size=3),
)


def test_a_schema_survives_its_json_form() -> None:
    """from_json makes what to_json describes, down to the fingerprint."""
    again = Schema.from_json(EVERYTHING.to_json())

    assert again == EVERYTHING
    assert again.fingerprint == EVERYTHING.fingerprint
    assert hash(again) == hash(EVERYTHING)


def test_the_fingerprint_changes_with_what_is_asked() -> None:
    """Another label is another schema; another folder of images is not."""
    base = Schema(Image("scan"), Choice("q", ["a", "b"]))

    assert Schema(Image("scan"), Choice("q", ["a", "c"])) != base
    assert Schema(Image("scan", root="/elsewhere"), Choice("q", ["a", "b"])) == base


def test_a_question_finds_the_only_field_it_can_draw_on() -> None:
    """Spans lie in the text field, boxes on the image field, without being told."""
    kinds = {q["name"]: q.get("field") for q in EVERYTHING.to_json()["questions"]}  # type: ignore[union-attr,call-overload,index]  # JSON

    assert (kinds["who"], kinds["cells"]) == ("text", "scan")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ((), "at least one field"),
        ((Text("text"),), "at least one field and one question"),
        ((Choice("q", ["a"]),), "at least one field"),
        ((Text("text"), Choice("text", ["a"])), "stands twice"),
        ((Text("a"), Text("b"), Spans("q", ["x"])), "draws on one text field"),
        ((Image("a"), Spans("q", ["x"])), "draws on one text field"),
        ((Text("a"), Spans("q", ["x"], on="b")), "found on='b'"),
        ((Text("a"), "q"), "Expected fields and questions"),
    ],
)
def test_a_schema_that_cannot_work_is_refused(parts: tuple[Text, ...], problem: str) -> None:
    """What is wrong is said when the schema is made."""
    with pytest.raises(SchemaError, match=problem):
        Schema(*parts)


@pytest.mark.parametrize("name", ["", "two words", "9lives", "naïve", "a-b"])
def test_a_question_is_named_by_an_identifier(name: str) -> None:
    """Names of questions become columns and files."""
    with pytest.raises(SchemaError, match="identifier"):
        Choice(name, ["a"])


def test_answers_are_checked_together() -> None:
    """Required questions must be answered; others may be left out; unknown ones are named."""
    schema = Schema(Text("text"), Choice("mood", ["glad"]), Choice("tone", ["dry"], required=False))

    assert schema.check({"mood": "glad"}, {}) == {"mood": "glad"}
    with pytest.raises(LabelError, match=r"'mood'.*required"):
        schema.check({"tone": "dry"}, {})
    with pytest.raises(UnknownNameError, match="Did you mean 'mood'"):
        schema.check({"moot": "glad"}, {})


def test_an_answer_to_nothing_is_none() -> None:
    """Where no question is required, at least one must be answered."""
    schema = Schema(Text("text"), Choice("a", ["x"], required=False))

    with pytest.raises(LabelError, match="at least one answer"):
        schema.check({}, {})


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """A schema written by a later version says which kind is missing here."""
    with pytest.raises(UnknownNameError, match="no question kind 'ranking'; known: 'boxes', 'choice'"):
        Schema.from_json(
            {"fields": [{"kind": "text", "name": "t"}], "questions": [{"kind": "ranking", "name": "q"}]}
        )


def test_a_broken_json_form_is_refused() -> None:
    """An entry without its parts is named."""
    with pytest.raises(SchemaError, match="lacks 'name'"):
        Schema.from_json({"fields": [{"kind": "text"}], "questions": []})


def test_the_only_question_needs_no_name() -> None:
    """question() returns the only one, and asks for a name where there are several."""
    assert Schema(Text("t"), Choice("q", ["a"])).question().name == "q"
    with pytest.raises(UnknownNameError, match="no question None; known"):
        EVERYTHING.question()
