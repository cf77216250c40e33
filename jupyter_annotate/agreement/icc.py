"""Intraclass correlation: agreement on numbers, as shares of variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.extras import need_scipy
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["icc"]

Model: TypeAlias = Literal["ICC1", "ICC2", "ICC3"]
Unit: TypeAlias = Literal["single", "average"]
Interval: TypeAlias = Literal["analytic", "bootstrap"]

_CHOICES = {
    "model": ("ICC1", "ICC2", "ICC3"),
    "unit": ("single", "average"),
    "interval": ("analytic", "bootstrap"),
}


#: What is less than this share of a sum of squares is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares, each an array over draws; k is the number of labels an item, a mean where it varies."""

    items: Floats
    annotators: Floats
    error: Floats
    n: Floats
    k: Floats
    freedom: Floats


def icc(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    model: Model = "ICC2",
    unit: Unit = "single",
    interval: Interval = "analytic",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement on numbers: which share of their variance is between items.

    Shrout and Fleiss 1979, "Intraclass Correlations: Uses in Assessing Rater Reliability", table 2 and the
    equations before it; intervals by the F distribution as there and in McGraw and Wong 1996, table 7.

    Parameters
    ----------
    labels
        LABELS whose labels are numbers. For ``"ICC1"`` items may have any two numbers or more. For the
        others every item needs one of every annotator: items with gaps are left out, and
        ``details["items_with_gaps"]`` counts them.
    model
        ``"ICC1"``: each item has other annotators, or who is who does not matter. ``"ICC2"``: the same
        annotators everywhere, a sample of all there could be; one who is always higher costs agreement.
        ``"ICC3"``: just these annotators, and being always higher costs nothing.
    unit
        ``"single"`` for how reliable one annotator's number is, ``"average"`` for the mean of all of them.
    interval
        ``"analytic"`` needs scipy and numbers that are about normal; ``"bootstrap"`` draws items again.
    level, replicates, seed
        Of the interval; the last two only for the bootstrap.

    Returns
    -------
    agreement
        nan with a reason where fewer than two items are complete or nothing varies. Below 0: annotators
        differ more within items than between them.

    Raises
    ------
    ColumnError
        If a label is not a number, or an annotator has two on an item.
    ValueError
        If an option is unknown.

    Examples
    --------
    >>> labels = {
    ...     "item_id": [1, 2, 3, 4, 5] * 2,
    ...     "annotator_id": ["ada"] * 5 + ["bob"] * 5,
    ...     "label": [1.0, 2, 3, 4, 5, 2, 3, 4, 5, 6],
    ... }
    >>> icc(labels, model="ICC3").value, round(icc(labels, model="ICC2").value, 3)
    (1.0, 0.833)
    """
    draws = Draws(level, replicates, seed)
    chosen = {"model": model, "unit": unit, "interval": interval}
    for name, choice in chosen.items():
        if choice not in _CHOICES[name]:
            message = f"Expected {name} to be one of {_CHOICES[name]}, found {choice!r}."
            raise ValueError(message)
    ratings = _numbers(labels)
    kept = ratings.sizes() > 1 if model == "ICC1" else _complete(ratings)
    sums = _sums(ratings, kept, by_annotator=model != "ICC1")
    basis = Basis(
        n_items=len(sums),
        n_annotators=len(np.unique(ratings.annotator)),
        n_labels=int(ratings.sizes()[kept].sum()),
        n_single=int((ratings.sizes() == 1).sum()),
        n_missing=ratings.n_missing,
        details={"items_with_gaps": int((ratings.sizes() > 1).sum()) - len(sums)},
    )
    found = estimated(
        model if unit == "single" else f"{model}k",
        sums,
        _statistic(model, unit),
        draws if interval == "bootstrap" else Draws(level, 0, seed),
        basis,
        unless=Reason.ONE_ITEM if len(sums) == 1 else Reason.NO_VARIATION,
    )
    if interval == "bootstrap" or found.reason is not Reason.NOT_ASKED:
        return found
    low, high = _ENDS[model](_squares(sums.sum(axis=0, keepdims=True), model), level)
    if unit == "average":
        k = float(_squares(sums.sum(axis=0, keepdims=True), model).k[0])
        low, high = (k * end / (1 + (k - 1) * end) for end in (low, high))
    if not math.isfinite(low + high):
        return replace(found, reason=Reason.ALIKE)
    return replace(found, interval=(low, high), reason=None)


def _numbers(labels: object) -> Ratings:
    ratings = ratings_of(labels, what="icc()")
    if len(ratings) and not ratings.categories.dtype.is_numeric():
        expected, found = "numbers", f"{ratings.categories.dtype}"
        raise ColumnError("icc()", expected=expected, found=found, column="label")
    return ratings


def _complete(ratings: Ratings) -> NDArray[np.bool_]:
    n_annotators = len(np.unique(ratings.annotator))
    return np.asarray((ratings.sizes() == n_annotators) & (n_annotators > 1))


def _sums(ratings: Ratings, kept: NDArray[np.bool_], *, by_annotator: bool) -> Floats:
    """Return what each item adds. Shape (n, 5), or (n, 5 + n_annotators).

    1, how many labels, that squared, their squares, their sum squared over how many, and the number of each
    annotator. Numbers count from their mean, as differences of large squares would lose digits.
    """
    n_items, n_annotators = len(ratings.items), len(ratings.annotators)
    if not kept.any():
        return np.empty((0, 5))
    numbers = ratings.categories.to_numpy().astype(np.float64)[ratings.label]
    numbers = numbers - numbers[kept[ratings.item]].mean()
    size, total, squares = (
        np.bincount(ratings.item, weights, minlength=n_items) for weights in (None, numbers, numbers**2)
    )
    # A crowd has thousands of annotators; the model that suits it does not tell them apart.
    table = np.zeros((n_items, n_annotators if by_annotator else 0))
    if by_annotator:
        table[ratings.item, ratings.annotator] = numbers
    rows = np.column_stack([np.ones(n_items), size, size**2, squares, total**2 / np.maximum(size, 1), table])
    return rows[kept]


def _squares(totals: Floats, model: str) -> _Squares:
    """Return the mean squares from what all items add; those of two-way models are of a complete table."""
    n, size, sizes, squares, rows = totals[:, :5].T
    columns = totals[:, 5:]
    correction = columns.sum(axis=1) ** 2 / size
    k = (size - sizes / size) / np.maximum(n - 1, 1) if model == "ICC1" else size / n
    between = _clean(rows - correction, squares)
    within = _clean(squares - rows, squares)
    # Without columns, who is who does not enter.
    annotators = _clean((columns**2).sum(axis=1) / n - correction, squares)
    freedom = size - n if model == "ICC1" else (n - 1) * (k - 1)
    error = within if model == "ICC1" else _clean(within - annotators, squares)
    return _Squares(
        items=between / np.maximum(n - 1, 1),
        annotators=annotators / np.maximum(k - 1, 1),
        error=error / np.maximum(freedom, 1),
        n=n,
        k=k,
        freedom=freedom,
    )


def _clean(difference: Floats, scale: Floats) -> Floats:
    """Return 0 for what rounding leaves of a difference of equal sums."""
    return np.where(difference > _ROUNDING * scale, difference, 0.0)


def _statistic(model: Model, unit: Unit) -> Callable[[Floats], Floats]:
    def statistic(totals: Floats) -> Floats:
        value = np.full(len(totals), np.nan)
        if totals[0, 0] > 1:
            squares = _squares(totals, model)
            above, below = _parts(squares, model)
            # The mean of k has 1/k of the error (Spearman and Brown).
            below = below if unit == "single" else above + (below - above) / squares.k
            np.divide(above, below, out=value, where=below > 0)
        return value

    return statistic


def _parts(s: _Squares, model: str) -> tuple[Floats, Floats]:
    """Return what stands above and below the line for a single annotator."""
    below = s.items + (s.k - 1) * s.error
    if model == "ICC2":
        below = below + s.k * (s.annotators - s.error) / s.n
    return s.items - s.error, below


def _ends_of_ratio(s: _Squares, level: float) -> tuple[float, float]:
    """Return the ends for ICC1 and ICC3, where the ratio of two mean squares follows F."""
    quantile = need_scipy("special", purpose="An analytic interval").fdtri
    upper = (1 + level) / 2
    freedom = float(s.n[0]) - 1, float(s.freedom[0])
    if not s.error[0]:
        return math.nan, math.nan
    found, k = float(s.items[0] / s.error[0]), float(s.k[0])
    ratios = found / quantile(*freedom, upper), found * quantile(*freedom[::-1], upper)
    low, high = ((each - 1) / (each + k - 1) for each in ratios)
    return float(low), float(high)


def _ends_of_absolute(s: _Squares, level: float) -> tuple[float, float]:
    """Return the ends for ICC2, whose degrees of freedom are Satterthwaite's (McGraw and Wong 1996)."""
    quantile = need_scipy("special", purpose="An analytic interval").fdtri
    above, below = _parts(s, "ICC2")
    items, annotators, error, n, k, freedom, value = (
        float(each[0]) for each in (s.items, s.annotators, s.error, s.n, s.k, s.freedom, above / below)
    )
    a = k * value / (n * (1 - value)) if value < 1 else math.inf
    b = 1 + (n - 1) * a
    parts = a * annotators, b * error
    spread = parts[0] ** 2 / (k - 1) + parts[1] ** 2 / freedom
    if not math.isfinite(a) or spread <= 0:
        return math.nan, math.nan
    nu = sum(parts) ** 2 / spread
    rest = k * annotators + (k * n - k - n) * error
    upper = (1 + level) / 2
    f_low, f_high = quantile(n - 1, nu, upper), quantile(nu, n - 1, upper)
    low = n * (items - f_low * error) / (f_low * rest + n * items)
    high = n * (f_high * items - error) / (rest + n * f_high * items)
    return float(low), float(high)


_ENDS: dict[str, Callable[[_Squares, float], tuple[float, float]]] = {
    "ICC1": _ends_of_ratio,
    "ICC2": _ends_of_absolute,
    "ICC3": _ends_of_ratio,
}
