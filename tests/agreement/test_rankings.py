"""Agreement on rankings: published tables, the definitions, ties and options that are not ranked."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.rankings import kendall_tau, kendall_w, rank_concordance
from jupyter_annotate.errors import ColumnError

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "reference" / "rankings.json").read_text(encoding="utf-8")
)
IDS = ["item_id", "annotator_id"]


def ranked(tables: list[list[list[float | None]]]) -> pl.DataFrame:
    """Return LABELS with one row an option, of one table an item: a row an annotator, a column an option."""
    rows = [
        (f"{item}", f"{who}", f"option {option}", rank)
        for item, table in enumerate(tables)
        for who, ranks in enumerate(table)
        for option, rank in enumerate(ranks)
        if rank is not None
    ]
    schema = {**dict.fromkeys([*IDS, "label"], pl.String), "rank": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def listed(orders: list[list[Any]]) -> pl.DataFrame:
    """Return LABELS with the orders of each item's annotators as lists."""
    rows = [
        (f"{item}", f"{who}", order) for item, given in enumerate(orders) for who, order in enumerate(given)
    ]
    return pl.DataFrame(rows, schema=[*IDS, "label"], orient="row", strict=False)


def tau_by_definition(one: list[float | None], other: list[float | None]) -> float:
    """Compute tau-b pair of options by pair of options."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    pairs = [(np.sign(a - c), np.sign(b - d)) for n, (a, b) in enumerate(both) for c, d in both[n + 1 :]]
    scale = math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))
    return sum(float(a * b) for a, b in pairs) / scale if scale else math.nan


def w_by_definition(table: list[list[float]]) -> float:
    """Compute W from midranks: what the rank sums differ over the most they could, ties considered."""
    mids = [[sum(x < r for x in row) + (row.count(r) + 1) / 2 for r in row] for row in table]
    m, n = len(table), len(table[0])
    spread = sum((sum(row[k] for row in mids) - m * (n + 1) / 2) ** 2 for k in range(n))
    ties = sum(row.count(r) ** 3 - row.count(r) for row in table for r in set(row))
    most = m**2 * (n**3 - n) - m * ties
    return 12 * spread / most if most else math.nan


ranks = st.integers(1, 4).map(float)
tables = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(ranks | st.none(), min_size=n, max_size=n), min_size=1, max_size=4)
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_w_is_the_published_one(name: str) -> None:
    """W, corrected for ties, has the digits that were printed."""
    printed = PUBLISHED[name]["w"]
    found = kendall_w(ranked([PUBLISHED[name]["ranks"]]))

    assert found.value == pytest.approx(float(printed), abs=0.5 * 10 ** -(len(printed) - 1))
    assert (found.interval, found.reason) == (None, Reason.ONE_ITEM)


def test_the_test_is_chi_square() -> None:
    """Chi-square is m (p - 1) W; its tail for 22.35 and 9 degrees of freedom is 0.0078."""
    row = rank_concordance(ranked([PUBLISHED["kendall_1948_three_judges"]["ranks"]])).row(0, named=True)

    assert (row["n_annotators"], row["n_options"], row["freedom"]) == (3, 10, 9)
    assert row["chi_square"] == pytest.approx(3 * 9 * row["w"])
    assert row["p"] == pytest.approx(0.0078, abs=5e-5)


def test_independent_orders_are_seldom_significant() -> None:
    """Of 400 items whose orders are drawn at random, about one in twenty has p below .05."""
    rng = np.random.default_rng(0)
    orders = ranked([[rng.permutation(9).tolist() for _ in range(4)] for _ in range(400)])
    share = (rank_concordance(orders)["p"] < 0.05).mean()

    assert isinstance(share, float)
    assert 0.01 <= share <= 0.07
    assert kendall_w(orders).value == pytest.approx(1 / 4, abs=0.02)
    assert kendall_tau(orders).value == pytest.approx(0, abs=0.03)


@settings(max_examples=80)
@given(st.lists(tables, min_size=1, max_size=5))
def test_tau_is_its_definition(items: list[list[list[float | None]]]) -> None:
    """With ties and gaps, the mean over pairs and items is what the definition gives."""
    means = []
    for table in items:
        present = [row for row in table if any(rank is not None for rank in row)]
        each = [tau_by_definition(a, b) for n, a in enumerate(present) for b in present[n + 1 :]]
        defined = [tau for tau in each if not math.isnan(tau)]
        means += [float(np.mean(defined))] if defined else []
    expected = float(np.mean(means)) if means else math.nan

    assert kendall_tau(ranked(items), replicates=0).value == pytest.approx(expected, nan_ok=True)


@settings(max_examples=80)
@given(st.lists(tables, min_size=1, max_size=5))
def test_w_is_its_definition(items: list[list[list[float | None]]]) -> None:
    """With ties and gaps, W of the options that all ranked is what the definition gives."""
    values = []
    for table in items:
        present = [row for row in table if any(rank is not None for rank in row)]
        full = [k for k in range(len(table[0])) if present and all(row[k] is not None for row in present)]
        kept: list[list[float]] = [[row[k] for k in full] for row in present]  # type: ignore[misc]  # none is None
        values += [w_by_definition(kept)] if len(kept) > 1 and full else []
    defined = [w for w in values if not math.isnan(w)]
    expected = float(np.mean(defined)) if defined else math.nan

    assert kendall_w(ranked(items), replicates=0).value == pytest.approx(expected, nan_ok=True)


def test_lists_and_ranks_are_the_same() -> None:
    """Orders as lists, lists with ties and ranks in a column give the same."""
    plain = [[["a", "b", "c", "d"], ["b", "a", "c", "d"]], [["c", "a"], ["a", "c"]]]
    nested = [[[[option] for option in order] for order in item] for item in plain]
    ranks_of = [
        [[order.index(o) if o in order else None for o in "abcd"] for order in item] for item in plain
    ]
    values = [
        kendall_tau(labels).value
        for labels in (listed(plain), listed(nested), ranked(ranks_of))  # type: ignore[arg-type]  # whole ranks
    ]

    assert values == [values[0]] * 3
    assert values[0] == pytest.approx(((5 - 1) / 6 + -1) / 2)


def test_ties_in_lists() -> None:
    """A list within the order is a tie: with a tie of two in three, tau-b is 2 / sqrt(2 * 3)."""
    found = kendall_tau(listed([[[["a"], ["b", "c"]], [["a"], ["b"], ["c"]]]]))

    assert found.value == pytest.approx(2 / math.sqrt(6))


def test_options_that_one_did_not_rank() -> None:
    """They are left out for that pair of annotators, and counted."""
    found = kendall_w(listed([[["a", "b", "c"], ["a", "c"]]]))
    table = rank_concordance(listed([[["a", "b", "c"], ["a", "c"]]]))

    assert found.value == 1
    assert found.details["options_left_out"] == 1
    assert table.select("n_options", "n_left_out").row(0) == (2, 1)


@settings(max_examples=40)
@given(st.lists(tables, min_size=1, max_size=5), st.integers(0, 99))
def test_order_and_names_do_not_matter(items: list[list[list[float | None]]], seed: int) -> None:
    """Shuffled rows give the same to the last bit; other names the same but for rounding."""
    labels = ranked(items)
    shuffled = labels.sample(fraction=1, shuffle=True, seed=seed)
    renamed = labels.with_columns(pl.col(IDS).str.replace_many(["0", "1", "2"], ["z", "y", "x"]))
    for coefficient in (kendall_tau, kendall_w):
        one, two, three = (coefficient(each, replicates=40) for each in (labels, shuffled, renamed))

        assert one.to_frame().equals(two.to_frame())
        assert three.value == pytest.approx(one.value, nan_ok=True)


def test_the_interval_narrows_with_items() -> None:
    """Sixteen times the items give an interval of about a quarter."""
    rng = np.random.default_rng(1)
    widths = []
    for n in (20, 320):
        orders = [[(np.arange(5) + rng.normal(0, 2, 5)).tolist() for _ in range(3)] for _ in range(n)]
        interval = kendall_tau(ranked(orders)).interval
        assert interval is not None
        widths.append(interval[1] - interval[0])

    assert 0.15 < widths[1] / widths[0] < 0.4


def test_undefined_has_its_reason() -> None:
    """Nothing ranked, nobody to compare with and everything tied are told apart."""
    tied = ranked([[[1, 1], [1, 2]]])
    empty = pl.DataFrame(schema=dict.fromkeys([*IDS, "label"], pl.String))

    assert kendall_tau(empty).reason is Reason.NO_LABELS
    assert kendall_tau(listed([[["a", "b"]]])).reason is Reason.NO_PAIRS
    assert kendall_tau(tied).reason is Reason.NO_VARIATION
    assert kendall_tau(tied).details["items_without_value"] == 1
    assert kendall_w(ranked([[[1, 1], [1, 1]]])).reason is Reason.NO_VARIATION


def test_misuse_is_refused() -> None:
    """What is no ranking, an option twice, and ranks that are none are named with their row."""
    with pytest.raises(ColumnError, match="expected a list of options, best first, found String"):
        kendall_tau({"item_id": ["1"], "annotator_id": ["a"], "label": ["x"]})
    with pytest.raises(ColumnError, match="row 1, column 'label': expected each option once, found 'a'"):
        kendall_w(listed([[["a", "b"], ["a", "a"]]]))
    with pytest.raises(ColumnError, match="row 0, column 'label': expected options, found null"):
        kendall_w(listed([[["a", None], ["a", "b"]]]))
    with pytest.raises(ColumnError, match="row 1, column 'rank': expected a rank of each option, found nan"):
        kendall_w(ranked([[[1, math.nan]]]))
    with pytest.raises(ColumnError, match="ranks that are numbers"):
        kendall_w({"item_id": ["1"], "annotator_id": ["a"], "label": ["x"], "rank": ["first"]})
