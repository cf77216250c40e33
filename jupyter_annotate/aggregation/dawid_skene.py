"""Dawid-Skene: each annotator has a confusion matrix."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.expectation import ExpectationMaximization
from jupyter_annotate.aggregation.passes import Floats, Sums
from jupyter_annotate.aggregation.responses import Responses

__all__ = ["DawidSkene"]

#: Least expected count of a label: no label is impossible because nobody gave it yet.
_LEAST = 1e-10


class DawidSkene(ExpectationMaximization):
    """Each annotator gives each label with a probability of their own for each true label.

    Parameters
    ----------
    smoothing
        Pseudo-count of every label of an annotator under every true label. 0 is the model of 1979; a little
        keeps annotators with few labels from being believed too much.
    prior_confusion
        Further pseudo-counts, the same for all annotators: how often items of a true label (row) are given a
        label (column), in the order of the categories. Shape (n_categories, n_categories).
    class_prior
        Probabilities of the true labels if they are known, in the order of the categories; None to estimate
        them. Shape (n_categories,).
    max_iterations
        Most steps taken.
    tolerance
        It stops where a step gains less log-likelihood than this for each label.
    start
        An aggregator fitted before, to start from.

    Notes
    -----
    A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates using the EM algorithm,
    Applied Statistics 28 (1979). With pseudo-counts ``s`` what each step raises is the log-likelihood plus
    ``s`` times the sum of the logarithms of all probabilities of the confusions.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "a", "b", "b", "b", "c", "c", "c"],
    ...     "annotator_id": ["ada", "bob", "eve"] * 3,
    ...     "label": ["x", "x", "y", "y", "y", "x", "x", "x", "y"],
    ... }
    >>> DawidSkene().fit_predict(labels)["label"].to_list()
    ['x', 'y', 'x']
    """

    name: ClassVar[str] = "dawid_skene"

    def __init__(  # noqa: PLR0913 -- each is named
        self,
        *,
        smoothing: float = 0.1,
        prior_confusion: ArrayLike | None = None,
        class_prior: ArrayLike | None = None,
        max_iterations: int = 100,
        tolerance: float = 1e-5,
        start: Aggregator | None = None,
    ) -> None:
        super().__init__(max_iterations=max_iterations, tolerance=tolerance, start=start)
        if not 0 <= smoothing < np.inf:
            message = f"smoothing: expected a pseudo-count of 0 or more, found {smoothing}."
            raise ValueError(message)
        self.smoothing, self.prior_confusion, self.class_prior = smoothing, prior_confusion, class_prior

    def _maximize(self, sums: Sums, before: Responses | None) -> Responses:
        del before
        added = self._pseudo_counts(len(sums.classes))
        prior = sums.classes / sums.classes.sum() if self.class_prior is None else self._given_prior(sums)
        pooled = normalized(sums.counts.sum(axis=0) + added)
        return Responses(prior, normalized(sums.counts + added), pooled)

    def _penalty(self, responses: Responses) -> float:
        added = self._pseudo_counts(len(responses.prior))
        return float((added * np.log(responses.confusions)).sum()) if added.any() else 0.0

    def _pseudo_counts(self, n_labels: int) -> Floats:
        added = np.full((n_labels, n_labels), float(self.smoothing))
        if self.prior_confusion is None:
            return added
        given = np.asarray(self.prior_confusion, dtype=np.float64)
        if given.shape != added.shape or not (np.isfinite(given) & (given >= 0)).all():
            message = (
                f"prior_confusion: expected pseudo-counts of 0 or more for {n_labels} true labels (rows) and "
                f"{n_labels} labels (columns), found an array of shape {given.shape}."
            )
            raise ValueError(message)
        return added + given

    def _given_prior(self, sums: Sums) -> Floats:
        given = np.asarray(self.class_prior, dtype=np.float64)
        usable = given.shape == sums.classes.shape and (given >= 0).all()
        if not usable or not np.isclose(given.sum(), 1):
            expected = f"{len(sums.classes)} probabilities that sum to 1"
            message = f"class_prior: expected {expected}, found {given.tolist()}."
            raise ValueError(message)
        return given


def normalized(counts: Floats) -> Floats:
    """Divide each row by its sum."""
    kept: Floats = np.maximum(counts, _LEAST)
    kept /= kept.sum(axis=-1, keepdims=True)
    return kept
