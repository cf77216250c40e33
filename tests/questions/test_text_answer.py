"""TextAnswer: text as it was typed, within bounds, and what the statistics make of it."""

from __future__ import annotations

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate import Project, Schema, Session, Text, TextAnswer
from jupyter_annotate.errors import LabelError, SchemaError


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"lines": 0}, "expected 1 to 40 lines, found 0"),
        ({"minimum": -1}, "expected minimum of 0 or more characters"),
        ({"maximum": 0}, "expected maximum of at least minimum, and 1"),
        ({"minimum": 9, "maximum": 8}, "expected maximum of at least minimum"),
        ({"maximum": 2.5}, "expected maximum"),
        ({"placeholder": 3}, "expected placeholder"),
        ({"rewrite": 3}, "expected rewrite"),
    ],
)
def test_bounds_that_leave_no_answer_are_refused(options: dict[str, object], problem: str) -> None:
    """What is wrong is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        TextAnswer("q", **options)  # type: ignore[arg-type]  # what a user could write


def test_what_is_rewritten_is_a_field() -> None:
    """The text to begin with has to be shown: a column that is no field is named with those that are."""
    with pytest.raises(SchemaError, match=r"is about the fields \['source'\]: found no field 'source' but"):
        Schema(Text("text"), TextAnswer("q", rewrite="source"))


def test_length_is_counted_in_code_points_and_blanks_are_none() -> None:
    """Four emoji are four characters; a text of blanks is as good as none, unless none is an answer."""
    four = TextAnswer("q", minimum=4, maximum=4)

    assert four.check("🦊🦊🦊🦊", {}) == "🦊🦊🦊🦊"
    with pytest.raises(LabelError, match="at least 4 characters"):
        four.check("  🦊🦊🦊  "[:4], {})
    with pytest.raises(LabelError, match="at most 4 characters, not 5"):
        four.check("🦊🦊🦊🦊🦊", {})
    assert TextAnswer("q", minimum=0).check("", {}) == ""


def test_suggestions_are_given_as_they_are() -> None:
    """Plain text needs no quotes; what looks like JSON is text too; no text is refused with its row."""
    found = TextAnswer("q").encode(pl.Series("value", ["null", '"quoted"', "a\nb"]), [{}, {}, {}])

    assert found.to_list() == ['"null"', '"\\"quoted\\""', '"a\\nb"']
    with pytest.raises(ja.errors.ColumnError, match="row 1"):
        TextAnswer("q").encode(pl.Series("value", ["a", None]), [{}, {}])


def test_agreement_and_consensus_take_the_labels_as_they_are() -> None:
    """Exact agreement counts equal texts, and the medoid is the text nearest to all."""
    schema = Schema(Text("text"), TextAnswer("title"))
    answers = {"ada": "a red fox", "bob": "a red fox", "eve": "the quick brown dog"}
    with Project.open(":memory:", schema=schema, items={"item_id": ["1"], "text": ["..."]}) as project:
        for who, text in answers.items():
            Session(project, who).submit({"title": text})
        labels = project.labels("title")

    assert ja.text_agreement(labels, measure="exact").value == pytest.approx(1 / 3)
    assert ja.TextMedoid().fit(labels).consensus_["label"].to_list() == ["a red fox"]
