"""GLAD: abilities, difficulties, and the gradient."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import GLAD
from jupyter_annotate.aggregation.glad import Abilities, _objective
from jupyter_annotate.aggregation.passes import chunks_of
from jupyter_annotate.ratings import ratings_of
from tests.aggregation.crowds import LABELS, crowd, frame


def test_the_gradient_is_that_of_the_objective() -> None:
    """The slope in every ability and easiness is the difference quotient, known labels included."""
    ratings = ratings_of(crowd(n_items=12, redundancy=3)[0], what="labels")
    gold = np.full(12, -1, dtype=np.int32)
    gold[3] = 2
    chunks = chunks_of(ratings, gold)
    point = np.random.default_rng(0).normal(0.5, 1, 8 + 12)

    def value(at: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        return _objective(chunks, Abilities(*np.split(at, [8])))[0]

    _, slopes = _objective(chunks, Abilities(*np.split(point, [8])))
    steps = np.eye(20) * 1e-6
    quotients = [(value(point + step) - value(point - step)) / 2e-6 for step in steps]

    assert slopes == pytest.approx(np.array(quotients), rel=1e-4, abs=1e-5)


def test_disputed_items_are_difficult() -> None:
    """Items on which good annotators differ are more difficult than those on which they agree."""
    rng = np.random.default_rng(0)
    rows = [
        (f"{n:02}", f"{who}", LABELS[rng.integers(3) if n < 10 else n % 3])
        for n in range(40)
        for who in range(9)
    ]
    found = GLAD().fit(frame([*rows])).difficulties_

    assert found["difficulty"][:10].mean() > found["difficulty"][10:].mean() + 0.5  # type: ignore[operator]  # numbers


def test_a_few_steps_are_said_not_to_have_converged() -> None:
    """A fit that was cut short says so."""
    labels, _ = crowd()

    assert not GLAD(max_iterations=2).fit(labels).converged_
    assert GLAD().fit(labels).converged_


def test_new_items_are_judged_over_all_difficulties() -> None:
    """The same votes by better annotators are worth more on a new item."""
    labels, _ = crowd(n_items=200, redundancy=6)
    fitted = GLAD().fit(labels)
    new = pl.concat(
        [
            frame([("bad", f"annotator {n}", "cat") for n in (0, 1)]),
            frame([("good", f"annotator {n}", "cat") for n in (6, 7)]),
        ]
    )
    found = fitted.predict(new)

    assert found["label"].to_list() == ["cat", "cat"]
    assert found["confidence"][1] > found["confidence"][0]
