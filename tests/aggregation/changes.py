"""Changes to a frame of labels that must not change what an aggregator finds, but for names and order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

NAMES = ["item_id", "annotator_id"]


def shuffled(frame: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """Return the rows in another order."""
    return frame.sample(fraction=1, shuffle=True, seed=seed)


def bijection(frame: pl.DataFrame, column: str, seed: int = 2) -> dict[str, str]:
    """Return new names for the values of a column, in another sort order."""
    values = frame[column].unique().drop_nulls().sort().to_list()
    places = np.random.default_rng(seed).permutation(len(values))
    return {value: f"{column}-{place:05d}" for value, place in zip(values, places.tolist(), strict=True)}


def renamed(frame: pl.DataFrame, names: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """Return the frame with other values in some columns."""
    return frame.with_columns(
        pl.col(column).replace(list(new), list(new.values())) for column, new in names.items()
    )


def doubled(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame twice, the second time with new items."""
    return pl.concat([frame, frame.with_columns(pl.col("item_id") + " again")])


def close(left: pl.DataFrame, right: pl.DataFrame, *, by: str | list[str], within: float = 1e-7) -> bool:
    """Say whether frames agree but for the order of rows and rounding."""
    left, right = left.sort(by), right.sort(by)
    for column in left.columns:
        one, two = left[column], right[column]
        if one.dtype == pl.Float64:
            same = np.allclose(one.to_numpy(), two.to_numpy(), rtol=0, atol=within, equal_nan=True)
        else:
            same = one.to_list() == two.to_list()
        if not same:
            return False
    return len(left) == len(right)
