"""Agreement on preferences: sides that were swapped, ties, chance without sides, and circular triads."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.observed import observed_agreement
from jupyter_annotate.agreement.preference_agreement import (
    preference_agreement,
    preference_alpha,
    preference_table,
)
from jupyter_annotate.agreement.preference_consistency import preference_consistency
from jupyter_annotate.errors import ColumnError

COLUMNS = ["item_id", "annotator_id", "left", "right", "label"]

Row = tuple[str, str, str, str, str | None]


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Return LABELS of comparisons."""
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def swap(labels: pl.DataFrame, rows: pl.Expr) -> pl.DataFrame:
    """Show the options of some rows the other way round, and let the answers follow."""
    other = pl.col("label").replace({"left": "right", "right": "left"})
    return labels.with_columns(
        left=pl.when(rows).then("right").otherwise("left"),
        right=pl.when(rows).then("left").otherwise("right"),
        label=pl.when(rows).then(other).otherwise("label"),
    )


def tournament(beats: np.ndarray[Any, Any], who: str = "ada") -> list[Row]:
    """Return the comparisons of somebody who prefers as the matrix says."""
    pairs = itertools.combinations(range(len(beats)), 2)
    return [
        (f"{a}-{b}", who, f"option {a}", f"option {b}", "left" if beats[a, b] else "right") for a, b in pairs
    ]


comparisons = st.lists(
    st.tuples(
        st.sampled_from("ijk"),
        st.sampled_from("abcd"),
        st.sampled_from([("x", "y"), ("y", "x"), ("x", "z"), ("z", "y")]),
        st.sampled_from(["left", "right", "tie", None]),
    ),
    unique_by=lambda row: (row[0], row[1], frozenset(row[2])),
    max_size=30,
).map(lambda rows: frame([(item, who, *sides, label) for item, who, sides, label in rows]))


def as_names(labels: pl.DataFrame) -> pl.DataFrame:
    """Return nominal labels: what was preferred of each pair, a pair being an item."""
    first = pl.min_horizontal("left", "right")
    chosen = pl.when(pl.col("label") == "left").then("left").when(pl.col("label") == "right").then("right")
    return labels.select(
        pl.concat_str("item_id", first, pl.max_horizontal("left", "right")).alias("item_id"),
        "annotator_id",
        pl.when(pl.col("label") == "tie")
        .then(pl.lit("tie"))
        .when(chosen == first)
        .then(pl.lit("first"))
        .when(chosen.is_not_null())
        .then(pl.lit("second"))
        .alias("label"),
    )


@settings(max_examples=60)
@given(comparisons)
def test_agreement_is_that_of_the_names(labels: pl.DataFrame) -> None:
    """It is the observed agreement on what was preferred, wherever it was shown."""
    expected = observed_agreement(as_names(labels), replicates=0).value

    assert preference_agreement(labels, replicates=0).value == pytest.approx(expected, nan_ok=True)


@settings(max_examples=60)
@given(comparisons)
def test_symmetric_alpha_is_that_of_labels_and_mirror(labels: pl.DataFrame) -> None:
    """It is alpha of the labels together with the same labels and every pair the other way round."""
    names = as_names(labels)
    mirror = names.with_columns(
        pl.col("item_id") + " mirrored", pl.col("label").replace({"first": "second", "second": "first"})
    )
    expected = krippendorff_alpha(pl.concat([names, mirror]), replicates=0).value

    assert preference_alpha(labels, replicates=0).value == pytest.approx(expected, nan_ok=True)


@settings(max_examples=60)
@given(comparisons)
def test_the_side_an_option_is_shown_on_does_not_matter(labels: pl.DataFrame) -> None:
    """Swapping the sides of some rows, and the answers with them, changes nothing to the last bit."""
    swapped = swap(labels, pl.col("annotator_id") > "b")
    for coefficient in (preference_agreement, preference_alpha):
        one, other = (coefficient(each, replicates=40).to_frame() for each in (labels, swapped))

        assert one.equals(other)


def test_swapped_items_without_names() -> None:
    """Without names an item is one pair, and a column says whose sides were exchanged."""
    plain = {"item_id": ["1", "1"], "annotator_id": ["a", "b"], "label": ["left", "right"]}

    assert preference_agreement(plain).value == 0
    assert preference_agreement({**plain, "swapped": [False, True]}).value == 1


def test_renaming_options_changes_nothing() -> None:
    """Names that sort otherwise give the same alpha, which a fixed first option would not."""
    rows: list[Row] = [(f"{n}", who, "x", "y", "left") for n in range(6) for who in "ab"]
    rows += [("6", "a", "y", "z", "left"), ("6", "b", "y", "z", "right")]
    labels = frame(rows)
    renamed = labels.with_columns(pl.col("left", "right").replace({"x": "zz", "y": "b", "z": "a"}))

    assert preference_alpha(renamed).value == pytest.approx(preference_alpha(labels).value)
    assert preference_alpha(labels).interval == pytest.approx(preference_alpha(renamed).interval)


def test_chance_may_know_the_better_option() -> None:
    """Where nine of ten prefer the new system, agreement on it is chance if chance knows the systems."""
    rng = np.random.default_rng(0)
    rows: list[Row] = [
        (f"{n}", who, "new", "old", "left" if rng.random() < 0.9 else "right")
        for n in range(800)
        for who in "ab"
    ]

    assert preference_alpha(frame(rows)).value > 0.55
    assert preference_alpha(frame(rows), chance="sides").value == pytest.approx(0, abs=0.08)


def test_all_ties_have_no_variation() -> None:
    """If all say tie, agreement is 1 and alpha is undefined; nobody to compare with is another reason."""
    tied = frame([("1", who, "x", "y", "tie") for who in "ab"])

    assert preference_agreement(tied).value == 1
    assert preference_alpha(tied).reason is Reason.NO_VARIATION
    assert preference_alpha(tied.head(1)).reason is Reason.NO_PAIRS
    assert preference_alpha(tied.head(0)).reason is Reason.NO_LABELS


def test_aspects_are_asked_apart() -> None:
    """The table has two rows an aspect and two over all; an aspect is its own pair to agree on."""
    rows: list[Row] = [(f"{n}", who, "x", "y", "left") for n in range(4) for who in "ab"]
    good = frame(rows).with_columns(aspect=pl.lit("style"))
    bad = good.with_columns(
        aspect=pl.lit("truth"),
        label=pl.when(pl.col("annotator_id") == "a").then(pl.lit("right")).otherwise("label"),
    )
    table = preference_table(pl.concat([bad, good]), replicates=40)
    agreement = table.filter(pl.col("coefficient") == "preference_agreement")

    assert agreement.select("aspect", "value").rows() == [(None, 0.5), ("style", 1.0), ("truth", 0.0)]
    assert preference_table(frame(rows), replicates=0)["aspect"].to_list() == [None, None]


# ------------------------------------------------------------------------------------ consistency


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8])
def test_circular_triads_are_those_of_the_wins(n: int) -> None:
    """They are n(n-1)(2n-1)/12 - sum(wins^2)/2 (Kendall and Babington Smith 1940); zeta follows."""
    rng = np.random.default_rng(n)
    for _ in range(10):
        upper = np.triu(rng.random((n, n)) < 0.5, k=1)
        beats = upper | (np.tril(np.ones((n, n), dtype=bool), k=-1) & ~upper.T)
        expected = n * (n - 1) * (2 * n - 1) / 12 - (beats.sum(axis=1) ** 2).sum() / 2
        most = (n**3 - n) / 24 if n % 2 else (n**3 - 4 * n) / 24
        row = preference_consistency(frame(tournament(beats))).row(0, named=True)

        assert (row["n_circular"], row["n_triads"]) == (expected, n * (n - 1) * (n - 2) / 6)
        assert row["zeta"] == pytest.approx(1 - expected / most)
        assert row["zeta"] >= 0


def test_an_order_has_no_circle_and_a_wheel_has_only_circles() -> None:
    """Who ranks has zeta 1; who prefers each option to the next half has zeta 0."""
    order = np.triu(np.ones((7, 7), dtype=bool), k=1)
    wheel = (np.arange(7)[None, :] - np.arange(7)[:, None]) % 7 <= 3
    table = preference_consistency(frame(tournament(order, "ranks") + tournament(wheel, "turns")))

    assert table.select("annotator_id", "zeta", "n_open").rows() == [("ranks", 1.0, 0), ("turns", 0.0, 0)]


def test_what_is_not_decided_leaves_zeta_open() -> None:
    """With a tie or a missing pair triads are counted and zeta is null."""
    rows = tournament(np.triu(np.ones((4, 4), dtype=bool), k=1))
    tied = frame([*rows[:-1], (*rows[-1][:4], "tie")])
    row = preference_consistency(tied).row(0, named=True)

    assert (row["n_triads"], row["n_circular"], row["zeta"], row["n_open"]) == (2, 0, None, 1)
    assert (row["n_labels"], row["n_ties"], row["left_share"]) == (6, 1, 1.0)
    assert preference_consistency(frame(rows[:1]))["n_open"].item() == 0


def test_groups_keep_options_apart() -> None:
    """Answers named alike in different items are not the same option."""
    circle = tournament((np.arange(3)[None, :] - np.arange(3)[:, None]) % 3 == 1)
    apart = frame(circle).with_columns(item_id=pl.Series(["1", "2", "3"]))
    together = frame(circle).with_columns(item_id=pl.lit("1"))

    assert preference_consistency(apart)["n_circular"].item() == 1
    assert preference_consistency(apart, by=["item_id"])["n_triads"].item() == 0
    assert preference_consistency(together, by=["item_id"])["n_circular"].item() == 1


def test_the_majority_of_repeated_comparisons_counts() -> None:
    """Two of three for the left one is a preference for it; one of two is none."""
    rows: list[Row] = [
        ("1", "a", "x", "y", "left"),
        ("2", "a", "y", "x", "right"),
        ("3", "a", "x", "y", "right"),
    ]
    more: list[Row] = [("4", "a", "y", "z", "left"), ("5", "a", "z", "x", "left")]

    assert preference_consistency(frame(rows + more))["n_circular"].item() == 1
    assert preference_consistency(frame(rows[1:] + more))["n_triads"].item() == 0


# ----------------------------------------------------------------------------------------- misuse


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        (
            ("2", "a", "x", "y", "both bad"),
            "label",
            "one of .'left', 'right', 'tie'., found 'both bad'. Name what",
        ),
        (("2", "a", "x", "x", "left"), "left", "two different options, found left='x', right='x'"),
        (("2", "a", "x", None, "left"), "right", "two different options"),
        (
            ("1", "a", "y", "x", "left"),
            None,
            "one comparison of a pair by an annotator, found a second one of 'a'",
        ),
    ],
)
def test_impossible_comparisons_are_refused(row: Any, column: str | None, expected: str) -> None:  # noqa: ANN401 -- broken rows
    """The error names the row and the column."""
    with pytest.raises(ColumnError, match=expected) as caught:
        preference_alpha(frame([("1", "a", "x", "y", "left"), row]))
    assert (caught.value.row, caught.value.column) == (1, column)


def test_impossible_options_are_refused() -> None:
    """Ties can be named; chance by sides needs one pair of options."""
    rows: list[Row] = [("1", "a", "x", "y", "both bad"), ("1", "b", "x", "z", "left")]

    assert preference_agreement(frame(rows), ties=["tie", "both bad"]).n_single == 2
    with pytest.raises(ValueError, match="one pair of options for chance='sides', found 2"):
        preference_alpha(frame(rows), ties=["both bad"], chance="sides")
    with pytest.raises(ValueError, match="found 'fair'"):
        preference_alpha(frame(rows), chance="fair")  # type: ignore[arg-type]  # on purpose
