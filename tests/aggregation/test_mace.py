"""MACE: its restarts, who is found to know, and an order that no name decides."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import MACE
from jupyter_annotate.aggregation.canonical import canonical_places
from jupyter_annotate.ratings import ratings_of
from tests.aggregation.crowds import LABELS, crowd


def test_restarts_differ() -> None:
    """Every start and every seed has a stream of its own."""
    labels, _ = crowd()
    found = {MACE(n_restarts=1, n_iterations=1, seed=seed).fit(labels).objective_ for seed in range(5)}

    assert len(found) == 5


@pytest.mark.parametrize("variational", [True, False])
def test_more_restarts_are_never_worse(variational: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """The best of more starts is at least as good as that of fewer."""
    labels, _ = crowd(n_items=30, redundancy=3)
    found = [
        MACE(n_restarts=n, n_iterations=5, variational=variational).fit(labels).objective_
        for n in range(1, 12)
    ]

    assert np.diff(found).min() >= 0
    assert found[-1] > found[0]


def test_who_clicks_without_looking_knows_nothing() -> None:
    """An annotator who always gives the same label is not thought to know; their habit is seen."""
    labels, _ = crowd(n_items=150, redundancy=6)
    spam = labels.select("item_id").unique().with_columns(annotator_id=pl.lit("spam"), label=pl.lit("owl"))
    fitted = MACE().fit(pl.concat([labels, spam.select(labels.columns)]))
    knows = dict(fitted.annotators_.select("annotator_id", "knows").iter_rows())

    assert knows["spam"] < 0.05
    assert knows["annotator 7"] > 0.8
    habit = fitted.confusions_.filter(annotator_id="spam", true_label="cat", label="owl")["probability"]
    assert habit.item() > 0.85


def test_the_order_depends_on_labels_alone() -> None:
    """Other names and another order of rows give every annotator and label the same place."""
    labels, _ = crowd(n_items=100, redundancy=5)
    annotator, label = canonical_places(ratings_of(labels, what="labels"))
    renamed = labels.with_columns(
        pl.col("annotator_id").replace_strict({f"annotator {n}": f"{7 - n}" for n in range(8)}),
        pl.col("label").replace_strict(dict(zip(LABELS, ["z", "y", "x"], strict=True))),
    )
    other, other_label = canonical_places(ratings_of(renamed.reverse(), what="labels"))

    assert other[::-1].tolist() == annotator.tolist()
    assert other_label[::-1].tolist() == label.tolist()
    assert sorted(annotator) == list(range(8))


def test_no_restarts_are_refused() -> None:
    """There has to be a start."""
    with pytest.raises(ValueError, match="n_restarts: expected a whole number of at least 1, found 0"):
        MACE(n_restarts=0)
