"""Numeric labels: mean, median, and a model of each annotator's bias and spread."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import Estimator, Findings, finite, read, with_codes
from jupyter_annotate.aggregation.groups import grouped_median, grouped_sums, ratio

__all__ = ["NumericMean", "NumericMedian", "NumericModel"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_MOST_STEPS = 1000
_STILL = 1e-7
#: Degrees of freedom of the robust model: an answer four spreads off counts about a quarter.
_FREEDOM = 4.0
#: A normal sample's median varies more than its mean: by pi / 2.
_MEDIAN_EXCESS = np.pi / 2
#: The deviation of normal numbers in units of the median of their size.
_NORMAL_MEDIAN = 1.4826


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Numbers sorted by item, annotator, number."""

    items: pl.Series
    annotators: pl.Series
    item: _Places
    annotator: _Places
    number: _Numbers

    def of_items(self, values: _Numbers) -> _Numbers:
        """Sum over each item."""
        return grouped_sums(self.item, values, len(self.items))

    def of_annotators(self, values: _Numbers) -> _Numbers:
        """Sum over each annotator."""
        return grouped_sums(self.annotator, values, len(self.annotators))


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    """The consensus of each item with its variance, and each annotator's bias and spread."""

    value: _Numbers
    variance: _Numbers
    bias: _Numbers
    spread: _Numbers
    log_likelihood: float = float("nan")
    n_iterations: int = 0
    converged: bool = True


class _NumericEstimator(Estimator):
    """What the ways to a consensus number share."""

    def __init__(self, *, level: float = 0.95) -> None:
        if not 0 < level < 1:
            message = f"Expected a level between 0 and 1, found {level}."
            raise ValueError(message)
        self.level = level

    @abstractmethod
    def _truth(self, answers: _Answers) -> _Truth:
        """Return the consensus of answers that are there."""

    def _estimate(self, labels: object, what: str) -> Findings:
        answers = _answers(labels, what)
        truth = self._truth(answers)
        n_labels = np.bincount(answers.item, minlength=len(answers.items))
        half = NormalDist().inv_cdf((1 + self.level) / 2) * np.sqrt(truth.variance)
        consensus = pl.DataFrame(
            {
                "item_id": answers.items,
                "label": truth.value,
                "low": truth.value - half,
                "high": truth.value + half,
                "confidence": _reliability(truth),
                "n_labels": n_labels,
            }
        ).fill_nan(None)
        annotators = pl.DataFrame(
            {
                "annotator_id": answers.annotators,
                "n_labels": np.bincount(answers.annotator, minlength=len(answers.annotators)),
                "bias": truth.bias,
                "spread": truth.spread,
            }
        ).fill_nan(None)
        return Findings(consensus, annotators, truth.log_likelihood, truth.n_iterations, truth.converged)


class NumericMean(_NumericEstimator):
    """The mean of each item's numbers.

    The consensus has the columns item_id, label, low, high, confidence and n_labels. The interval rests on
    the spread around the means, pooled over all items; it is null if no item has two numbers. ``confidence``
    is the reliability: the share of the variance of consensus numbers that is not error. Null labels are
    missing; a second number of an annotator for an item counts as a further one.

    Parameters
    ----------
    level
        Confidence level of the intervals.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob", "ada", "bob"],
    ...     "label": [1.0, 2.0, 7.0, 8.0],
    ... }
    >>> NumericMean().fit_predict(labels)["label"].to_list()
    [1.5, 7.5]
    """

    name: ClassVar[str] = "numeric_mean"

    def _truth(self, answers: _Answers) -> _Truth:
        n = answers.of_items(np.ones(len(answers.number)))
        value = ratio(answers.of_items(answers.number), n)
        return _simple_truth(answers, value, 1.0)


class NumericMedian(_NumericEstimator):
    """The median of each item's numbers; the mean of the middle two where their number is even.

    Columns and ``level`` as for `NumericMean`; the variance is that of the mean times pi / 2, as for normal
    errors, so the interval is too wide where errors have heavy tails.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": [1, 2, 90]}
    >>> NumericMedian().fit_predict(labels)["label"].to_list()
    [2.0]
    """

    name: ClassVar[str] = "numeric_median"

    def _truth(self, answers: _Answers) -> _Truth:
        ones = np.ones(len(answers.number))
        lower, upper = grouped_median(answers.item, answers.number, ones, len(answers.items))
        return _simple_truth(answers, lower + (upper - lower) / 2, _MEDIAN_EXCESS)


class NumericModel(_NumericEstimator):
    """Numbers freed of each annotator's bias and weighted by each one's precision.

    Annotator j gives item i the number t_i + b_j + e_ij with e_ij ~ N(0, s_j^2) (Raykar et al. 2010,
    jmlr.org/papers/v11/raykar10a.html, section 5, without features; with a bias), t_i without a prior. By
    EM. Columns as for `NumericMean`. Biases are around their mean, weighted by the number of labels: a bias
    that all share cannot be seen.

    Parameters
    ----------
    robust
        Let errors have heavy tails (Student's t with 4 degrees of freedom), so that single blunders count
        less.
    shrinkage
        Labels that each annotator's bias and spread are drawn with towards 0 and towards the spread of all.
    level
        Confidence level of the intervals; they take biases and spreads as known.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b", "c", "c"],
    ...     "annotator_id": ["ada", "bob"] * 3,
    ...     "label": [1.0, 3.0, 5.0, 7.0, 9.0, 11.0],
    ... }
    >>> NumericModel(shrinkage=1e-9).fit(labels).annotators_["bias"].round(3).to_list()
    [-1.0, 1.0]
    """

    name: ClassVar[str] = "numeric_model"

    def __init__(self, *, robust: bool = False, shrinkage: float = 1.0, level: float = 0.95) -> None:
        if not shrinkage > 0:
            message = f"Expected shrinkage > 0, found {shrinkage}."
            raise ValueError(message)
        super().__init__(level=level)
        self.robust, self.shrinkage = robust, shrinkage

    def _truth(self, answers: _Answers) -> _Truth:
        start = NumericMedian(level=self.level)._truth(answers)  # noqa: SLF001 -- a sibling of this module
        pooled = _pooled_variance(answers, start.value)
        if not pooled > 0:
            return _simple_truth(answers, start.value, 1.0)
        bias = np.zeros(len(answers.annotators))
        variance = np.full(len(bias), _start_variance(answers, start.value, pooled))
        error, shift, step = np.full(len(start.value), np.nan), np.full(len(start.value), np.inf), 0
        weight, value = np.ones(len(answers.number)), start.value
        scale = float(np.sqrt(pooled))
        while step < _MOST_STEPS and not np.nanmax(shift, initial=0) < _STILL * scale:
            step += 1
            precision = weight / variance[answers.annotator]
            total = answers.of_items(precision)
            freed = answers.number - bias[answers.annotator]
            moved = ratio(answers.of_items(precision * freed), total)
            error = ratio(np.ones(len(total)), total)
            shift = np.abs(moved - value)
            value = moved
            bias = self._bias(answers, value, weight)
            rest = answers.number - value[answers.item] - bias[answers.annotator]
            variance = self._variance(answers, weight * (rest**2 + error[answers.item]))
            if self.robust:
                weight = (_FREEDOM + 1) / (_FREEDOM + rest**2 / variance[answers.annotator])
        found = _Truth(value, error, bias, np.sqrt(variance))
        likely = _log_likelihood(answers, found)
        converged = bool(np.nanmax(shift, initial=0) < _STILL * scale)
        return _Truth(value, error, bias, found.spread, likely, step, converged)

    def _bias(self, answers: _Answers, value: _Numbers, weight: _Numbers) -> _Numbers:
        rest = answers.number - value[answers.item]
        n = answers.of_annotators(weight)
        bias = answers.of_annotators(weight * rest) / (n + self.shrinkage)
        return np.asarray(bias - (bias * n).sum() / max(n.sum(), 1e-300))

    def _variance(self, answers: _Answers, squares: _Numbers) -> _Numbers:
        """Return each annotator's variance, drawn to the mean of all so that none becomes 0."""
        n = np.bincount(answers.annotator, minlength=len(answers.annotators))
        pooled = squares.mean()
        drawn = answers.of_annotators(squares) + self.shrinkage * pooled
        return np.asarray(drawn / (n + self.shrinkage))


def _answers(labels: object, what: str) -> _Answers:
    frame, items, annotators = with_codes(read(labels, (), what))
    given = frame.drop_nulls("label")
    number = pl.Series("number", finite(given, "label", what))
    codes = given.select("item", "annotator", number).sort("item", "annotator", "number")
    return _Answers(items, annotators, *(codes[name].to_numpy() for name in ("item", "annotator", "number")))


def _pooled_variance(answers: _Answers, value: _Numbers) -> float:
    """Return the variance around the items' values; nan if no item has two numbers."""
    n = answers.of_items(np.ones(len(answers.number)))
    freedom = (n - 1)[n > 1].sum()
    squares = (answers.number - value[answers.item]) ** 2
    return float(squares[n[answers.item] > 1].sum() / freedom) if freedom else float("nan")


def _start_variance(answers: _Answers, value: _Numbers, pooled: float) -> float:
    """Return the variance of normal errors with the same median size, which blunders do not raise."""
    n = answers.of_items(np.ones(len(answers.number)))
    size = np.median(np.abs(answers.number - value[answers.item])[n[answers.item] > 1])
    return float((size * _NORMAL_MEDIAN) ** 2) or pooled


def _simple_truth(answers: _Answers, value: _Numbers, excess: float) -> _Truth:
    """Return these values with errors from the pooled spread; nan where it is not known."""
    n = answers.of_items(np.ones(len(answers.number)))
    pooled = _pooled_variance(answers, value)
    factor = np.where(n > 2, excess, 1.0)  # noqa: PLR2004 -- up to two numbers, median and mean are the same
    variance = ratio(pooled * factor, n)
    rest = answers.number - value[answers.item]
    alone = n[answers.item] < 2  # noqa: PLR2004 -- a single number is its own consensus and tells nothing
    kept = np.where(alone, 0.0, 1.0)
    given = answers.of_annotators(kept)
    bias = ratio(answers.of_annotators(kept * rest), given)
    square = ratio(answers.of_annotators(kept * rest**2), given)
    return _Truth(value, variance, bias, np.sqrt(np.maximum(square - bias**2, 0)))


def _reliability(truth: _Truth) -> _Numbers:
    """Return 1 - error / variance for each item, the variance that of items' true numbers plus error."""
    known = np.isfinite(truth.value)
    if known.sum() < 2 or not np.isfinite(truth.variance[known]).all():  # noqa: PLR2004 -- two vary
        return np.full(len(known), np.nan)
    between = max(float(truth.value[known].var(ddof=1) - truth.variance[known].mean()), 0.0)
    whole = between + truth.variance
    return ratio(np.full(len(whole), between), np.nan_to_num(whole))


def _log_likelihood(answers: _Answers, truth: _Truth) -> float:
    """Return the log-density at the values found, with the normal error of each annotator."""
    rest = answers.number - truth.value[answers.item] - truth.bias[answers.annotator]
    spread = truth.spread[answers.annotator]
    return float(-(np.log(spread) + (rest / spread) ** 2 / 2 + np.log(2 * np.pi) / 2).sum())
