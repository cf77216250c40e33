"""Intraclass correlation: the published table, the analysis of variance it stands for, and gaps."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.icc import Model, Unit, icc
from jupyter_annotate.errors import ColumnError

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "reference" / "icc.json").read_text(encoding="utf-8")
)["shrout_fleiss_1979"]
MODELS: list[Model] = ["ICC1", "ICC2", "ICC3"]
UNITS: list[Unit] = ["single", "average"]
CASES = list(itertools.product(MODELS, UNITS))


def frame(table: NDArray[np.float64] | list[list[float]]) -> pl.DataFrame:
    """Return LABELS of a table with one row an item; nan is no label."""
    cells = np.asarray(table, dtype=np.float64)
    item, annotator = np.indices(cells.shape)
    columns = {"item_id": item.ravel(), "annotator_id": annotator.ravel(), "label": cells.ravel()}
    return pl.DataFrame(columns).fill_nan(None)


def simulated(n: int, k: int, *, seed: int, noise: float = 1.0) -> NDArray[np.float64]:
    """Return numbers of annotators with a leaning of their own about items with values of their own."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(1, k)) + noise * rng.normal(size=(n, k))


@pytest.mark.parametrize(("model", "unit"), CASES)
def test_the_published_coefficients(model: Model, unit: Unit) -> None:
    """Six targets and four judges give the six coefficients as printed."""
    found = icc(frame(PUBLISHED["items"]), model=model, unit=unit)

    assert found.value == pytest.approx(float(PUBLISHED[model][unit]), abs=0.005)


@pytest.mark.parametrize(("model", "unit"), CASES)
def test_the_intervals_of_another_implementation(model: Model, unit: Unit) -> None:
    """The F intervals on that table are those that R's psych prints."""
    found = icc(frame(PUBLISHED["items"]), model=model, unit=unit)

    assert found.interval == pytest.approx(PUBLISHED["intervals"][model][unit], abs=0.006)


@pytest.mark.parametrize("model", MODELS)
def test_it_is_the_analysis_of_variance(model: Model) -> None:
    """The value is what the mean squares of the table give, also far from zero."""
    table = simulated(40, 3, seed=1)
    n, k = table.shape
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    items = k * ((rows - mean) ** 2).sum() / (n - 1)
    people = n * ((columns - mean) ** 2).sum() / (k - 1)
    rest = table - rows[:, None] - columns + mean
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    within = ((table - rows[:, None]) ** 2).sum() / (n * (k - 1))
    expected = {
        "ICC1": (items - within) / (items + (k - 1) * within),
        "ICC2": (items - error) / (items + (k - 1) * error + k * (people - error) / n),
        "ICC3": (items - error) / (items + (k - 1) * error),
    }[model]

    assert icc(frame(table), model=model).value == pytest.approx(expected)
    assert icc(frame(table + 1e6), model=model).value == pytest.approx(expected, abs=1e-6)


def test_who_is_always_higher_costs_only_absolute_agreement() -> None:
    """A constant added to one annotator leaves ICC3 and lowers ICC1 and ICC2."""
    table = simulated(50, 3, seed=2)
    before, after = (
        {model: icc(frame(each), model=model).value for model in MODELS}
        for each in (table, table + np.array([0, 0, 3]))
    )

    assert after["ICC3"] == pytest.approx(before["ICC3"])
    assert after["ICC1"] < before["ICC1"] - 0.1
    assert after["ICC2"] < before["ICC2"] - 0.1


@pytest.mark.parametrize(("model", "unit"), CASES)
def test_a_linear_map_and_other_names_change_nothing(model: Model, unit: Unit) -> None:
    """Another scale, annotators and items in another order and rows shuffled give the same."""
    table = simulated(20, 4, seed=3)
    one = icc(frame(table), model=model, unit=unit)
    moved = frame((table * 7 - 3)[::-1, [2, 0, 3, 1]]).sample(fraction=1, shuffle=True, seed=0)
    other = icc(moved, model=model, unit=unit)

    assert other.value == pytest.approx(one.value)
    assert other.interval == pytest.approx(one.interval)


def test_gaps_are_left_out_and_counted() -> None:
    """Two-way models take complete items; the one-way model takes any two labels."""
    table = simulated(30, 3, seed=4)
    gappy = table.copy()
    gappy[:5, 0] = np.nan
    gappy[5, :2] = np.nan
    gappy[6] = np.nan
    two_way, one_way = icc(frame(gappy), model="ICC2"), icc(frame(gappy), model="ICC1")

    assert two_way.value == pytest.approx(icc(frame(table[7:]), model="ICC2").value)
    assert (two_way.n_items, two_way.details["items_with_gaps"], two_way.n_single) == (23, 5, 1)
    assert (one_way.n_items, one_way.details["items_with_gaps"], one_way.n_missing) == (28, 0, 10)


def test_crowds_have_other_annotators_on_each_item() -> None:
    """With five thousand annotators who label two items each, ICC1 finds the share between items."""
    rng = np.random.default_rng(5)
    table = rng.normal(size=(2000, 1)) + rng.normal(size=(2000, 5))
    labels = frame(table).with_columns(annotator_id=pl.int_range(pl.len()) % 5000)
    found = icc(labels, model="ICC1")

    assert found.value == pytest.approx(0.5, abs=0.03)
    assert found.n_annotators == 5000


@pytest.mark.parametrize("interval", ["analytic", "bootstrap"])
def test_intervals_hold_the_truth(interval: Any) -> None:  # noqa: ANN401 -- a literal, by name
    """Of 100 intervals of 90 %, about 90 hold the share that was simulated."""
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        table = rng.normal(size=(60, 1)) + rng.normal(size=(60, 3))
        ends = icc(frame(table), model="ICC1", interval=interval, level=0.9, replicates=200).interval
        held += ends is not None and ends[0] <= 0.5 <= ends[1]

    assert 78 <= held <= 98


def test_undefined_has_its_reason() -> None:
    """One item, equal numbers, nobody else and nothing at all are told apart."""
    one = icc(frame([[1.0, 2.0]]))
    same = icc(frame([[1.0, 1.0], [1.0, 1.0]]))
    alone = icc(frame([[1.0], [2.0]]))

    assert [each.reason for each in (one, same, alone)] == [
        Reason.ONE_ITEM,
        Reason.NO_VARIATION,
        Reason.NO_PAIRS,
    ]
    assert all(math.isnan(each.value) for each in (one, same, alone))
    assert icc(frame(np.empty((0, 2)))).reason is Reason.NO_LABELS
    assert icc(frame([[1.0, 1.0], [5.0, 5.0]])).interval is None
    assert icc(frame([[1.0, 1.0], [5.0, 5.0]])).reason is Reason.ALIKE


def test_misuse_is_refused() -> None:
    """Text is no number, a second number of one annotator is named, unknown options list the known ones."""
    with pytest.raises(ColumnError, match="expected numbers, found String"):
        icc({"item_id": ["1", "1"], "annotator_id": ["a", "b"], "label": ["x", "y"]})
    with pytest.raises(ColumnError, match="row 1: expected one label an item and annotator"):
        icc({"item_id": ["1", "1"], "annotator_id": ["a", "a"], "label": [1.0, 2.0]})
    with pytest.raises(ColumnError, match="row 1, column 'label'"):
        icc({"item_id": ["1", "1"], "annotator_id": ["a", "b"], "label": [1.0, math.nan]})
    with pytest.raises(ValueError, match="Expected model to be one of"):
        icc(frame([[1.0, 2.0]]), model="ICC4")  # type: ignore[arg-type]  # on purpose
