"""Held-out labels: how well a posterior foretells labels that were kept from it. No gold is needed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, Probabilities
from jupyter_annotate.aggregation.shrinkage import counts_of, expected_confusions, shrunk_counts
from jupyter_annotate.ratings import Codes, Ratings

__all__ = [
    "HeldOut",
    "confusions_under",
    "folds_of",
    "held_out",
    "probabilities_without_gaps",
    "restricted",
    "signatures",
    "stacked",
]

Floats = NDArray[np.float64]
Marks = NDArray[np.uint64]

#: No label is foretold with less, so that one surprise does not outweigh all else.
_LEAST = 1e-6
#: Constants of the splitmix64 generator (Steele, Lea and Flood 2014).
_GAMMA, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """How well a model foretold labels that were held out.

    Parameters
    ----------
    scores
        Log-probability of each label, in nats. Shape (n,).
    agrees
        Whether it is the label the model held most probable for the item. Shape (n,).
    expected
        How probable that was, under the model. Shape (n,).
    """

    scores: Floats
    agrees: NDArray[np.bool_]
    expected: Floats

    @property
    def score(self) -> float:
        """Return the mean log-probability of a label."""
        return float(self.scores.mean())

    @property
    def agreement(self) -> float:
        """Return the share of labels that agree."""
        return float(self.agrees.mean())

    @property
    def claimed_agreement(self) -> float:
        """Return the share of labels that would agree if the model were right."""
        return float(self.expected.mean())


def held_out(
    members: Mapping[str, Aggregator], ratings: Ratings, gold: Codes, *, n_folds: int = 4
) -> dict[str, HeldOut]:
    """Foretell each label without it, with each model.

    The labels are put into folds; each model is fitted without a fold and foretells its labels: over the
    probabilities it gives to the true labels, and each annotator's confusions under them (the same estimate
    for all models, so that a vote without a model can be compared).

    Parameters
    ----------
    members
        The models; they are fitted anew.
    ratings
        The labels.
    gold
        Code of each item's known label, -1 where none is.
    n_folds
        How many folds.
    """
    fold = folds_of(ratings, n_folds)
    n = len(ratings)
    found = {name: HeldOut(np.zeros(n), np.zeros(n, dtype=bool), np.zeros(n)) for name in members}
    for number in np.unique(fold):
        kept, out = restricted(ratings, fold != number), fold == number
        for name, member in members.items():
            probabilities = probabilities_without_gaps(member, kept, gold)
            confusions = confusions_under(probabilities, kept)
            item, annotator, label = (
                codes[out] for codes in (ratings.item, ratings.annotator, ratings.label)
            )
            likely = (probabilities[item] * confusions[annotator, :, label]).sum(axis=1)
            found[name].scores[out] = np.log(np.maximum(likely, _LEAST))
            best = probabilities.argmax(axis=1)[item]
            found[name].agrees[out] = best == label
            found[name].expected[out] = (probabilities[item] * confusions[annotator, :, best]).sum(axis=1)
    return found


def probabilities_without_gaps(member: Aggregator, kept: Ratings, gold: Codes) -> Probabilities:
    """Fit; items without a label are as the others are on average."""
    n_items, _, n_labels = kept.shape
    if not len(kept):
        return np.full((n_items, n_labels), 1 / n_labels)
    found = copy(member)._estimate(kept, gold).probabilities  # noqa: SLF001 -- of the same family
    blank = kept.sizes() == 0
    return np.where(blank[:, None], found[~blank].mean(axis=0), found)


def confusions_under(probabilities: Probabilities, ratings: Ratings) -> Floats:
    """Estimate each annotator's confusions, shrunk to the crowd's. Shape (n_annotators, true, label)."""
    _, n_annotators, n_labels = ratings.shape
    cells = ratings.annotator.astype(np.int64) * n_labels + ratings.label
    counts = counts_of(probabilities, ratings.item, cells, n_annotators * n_labels)
    return expected_confusions(shrunk_counts(counts)[0])


def restricted(ratings: Ratings, rows: NDArray[np.bool_]) -> Ratings:
    """Keep some labels; items, annotators and categories stay what they are."""
    return replace(
        ratings, item=ratings.item[rows], annotator=ratings.annotator[rows], label=ratings.label[rows]
    )


def stacked(scores: Mapping[str, Floats], *, n_steps: int = 200) -> dict[str, float]:
    """Return the weights with which the mixture of all models foretells best; they sum to 1.

    Expectation maximization over the weights (Yao et al., Using stacking to average Bayesian predictive
    distributions, 2018, with labels held out).
    """
    logs = np.stack(list(scores.values()), axis=1)
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = np.full(len(scores), 1 / len(scores))
    for _ in range(n_steps if len(likely) else 0):
        parts = likely * weights
        weights = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
    return dict(zip(scores, weights.tolist(), strict=True))


def folds_of(ratings: Ratings, n_folds: int) -> NDArray[np.int64]:
    """Put each label into a fold by what surrounds it: other names or another order change nothing.

    The labels of an item go to folds in turn, from a fold on that differs from item to item.
    """
    of_labels, of_items = signatures(ratings)
    labeled = np.flatnonzero(ratings.sizes())
    first = np.zeros(len(of_items), dtype=np.int64)
    first[labeled[np.argsort(of_items[labeled], kind="stable")]] = np.arange(len(labeled))
    order = np.lexsort((of_labels, ratings.item))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - ratings.starts()[ratings.item]
    fold: NDArray[np.int64] = (first[ratings.item] + place) % n_folds
    return fold


def signatures(ratings: Ratings, n_rounds: int = 3) -> tuple[Marks, Marks]:
    """Return a number for each label and each item that depends on what was labeled how, not on any name.

    Rounds of colour refinement (Weisfeiler and Leman 1968): an item is its labels, a label its frequency, an
    annotator what was labeled, and so on.

    Returns
    -------
    of_labels
        Shape (n,).
    of_items
        Shape (n_items,).
    """
    n_items, n_annotators, n_labels = ratings.shape
    frequency = np.bincount(ratings.label, minlength=n_labels).astype(np.uint64)
    label = _mixed(frequency)[ratings.label]
    shares = _summed(label, ratings.item, n_items)
    items, annotators = shares, np.zeros(n_annotators, dtype=np.uint64)
    for _ in range(n_rounds):
        annotators = _summed(_mixed(items[ratings.item] ^ label), ratings.annotator, n_annotators)
        items = _summed(_mixed(annotators[ratings.annotator] + _mixed(label)), ratings.item, n_items)
    return _mixed(items[ratings.item] ^ _mixed(annotators[ratings.annotator] + label)), _mixed(items)


def _summed(values: Marks, place: NDArray[np.int32], size: int) -> Marks:
    found = np.zeros(size, dtype=np.uint64)
    np.add.at(found, place, values)
    return found


def _mixed(values: Marks) -> Marks:
    """Scatter numbers over all 64 bits; sums and products wrap around."""
    found = values + np.uint64(_GAMMA)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(_FIRST)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(_SECOND)
    return found ^ (found >> np.uint64(31))
