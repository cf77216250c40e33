"""GLAD: annotators differ in ability, and items in difficulty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.aggregation.climbing import check_climb
from jupyter_annotate.aggregation.passes import Chunk, Floats, Places, added, chunks_of, settled
from jupyter_annotate.extras import need_scipy
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["GLAD"]

#: Mean of abilities and of easiness before anything is known; their variances are 1.
_MEAN = 1.0
#: Points at which the easiness of new items is taken.
_POINTS = 9


class GLAD(Aggregator):
    """Each annotator has an ability and each item a difficulty; able annotators are right on hard items too.

    It needs the extra ``stats``.

    Parameters
    ----------
    max_iterations
        Most steps of L-BFGS.
    tolerance
        It stops where a step gains less than this for each label.

    Notes
    -----
    J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma and J. Movellan, Whose vote should count more, NIPS 2009: a
    label is right with probability sigmoid(ability * exp(easiness)), else any wrong one; abilities and
    easiness are normal with mean 1 and variance 1. Instead of by expectation maximization, the
    marginal likelihood times these priors is maximized directly; its gradient takes no more work than a step
    of expectation maximization. The true labels are equally frequent in this model.

    `predict` takes the average over all difficulties a new item may have.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> GLAD().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "glad"

    _learnt: Abilities | None = None

    def __init__(self, *, max_iterations: int = 200, tolerance: float = 1e-6) -> None:
        check_climb(max_iterations, tolerance)
        self.max_iterations, self.tolerance = max_iterations, tolerance

    @property
    def difficulties_(self) -> pl.DataFrame:
        """Return item_id, difficulty: 0 where nothing is known, above for harder items."""
        ratings, _ = self._fitted("difficulties_")
        assert self._learnt is not None  # noqa: S101 -- a fitted model has them
        difficulty = _MEAN - self._learnt.easiness
        return pl.DataFrame({"item_id": ratings.items.cast(pl.String), "difficulty": difficulty})

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        optimize = need_scipy("optimize", purpose="GLAD")
        n_items, n_annotators, n_labels = ratings.shape
        chunks = chunks_of(ratings, gold)

        def loss(point: Floats) -> tuple[float, Floats]:
            value, slope = _objective(chunks, Abilities(*np.split(point, [n_annotators])))
            return -value, -slope

        first = np.full(n_annotators + n_items, _MEAN)
        options = {"maxiter": self.max_iterations, "ftol": self.tolerance, "gtol": 0.0}
        end = optimize.minimize(loss, first, jac=True, method="L-BFGS-B", options=options)
        self._learnt = Abilities(*np.split(end.x, [n_annotators]))
        found, log_likelihood = np.full((n_items, n_labels), 1 / n_labels), 0.0
        right = np.zeros(n_annotators)
        for chunk in chunks:
            answers = _answers(chunk, self._learnt)
            found[chunk.items] = answers.probabilities
            log_likelihood += answers.log_likelihood
            right += added(chunk.cells // n_labels, answers.right, n_annotators)
        given = np.bincount(ratings.annotator, minlength=n_annotators)
        skill = np.divide(right, given, out=np.full(n_annotators, np.nan), where=given > 0)
        annotators = pl.DataFrame({"skill": skill, "ability": self._learnt.ability}).fill_nan(None)
        converged = bool(end.nit < self.max_iterations)
        return Posterior(found, annotators, log_likelihood, int(end.nit), converged, -float(end.fun))

    def _apply(self, ratings: Ratings, places: Places) -> Probabilities:
        fitted, _ = self._fitted("predict()")
        assert self._learnt is not None  # noqa: S101 -- a fitted model has them
        given = np.bincount(fitted.annotator, minlength=len(fitted.annotators))
        pooled = given @ self._learnt.ability / given.sum()
        ability = np.append(self._learnt.ability, pooled)[places]
        n_items, _, n_labels = ratings.shape
        found = np.full((n_items, n_labels), 1 / n_labels)
        for chunk in chunks_of(ratings, np.full(n_items, -1, dtype=np.int32)):
            found[chunk.items] = _over_difficulties(chunk, ability)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """What is learnt: the ability of each annotator, and how easy each item is."""

    ability: Floats
    easiness: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the labels of a chunk say under abilities and difficulties.

    Parameters
    ----------
    probabilities
        Of the true labels. Shape (m, n_categories).
    log_likelihood
        Of the labels.
    right
        How likely an answer like each label is right. Shape (n,).
    slopes
        How the log-likelihood changes with the logit of that. Shape (n,).
    """

    probabilities: Probabilities
    log_likelihood: float
    right: Floats
    slopes: Floats


def _answers(chunk: Chunk, model: Abilities) -> Answers:
    n_labels = chunk.n_categories
    clear = np.exp(model.easiness[chunk.items])
    logit = model.ability[chunk.cells // n_labels] * clear[chunk.votes // n_labels]
    joint, right, against = _joint(chunk, logit)
    probabilities, log_likelihood = settled(joint, chunk.gold)
    slopes = probabilities.ravel()[chunk.votes] - right
    return Answers(probabilities, log_likelihood + against, right, slopes)


def _joint(chunk: Chunk, logit: Floats) -> tuple[Floats, Floats, float]:
    """Return the joint log-probabilities but for what speaks against all; how likely right; and that rest."""
    n_labels = chunk.n_categories
    others = np.log(max(n_labels - 1, 1))
    joint = added(chunk.votes, logit + others, len(chunk.items) * n_labels).reshape(-1, n_labels)
    joint -= np.log(n_labels)
    small = np.exp(-np.abs(logit))
    right = np.where(logit > 0, 1, small) / (1 + small)
    wrong = np.maximum(logit, 0) + np.log1p(small)
    return joint, right, -float(wrong.sum()) - others * len(logit)


def _objective(chunks: list[Chunk], model: Abilities) -> tuple[float, Floats]:
    """Return the log-likelihood plus the log-priors, and its slope in the abilities and the easiness."""
    by_ability, by_easiness = _MEAN - model.ability, _MEAN - model.easiness
    value = -0.5 * float(by_ability @ by_ability + by_easiness @ by_easiness)
    for chunk in chunks:
        answers = _answers(chunk, model)
        value += answers.log_likelihood
        annotator, place = chunk.cells // chunk.n_categories, chunk.votes // chunk.n_categories
        clear = np.exp(model.easiness[chunk.items])
        by_ability += added(annotator, answers.slopes * clear[place], len(by_ability))
        by_easiness[chunk.items] += clear * added(
            place, answers.slopes * model.ability[annotator], len(chunk.items)
        )
    return value, np.concatenate([by_ability, by_easiness])


def _over_difficulties(chunk: Chunk, ability: Floats) -> Probabilities:
    """Return the probabilities of the true labels, averaged over all difficulties an item may have."""
    points, weights = np.polynomial.hermite_e.hermegauss(_POINTS)
    n_labels = chunk.n_categories
    annotator, place = chunk.cells // n_labels, chunk.votes // n_labels
    joints = np.empty((_POINTS, len(chunk.items), n_labels))
    for number, (point, weight) in enumerate(zip(points, weights, strict=True)):
        logit = ability[annotator] * np.exp(_MEAN + point)
        against = np.maximum(logit, 0) + np.log1p(np.exp(-np.abs(logit)))
        rest = np.log(weight) - added(place, against, len(chunk.items))
        joints[number] = _joint(chunk, logit)[0] + rest[:, None]
    whole = np.exp(joints - joints.max(axis=(0, 2), keepdims=True)).sum(axis=0)
    found: Probabilities = whole / whole.sum(axis=1, keepdims=True)
    return found
