"""Ranking: all options in order, and what the statistics make of it."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Project, Ranking, Schema, Session, Text
from jupyter_annotate.errors import LabelError, SchemaError


def test_without_ties_every_option_has_a_place_of_its_own() -> None:
    """Two in one place are refused where there are no ties."""
    question = Ranking("q", ["a", "b"], ties=False)

    assert question.check(["b", "a"], {}) == [["b"], ["a"]]
    with pytest.raises(LabelError, match="no two options in one place"):
        question.check([["a", "b"]], {})
    with pytest.raises(SchemaError, match="expected ties"):
        Ranking("q", ["a"], ties=1)  # type: ignore[arg-type]  # what a user could write


def test_options_may_be_those_of_each_item() -> None:
    """A column of lists gives each item options of its own, and all of them are ranked."""
    schema = Schema(Text("text"), Ranking("q", labels_from="answers"))
    items = {"item_id": ["1"], "text": ["?"], "answers": [["x", "y"]]}
    with Project.open(":memory:", schema=schema, items=items) as project:
        session = Session(project, "ada")
        with pytest.raises(LabelError, match=r"each of \['x', 'y'\] once"):
            session.submit({"q": [["x"]]})
        session.submit({"q": [["y"], ["x"]]})

        assert project.labels("q").select("label", "rank").rows() == [("y", 1), ("x", 2)]


def test_agreement_and_consensus_take_the_labels_as_they_are() -> None:
    """Kendall's tau of rankings that differ in one pair of three is 1/3; Borda finds the common best."""
    schema = Schema(Text("text"), Ranking("q", ["a", "b", "c"]))
    with Project.open(":memory:", schema=schema, items={"item_id": ["1"], "text": ["?"]}) as project:
        Session(project, "ada").submit({"q": ["a", "b", "c"]})
        Session(project, "bob").submit({"q": ["a", "c", "b"]})
        labels = project.labels("q")

    assert ja.kendall_tau(labels).value == pytest.approx(1 / 3)
    first = ja.Borda().fit(labels).consensus_.sort("rank").row(0, named=True)
    assert first["label"] == "a"
