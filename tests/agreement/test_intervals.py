"""Intervals: how often they hold the truth, what they are drawn from, and when they are not to be trusted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement import (
    Agreement,
    Caution,
    Reason,
    krippendorff_alpha,
    null_check,
    observed_agreement,
)
from jupyter_annotate.agreement.bootstrap import Spread, corrected_interval, draws
from jupyter_annotate.agreement.krippendorff import AnyMetric
from jupyter_annotate.agreement.profiles import profiles_of
from jupyter_annotate.agreement.quantiles import normal_probability, t_probability, t_quantile
from jupyter_annotate.ratings import ratings_of
from tests.agreement.crowds import FOR_TWO, NAMES, found, simulated, unstacked


def width(agreement: Agreement) -> float:
    """Return the width of the interval."""
    assert agreement.interval is not None
    return agreement.interval[1] - agreement.interval[0]


@pytest.mark.parametrize("name", NAMES)
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    """Of 100 intervals of 90 %, about 90 hold the value of the whole population."""
    n_annotators = 2 if name in FOR_TWO else 3
    truth = found(name, simulated(100_000, n_annotators, skill=0.7, seed=99)).value
    intervals = [
        found(
            name, simulated(60, n_annotators, skill=0.7, seed=n), replicates=200, level=0.9, seed=n
        ).interval
        for n in range(100)
    ]
    held = sum(i is not None and i[0] <= truth <= i[1] for i in intervals)

    # Three and a half standard errors of a binomial with p = 0.9.
    assert abs(held - 90) <= 10.5


@pytest.mark.parametrize("name", NAMES)
def test_the_linearised_interval_is_near_the_drawn_one(name: str) -> None:
    """On many items both intervals have the same width."""
    labels = simulated(2_000, 2 if name in FOR_TWO else 3, skill=0.6, seed=1, gaps=0.1)
    analytic = found(name, labels, interval="analytic")

    assert width(analytic) == pytest.approx(width(found(name, labels, replicates=2_000)), rel=0.08)
    assert "replicates" not in analytic.details


def test_a_coefficient_without_a_linearised_interval_says_so() -> None:
    """Alpha of ordered labels has drawn intervals alone."""
    labels = simulated(30, 3, skill=0.5, seed=0)

    with pytest.raises(ValueError, match="krippendorff_alpha has no other, found 'analytic'"):
        krippendorff_alpha(labels, metric="ordinal", interval="analytic")


@pytest.mark.parametrize("metric", ["ordinal", "interval", "ratio", "jaccard"])
def test_intervals_of_other_metrics_hold_the_value(metric: AnyMetric) -> None:
    """Drawing items works for every metric."""
    labels = simulated(150, 3, skill=0.7, seed=4, n_labels=5)
    if metric == "jaccard":
        labels = labels.with_columns(pl.concat_list(pl.col("label").cast(pl.String), pl.lit("all")))
    alpha = krippendorff_alpha(labels, metric=metric, replicates=200)

    assert alpha.interval is not None
    assert alpha.interval[0] < alpha.value < alpha.interval[1]
    assert width(alpha) < 0.3


def test_drawing_items_and_drawing_profiles_are_the_same() -> None:
    """Whether items fall into few profiles or each has its own, the spread of the draws is the same."""
    few = simulated(300, 3, skill=0.6, seed=4)
    # Items carry labels of their own, so that no two items share a profile.
    many = few.with_columns(
        label=pl.concat_str(pl.col("label").cast(pl.String), pl.lit("/"), pl.col("item_id"))
    )

    widths = [width(observed_agreement(labels, replicates=4_000)) for labels in (few, many)]

    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_draws_are_multinomial() -> None:
    """Each draw has as many items as there are; rare and frequent profiles vary as they should."""
    items = [[0, 0]] * 60 + [[0, 1]] * 30 + [[1, 2]] * 2 + [[2, 2]]
    profiles = profiles_of(ratings_of(unstacked(items, pl.Int64), what="test"))
    drawn = np.concatenate(list(draws(profiles, 20_000, 0)))
    share = profiles.items / 93

    assert (drawn.sum(axis=1) == 93).all()
    assert drawn.mean(axis=0) == pytest.approx(93 * share, rel=0.05)
    assert drawn.var(axis=0) == pytest.approx(93 * share * (1 - share), rel=0.08)
    assert np.corrcoef(drawn.T)[0, 1] < -0.1


def test_draws_without_variation_are_counted() -> None:
    """Where a rare label is missing from some draws, those are counted and shown."""
    items = [["x", "x"]] * 20 + [["y", "y"]] * 3 + [["x", "y"]]
    alpha = krippendorff_alpha(unstacked(items))

    assert 1 <= alpha.details["undefined_draws"] < 100
    assert f"{alpha.details['undefined_draws']} draws without a value" in repr(alpha)


def test_corrections_move_both_ends() -> None:
    """Without bias and acceleration the interval is that of the percentiles; draws too high move it down."""
    values = np.linspace(-1, 1, 2_001)
    plain = corrected_interval(Spread(0.0, values, 0, 50), 0.9)
    lower = corrected_interval(Spread(0.0, values, 0, 50, bias=-0.3), 0.9)
    skewed = corrected_interval(Spread(0.0, values, 0, 50, acceleration=0.1), 0.9)

    assert plain == pytest.approx((-0.9, 0.9))
    assert lower[0] < plain[0]
    assert lower[1] < plain[1]
    assert skewed[0] > plain[0]
    assert skewed[1] > plain[1]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([[0, 0], [1, 1], [0, 1], [1, 1]] * 20, ()),
        ([[0, 0], [1, 1], [0, 1], [1, 1]] * 7, (Caution.FEW_ITEMS,)),
        ([[0, 0]] * 95 + [[1, 1]] * 3 + [[0, 1]] * 8, (Caution.FEW_RARE,)),
        ([[0, 0]] * 50 + [[1, 1]] * 50 + [[0, 1]] * 2, (Caution.FEW_DIFFER,)),
    ],
)
def test_an_interval_says_when_it_is_unsure(items: list[list[int]], expected: tuple[Caution, ...]) -> None:
    """Few items, few items of another label, or few that disagree: the interval rests on little."""
    assert krippendorff_alpha(unstacked(items)).warnings == expected


def test_rare_labels_do_not_matter_to_observed_agreement() -> None:
    """Only a coefficient whose chance depends on how frequent labels are warns of rare ones."""
    labels = unstacked([[0, 0]] * 83 + [[1, 1]] * 3 + [[0, 1]] * 12)

    assert observed_agreement(labels).warnings == ()
    assert Caution.FEW_RARE in found("cohen_kappa", labels, replicates=100).warnings


# ------------------------------------------------------------------------------------- clusters


def paged(n_pages: int, copies: int, seed: int) -> pl.DataFrame:
    """Return LABELS of pages whose items are copies of each other."""
    one = simulated(n_pages, 3, skill=0.6, seed=seed).rename({"item_id": "page"})
    return pl.concat(
        one.with_columns(item_id=pl.col("page") + pl.lit(f"/{copy}")) for copy in range(copies)
    ).select("item_id", "annotator_id", "label", "page")


def test_clusters_are_drawn_whole() -> None:
    """Copies of an item add nothing: drawn by page the interval is as wide as without the copies."""
    once, copied = paged(100, 1, seed=3), paged(100, 5, seed=3)

    by_page = observed_agreement(copied, cluster="page", replicates=3_000)

    assert width(by_page) == pytest.approx(width(observed_agreement(once, replicates=3_000)), rel=0.06)
    assert width(by_page) > 1.8 * width(observed_agreement(copied))
    assert (by_page.warnings, by_page.details["interval"]) == ((), "cluster")


def test_few_clusters_are_said() -> None:
    """Ten pages of many items are ten draws; a single page shows no spread at all."""
    few, one = (krippendorff_alpha(paged(pages, 10, seed=1), cluster="page") for pages in (10, 1))

    assert Caution.FEW_CLUSTERS in few.warnings
    assert (one.interval, one.reason) == (None, Reason.ONE_CLUSTER)


def test_an_item_is_in_one_cluster() -> None:
    """A cluster that changes within an item is named with its row, a missing one too."""
    labels = unstacked([[1, 2], [2, 2]])

    with pytest.raises(
        ValueError, match=r"row 1, column 'page': expected the same page in all rows of an item"
    ):
        krippendorff_alpha(labels.with_columns(page=pl.Series([1, 2, 3, 3])), cluster="page")
    with pytest.raises(ValueError, match=r"row 3, column 'page': expected a value in every row, found null"):
        krippendorff_alpha(labels.with_columns(page=pl.Series([1, 1, 3, None])), cluster="page")
    with pytest.raises(ValueError, match=r"column 'page': expected a column 'page'.*joined on"):
        krippendorff_alpha(labels, cluster="page")


def unequal(n_items: int, n_annotators: int, seed: int) -> pl.DataFrame:
    """Return LABELS of annotators of whom half know and half guess."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=(n_items, 1))
    skill = np.where(np.arange(n_annotators) % 2, 0.95, 0.1)
    known = rng.random((n_items, n_annotators)) < skill
    return unstacked(np.where(known, truth, rng.integers(2, size=known.shape)).tolist(), pl.Int64)


@pytest.mark.parametrize("name", ["krippendorff_alpha", "observed_agreement", "conger_kappa", "gwet_ac1"])
def test_annotators_may_be_drawn_too(name: str) -> None:
    """Where annotators differ, an interval that holds for others of their kind is much wider."""
    labels = unequal(200, 10, seed=0)
    items, both = (found(name, labels, replicates=200, interval=kind) for kind in ("bootstrap", "cluster"))

    assert width(both) > 2 * width(items)
    assert both.value == items.value
    assert both.warnings == ()
    again = found(name, labels, replicates=200, interval="cluster")
    assert again.interval == both.interval


def test_few_annotators_are_said() -> None:
    """Three annotators hardly show how much annotators differ; two cannot stand for others at all."""
    three = krippendorff_alpha(simulated(100, 3, skill=0.7, seed=0), interval="cluster", replicates=100)

    assert three.warnings == (Caution.FEW_ANNOTATORS,)
    for name in FOR_TWO:
        with pytest.raises(ValueError, match="is about two annotators"):
            found(name, simulated(50, 2, skill=0.7, seed=0), interval="cluster", replicates=100)


# ----------------------------------------------------------------------------------------- null


@pytest.mark.parametrize("name", NAMES)
def test_shuffled_labels_agree_as_chance_does(name: str) -> None:
    """Agreement is above that of shuffled labels, whose agreement beyond chance is about 0."""
    labels = simulated(60, 2 if name in FOR_TWO else 3, skill=0.7, seed=0, gaps=0.1)
    null = null_check(labels, name, replicates=200)

    assert null.p == pytest.approx(1 / 201)
    assert null.value == found(name, labels).value
    assert len(null.draws) == 200
    if name != "observed_agreement":
        assert abs(null.mean) < 0.1


def test_labels_without_agreement_have_any_p() -> None:
    """Without agreement small p values are as rare as they say."""
    p = [null_check(simulated(30, 3, skill=0, seed=n), replicates=60, seed=n).p for n in range(100)]

    assert 0.35 < np.mean(p) < 0.65
    assert sum(each <= 0.1 for each in p) <= 20


def test_shuffling_keeps_who_gave_what() -> None:
    """All orders of each annotator's labels are as likely: the draws are those of every permutation."""
    items = [["x", "x"], ["x", "y"], ["y", "z"], ["z", "z"]]
    null = null_check(unstacked(items), observed_agreement, replicates=4_000)
    first, second = zip(*items, strict=True)
    every = [np.mean([a == b for a, b in zip(first, p, strict=True)]) for p in itertools.permutations(second)]

    assert set(null.draws) == set(every)
    assert null.mean == pytest.approx(np.mean(every), abs=0.01)


def test_the_null_comes_with_the_agreement_if_asked() -> None:
    """``null=True`` puts the same check into the details; nothing has none."""
    labels = simulated(40, 3, skill=0.5, seed=2)
    agreement = krippendorff_alpha(labels, null=True, replicates=100)

    assert (agreement.details["null"].draws == null_check(labels, replicates=100).draws).all()
    assert "p = 0.010 (100 draws)" in repr(agreement.details["null"])
    assert math.isnan(null_check(unstacked([[1, 1]]), replicates=100).p)


# ------------------------------------------------------------------------------------ quantiles


def expect(found: Sequence[float], table: Sequence[float]) -> None:
    """Compare with a printed table."""
    assert [round(x, 3) for x in found] == list(table)


def test_quantiles_are_those_of_the_tables() -> None:
    """Student's t as every handbook prints it, and its probabilities the other way round."""
    degrees = [1, 2, 3, 10, 29, 30, 120, 1_000]

    expect([t_quantile(0.975, n) for n in degrees], [12.706, 4.303, 3.182, 2.228, 2.045, 2.042, 1.980, 1.962])
    expect([t_quantile(0.005, n) for n in degrees[1:4]], [-9.925, -5.841, -3.169])
    for n in (1, 2, 7, 8, 199, 200, 5_000):
        assert t_probability(t_quantile(0.9, n), n) == pytest.approx(0.9, abs=1e-6)
    assert normal_probability(1.959964) == pytest.approx(0.975, abs=1e-7)
