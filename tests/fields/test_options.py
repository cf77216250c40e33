"""Options: each item has labels of its own."""

from __future__ import annotations

import polars as pl
import pytest

from jupyter_annotate import Choice, Label, MultiChoice, Options, Project, Schema, Session, Text
from jupyter_annotate.errors import ColumnError, ConflictError, LabelError, SchemaError

WHERE = Schema(Text("text"), Choice("where", labels_from="places"))
ITEMS = {"item_id": ["1", "2"], "text": ["Paris", "York"], "places": [["France", "Texas"], ["UK"]]}


def test_a_schema_adds_the_column_by_itself() -> None:
    """The field stands in the schema once, however it was made, and comes back from JSON."""
    assert list(WHERE.fields) == ["text", "places"]
    assert Schema(Text("text"), Options("places"), Choice("where", labels_from="places")) == WHERE
    assert Schema.from_json(WHERE.to_json()) == WHERE


def test_an_answer_is_one_of_the_labels_of_its_item() -> None:
    """What another item offers is refused, with what this one does."""
    with Project.open(":memory:", schema=WHERE, items=ITEMS) as project:
        session = Session(project, "ada")
        with pytest.raises(
            LabelError, match=r"'UK' is no answer to 'where': expected one of \['France', 'Texas'\]"
        ):
            session.submit({"where": "UK"}, item_id="1")
        session.submit({"where": "Texas"}, item_id="1")
        session.submit({"where": "UK"}, item_id="2")

        assert project.labels("where")["label"].to_list() == ["Texas", "UK"]


def test_prelabels_are_checked_against_their_item() -> None:
    """A suggestion that its item does not offer is refused with its row."""
    with Project.open(":memory:", schema=WHERE, items=ITEMS) as project:
        project.add_prelabels({"item_id": ["1", "2"], "value": ["France", "UK"]}, source="m")
        with pytest.raises(ColumnError, match=r"row 1.*'France'"):
            project.add_prelabels({"item_id": ["1", "2"], "value": ["France", "France"]}, source="m")

        assert project.prelabels()["value"].to_list() == ['"France"', '"UK"']


def test_labels_of_the_schema_stand_after_them() -> None:
    """Both are on offer; one that is in both is offered once, and the digits stay with the item's."""
    question = MultiChoice("q", ["none of these", Label("France", key="k")], labels_from="places")
    asked = question.of_item({"places": ("France", "Texas")})

    assert asked.label_names == ("Texas", "none of these", "France")
    assert [each.key for each in question.labels if isinstance(each, Label)] == ["q", "k"]
    assert asked.check(["France", "Texas"], {}) == ["Texas", "France"]


def test_other_labels_are_other_content() -> None:
    """An item that comes again with other labels is refused: its answers were to another question."""
    with Project.open(":memory:", schema=WHERE, items=ITEMS) as project:
        project.add_items({**ITEMS, "places": [["France", "Texas"], ["UK"]]})
        with pytest.raises(ConflictError, match="places"):
            project.add_items({**ITEMS, "places": [["France"], ["UK"]]})


def test_the_column_is_nothing_else() -> None:
    """A field that shows the column, a question of its name or no column is refused."""
    for parts in (
        (Text("places"), Choice("q", labels_from="places")),
        (Text("text"), Choice("q", ["a"]), Choice("r", labels_from="q")),
    ):
        with pytest.raises(
            SchemaError, match="expected labels from a column that nothing else of the schema"
        ):
            Schema(*parts)
    with pytest.raises(SchemaError, match="expected labels_from to be the name of a column, found 3"):
        Choice("q", labels_from=3)  # type: ignore[arg-type]  # what a user could write
    with pytest.raises(SchemaError, match="at least one label"):
        Choice("q")


def test_a_frame_without_lists_says_what_is_wanted() -> None:
    """Text where lists are wanted is refused with the column."""
    items = pl.DataFrame({"item_id": ["1"], "text": ["a"], "places": ["France"]})
    with pytest.raises(ColumnError, match="expected lists of labels, as text, found String"):
        Project.open(":memory:", schema=WHERE, items=items)
