"""Ordinal consensus: the median, the model of bias and spread, invariance, and labels that say little."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.aggregation.ordinal import OrdinalMedian, OrdinalModel
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, renamed, shuffled

BIAS = np.array([1.0, -1.0, 0.0, 0.0, 0.5, -0.5])
SPREAD = np.array([0.2, 0.2, 0.2, 1.5, 0.3, 0.3])


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return LABELS."""
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def simulated(n: int, *, seed: int, per_item: int = 3) -> tuple[pl.DataFrame, np.ndarray]:
    """Return labels from 0 to 4 of six annotators who lean and waver, and the true ones."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, n)
    rows = []
    for item in range(n):
        for who in rng.choice(6, per_item, replace=False).tolist():
            felt = truth[item] + BIAS[who] + SPREAD[who] * rng.logistic()
            rows.append((f"i{item:04d}", f"w{who}", int(np.clip(np.rint(felt), 0, 4))))
    return frame(rows), truth


def accuracy(found: pl.DataFrame, truth: np.ndarray) -> float:
    """Return the share of right labels."""
    return float((found["label"].to_numpy() == truth).mean())


def test_who_leans_and_who_wavers_is_found() -> None:
    """The biases have their signs, the one who wavers the largest spread, and the labels are the best."""
    labels, truth = simulated(400, seed=1)
    model = OrdinalModel().fit(labels)

    found = model.annotators_.sort("annotator_id")
    assert found["bias"].to_numpy() == pytest.approx(BIAS, abs=0.5)
    assert found["spread"].arg_max() == 3
    best = accuracy(model.consensus_, truth)
    assert best > accuracy(MajorityVote().fit_predict(labels), truth) + 0.1
    assert best > accuracy(OrdinalMedian().fit_predict(labels), truth) + 0.1
    assert model.converged_


def test_few_labels_suffice_for_two_parameters() -> None:
    """With sixty items the model is at least as right as one with all twenty confusions of each annotator."""
    pairs = [simulated(60, seed=seed) for seed in range(8)]

    ours = np.mean([accuracy(OrdinalModel().fit_predict(labels), truth) for labels, truth in pairs])
    free = np.mean([accuracy(DawidSkene().fit_predict(labels), truth) for labels, truth in pairs])

    assert ours > free + 0.05


def test_each_step_raises_the_penalised_likelihood() -> None:
    """More steps never lower the log-likelihood plus what the priors add."""
    labels, _ = simulated(80, seed=2)

    heights = []
    for steps in range(1, 12):
        model = OrdinalModel(max_iterations=steps, tolerance=0).fit(labels)
        table = model.annotators_
        penalty = -(table["bias"].to_numpy() ** 2 + np.log(2 * table["spread"].to_numpy()) ** 2).sum() / 2
        heights.append(model.log_likelihood_ + penalty)

    # The prior on the shares of the labels is left out here: it is worth less than the tolerance.
    assert np.diff(heights).min() > -0.05
    assert heights[-1] > heights[0]


def test_the_scale_turned_over_gives_the_same_turned_over() -> None:
    """Labels counted from the other end give the same consensus from there, biases with the other sign."""
    labels, _ = simulated(100, seed=3)
    turned = pl.col("label") * -1 + 4
    plain, other = OrdinalModel().fit(labels), OrdinalModel().fit(labels.with_columns(turned))

    back = other.consensus_.with_columns(turned)
    assert back["label"].n_unique() > 1
    assert close(plain.consensus_.filter(~pl.col("tie")), back.filter(~pl.col("tie")), by="item_id")
    assert close(plain.annotators_, other.annotators_.with_columns(-pl.col("bias")), by="annotator_id")


@pytest.mark.parametrize("method", [OrdinalMedian, OrdinalModel])
def test_names_and_order_of_rows_change_nothing(method: type[OrdinalMedian | OrdinalModel]) -> None:
    """Shuffled rows give the same bits; renamed items, annotators and labels the same under their names."""
    labels, _ = simulated(60, seed=4)
    plain = method().fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id")}
    other = method().fit(renamed(labels, new).with_columns(pl.col("label") * 10))

    assert plain.consensus_.equals(method().fit_predict(shuffled(labels)))
    expected = renamed(plain.consensus_, {"item_id": new["item_id"]}).with_columns(pl.col("label") * 10)
    assert close(expected, other.consensus_, by="item_id")
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


@pytest.mark.parametrize("method", [OrdinalMedian, OrdinalModel])
def test_who_gave_nothing_changes_nothing(method: type[OrdinalMedian | OrdinalModel]) -> None:
    """An annotator and an item without any label leave all other results as they are."""
    labels, _ = simulated(40, seed=6)
    more = pl.concat([labels, frame([("i0000", "nobody", None), ("empty", "w0", None)])])

    plain, other = method().fit_predict(labels), method().fit_predict(more)

    assert close(plain, other.filter(pl.col("item_id") != "empty"), by="item_id")


def test_gold_is_kept() -> None:
    """An item whose label is known has it with certainty, and teaches about the annotators."""
    labels, truth = simulated(60, seed=5)
    gold = {"item_id": [f"i{item:04d}" for item in range(60)], "label": truth.tolist()}
    model = OrdinalModel().fit(labels, gold=gold)

    assert model.consensus_["label"].to_list() == truth.tolist()
    assert model.consensus_["confidence"].to_list() == [1.0] * 60
    assert model.annotators_.sort("annotator_id")["bias"].to_numpy() == pytest.approx(BIAS, abs=0.5)


@pytest.mark.parametrize(
    ("labels", "expected", "tie"),
    [([1, 2, 5], 2, False), ([1, 2, 4, 5], 2, True), ([1, 2, 3, 9], 3, True), ([4], 4, False)],
)
def test_the_median_is_the_middle(labels: list[int], expected: int, tie: bool) -> None:  # noqa: FBT001 -- pytest
    """The middle label; between two the one nearer to the mean rank, the lower if both are."""
    rows = [("a", f"w{k}", label) for k, label in enumerate(labels)]
    whole = OrdinalMedian(range(1, 10)).fit_predict(frame(rows))

    assert whole.select("label", "tie").rows() == [(expected, tie)]


def test_labels_that_say_little_have_a_result() -> None:
    """An item without a label is null, all labels alike are certain for the median, no rows give no items."""
    rows = [("a", "ada", 1), ("a", "bob", 1), ("b", "ada", None)]
    median, model = OrdinalMedian().fit_predict(frame(rows)), OrdinalModel().fit_predict(frame(rows))

    assert median.rows() == [("a", 1, 1.0, False, 2), ("b", None, None, None, 0)]
    assert model["label"].to_list() == [1, None]
    assert OrdinalMedian().fit_predict(frame([])).is_empty()
    with pytest.raises(ColumnError, match="at least one label"):
        OrdinalModel().fit(frame([]))


def test_order_comes_from_the_categories() -> None:
    """Text is ordered as declared; a label that is not among them is refused where it stands."""
    labels = {"item_id": ["a"] * 3, "annotator_id": list("xyz"), "label": ["low", "mid", "high"]}

    assert OrdinalMedian(["low", "mid", "high"]).fit_predict(labels)["label"].to_list() == ["mid"]
    with pytest.raises(ColumnError) as caught:
        OrdinalMedian(["low", "high"]).fit(labels)
    assert (caught.value.row, caught.value.column) == (1, "label")


def test_wrong_parameters_are_refused() -> None:
    """No steps are a ValueError."""
    with pytest.raises(ValueError, match="max_iterations"):
        OrdinalModel(max_iterations=0)
