"""Multi-label consensus: one vote a label, its confidence, models by choice, and invariance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.multi_label import MultiLabel
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, renamed, shuffled


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return LABELS whose labels are lists."""
    names = {"item_id": pl.String, "annotator_id": pl.String}
    schema: dict[str, pl.DataType | type[pl.DataType]] = {**names, "label": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def simulated(n: int, *, seed: int) -> tuple[pl.DataFrame, list[list[str]]]:
    """Return sets of up to four labels by five annotators, two of whom hardly look, and the true sets."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 4)) < 0.4
    names = np.array(["a", "b", "c", "d"])
    rows = []
    for item in range(n):
        for who, wrong in enumerate((0.05, 0.1, 0.1, 0.45, 0.45)):
            given = truth[item] ^ (rng.random(4) < wrong)
            rows.append((f"i{item:04d}", f"w{who}", names[given].tolist()))
    return frame(rows), [names[each].tolist() for each in truth]


def right(found: pl.DataFrame, truth: list[list[str]]) -> float:
    """Return the share of items whose whole set is right."""
    return float(np.mean([a == b for a, b in zip(found["label"].to_list(), truth, strict=True)]))


def test_each_label_is_voted_on() -> None:
    """A label that more than half gave is in the set; one half is a tie and leaves it out."""
    rows = [("i", "w1", ["a", "b"]), ("i", "w2", ["a", "c"]), ("i", "w3", ["a", "b"]), ("i", "w4", [])]

    found = MultiLabel().fit_predict(frame(rows))

    assert found.rows() == [("i", ["a"], 0.75 * 0.5 * 0.75, True, 4)]


def test_dawid_skene_weighs_annotators() -> None:
    """Where two of five hardly look, Dawid-Skene on each label gets more whole sets right than votes."""
    labels, truth = simulated(300, seed=1)
    voted, modeled = MultiLabel().fit_predict(labels), MultiLabel(DawidSkene()).fit_predict(labels)

    assert right(modeled, truth) > right(voted, truth) + 0.05
    assert modeled["confidence"].mean() == pytest.approx(right(modeled, truth), abs=0.1)


def test_the_model_passed_in_stays_as_it_was() -> None:
    """Fitting uses a copy of the model."""
    model = DawidSkene()
    MultiLabel(model).fit(simulated(20, seed=2)[0])

    assert model._posterior is None


def test_names_and_order_change_nothing() -> None:
    """Shuffled rows and labels give the same bits; renamed items, annotators and labels the same sets."""
    labels, _ = simulated(50, seed=3)
    plain = MultiLabel(DawidSkene()).fit(labels)
    mixed = shuffled(labels).with_columns(pl.col("label").list.reverse())
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id")}
    turned = {"a": "z", "b": "y", "c": "x", "d": "w"}
    other = MultiLabel(DawidSkene()).fit(
        renamed(labels, new).with_columns(pl.col("label").list.eval(pl.element().replace(turned)))
    )
    expected = renamed(plain.consensus_, {"item_id": new["item_id"]}).with_columns(
        pl.col("label").list.eval(pl.element().replace(turned)).list.sort()
    )

    assert plain.consensus_.equals(MultiLabel(DawidSkene()).fit_predict(mixed))
    assert close(expected, other.consensus_, by="item_id")
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


def test_labels_that_nobody_gave_change_only_certainty() -> None:
    """A label that could have been given and was not is left out of every set, with certainty by votes."""
    labels, _ = simulated(20, seed=4)

    plain, declared = MultiLabel().fit(labels), MultiLabel(labels=["a", "b", "c", "d", "e"]).fit(labels)

    assert plain.consensus_.equals(declared.consensus_)
    assert declared.probabilities_.filter(label="e")["probability"].to_list() == [0.0] * 20


def test_labels_that_say_little_have_a_result() -> None:
    """An empty list is an answer, null is none, and no rows give no items."""
    found = MultiLabel().fit_predict(frame([("a", "ada", []), ("b", "ada", None), ("c", "ada", ["x"])]))

    assert found.select("label", "confidence", "n_labels").rows() == [
        ([], 1.0, 1),
        (None, None, 0),
        (["x"], 1.0, 1),
    ]
    assert MultiLabel().fit_predict(frame([])).is_empty()
    assert MultiLabel().fit_predict(frame([("a", "ada", [])])).rows() == [("a", [], 1.0, False, 1)]


def test_what_is_no_list_is_refused() -> None:
    """A single label in place of a list, or one that was not declared, is refused where it stands."""
    with pytest.raises(ColumnError, match="lists of labels") as caught:
        MultiLabel().fit({"item_id": ["a", "a"], "annotator_id": ["x", "y"], "label": [None, "b"]})
    assert (caught.value.row, caught.value.column) == (1, "label")
    with pytest.raises(ColumnError) as caught:
        MultiLabel(labels=["a"]).fit(frame([("i", "x", ["a"]), ("i", "y", ["a", "b"])]))
    assert (caught.value.row, caught.value.column) == (1, "label")
