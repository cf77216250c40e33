"""Comparing two agreements on the same items, and one agreement with chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import Agreement, Caution, Reason
from jupyter_annotate.agreement.bootstrap import Spread, corrected_interval, draws, spread, two_sided_p
from jupyter_annotate.agreement.estimate import FEW_EFFECTIVE, FEW_ITEMS, measure
from jupyter_annotate.agreement.null import NullCheck, null_of
from jupyter_annotate.agreement.options import Options, Settings, settings_of
from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles, dense_codes
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.recipes import Named, recipe_named
from jupyter_annotate.agreement.sample import Sample, profiles_in, sample_of
from jupyter_annotate.agreement.sums import Statistic

__all__ = ["Comparison", "compare_agreement", "null_check"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Comparison:
    """How far two agreements differ.

    Parameters
    ----------
    coefficient
        Name of the coefficient.
    first, second
        Each agreement by itself, without an interval.
    difference
        The first less the second; nan where one of them is undefined.
    interval
        Of the difference: low and high end, or None.
    level
        Confidence level of the interval.
    p
        How likely a difference as large is if there is none: one less the level of the interval that ends
        at 0. nan without an interval.
    n_items
        Items with labels of either.
    n_shared
        Items with labels of both, which is what makes the comparison sharp.
    reason
        Why there is no difference or no interval.
    warnings
        As of `Agreement`.

    Examples
    --------
    >>> one, other = (Agreement(coefficient="alpha", value=value) for value in (0.75, 0.5))
    >>> Comparison(
    ...     coefficient="alpha",
    ...     first=one,
    ...     second=other,
    ...     difference=0.25,
    ...     interval=(0.1, 0.4),
    ...     p=0.01,
    ...     n_items=80,
    ... )
    alpha 0.750 - 0.500 = +0.250 [+0.10, +0.40] (95 %, p = 0.010, 80 items, 0 shared)
    """

    coefficient: str
    first: Agreement
    second: Agreement
    difference: float
    interval: tuple[float, float] | None = None
    level: float = 0.95
    p: float = math.nan
    n_items: int = 0
    n_shared: int = 0
    reason: Reason | None = None
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return one line."""
        counts = f"{self.n_items:,} items, {self.n_shared:,} shared"
        values = f"{self.first.value:.3f} - {self.second.value:.3f} = {self.difference:+.3f}"
        if self.interval is None:
            return f"{self.coefficient} {values}, no interval: {self.reason} ({counts})"
        low, high = self.interval
        said = f"{100 * self.level:g} %, p = {self.p:.3f}, {counts}"
        return f"{self.coefficient} {values} [{low:+.2f}, {high:+.2f}] ({said})"


def null_check(
    labels: object,
    coefficient: Named = "krippendorff_alpha",
    *,
    scheme: Mapping[str, Any] | None = None,
    **options: Unpack[Options],
) -> NullCheck:
    """See what a coefficient is when each annotator's labels are shuffled over the items he labeled.

    Who labeled what stays as it is, and how often each annotator gives each label. A coefficient that takes
    chance out is then about 0; observed agreement is what chance alone gives.

    Parameters
    ----------
    labels
        LABELS.
    coefficient
        Its name in `COEFFICIENTS`, or its function.
    scheme
        Its own options, like ``{"metric": "ordinal"}``.
    **options
        As in `Options`; ``replicates`` says how often labels are shuffled.

    Returns
    -------
    null
        p value and draws; nan where the coefficient is undefined.

    Raises
    ------
    ColumnError, UnknownNameError, ValueError
        As for the coefficient, or if there is none of this name.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(20)) * 2,
    ...     "annotator_id": ["ada"] * 20 + ["bob"] * 20,
    ...     "label": ["x", "y"] * 20,
    ... }
    >>> null_check(labels, replicates=100).p < 0.02
    True
    """
    recipe = recipe_named(coefficient, scheme)
    settings = settings_of(options, "null_check()")
    sample = sample_of(recipe, labels, settings, "null_check()")
    value = measure(recipe, sample, replace(settings, replicates=0, null=False, interval="bootstrap")).value
    return null_of(recipe, sample, value, replicates=settings.replicates, seed=settings.seed)


def compare_agreement(
    labels_a: object,
    labels_b: object,
    coefficient: Named = "krippendorff_alpha",
    *,
    scheme: Mapping[str, Any] | None = None,
    **options: Unpack[Options],
) -> Comparison:
    """Compare two agreements: before and after a change of the guideline, or two groups of annotators.

    Items with labels in both are drawn together, so that what makes an item hard for both cancels.

    Parameters
    ----------
    labels_a, labels_b
        LABELS, of the same items or of others; an item is the same if its item_id is.
    coefficient
        Its name in `COEFFICIENTS`, or its function.
    scheme
        Its own options, like ``{"metric": "ordinal"}``.
    **options
        As in `Options`, but for ``cluster`` and ``interval``: items are drawn.

    Returns
    -------
    comparison
        The difference, its interval and p value.

    Raises
    ------
    ColumnError, UnknownNameError, ValueError
        As for the coefficient, or if an option is not for comparisons.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(40)) * 2,
    ...     "annotator_id": ["ada"] * 40 + ["bob"] * 40,
    ...     "label": ["x", "y"] * 20 + ["x", "y"] * 12 + ["x", "x"] * 8,
    ... }
    >>> compare_agreement(labels, labels, replicates=100)
    krippendorff_alpha 0.589 - 0.589 = +0.000, no interval: all items agree alike, so drawing them again
    cannot tell how sure this is (40 items, 40 shared)
    """
    what = "compare_agreement()"
    recipe, settings = recipe_named(coefficient, scheme), settings_of(options, what)
    if settings.interval != "bootstrap" or settings.cluster is not None:
        message = f"Expected items to be drawn, as {what} compares item by item, found other options."
        raise ValueError(message)
    samples = [sample_of(recipe, labels, settings, what) for labels in (labels_a, labels_b)]
    alone = replace(settings, replicates=0, null=False)
    first, second = (measure(recipe, sample, alone) for sample in samples)
    found = Comparison(
        coefficient=recipe.name,
        first=first,
        second=second,
        difference=first.value - second.value,
        level=settings.level,
    )
    undefined = next((each.reason for each in (first, second) if math.isnan(each.value)), None)
    if undefined is not None:
        return replace(found, reason=undefined)
    return _with_interval(found, recipe, samples, settings)


def _with_interval(
    found: Comparison, recipe: Recipe, samples: list[Sample], settings: Settings
) -> Comparison:
    both = [_Side(recipe, sample) for sample in samples]
    joint, places = _joint(samples, both)
    shared = (places >= 0).all(axis=0)
    found = replace(found, n_items=int(joint.items.sum()), n_shared=int(joint.items[shared].sum()))
    if not settings.replicates:
        return replace(found, reason=Reason.NOT_ASKED)
    if found.n_items == 1:
        return replace(found, reason=Reason.ONE_ITEM)
    values = [
        _difference(side.values(weights, at) for side, at in zip(both, places, strict=True))
        for weights in draws(joint, settings.replicates, settings.seed, max(side.k for side in both))
    ]
    left = [side.left(at) for side, at in zip(both, places, strict=True)]
    varies = spread(np.concatenate(values), found.difference, _less(left), joint.items)
    if varies.is_empty:
        return replace(found, reason=Reason.ALIKE)
    interval = corrected_interval(varies, settings.level)
    return replace(found, interval=interval, p=two_sided_p(varies), warnings=_cautions(varies))


class _Side:
    """One of two sets of labels: its profiles and statistic."""

    def __init__(self, recipe: Recipe, sample: Sample) -> None:
        self.profiles = profiles_in(sample, recipe)
        self.statistic: Statistic = recipe.prepare(sample.ratings, sample.ordered)(self.profiles)
        self.k = len(self.profiles.items)

    def values(self, weights: Floats, places: Integers) -> Floats:
        """Return a value for each draw of items of both sides."""
        inside = np.flatnonzero(places >= 0)
        order = inside[np.argsort(places[inside], kind="stable")]
        starts = np.flatnonzero(np.diff(places[order], prepend=-1))
        drawn = np.add.reduceat(weights[:, order], starts, axis=1)
        return self.statistic.values(drawn * self.profiles.weights)

    def left(self, places: Integers) -> Floats | None:
        """Return the value without an item of each kind of both sides, or None."""
        weights = self.profiles.items * self.profiles.weights
        without = self.statistic.without(weights, self.profiles.weights)
        value = self.statistic.values(weights[None])
        return None if without is None else np.append(without, value)[places]


def _joint(samples: list[Sample], sides: list[_Side]) -> tuple[Profiles, Integers]:
    """Return the kinds of items of both sides together, and which profile of each side they are, or -1."""
    ids = [sample.ratings.items.cast(pl.String) for sample in samples]
    frames = [
        pl.DataFrame({"item_id": name, f"{n}": side.profiles.of_item})
        for n, (name, side) in enumerate(zip(ids, sides, strict=True))
    ]
    joined = frames[0].join(frames[1], on="item_id", how="full", coalesce=True).fill_null(-1)
    places = joined.select("0", "1").to_numpy().astype(np.int64).T
    places = places[:, (places >= 0).any(axis=0)]
    key, _ = dense_codes(
        (places[0] + 1) * (sides[1].k + 1) + places[1] + 1, (sides[0].k + 1) * (sides[1].k + 1)
    )
    kinds, first, items = np.unique(key, return_index=True, return_counts=True)
    none = np.empty(0, dtype=np.int64)
    joint = Profiles(
        items=items,
        weights=np.ones(len(kinds)),
        units=None,
        owner=none,
        label=none,
        count=np.empty(0),
        square=np.empty(0),
        of_item=key,
        shape=(0, 0),
        annotators=np.empty(0),
    )
    return joint, places[:, first]


def _difference(values: Iterator[Floats]) -> Floats:
    first, second = values
    return first - second


def _less(left: list[Floats | None]) -> Floats | None:
    first, second = left
    return None if first is None or second is None else first - second


def _cautions(varies: Spread) -> tuple[Caution, ...]:
    found = [Caution.FEW_ITEMS] if varies.units < FEW_ITEMS else []
    found += [Caution.FEW_DIFFER] if varies.effective_units < FEW_EFFECTIVE else []
    return tuple(found)
