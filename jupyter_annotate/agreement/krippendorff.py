"""Krippendorff's alpha for labels without order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.bootstrap import estimate
from jupyter_annotate.agreement.profiles import profiles_of

__all__ = ["krippendorff_alpha"]


def krippendorff_alpha(
    labels: object, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> Agreement:
    """Measure agreement beyond chance: Krippendorff's alpha, nominal.

    1 is perfect, 0 is what chance gives, below 0 is systematic disagreement. Any number of annotators, who
    need not have labeled the same items (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability",
    section C, in the closed form 1 - sum_u S_u / (m_u - 1) * (n - 1) / S over the multisets of labels).

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
        nan with a reason where no item has two labels, or where all labels are the same.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels are spans or boxes.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(12)) * 2,
    ...     "annotator_id": ["ada"] * 12 + ["bob"] * 12,
    ...     "label": ["glad", "sad", "glad"] * 4 + ["glad", "sad", "sad"] * 3 + ["glad", "sad", "glad"],
    ... }
    >>> krippendorff_alpha(labels, level=0.9)
    krippendorff_alpha 0.517 [0.01, 0.84] (90 %, 12 items, 2 annotators)
    """
    name = "krippendorff_alpha"
    profiles = profiles_of(labels, what=f"{name}()")
    disagreement = (profiles.pairs() - profiles.same_pairs()) / (profiles.sizes - 1)
    # Entries are sorted by label: sums over stretches are several times faster than counting by label.
    # No @ here: it may start threads for each of a thousand draws, which wait for busy processors.
    starts = np.flatnonzero(np.diff(profiles.label, prepend=-1))

    def alpha(items: NDArray[np.int64]) -> float:
        totals = np.add.reduceat(items[profiles.owner] * profiles.count, starts)
        n = int(totals.sum())
        expected = n * n - int((totals * totals).sum())
        found = (items * disagreement).sum()
        return float(1 - found * (n - 1) / expected) if expected else float("nan")

    return estimate(name, profiles, alpha, level=level, replicates=replicates, seed=seed)
