"""Crowds whose true labels are known because they are drawn."""

from __future__ import annotations

import numpy as np
import polars as pl

LABELS = ["cat", "dog", "owl"]
SCHEMA = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.String}


def crowd(
    n_items: int = 60, n_annotators: int = 8, redundancy: int = 4, seed: int = 0
) -> tuple[pl.DataFrame, list[str]]:
    """Return LABELS of annotators from bad to good, and the true labels in the order of the items."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n_items, p=[0.5, 0.3, 0.2])
    skill = np.linspace(0.35, 0.95, n_annotators)
    rows = []
    for item, true in enumerate(truth):
        for annotator in rng.choice(n_annotators, redundancy, replace=False):
            right = rng.random() < skill[annotator]
            label = true if right else rng.integers(3)
            rows.append((f"item {item:03}", f"annotator {annotator}", LABELS[label]))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row"), [LABELS[true] for true in truth]


def frame(rows: list[tuple[str, str, str | None]]) -> pl.DataFrame:
    """Return LABELS."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
