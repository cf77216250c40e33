"""Tables of agreements: by columns, by pairs of annotators, of the coefficients one names."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement import (
    Reason,
    agreement_table,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    observed_agreement,
)
from jupyter_annotate.errors import ColumnError, UnknownNameError
from tests.agreement.crowds import frame, simulated, unstacked


def test_a_table_has_a_row_a_coefficient() -> None:
    """The table holds what each coefficient finds; alpha and observed agreement unless others are named."""
    labels = simulated(60, 3, skill=0.8, seed=6)
    usual = [krippendorff_alpha(labels).to_frame(), observed_agreement(labels).to_frame()]

    assert agreement_table(labels).equals(pl.concat(usual))
    assert agreement_table(labels, coefficients=["gwet_ac1"]).equals(gwet_ac1(labels).to_frame())


def test_coefficients_have_options_of_their_own() -> None:
    """A mapping says which metric or weights a coefficient has."""
    labels = simulated(60, 2, skill=0.8, seed=6)
    table = agreement_table(
        labels,
        coefficients={"krippendorff_alpha": {"metric": "interval"}, "cohen_kappa": {"weights": "linear"}},
        replicates=0,
    )

    assert table["value"].to_list() == [
        krippendorff_alpha(labels, metric="interval", replicates=0).value,
        cohen_kappa(labels, weights="linear", replicates=0).value,
    ]
    with pytest.raises(UnknownNameError, match=r"There is no coefficient 'cohens_kappa'.*Did you mean"):
        agreement_table(labels, coefficients=["cohens_kappa"])
    with pytest.raises(TypeError, match="no option 'seeds'"):
        agreement_table(labels, seeds=1)  # type: ignore[call-arg]  # on purpose


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


def test_a_second_label_in_another_round_is_no_second_label() -> None:
    """An annotator may label an item again in another group; twice in one group is named with its row."""
    once = unstacked([[1, 1], [1, 2], [2, 2]])
    rounds = pl.concat([once.with_columns(round=pl.lit(n)) for n in (1, 2)])

    assert agreement_table(rounds, by="round", replicates=0)["n_items"].to_list() == [3, 3, 3, 3]
    with pytest.raises(ColumnError) as caught:
        agreement_table(pl.concat([rounds, rounds[7:8]]), by="round")
    assert caught.value.row == 12


def test_a_table_of_nothing_has_the_columns() -> None:
    """No labels in no groups give no rows, in the right columns; a missing group column is named."""
    empty = frame([]).with_columns(place=pl.lit(None, dtype=pl.String))

    assert agreement_table(empty, by=["place"]).shape == (0, 14)
    assert agreement_table(empty, by=["place"], pairs=True).shape == (0, 16)
    assert agreement_table(empty, pairs=True).shape == (0, 15)
    assert agreement_table(empty)["reason"].unique().to_list() == [str(Reason.NO_LABELS)]
    with pytest.raises(ColumnError, match="'place'"):
        agreement_table(frame([]), by="place")


@pytest.mark.parametrize("name", ["value", "reason", "annotator_a"])
def test_groups_named_like_the_table_are_refused(name: str) -> None:
    """The error says how to rename the column."""
    labels = frame([("a", "ada", 1), ("a", "bob", 1)]).with_columns(pl.lit(1).alias(name))

    with pytest.raises(
        ColumnError, match=rf"agreement_table\(\), column '{name}'.*found by='{name}'.*rename"
    ):
        agreement_table(labels, by=["item_id", name], pairs=True)


def test_groups_named_twice_are_one() -> None:
    """A column of ``by`` stands once in the table."""
    labels = frame([("a", "ada", 1), ("a", "bob", 1)])

    assert agreement_table(labels, by=["item_id", "item_id"]).columns[:2] == ["item_id", "coefficient"]


# ---------------------------------------------------------------------------------------- pairs


def test_each_pair_is_measured_on_the_items_both_labeled() -> None:
    """A pair's row is what the two alone would give; pairs come by name."""
    labels = simulated(80, 4, skill=0.7, seed=1, gaps=0.3)
    table = agreement_table(labels, pairs=True, replicates=200)

    assert table.select("annotator_a", "annotator_b").unique(maintain_order=True).rows() == [
        (a, b) for a in "0123" for b in "0123" if a < b
    ]
    for name, coefficient in [
        ("cohen_kappa", cohen_kappa),
        ("krippendorff_alpha", krippendorff_alpha),
        ("observed_agreement", observed_agreement),
    ]:
        row = table.filter(annotator_a="1", annotator_b="3", coefficient=name)
        both = labels.filter(pl.col("annotator_id").is_in(["1", "3"]))
        shared = both.filter(pl.len().over("item_id") == 2)
        alone = coefficient(shared, replicates=200, categories=[1, 2, 3])
        assert row.drop("annotator_a", "annotator_b").equals(alone.to_frame())


def test_pairs_without_a_common_item_have_no_row() -> None:
    """Only annotators who share items are compared, within each group."""
    labels = frame([("1", "a", 1), ("1", "b", 1), ("2", "b", 2), ("2", "c", 1), ("3", "d", 1)])
    grouped = labels.with_columns(part=pl.Series([1, 1, 2, 2, 2]))
    table = agreement_table(grouped, by="part", pairs=True, coefficients=["observed_agreement"], replicates=0)

    assert table.select("part", "annotator_a", "annotator_b", "value").rows() == [
        (1, "a", "b", 1.0),
        (2, "b", "c", 0.0),
    ]


def test_many_annotators_make_no_table_of_all_pairs() -> None:
    """Eight hundred annotators in groups of four: 1,200 of the 319,600 pairs share items."""
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(2_000), 4)
    annotator = item // 10 * 4 + np.tile(np.arange(4), 2_000)
    labels = {"item_id": item, "annotator_id": annotator, "label": rng.integers(2, size=8_000)}
    table = agreement_table(labels, pairs=True, coefficients=["observed_agreement"], replicates=0)

    assert len(table) == 1_200
    assert table["n_items"].unique().to_list() == [10]
    assert table["n_pairs"].sum() == 12_000
    assert abs(table["value"].mean() - 0.5) < 0.02  # type: ignore[operator]  # there are values
