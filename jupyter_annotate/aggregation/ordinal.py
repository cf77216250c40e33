"""Ordinal labels: the median, and a model in which annotators lean to one side and waver."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.fitting import Estimator, Findings
from jupyter_annotate.aggregation.groups import grouped_median, grouped_sums, ratio
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.ratings import Codes, Ratings, ratings_of

__all__ = ["OrdinalMedian", "OrdinalModel"]

_Numbers = NDArray[np.float64]

#: A label on a scale of any length that has nothing to do with the item; keeps every probability above 0.
_SLIP = 1e-3
_STEP = 0.25
_WIDEST = 2.0
_SPREADS = 14
_PSEUDO = 0.1


class OrdinalMedian(Estimator):
    """The middle one of each item's ordered labels.

    The consensus has the columns item_id, label, confidence (the share of the item's labels that equal it),
    tie and n_labels. Where half of the labels are below and half above, it is the middle one nearer to the
    mean rank, the lower if both are, and ``tie`` is true.

    Parameters
    ----------
    categories
        The labels from the lowest to the highest; None for those that were given, sorted: right for numbers.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["low", "high", "mid"],
    ... }
    >>> OrdinalMedian(["low", "mid", "high"]).fit_predict(labels)["label"].to_list()
    ['mid']
    """

    name: ClassVar[str] = "ordinal_median"

    def __init__(self, categories: Iterable[object] | None = None) -> None:
        self.categories = None if categories is None else list(categories)

    def _estimate(self, labels: object, what: str) -> Findings:
        ratings = ratings_of(labels, what=what, categories=self.categories, repeats="keep")
        sizes = ratings.sizes()
        code = ratings.label.astype(np.float64)
        lower, upper = grouped_median(ratings.item, code, np.ones(len(code)), len(sizes))
        total = np.bincount(ratings.item, code, len(sizes))
        mean = ratio(total, sizes)
        chosen = np.nan_to_num(np.where(upper - mean < mean - lower, upper, lower)).astype(np.int64)
        equal = np.bincount(ratings.item, ratings.label == chosen[ratings.item], len(sizes))
        share = ratio(equal, sizes)
        consensus = pl.DataFrame(
            {
                "item_id": ratings.items.cast(pl.String),
                "label": _known(ratings.categories.gather(chosen), sizes > 0),
                "confidence": share,
                "tie": _known(pl.Series(lower < upper), sizes > 0),
                "n_labels": sizes,
            }
        ).fill_nan(None)
        return Findings(consensus, _distances(ratings, chosen))


class OrdinalModel(Aggregator):
    """Dawid and Skene's model, each confusion matrix a curve over the order of the labels.

    Where k is true, annotator j perceives k + b_j + s_j e with e standard logistic, and gives the label whose
    rank is nearest: two numbers an annotator, bias b and spread s, in place of K (K - 1) confusions (a
    latent-threshold model with thresholds in common; Dawid and Skene 1979, doi:10.2307/2346806, for the
    rest). EM; the bias in steps of a quarter rank and the spread in steps of a factor are the best of a grid,
    under a weak normal prior on b and log s. Pass ``categories`` from the lowest to the highest to `fit`;
    without them the labels are ordered as they sort.

    Parameters
    ----------
    max_iterations
        Most steps.
    tolerance
        It stops once the penalised log-likelihood grows by less than this a label.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 3 + ["b"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"] * 2,
    ...     "label": [1, 1, 2, 3, 3, 3],
    ... }
    >>> OrdinalModel().fit_predict(labels)["label"].to_list()
    [1, 3]
    """

    name: ClassVar[str] = "ordinal_model"

    def __init__(self, *, max_iterations: int = 200, tolerance: float = 1e-7) -> None:
        if max_iterations < 1 or not tolerance >= 0:
            message = (
                f"Expected max_iterations >= 1 and tolerance >= 0, found {max_iterations} and {tolerance}."
            )
            raise ValueError(message)
        self.max_iterations, self.tolerance = max_iterations, tolerance

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        n_labels = len(ratings.categories)
        bias, spread, table = _grid(n_labels)
        penalty = -(bias**2 + np.log(2 * spread) ** 2) / 2
        posterior = _with_gold(vote_shares(ratings), gold)
        prior, place = _maximised(ratings, posterior, table, penalty)
        before, steps, settled = -np.inf, 0, False
        likelihood = before
        while not settled and steps < self.max_iterations:
            steps += 1
            posterior, likelihood = _expected(ratings, gold, prior, table[place])
            height = likelihood + float(penalty[place].sum() + _PSEUDO * np.log(prior).sum())
            settled = height - before < self.tolerance * len(ratings)
            before = height
            if not settled:
                prior, place = _maximised(ratings, posterior, table, penalty)
        right = np.exp(np.einsum("jkk->jk", table[place].reshape(-1, n_labels, n_labels)))
        annotators = pl.DataFrame({"skill": right @ prior, "bias": bias[place], "spread": spread[place]})
        return Posterior(posterior, annotators, likelihood, steps, settled)


def _maximised(
    ratings: Ratings, posterior: _Numbers, table: _Numbers, penalty: _Numbers
) -> tuple[_Numbers, NDArray[np.int64]]:
    """Return the share of each true label, and the best point of the grid for each annotator."""
    weights = posterior[ratings.sizes() > 0].sum(axis=0) + _PSEUDO
    confusions = _confusions(ratings, posterior).reshape(len(ratings.annotators), -1)
    return weights / weights.sum(), (confusions @ table.T + penalty).argmax(axis=1)


def _expected(ratings: Ratings, gold: Codes, prior: _Numbers, table: _Numbers) -> tuple[_Numbers, float]:
    """Return the posterior of each item and the log-likelihood; a label that is known excludes the others."""
    n_labels = len(prior)
    joint = _joint(ratings, prior, table.reshape(-1, n_labels, n_labels))
    known = gold >= 0
    joint[known] = np.where(np.eye(n_labels)[gold[known]] > 0, joint[known], -np.inf)
    top = joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint - top)
    mass = posterior.sum(axis=1, keepdims=True)
    likelihood = float((top + np.log(mass))[ratings.sizes() > 0].sum())
    return posterior / mass, likelihood


def _grid(n_labels: int) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Return the bias and spread of each point of the grid, and the log-probabilities there.

    Returns
    -------
    bias, spread
        Shapes (n_points,).
    table
        Log-probability of each label (last) where each is true. Shape (n_points, n_labels ** 2).
    """
    widest = min(_WIDEST, float(n_labels - 1))
    biases = np.arange(-widest, widest + _STEP / 2, _STEP)
    # Small biases first: of points that are as good the first is taken.
    biases = biases[np.argsort(np.abs(biases), kind="stable")]
    spreads = np.geomspace(0.1, max(2.0, n_labels), _SPREADS)
    bias, spread = (each.ravel() for each in np.meshgrid(biases, spreads, indexing="ij"))
    truth = np.arange(n_labels)
    edges = np.concatenate([[-np.inf], np.arange(n_labels - 1) + 0.5, [np.inf]])
    with np.errstate(over="ignore"):
        below = 1 / (1 + np.exp(-(edges - truth[:, None] - bias[:, None, None]) / spread[:, None, None]))
    table = (1 - _SLIP) * np.diff(below, axis=2) + _SLIP / n_labels
    return bias, spread, np.log(table).reshape(len(bias), -1)


def _confusions(ratings: Ratings, posterior: _Numbers) -> _Numbers:
    """Return how often each annotator is expected to have given each label where each is true."""
    _, n_annotators, n_labels = ratings.shape
    cell = ratings.annotator.astype(np.int64) * n_labels + ratings.label
    counts = [
        grouped_sums(cell, posterior[ratings.item, truth], n_annotators * n_labels)
        for truth in range(n_labels)
    ]
    return np.stack(counts, axis=1).reshape(n_annotators, n_labels, n_labels).transpose(0, 2, 1)


def _joint(ratings: Ratings, prior: _Numbers, table: _Numbers) -> _Numbers:
    """Return the log-probability of each item's labels together with each true label."""
    n_items, _, n_labels = ratings.shape
    sums = [
        grouped_sums(ratings.item, table[ratings.annotator, truth, ratings.label], n_items)
        for truth in range(n_labels)
    ]
    return np.stack(sums, axis=1) + np.log(prior)


def _with_gold(posterior: _Numbers, gold: Codes) -> _Numbers:
    known = gold >= 0
    posterior[known] = np.eye(posterior.shape[1])[gold[known]]
    return posterior


def _known(values: pl.Series, known: NDArray[np.bool_]) -> pl.Series:
    """Return the values, null where none is known."""
    return values.to_frame("value").select(pl.when(pl.Series(known)).then("value")).to_series()


def _distances(ratings: Ratings, chosen: NDArray[np.int64]) -> pl.DataFrame:
    """Return how each annotator's labels lie to the consensus, in ranks."""
    n = len(ratings.annotators)
    ahead = (ratings.label - chosen[ratings.item]).astype(np.float64)
    given = np.bincount(ratings.annotator, minlength=n)
    columns = {"skill": ahead == 0, "bias": ahead, "distance": np.abs(ahead)}
    means = {
        name: ratio(grouped_sums(ratings.annotator, values, n), given) for name, values in columns.items()
    }
    names = {"annotator_id": ratings.annotators.cast(pl.String), "n_labels": given}
    return pl.DataFrame({**names, **means}).fill_nan(None)
