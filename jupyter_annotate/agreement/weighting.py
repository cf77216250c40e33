"""Weights: how far two different labels agree, for coefficients that give credit for near misses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from jupyter_annotate.agreement.profiles import Floats

__all__ = ["Weights", "check_weights", "places_of", "weight_matrix"]

Scheme = Literal["identity", "linear", "quadratic", "ordinal", "radical", "ratio", "bipolar"]
#: A scheme, or a matrix: one row and one column for each category, 1 for full agreement.
Weights = Scheme | Sequence[Sequence[float]] | Floats


def check_weights(weights: Weights) -> None:
    """Refuse what is no scheme and no square matrix with ones on its diagonal.

    Raises
    ------
    ValueError
        With what was expected and what was found.
    """
    if isinstance(weights, str):
        if weights not in get_args(Scheme):
            message = (
                f"Expected weights to be one of {list(get_args(Scheme))} or a matrix, found {weights!r}."
            )
            raise ValueError(message)
        return
    matrix = np.asarray(weights, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:  # noqa: PLR2004 -- rows and columns
        message = (
            f"Expected weights with a row and a column for each category, found the shape {matrix.shape}."
        )
        raise ValueError(message)
    if not np.isfinite(matrix).all() or (np.diagonal(matrix) != 1).any():
        message = "Expected weights to be numbers, 1 on the diagonal: a label agrees with itself fully."
        raise ValueError(message)


def weight_matrix(weights: Weights, categories: pl.Series, *, ordered: bool) -> Floats:
    """Return what each pair of labels counts, symmetric, 1 for equal ones.

    Schemes by Gwet 2014, Handbook of Inter-Rater Reliability, chapter 3; linear and quadratic by Cohen 1968.

    Parameters
    ----------
    weights
        A scheme, or a matrix in the order of the categories.
    categories
        All labels.
    ordered
        Whether their order was said, so that labels that are no numbers have a place.

    Returns
    -------
    matrix
        Shape (q, q).
    """
    n = len(categories)
    if not isinstance(weights, str):
        matrix = np.asarray(weights, dtype=np.float64)
        if matrix.shape != (n, n):
            message = (
                f"Expected weights of the shape {(n, n)}, one row for each of the categories "
                f"{categories.to_list()}, found {matrix.shape}."
            )
            raise ValueError(message)
        return (matrix + matrix.T) / 2
    if weights == "identity" or n <= 1:
        return np.eye(n)
    return _SCHEMES[weights](places_of(categories, ordered=ordered, purpose=f"weights={weights!r}"))


def places_of(categories: pl.Series, *, ordered: bool, purpose: str) -> Floats:
    """Return numbers as they are, and the places of labels that have an order, from 1 on.

    Raises
    ------
    ValueError
        If the labels are no numbers and their order was not said.
    """
    if categories.dtype.is_numeric() or categories.dtype == pl.Boolean:
        return categories.cast(pl.Float64).to_numpy()
    if ordered or isinstance(categories.dtype, pl.Enum):
        return np.arange(1.0, len(categories) + 1)
    message = (
        f"Expected numbers, or categories=[...] from low to high, as {purpose} needs an order, "
        f"found labels of type {categories.dtype}."
    )
    raise ValueError(message)


def _away(places: Floats) -> Floats:
    return np.abs(places[:, None] - places[None, :])


def _spread(places: Floats) -> Floats:
    """Return how far apart labels are, as a share of the whole range."""
    shares: Floats = _away(places) / (places.max() - places.min())
    return shares


def _linear(places: Floats) -> Floats:
    return 1 - _spread(places)


def _quadratic(places: Floats) -> Floats:
    squares: Floats = _spread(places) ** 2
    return 1 - squares


def _radical(places: Floats) -> Floats:
    roots: Floats = np.sqrt(_spread(places))
    return 1 - roots


def _ordinal(places: Floats) -> Floats:
    steps = _away(places.argsort().argsort().astype(np.float64))
    between: Floats = steps * (steps + 1)
    return 1 - between / float(between.max())


def _ratio(places: Floats) -> Floats:
    sums = places[:, None] + places[None, :]
    squares = np.divide(_away(places), sums, out=np.zeros_like(sums), where=sums != 0) ** 2
    low, high = places.min(), places.max()
    shares: Floats = squares / ((high - low) / (high + low)) ** 2
    return 1 - shares


def _bipolar(places: Floats) -> Floats:
    sums = places[:, None] + places[None, :]
    below: Floats = (sums - 2 * places.min()) * (2 * places.max() - sums)
    nothing: Floats = np.zeros(sums.shape)
    squares = np.divide(_away(places) ** 2, below, out=nothing, where=_away(places) > 0)
    return 1 - squares


_SCHEMES: dict[str, Callable[[Floats], Floats]] = {
    "linear": _linear,
    "quadratic": _quadratic,
    "radical": _radical,
    "ordinal": _ordinal,
    "ratio": _ratio,
    "bipolar": _bipolar,
}
