"""Models in which every annotator confuses labels in a way of their own."""

from __future__ import annotations

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Probabilities
from jupyter_annotate.aggregation.passes import Places, chunks_of
from jupyter_annotate.aggregation.responses import Responses, probabilities_of
from jupyter_annotate.ratings import Ratings

__all__ = ["ConfusionModel"]


class ConfusionModel(Aggregator):
    """Every annotator gives each label with a probability of their own for each true label."""

    _responses: Responses | None = None

    def _apply(self, ratings: Ratings, places: Places) -> Probabilities:
        assert self._responses is not None  # noqa: S101 -- the caller has asked whether it is fitted
        nothing_known = np.full(len(ratings.items), -1, dtype=np.int32)
        chunks = chunks_of(ratings, nothing_known)
        return probabilities_of(chunks, self._responses.of(places), len(ratings.items))[0]

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
