"""MACE: each annotator knows the true label or not, and gives any label then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.canonical import canonical_places
from jupyter_annotate.aggregation.climbing import Climb, check_climb, climb
from jupyter_annotate.aggregation.confusion import ConfusionModel
from jupyter_annotate.aggregation.expectation import first_guess
from jupyter_annotate.aggregation.matches import Matches, given, matched, matches_of
from jupyter_annotate.aggregation.passes import Chunk, Floats, chunks_of
from jupyter_annotate.aggregation.responses import Responses, probabilities_of
from jupyter_annotate.aggregation.special import digamma, log_gamma
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["MACE"]

_KNOWING = 0.5
_STRATEGY = 10.0
#: Random parameters to begin with are shares of numbers from 1 to this much more.
_NOISE = 1.5
#: Pseudo-counts of the likeliest points, spread over the labels.
_LITTLE = 0.01


class MACE(ConfusionModel):
    """Each annotator knows the true label with one probability; else they give labels of their own habit.

    It is fitted from several random starts, of which the likeliest is kept. The starts depend on the seed and
    on who gave which labels, not on names or the order of rows.

    Parameters
    ----------
    n_restarts
        Random starts.
    n_iterations
        Most steps from each.
    seed
        Of the starts; each has a stream of its own, so that more of them only add some.
    variational
        Whether the parameters are distributions (Beta 0.5, 0.5 of knowing; Dirichlet 10 of habits) or points
        of the greatest likelihood.
    tolerance
        A start is left where a step gains less than this for each label.
    start
        An aggregator fitted before, to start from instead of from random.

    Notes
    -----
    D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, Learning whom to trust with MACE, NAACL-HLT 2013.
    The true labels are equally frequent in this model.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> MACE().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "mace"

    def __init__(  # noqa: PLR0913 -- each is named
        self,
        *,
        n_restarts: int = 10,
        n_iterations: int = 50,
        seed: int = 0,
        variational: bool = True,
        tolerance: float = 1e-6,
        start: Aggregator | None = None,
    ) -> None:
        check_climb(n_iterations, tolerance)
        if n_restarts < 1:
            message = f"n_restarts: expected a whole number of at least 1, found {n_restarts}."
            raise ValueError(message)
        self.n_restarts, self.n_iterations, self.seed = n_restarts, n_iterations, seed
        self.variational, self.tolerance, self.start = variational, tolerance, start

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        chunks = chunks_of(ratings, gold)
        n_given = given(chunks, ratings.shape[1:])
        prior = np.full(n_given.shape[1], -np.log(n_given.shape[1]))
        update = _variational if self.variational else _likeliest

        def step(state: State) -> tuple[State, float]:
            habits = update(*state, n_given)
            found = matched(chunks, prior, habits.gains())
            return (found, habits), found.log_likelihood + float(
                (n_given * habits.guessed()).sum()
            ) - habits.cost

        best: Climb[State] | None = None
        for first in self._starts(ratings):
            found = matched(chunks, prior, first.gains())
            if self.start is not None:
                found = matches_of(chunks, first_guess(self.start, ratings), ratings.shape[1:])
            enough = self.tolerance * len(ratings)
            end = climb((found, first), step, most=self.n_iterations, enough=enough)
            if best is None or end.objective > best.objective:
                best = end
        assert best is not None  # noqa: S101 -- there is at least one start
        return self._found(chunks, best, ratings)

    def _found(self, chunks: list[Chunk], end: Climb[State], ratings: Ratings) -> Posterior:
        habits = end.state[1]
        self._responses = habits.responses()
        probabilities, log_likelihood = probabilities_of(chunks, self._responses, len(ratings.items))
        annotators = pl.DataFrame({"skill": self._responses.skill(), "knows": habits.knows})
        return Posterior(probabilities, annotators, log_likelihood, end.n_steps, end.converged, end.objective)

    def _starts(self, ratings: Ratings) -> Iterator[Habits]:
        _, n_annotators, n_labels = ratings.shape
        annotator, label = canonical_places(ratings)
        n_starts = self.n_restarts if self.start is None else 1
        for rng in np.random.default_rng(self.seed).spawn(n_starts):
            drawn = 1 + _NOISE * rng.random((n_annotators, 2 + n_labels))[annotator]
            knowing, habit = drawn[:, :2], drawn[:, 2:][:, label]
            knows, habit = knowing[:, 1] / knowing.sum(axis=1), habit / habit.sum(axis=1, keepdims=True)
            yield Habits(knows, habit, np.log(knows), np.log1p(-knows), np.log(habit), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """How likely each annotator knows, and what they give if not; and what stands for the logarithms."""

    knows: Floats
    habit: Floats
    log_knows: Floats
    log_guesses: Floats
    log_habit: Floats
    cost: float

    def guessed(self) -> Floats:
        """Return the log-probability of each label where it is a guess. Shape (n_annotators, n_labels)."""
        return self.log_guesses[:, None] + self.log_habit

    def gains(self) -> Floats:
        """Return by how much each label is likelier where it is right. Shape (n_annotators, n_labels)."""
        return np.logaddexp(0, self.log_knows[:, None] - self.guessed())

    def responses(self) -> Responses:
        """Return the confusions these make."""
        n_labels = self.habit.shape[1]
        guessed = ((1 - self.knows)[:, None] * self.habit)[:, None, :]
        confusions = guessed + self.knows[:, None, None] * np.eye(n_labels)
        return Responses(np.full(n_labels, 1 / n_labels), confusions, confusions.mean(axis=0))


State = tuple[Matches, Habits]


def _split(found: Matches, habits: Habits, n_given: Floats) -> tuple[Floats, Floats]:
    """Return how many labels each annotator knew, and how often they gave each without knowing."""
    known = found.right * -np.expm1(-habits.gains())
    return known.sum(axis=1), np.maximum(n_given - known, 0)


def _variational(found: Matches, habits: Habits, n_given: Floats) -> Habits:
    known, guessed = _split(found, habits, n_given)
    coins = np.stack([known, guessed.sum(axis=1)], axis=1) + _KNOWING
    habit = guessed + _STRATEGY
    log_coins, log_habit = _expected_logs(coins), _expected_logs(habit)
    cost = _divergence(coins, log_coins, _KNOWING) + _divergence(habit, log_habit, _STRATEGY)
    knows = coins[:, 0] / coins.sum(axis=1)
    return Habits(
        knows, habit / habit.sum(axis=1, keepdims=True), log_coins[:, 0], log_coins[:, 1], log_habit, cost
    )


def _likeliest(found: Matches, habits: Habits, n_given: Floats) -> Habits:
    known, guessed = _split(found, habits, n_given)
    little = _LITTLE / n_given.shape[1]
    coins = np.stack([known, guessed.sum(axis=1)], axis=1) + little
    habit = guessed + little
    coins /= coins.sum(axis=1, keepdims=True)
    habit /= habit.sum(axis=1, keepdims=True)
    log_coins, log_habit = np.log(coins), np.log(habit)
    cost = -little * float(log_coins.sum() + log_habit.sum())
    return Habits(coins[:, 0], habit, log_coins[:, 0], log_coins[:, 1], log_habit, cost)


def _expected_logs(counts: Floats) -> Floats:
    """Return the expected logarithms of the probabilities of Dirichlet distributions, one a row."""
    return digamma(counts) - digamma(counts.sum(axis=1, keepdims=True))


def _divergence(counts: Floats, logs: Floats, prior: float) -> float:
    """Return how far Dirichlet distributions, one a row, are from one with all counts alike, in nats."""
    n_rows, n_columns = counts.shape
    norms = log_gamma(counts.sum(axis=1)).sum() - log_gamma(counts).sum()
    of_prior = log_gamma(np.array([n_columns * prior, prior]))
    prior_norms = n_rows * (of_prior[0] - n_columns * of_prior[1])
    return float(norms - prior_norms + ((counts - prior) * logs).sum())
