"""Resampling: intervals of functions of sums hold the truth, and come from the items alone."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated, mean_of, ratio, replicated


def skewed(n: int, seed: int) -> Floats:
    """Return shares of items with few marks, most of them right: skewed to the left, with gaps."""
    rng = np.random.default_rng(seed)
    size = rng.integers(0, 6, n)
    return np.column_stack([rng.binomial(size, rng.beta(4, 1, n)), size]).astype(np.float64)


@pytest.mark.parametrize("n", [15, 30, 100])
def test_intervals_hold_the_truth_even_for_few_items(n: int) -> None:
    """Of 120 intervals of 95 %, about 114 hold the share of the population."""
    held = 0
    for seed in range(120):
        interval = estimated(
            "share", skewed(n, seed), ratio, Draws(0.95, 400, seed), Basis(n_items=n)
        ).interval
        held += interval is not None and interval[0] <= 0.8 <= interval[1]

    # Four standard errors of a binomial with p = 0.95 are 9.5.
    assert held >= 114 - 9.5


def test_only_the_items_decide() -> None:
    """Items in another order, and rows that are equal, give the same interval; another seed another one."""
    sums = skewed(60, 0)
    mixed = sums[np.random.default_rng(1).permutation(60)]
    one, other, third = (
        estimated("share", each, ratio, Draws(0.95, 200, seed), Basis(n_items=60)).interval
        for each, seed in ((sums, 0), (mixed, 0), (sums, 1))
    )

    assert one == other
    assert one != third


def test_draws_are_of_as_many_items_as_there_are() -> None:
    """Every draw has the number of items, and their mean is the value of all."""
    sums = np.column_stack([np.arange(50.0), np.ones(50)])
    totals = []

    def record(some: Floats) -> Floats:
        totals.append(some[:, 1])
        return ratio(some)

    drawn = replicated(sums, record, Draws(0.95, 2000, 0))

    assert np.concatenate(totals).tolist() == [50.0] * 2000
    # Four standard errors of the mean of 2,000 draws of a mean of 50 items.
    assert drawn.mean() == pytest.approx(24.5, abs=4 * 14.43 / np.sqrt(50 * 2000))
    assert drawn.std() == pytest.approx(14.43 / np.sqrt(50), rel=0.08)


def test_a_mean_leaves_out_what_is_undefined() -> None:
    """Items without a value weigh nothing; without any there is no value, with its reason."""
    values = np.array([1.0, np.nan, 0.5])
    found = estimated("mean", mean_of(values), ratio, Draws(0.95, 0), Basis(n_items=2))
    none = estimated("mean", mean_of(values[1:2]), ratio, Draws(0.95, 0), Basis(n_items=1))

    assert (found.value, found.reason) == (0.75, Reason.NOT_ASKED)
    assert none.reason is Reason.NO_VARIATION


def test_items_that_are_alike_have_no_interval() -> None:
    """Where every item says the same, drawing them again cannot tell how sure that is."""
    found = estimated("share", np.ones((9, 2)), ratio, Draws(), Basis(n_items=9))

    assert (found.value, found.interval, found.reason) == (1.0, None, Reason.ALIKE)
