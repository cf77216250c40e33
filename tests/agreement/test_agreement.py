"""Agreement: definitions, invariance, intervals, and what happens where nothing can be said."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import (
    COEFFICIENTS,
    Agreement,
    Coefficient,
    Reason,
    agreement_table,
    krippendorff_alpha,
    observed_agreement,
)
from jupyter_annotate.errors import ColumnError

Row = tuple[str, str, object]

SOME = ["glad", "sad", "nan", "", "Ωμέγα", None]


def frame(rows: Sequence[Row], dtype: pl.DataType | type[pl.DataType] | None = pl.String) -> pl.DataFrame:
    """Return LABELS."""
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": dtype}
    return pl.DataFrame(rows, schema=schema, orient="row")


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Draw labels of up to five annotators on up to eight items, some missing, rows in any order."""
    cells = draw(
        st.lists(st.tuples(st.integers(0, 7), st.integers(0, 4)), unique=True, min_size=1, max_size=40)
    )
    return [(f"item {i}", f"annotator {a}", draw(st.sampled_from(SOME))) for i, a in cells]


def pairs_within(rows: Sequence[Row]) -> list[list[object]]:
    """Return the labels of each item that has two or more."""
    by_item: dict[str, list[object]] = {}
    for item, _, label in rows:
        if label is not None:
            by_item.setdefault(item, []).append(label)
    return [labels for labels in by_item.values() if len(labels) > 1]


def alpha_by_definition(rows: Sequence[Row]) -> float:
    """Compute alpha pair by pair: disagreement within items over disagreement among all labels."""
    items = pairs_within(rows)
    pooled = list(itertools.chain.from_iterable(items))
    observed = sum(
        sum(a != b for a, b in itertools.permutations(labels, 2)) / (len(labels) - 1) for labels in items
    ) / max(len(pooled), 1)
    pairs = list(itertools.permutations(pooled, 2))
    expected = sum(a != b for a, b in pairs) / max(len(pairs), 1)
    return 1 - observed / expected if expected else math.nan


def observed_by_definition(rows: Sequence[Row]) -> float:
    """Compute observed agreement pair by pair."""
    shares = [
        float(np.mean([a == b for a, b in itertools.permutations(labels, 2)]))
        for labels in pairs_within(rows)
    ]
    return float(np.mean(shares)) if shares else math.nan


def simulated(n_items: int, n_annotators: int, *, skill: float, seed: int) -> pl.DataFrame:
    """Return LABELS of annotators who know the true of three labels with this probability, else guess."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=(n_items, 1))
    guess = rng.integers(3, size=(n_items, n_annotators))
    label = np.where(rng.random((n_items, n_annotators)) < skill, truth, guess)
    item, annotator = np.indices(label.shape)
    columns = {"item_id": item.ravel(), "annotator_id": annotator.ravel(), "label": label.ravel()}
    return pl.DataFrame(columns).with_columns(pl.col("item_id", "annotator_id").cast(pl.String))


# --------------------------------------------------------------------------------- definitions


@settings(max_examples=300)
@given(tables())
def test_alpha_is_its_definition(rows: list[Row]) -> None:
    """The closed form equals the definition pair by pair, with missing labels and single ones."""
    found = krippendorff_alpha(frame(rows), replicates=0)

    assert found.value == pytest.approx(alpha_by_definition(rows), abs=1e-12, nan_ok=True)
    assert found.n_items == len(pairs_within(rows))
    assert found.n_missing == sum(label is None for _, _, label in rows)


@settings(max_examples=300)
@given(tables())
def test_observed_agreement_is_its_definition(rows: list[Row]) -> None:
    """Observed agreement equals the mean over items of the share of equal pairs."""
    found = observed_agreement(frame(rows), replicates=0)

    assert found.value == pytest.approx(observed_by_definition(rows), abs=1e-12, nan_ok=True)


# ---------------------------------------------------------------------------------- invariance


@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
@settings(max_examples=60)
@given(rows=tables(), shuffle=st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(
    coefficient: Coefficient, rows: list[Row], shuffle: random.Random
) -> None:
    """Reordered rows and renamed items and annotators give the same value and the same interval."""
    items, annotators = [f"i{n}" for n in range(8)], [f"a{n}" for n in range(5)]
    shuffle.shuffle(items)
    shuffle.shuffle(annotators)
    renamed = [(items[int(i[-1])], annotators[int(a[-1])], label) for i, a, label in rows]
    shuffle.shuffle(renamed)

    before, after = (coefficient(frame(r), level=0.9, replicates=50, seed=3) for r in (rows, renamed))

    assert after.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)
    assert after.interval == pytest.approx(before.interval, abs=1e-9)


@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
@settings(max_examples=60)
@given(rows=tables(), shuffle=st.randoms(use_true_random=False))
def test_names_of_labels_do_not_matter(
    coefficient: Coefficient, rows: list[Row], shuffle: random.Random
) -> None:
    """Renamed labels give the same value."""
    names = [f"label {n}" for n in range(len(SOME))]
    shuffle.shuffle(names)
    renamed = [(i, a, None if label is None else names[SOME.index(str(label))]) for i, a, label in rows]

    before, after = (coefficient(frame(r), level=0.9, replicates=0, seed=0) for r in (rows, renamed))

    assert after.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
def test_what_says_nothing_changes_nothing(coefficient: Coefficient) -> None:
    """An item without a label, an annotator without one and a single label leave the value as it is."""
    rows: list[Row] = [("1", "a", "x"), ("1", "b", "y"), ("2", "a", "y"), ("2", "b", "y")]
    more: list[Row] = [*rows, ("3", "a", None), ("1", "c", None), ("4", "c", "x")]

    before, after = (coefficient(frame(r), level=0.95, replicates=0, seed=0) for r in (rows, more))

    assert after.value == before.value
    assert (after.n_items, after.n_single, after.n_missing) == (2, 1, 2)


@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
def test_splitting_an_annotator_changes_nothing(coefficient: Coefficient) -> None:
    """Who labeled does not matter, only what: one annotator's items may carry two names."""
    whole = simulated(40, 3, skill=0.7, seed=5)
    halved = pl.col("annotator_id") + pl.when(pl.col("item_id").cast(pl.Int64) < 20).then(
        pl.lit("'")
    ).otherwise(pl.lit(""))

    before = coefficient(whole, level=0.95, replicates=100, seed=0)
    after = coefficient(whole.with_columns(annotator_id=halved), level=0.95, replicates=100, seed=0)

    assert (after.value, after.interval) == (before.value, before.interval)
    assert (before.n_annotators, after.n_annotators) == (3, 6)


# ------------------------------------------------------------------------------ extremes, dtypes


def test_a_copy_of_an_annotator_agrees_perfectly() -> None:
    """An annotator and a copy have alpha 1; no interval is claimed, as no item shows a disagreement."""
    one = simulated(50, 1, skill=0.5, seed=1)
    copied = pl.concat([one, one.with_columns(annotator_id=pl.lit("copy"))])

    alpha = krippendorff_alpha(copied)

    assert alpha.value == 1
    assert (alpha.interval, alpha.reason) == (None, Reason.ALIKE)


def test_shuffled_labels_agree_as_chance_does() -> None:
    """Labels given at random have alpha about 0, and the interval holds it."""
    alpha = krippendorff_alpha(simulated(4_000, 3, skill=0, seed=2))

    assert abs(alpha.value) < 0.03
    assert alpha.interval is not None
    assert alpha.interval[0] < 0 < alpha.interval[1]


def test_disagreeing_always_is_worse_than_chance() -> None:
    """Two annotators who never agree have a negative alpha and observed agreement 0."""
    rows: list[Row] = [
        (str(n), who, "x" if (n + k) % 2 else "y") for n in range(10) for k, who in enumerate("ab")
    ]

    assert krippendorff_alpha(frame(rows)).value < -0.8
    assert observed_agreement(frame(rows)).value == 0


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], pl.Int64),
        ([0.5, 2.5], pl.Float64),
        ([True, False], pl.Boolean),
        (["x", "y"], pl.Categorical),
        (["x", "y"], pl.Enum(["y", "x"])),
        ([["x", "y"], []], pl.List(pl.String)),
        ([[1, 2], [3, 4]], pl.Array(pl.Int8, 2)),
    ],
    ids=str,
)
def test_labels_of_any_type_compare(values: list[object], dtype: pl.DataType) -> None:
    """Numbers, booleans, categories and sets agree like text does."""
    x, y = values
    pattern = [(x, x), (y, y), (x, y), (None, x), (y, y)]
    names = {id(x): "x", id(y): "y", id(None): None}
    rows = [
        (str(n), who, label) for n, pair in enumerate(pattern) for who, label in zip("ab", pair, strict=True)
    ]
    text: list[Row] = [(i, a, names[id(label)]) for i, a, label in rows]

    found, expected = krippendorff_alpha(frame(rows, dtype)), krippendorff_alpha(frame(text))

    assert (found.value, found.n_missing) == (expected.value, 1)


def test_sets_compare_as_a_whole() -> None:
    """The same labels in another order are the same set, a part of them is another, none is a set too."""
    lists: list[Row] = [
        ("1", "a", ["x", "y"]),
        ("1", "b", ["y", "x"]),
        ("2", "a", ["x"]),
        ("2", "b", ["x", "y"]),
    ]
    more: list[Row] = [("3", "a", []), ("3", "b", []), ("4", "a", None), ("4", "b", [])]

    found = observed_agreement(frame([*lists, *more], pl.List(pl.String)))

    assert found.value == pytest.approx(2 / 3)
    assert (found.n_items, found.n_missing) == (3, 1)


def test_the_text_nan_is_a_label() -> None:
    """Only null is missing; text that reads like it is not."""
    rows: list[Row] = [("1", "a", "nan"), ("1", "b", "nan"), ("2", "a", "null"), ("2", "b", "None")]

    assert observed_agreement(frame(rows)).value == 0.5


# ----------------------------------------------------------------------------------- intervals


def test_an_interval_repeats_with_its_seed() -> None:
    """The same seed gives the same interval, another one another, a higher level a wider one."""
    labels = simulated(200, 3, skill=0.7, seed=3)
    first, again, other, wide = (
        krippendorff_alpha(labels, seed=seed, level=level).interval
        for seed, level in [(0, 0.9), (0, 0.9), (1, 0.9), (0, 0.99)]
    )

    assert first == again != other
    assert first is not None
    assert wide is not None
    assert wide[0] < first[0] < first[1] < wide[1]


@pytest.mark.parametrize("skill", [0.4, 0.8])
@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
def test_intervals_hold_the_truth_as_often_as_they_say(coefficient: Coefficient, skill: float) -> None:
    """Of 150 intervals of 90 %, about 135 hold the value of the whole population."""
    truth = coefficient(simulated(200_000, 3, skill=skill, seed=99), level=0.9, replicates=0, seed=0).value
    intervals = [
        coefficient(simulated(80, 3, skill=skill, seed=n), level=0.9, replicates=200, seed=n).interval
        for n in range(150)
    ]
    held = sum(i is not None and i[0] <= truth <= i[1] for i in intervals)

    # Four standard errors of a binomial with p = 0.9 are 14.7; the percentile interval runs a little short.
    assert 135 - 15 <= held <= 135 + 15


def test_drawing_items_and_drawing_profiles_are_the_same() -> None:
    """Whether items fall into few profiles or each has its own, the spread of the draws is the same."""
    few = simulated(300, 3, skill=0.6, seed=4)
    # Items of one group carry labels of their own group, so that hardly two items share a profile.
    names = pl.concat_str(pl.col("label").cast(pl.String), pl.lit("/"), pl.col("item_id"))
    many = few.with_columns(label=names)

    widths = []
    for labels in (few, many):
        interval = observed_agreement(labels, replicates=4_000).interval
        assert interval is not None
        widths.append(interval[1] - interval[0])

    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_draws_without_variation_are_counted() -> None:
    """Where a rare label is missing from some draws, those are counted and shown."""
    rows: list[Row] = [(str(n), who, "x") for n in range(20) for who in "ab"]
    rows += [(f"rare {n}", who, "y") for n in range(3) for who in "ab"]
    rows += [("mixed", "a", "x"), ("mixed", "b", "y")]
    alpha = krippendorff_alpha(frame(rows))

    assert 1 <= alpha.details["undefined_draws"] < 100
    assert f"{alpha.details['undefined_draws']} draws without a value" in repr(alpha)


# ----------------------------------------------------------------- where nothing can be said

UNDEFINED: list[tuple[list[Row], Reason]] = [
    ([], Reason.NO_LABELS),
    ([("1", "a", None), ("1", "b", None)], Reason.NO_LABELS),
    ([("1", "a", "x"), ("2", "a", "y")], Reason.NO_PAIRS),
    ([("1", "a", "x"), ("2", "b", "y")], Reason.NO_PAIRS),
]


@pytest.mark.parametrize(("rows", "reason"), UNDEFINED)
@pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)
def test_undefined_is_nan_with_a_reason(coefficient: Coefficient, rows: list[Row], reason: Reason) -> None:
    """Without pairs of labels there is no number, and the reason is given."""
    found = coefficient(frame(rows), level=0.95, replicates=100, seed=0)

    assert math.isnan(found.value)
    assert (found.interval, found.reason) == (None, reason)
    assert str(reason) in repr(found)
    assert found.to_frame().select("value", "low", "high", "reason").row(0) == (None, None, None, reason)


def test_one_category_leaves_alpha_undefined() -> None:
    """If all labels are the same, chance alone would agree; observed agreement is 1 all the same."""
    same = frame([("1", "a", "x"), ("1", "b", "x"), ("2", "a", "x"), ("2", "b", "x")])
    alpha, observed = krippendorff_alpha(same), observed_agreement(same)

    assert math.isnan(alpha.value)
    assert alpha.reason is Reason.NO_VARIATION
    assert observed.value == 1
    assert repr(alpha) == (
        "krippendorff_alpha undefined: all labels are the same, so chance alone would agree as well "
        "(2 items, 2 annotators)"
    )


def test_one_item_has_no_interval() -> None:
    """One item gives a value, and no interval, as there is nothing to draw from."""
    found = krippendorff_alpha(frame([("1", "a", "x"), ("1", "b", "y"), ("1", "c", "x")]))

    assert found.value == pytest.approx(0)
    assert (found.interval, found.reason) == (None, Reason.ONE_ITEM)
    assert "no interval: one item" in repr(found)


def test_no_interval_where_none_is_asked_for() -> None:
    """Without replicates there is the value alone."""
    found = krippendorff_alpha(simulated(20, 2, skill=0.5, seed=8), replicates=0)

    assert (found.interval, found.reason) == (None, Reason.NOT_ASKED)


# --------------------------------------------------------------------------------------- misuse


def refused(labels: object) -> ColumnError:
    """Return the error both coefficients raise."""
    errors = []
    for coefficient in COEFFICIENTS.values():
        with pytest.raises(ColumnError) as caught:
            coefficient(labels, level=0.95, replicates=0, seed=0)
        errors.append(caught.value)
    assert errors[0].found == errors[1].found
    return errors[0]


def test_two_labels_of_one_annotator_are_refused() -> None:
    """A second label of an annotator on an item is named with its row and what to do."""
    error = refused(frame([("1", "a", "x"), ("2", "a", "x"), ("1", "b", "x"), ("1", "a", "y")]))

    assert str(error) == (
        "krippendorff_alpha(), row 3: expected one label an item and annotator, found a second label of 'a' "
        "on '1'. Keep one, for example the last: labels.unique(['item_id', 'annotator_id'], keep='last')."
    )


@pytest.mark.parametrize("columns", [["start", "end", "text"], ["x", "y", "width", "height"]], ids=str)
def test_marks_are_refused(columns: list[str]) -> None:
    """Spans and boxes are told that they need another function, even if no item has two of them."""
    marks = frame([("1", "a", "x"), ("1", "b", "x")]).with_columns(pl.lit(1).alias(c) for c in columns)

    assert "Agreement on spans and boxes has to match the marks first" in str(refused(marks))


def test_labels_that_cannot_be_compared_are_refused() -> None:
    """Missing columns, structures and nan are named, never guessed at."""
    pairs: list[Row] = [("1", "a", 1.0), ("1", "b", math.nan)]

    assert refused({"item_id": ["1"], "label": ["x"]}).column == "annotator_id"
    assert refused(frame([("1", "a", {"k": 1})], pl.Struct({"k": pl.Int64}))).column == "label"
    assert (refused(frame(pairs, pl.Float64)).row, refused(frame(pairs, pl.Float64)).column) == (1, "label")
    assert "fill_nan(None)" in str(refused(frame(pairs, pl.Float64)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"level": 1.0}, "between 0 and 1"),
        ({"level": 0.0}, "between 0 and 1"),
        ({"replicates": -1}, "at least 40"),
        ({"replicates": 39}, "at least 40"),
        ({"replicates": 100, "level": 0.99}, "at least 200"),
    ],
    ids=str,
)
def test_impossible_options_are_refused(options: dict[str, float], expected: str) -> None:
    """A level outside 0 to 1, or too few draws to know the ends of an interval, is an error."""
    with pytest.raises(ValueError, match=expected):
        krippendorff_alpha(frame([("1", "a", "x"), ("1", "b", "x")]), **options)  # type: ignore[arg-type]  # on purpose


def test_any_frame_is_taken() -> None:
    """LABELS may be lazy, a mapping or a pandas frame; further columns are ignored."""
    pandas = pytest.importorskip("pandas")
    columns = {"item_id": [1, 1, 2, 2], "annotator_id": list("abab"), "label": list("xxxy"), "at": [0] * 4}
    values = [
        observed_agreement(source).value
        for source in (columns, pl.LazyFrame(columns), pandas.DataFrame(columns))
    ]

    assert values == [0.5, 0.5, 0.5]


# ---------------------------------------------------------------------------------------- tables


def test_a_table_has_a_row_a_coefficient() -> None:
    """The table holds what each coefficient finds."""
    labels = simulated(60, 3, skill=0.8, seed=6)
    table = agreement_table(labels)

    assert table.equals(
        pl.concat([krippendorff_alpha(labels).to_frame(), observed_agreement(labels).to_frame()])
    )
    assert table["coefficient"].to_list() == list(COEFFICIENTS)


def test_a_table_by_group_measures_each_group() -> None:
    """Groups come in order of appearance, each measured on its own labels; null is a group too."""
    labels = simulated(90, 2, skill=0.8, seed=7).with_columns(
        place=pl.col("item_id").cast(pl.Int64).mod(3).replace_strict({0: "zoo", 1: "art", 2: None})
    )
    table = agreement_table(labels, by="place", replicates=50)
    zoo = labels.filter(pl.col("place") == "zoo")

    assert table["place"].to_list() == ["zoo", "zoo", "art", "art", None, None]
    assert table["value"][0] == krippendorff_alpha(zoo, replicates=0).value
    assert table.columns[:3] == ["place", "coefficient", "value"]


def test_a_table_of_nothing_has_the_columns() -> None:
    """No labels in no groups give no rows, in the right columns; a missing group column is named."""
    empty = frame([]).with_columns(place=pl.lit(None, dtype=pl.String))

    assert agreement_table(empty, by=["place"]).shape == (0, 12)
    assert agreement_table(empty)["reason"].unique().to_list() == [str(Reason.NO_LABELS)]
    with pytest.raises(ColumnError, match="'place'"):
        agreement_table(frame([]), by="place")


def test_an_agreement_reads_as_one_line() -> None:
    """Value, interval, level and what it rests on stand in one line; narrow intervals get one more digit."""
    found = Agreement(coefficient="alpha", value=0.7434, interval=(0.4612, 1.0), n_items=12, n_annotators=4)
    narrow = Agreement(coefficient="alpha", value=0.7, interval=(0.6894, 0.7126), level=0.9, n_items=1200)

    assert repr(found) == "alpha 0.743 [0.46, 1.00] (95 %, 12 items, 4 annotators)"
    assert repr(narrow) == "alpha 0.700 [0.689, 0.713] (90 %, 1,200 items, 0 annotators)"


def test_zero_has_one_sign() -> None:
    """0.0 and -0.0 are one label, alone and in a set."""
    ids = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["ada", "bob"] * 2}
    alone = {**ids, "label": [0.0, -0.0, 1.0, 1.0]}
    sets = {**ids, "label": [[0.0], [-0.0], [1.0], [1.0]]}

    assert [krippendorff_alpha(labels, replicates=0).value for labels in (alone, sets)] == [1.0, 1.0]


def test_durations_are_labels() -> None:
    """How long something took compares as any other label does."""
    long, short = dt.timedelta(days=1), dt.timedelta(microseconds=1)
    labels = frame([("a", "ada", long), ("a", "bob", long), ("b", "ada", short), ("b", "bob", short)], None)

    assert krippendorff_alpha(labels, replicates=0).value == 1.0


@pytest.mark.parametrize("name", ["value", "reason"])
def test_groups_named_like_the_table_are_refused(name: str) -> None:
    """The error says how to rename the column."""
    labels = frame([("a", "ada", "x"), ("a", "bob", "x")]).with_columns(pl.lit(1).alias(name))

    with pytest.raises(
        ColumnError, match=rf"agreement_table\(\), column '{name}'.*found by='{name}'.*rename"
    ):
        agreement_table(labels, by=["item_id", name])


def test_groups_named_twice_are_one() -> None:
    """A column of ``by`` stands once in the table."""
    labels = frame([("a", "ada", "x"), ("a", "bob", "x")])

    assert agreement_table(labels, by=["item_id", "item_id"]).columns[:2] == ["item_id", "coefficient"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"level": "0.9"}, "a level between 0 and 1"),
        ({"replicates": 1000.0}, "replicates=0 or at least 40"),
        ({"replicates": True}, "replicates=0 or at least 40"),
        ({"seed": -1}, "a whole number from 0 on as seed, found -1"),
        ({"seed": "x"}, "a whole number from 0 on as seed, found 'x'"),
    ],
)
def test_options_of_another_type_are_refused(options: dict[str, Any], expected: str) -> None:
    """The error says what was expected and what was found."""
    with pytest.raises(ValueError, match=f"Expected {expected}"):
        krippendorff_alpha(frame([("a", "ada", "x"), ("a", "bob", "x")]), **options)
