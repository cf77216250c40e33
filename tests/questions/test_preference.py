"""Preference: which field is better, never which side, and what the statistics make of it."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Preference, Project, Schema, Session, Text
from jupyter_annotate.errors import LabelError, SchemaError


@pytest.mark.parametrize(
    ("between", "options", "problem"),
    [
        (("a",), {}, "expected two fields to choose between"),
        (("a", "a"), {}, "expected two fields"),
        (("a", "tie"), {}, "expected two fields"),
        ("ab", {}, "expected two fields"),
        (("a", "b"), {"grades": 5}, "expected 1 to 4 grades, found 5"),
        (("a", "b"), {"grades": True}, "expected 1 to 4 grades"),
        (("a", "b"), {"ties": "no"}, "expected ties"),
        (("a", "b"), {"aspects": ["x", "x"]}, "expected a list of different aspects"),
        (("a", "b"), {"aspects": "x"}, "expected a list of different aspects"),
    ],
)
def test_what_is_no_choice_is_refused(between: object, options: dict[str, object], problem: str) -> None:
    """What is wrong is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        Preference("q", between, **options)  # type: ignore[arg-type]  # what a user could write


def test_both_are_fields_of_the_schema() -> None:
    """A column that is not shown cannot be better."""
    with pytest.raises(SchemaError, match=r"found no field 'b' but \['a'\]"):
        Schema(Text("a"), Preference("q", ("a", "b")))


def test_without_ties_one_is_better() -> None:
    """A tie is refused where there is none, and the error shows what would be taken."""
    with pytest.raises(LabelError, match=r"expected \{'better': one of \['a', 'b'\]\}"):
        Preference("q", ("a", "b"), ties=False).check({"better": "tie"}, {})


def compared(answers: dict[str, tuple[str, ...]]) -> ja.Project:
    """Return a project in which annotators preferred ``a`` or ``b`` of some items."""
    n = len(next(iter(answers.values())))
    items = {"item_id": [str(k) for k in range(n)], "a": ["x"] * n, "b": ["y"] * n}
    schema = Schema(Text("a"), Text("b"), Preference("q", ("a", "b")))
    project = Project.open(":memory:", schema=schema, items=items)
    for who, better in answers.items():
        session = Session(project, who)
        for item, name in enumerate(better):
            session.submit({"q": {"better": name}}, item_id=str(item))
    return project


def test_agreement_takes_the_labels_as_they_are() -> None:
    """Three of four items are preferred alike, ties too."""
    with compared({"ada": ("a", "b", "tie", "a"), "bob": ("a", "b", "tie", "b")}) as project:
        labels = project.labels("q")

    assert ja.preference_agreement(labels).value == pytest.approx(0.75)
    assert set(labels["left"]) == {"a"}


def test_bradley_terry_takes_the_labels_as_they_are() -> None:
    """Preferred nine times of ten, an option is the stronger one."""
    with compared({"ada": ("a",) * 9 + ("b",)}) as project:
        found = ja.BradleyTerry().fit(project.labels("q")).consensus_

    assert found.sort("rank")["option"].to_list() == ["a", "b"]
