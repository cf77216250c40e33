"""What every field keeps, whatever it shows: one case a kind, all kinds of the registry."""

from __future__ import annotations

import json

import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.events import canonical_json
from jupyter_annotate.fields import FIELDS
from jupyter_annotate.questions import Choice
from jupyter_annotate.schema import Schema
from tests.fields.cases import Case, case_of, project_of

KINDS = sorted(FIELDS)


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Case:
    """Return the case of each field in turn."""
    return case_of(request.param)


def test_a_case_is_of_its_kind() -> None:
    """The module of a case holds the field it is named for, under the name the tests know."""
    assert {kind: (case_of(kind).field.kind, case_of(kind).field.name) for kind in KINDS} == {
        kind: (kind, "f") for kind in KINDS
    }


def test_it_survives_its_json_form(case: Case) -> None:
    """A schema with it comes back from JSON, down to the fingerprint."""
    schema = Schema(case.field, Choice("q", ["yes", "no"]))
    spec = json.loads(json.dumps(schema.to_json()))

    assert Schema.from_json(spec) == schema
    assert Schema.from_json(spec).to_json() == schema.to_json()


def test_a_column_that_can_be_shown_is_taken(case: Case) -> None:
    """Good cells pass, and questions are checked against what they show."""
    case.field.check_column(case.column, what="items")

    assert [case.field.content(cell) for cell in case.column] == [content for _, content in case.good]


def test_a_column_that_cannot_be_shown_is_refused(case: Case) -> None:
    """The error names the column, and the row where it is one row."""
    for column in case.bad:
        with pytest.raises(ColumnError, match="'f'"):
            case.field.check_column(column, what="items")


def test_cells_are_the_same_exactly_if_they_show_the_same(case: Case) -> None:
    """Each cell is itself and no other."""
    names = [case.field.identity(cell) for cell in case.column]

    assert names == [case.field.identity(cell) for cell in case.column]
    assert len(set(names)) == len(names)


def test_what_travels_is_json(case: Case) -> None:
    """The payload of every cell is JSON, and what it says by id is there to be had."""
    for row, cell in enumerate(case.column):
        payload = case.field.payload(cell, item_id=f"i-{row}")
        assert json.loads(canonical_json(payload)) == payload
        blob = case.field.blob(cell)
        assert (blob is not None) == (isinstance(payload, dict) and "blob" in payload)
        assert blob is None or (blob.mime and isinstance(blob.data, bytes))


def test_items_with_it_can_be_labeled(case: Case) -> None:
    """A project takes the column, serves each item and takes an answer to it."""
    with project_of(case.field.kind) as project:
        session = ja.Session(project, "ada")
        for _ in case.good:
            item = session.current()
            assert item is not None
            session.submit({"q": "yes"}, item_id=item.item_id)

        assert project.labels("q").height == len(case.good)
