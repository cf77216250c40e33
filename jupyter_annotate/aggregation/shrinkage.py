"""Shrinkage: the confusions of annotators with few labels lean on what the crowd confuses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.aggregation.special import digamma

__all__ = ["counts_of", "crowd_confusions", "expected_confusions", "shrunk_counts", "strength_of"]

Floats = NDArray[np.float64]

#: Labels' worth of the belief that all mistakes are equally likely, a row of the crowd's confusions.
_EVEN = 5.0
#: Labels' worth of the belief that an annotator is as skilled as the crowd.
_ALIKE = 4.0
#: Labels' worth of the belief that a crowd is right so often: all there is where no two share an item.
_TRUST, _USUAL = 10.0, 0.8
_FIRST_STRENGTH = 4.0
_STRENGTHS = (0.5, 200.0)


def counts_of(
    probabilities: Floats, item: NDArray[np.int32], cells: NDArray[np.int64], n_cells: int
) -> Floats:
    """Count, for each cell, the items of each true label.

    Parameters
    ----------
    probabilities
        Of the true labels. Shape (n_items, k).
    item, cells
        Of each label: its item, and annotator * k + label. Shape (n,).
    n_cells
        Annotators times k.

    Returns
    -------
    counts
        Shape (n_annotators, true label, label).
    """
    n_labels = probabilities.shape[1]
    columns = (np.bincount(cells, probabilities[item, true], n_cells) for true in range(n_labels))
    return np.stack([column.reshape(-1, n_labels) for column in columns], axis=1)


def crowd_confusions(counts: Floats) -> Floats:
    """Return what each annotator's confusions lean on. Shape (n_annotators, true label, label).

    The confusions of the crowd, with the odds of being right multiplied so that they fit the annotator's
    skill, itself shrunk to the crowd's.
    """
    total = counts.sum(axis=0)
    n_labels = len(total)
    skill = (np.trace(total) + _TRUST * _USUAL) / (total.sum() + _TRUST)
    even = np.full(total.shape, (1 - skill) / max(n_labels - 1, 1))
    np.fill_diagonal(even, skill)
    pooled = total + _EVEN * even
    pooled /= pooled.sum(axis=1, keepdims=True)
    right = np.trace(counts, axis1=1, axis2=2)
    own = (right + _ALIKE * skill) / (counts.sum(axis=(1, 2)) + _ALIKE)
    odds = own / (1 - own) / (skill / (1 - skill))
    diagonal = np.clip(np.diagonal(pooled), 1e-9, 1 - 1e-9)
    scaled = odds[:, None] * diagonal / (odds[:, None] * diagonal + 1 - diagonal)
    leaning: Floats = pooled * ((1 - scaled) / (1 - diagonal))[:, :, None]
    places = np.arange(n_labels)
    leaning[:, places, places] = scaled
    return np.maximum(leaning, 1e-12)


def strength_of(counts: Floats, leaning: Floats, start: float = _FIRST_STRENGTH, n_steps: int = 5) -> float:
    """Return how many labels' worth the leaning has: where the counts are most likely.

    Fixed-point steps on the Dirichlet-multinomial likelihood (T. Minka, Estimating a Dirichlet distribution,
    2000, equation 55, with the mean held).
    """
    strength = start
    rows = counts.sum(axis=2)
    for _ in range(n_steps):
        prior = strength * leaning
        gained = (leaning * (digamma(counts + prior) - digamma(prior))).sum()
        spent = (digamma(rows + strength) - digamma(np.array([strength]))).sum()
        if not gained > 0 or not spent > 0:
            return _FIRST_STRENGTH
        strength = float(np.clip(strength * gained / spent, *_STRENGTHS))
    return strength


def shrunk_counts(counts: Floats, start: float = _FIRST_STRENGTH) -> tuple[Floats, float]:
    """Add what each annotator leans on to the counts; return them and how much was added a row."""
    leaning = crowd_confusions(counts)
    strength = strength_of(counts, leaning, start)
    return counts + strength * leaning, strength


def expected_confusions(shrunk: Floats) -> Floats:
    """Divide each row by its sum."""
    found: Floats = shrunk / shrunk.sum(axis=2, keepdims=True)
    return found
