"""Observed agreement: how often two annotators gave an item the same label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.bootstrap import estimate
from jupyter_annotate.agreement.profiles import profiles_of

__all__ = ["observed_agreement"]


def observed_agreement(
    labels: object, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> Agreement:
    """Measure how often two annotators of an item gave it the same label, on average over items.

    Easy to read, but not comparable between questions: with few labels, or one that is frequent, much of it
    is chance. `krippendorff_alpha` takes that out.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label. Text, whole numbers, booleans or categories; a list is a set of
        labels and counts as one category, so sets that overlap in part disagree. Null is a missing label.
    level
        Confidence level of the interval, a percentile bootstrap over items.
    replicates
        How many times items are drawn; 0 for no interval.
    seed
        The same seed gives the same interval.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels are spans or boxes.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["ada", "bob"] * 2, "label": [1, 1, 1, 2]}
    >>> observed_agreement(labels)
    observed_agreement 0.500 [0.00, 1.00] (95 %, 2 items, 2 annotators)
    """
    name = "observed_agreement"
    profiles = profiles_of(labels, what=f"{name}()")
    shares = profiles.same_pairs() / profiles.pairs()

    def agreement(items: NDArray[np.int64]) -> float:
        return float((items * shares).sum() / items.sum())

    return estimate(name, profiles, agreement, level=level, replicates=replicates, seed=seed)
