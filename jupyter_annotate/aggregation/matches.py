"""Models of annotators who are right or not: a label speaks for itself, and against all others alike.

Such a model needs of each label only how much it speaks for its own class, so that a pass takes the same time
for two labels as for a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from jupyter_annotate.aggregation.passes import Chunk, Floats, added, classes_of, guessed, settled

__all__ = ["Matches", "given", "matched", "matches_of", "posterior_of_matches", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What a pass adds up.

    Parameters
    ----------
    right
        Expected number of right labels among those each annotator gave of each label.
        Shape (n_annotators, n_categories).
    classes
        Expected number of items of each true label. Shape (n_categories,).
    log_likelihood
        Marginal over the true labels, without what speaks against all labels alike.
    """

    right: Floats
    classes: Floats
    log_likelihood: float


def matched(chunks: Iterable[Chunk], prior: Floats, gains: Floats) -> Matches:
    """Pass over the labels once.

    Parameters
    ----------
    chunks
        The labels.
    prior
        Log-probability of each true label. Shape (n_categories,).
    gains
        By how much the log-probability of a label is higher where it is right, for each annotator and label.
        Shape (n_annotators, n_categories).
    """
    flat, log_likelihood = gains.ravel(), 0.0
    found, classes = np.zeros(gains.size), np.zeros(len(prior))
    for chunk in chunks:
        probabilities, gained = posterior_of_matches(chunk, prior, flat)
        found += right(chunk, probabilities, gains.size)
        classes += classes_of(probabilities)
        log_likelihood += gained
    return Matches(found.reshape(gains.shape), classes, log_likelihood)


def posterior_of_matches(chunk: Chunk, prior: Floats, gains: Floats) -> tuple[Floats, float]:
    """Return the probabilities of the true labels of a chunk, and its part of the log-likelihood."""
    n_labels = chunk.n_categories
    joint = added(chunk.votes, np.take(gains, chunk.cells, mode="clip"), len(chunk.items) * n_labels)
    joint = joint.reshape(-1, n_labels)
    joint += prior
    return settled(joint, chunk.gold)


def right(chunk: Chunk, probabilities: Floats, n_cells: int) -> Floats:
    """Count how many labels of each cell are right, in expectation. Shape (n_cells,)."""
    return added(chunk.cells, np.take(probabilities.ravel(), chunk.votes, mode="clip"), n_cells)


def matches_of(chunks: Iterable[Chunk], guess: Floats | None, shape: tuple[int, int]) -> Matches:
    """Pass over the labels with a guess of the true ones; None for the share of each label."""
    found, classes = np.zeros(shape[0] * shape[1]), np.zeros(shape[1])
    for chunk in chunks:
        probabilities = guessed(chunk, guess)
        found += right(chunk, probabilities, len(found))
        classes += classes_of(probabilities)
    return Matches(found.reshape(shape), classes, -np.inf)


def given(chunks: Iterable[Chunk], shape: tuple[int, int]) -> Floats:
    """Count how often each annotator gave each label. Shape (n_annotators, n_categories)."""
    counts = np.zeros(shape[0] * shape[1])
    for chunk in chunks:
        counts += np.bincount(chunk.cells, minlength=counts.size)
    return counts.reshape(shape)
