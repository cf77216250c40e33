"""Expectation maximization of confusion matrices, from the vote shares on."""

from __future__ import annotations

from abc import abstractmethod

import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.aggregation.climbing import check_climb, climb
from jupyter_annotate.aggregation.confusion import ConfusionModel
from jupyter_annotate.aggregation.majority import vote_shares
from jupyter_annotate.aggregation.passes import Chunk, Sums, chunks_of, counted, guessed, total
from jupyter_annotate.aggregation.responses import Responses, expected, probabilities_of
from jupyter_annotate.errors import shorten
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["ExpectationMaximization", "first_guess", "nothing_shared"]

State = tuple[Sums, Responses | None]


class ExpectationMaximization(ConfusionModel):
    """Counts become confusions, and confusions counts; what differs is how.

    Parameters
    ----------
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less than this for each label.
    start
        An aggregator fitted before: the first probabilities are those it gives to the labels, instead of the
        vote shares. A fit of somewhat more labels then takes few steps.
    """

    def __init__(self, *, max_iterations: int, tolerance: float, start: Aggregator | None) -> None:
        check_climb(max_iterations, tolerance)
        self.max_iterations, self.tolerance, self.start = max_iterations, tolerance, start

    @abstractmethod
    def _maximize(self, sums: Sums, before: Responses | None) -> Responses:
        """Return the confusions and the prior that explain expected counts best."""

    def _penalty(self, responses: Responses) -> float:
        """Return what each step raises beside the log-likelihood."""
        del responses
        return 0.0

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        chunks = chunks_of(ratings, gold)

        def step(state: State) -> tuple[State, float]:
            learnt = self._maximize(*state)
            sums = expected(chunks, learnt)
            return (sums, learnt), sums.log_likelihood + self._penalty(learnt)

        first: State = (self._first(chunks, ratings), None)
        enough = self.tolerance * len(ratings)
        found = climb(first, step, most=self.max_iterations, enough=enough)
        learnt = found.state[1]
        assert learnt is not None  # noqa: S101 -- every step returns them
        self._responses = learnt.plain()
        probabilities, log_likelihood = probabilities_of(chunks, self._responses, len(ratings.items))
        if nothing_shared(ratings, gold):
            probabilities = vote_shares(ratings)
        annotators = pl.DataFrame({"skill": self._responses.skill()})
        return Posterior(
            probabilities, annotators, log_likelihood, found.n_steps, found.converged, found.objective
        )

    def _first(self, chunks: list[Chunk], ratings: Ratings) -> Sums:
        _, n_annotators, n_labels = ratings.shape
        guess = first_guess(self.start, ratings)
        counts = (counted(chunk, guessed(chunk, guess), n_annotators) for chunk in chunks)
        return total(counts, n_annotators, n_labels)


def first_guess(start: Aggregator | None, ratings: Ratings) -> Probabilities | None:
    """Return the probabilities an aggregator fitted before gives to the labels; None without one."""
    if start is None:
        return None
    fitted, _ = start._fitted("predict()")  # noqa: SLF001 -- of the same family
    if not fitted.categories.equals(ratings.categories):
        expected = f"an aggregator fitted with the labels {shorten(ratings.categories.to_list())}"
        advice = "Name them all to both: fit(labels, categories=[...])."
        message = f"start: expected {expected}, found {shorten(fitted.categories.to_list())}. {advice}"
        raise ValueError(message)
    return start._probabilities_for(ratings)  # noqa: SLF001 -- of the same family


def nothing_shared(ratings: Ratings, gold: Codes) -> bool:
    """Tell whether no two annotators have labeled the same item, nor one an item whose label is known.

    Then nothing can be known of anybody's confusions, and labels are best taken as they are: likelihoods are
    greatest, or as great, where all items have one label.
    """
    another = (ratings.item[1:] == ratings.item[:-1]) & (ratings.annotator[1:] != ratings.annotator[:-1])
    return not another.any() and not (gold >= 0).any()
