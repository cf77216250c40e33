"""NumberAnswer: quantities within bounds, exact in decimals, and what the statistics make of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_annotate as ja
from jupyter_annotate import NumberAnswer, Project, Schema, Session, Text
from jupyter_annotate.errors import LabelError, SchemaError


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"minimum": math.nan}, "expected a finite number as minimum, found nan"),
        ({"maximum": math.inf}, "expected a finite number as maximum, found inf"),
        ({"minimum": 2, "maximum": 2}, "expected minimum below maximum, found 2 and 2"),
        ({"step": 0}, "expected step above 0"),
        ({"step": "1"}, "expected a finite number as step, found '1'"),
        ({"slider": True, "minimum": 0}, "a slider needs a minimum and a maximum"),
        ({"slider": 1}, "expected slider"),
        ({"unit": 3}, "expected unit"),
    ],
)
def test_bounds_that_leave_no_answer_are_refused(options: dict[str, object], problem: str) -> None:
    """What is wrong is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        NumberAnswer("q", **options)  # type: ignore[arg-type]  # what a user could write


@given(
    st.integers(-10_000, 10_000),
    st.sampled_from([0.1, 0.01, 0.25, 0.3, 1, 5]),
    st.sampled_from([0, 0.1, -3.7]),
)
def test_every_step_is_an_answer_and_half_a_step_is_none(n: int, step: float, start: float) -> None:
    """Steps are counted in decimals, so no float error ever refuses what a person typed."""
    question = NumberAnswer("q", minimum=None if start == 0 else start - 100_000 * step, step=step)
    low = 0.0 if question.minimum is None else question.minimum
    typed = float(f"{low + n * step:.6f}")
    exact = NumberAnswer("q", minimum=question.minimum and float(f"{question.minimum:.6f}"), step=step)
    if typed >= (exact.minimum if exact.minimum is not None else -math.inf):
        assert exact.check(typed, {}) == typed
    with pytest.raises(LabelError, match="in steps of"):
        exact.check(typed + step / 2, {})


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 10**400, "3", None, True, 3 + 0j])
def test_what_is_no_number_is_refused(odd: object) -> None:
    """Neither nan nor infinity, nor a number as text, is an answer."""
    with pytest.raises(LabelError, match="expected a number"):
        NumberAnswer("q").check(odd, {})  # type: ignore[arg-type]  # what a file could hold


def test_numbers_of_numpy_are_numbers() -> None:
    """A float32 becomes the float nearest to it, and no zero is negative."""
    assert NumberAnswer("q").check(np.float32(0.5), {}) == 0.5  # type: ignore[arg-type]  # as a frame may hold it
    assert math.copysign(1, NumberAnswer("q").check(-0.0, {})) == 1  # type: ignore[arg-type]  # a float


def test_agreement_and_consensus_take_the_labels_as_they_are() -> None:
    """Interval alpha of numbers that differ by one is that of its definition, and the mean is the mean."""
    schema = Schema(Text("text"), NumberAnswer("minutes"))
    items = {"item_id": ["1", "2", "3"], "text": ["a"] * 3}
    answers = {"ada": (10, 20, 30), "bob": (11, 21, 31)}
    with Project.open(":memory:", schema=schema, items=items) as project:
        for who, numbers in answers.items():
            session = Session(project, who)
            for item, number in zip("123", numbers, strict=True):
                session.submit({"minutes": number}, item_id=item)
        labels = project.labels("minutes")

    every = [each for numbers in answers.values() for each in numbers]
    expected = sum((x - y) ** 2 for x in every for y in every) / (6 * 5)
    alpha = ja.krippendorff_alpha(labels, metric="interval")
    assert alpha.value == pytest.approx(1 - 1 / expected)
    consensus = ja.NumericMean().fit(labels).consensus_.sort("item_id")
    assert consensus["label"].to_list() == [10.5, 20.5, 30.5]
