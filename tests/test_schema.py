"""Schema: fields and questions, their JSON form and their checks."""

from __future__ import annotations

import pytest

from jupyter_annotate import Boxes, Choice, Image, Label, MultiChoice, Schema, Spans, Text
from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError
from jupyter_annotate.events import Json
from jupyter_annotate.schema import difference

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


@pytest.mark.parametrize("name", ["", "two words", "9lives", "naïve", "a-b", "__proto__"])
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


@pytest.mark.parametrize("answers", ["glad", ["glad"], None])
def test_answers_are_given_by_question(answers: dict[str, Json]) -> None:
    """A label alone does not say what it answers; the error shows the form."""
    with pytest.raises(LabelError, match=r"expected answers by question, like {'mood': 'glad'}"):
        EVERYTHING.check(answers, {})


def test_an_answer_to_nothing_is_none() -> None:
    """Where no question is required, at least one must be answered."""
    schema = Schema(Text("text"), Choice("a", ["x"], required=False))

    with pytest.raises(LabelError, match="at least one answer"):
        schema.check({}, {})


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """A schema written by a later version says which kind is missing here."""
    with pytest.raises(UnknownNameError, match="no question kind 'riddle'; known: 'best_worst', 'boxes'"):
        Schema.from_json(
            {"fields": [{"kind": "text", "name": "t"}], "questions": [{"kind": "riddle", "name": "q"}]}
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


BASE = (Text("text"), Image("scan"), Choice("mood", ["glad", "sad"]), Spans("who", ["person"], on="text"))
MANY = [f"label {n}" for n in range(40)]


@pytest.mark.parametrize(
    ("stored", "found", "expected"),
    [
        (BASE, BASE, ""),
        (BASE, (BASE[0], *BASE[2:]), "fields: stored ['text', 'scan'], found ['text']"),
        (BASE, (BASE[1], BASE[0], *BASE[2:]), "fields: stored ['text', 'scan'], found ['scan', 'text']"),
        (BASE, (*BASE[:2], BASE[3], BASE[2]), "questions: stored ['mood', 'who'], found ['who', 'mood']"),
        (BASE, (Text("text", title="T"), *BASE[1:]), "title of 'text': stored None, found 'T'"),
        (
            BASE,
            (Image("text"), Text("scan"), BASE[2], Spans("who", ["person"], on="scan")),
            "kind of 'text': stored 'text', found 'image'",
        ),
        (
            BASE,
            (*BASE[:2], MultiChoice("mood", ["glad", "sad"]), BASE[3]),
            "kind of 'mood': stored 'choice', found 'multi_choice'",
        ),
        (
            BASE,
            (*BASE[:2], Choice("mood", ["glad", "sad", "neutral"]), BASE[3]),
            "labels of 'mood': stored ['glad', 'sad'], found ['glad', 'sad', 'neutral']",
        ),
        (
            BASE,
            (*BASE[:2], Choice("mood", ["sad", "glad"]), BASE[3]),
            "labels of 'mood': stored ['glad', 'sad'], found ['sad', 'glad']",
        ),
        (
            BASE,
            (*BASE[:2], Choice("mood", ["glad", Label("sad", key="s")]), BASE[3]),
            "key of label 'sad' of 'mood': stored '2', found 's'",
        ),
        (
            BASE,
            (*BASE[:3], Spans("who", ["person"], snap="character")),
            "snap of 'who': stored 'token', found 'character'",
        ),
        (
            (BASE[0], Choice("q", ["a"], help="x" * 200 + "old")),
            (BASE[0], Choice("q", ["a"], help="x" * 200 + "new")),
            "help of 'q': stored 'old' from character 200 on, found 'new' from character 200 on",
        ),
        (
            (BASE[0], Choice("q", MANY)),
            (BASE[0], Choice("q", [*MANY, "more"])),
            "labels of 'q' from number 41 on: stored [], found ['more']",
        ),
    ],
)
def test_a_difference_is_said_in_words(
    stored: tuple[Text, ...], found: tuple[Text, ...], expected: str
) -> None:
    """The first place where two schemas differ is named with both values."""
    assert difference(Schema(*stored), Schema(*found)) == expected


def test_a_title_that_cannot_be_stored_is_refused() -> None:
    """The fingerprint covers it, so it has to be text that every reader accepts."""
    with pytest.raises(SchemaError, match="cannot be stored: expected text without lone surrogates"):
        Schema(Text("text", title="\ud800"), Choice("q", ["a"]))
