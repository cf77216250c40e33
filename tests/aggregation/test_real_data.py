"""Aggregation of public crowd data: at least as right as the best known implementation of the same method."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.aggregation import (
    GLAD,
    MACE,
    Aggregator,
    BayesianConfusion,
    DawidSkene,
    MajorityVote,
    OneCoin,
    WeightedMajority,
)

pytestmark = pytest.mark.real_data

Crowd = tuple[pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def entailment(real_data: Path) -> Crowd:
    """Return 8,000 labels of 800 pairs of sentences, and their true labels."""
    table = pl.read_csv(real_data / "event_highlights" / "rte.standardized.csv")
    names = {"orig_id": "item_id", "!amt_worker_ids": "annotator_id", "response": "label"}
    gold = table.select(pl.col("orig_id").cast(pl.String).alias("item_id"), truth="gold").unique()
    return table.select(*names).rename(names), gold


@pytest.fixture(scope="module")
def pages(real_data: Path) -> Crowd:
    """Return 92,721 labels of 11,040 web pages, and the true labels of 333 of them."""
    folder = real_data / "adult_content_crowd"
    columns = ["annotator_id", "item_id", "label"]
    labels = pl.read_csv(folder / "labels.txt", separator="\t", has_header=False, new_columns=columns)
    gold = pl.read_csv(
        folder / "gold.txt", separator="\t", has_header=False, new_columns=["item_id", "truth"]
    )
    return labels, gold


def percent_right(aggregator: Aggregator, crowd: Crowd) -> float:
    """Return how many of the items with a true label get it, in percent."""
    labels, gold = crowd
    found = aggregator.fit_predict(labels).join(gold, on="item_id")
    return float((found["label"] == found["truth"]).to_numpy().mean() * 100)


@pytest.mark.parametrize(
    ("aggregator", "least"),
    [
        (MajorityVote(), 91.8),
        (WeightedMajority(), 92.5),
        (DawidSkene(), 92.8),
        (DawidSkene(smoothing=0), 92.7),
        (OneCoin(), 92.5),
        (MACE(), 92.5),
        (GLAD(), 92.5),
        (BayesianConfusion(), 92.5),
    ],
    ids=lambda each: each.name if isinstance(each, Aggregator) else "",
)
def test_entailment(aggregator: Aggregator, least: float, entailment: Crowd) -> None:
    """As many true labels as the reference finds."""
    assert percent_right(aggregator, entailment) >= least


@pytest.mark.parametrize(
    ("aggregator", "least"),
    [
        (MajorityVote(), 76.5),
        (WeightedMajority(), 76.0),
        # Stopped after as many steps as the peer's; to the end, both have 74.8.
        (DawidSkene(smoothing=0, max_iterations=2), 76.5),
        (DawidSkene(smoothing=0), 74.7),
        (DawidSkene(smoothing=1, toward="pooled"), 74.7),
        (OneCoin(), 70.8),
        (MACE(n_restarts=2), 78.0),
        (GLAD(), 75.9),
        (BayesianConfusion(), 75.9),
    ],
    ids=lambda each: each.name if isinstance(each, Aggregator) else "",
)
def test_pages(aggregator: Aggregator, least: float, pages: Crowd) -> None:
    """As many true labels as the reference finds, where most annotators gave few labels."""
    assert percent_right(aggregator, pages) >= least
