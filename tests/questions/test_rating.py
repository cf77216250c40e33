"""Rating: whole numbers on a scale, and what the statistics make of them."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_annotate as ja
from jupyter_annotate import Project, Rating, Schema, Session, Text
from jupyter_annotate.errors import LabelError, SchemaError


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"points": 1}, "expected 2 to 21 points, found 1"),
        ({"points": 22}, "expected 2 to 21 points, found 22"),
        ({"points": 5.0}, "expected 2 to 21 points, found 5.0"),
        ({"points": True}, "expected 2 to 21 points, found True"),
        ({"start": 0.5}, "expected a whole number as start"),
        ({"style": "hearts"}, "expected style to be one of"),
        ({"low": 3}, "expected low"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(options: dict[str, object], problem: str) -> None:
    """What is wrong with a scale is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        Rating("q", **options)  # type: ignore[arg-type]  # what a user could write


def test_a_scale_may_begin_below_zero() -> None:
    """From -2 to 2 there are five points, and no more."""
    question = Rating("q", 5, start=-2)

    assert [question.check(point, {}) for point in range(-2, 3)] == [-2, -1, 0, 1, 2]
    with pytest.raises(LabelError, match="a whole number from -2 to 2"):
        question.check(3, {})


def test_numbers_of_numpy_are_numbers() -> None:
    """A point as numpy holds it becomes a plain whole number."""
    found = Rating("q").check(np.int64(3), {})  # type: ignore[arg-type]  # as a frame may hold it

    assert (found, type(found)) == (3, int)


def test_ordinal_agreement_takes_the_labels_as_they_are() -> None:
    """Annotators a point apart agree more by order than by name; weighted kappa is its definition."""
    schema = Schema(Text("text"), Rating("stars", 5))
    items = {"item_id": [str(n) for n in range(8)], "text": ["a"] * 8}
    answers = {"ada": (1, 2, 3, 4, 5, 1, 2, 3), "bob": (1, 2, 3, 4, 5, 2, 3, 4)}
    with Project.open(":memory:", schema=schema, items=items) as project:
        for who, points in answers.items():
            session = Session(project, who)
            for item, point in enumerate(points):
                session.submit({"stars": point}, item_id=str(item))
        labels = project.labels("stars")

    ordinal = ja.krippendorff_alpha(labels, metric="ordinal")
    nominal = ja.krippendorff_alpha(labels)
    ada, bob = answers.values()
    chance = sum((x - y) ** 2 for x in ada for y in bob) / 64
    kappa = ja.cohen_kappa(labels, weights="quadratic")
    assert nominal.value < ordinal.value < 1
    assert kappa.value == pytest.approx(1 - (3 / 8) / chance)
