"""Sums and medians of groups of numbers, all groups at once, and ratios where some are undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["grouped_median", "grouped_sums", "ratio"]

#: Weights that miss half of the sum by less have reached it; the difference is rounding.
_HALF = 1e-9


def grouped_sums(
    group: NDArray[np.integer], values: NDArray[np.generic], n_groups: int
) -> NDArray[np.float64]:
    """Return the sum of the values of each group; 0 where there are none. Shape (n_groups,)."""
    return np.bincount(group, values, n_groups).astype(np.float64)


def grouped_median(
    group: NDArray[np.integer],
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    n_groups: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper weighted median of each group; they differ if half of the weight is below.

    Parameters
    ----------
    group
        From 0 to ``n_groups - 1``. Shape (n,).
    values, weights
        Weights are positive. Shapes (n,).
    n_groups
        Groups without values get nan.

    Returns
    -------
    lower, upper
        Shapes (n_groups,).
    """
    order = np.lexsort((values, group))
    group, values, weights = group[order], values[order], weights[order]
    totals = grouped_sums(group, weights, n_groups)
    counts = np.bincount(group, minlength=n_groups)
    starts = np.cumsum(counts) - counts
    through = np.cumsum(weights)
    before = np.concatenate([[0.0], through])[starts]
    share = (through - before[group]) / totals[group]
    lower, upper = np.full(n_groups, np.nan), np.full(n_groups, np.nan)
    # Written backwards, the first value that reaches half stays.
    for found, reached in ((lower, share >= 0.5 - _HALF), (upper, share > 0.5 + _HALF)):
        places = np.flatnonzero(reached)[::-1]
        found[group[places]] = values[places]
    return lower, upper


def ratio(
    numerator: NDArray[np.generic], denominator: NDArray[np.generic], missing: float = np.nan
) -> NDArray[np.float64]:
    """Return the quotient, and another number where the denominator is not positive."""
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    out = np.full(np.broadcast_shapes(top.shape, bottom.shape), missing)
    return np.asarray(np.divide(top, bottom, out=out, where=bottom > 0))
