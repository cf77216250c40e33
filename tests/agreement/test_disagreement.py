"""Disagreement kept: distributions, entropy, groups that see things differently, and what goes with it."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement.disagreement import group_agreement, label_entropy, soft_labels
from jupyter_annotate.agreement.explaining import explain_disagreement
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.errors import ColumnError

COLUMNS = ["item_id", "annotator_id", "label"]


def frame(items: list[list[str | None]]) -> pl.DataFrame:
    """Return LABELS of one list of labels an item."""
    rows = [(str(n), f"a{who}", label) for n, labels in enumerate(items) for who, label in enumerate(labels)]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def labeled(disagreeing: list[bool]) -> pl.DataFrame:
    """Return LABELS of two annotators who disagree on just these items."""
    return frame([["x", "y"] if differ else ["x", "x"] for differ in disagreeing])


def numbered(**columns: Any) -> pl.DataFrame:  # noqa: ANN401 -- any column
    """Return ITEMS with these properties, named as `frame` names them."""
    n = len(next(iter(columns.values())))
    return pl.DataFrame({"item_id": [str(k) for k in range(n)], **columns})


# ------------------------------------------------------------------------------------ soft labels


def test_shares_sum_to_one() -> None:
    """Every item with a label has shares that sum to 1, smoothed or not; smoothing reaches every label."""
    labels = frame([["x", "x", "y"], ["z"], [None, None]])
    plain, smooth = soft_labels(labels), soft_labels(labels, smoothing=1, categories=["x", "y", "z", "w"])

    assert plain.select("item_id", "label", "count").rows() == [("0", "x", 2), ("0", "y", 1), ("1", "z", 1)]
    assert plain["probability"].to_list() == pytest.approx([2 / 3, 1 / 3, 1])
    assert smooth["probability"].to_list() == pytest.approx([3 / 7, 2 / 7, 1 / 7, 1 / 7, 0.2, 0.2, 0.4, 0.2])


def test_the_interval_is_wilsons() -> None:
    """8 of 10 at 95 %: 0.49 to 0.94 (Wilson 1927); ends stay within 0 and 1."""
    row = soft_labels(frame([[*"xxxxxxxxyy"]])).row(0, named=True)
    sure = soft_labels(frame([["x", "x", "x"]])).row(0, named=True)

    assert (row["low"], row["high"]) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert (sure["low"], sure["high"]) == pytest.approx((3 / (3 + 1.959964**2), 1))


def test_labels_keep_their_type() -> None:
    """Numbers stay numbers and categories their order."""
    numbers = soft_labels({"item_id": [1, 1], "annotator_id": ["a", "b"], "label": [3, 10]})

    assert numbers["label"].to_list() == [3, 10]
    assert numbers["item_id"].dtype == pl.String


def test_impossible_smoothing_is_refused() -> None:
    """It is 0 or more."""
    with pytest.raises(ValueError, match=r"smoothing of 0 or more, like 0.5, found -1"):
        soft_labels(frame([["x"]]), smoothing=-1)
    with pytest.raises(ColumnError, match="row 1, column 'label'"):
        soft_labels(frame([["x", "y"]]), categories=["x"])


# ---------------------------------------------------------------------------------------- entropy


def test_entropy_in_bits() -> None:
    """All alike is 0, half and half 1 bit, four labels 2 bits; one label alone says nothing."""
    table = label_entropy(frame([["x"] * 4, ["x", "x", "y", "y"], ["w", "x", "y", "z"], ["x"], [None]]))

    assert table["entropy"].to_list() == [0, 1, 2, None, None]
    assert table["normalised"].to_list() == [0, 0.5, 1, None, None]
    assert table["n_labels"].to_list() == [4, 4, 4, 1, 0]


def test_normalised_by_what_is_possible() -> None:
    """Two unlike labels are as spread as two labels can be, however many categories there are."""
    table = label_entropy(frame([["x", "y"], ["x", "x"]]), categories=list("uvwxyz"))

    assert table["normalised"].to_list() == [1, 0]
    assert label_entropy(frame([["x", "x"]])).row(0) == ("0", 2, 0.0, None)


# ----------------------------------------------------------------------------------------- groups


def grouped(n: int, *, shift: float, seed: int = 0) -> pl.DataFrame:
    """Return labels of two groups of three; the south sees a share of the items the other way round."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=n)
    turned = rng.random(n) < shift
    rows = [
        (str(item), f"{group}{who}", int(seen if rng.random() < 0.9 else 1 - seen), group)
        for item in range(n)
        for group, seen in (("north", truth[item]), ("south", truth[item] ^ turned[item]))
        for who in range(3)
    ]
    return pl.DataFrame(rows, schema=[*COLUMNS, "region"], orient="row")


def value(table: pl.DataFrame, coefficient: str, group: str, other: str) -> dict[str, Any]:
    """Return a row of the table."""
    return table.filter(
        (pl.col("coefficient") == coefficient) & (pl.col("group") == group) & (pl.col("other") == other)
    ).row(0, named=True)


def test_groups_that_see_alike_agree_between_as_within() -> None:
    """Without a difference, agreement between groups is that within them."""
    table = group_agreement(grouped(800, shift=0), "region")
    within = value(table, "krippendorff_alpha", "north", "north")
    between = value(table, "between_groups_kappa", "north", "south")

    assert between["value"] == pytest.approx(within["value"], abs=0.06)
    assert between["low"] < between["value"] < between["high"]
    assert (between["n_annotators"], between["n_items"]) == (6, 800)


def test_groups_that_see_differently_are_told_apart() -> None:
    """Where one group turns half the labels, it agrees within itself and not with the other."""
    table = group_agreement(grouped(800, shift=0.5), "region")

    assert value(table, "krippendorff_alpha", "south", "south")["low"] > 0.5
    assert abs(value(table, "between_groups_kappa", "north", "south")["value"]) < 0.1


def test_two_groups_of_one_are_two_annotators() -> None:
    """Between two lone annotators it is the share of equal labels, and kappa with each one's own shares."""
    labels = frame([["x", "x"], ["x", "y"], ["y", "y"], ["y", "y"]]).with_columns(who=pl.col("annotator_id"))
    table = group_agreement(labels, "who", replicates=0)
    expected = 1 - 0.25 / (1 - (0.5 * 0.25 + 0.5 * 0.75))

    assert value(table, "between_groups", "a0", "a1")["value"] == 0.75
    assert value(table, "between_groups_kappa", "a0", "a1")["value"] == pytest.approx(expected)


def test_unusable_groups_are_refused() -> None:
    """A missing column, a null and somebody in two groups are named."""
    labels = grouped(3, shift=0)

    with pytest.raises(ColumnError, match="'country'"):
        group_agreement(labels, "country")
    with pytest.raises(
        ColumnError, match="row 2, column 'region': expected a group in every row, found null"
    ):
        group_agreement(
            labels.with_columns(region=pl.when(pl.int_range(pl.len()) != 2).then("region")), "region"
        )
    with pytest.raises(ColumnError, match="'north0' in several groups"):
        group_agreement(labels.with_columns(region=pl.col("item_id")), "region")
    with pytest.raises(ColumnError, match="another column for the groups"):
        group_agreement(labels, "label")


# -------------------------------------------------------------------------------------- explaining


def test_what_drives_disagreement_is_found() -> None:
    """Of several properties the one that drives disagreement comes first, with its groups; others do not."""
    rng = np.random.default_rng(0)
    n = 400
    length = rng.integers(5, 300, n)
    differ = rng.random(n) < np.where(length > 200, 0.7, 0.1)
    items = numbered(
        length=length,
        source=rng.choice(["forum", "news"], n),
        words=["x" * int(k) for k in rng.integers(60, 90, n)],
    )
    table = explain_disagreement(labeled(differ.tolist()), items)
    first = table.row(0, named=True)

    assert table["column"][0] == "length"
    assert table["explains"].to_list() == [True, False, False]
    assert first["low"] < first["effect"] < first["high"]
    assert first["low"] > 0.1
    assert first["highest_disagreement"] - first["lowest_disagreement"] > 0.3
    assert float(first["highest"].split(" to ")[0]) > 150


def test_nothing_is_found_where_there_is_nothing() -> None:
    """In 40 tables of five meaningless properties, few have any that explains, and effects average 0."""
    found, effects = 0, []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = 80
        items = numbered(
            one=rng.normal(size=n),
            two=rng.integers(4, size=n),
            three=rng.choice(list("abc"), n),
            four=rng.random(n) < 0.5,
            five=[["u", "v", None][k] for k in rng.integers(3, size=n)],
        )
        labels = labeled((rng.random(n) < 0.4).tolist())
        table = explain_disagreement(labels, items, replicates=0, permutations=99)
        found += bool(table["explains"].any())
        effects += table["effect"].to_list()

    # Four standard errors above one in twenty of 40 tables.
    assert found <= 2 + 5.5
    assert float(np.mean(effects)) == pytest.approx(0, abs=0.01)


def test_the_effect_is_epsilon_squared() -> None:
    """With groups of 3 and 1 of 5, all means apart: one minus within over total mean square."""
    items = numbered(kind=["a"] * 5 + ["b"] * 5)
    labels = labeled([True, True, True, False, False, True, False, False, False, False])
    row = explain_disagreement(labels, items, replicates=0).row(0, named=True)
    within, total = (5 * 0.6 * 0.4 + 5 * 0.2 * 0.8) / 8, 10 * 0.4 * 0.6 / 9

    assert row["effect"] == pytest.approx(1 - within / total)
    assert (row["lowest"], row["highest"]) == ("b", "a")
    assert (row["lowest_disagreement"], row["highest_disagreement"]) == pytest.approx((0.2, 0.6))


def test_the_interval_holds_the_effect_as_often_as_it_says() -> None:
    """Of 80 intervals of 90 % for a known share of variance, about 72 hold it."""
    share = 0.25**2 / (0.25**2 + 0.5 * (0.75 * 0.25 + 0.25 * 0.75))
    held = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        half = rng.random(300) < 0.5
        labels = labeled((rng.random(300) < np.where(half, 0.75, 0.25)).tolist())
        row = explain_disagreement(
            labels, numbered(half=half), level=0.9, replicates=200, permutations=19, seed=seed
        ).row(0, named=True)
        held += row["low"] <= share <= row["high"]

    assert 61 <= held <= 80


def test_properties_of_any_kind_are_cut_into_groups() -> None:
    """Few numbers stand alone, zeros in numbers too; times, lists and missing values have groups."""
    n = 60
    items = numbered(
        few=[1, 2, 3] * 20,
        zeros=[0.0] * 40 + [float(k) for k in range(1, 21)],
        when=[dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=k) for k in range(n)],
        words=[["w"] * (k % 9) for k in range(n)],
        gaps=[None if k % 3 else 1.0 for k in range(n)],
        names=[f"name {k}" for k in range(n)],
        rare=["often"] * 58 + ["once", "twice"],
        same=["s"] * n,
        parts=[{"k": 1}] * n,
    )
    table = explain_disagreement(labeled([k < 40 for k in range(n)]), items, permutations=499, replicates=40)
    kinds = dict(table.select("column", "kind").rows())
    zeros = table.filter(pl.col("column") == "zeros").row(0, named=True)

    assert kinds["few"] == kinds["zeros"] == kinds["gaps"] == "number"
    assert (kinds["when"], kinds["words"], kinds["names"], kinds["rare"]) == (
        "time",
        "length",
        "length",
        "category",
    )
    assert (zeros["highest"], zeros["explains"]) == ("0 to 0", True)
    reasons = dict(table.select("column", "reason").drop_nulls().rows())
    assert reasons["same"] == "one group only"
    assert "no property" in reasons["parts"]


def test_order_does_not_matter() -> None:
    """Items and labels in another order give the same table to the last bit."""
    rng = np.random.default_rng(3)
    labels, items = labeled((rng.random(50) < 0.5).tolist()), numbered(size=rng.normal(size=50))
    one = explain_disagreement(labels, items, replicates=40, permutations=99)
    other = explain_disagreement(
        labels.sample(fraction=1, shuffle=True, seed=1),
        items.sample(fraction=1, shuffle=True, seed=2),
        replicates=40,
        permutations=99,
    )

    assert one.equals(other)


def test_all_agree_leaves_nothing_to_explain() -> None:
    """Without disagreement, and without items in common, the reason is given and nothing explains."""
    items = numbered(kind=["a", "b"] * 10)
    table = explain_disagreement(labeled([False] * 20), items)
    none = explain_disagreement(labeled([True] * 5), items.with_columns(pl.col("item_id") + "?"))

    assert table.select("explains", "effect", "reason").row(0) == (False, None, "all items disagree alike")
    assert none.select("explains", "n_items").row(0) == (False, 0)
    assert math.isnan(krippendorff_alpha(labeled([False] * 20)).value)


def test_misuse_is_refused() -> None:
    """Missing columns, items twice and impossible options are named."""
    labels, items = labeled([True, False]), numbered(kind=["a", "b"])

    with pytest.raises(ColumnError, match=r"explain_disagreement.*items, column 'size'"):
        explain_disagreement(labels, items, columns=["size"])
    with pytest.raises(ColumnError, match="items, row 2, column 'item_id': expected each item once"):
        explain_disagreement(labels, pl.concat([items, items]))
    with pytest.raises(ValueError, match="at least 2 bins, found 1"):
        explain_disagreement(labels, items, bins=1)
    with pytest.raises(ValueError, match="at least 19 permutations, found 5"):
        explain_disagreement(labels, items, permutations=5)
