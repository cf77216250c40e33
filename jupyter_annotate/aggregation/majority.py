"""Majority vote: the label most annotators gave."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["MajorityVote", "vote_shares"]


class MajorityVote(Aggregator):
    """The label most annotators gave; its confidence is their share.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "a"], "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> MajorityVote().fit_predict(labels).row(0)
    ('a', 'x', 0.6666666666666666, False, 3)
    """

    name: ClassVar[str] = "majority"

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        shares = vote_shares(ratings)
        certain = gold >= 0
        shares[certain] = np.eye(len(ratings.categories))[gold[certain]]
        chosen = shares.argmax(axis=1)
        right = np.bincount(ratings.annotator, ratings.label == chosen[ratings.item], len(ratings.annotators))
        given = np.bincount(ratings.annotator, minlength=len(ratings.annotators))
        skill = np.divide(right, given, out=np.full(len(given), np.nan), where=given > 0)
        return Posterior(shares, pl.DataFrame({"skill": skill}).fill_nan(None))


def vote_shares(ratings: Ratings) -> Probabilities:
    """Return which share of an item's labels each label has; uniform without labels."""
    counts = ratings.counts().astype(np.float64)
    counts[counts.sum(axis=1) == 0] = 1
    counts /= counts.sum(axis=1, keepdims=True)
    return counts
