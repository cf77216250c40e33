"""A mixture of models: each counts as far as it foretells labels that were held out from it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Posterior, Probabilities
from jupyter_annotate.aggregation.bayesian import BayesianConfusion
from jupyter_annotate.aggregation.calibration import softened
from jupyter_annotate.aggregation.collapse import Sign, signs_of_collapse
from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.difficulty import HazyItems
from jupyter_annotate.aggregation.heldout import (
    HeldOut,
    confusions_under,
    held_out,
    restricted,
    signatures,
    stacked,
)
from jupyter_annotate.aggregation.mace import MACE
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.aggregation.one_coin import OneCoin
from jupyter_annotate.ratings import Codes, Ratings

__all__ = ["Blend", "Mixture", "default_models", "fitted", "mixed", "weighed_by_gold"]

Floats = NDArray[np.float64]

#: How much of the weights the held-out labels decide; the rest is even.
_LEARNT = 0.5
#: Labels from which the weights are learnt, at most.
_MOST_LABELS = 100_000
#: Gold items' worth of the weights that held-out labels give.
_TRUST = 20.0
_LEAST = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """What the models found together.

    Parameters
    ----------
    probabilities
        Of the true labels. Shape (n_items, k).
    posteriors
        Those of each model.
    weights
        Of each model; 0 for one that collapsed.
    scores
        Mean log-probability of a held-out label, for each model, in nats.
    signs
        Of collapse, for each model.
    """

    probabilities: Probabilities
    posteriors: Mapping[str, Probabilities]
    weights: Mapping[str, float]
    scores: Mapping[str, float]
    signs: Mapping[str, list[Sign]]

    def again(self, posteriors: Mapping[str, Probabilities], weights: Mapping[str, float]) -> Blend:
        """Return the mixture of other posteriors, or with other weights."""
        found = _mix(posteriors, weights)
        return Blend(found, posteriors, weights, self.scores, self.signs)


class Mixture(Aggregator):
    """Several models at once, each as far as it foretells labels held out from it, and a share of the votes.

    It is what `aggregate` does by default.

    Examples
    --------
    >>> labels = {"item_id": ["a"] * 3, "annotator_id": ["ada", "bob", "eve"], "label": ["x", "x", "y"]}
    >>> Mixture().fit_predict(labels)["label"].to_list()
    ['x']
    """

    name: ClassVar[str] = "mixture"

    def _estimate(self, ratings: Ratings, gold: Codes) -> Posterior:
        members, known = default_models(), gold >= 0
        blend = mixed(members, ratings)
        if known.any():
            blend = blend.again(fitted(members, ratings, gold), blend.weights)
        found = softened(blend.probabilities, ratings)
        found[known] = np.eye(found.shape[1])[gold[known]]
        prior = found[ratings.sizes() > 0].mean(axis=0)
        skill = np.diagonal(confusions_under(found, ratings), axis1=1, axis2=2) @ prior
        return Posterior(found, pl.DataFrame({"skill": skill}))


def default_models() -> dict[str, Aggregator]:
    """Return what the default mixes: from a vote to a confusion matrix an annotator."""
    models: list[Aggregator] = [
        MajorityVote(),
        DawidSkene(),
        BayesianConfusion(),
        OneCoin(),
        MACE(n_restarts=3),
        HazyItems(),
    ]
    return {each.name: each for each in models}


def mixed(members: Mapping[str, Aggregator], ratings: Ratings) -> Blend:
    """Fit all models, weigh them by the labels they foretell, leave out those that collapsed."""
    nothing_known = np.full(len(ratings.items), -1, dtype=np.int32)
    posteriors = fitted(members, ratings, nothing_known)
    found = held_out(members, _sample(ratings), nothing_known)
    signs = {
        name: signs_of_collapse(posterior, ratings, name=name, held_out=found[name])
        for name, posterior in posteriors.items()
    }
    weights = _weights(found, signs)
    scores = {name: each.score for name, each in found.items()}
    return Blend(_mix(posteriors, weights), posteriors, weights, scores, signs)


def fitted(members: Mapping[str, Aggregator], ratings: Ratings, gold: Codes) -> dict[str, Probabilities]:
    """Return the probabilities each model finds."""
    return {
        name: copy(member)._estimate(ratings, gold).probabilities  # noqa: SLF001 -- of the same family
        for name, member in members.items()
    }


def weighed_by_gold(blend: Blend, gold: Codes) -> dict[str, float]:
    """Return the weights under which the mixture gives gold labels most probability.

    The weights so far count as much as a few gold items.
    """
    known = np.flatnonzero(gold >= 0)
    names = [name for name, weight in blend.weights.items() if weight > 0]
    likely = np.stack([blend.posteriors[name][known, gold[known]] for name in names], axis=1)
    likely = np.maximum(likely, _LEAST)
    before = np.array([blend.weights[name] for name in names])
    weights = before.copy()
    for _ in range(200):
        parts = likely * weights
        parts /= parts.sum(axis=1, keepdims=True)
        weights = (parts.sum(axis=0) + _TRUST * before) / (len(known) + _TRUST)
    return {**dict.fromkeys(blend.weights, 0.0), **dict(zip(names, weights.tolist(), strict=True))}


def _mix(posteriors: Mapping[str, Probabilities], weights: Mapping[str, float]) -> Probabilities:
    parts = [weight * posteriors[name] for name, weight in weights.items() if weight > 0]
    found: Probabilities = np.sum(parts, axis=0)
    return found


def _weights(found: Mapping[str, HeldOut], signs: Mapping[str, list[Sign]]) -> dict[str, float]:
    kept = [name for name in found if not any(sign.is_collapse for sign in signs[name])] or list(found)
    learnt = stacked({name: found[name].scores for name in kept})
    weights = {name: _LEARNT * learnt[name] + (1 - _LEARNT) / len(kept) for name in kept}
    return {name: weights.get(name, 0.0) for name in found}


def _sample(ratings: Ratings) -> Ratings:
    """Keep the labels of some items, chosen by what was labeled how, if there are very many."""
    if len(ratings) <= _MOST_LABELS:
        return ratings
    order = np.argsort(signatures(ratings)[1], kind="stable")
    kept = np.zeros(len(order), dtype=bool)
    kept[order[np.cumsum(ratings.sizes()[order]) <= _MOST_LABELS]] = True
    return restricted(ratings, kept[ratings.item])
