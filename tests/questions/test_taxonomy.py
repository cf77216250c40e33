"""Taxonomy: nodes by path, however the tree was written, and what the statistics make of it."""

from __future__ import annotations

from typing import Any

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Project, Schema, Session, Taxonomy, Text
from jupyter_annotate.errors import LabelError, SchemaError

TREE: dict[str, Any] = {"animal": {"dog": {}, "cat": {}}, "plant": {}}


def test_a_tree_and_its_paths_are_the_same() -> None:
    """Mappings within mappings and paths make the same question; inner nodes need not be written."""
    paths = Taxonomy("q", ["animal/dog", "animal/cat", "plant"])

    assert paths.label_names == ("animal", "animal/dog", "animal/cat", "plant")
    assert Taxonomy("q", TREE) == paths
    assert Taxonomy("q", ["animal > dog"], separator=" > ").label_names == ("animal", "animal > dog")


@pytest.mark.parametrize(
    ("labels", "options", "problem"),
    [
        ({"a/b": {}}, {}, "Expected text without '/' as a node, found 'a/b'"),
        ({"a": 3}, {}, "Expected mappings within mappings as a tree, found 3"),
        ({1: {}}, {}, "as a node, found 1"),
        (["a//b"], {}, "expected a path without empty parts, found 'a//b'"),
        ([], {}, "at least one label"),
        ({}, {}, "at least one label"),
        ("abc", {}, "a list of labels"),
        (["a"], {"separator": ""}, "expected text as separator"),
        (["a"], {"multiple": 1}, "expected multiple"),
        (["a"], {"leaves_only": "no"}, "expected leaves_only"),
        (["a"], {"labels_from": "x"}, "a taxonomy is the same for every item"),
    ],
)
def test_what_is_no_tree_is_refused(labels: object, options: dict[str, object], problem: str) -> None:
    """What is wrong is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        Taxonomy("q", labels, **options)  # type: ignore[arg-type]  # what a user could write


def test_inner_nodes_are_answers_where_they_may_be() -> None:
    """A node with nodes below it is an answer only where leaves are not the only ones."""
    with pytest.raises(LabelError, match="expected a leaf below it"):
        Taxonomy("q", TREE).check("animal", {})
    assert Taxonomy("q", TREE, leaves_only=False).check("animal", {}) == "animal"


def test_agreement_takes_the_labels_as_they_are() -> None:
    """Paths are nominal labels, and sets of paths have Jaccard's distance."""
    one = Taxonomy("one", ["a/x", "a/y", "b"])
    some = Taxonomy("some", ["a/x", "a/y", "b"], multiple=True)
    items = {"item_id": ["1", "2"], "text": ["?", "?"]}
    answers = {"ada": (("a/x", ["a/x"]), ("b", ["b"])), "bob": (("a/x", ["a/x", "a/y"]), ("b", ["b"]))}
    with Project.open(":memory:", schema=Schema(Text("text"), one, some), items=items) as project:
        for who, given in answers.items():
            session = Session(project, who)
            for item, (path, paths) in zip("12", given, strict=True):
                session.submit({"one": path, "some": list(paths)}, item_id=item)
        nominal = ja.krippendorff_alpha(project.labels("one"))
        sets = ja.krippendorff_alpha(project.labels("some"), metric="jaccard")

    assert nominal.value == 1
    # Observed: one pair of two differs by 1/2; expected: over all pairs of the four sets.
    distances = (1 / 2, 1, 1, 1, 1, 0)
    assert sets.value == pytest.approx(1 - (1 / 4) / (sum(distances) / 6))
