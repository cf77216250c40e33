"""What marks of every kind have in common: what they say beside their label."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from jupyter_annotate import Project, Schema, Session
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.questions import QUESTIONS, Spans
from jupyter_annotate.questions.marks import MarkQuestion
from tests.questions.cases import case_of

KINDS = sorted(kind for kind, question in QUESTIONS.items() if issubclass(question, MarkQuestion))
CERTAINTY = {"certainty": ["sure", "unsure"], "source": ["seen"]}


def project_of(kind: str) -> tuple[Project, list[Any]]:
    """Return a project whose marks have attributes, and an answer without any."""
    case = case_of(kind)
    question = case.question
    assert isinstance(question, MarkQuestion)
    schema = Schema(*case.fields, *case.others, replace(question, attributes=CERTAINTY))
    items = pl.DataFrame([{"item_id": "1", **case.item}])
    return Project.open(":memory:", schema=schema, items=items), copy.deepcopy(case.answer)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_says_what_the_schema_offers(kind: str) -> None:
    """It is kept with the mark, and is a column of the labels; who says nothing says null."""
    project, marks = project_of(kind)
    marks[0]["attributes"] = {"source": "seen", "certainty": "unsure"}
    with project:
        Session(project, "ada").submit({**(case_of(kind).beside or {}), "q": marks}, item_id="1")
        labels = project.labels("q")

    assert labels["attributes"].struct.field("certainty").to_list() == ["unsure", *[None] * (len(marks) - 1)]
    assert labels["attributes"].struct.field("source").to_list() == ["seen", *[None] * (len(marks) - 1)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", [{"certainty": "maybe"}, {"mood": "sure"}, {"certainty": 1}, "sure", None])
def test_what_it_does_not_offer_is_refused(kind: str, said: object) -> None:
    """The choices are named."""
    project, marks = project_of(kind)
    marks[0]["attributes"] = said
    with project, pytest.raises(LabelError, match=r"attributes out of \{'certainty'"):
        Session(project, "ada").submit({**(case_of(kind).beside or {}), "q": marks}, item_id="1")


@pytest.mark.parametrize("kind", KINDS)
def test_marks_without_attributes_say_nothing(kind: str) -> None:
    """The schema is the one it always was, and an empty saying is left out."""
    question = case_of(kind).question
    assert "attributes" not in question.to_json()
    project, marks = project_of(kind)
    marks[0]["attributes"] = {}
    with project:
        Session(project, "ada").submit({**(case_of(kind).beside or {}), "q": marks}, item_id="1")
        assert "attributes" not in str(project.annotations()["value"].to_list())


def test_attributes_survive_their_json_form() -> None:
    """In order."""
    question = Spans("q", ["a"], on="t", attributes=CERTAINTY)

    assert Spans.from_json(question.to_json()) == question
    assert list(question.attributes) == ["certainty", "source"]


@pytest.mark.parametrize(
    "attributes",
    [
        "certainty",
        {"certainty": "sure"},
        {"certainty": []},
        {"certainty": ["a", "a"]},
        {"": ["a"]},
        {"a": [1]},
        3,
    ],
)
def test_attributes_nobody_could_choose_from_are_refused(attributes: Any) -> None:  # noqa: ANN401 -- what a user could write
    """With how to write them."""
    with pytest.raises(SchemaError, match="expected attributes like"):
        Spans("q", ["a"], on="t", attributes=attributes)
