"""Majority votes: the label most annotators gave, or that with the most weight behind it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.aggregation.climbing import check_climb
from jupyter_annotate.aggregation.passes import Chunk, Floats, Places, chunks_of
from jupyter_annotate.aggregation.votes import agreement_with_others, vote_weights, votes_of
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["MajorityVote", "WeightedMajority", "vote_shares"]


class MajorityVote(Aggregator):
    """The label most annotators gave; its confidence is their share.

    A tie is reported; it goes to the label of those annotators who agree more with others elsewhere.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "a"], "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> MajorityVote().fit_predict(labels).row(0)
    ('a', 'x', 0.6666666666666666, False, 3)
    """

    name: ClassVar[str] = "majority"

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        _, n_annotators, n_labels = ratings.shape
        shares = vote_shares(ratings)
        certain = gold >= 0
        shares[certain] = np.eye(n_labels)[gold[certain]]
        chosen = shares.argmax(axis=1)
        right = np.bincount(ratings.annotator, ratings.label == chosen[ratings.item], n_annotators)
        given = np.bincount(ratings.annotator, minlength=n_annotators)
        skill = np.divide(right, given, out=np.full(len(given), np.nan), where=given > 0)
        chunks = chunks_of(ratings, gold)
        weights = vote_weights(agreement_with_others(chunks, np.ones(n_annotators)), n_labels)
        return Posterior(
            shares,
            pl.DataFrame({"skill": skill}).fill_nan(None),
            preferred=_weighted(chunks, weights, ratings),
        )


class WeightedMajority(Aggregator):
    """The label with the most weight behind it; its confidence is the share of that weight.

    An annotator's weight is how far above chance they agree with the others, whose votes have their weights
    in turn.

    Parameters
    ----------
    max_iterations
        Most rounds of weighting.
    tolerance
        It stops where no weight changes by more.

    Notes
    -----
    Iterated weights in the manner of Q. Li, Y. Li, J. Gao, B. Zhao, W. Fan and J. Han, Resolving conflicts in
    heterogeneous data by truth discovery, SIGMOD 2014, with the weights of a vote linear in skill; nobody is
    judged by their own vote.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "a"], "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> WeightedMajority().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "weighted_majority"

    #: Of the annotators at `fit`, then of somebody unknown.
    _weights: Floats | None = None

    def __init__(self, *, max_iterations: int = 50, tolerance: float = 1e-6) -> None:
        check_climb(max_iterations, tolerance)
        self.max_iterations, self.tolerance = max_iterations, tolerance

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        chunks, n_labels = chunks_of(ratings, gold), len(ratings.categories)
        weights, skill = np.ones(len(ratings.annotators)), np.empty(0)
        n_steps, converged = 0, False
        while n_steps < self.max_iterations and not converged:
            skill = agreement_with_others(chunks, weights)
            before, weights = weights, vote_weights(skill, n_labels)
            converged = bool(np.abs(weights - before).max() <= self.tolerance)
            n_steps += 1
        given = np.bincount(ratings.annotator, minlength=len(weights))
        self._weights = np.append(weights, given @ weights / given.sum())
        annotators = pl.DataFrame({"skill": skill, "weight": weights})
        shares = _weighted(chunks, weights, ratings)
        certain = gold >= 0
        shares[certain] = np.eye(n_labels)[gold[certain]]
        return Posterior(shares, annotators, n_iterations=n_steps, converged=converged)

    def _apply(self, ratings: Ratings, places: Places) -> Probabilities:
        assert self._weights is not None  # noqa: S101 -- the caller has asked whether it is fitted
        nothing_known = np.full(len(ratings.items), -1, dtype=np.int32)
        return _weighted(chunks_of(ratings, nothing_known), self._weights[places], ratings)


def _weighted(chunks: list[Chunk], weights: Floats, ratings: Ratings) -> Probabilities:
    """Return which share of the weight is behind each label of an item; uniform without labels."""
    n_items, _, n_labels = ratings.shape
    found = np.full((n_items, n_labels), 1 / n_labels)
    for chunk in chunks:
        votes = votes_of(chunk, weights)
        found[chunk.items] = votes / votes.sum(axis=1, keepdims=True)
    return found


def vote_shares(ratings: Ratings) -> Probabilities:
    """Return which share of an item's labels each label has; uniform without labels."""
    counts = ratings.counts().astype(np.float64)
    counts[counts.sum(axis=1) == 0] = 1
    counts /= counts.sum(axis=1, keepdims=True)
    return counts
