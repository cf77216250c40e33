"""Observed agreement: how often two annotators gave an item the same label."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.estimate import estimate
from jupyter_annotate.agreement.options import Options
from jupyter_annotate.agreement.profiles import Floats, Profiles
from jupyter_annotate.agreement.recipe import Linearised, Maker, Recipe
from jupyter_annotate.agreement.sums import Sums, no_entries, over, ratio
from jupyter_annotate.ratings import Ratings

__all__ = ["observed_agreement", "observed_recipe"]


def observed_agreement(labels: object, **options: Unpack[Options]) -> Agreement:
    """Measure how often two annotators of an item gave it the same label, on average over items.

    Easy to read, but not comparable between questions: with few labels, or one that is frequent, much of it
    is chance. `krippendorff_alpha` takes that out.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label. Text, numbers, booleans, categories or dates; a list is a set of
        labels and counts as one category, so sets that overlap in part disagree. Null is a missing label.
    **options
        As in `Options`: interval, cluster, item_weights, random, null, level, replicates, seed.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels cannot be used; with row and column.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["ada", "bob"] * 2, "label": [1, 1, 1, 2]}
    >>> observed_agreement(labels)
    observed_agreement 0.500 [0.00, 1.00] (95 %, 2 items, 2 annotators; unsure: few items, few differ)
    """
    return estimate(observed_recipe(), labels, options)


def observed_recipe() -> Recipe:
    """Return what observed agreement is made of."""
    return Recipe(name="observed_agreement", prepare=_prepare, linearise=_linearise, rare=False)


def _prepare(ratings: Ratings, ordered: bool) -> Maker:  # noqa: ARG001, FBT001 -- what every recipe is given
    def make(profiles: Profiles) -> Sums:
        paired = profiles.pairs > 0
        shares = over(profiles.pair_sums(None), profiles.pairs)
        return Sums(np.column_stack([shares, paired]), no_entries(), 0, _mean)

    return make


def _mean(sums: Floats, totals: Floats) -> Floats:  # noqa: ARG001 -- what every statistic is given
    return ratio(sums[:, 0], sums[:, 1])


def _linearise(ratings: Ratings, ordered: bool) -> Linearised:  # noqa: ARG001, FBT001 -- as above
    def parts(profiles: Profiles) -> Floats:
        shares = over(profiles.pair_sums(None), profiles.pairs)
        return np.where(profiles.pairs > 0, shares, np.nan)

    return parts
