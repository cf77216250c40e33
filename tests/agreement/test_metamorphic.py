"""What must not change a coefficient, and what must change it by a formula: for every one in the registry."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import COEFFICIENTS, Reason, krippendorff_alpha
from jupyter_annotate.agreement.krippendorff import AnyMetric
from jupyter_annotate.agreement.recipes import RECIPES
from tests.agreement.crowds import (
    BLIND,
    FOR_ANY,
    FOR_TWO,
    NAMES,
    SOME,
    Row,
    crowd,
    found,
    frame,
    simulated,
    tables,
    unstacked,
)

#: Credit for near misses goes by what labels are called, so that only equal ones count here.
PLAIN: dict[str, dict[str, Any]] = {"gwet_ac2": {"weights": "identity"}}
FIXED_CHANCE = ["brennan_prediger", "gwet_ac1", "gwet_ac2"]


def renamed(rows: list[Row], shuffle: random.Random) -> list[Row]:
    """Return the same labels with other names of items and annotators, in another order of rows."""
    items, annotators = [f"i{n}" for n in range(8)], [f"a{n}" for n in range(5)]
    shuffle.shuffle(items)
    shuffle.shuffle(annotators)
    other: list[Row] = [(items[int(i[-1])], annotators[int(a[-1])], label) for i, a, label in rows]
    shuffle.shuffle(other)
    return other


def some(name: str) -> pl.DataFrame:
    """Return labels with gaps, of as many annotators as a coefficient takes."""
    return simulated(60, 2 if name in FOR_TWO else 3, skill=0.6, seed=5, gaps=0.15)


def test_every_recipe_is_a_coefficient() -> None:
    """What is tested here is what can be called."""
    assert set(RECIPES) <= set(COEFFICIENTS)
    assert {COEFFICIENTS[name].__name__ for name in NAMES} == set(NAMES)  # type: ignore[attr-defined]  # functions


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(data=st.data(), shuffle=st.randoms(use_true_random=False))
def test_names_of_items_and_annotators_do_not_matter(
    name: str, data: st.DataObject, shuffle: random.Random
) -> None:
    """Renamed items and annotators give the same value, and the same interval if nobody is told apart."""
    rows = data.draw(crowd(name))
    before, after = (found(name, frame(r), replicates=50, level=0.9) for r in (rows, renamed(rows, shuffle)))

    assert after.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)
    assert (after.reason, after.n_pairs, after.n_items) == (before.reason, before.n_pairs, before.n_items)
    if name in BLIND:
        assert after.interval == pytest.approx(before.interval, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    """The same rows in another order give the same value and interval to the last bit."""
    labels = some(name)
    before, after = (
        found(name, rows, replicates=100)
        for rows in (labels, labels.sample(fraction=1, shuffle=True, seed=1))
    )

    assert (after.value, after.interval, after.warnings) == (before.value, before.interval, before.warnings)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(data=st.data(), shuffle=st.randoms(use_true_random=False))
def test_names_of_labels_do_not_matter(name: str, data: st.DataObject, shuffle: random.Random) -> None:
    """Labels of other names give the same value."""
    rows = data.draw(crowd(name))
    names: list[object] = [f"label {n}" for n in range(len(SOME))]
    shuffle.shuffle(names)
    text: list[Row] = [(i, a, None if x is None else names[SOME.index(x)]) for i, a, x in rows]  # type: ignore[arg-type]  # of SOME

    before = found(name, frame(rows), **PLAIN.get(name, {}))
    after = found(name, frame(text, pl.String), **PLAIN.get(name, {}))

    assert after.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", NAMES)
def test_who_says_nothing_changes_nothing(name: str) -> None:
    """An annotator without a label and an item without one leave value and interval as they are."""
    labels = some(name)
    silent = frame([("new", "annotator 0", None), ("0", "new", None), ("new", "new", None)])
    more = pl.concat([labels, silent])

    before, after = (found(name, rows, replicates=100) for rows in (labels, more))

    assert (after.value, after.interval) == (before.value, before.interval)
    assert (after.n_missing, after.n_annotators) == (3, before.n_annotators)


@pytest.mark.parametrize("name", [name for name in NAMES if not RECIPES[name]().single])
def test_a_single_label_changes_nothing(name: str) -> None:
    """An item with one label shows no agreement; it is counted."""
    labels = some(name)
    more = pl.concat([labels, frame([("new", "0", 2)])])

    before, after = (found(name, rows, replicates=100) for rows in (labels, more))

    assert (after.value, after.interval) == (before.value, before.interval)
    assert after.n_single == before.n_single + 1


@pytest.mark.parametrize("name", [name for name in NAMES if RECIPES[name]().single])
def test_a_single_label_counts_for_how_frequent_labels_are(name: str) -> None:
    """Gwet's family counts items with one label for chance, not for agreement."""
    labels = some(name)
    more = pl.concat([labels, frame([(f"new {n}", "0", 2) for n in range(40)])])

    before, after = (found(name, rows) for rows in (labels, more))

    assert (abs(after.value - before.value) > 1e-6) is (name != "brennan_prediger")
    assert after.n_pairs == before.n_pairs


@pytest.mark.parametrize("name", [name for name in BLIND if name in FOR_ANY])
def test_splitting_an_annotator_changes_nothing(name: str) -> None:
    """Where who labeled means nothing, one annotator's items may carry two names."""
    whole = some(name)
    early = pl.col("item_id").cast(pl.Int64) < 30
    halved = pl.col("annotator_id") + pl.when(early).then(pl.lit("'")).otherwise(pl.lit(""))

    before, after = (
        found(name, rows, replicates=100) for rows in (whole, whole.with_columns(annotator_id=halved))
    )

    assert (after.value, after.interval) == (before.value, before.interval)
    assert (before.n_annotators, after.n_annotators) == (3, 6)


@pytest.mark.parametrize("name", NAMES)
def test_everything_twice_is_as_good_as_once(name: str) -> None:
    """A copy of all items leaves the value, but for alpha's correction for the number of labels."""
    once = some(name)
    twice = pl.concat([once, once.with_columns(pl.col("item_id") + " again")])

    before, after = found(name, once), found(name, twice)

    n = before.n_labels
    factor = (2 * n - 1) / (2 * (n - 1)) if name == "krippendorff_alpha" else 1
    assert after.value == pytest.approx(1 - (1 - before.value) * factor, abs=1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FIXED_CHANCE])
def test_a_label_that_nobody_gave_changes_nothing(name: str) -> None:
    """Declared labels that do not occur leave value and interval as they are."""
    labels = some(name)
    before, after = (
        found(name, labels, replicates=100, categories=categories) for categories in (None, [1, 2, 3, 4])
    )

    assert after.value == pytest.approx(before.value, abs=1e-12)
    assert after.interval == pytest.approx(before.interval, abs=1e-12)
    assert (after.details["categories"], after.details["possible_categories"]) == (3, 4)
    assert (before.details["declared"], after.details["declared"]) == (False, True)


@pytest.mark.parametrize("name", FIXED_CHANCE)
def test_a_label_that_nobody_gave_lowers_chance(name: str) -> None:
    """Where chance depends on how many labels there are, one more changes it by the formula."""
    labels, options = some(name), PLAIN.get(name, {})
    observed = found("observed_agreement", labels).value
    before, after = (found(name, labels, categories=c, **options).value for c in ([1, 2, 3], [1, 2, 3, 4]))
    chance = (observed - before) / (1 - before)

    expected = 1 / 4 if name == "brennan_prediger" else chance * (3 - 1) / (4 - 1)

    assert after == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_annotators_may_swap(name: str) -> None:
    """What one gave the other may have given."""
    labels = some(name)
    swapped = pl.col("annotator_id").replace({"0": "1", "1": "0"})

    assert found(name, labels.with_columns(swapped)).value == pytest.approx(
        found(name, labels).value, abs=1e-12
    )


@pytest.mark.parametrize("name", NAMES)
def test_perfect_agreement_is_one(name: str) -> None:
    """A copy of an annotator agrees perfectly; no interval is claimed, as no item shows a disagreement."""
    one = simulated(50, 1, skill=0.5, seed=1)
    perfect = found(name, pl.concat([one, one.with_columns(annotator_id=pl.lit("copy"))]), replicates=100)

    assert perfect.value == pytest.approx(1, abs=1e-12)
    assert (perfect.interval, perfect.reason) == (None, Reason.ALIKE)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "observed_agreement"])
def test_labels_given_at_random_agree_as_chance_does(name: str) -> None:
    """Labels given at random are about 0."""
    labels = simulated(4_000, 2 if name in FOR_TWO else 3, skill=0, seed=2)

    assert abs(found(name, labels).value) < 0.03


@pytest.mark.parametrize("name", NAMES)
def test_disagreeing_always_is_worse_than_chance(name: str) -> None:
    """Two annotators who never agree are below 0, or at 0 if chance is not taken out."""
    labels = unstacked([[1 + n % 2, 2 - n % 2] for n in range(10)])

    assert found(name, labels).value <= (0 if name == "observed_agreement" else -0.8)


@pytest.mark.parametrize("name", NAMES)
def test_an_interval_repeats_with_its_seed(name: str) -> None:
    """The same seed gives the same interval, another one another, a higher level a wider one."""
    labels = some(name)
    first, again, other, wide = (
        found(name, labels, replicates=400, seed=seed, level=level).interval
        for seed, level in [(0, 0.9), (0, 0.9), (1, 0.9), (0, 0.99)]
    )

    assert first == again != other
    assert first is not None
    assert wide is not None
    assert wide[0] < first[0] < first[1] < wide[1]


@pytest.mark.parametrize(
    ("metric", "change"),
    [
        ("interval", lambda x: 3.5 * x - 1e6),
        ("ratio", lambda x: 2.5 * x),
        ("ordinal", lambda x: x**3),
        ("nominal", lambda x: -x),
    ],
)
@settings(max_examples=30)
@given(rows=tables())
def test_alpha_ignores_what_its_metric_ignores(
    metric: AnyMetric, change: Callable[[float], float], rows: list[Row]
) -> None:
    """Interval alpha survives linear maps, ratio scaling, ordinal monotone maps."""
    changed: list[Row] = [(i, a, None if x is None else float(change(float(str(x))))) for i, a, x in rows]

    before = krippendorff_alpha(frame(rows), metric=metric, replicates=0).value
    after = krippendorff_alpha(frame(changed, pl.Float64), metric=metric, replicates=0).value

    assert after == pytest.approx(before, abs=1e-8, nan_ok=True)


def test_a_metric_of_ones_own_follows_its_labels() -> None:
    """Labels under other names, with the distances of the old ones, give the same alpha."""
    labels = simulated(40, 3, skill=0.5, seed=9, n_labels=4)
    names = {1: "z", 2: "b", 3: "m", 4: "a"}
    places = {name: place for place, name in names.items()}
    text = labels.with_columns(pl.col("label").replace_strict(names, return_dtype=pl.String))

    def apart(one: object, other: object) -> float:
        return float(abs(places[str(one)] - places[str(other)]) ** 1.5)

    def between(one: object, other: object) -> float:
        return float(abs(int(str(one)) - int(str(other))) ** 1.5)

    numbers = krippendorff_alpha(labels, metric=between, replicates=0)

    assert krippendorff_alpha(text, metric=apart, replicates=0).value == pytest.approx(
        numbers.value, abs=1e-12
    )


def test_large_numbers_do_not_cancel() -> None:
    """Interval alpha of numbers far from 0 is that of their distances."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 1)) + rng.normal(size=(50, 3)) / 2
    near, far = (unstacked((values + shift).tolist()) for shift in (0, 1e9))

    expected = krippendorff_alpha(near, metric="interval", replicates=0).value

    assert krippendorff_alpha(far, metric="interval", replicates=0).value == pytest.approx(expected, abs=1e-6)


def test_alpha_of_any_number_of_values_needs_no_matrix() -> None:
    """Sixty thousand different numbers, for which a matrix of values by values would take 29 GB."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(30_000, 1)) + rng.normal(size=(30_000, 2))
    labels = unstacked(values.tolist())

    interval, ordinal = (
        krippendorff_alpha(labels, metric=metric, replicates=0).value for metric in ("interval", "ordinal")
    )

    assert interval == pytest.approx(0.5, abs=0.02)
    assert ordinal == pytest.approx(6 / math.pi * math.asin(0.5 / 2), abs=0.02)


@pytest.mark.parametrize("metric", ["jaccard", "masi"])
def test_sets_differ_by_what_they_do_not_share(metric: AnyMetric) -> None:
    """Alpha of sets equals alpha with the distance written out; no labels at all is a set too."""
    sets = [["x", "y"], ["x"], ["y", "x"], [], ["z"], ["x", "z"], ["x", "y", "z"]]
    pairs = list(itertools.product(sets, sets[:4]))
    labels = unstacked([list(pair) for pair in pairs], pl.List(pl.String))

    def distance(one: object, other: object) -> float:
        a, b = set(cast("list[str]", one)), set(cast("list[str]", other))
        if a == b:
            return 0.0
        shared = len(a & b) / len(a | b)
        part = 1.0 if metric == "jaccard" else 2 / 3 if a <= b or b <= a else 1 / 3
        return 1 - shared * part

    expected = krippendorff_alpha(labels, metric=distance, replicates=0).value

    assert krippendorff_alpha(labels, metric=metric, replicates=0).value == pytest.approx(expected, abs=1e-12)
