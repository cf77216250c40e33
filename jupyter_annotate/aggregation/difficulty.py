"""Confusions that depend on the item: some items are clear, some are in a haze, some cannot be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.climbing import check_climb
from jupyter_annotate.aggregation.passes import Chunk, Sums, chunks_of, counted, guessed, total
from jupyter_annotate.aggregation.shrinkage import expected_confusions, shrunk_counts
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["HazyItems"]

Floats = NDArray[np.float64]

#: Share of the labels of an item that are given blindly, at each level of haze.
_HAZE = np.array([0.0, 0.4, 0.8])
_FIRST_LEVELS = np.array([0.7, 0.2, 0.1])


@dataclass(frozen=True, slots=True, eq=False)
class _Learnt:
    """Confusions in the clear, their strength, and how frequent labels, true labels and levels are."""

    confusions: Floats
    strength: float
    prior: Floats
    levels: Floats
    blind: Floats

    def seen(self) -> Floats:
        """Return the probability of each label. Shape (levels, n_annotators, true, label)."""
        haze = _HAZE[:, None, None, None]
        return (1 - haze) * self.confusions + haze * self.blind

    def clear(self) -> Floats:
        """Return which share of such labels was not given blindly, in the shape of `seen`."""
        sharp: Floats = (1 - _HAZE)[:, None, None, None] * self.confusions / self.seen()
        return sharp


class HazyItems(Aggregator):
    """Annotators have confusions of their own, and items are clear or hazy; nobody sees well in the haze.

    A label on an item with haze h is given blindly with probability h: drawn like any label at all. So votes
    that are divided count for less than independent annotators would make them, and the probabilities claim
    less. An annotator with few labels leans on the confusions of the crowd.

    Parameters
    ----------
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less log-likelihood than this for each label.

    Notes
    -----
    Whitehill et al., Whose vote should count more (2009), with three levels for the difficulty of an item
    and a confusion matrix for the skill of an annotator.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "a", "b", "b", "b", "c", "c", "c"],
    ...     "annotator_id": ["ada", "bob", "eve"] * 3,
    ...     "label": ["x", "x", "y", "y", "y", "x", "x", "x", "x"],
    ... }
    >>> HazyItems().fit_predict(labels)["label"].to_list()
    ['x', 'y', 'x']
    """

    name: ClassVar[str] = "hazy_items"

    _learnt: _Learnt | None = None

    def __init__(self, *, max_iterations: int = 50, tolerance: float = 1e-5) -> None:
        check_climb(max_iterations, tolerance)
        self.max_iterations, self.tolerance = max_iterations, tolerance

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        n_items, n_annotators, n_labels = ratings.shape
        chunks = chunks_of(ratings, gold)
        voted = [guessed(chunk) for chunk in chunks]
        sums = [
            total(
                (counted(c, level * v, n_annotators) for c, v in zip(chunks, voted, strict=True)),
                n_annotators,
                n_labels,
            )
            for level in _FIRST_LEVELS
        ]
        learnt = _first(ratings, sums)
        previous, n_steps, converged = -np.inf, 0, False
        while n_steps < self.max_iterations and not converged:
            sums = _expected(chunks, learnt, n_annotators)
            likelihood = sum(each.log_likelihood for each in sums)
            converged = bool(abs(likelihood - previous) < self.tolerance * len(ratings))
            previous, n_steps = likelihood, n_steps + 1
            learnt = _learn(sums, learnt)
        self._learnt = learnt
        found = _probabilities(chunks, learnt, n_items)
        skill = np.diagonal(learnt.confusions, axis1=1, axis2=2) @ learnt.prior
        return Posterior(found, pl.DataFrame({"skill": skill}), previous, n_steps, converged)

    def _apply(self, ratings: Ratings, places: NDArray[np.intp]) -> Floats:
        assert self._learnt is not None  # noqa: S101 -- the caller has asked whether it is fitted
        known = self._learnt.confusions
        pooled = known.mean(axis=0, keepdims=True)
        learnt = replace(self._learnt, confusions=np.concatenate([known, pooled])[places])
        nothing_known = np.full(len(ratings.items), -1, dtype=np.int32)
        return _probabilities(chunks_of(ratings, nothing_known), learnt, len(ratings.items))


def _probabilities(chunks: list[Chunk], learnt: _Learnt, n_items: int) -> Floats:
    found = np.full((n_items, len(learnt.prior)), 1 / len(learnt.prior))
    for chunk in chunks:
        joint, known = _joint(chunk, learnt)[0].sum(axis=2), np.flatnonzero(chunk.gold >= 0)
        joint[known] = np.eye(len(learnt.prior))[chunk.gold[known]]
        found[chunk.items] = joint
    return found


def _first(ratings: Ratings, sums: list[Sums]) -> _Learnt:
    n_annotators, n_labels = ratings.shape[1:]
    blind = np.bincount(ratings.label, minlength=n_labels) + 1.0 / n_labels
    confusions = np.full((n_annotators, n_labels, n_labels), 1 / n_labels)
    prior = np.full(n_labels, 1 / n_labels)
    return _learn(sums, _Learnt(confusions, 4.0, prior, _FIRST_LEVELS, blind / blind.sum()))


def _learn(sums: list[Sums], before: _Learnt) -> _Learnt:
    counts = np.stack([each.counts for each in sums])
    classes = np.sum([each.classes for each in sums], axis=0)
    levels = np.array([each.classes.sum() for each in sums]) + 1
    shrunk, strength = shrunk_counts((counts * before.clear()).sum(axis=0), before.strength)
    prior = (classes + 1) / (classes + 1).sum()
    confusions = expected_confusions(shrunk)
    return replace(
        before, confusions=confusions, strength=strength, prior=prior, levels=levels / levels.sum()
    )


def _expected(chunks: list[Chunk], learnt: _Learnt, n_annotators: int) -> list[Sums]:
    n_labels = len(learnt.prior)
    passes = [(chunk, *_joint(chunk, learnt)) for chunk in chunks]
    return [
        total(
            (
                counted(chunk, joint[:, :, level], n_annotators, 0.0 if level else likelihood)
                for chunk, joint, likelihood in passes
            ),
            n_annotators,
            n_labels,
        )
        for level in range(len(_HAZE))
    ]


def _joint(chunk: Chunk, learnt: _Learnt) -> tuple[Floats, float]:
    """Return the probabilities of true label and level, shape (m, k, levels), and the log-likelihood."""
    n_labels = len(learnt.prior)
    # One column for each true label and level, one row for each annotator and label.
    table = np.log(learnt.seen()).transpose(1, 3, 2, 0).reshape(-1, n_labels * len(_HAZE))
    joint = chunk.totals(table).reshape(-1, n_labels, len(_HAZE))
    joint += np.log(learnt.prior)[:, None] + np.log(learnt.levels)
    known = np.flatnonzero(chunk.gold >= 0)
    others = np.ones((len(known), n_labels), dtype=bool)
    others[np.arange(len(known)), chunk.gold[known]] = False
    joint[known] = np.where(others[:, :, None], -np.inf, joint[known])
    top = joint.max(axis=(1, 2), keepdims=True)
    found: Floats = np.exp(joint - top)
    sums = found.sum(axis=(1, 2), keepdims=True)
    return found / sums, float((np.log(sums) + top).sum())
