"""Metrics: how far apart two labels are, squared, for Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.profiles import Floats, Integers
from jupyter_annotate.agreement.sums import STEP
from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["Distance", "Metric", "check_labels", "distance_of", "expected_pairs"]

Metric = Literal["nominal", "ordinal", "interval", "ratio", "jaccard", "masi"]
#: From two arrays of codes to how far apart the labels are, squared where the metric squares.
Distance = Callable[[Integers, Integers], Floats]

#: A function of Python is asked about every pair of different labels: that many at most.
_MOST_CALLED = 3_000


def check_labels(metric: object, column: pl.Series, what: str) -> None:
    """Refuse labels that have no distances of this metric.

    Raises
    ------
    ColumnError
        With the first row that is wrong, if it is a row.
    """
    dtype = column.dtype
    if metric in ("interval", "ratio") and not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
        expected = f"numbers, as metric={metric!r} subtracts labels"
        raise ColumnError(what, expected=expected, found=f"{dtype}", column="label")
    if metric == "ratio" and dtype.is_numeric():
        below = (column < 0).fill_null(value=False)
        if below.any():
            row = below.arg_true()[0]
            expected = "numbers from 0 on, as metric='ratio' divides by their sum"
            raise ColumnError(what, expected=expected, found=f"{column[row]}", row=row, column="label")
    if metric in ("jaccard", "masi") and not isinstance(dtype, pl.List | pl.Array | pl.Null):
        expected = f"lists, as metric={metric!r} compares sets of labels"
        raise ColumnError(what, expected=expected, found=f"{dtype}", column="label")


def distance_of(metric: Metric | Callable[[object, object], float], categories: pl.Series) -> Distance:
    """Return the distance between codes of labels, for metrics that need every pair.

    Parameters
    ----------
    metric
        ``"ratio"``, ``"jaccard"``, ``"masi"`` or a function of two labels.
    categories
        What the codes stand for.
    """
    if callable(metric):
        return _looked_up(_called(metric, categories.to_list()))
    if metric == "ratio":
        return _ratio(categories.cast(pl.Float64).to_numpy())
    return _sets(categories, masi=metric == "masi")


def expected_pairs(totals: Floats, distance: Distance) -> Floats:
    """Sum the distances of all pairs of labels, in blocks of categories.

    Parameters
    ----------
    totals
        How often each label occurs, in each draw. Shape (draws, V).

    Returns
    -------
    sums
        Over ordered pairs. Shape (draws,).
    """
    n = totals.shape[1]
    every = np.arange(n)
    found = np.zeros(len(totals))
    rows = max(STEP // max(n, 1), 1)
    for start in range(0, n, rows):
        some = every[start : start + rows]
        block = distance(some[:, None], every[None, :])
        found += ((totals[:, some] @ block) * totals).sum(axis=1)
    return found


def _looked_up(table: Floats) -> Distance:
    return lambda one, other: table[one, other]


def _ratio(values: Floats) -> Distance:
    def distance(one: Integers, other: Integers) -> Floats:
        first, second = values[one], values[other]
        sums = first + second
        shares = np.divide(first - second, sums, out=np.zeros(np.shape(sums)), where=sums != 0)
        squares: Floats = shares**2
        return squares

    return distance


def _sets(categories: pl.Series, *, masi: bool) -> Distance:
    """Compare sets by Jaccard 1901, or by MASI (Passonneau 2006), which asks whether one holds the other."""
    members = categories.cast(pl.List(categories.dtype.inner)).rename("label")  # type: ignore[attr-defined]  # lists have it
    long = (
        pl.DataFrame({"label": members}).with_row_index("code").explode("label").drop_nulls("label").unique()
    )
    ranks = long["label"].rank("dense").to_numpy() - 1
    n_members = int(ranks.max() + 1) if len(ranks) else 0
    inside = np.zeros((len(categories), n_members), dtype=np.float32)
    inside[long["code"].to_numpy(), ranks] = 1
    sizes = inside.sum(axis=1)

    def distance(one: Integers, other: Integers) -> Floats:
        common = _common(inside, one, other).astype(np.float64)
        union = sizes[one] + sizes[other] - common
        shares: Floats = np.divide(common, union, out=np.ones_like(common), where=union > 0)
        if masi:
            part = np.where(common == np.minimum(sizes[one], sizes[other]), 2 / 3, 1 / 3)
            shares *= np.where(common == union, 1, part)
        return 1 - shares

    return distance


def _common(inside: NDArray[np.float32], one: Integers, other: Integers) -> NDArray[np.float32]:
    """Count the members that two sets share, for pairs of sets or for all of some with all of others."""
    if one.ndim == other.ndim == 1:
        pairs: NDArray[np.float32] = (inside[one] * inside[other]).sum(axis=1)
        return pairs
    block: NDArray[np.float32] = inside[one.ravel()] @ inside[other.ravel()].T
    return block


def _called(metric: Callable[[object, object], float], labels: list[object]) -> Floats:
    if len(labels) > _MOST_CALLED:
        message = (
            f"Expected at most {_MOST_CALLED:,} different labels with a function as metric, "
            f"found {len(labels):,}."
        )
        raise ValueError(message)
    table = np.array([[metric(one, other) for other in labels] for one in labels], dtype=np.float64)
    table = table.reshape(len(labels), len(labels))
    wrong = np.argwhere(~(np.isfinite(table) & (table >= 0)) | ~np.isclose(table, table.T))
    wrong = wrong if len(wrong) else np.argwhere(np.diag(np.diagonal(table) != 0))
    if len(wrong):
        one, other = wrong[0]
        message = (
            "Expected a metric that is a number from 0 on, the same both ways, 0 for equal labels, found "
            f"{table[one, other]} for {shorten(labels[one])} and {shorten(labels[other])}."
        )
        raise ValueError(message)
    return table
