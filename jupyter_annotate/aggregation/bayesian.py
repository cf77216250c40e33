"""Bayesian confusions: what few labels of an annotator cannot tell is taken from all annotators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.expectation import ExpectationMaximization
from jupyter_annotate.aggregation.passes import Floats, Sums
from jupyter_annotate.aggregation.responses import Responses
from jupyter_annotate.aggregation.special import digamma, log_gamma

__all__ = ["BayesianConfusion"]

#: Pseudo-annotators of the hyperpriors: enough to decide only where there is next to no data.
_STRENGTH = 2.0
_USUAL = 2.0
_RIGHT = 0.7
#: Pseudo-items of each true label.
_ITEMS = 1.0
#: Steps of the hyperparameters in each step of the whole.
_STEPS = 2


class BayesianConfusion(ExpectationMaximization):
    """Each annotator's confusions, shrunk towards those of all annotators by as much as the data say.

    The more alike annotators are, the more the labels of all count for each; an annotator with many labels
    is judged by these alone. So few labels, rare labels and many annotators do no harm.

    Parameters
    ----------
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less than this for each label.
    start
        An aggregator fitted before, to start from.

    Notes
    -----
    The confusions of an annotator under a true label have a Dirichlet distribution, around those of all
    annotators and with a strength; both are found by empirical Bayes: they maximize the Dirichlet-multinomial
    likelihood of the expected counts (fixed point of T. Minka, Estimating a Dirichlet distribution, 2000),
    with weak priors: strength Gamma(3, 1), confusions Dirichlet, 0.7 of the weight on the right label. The
    true labels are found by variational Bayes (H.-C. Kim and Z. Ghahramani, Bayesian classifier combination,
    AISTATS 2012); ``objective_`` is the evidence lower bound, but for a constant. What it reports are the
    expected confusions and the posterior and likelihood under these.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> BayesianConfusion().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "bayesian"

    def __init__(
        self, *, max_iterations: int = 100, tolerance: float = 1e-5, start: Aggregator | None = None
    ) -> None:
        super().__init__(max_iterations=max_iterations, tolerance=tolerance, start=start)

    @property
    def pooled_(self) -> pl.DataFrame:
        """Return true_label, label, probability, strength: what each annotator is shrunk to.

        ``strength``: how many labels of an annotator weigh as much.
        """
        ratings, responses = self._learnt("pooled_")
        n_labels, strength = len(ratings.categories), responses.strength
        assert strength is not None  # noqa: S101 -- this model has it
        true, label = np.indices((n_labels, n_labels)).reshape(2, -1)
        return pl.DataFrame(
            {
                "true_label": ratings.categories.gather(true),
                "label": ratings.categories.gather(label),
                "probability": responses.pooled.ravel(),
                "strength": strength[true],
            }
        )

    def _maximize(self, sums: Sums, before: Responses | None) -> Responses:
        pool = before.pool if isinstance(before, Shrunk) else self._first_pool(sums.counts)
        for _ in range(_STEPS):
            pool = _next_pool(sums.counts, pool)
        return _shrunk(sums, pool)

    def _first_pool(self, counts: Floats) -> Pool:
        learnt = self.start._responses if isinstance(self.start, BayesianConfusion) else None  # noqa: SLF001 -- of the same class
        if learnt is not None and learnt.strength is not None:
            return Pool(learnt.pooled, learnt.strength)
        n_labels = counts.shape[-1]
        confusions = counts.sum(axis=0) + _usual(n_labels)
        return Pool(confusions / confusions.sum(axis=1, keepdims=True), np.full(n_labels, _USUAL))

    def _penalty(self, responses: Responses) -> float:
        return -responses.cost if isinstance(responses, Shrunk) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The confusions of all annotators, and how strong they are: pseudo-labels under each true label."""

    confusions: Floats
    strength: Floats

    def counts(self) -> Floats:
        """Return the pseudo-counts. Shape (true, label)."""
        return self.confusions * self.strength[:, None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shrunk(Responses):
    """Expected confusions, with the expected logarithms that variational Bayes takes.

    Parameters
    ----------
    pool
        What they are shrunk to.
    log_prior, log_confusions
        Shape (n_categories,) and (n_annotators, true, label).
    cost
        How far the distributions are from their priors, in nats.
    """

    pool: Pool
    log_prior: Floats
    log_confusions: Floats
    cost: float

    def logs(self) -> tuple[Floats, Floats]:
        """Return the expected logarithms."""
        n_labels = len(self.prior)
        return self.log_prior, self.log_confusions.transpose(0, 2, 1).reshape(-1, n_labels)

    def plain(self) -> Responses:
        """Return the expected confusions alone."""
        return Responses(self.prior, self.confusions, self.pooled, self.pool.strength)


def _usual(n_labels: int) -> Floats:
    """Return the pseudo-counts of the pooled confusions: mostly right. Shape (true, label)."""
    wrong = (1 - _RIGHT) / max(n_labels - 1, 1)
    return n_labels * np.where(np.eye(n_labels, dtype=bool), _RIGHT, wrong)


def _next_pool(counts: Floats, pool: Pool) -> Pool:
    """Take a step of the fixed point: Minka (2000), with the priors added."""
    pseudo, strength = pool.counts(), pool.strength
    drawn = pseudo * (digamma(counts + pseudo) - digamma(pseudo)).sum(axis=0)
    spent = (digamma(counts.sum(axis=2) + strength) - digamma(strength)).sum(axis=0)
    confusions = drawn + _usual(len(strength))
    return Pool(
        confusions / confusions.sum(axis=1, keepdims=True),
        (drawn.sum(axis=1) + _STRENGTH) / (spent + _STRENGTH / _USUAL),
    )


def _shrunk(sums: Sums, pool: Pool) -> Shrunk:
    counts, classes = sums.counts + pool.counts(), sums.classes + _ITEMS
    totals = counts.sum(axis=2, keepdims=True)
    log_confusions = digamma(counts) - digamma(totals)
    log_prior = digamma(classes) - digamma(classes.sum(keepdims=True))
    cost = _log_norm(pool.counts()).sum() * len(counts) - _log_norm(counts).sum()
    cost += (sums.counts * log_confusions).sum()
    cost += _log_norm(np.full(len(classes), _ITEMS)) - _log_norm(classes) + sums.classes @ log_prior
    cost -= (_usual(len(classes)) * np.log(pool.confusions)).sum()
    cost -= (_STRENGTH * np.log(pool.strength) - _STRENGTH / _USUAL * pool.strength).sum()
    prior = classes / classes.sum()
    return Shrunk(
        prior=prior,
        confusions=counts / totals,
        pooled=pool.confusions,
        pool=pool,
        log_prior=log_prior,
        log_confusions=log_confusions,
        cost=float(cost),
    )


def _log_norm(counts: Floats) -> Floats:
    """Return the logarithm of what divides the density of Dirichlet distributions, one a row."""
    found: Floats = log_gamma(counts).sum(axis=-1) - log_gamma(counts.sum(axis=-1))
    return found
