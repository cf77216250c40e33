"""Responses: how likely each annotator gives each label to items of each true label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from jupyter_annotate.aggregation.passes import Chunk, Floats, Places, Sums, counted, posterior, total

__all__ = ["Responses", "expected", "probabilities_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What a model of confusions has learnt.

    Parameters
    ----------
    prior
        Probability of each true label. Shape (n_categories,).
    confusions
        Probability of each label, for each annotator and true label. Shape (n_annotators, true, label).
    pooled
        The same of an annotator nobody has seen yet. Shape (true, label).
    strength
        How many labels of an annotator the pooled ones weigh as much as, under each true label; None where
        nothing is shrunk to them. Shape (n_categories,).
    """

    prior: Floats
    confusions: Floats
    pooled: Floats
    strength: Floats | None = None

    def logs(self) -> tuple[Floats, Floats]:
        """Return the logarithms `posterior` takes: of the prior, and of the confusions by cell."""
        n_labels = len(self.prior)
        with np.errstate(divide="ignore"):
            cells = np.log(self.confusions.transpose(0, 2, 1)).reshape(-1, n_labels)
            return np.log(self.prior), cells

    def plain(self) -> Responses:
        """Return the probabilities alone, where the logarithms are those of something else."""
        return self

    def skill(self) -> Floats:
        """Return how likely each annotator is right. Shape (n_annotators,)."""
        found: Floats = np.diagonal(self.confusions, axis1=1, axis2=2) @ self.prior
        return found

    def of(self, places: Places) -> Responses:
        """Return those of other annotators: who they are among these, -1 for somebody unknown."""
        known = np.concatenate([self.confusions, self.pooled[None]])
        return Responses(self.prior, known[places], self.pooled)


def expected(chunks: Iterable[Chunk], responses: Responses) -> Sums:
    """Pass over the labels once: the expected counts under what was learnt, and the log-likelihood."""
    prior, table = responses.logs()
    n_annotators, n_labels, _ = responses.confusions.shape
    passes = (_sums(chunk, prior, table, n_annotators) for chunk in chunks)
    return total(passes, n_annotators, n_labels)


def _sums(chunk: Chunk, prior: Floats, table: Floats, n_annotators: int) -> Sums:
    probabilities, log_likelihood = posterior(chunk, prior, table)
    return counted(chunk, probabilities, n_annotators, log_likelihood)


def probabilities_of(chunks: Iterable[Chunk], responses: Responses, n_items: int) -> tuple[Floats, float]:
    """Return the probabilities of the true label of every item, and the log-likelihood of the labels.

    The probabilities of an item without a label are all alike.
    """
    prior, table = responses.logs()
    found, log_likelihood = np.full((n_items, len(prior)), 1 / len(prior)), 0.0
    for chunk in chunks:
        found[chunk.items], added = posterior(chunk, prior, table)
        log_likelihood += added
    return found, log_likelihood
