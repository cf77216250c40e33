"""Models in which every annotator confuses labels in a way of their own: expectation maximization."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.aggregation.passes import Chunk, Sums, chunks_of, counted, shares, total
from jupyter_annotate.aggregation.responses import Places, Responses, expected, probabilities_of
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["ConfusionModel"]


class ConfusionModel(Aggregator):
    """Expectation maximization from the vote shares on; what differs is how the counts become confusions.

    Parameters
    ----------
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less log-likelihood than this for each label.
    start
        An aggregator fitted before: the first probabilities are those it gives to the labels, instead of the
        vote shares. A fit of somewhat more labels then takes few steps.
    """

    _responses: Responses | None = None

    def __init__(
        self, *, max_iterations: int = 100, tolerance: float = 1e-5, start: Aggregator | None = None
    ) -> None:
        if max_iterations < 1:
            message = f"max_iterations: expected a whole number of at least 1, found {max_iterations}."
            raise ValueError(message)
        self.max_iterations, self.tolerance, self.start = max_iterations, tolerance, start

    @abstractmethod
    def _maximize(self, sums: Sums) -> Responses:
        """Return the confusions and the prior that explain expected counts best."""

    def _penalty(self, responses: Responses) -> float:
        """Return what each step raises beside the log-likelihood."""
        del responses
        return 0.0

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        chunks = chunks_of(ratings, gold)
        sums = self._first(chunks, ratings)
        previous, gain, n_steps = -np.inf, np.inf, 0
        while True:
            responses = self._maximize(sums)
            sums = expected(chunks, responses)
            objective = sums.log_likelihood + self._penalty(responses)
            gain, previous, n_steps = objective - previous, objective, n_steps + 1
            converged = bool(gain < self.tolerance * len(ratings))
            if converged or n_steps == self.max_iterations:
                break
        self._responses = responses
        found = probabilities_of(chunks, responses, len(ratings.items))
        annotators = pl.DataFrame({"skill": responses.skill()})
        return Posterior(found, annotators, sums.log_likelihood, n_steps, converged)

    def _first(self, chunks: list[Chunk], ratings: Ratings) -> Sums:
        _, n_annotators, n_labels = ratings.shape
        if self.start is None:
            first = (counted(chunk, shares(chunk), n_annotators) for chunk in chunks)
        else:
            known = self.start._probabilities_for(ratings)  # noqa: SLF001 -- of the same family
            first = (counted(chunk, known[chunk.items], n_annotators) for chunk in chunks)
        return total(first, n_annotators, n_labels)

    def _apply(self, ratings: Ratings, places: Places) -> Probabilities:
        assert self._responses is not None  # noqa: S101 -- the caller has asked whether it is fitted
        nothing_known = np.full(len(ratings.items), -1, dtype=np.int32)
        chunks = chunks_of(ratings, nothing_known)
        return probabilities_of(chunks, self._responses.of(places), len(ratings.items))

    @property
    def confusions_(self) -> pl.DataFrame:
        """Return annotator_id, true_label, label, probability: every annotator, true label and label."""
        ratings, responses = self._learnt("confusions_")
        _, n_annotators, n_labels = ratings.shape
        annotator, true, label = np.indices((n_annotators, n_labels, n_labels)).reshape(3, -1)
        return pl.DataFrame(
            {
                "annotator_id": ratings.annotators.cast(pl.String).gather(annotator),
                "true_label": ratings.categories.gather(true),
                "label": ratings.categories.gather(label),
                "probability": responses.confusions.ravel(),
            }
        )

    @property
    def class_prior_(self) -> pl.DataFrame:
        """Return label, probability: how frequent each true label is."""
        ratings, responses = self._learnt("class_prior_")
        return pl.DataFrame({"label": ratings.categories, "probability": responses.prior})

    def _learnt(self, attribute: str) -> tuple[Ratings, Responses]:
        ratings, _ = self._fitted(attribute)
        assert self._responses is not None  # noqa: S101 -- a fitted model has them
        return ratings, self._responses
