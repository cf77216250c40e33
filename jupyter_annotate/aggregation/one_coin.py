"""One coin: each annotator is right with one probability, whatever the true label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.climbing import check_climb, climb
from jupyter_annotate.aggregation.confusion import ConfusionModel
from jupyter_annotate.aggregation.expectation import first_guess, nothing_shared
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.aggregation.matches import Matches, given, matched, matches_of
from jupyter_annotate.aggregation.passes import Floats, chunks_of
from jupyter_annotate.aggregation.responses import Responses, probabilities_of
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["OneCoin"]

#: Least expected number of right and of wrong labels: nobody is certain.
_LEAST = 1e-10


class OneCoin(ConfusionModel):
    """Each annotator is right with one probability; all wrong labels are as likely.

    Where annotators are bad or the labels skewed, its probabilities can flip to below chance.

    Parameters
    ----------
    smoothing
        Pseudo-count of every label of an annotator, as in `DawidSkene`.
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less log-likelihood than this for each label.
    start
        An aggregator fitted before, to start from.

    Notes
    -----
    The homogenous model of D. Karger, S. Oh and D. Shah (2011) with a class prior, fitted by expectation
    maximization: P(label | true) is ``s`` where they are equal, else ``(1 - s) / (n_categories - 1)``.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> OneCoin().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "one_coin"

    def __init__(
        self,
        *,
        smoothing: float = 0.1,
        max_iterations: int = 100,
        tolerance: float = 1e-5,
        start: Aggregator | None = None,
    ) -> None:
        check_climb(max_iterations, tolerance)
        if not 0 <= smoothing < np.inf:
            message = f"smoothing: expected a pseudo-count of 0 or more, found {smoothing}."
            raise ValueError(message)
        self.smoothing, self.max_iterations, self.tolerance = smoothing, max_iterations, tolerance
        self.start = start

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        chunks = chunks_of(ratings, gold)
        shape = ratings.shape[1:]
        n_given = given(chunks, shape).sum(axis=1)

        def step(state: tuple[Matches, Coins]) -> tuple[tuple[Matches, Coins], float]:
            coins = self._maximize(state[0], n_given)
            found = matched(chunks, np.log(coins.prior), coins.gains(shape))
            speaks_against = float(n_given @ np.log(coins.wrong))
            found = replace(found, log_likelihood=found.log_likelihood + speaks_against)
            return (found, coins), found.log_likelihood + self._penalty(coins)

        first = matches_of(chunks, first_guess(self.start, ratings), shape)
        begin = (first, self._maximize(first, n_given))
        enough = self.tolerance * len(ratings)
        end = climb(begin, step, most=self.max_iterations, enough=enough)
        coins = end.state[1]
        self._responses = coins.responses()
        probabilities, log_likelihood = probabilities_of(chunks, self._responses, len(ratings.items))
        if nothing_shared(ratings, gold):
            probabilities = vote_shares(ratings)
        skill = pl.DataFrame({"skill": coins.skill})
        return Posterior(probabilities, skill, log_likelihood, end.n_steps, end.converged, end.objective)

    def _maximize(self, sums: Matches, n_given: Floats) -> Coins:
        n_right, n_others = sums.right.sum(axis=1), len(sums.classes) - 1
        prior = np.maximum(sums.classes / sums.classes.sum(), np.finfo(np.float64).tiny)
        pooled = self._shares(n_right.sum(keepdims=True), n_given.sum(keepdims=True), n_others)
        return Coins(prior, *self._shares(n_right, n_given, n_others), pooled)

    def _shares(self, n_right: Floats, n_given: Floats, n_others: int) -> tuple[Floats, Floats]:
        """Return the probabilities of the right label and of each wrong one."""
        hits = np.maximum(n_right + self.smoothing, _LEAST)
        misses = np.maximum(n_given - n_right + self.smoothing * n_others, _LEAST)
        return hits / (hits + misses), misses / (hits + misses) / max(n_others, 1)

    def _penalty(self, coins: Coins) -> float:
        n_others = len(coins.prior) - 1
        return self.smoothing * float((np.log(coins.skill) + n_others * np.log(coins.wrong)).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Coins:
    """The prior, and how likely each annotator gives the right label and each wrong one."""

    prior: Floats
    skill: Floats
    wrong: Floats
    pooled: tuple[Floats, Floats]

    def gains(self, shape: tuple[int, int]) -> Floats:
        """Return by how much each label is likelier where it is right. Shape (n_annotators, n_labels)."""
        return np.broadcast_to((np.log(self.skill) - np.log(self.wrong))[:, None], shape).copy()

    def responses(self) -> Responses:
        """Return the confusions these make."""
        same = np.eye(len(self.prior), dtype=bool)
        confusions, pooled = (
            np.where(same, skill[:, None, None], wrong[:, None, None])
            for skill, wrong in ((self.skill, self.wrong), self.pooled)
        )
        return Responses(self.prior, confusions, pooled[0])
