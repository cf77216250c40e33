"""Crowds: small data sets for tests of agreement, and the coefficients to test on them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from jupyter_annotate.agreement import COEFFICIENTS, Agreement
from jupyter_annotate.agreement.recipes import RECIPES

Row = tuple[str, str, object]
DType = pl.DataType | type[pl.DataType] | None

#: Labels as numbers, so that weights have distances to go by; null is missing.
SOME = [1, 2, 3, 5, None]
NAMES = sorted(RECIPES)
FOR_TWO = [name for name in NAMES if RECIPES[name]().two]
FOR_ANY = [name for name in NAMES if name not in FOR_TWO]
#: Coefficients to which names of annotators mean nothing.
BLIND = [name for name in NAMES if not RECIPES[name]().by_annotator]


def found(name: str, labels: object, **options: object) -> Agreement:
    """Measure, without an interval unless replicates are given."""
    given: dict[str, Any] = {"replicates": 0, **options}
    return COEFFICIENTS[name](labels, **given)


def frame(rows: Sequence[Row], dtype: DType = pl.Int64) -> pl.DataFrame:
    """Return LABELS."""
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": dtype}
    return pl.DataFrame(rows, schema=schema, orient="row")


def unstacked(items: Sequence[Sequence[object]], dtype: DType = None) -> pl.DataFrame:
    """Return LABELS of a table with one row an item and one column an annotator."""
    rows: list[Row] = [
        (f"{n:04}", f"annotator {who}", label) for n, row in enumerate(items) for who, label in enumerate(row)
    ]
    return frame(rows, dtype)


@st.composite
def tables(draw: st.DrawFn, *, annotators: int = 5) -> list[Row]:
    """Draw labels of some annotators on up to eight items, some missing, rows in any order."""
    cell = st.tuples(st.integers(0, 7), st.integers(0, annotators - 1))
    cells = draw(st.lists(cell, unique=True, min_size=1, max_size=8 * annotators))
    return [(f"item {i}", f"annotator {a}", draw(st.sampled_from(SOME))) for i, a in cells]


def crowd(name: str) -> st.SearchStrategy[list[Row]]:
    """Return tables with as many annotators as a coefficient takes."""
    return tables(annotators=2 if name in FOR_TWO else 5)


def simulated(  # noqa: PLR0913 -- what a crowd is
    n_items: int, n_annotators: int, *, skill: float, seed: int, n_labels: int = 3, gaps: float = 0.0
) -> pl.DataFrame:
    """Return LABELS of annotators who know the true label with this probability, else guess."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_labels, size=(n_items, 1))
    guess = rng.integers(n_labels, size=(n_items, n_annotators))
    label = np.where(rng.random((n_items, n_annotators)) < skill, truth, guess) + 1
    item, annotator = np.indices(label.shape)
    columns = {"item_id": item.ravel(), "annotator_id": annotator.ravel(), "label": label.ravel()}
    table = pl.DataFrame(columns).with_columns(pl.col("item_id", "annotator_id").cast(pl.String))
    return table.filter(pl.Series(rng.random(len(table)) >= gaps))


def shuffled(values: Sequence[str], seed: int) -> list[str]:
    """Return the same values in another order."""
    return random.Random(seed).sample(list(values), len(values))
