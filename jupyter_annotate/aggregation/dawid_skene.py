"""Dawid-Skene: each annotator has a confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

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
    toward
        Whether pseudo-counts are alike for all labels, or distributed as the labels of all annotators are,
        by the vote shares; that suits annotators with few labels, and bears more smoothing.
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
    Applied Statistics 28 (1979). What each step raises is the log-likelihood plus the sum of the
    logarithms of all probabilities of the confusions times their pseudo-counts.

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
        toward: Literal["uniform", "pooled"] = "uniform",
        max_iterations: int = 100,
        tolerance: float = 1e-5,
        start: Aggregator | None = None,
    ) -> None:
        super().__init__(max_iterations=max_iterations, tolerance=tolerance, start=start)
        if not 0 <= smoothing < np.inf:
            message = f"smoothing: expected a pseudo-count of 0 or more, found {smoothing}."
            raise ValueError(message)
        if toward not in ("uniform", "pooled"):
            message = f"toward: expected 'uniform' or 'pooled', found {toward!r}."
            raise ValueError(message)
        self.smoothing, self.prior_confusion, self.class_prior = smoothing, prior_confusion, class_prior
        self.toward = toward

    def _maximize(self, sums: Sums, before: Responses | None) -> Responses:
        pseudo = before.pseudo if isinstance(before, Smoothed) else self._pseudo_counts(sums)
        prior = sums.classes / sums.classes.sum() if self.class_prior is None else self._given_prior(sums)
        return Smoothed(
            prior=prior,
            confusions=normalized(sums.counts + pseudo),
            pooled=normalized(sums.counts.sum(axis=0) + pseudo),
            pseudo=pseudo,
        )

    def _penalty(self, responses: Responses) -> float:
        if not isinstance(responses, Smoothed) or not responses.pseudo.any():
            return 0.0
        return float((responses.pseudo * np.log(responses.confusions)).sum())

    def _pseudo_counts(self, first: Sums) -> Floats:
        """Return the pseudo-counts, which stay as they are from the first guess on. Shape (true, label)."""
        n_labels = len(first.classes)
        pseudo = np.full((n_labels, n_labels), float(self.smoothing))
        if self.toward == "pooled":
            pseudo *= n_labels * normalized(first.counts.sum(axis=0))
        if self.prior_confusion is None:
            return pseudo
        given = np.asarray(self.prior_confusion, dtype=np.float64)
        if given.shape != pseudo.shape or not (np.isfinite(given) & (given >= 0)).all():
            message = (
                f"prior_confusion: expected pseudo-counts of 0 or more for {n_labels} true labels (rows) and "
                f"{n_labels} labels (columns), found an array of shape {given.shape}."
            )
            raise ValueError(message)
        return pseudo + given

    def _given_prior(self, sums: Sums) -> Floats:
        given = np.asarray(self.class_prior, dtype=np.float64)
        usable = given.shape == sums.classes.shape and (given >= 0).all()
        if not usable or not np.isclose(given.sum(), 1):
            expected = f"{len(sums.classes)} probabilities that sum to 1"
            message = f"class_prior: expected {expected}, found {given.tolist()}."
            raise ValueError(message)
        return given


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Smoothed(Responses):
    """Confusions with the pseudo-counts they were made with. Shape (true, label)."""

    pseudo: Floats

    def plain(self) -> Responses:
        """Return the probabilities alone."""
        return Responses(self.prior, self.confusions, self.pooled)


def normalized(counts: Floats) -> Floats:
    """Divide each row by its sum."""
    kept: Floats = np.maximum(counts, _LEAST)
    kept /= kept.sum(axis=-1, keepdims=True)
    return kept
