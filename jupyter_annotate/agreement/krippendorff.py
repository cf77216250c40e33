"""Krippendorff's alpha for labels of any kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack, get_args

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.estimate import estimate
from jupyter_annotate.agreement.metrics import Metric, check_labels, distance_of, expected_pairs
from jupyter_annotate.agreement.options import Options
from jupyter_annotate.agreement.ordinal import OrdinalAlpha
from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles
from jupyter_annotate.agreement.recipe import Linearised, Maker, Recipe
from jupyter_annotate.agreement.sums import Sums, no_entries, over
from jupyter_annotate.agreement.weighting import places_of
from jupyter_annotate.ratings import Ratings

__all__ = ["alpha_recipe", "krippendorff_alpha"]

AnyMetric = Metric | Callable[[object, object], float]


def krippendorff_alpha(
    labels: object, *, metric: AnyMetric = "nominal", **options: Unpack[Options]
) -> Agreement:
    """Measure agreement beyond chance: Krippendorff's alpha.

    1 is perfect, 0 is what chance gives, below 0 is systematic disagreement. Any number of annotators, who
    need not have labeled the same items (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", in
    the closed form 1 - sum_u S_u / (m_u - 1) * (n - 1) / S over the multisets of labels).

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label. Text, numbers, booleans, categories, dates or lists. Null is a
        missing label.
    metric
        How far apart two labels are. ``"nominal"``: equal or not; a list is a set of labels and counts as one
        category. ``"ordinal"``: by how many labels lie between them; labels that are no numbers need
        ``categories`` in their order. ``"interval"``: the squared difference of numbers. ``"ratio"``: the
        same over their squared sum. ``"jaccard"``: what two sets do not share; ``"masi"``: the same, less
        where one holds the other (Passonneau 2006). Or a function of two labels that returns the distance,
        squared if it should be. The last four take time with the square of how many different labels there
        are, the first three do not.
    **options
        As in `Options`: categories, interval, cluster, item_weights, random, null, level, replicates, seed.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or where all labels are the same.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels cannot be used; with row and column.
    ValueError
        If the metric is not known, or labels without an order are asked for their order.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(12)) * 2,
    ...     "annotator_id": ["ada"] * 12 + ["bob"] * 12,
    ...     "label": ["glad", "sad", "glad"] * 4 + ["glad", "sad", "sad"] * 3 + ["glad", "sad", "glad"],
    ... }
    >>> krippendorff_alpha(labels)  # doctest: +ELLIPSIS
    krippendorff_alpha 0.517 [...] (95 %, 12 items, 2 annotators; unsure: few items, few rare)
    """
    return estimate(alpha_recipe(metric), labels, options)


def alpha_recipe(metric: AnyMetric = "nominal") -> Recipe:
    """Return what alpha is made of.

    Raises
    ------
    ValueError
        If the metric is not known.
    """
    if not callable(metric) and metric not in get_args(Metric):
        message = f"Expected metric to be one of {list(get_args(Metric))} or a function, found {metric!r}."
        raise ValueError(message)

    def prepare(ratings: Ratings, ordered: bool) -> Maker:  # noqa: FBT001 -- what every recipe is given
        return _maker(metric, ratings.categories, ordered=ordered)

    def check(column: pl.Series, what: str) -> None:
        check_labels(metric, column, what)

    nominal = metric == "nominal"
    linearise = _linearise if nominal else None
    return Recipe(name="krippendorff_alpha", prepare=prepare, linearise=linearise, check=check, rare=nominal)


def _maker(metric: AnyMetric, categories: pl.Series, *, ordered: bool) -> Maker:
    if metric == "nominal":
        return _nominal
    if metric == "ordinal":
        places = places_of(categories, ordered=ordered, purpose="metric='ordinal'")
        return lambda profiles: OrdinalAlpha(profiles, places)
    if metric == "interval":
        values = categories.cast(pl.Float64).to_numpy()
        return lambda profiles: _interval(profiles, values)
    distance = distance_of(metric, categories)

    def alpha(sums: Floats, totals: Floats) -> Floats:
        return _alpha(sums[:, 0], expected_pairs(totals, distance), totals.sum(axis=1))

    def make(profiles: Profiles) -> Sums:
        found, n_labels = profiles.pair_sums(distance), profiles.shape[1]
        return Sums(_scaled(profiles, found)[:, None], _pairable(profiles), n_labels, alpha, n_labels**2)

    return make


def _scaled(profiles: Profiles, found: Floats) -> Floats:
    """Divide the disagreement of an item's pairs by how many labels each is compared with."""
    return over(found * profiles.sizes, profiles.pairs)


def _pairable(profiles: Profiles) -> tuple[Integers, Integers, Floats]:
    """Count labels that are compared with another."""
    paired = profiles.pairs > 0
    return profiles.owner, profiles.label, profiles.count * paired[profiles.owner]


def _alpha(found: Floats, expected: Floats, n: Floats) -> Floats:
    nothing: Floats = np.full(len(found), np.nan)
    return 1 - np.divide(found * (n - 1), expected, out=nothing, where=expected > 0)


def _nominal(profiles: Profiles) -> Sums:
    found = profiles.pairs - profiles.pair_sums(None)
    return Sums(_scaled(profiles, found)[:, None], _pairable(profiles), profiles.shape[1], _nominal_alpha)


def _nominal_alpha(sums: Floats, totals: Floats) -> Floats:
    n = totals.sum(axis=1)
    return _alpha(sums[:, 0], n * n - (totals * totals).sum(axis=1), n)


def _interval(profiles: Profiles, values: Floats) -> Sums:
    # In the middle of their range, in units of half of it: squares of large numbers would cancel.
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    centred = (values - (low + (high - low) / 2)) / max((high - low) / 2, np.finfo(float).tiny)
    weighted = profiles.count * centred[profiles.label]
    k = len(profiles.items)
    first = np.bincount(profiles.owner, weighted, k)
    second = np.bincount(profiles.owner, weighted * centred[profiles.label], k)
    sizes, paired = profiles.sizes, profiles.pairs > 0
    # Equal numbers differ by nothing but rounding.
    found = 2 * np.maximum(sizes * second - first**2, 0)
    found[np.bincount(profiles.owner, minlength=k) == 1] = 0
    figures = [_scaled(profiles, found), *(np.where(paired, each, 0) for each in (sizes, first, second))]
    return Sums(np.column_stack(figures), no_entries(), 0, _interval_alpha)


def _interval_alpha(sums: Floats, totals: Floats) -> Floats:  # noqa: ARG001 -- what every statistic is given
    found, n, first, second = sums.T
    expected = 2 * (n * second - first**2)
    # Where all labels are equal what is left is rounding.
    expected[expected <= 1e-12 * n * second] = 0
    return _alpha(found, expected, n)


def _linearise(ratings: Ratings, ordered: bool) -> Linearised:  # noqa: ARG001, FBT001 -- what every recipe is given
    """Linearise alpha as Gwet 2014 does, around a value without its correction for the number of labels."""

    def parts(profiles: Profiles) -> Floats:
        sizes = profiles.sizes
        items = np.where(sizes > 1, profiles.items, 0)
        mean = items @ sizes / items.sum()
        owner, label, count = profiles.owner, profiles.label, profiles.count
        shares = np.bincount(label, items[owner] * count, profiles.shape[1]) / (mean * items.sum())
        chance = shares @ shares
        same = over(profiles.pair_sums(None), mean * (sizes - 1))
        agreed = items @ same / items.sum()
        away = (sizes - mean) / mean
        own = np.bincount(owner, count * shares[label], len(items)) / mean
        alpha = (agreed - chance) / (1 - chance)
        above, below = same - agreed * away, own - chance * away
        found: Floats = (above - chance) / (1 - chance) - 2 * (1 - alpha) * (below - chance) / (1 - chance)
        return np.where(sizes > 1, found, np.nan)

    return parts
