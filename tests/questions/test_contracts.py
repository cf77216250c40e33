"""What every label type keeps, whatever it is about: one case a kind, all kinds of the registry."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.columns import ANNOTATIONS, LABELS, require
from jupyter_annotate.errors import LabelError
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.questions import QUESTIONS
from jupyter_annotate.schema import Schema
from tests.questions.cases import VARIANTS, Case, case_of, items_of

KINDS = sorted([*QUESTIONS, *VARIANTS])


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Case:
    """Return the case of each label type in turn."""
    return case_of(request.param)


def checked(case: Case, answer: Json) -> Json:
    """Return the canonical form of an answer to the case's item."""
    return case.schema.questions["q"].check(answer, case.schema.content(case.item))


def test_a_case_is_of_its_kind() -> None:
    """The module of a case holds the label type it is named for, under the name the tests know."""
    assert {kind: (case_of(kind).question.kind, case_of(kind).question.name) for kind in KINDS} == {
        kind: (kind if kind in QUESTIONS else kind.rpartition("_")[0], "q") for kind in KINDS
    }


def test_it_survives_its_json_form(case: Case) -> None:
    """A schema with it comes back from JSON, down to the fingerprint."""
    spec = json.loads(json.dumps(case.schema.to_json()))

    assert Schema.from_json(spec) == case.schema
    assert Schema.from_json(spec).to_json() == case.schema.to_json()


def test_good_answers_have_one_form(case: Case) -> None:
    """An answer becomes its canonical form, and that form is its own."""
    for given, wanted in case.good:
        assert canonical_json(checked(case, given)) == canonical_json(wanted)
        assert canonical_json(checked(case, wanted)) == canonical_json(wanted)


def test_the_answer_of_the_browser_tests_is_a_good_one(case: Case) -> None:
    """What keys and pointer give is in canonical form."""
    assert canonical_json(checked(case, case.answer)) == canonical_json(case.answer)


def test_bad_answers_are_refused_with_the_question(case: Case) -> None:
    """Whatever does not fit raises LabelError and names the question."""
    for bad in [*case.bad, object(), float("nan"), [[[]]], {"": None}]:
        with pytest.raises(LabelError, match="'q'"):
            checked(case, bad)


def test_an_answer_is_not_changed_by_checking(case: Case) -> None:
    """Checking leaves what it was given as it was."""
    for given, _ in case.good:
        before = json.dumps(given)
        checked(case, given)
        assert json.dumps(given) == before


def test_many_values_are_encoded_as_one_by_one(case: Case) -> None:
    """Pre-labels, given as plain text or as JSON text, are stored as the canonical JSON of each."""
    given = [good if isinstance(good, str) else json.dumps(good) for good, _ in case.good]
    shown = case.schema.content(case.item)
    encoded = case.schema.questions["q"].encode(pl.Series("value", given), [shown] * len(given))

    assert encoded.to_list() == [canonical_json(wanted) for _, wanted in case.good]


def test_labels_are_comparable(case: Case) -> None:
    """Each answer becomes rows of LABELS, with the label the case says."""
    question = case.schema.questions["q"]
    answers = pl.DataFrame(
        {
            "item_id": [f"i-{n}" for n in range(len(case.good))],
            "annotator_id": ["ada"] * len(case.good),
            "annotator_kind": ["human"] * len(case.good),
            "question": ["q"] * len(case.good),
            "value": [canonical_json(wanted) for _, wanted in case.good],
            "at": [None] * len(case.good),
            "position": list(range(len(case.good))),
        },
        schema=dict(ANNOTATIONS),
    )
    labels = require(question.labels_frame(answers), LABELS, what="labels_frame()")
    first = labels.filter(pl.col("item_id") == "i-0").drop("item_id", "annotator_id").to_dicts()
    nobody = question.labels_frame(answers.clear())

    assert first == [dict(row) for row in case.labels]
    assert set(labels["item_id"]) == set(answers["item_id"])
    assert nobody.schema == labels.schema


def test_answers_go_through_a_project_and_its_export(case: Case, tmp_path: Path) -> None:
    """A submission is stored in canonical form, is its label afterwards, and is in the export."""
    items = items_of(case, len(case.good))
    with ja.Project.open(tmp_path / "project", schema=case.schema, items=items) as project:
        session = ja.Session(project, "ada")
        for given, _ in case.good:
            current = session.current()
            assert current is not None
            session.submit({**(case.beside or {}), "q": given}, item_id=current.item_id)
        found = project.annotations().filter(pl.col("question") == "q").sort("item_id")
        report = ja.export(project, tmp_path / "export")
        labels = project.labels("q")
    read = ja.read_export(tmp_path / "export")

    assert found["value"].to_list() == [canonical_json(wanted) for _, wanted in case.good]
    assert labels.height >= len(case.good)
    assert report.files
    assert read is not None
