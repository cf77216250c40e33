"""Comparison: differences are paired, intervals say how sure they are, gold without labels is not scored."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import DawidSkene
from jupyter_annotate.aggregation.comparison import compare_methods
from jupyter_annotate.errors import ColumnError, UnknownNameError


def half_clickers(n_items: int = 300, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS of three who know and four who click, and gold."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=n_items)
    item, annotator = np.repeat(np.arange(n_items), 7), np.tile(np.arange(7), n_items)
    right = np.where(annotator < 3, 0.9, 1 / 3)
    label = np.where(
        rng.random(len(item)) < right, true[item], (true[item] + rng.integers(1, 3, len(item))) % 3
    )
    labels = pl.DataFrame({"item_id": item, "annotator_id": annotator, "label": label})
    return labels, pl.DataFrame({"item_id": np.arange(n_items), "label": true})


def test_a_clear_gain_is_said_with_its_interval() -> None:
    """Dawid-Skene sees through the clickers, and the sentence says by how many points, and how surely."""
    labels, gold = half_clickers()

    found = compare_methods(labels, gold=gold, methods=["dawid_skene"])

    row = found.table.row(1, named=True)
    assert row["better"]
    assert 0 < row["difference_low"] < row["difference"] < row["difference_high"]
    assert f"dawid_skene: {100 * row['difference']:+.1f} points [" in repr(found)
    assert "over majority on your data" in repr(found)


def test_the_interval_is_that_of_paired_differences() -> None:
    """The interval of the difference has the width that the paired standard error gives, not of their sum."""
    labels, gold = half_clickers()
    found = compare_methods(labels, gold=gold, methods=["one_coin"], baseline="dawid_skene")

    one, other = found.table.rows(named=True)
    alone = (one["high"] - one["low"]) ** 2 + (other["high"] - other["low"]) ** 2
    assert (other["difference_high"] - other["difference_low"]) ** 2 < alone


def test_a_method_against_itself_is_no_better() -> None:
    """Two settings of one method have a row each; the same setting twice differs by nothing."""
    labels, gold = half_clickers(100)

    found = compare_methods(labels, gold=gold, methods=[DawidSkene()], baseline="dawid_skene")

    assert found.table["method"].to_list() == ["dawid_skene", "dawid_skene 2"]
    assert found.table["difference"].to_list() == [0.0, 0.0]
    assert found.table["better"].to_list() == [None, None]


def test_without_gold_held_out_labels_judge() -> None:
    """The model that knows who clicks foretells labels better than the vote."""
    found = compare_methods(half_clickers(150)[0], methods=["dawid_skene"])

    assert found.measure == "held-out log-likelihood"
    assert found.table.row(1, named=True)["better"]
    assert "nats a label" in repr(found)


def test_gold_without_labels_is_counted_and_never_scored() -> None:
    """Gold of items nobody labeled changes no figure."""
    labels, gold = half_clickers(100)
    more = pl.concat([gold, pl.DataFrame({"item_id": [998, 999], "label": [0, 1]})])

    one, other = (compare_methods(labels, gold=each, methods=["one_coin"]) for each in (gold, more))

    assert one.table.equals(other.table)
    assert (one.n_gold_unlabeled, other.n_gold_unlabeled) == (0, 2)
    assert "2 gold items have no label" in repr(other)


def test_the_seed_and_the_order_of_rows() -> None:
    """The same seed gives the same interval in any order of rows; another seed another interval."""
    labels, gold = half_clickers(100)

    def low(frame: pl.DataFrame, seed: int) -> float:
        found = compare_methods(frame, gold=gold, methods=["dawid_skene"], replicates=41, seed=seed)
        return float(found.table["difference_low"][1])

    shuffled = labels.sample(fraction=1, shuffle=True, seed=5)
    ends = {low(labels, seed) for seed in range(4)}
    assert low(labels, 0) == low(shuffled, 0)
    assert len(ends) > 1


def test_mistakes_are_said() -> None:
    """Unknown methods, gold that meets no label and no labels at all are errors."""
    labels, _ = half_clickers(20)

    with pytest.raises(UnknownNameError, match="one_coin"):
        compare_methods(labels, methods=["one_coins"])
    with pytest.raises(ColumnError, match="gold of items with labels"):
        compare_methods(labels, gold={"item_id": [999], "label": [0]})
    with pytest.raises(ColumnError, match="at least one label"):
        compare_methods(labels.clear())
