"""Numeric consensus: definitions, recovery, coverage, invariance, and labels that say little."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.numeric import NumericMean, NumericMedian, NumericModel
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled

Model = NumericMean | NumericMedian | NumericModel
METHODS: list[Callable[[], Model]] = [
    NumericMean,
    NumericMedian,
    NumericModel,
    lambda: NumericModel(robust=True),
]
NAMES = ["mean", "median", "model", "robust"]
every_method = pytest.mark.parametrize("method", METHODS, ids=NAMES)

BIAS = np.array([2.0, -1.0, 0.0, 0.5, -1.5])
SPREAD = np.array([0.2, 0.5, 1.0, 2.0, 0.4])


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return LABELS."""
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def simulated(
    n: int, *, seed: int, per_item: int = 3, outliers: float = 0.0
) -> tuple[pl.DataFrame, np.ndarray]:
    """Return labels of five annotators with bias and spread, and the true numbers."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(10, 4, n)
    rows = []
    for item in range(n):
        for who in rng.choice(5, per_item, replace=False).tolist():
            label = truth[item] + BIAS[who] + SPREAD[who] * rng.normal()
            label += 50 * (rng.random() < outliers)
            rows.append((f"i{item:04d}", f"w{who}", float(label)))
    return frame(rows), truth


def error(found: pl.DataFrame, truth: np.ndarray) -> float:
    """Return the root mean squared error around the mean error: a bias that all share cannot be seen."""
    return float((found["label"].to_numpy() - truth).std())


def test_bias_and_spread_are_found() -> None:
    """Biases around their mean and spreads come out near the true ones, and the numbers beat the mean."""
    labels, truth = simulated(500, seed=1)
    model = NumericModel().fit(labels)

    found = model.annotators_.sort("annotator_id")
    assert found["bias"].to_numpy() == pytest.approx(BIAS - BIAS.mean(), abs=0.25)
    assert found["spread"].to_numpy() == pytest.approx(SPREAD, rel=0.25, abs=0.1)
    assert model.converged_
    assert error(model.consensus_, truth) < 0.5 * error(NumericMean().fit_predict(labels), truth)


def test_blunders_move_the_robust_model_less() -> None:
    """With four labels of a hundred off by 50 the errors of the robust model span the least."""
    labels, truth = simulated(500, seed=2, outliers=0.04)

    errors = [method().fit_predict(labels)["label"].to_numpy() - truth for method in METHODS]
    spans = [np.diff(np.quantile(each, [0.1, 0.9]))[0] for each in errors]

    assert spans[3] < 0.7 * min(spans[:3])


def test_intervals_of_the_mean_hold_the_truth() -> None:
    """Where annotators do not differ, the 95 % intervals of means hold the true number in 95 of 100 items."""
    rng = np.random.default_rng(3)
    truth = rng.normal(size=3000)
    rows = [(f"i{i:04d}", f"w{w}", float(truth[i] + rng.normal())) for i in range(3000) for w in range(4)]

    found = NumericMean().fit_predict(frame(rows))

    inside = (found["low"].to_numpy() <= truth) & (truth <= found["high"].to_numpy())
    assert inside.mean() == pytest.approx(0.95, abs=0.015)
    # Variance 1 of the truth, 1/4 of the error.
    assert found["confidence"].to_numpy() == pytest.approx(0.8, abs=0.03)


@every_method
def test_names_and_order_of_rows_change_nothing(method: Callable[[], Model]) -> None:
    """Shuffled rows give the same bits; renamed items and annotators the same under their names."""
    labels, _ = simulated(60, seed=4)
    plain = method().fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id")}
    other = method().fit(renamed(labels, new))

    assert plain.consensus_.equals(method().fit_predict(shuffled(labels)))
    assert close(renamed(plain.consensus_, {"item_id": new["item_id"]}), other.consensus_, by="item_id")
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


@every_method
def test_another_unit_changes_only_the_unit(method: Callable[[], Model]) -> None:
    """Numbers in another unit with another zero give the same consensus in that unit, as sure."""
    labels, _ = simulated(60, seed=5)
    plain = method().fit_predict(labels)
    other = method().fit_predict(labels.with_columns(pl.col("label") * 1000 + 7))

    back = other.with_columns((pl.col("label", "low", "high") - 7) / 1000)
    assert close(plain, back, by="item_id", within=1e-6)


@every_method
def test_the_same_labels_of_new_items_change_no_number(method: Callable[[], Model]) -> None:
    """With every item a second time, the consensus stays where it is, but for what shrinkage takes back."""
    labels, _ = simulated(200, seed=6)
    plain, twice = method().fit_predict(labels), method().fit_predict(doubled(labels))

    kept = twice.filter(~pl.col("item_id").str.ends_with("again"))
    assert plain["label"].to_numpy() == pytest.approx(kept["label"].to_numpy(), abs=0.1)


@every_method
def test_labels_that_say_little_have_a_result(method: Callable[[], Model]) -> None:
    """One label is its own consensus without an interval, a null label leaves its item null."""
    one = method().fit_predict(frame([("a", "ada", 3.0), ("b", "bob", None)]))
    alike = method().fit_predict(frame([("a", "ada", 3.0), ("a", "bob", 3.0), ("b", "ada", 3.0)]))

    assert one.rows() == [("a", 3.0, None, None, None, 1), ("b", None, None, None, None, 0)]
    assert alike["label"].to_list() == [3.0, 3.0]
    assert alike["confidence"].to_list() == [None, None]
    assert method().fit_predict(frame([])).is_empty()


@every_method
def test_who_gave_nothing_changes_nothing(method: Callable[[], Model]) -> None:
    """An annotator and an item without any label leave all other results as they are."""
    labels, _ = simulated(40, seed=7)
    more = pl.concat([labels, frame([("i0000", "nobody", None), ("empty", "w0", None)])])

    plain, other = method().fit(labels), method().fit(more)

    assert close(plain.consensus_, other.consensus_.filter(pl.col("item_id") != "empty"), by="item_id")
    assert close(
        plain.annotators_, other.annotators_.filter(pl.col("annotator_id") != "nobody"), by="annotator_id"
    )


@every_method
def test_one_annotator_is_believed(method: Callable[[], Model]) -> None:
    """Of a single annotator every label is the consensus, and no bias is claimed."""
    model = method().fit(frame([("a", "ada", 1.0), ("b", "ada", 5.0)]))

    assert model.consensus_["label"].to_list() == [1.0, 5.0]
    assert model.annotators_["bias"].to_list() in ([None], [0.0])


def test_whole_numbers_are_numbers() -> None:
    """Integer labels are taken as they are; the median of an even number is between the middle two."""
    labels = {"item_id": ["a"] * 4, "annotator_id": list("wxyz"), "label": [1, 2, 3, 90]}

    assert NumericMedian().fit_predict(labels)["label"].to_list() == [2.5]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_label_that_is_no_finite_number_names_its_row(bad: float) -> None:
    """Nan and infinity are refused with row and column."""
    with pytest.raises(ColumnError) as caught:
        NumericModel().fit(frame([("a", "ada", 1.0), ("a", "bob", None), ("a", "eve", bad)]))

    assert (caught.value.row, caught.value.column) == (2, "label")


def test_text_is_refused() -> None:
    """Labels that are text are refused, even if they look like numbers."""
    with pytest.raises(ColumnError, match="numbers"):
        NumericMean().fit({"item_id": ["a"], "annotator_id": ["ada"], "label": ["3"]})


def test_wrong_parameters_are_refused() -> None:
    """A level outside 0 to 1 and no shrinkage are ValueErrors."""
    with pytest.raises(ValueError, match="level"):
        NumericMean(level=95)
    with pytest.raises(ValueError, match="shrinkage"):
        NumericModel(shrinkage=0)
