"""Agreement: where nothing can be said, what is refused, which labels are taken, how a result reads."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement import (
    COEFFICIENTS,
    Agreement,
    Caution,
    Reason,
    gwet_ac2,
    krippendorff_alpha,
    observed_agreement,
)
from jupyter_annotate.agreement.krippendorff import AnyMetric
from jupyter_annotate.agreement.weighting import Weights
from jupyter_annotate.errors import ColumnError
from tests.agreement.crowds import FOR_TWO, NAMES, DType, Row, found, frame, simulated, unstacked

UNDEFINED: list[tuple[list[Row], Reason]] = [
    ([], Reason.NO_LABELS),
    ([("1", "a", None), ("1", "b", None)], Reason.NO_LABELS),
    ([("1", "a", 1), ("2", "a", 2)], Reason.NO_PAIRS),
    ([("1", "a", 1), ("2", "b", 2)], Reason.NO_PAIRS),
    ([("1", "a", 1), ("1", "b", None)], Reason.NO_PAIRS),
]
WITH_CHANCE = [name for name in NAMES if name != "observed_agreement"]
FIXED_CHANCE = ["brennan_prediger", "gwet_ac1", "gwet_ac2"]


# ----------------------------------------------------------------- where nothing can be said


@pytest.mark.parametrize(("rows", "reason"), UNDEFINED)
@pytest.mark.parametrize("name", NAMES)
def test_undefined_is_nan_with_a_reason(name: str, rows: list[Row], reason: Reason) -> None:
    """Without pairs of labels there is no number, and the reason is given; null is all the table says."""
    agreement = found(name, frame(rows), replicates=100)

    assert math.isnan(agreement.value)
    assert (agreement.interval, agreement.reason) == (None, reason)
    assert str(reason) in repr(agreement)
    assert agreement.to_frame().select("value", "low", "high", "reason").row(0) == (None, None, None, reason)


@pytest.mark.parametrize("interval", ["bootstrap", "cluster", "analytic"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_undefined_whichever_interval_is_asked_for(name: str, interval: str) -> None:
    """An empty frame gives its reason with every kind of interval."""
    assert found(name, frame([]), interval=interval, replicates=100).reason is Reason.NO_LABELS


@pytest.mark.parametrize("name", WITH_CHANCE)
def test_one_category_leaves_what_is_beyond_chance_undefined(name: str) -> None:
    """If all labels are the same and no other was declared, chance alone would agree as well."""
    agreement = found(name, unstacked([[1, 1], [1, 1]]))

    assert math.isnan(agreement.value)
    assert agreement.reason is Reason.NO_VARIATION
    assert repr(agreement) == (
        f"{name} undefined: all labels are the same, so chance alone would agree as well "
        "(2 items, 2 annotators)"
    )


@pytest.mark.parametrize("name", WITH_CHANCE)
def test_a_second_declared_category_makes_fixed_chance_defined(name: str) -> None:
    """AC1, AC2 and Brennan-Prediger know from the declaration that others could have been given."""
    agreement = found(name, unstacked([[1, 1], [1, 1]]), categories=[1, 2])

    assert (agreement.value == 1.0) is (name in FIXED_CHANCE)
    assert (agreement.reason is Reason.NO_VARIATION) is (name not in FIXED_CHANCE)


@pytest.mark.parametrize("name", WITH_CHANCE)
def test_one_declared_category_is_undefined(name: str) -> None:
    """A question with one answer has no agreement beyond chance."""
    assert found(name, unstacked([[1, 1], [1, 1]]), categories=[1]).reason is Reason.NO_VARIATION


def test_observed_agreement_needs_no_variation() -> None:
    """All labels the same is agreement on every item, for what it is worth."""
    assert observed_agreement(unstacked([[1, 1], [1, 1]])).value == 1


@pytest.mark.parametrize("name", NAMES)
def test_one_item_has_no_interval(name: str) -> None:
    """One item gives a value or a reason, and no interval, as there is nothing to draw from."""
    for interval in ("bootstrap", "analytic"):
        agreement = found(name, unstacked([[1, 2]]), replicates=100, interval=interval)

        assert (agreement.value <= 0, agreement.interval, agreement.reason) == (True, None, Reason.ONE_ITEM)
        assert "no interval: one item" in repr(agreement)


@pytest.mark.parametrize("name", NAMES)
def test_no_interval_where_none_is_asked_for(name: str) -> None:
    """Without replicates there is the value alone."""
    agreement = found(name, simulated(20, 2, skill=0.5, seed=8), replicates=0)

    assert (agreement.interval, agreement.reason) == (None, Reason.NOT_ASKED)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FOR_TWO])
def test_items_may_have_different_numbers_of_labels(name: str) -> None:
    """Gaps are no error: every pair of labels on an item counts."""
    agreement = found(name, unstacked([[1, 1, None], [2, 2, 2], [None, 1, 2], [1, None, None]]))

    assert (agreement.n_items, agreement.n_pairs, agreement.n_single, agreement.n_missing) == (3, 5, 1, 4)
    assert 0 < agreement.value < 1


# --------------------------------------------------------------------------------------- misuse


def refused(name: str, labels: object, **options: object) -> ColumnError:
    """Return the error a coefficient raises."""
    with pytest.raises(ColumnError) as caught:
        found(name, labels, **options)
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_two_labels_of_one_annotator_are_refused(name: str) -> None:
    """A second label of an annotator on an item is named with its row and what to do."""
    error = refused(name, frame([("1", "a", 1), ("2", "a", 1), ("1", "b", 1), ("1", "a", 2)]))

    assert str(error) == (
        f"{name}(), row 3: expected one label an item and annotator, found a second label of 'a' "
        "on '1'. Keep one, for example the last: labels.unique(['item_id', 'annotator_id'], keep='last')."
    )


@pytest.mark.parametrize("columns", [["start", "end", "text"], ["x", "y", "width", "height"]], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_marks_are_refused(name: str, columns: list[str]) -> None:
    """Spans and boxes are told that they need another function, even if no item has two of them."""
    marks = frame([("1", "a", 1), ("1", "b", 1)]).with_columns(pl.lit(1).alias(c) for c in columns)

    assert "Agreement on spans and boxes has to match the marks first" in str(refused(name, marks))


@pytest.mark.parametrize("name", NAMES)
def test_labels_that_cannot_be_compared_are_refused(name: str) -> None:
    """Missing columns, structures and nan are named, never guessed at."""
    pairs: list[Row] = [("1", "a", 1.0), ("1", "b", math.nan)]

    assert refused(name, {"item_id": ["1"], "label": ["x"]}).column == "annotator_id"
    assert refused(name, frame([("1", "a", {"k": 1})], pl.Struct({"k": pl.Int64}))).column == "label"
    error = refused(name, frame(pairs, pl.Float64))
    assert (error.row, error.column) == (1, "label")
    assert "fill_nan(None)" in str(error)


@pytest.mark.parametrize("name", NAMES)
def test_a_label_outside_the_declared_ones_is_refused(name: str) -> None:
    """A label that could not have been given is named with its row."""
    error = refused(name, frame([("1", "a", 1), ("1", "b", 7)]), categories=[1, 2])

    assert (error.row, error.column, error.found) == (1, "label", "7")


@pytest.mark.parametrize("name", FOR_TWO)
def test_a_third_annotator_is_refused(name: str) -> None:
    """A coefficient for two says how to compare more; one without a label is no third."""
    error = refused(name, simulated(5, 3, skill=0.5, seed=0))

    assert str(error).startswith(
        f"{name}(), column 'annotator_id': expected labels of two annotators, found 3"
    )
    assert "agreement_table(labels, pairs=True)" in str(error)
    assert found(name, frame([("1", "a", 1), ("1", "b", 2), ("1", "c", None)])).n_annotators == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"level": 1.0}, "a level between 0 and 1"),
        ({"level": 0.0}, "a level between 0 and 1"),
        ({"level": "0.9"}, "a level between 0 and 1"),
        ({"replicates": -1}, "at least 40"),
        ({"replicates": 39}, "at least 40"),
        ({"replicates": 100, "level": 0.99}, "at least 200"),
        ({"replicates": 1000.0}, "replicates=0 or at least 40"),
        ({"replicates": True}, "replicates=0 or at least 40"),
        ({"seed": -1}, "a whole number from 0 on as seed, found -1"),
        ({"seed": "x"}, "a whole number from 0 on as seed, found 'x'"),
        ({"interval": "exact"}, "interval to be one of"),
        ({"interval": "analytic", "cluster": "page"}, "interval='bootstrap' or 'cluster'"),
        ({"metric": "euclid"}, "metric to be one of"),
        ({"metric": "ordinal"}, r"categories=\[...\] from low to high"),
    ],
    ids=str,
)
def test_impossible_options_are_refused(options: dict[str, Any], expected: str) -> None:
    """The error says what was expected and what was found."""
    labels = frame([("1", "a", "x"), ("1", "b", "y")], pl.String).with_columns(page=pl.lit(1))

    with pytest.raises(ValueError, match=expected):
        krippendorff_alpha(labels, **options)


def test_an_option_nobody_knows_is_refused() -> None:
    """A misspelt option is named beside those that are known."""
    with pytest.raises(TypeError, match=r"observed_agreement\(\) has no option 'sed'; known: .*'seed'"):
        observed_agreement(frame([]), sed=1)  # type: ignore[call-arg]  # on purpose


@pytest.mark.parametrize(
    ("metric", "labels", "row"),
    [
        ("interval", ["x", "y"], None),
        ("ratio", [1.0, -2.0], 1),
        ("jaccard", ["x", "y"], None),
        ("masi", [1, 2], None),
    ],
)
def test_labels_without_such_distances_are_refused(
    metric: AnyMetric, labels: list[object], row: int | None
) -> None:
    """Text has no difference, a number below 0 no ratio and a single label no overlap."""
    with pytest.raises(ColumnError, match="expected") as caught:
        krippendorff_alpha(unstacked([labels]), metric=metric)

    assert (caught.value.column, caught.value.row) == ("label", row)


@pytest.mark.parametrize(
    "metric", [int.__sub__, lambda *_: 1.0, lambda *_: math.nan], ids=["odd", "own", "nan"]
)
def test_what_is_no_distance_is_refused(metric: AnyMetric) -> None:
    """A function that is not the same both ways, or not 0 for equal labels, is no metric."""
    with pytest.raises(ValueError, match="a metric that is a number from 0 on, the same both ways"):
        krippendorff_alpha(unstacked([[1, 2], [2, 2]]), metric=metric)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("cubic", "weights to be one of"),
        ([[1, 0]], r"found the shape \(1, 2\)"),
        ([[1, 0], [0, 0.5]], "1 on the diagonal"),
        (np.eye(3), r"of the shape \(2, 2\)"),
        ("linear", r"categories=\[...\] from low to high"),
    ],
    ids=str,
)
def test_weights_that_do_not_fit_are_refused(weights: Weights, expected: str) -> None:
    """A scheme or a matrix with a row for each category, ones on the diagonal."""
    with pytest.raises(ValueError, match=expected):
        gwet_ac2(unstacked([["x", "y"]], pl.String), weights=weights)


# ------------------------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], pl.Int64),
        ([0.5, 2.5], pl.Float64),
        ([True, False], pl.Boolean),
        (["x", "y"], pl.Categorical),
        (["x", "y"], pl.Enum(["y", "x"])),
        (["Ωμέγα", "日本語 🙂"], pl.String),
        (["nan", ""], pl.String),
        ([dt.timedelta(days=1), dt.timedelta(microseconds=1)], pl.Duration),
        ([["x", "y"], []], pl.List(pl.String)),
        ([[1, 2], [3, 4]], pl.Array(pl.Int8, 2)),
    ],
    ids=str,
)
def test_labels_of_any_type_compare(values: list[object], dtype: DType) -> None:
    """Numbers, booleans, categories, text that reads like nothing, and sets agree like any others do."""
    x, y = values
    pattern = [[x, x], [y, y], [x, y], [None, x], [y, y]]
    as_numbers = unstacked([[1, 1], [2, 2], [1, 2], [None, 1], [2, 2]])

    agreement, expected = krippendorff_alpha(unstacked(pattern, dtype)), krippendorff_alpha(as_numbers)

    assert (agreement.value, agreement.n_missing) == (expected.value, 1)


def test_sets_compare_as_a_whole() -> None:
    """The same labels in another order are the same set, a part of them is another, none is a set too."""
    sets = unstacked(
        [[["x", "y"], ["y", "x"]], [["x"], ["x", "y"]], [[], []], [None, []]], pl.List(pl.String)
    )
    agreement = observed_agreement(sets)

    assert agreement.value == pytest.approx(2 / 3)
    assert (agreement.n_items, agreement.n_missing) == (3, 1)


def test_zero_has_one_sign() -> None:
    """0.0 and -0.0 are one label, alone and in a set."""
    alone = unstacked([[0.0, -0.0], [1.0, 1.0]])
    sets = unstacked([[[0.0], [-0.0]], [[1.0], [1.0]]], pl.List(pl.Float64))

    assert [krippendorff_alpha(labels, replicates=0).value for labels in (alone, sets)] == [1.0, 1.0]


def test_an_enum_has_its_order() -> None:
    """Ordinal alpha takes the order of an Enum, which is not that of the alphabet."""
    ordered = pl.Enum(["low", "mid", "high"])
    items = [["low", "low"], ["mid", "high"], ["high", "high"], ["low", "mid"]]
    numbers = [[["low", "mid", "high"].index(label) for label in item] for item in items]
    expected = krippendorff_alpha(unstacked(numbers), metric="ordinal").value

    as_enum = krippendorff_alpha(unstacked(items, ordered), metric="ordinal")
    named = krippendorff_alpha(unstacked(items), metric="ordinal", categories=["low", "mid", "high"])

    assert (as_enum.value, named.value) == (expected, expected)


def test_any_frame_is_taken() -> None:
    """LABELS may be lazy, a mapping or a pandas frame; further columns are ignored."""
    pandas = pytest.importorskip("pandas")
    columns = {"item_id": [1, 1, 2, 2], "annotator_id": list("abab"), "label": list("xxxy"), "at": [0] * 4}
    values = [
        observed_agreement(source).value
        for source in (columns, pl.LazyFrame(columns), pandas.DataFrame(columns))
    ]

    assert values == [0.5, 0.5, 0.5]


def test_a_thousand_labels_and_more() -> None:
    """Many different labels need no table of labels by items; perfect agreement but for one item shows."""
    items = [[n % 1500, n % 1500] for n in range(30_000)]
    items[0] = [0, 1]
    alpha = krippendorff_alpha(unstacked(items, pl.Int64), replicates=40)

    assert 0.9999 < alpha.value < 1
    assert alpha.details["categories"] == 1500


# -------------------------------------------------------------------------------------- reading


def test_an_agreement_reads_as_one_line() -> None:
    """Value, interval, level and what it rests on stand in one line; narrow intervals get one more digit."""
    plain = Agreement(coefficient="alpha", value=0.7434, interval=(0.4612, 1.0), n_items=12, n_annotators=4)
    narrow = Agreement(coefficient="alpha", value=0.7, interval=(0.6894, 0.7126), level=0.9, n_items=1200)

    assert repr(plain) == "alpha 0.743 [0.46, 1.00] (95 %, 12 items, 4 annotators)"
    assert repr(narrow) == "alpha 0.700 [0.689, 0.713] (90 %, 1,200 items, 0 annotators)"


def test_warnings_are_words() -> None:
    """A warning is a sentence; the line shows it in two words, the table whole; others may be added."""
    warnings = (Caution.FEW_ITEMS, Caution.FEW_RARE, "images differ in size")
    agreement = Agreement(coefficient="alpha", value=0.7, interval=(0, 1), warnings=warnings)

    assert repr(agreement).endswith("; unsure: few items, few rare, images differ in size)")
    assert agreement.to_frame()["warnings"][0].startswith("fewer than 30 items: the interval may miss")


@pytest.mark.parametrize("name", NAMES)
def test_a_coefficient_shows_its_options(name: str) -> None:
    """Every coefficient is named in the registry as it names itself."""
    assert found(name, simulated(30, 2, skill=0.8, seed=1)).coefficient == name
    assert name in COEFFICIENTS
