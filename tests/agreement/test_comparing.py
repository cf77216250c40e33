"""Comparing two agreements: the same items cancel, others do not."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement import (
    Caution,
    Comparison,
    Reason,
    compare_agreement,
    krippendorff_alpha,
    observed_agreement,
)
from tests.agreement.crowds import FOR_TWO, NAMES, found, simulated, unstacked


def hard_and_easy(n_items: int, skills: tuple[float, float], seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the LABELS of two groups of three on the same items, half of which are easy for everybody."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=(n_items, 1))
    easy = np.arange(n_items)[:, None] % 2 == 0
    groups = []
    for name, skill in zip("ab", skills, strict=True):
        known = easy | (rng.random((n_items, 3)) < skill)
        table = unstacked(np.where(known, truth, rng.integers(2, size=known.shape)).tolist(), pl.Int64)
        groups.append(table.with_columns(pl.col("annotator_id") + f" of {name}"))
    return groups[0], groups[1]


def ends(comparison: Comparison) -> tuple[float, float]:
    """Return the interval."""
    assert comparison.interval is not None
    return comparison.interval


@pytest.mark.parametrize("name", NAMES)
def test_a_comparison_is_a_difference(name: str) -> None:
    """Values are those of each by itself; the other way round everything changes its sign."""
    n_annotators = 2 if name in FOR_TWO else 3
    one = simulated(80, n_annotators, skill=0.8, seed=1, gaps=0.05)
    other = simulated(80, n_annotators, skill=0.4, seed=2, gaps=0.05)

    there, back = (compare_agreement(*both, name, replicates=400) for both in ((one, other), (other, one)))

    assert there.difference == found(name, one).value - found(name, other).value
    assert back.difference == -there.difference
    assert ends(there)[0] > 0
    assert ends(back)[1] < 0
    assert there.p < 0.02
    assert 60 <= there.n_shared <= there.n_items <= 80


def test_the_same_items_make_a_comparison_sharp() -> None:
    """What is hard for both cancels: the interval is narrower than for items of others."""
    one, other = hard_and_easy(300, (0.5, 0.4), seed=1)
    elsewhere = other.with_columns(pl.col("item_id") + " elsewhere")

    paired = compare_agreement(one, other, observed_agreement)
    apart = compare_agreement(one, elsewhere, observed_agreement)

    assert (paired.n_items, paired.n_shared, apart.n_items, apart.n_shared) == (300, 300, 600, 0)
    assert paired.difference == apart.difference
    assert ends(paired)[1] - ends(paired)[0] < 0.93 * (ends(apart)[1] - ends(apart)[0])


def test_no_difference_is_found_where_there_is_none() -> None:
    """Between groups of the same skill one interval of ten at 90 % misses 0, and p goes with it."""
    found = [
        compare_agreement(*hard_and_easy(60, (0.6, 0.6), seed=n), replicates=200, level=0.9, seed=n)
        for n in range(100)
    ]
    missed = [comparison for comparison in found if not ends(comparison)[0] <= 0 <= ends(comparison)[1]]

    assert 3 <= len(missed) <= 19
    assert 0.35 < fmean(comparison.p for comparison in found) < 0.65
    assert max(comparison.p for comparison in missed) < 0.13


def test_p_ends_where_the_interval_does() -> None:
    """An interval whose level is one less p ends at 0."""
    one, other = hard_and_easy(100, (0.6, 0.4), seed=3)
    comparison = compare_agreement(one, other, replicates=4_000)
    at_zero = compare_agreement(one, other, replicates=4_000, level=1 - comparison.p)

    assert 0.001 < comparison.p < 0.2
    assert min(abs(end) for end in ends(at_zero)) < 0.003


def test_a_comparison_with_nothing_has_a_reason() -> None:
    """What is undefined on one side is undefined in all; the same labels twice have no interval."""
    labels = simulated(30, 3, skill=0.6, seed=0)
    undefined = compare_agreement(labels, unstacked([[1, 1]]))
    same = compare_agreement(labels, labels, replicates=100)
    value = compare_agreement(labels, labels, replicates=0)

    assert math.isnan(undefined.difference)
    assert (undefined.reason, undefined.interval) == (Reason.NO_VARIATION, None)
    assert (same.difference, same.interval, same.reason) == (0, None, Reason.ALIKE)
    assert (value.reason, math.isnan(value.p)) == (Reason.NOT_ASKED, True)
    assert "no interval: all items agree alike" in repr(same)


def test_a_comparison_of_few_items_is_unsure() -> None:
    """Fewer than thirty items are said."""
    one, other = hard_and_easy(20, (0.6, 0.4), seed=3)

    assert Caution.FEW_ITEMS in compare_agreement(one, other).warnings


def test_a_comparison_draws_items_and_nothing_else() -> None:
    """Other kinds of intervals are refused, not ignored."""
    labels = simulated(30, 3, skill=0.6, seed=0)

    for options in ({"interval": "analytic"}, {"interval": "cluster"}, {"cluster": "label"}):
        with pytest.raises(ValueError, match="Expected items to be drawn"):
            compare_agreement(labels, labels, **options)  # type: ignore[arg-type]  # of several types


def test_the_scheme_is_the_coefficients_own() -> None:
    """A metric goes with the name of the coefficient."""
    one, other = (simulated(60, 3, skill=skill, seed=4, n_labels=5) for skill in (0.8, 0.4))
    comparison = compare_agreement(
        one, other, "krippendorff_alpha", scheme={"metric": "ordinal"}, replicates=100
    )

    assert comparison.first.value == krippendorff_alpha(one, metric="ordinal", replicates=0).value
    assert ends(comparison)[0] < comparison.difference < ends(comparison)[1]


# -------------------------------------------------------------------------- adaptive overlap


def adaptive(n_items: int, seed: int) -> pl.DataFrame:
    """Return LABELS where hard items got their second label more often, and how likely each was to.

    Annotators agree on 1.0 of the easy items and about 0.5 of the hard ones, which are half of all.
    """
    rng = np.random.default_rng(seed)
    hard = rng.random(n_items) < 0.5
    by_lot = rng.random(n_items) < 0.2
    propensity = np.where(by_lot | hard, 0.9, 0.15)
    # By lot all items have the same chance; the others are asked for by how hard they look.
    chance = np.where(by_lot, 0.5, propensity)
    second = rng.random(n_items) < chance
    first = rng.integers(2, size=n_items)
    other = np.where(hard, rng.integers(2, size=n_items), first)
    labels = unstacked([[a, b if asked else None] for a, b, asked in zip(first, other, second, strict=True)])
    return labels.with_columns(
        by_lot=pl.Series(np.repeat(by_lot, 2)), weight=pl.Series(np.repeat(1 / chance, 2))
    )


def test_adaptive_overlap_is_undone_by_weights_or_by_the_random_share() -> None:
    """All doubly labeled items agree too little; weighted, or chosen by lot, they agree as all would."""
    labels = adaptive(20_000, seed=0)

    plain, weighted, by_lot = (
        observed_agreement(labels, **options)  # type: ignore[arg-type]  # of several types
        for options in ({}, {"item_weights": "weight"}, {"random": "by_lot"})
    )

    assert plain.value < 0.62
    for honest in (weighted, by_lot):
        assert honest.value == pytest.approx(0.75, abs=0.02)
        assert honest.interval is not None
        assert honest.interval[0] < 0.75 < honest.interval[1]
    assert "overlap" not in plain.details
    assert weighted.details["overlap"] == "items weighted by 'weight', from 1.11111 to 6.66667"
    assert by_lot.details["overlap"].endswith("of 20,000 items chosen by lot ('by_lot')")


@pytest.mark.parametrize("name", NAMES)
def test_whole_weights_are_repetitions(name: str) -> None:
    """An item that counts three times is as good as three items."""
    once = simulated(40, 2 if name in FOR_TWO else 3, skill=0.6, seed=2)
    weight = pl.col("item_id").cast(pl.Int64) % 3 + 1
    weighted = once.with_columns(weight=weight)
    copies = pl.concat(
        once.filter(weight > copy).with_columns(pl.col("item_id") + f"/{copy}") for copy in range(3)
    )

    value = found(name, weighted, item_weights="weight").value
    if name == "krippendorff_alpha":
        # Its correction for the number of labels goes by how many there are, not by what they count.
        n, m = found(name, copies).n_labels, found(name, weighted).n_labels
        value = 1 - (1 - value) * (m / (m - 1)) * ((n - 1) / n)

    assert value == pytest.approx(found(name, copies).value, abs=1e-12)


def test_equal_weights_change_nothing() -> None:
    """Weights that are all the same give the value and the interval without them."""
    labels = simulated(50, 3, skill=0.6, seed=2).with_columns(weight=pl.lit(7.0))

    plain, weighted = krippendorff_alpha(labels), krippendorff_alpha(labels, item_weights="weight")

    assert (weighted.value, weighted.interval) == (plain.value, plain.interval)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("item_weights", [1.0, 1.0, 0.0, 0.0], r"row 2, column 'x': expected a number above 0, found 0.0"),
        (
            "item_weights",
            [1.0, 2.0, 1.0, 1.0],
            r"row 1, column 'x': expected the same x in all rows",
        ),
        ("item_weights", [math.inf] * 4, r"row 0, column 'x': expected a number above 0, found inf"),
        ("item_weights", ["a"] * 4, r"column 'x': expected numbers above 0, found String"),
        ("random", [1, 1, 0, 0], r"column 'x': expected booleans: true if by lot, found Int64"),
        ("random", [True, False, True, True], r"row 1, column 'x': expected the same x in all rows"),
    ],
)
def test_columns_of_items_are_checked(column: str, values: list[object], expected: str) -> None:
    """A weight of 0, one that changes within an item or a lot that is no boolean is named with its row."""
    labels = unstacked([[1, 2], [2, 2]]).with_columns(x=pl.Series(values))

    with pytest.raises(ValueError, match=expected):
        krippendorff_alpha(labels, **{column: "x"})  # type: ignore[arg-type]  # either column


def test_errors_name_rows_of_the_whole_frame() -> None:
    """Rows left out by ``random`` still count where an error names a row."""
    labels = unstacked([[1, 2], [2, 2], [2, -1]]).with_columns(x=pl.Series([False] * 2 + [True] * 4))

    with pytest.raises(ValueError, match="row 5, column 'label'"):
        krippendorff_alpha(labels, metric="ratio", random="x")
