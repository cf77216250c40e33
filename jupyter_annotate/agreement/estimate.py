"""Estimate: from LABELS and what a coefficient is made of to an `Agreement`."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jupyter_annotate.agreement.base import Agreement, Caution, Reason
from jupyter_annotate.agreement.bootstrap import (
    ROUNDING,
    Spread,
    corrected_interval,
    n_units,
    plain_interval,
    spread_of,
)
from jupyter_annotate.agreement.linearised import linearised_interval, standard_error
from jupyter_annotate.agreement.null import null_of
from jupyter_annotate.agreement.options import Options, Settings, settings_of
from jupyter_annotate.agreement.profiles import Profiles
from jupyter_annotate.agreement.recipe import Maker, Recipe
from jupyter_annotate.agreement.sample import Sample, profiles_in, sample_of
from jupyter_annotate.agreement.sums import Statistic
from jupyter_annotate.agreement.two_way import two_way_spread

__all__ = ["FEW_EFFECTIVE", "FEW_ITEMS", "estimate", "measure"]

#: With fewer items, clusters or annotators than this, or fewer that matter, an interval may be too short.
FEW_ITEMS, FEW_ANNOTATORS, FEW_OTHERS, FEW_EFFECTIVE = 30, 10, 10, 5


def estimate(recipe: Recipe, labels: object, options: Options) -> Agreement:
    """Measure agreement.

    Parameters
    ----------
    recipe
        What the coefficient is made of.
    labels
        LABELS.
    options
        What the caller chose.

    Raises
    ------
    ColumnError
        If the labels cannot be used, with row and column.
    ValueError, TypeError
        If an option is impossible.
    """
    settings = settings_of(options, f"{recipe.name}()")
    return measure(recipe, sample_of(recipe, labels, settings), settings)


def measure(
    recipe: Recipe, sample: Sample, settings: Settings, profiles: Profiles | None = None
) -> Agreement:
    """Measure agreement in labels that are ready, or in profiles of which the sample shows one item each."""
    ratings = sample.ratings
    profiles = profiles_in(sample, recipe) if profiles is None else profiles
    found = _counted(recipe, sample, profiles, settings)
    if found.reason is not None:
        return found
    make = recipe.prepare(ratings, sample.ordered)
    statistic = make(profiles)
    value = float(statistic.values((profiles.items * profiles.weights)[None])[0])
    if math.isnan(value):
        return replace(found, reason=Reason.NO_VARIATION)
    found = replace(found, value=value)
    if settings.null:
        null = null_of(recipe, sample, value, replicates=settings.replicates or 1000, seed=settings.seed)
        found = replace(found, details={**found.details, "null": null})
    if settings.interval == "analytic":
        return _with_linearised(found, recipe, sample, profiles, settings)
    return _with_draws(found, recipe, sample, (profiles, statistic, make), settings)


def _counted(recipe: Recipe, sample: Sample, profiles: Profiles, settings: Settings) -> Agreement:
    """Return what was counted, and the reason if there is nothing to measure."""
    ratings = sample.ratings
    pairs, sizes = profiles.pairs, profiles.sizes
    paired = pairs > 0
    reason = None if paired.any() else Reason.NO_PAIRS if len(ratings) else Reason.NO_LABELS
    seen = np.bincount(ratings.label, minlength=len(ratings.categories))
    return Agreement(
        coefficient=recipe.name,
        value=math.nan,
        level=settings.level,
        n_items=int(profiles.items[paired].sum()),
        n_annotators=len(ratings.annotators),
        n_pairs=round(float(profiles.items @ pairs) / 2),
        n_labels=round(float((profiles.items * sizes)[paired].sum())),
        n_single=int((ratings.sizes() == 1).sum()),
        n_missing=ratings.n_missing,
        reason=reason,
        details={
            "categories": int((seen > 0).sum()),
            "possible_categories": len(ratings.categories),
            "interval": settings.interval if settings.cluster is None else "cluster",
            **sample.said,
        },
    )


def _with_linearised(
    found: Agreement, recipe: Recipe, sample: Sample, profiles: Profiles, settings: Settings
) -> Agreement:
    if recipe.linearise is None:
        message = (
            f"Expected interval='bootstrap' or 'cluster', as {recipe.name} has no other, found 'analytic'."
        )
        raise ValueError(message)
    parts = recipe.linearise(sample.ratings, sample.ordered)(profiles)
    n = int(profiles.items[~np.isnan(parts)].sum())
    error = standard_error(profiles, parts)
    details = {**found.details, "standard_error": error}
    if n == 1:
        return replace(found, reason=Reason.ONE_ITEM, details=details)
    if error < ROUNDING:
        return replace(found, reason=Reason.ALIKE, details=details)
    interval = linearised_interval(found.value, error, n, settings.level)
    warnings = _cautions(recipe, profiles, n, settings)
    return replace(found, interval=interval, details=details, warnings=warnings)


def _with_draws(
    found: Agreement,
    recipe: Recipe,
    sample: Sample,
    made: tuple[Profiles, Statistic, Maker],
    settings: Settings,
) -> Agreement:
    profiles, statistic, make = made
    details = {**found.details, "replicates": settings.replicates, "undefined_draws": 0}
    units = n_units(profiles)
    reason = _no_draws(found, units, settings)
    if reason is not None:
        return replace(found, reason=reason, details=details)
    both = settings.interval == "cluster" and settings.cluster is None
    if both:
        spread = _both_ways(recipe, sample, make, found.value, settings)
    else:
        spread = spread_of(
            profiles, statistic, found.value, replicates=settings.replicates, seed=settings.seed
        )
    details["undefined_draws"] = spread.undefined
    if spread.is_empty:
        return replace(found, reason=Reason.ALIKE, details=details)
    interval = plain_interval(spread, settings.level) if both else corrected_interval(spread, settings.level)
    warnings = _cautions(recipe, profiles, units, settings, spread)
    return replace(found, interval=interval, details=details, warnings=warnings)


def _no_draws(found: Agreement, units: int, settings: Settings) -> Reason | None:
    if not settings.replicates:
        return Reason.NOT_ASKED
    if found.n_items == 1:
        return Reason.ONE_ITEM
    return Reason.ONE_CLUSTER if units == 1 else None


def _both_ways(recipe: Recipe, sample: Sample, make: Maker, value: float, settings: Settings) -> Spread:
    if recipe.two:
        message = (
            f"Expected interval='bootstrap', or cluster= a column: {recipe.name} is about two annotators, "
            "so others cannot be drawn in their place."
        )
        raise ValueError(message)
    apart = profiles_in(sample, recipe, by_annotator=True)
    return two_way_spread(recipe, apart, make, value, settings)


def _cautions(
    recipe: Recipe, profiles: Profiles, units: int, settings: Settings, spread: Spread | None = None
) -> tuple[Caution, ...]:
    """Return why the interval may be too short (docs/coverage.md shows by how much)."""
    found = []
    if units < FEW_ITEMS:
        found.append(Caution.FEW_ITEMS if profiles.units is None else Caution.FEW_CLUSTERS)
    if settings.interval == "cluster" and settings.cluster is None and profiles.shape[0] < FEW_ANNOTATORS:
        found.append(Caution.FEW_ANNOTATORS)
    if recipe.rare and _other_items(profiles) < FEW_OTHERS:
        found.append(Caution.FEW_RARE)
    if spread is not None and spread.effective_units < FEW_EFFECTIVE:
        found.append(Caution.FEW_DIFFER)
    if spread is not None and spread.undefined > len(spread.draws) / 9:
        found.append(Caution.FEW_DEFINED)
    return tuple(found)


def _other_items(profiles: Profiles) -> float:
    """Count the items whose label is not the most frequent one, by most of their annotators; ties by half."""
    n_categories = max(profiles.shape[1], 1)
    category = profiles.label % n_categories
    frequent = np.bincount(category, profiles.count * profiles.items[profiles.owner], n_categories).argmax()
    keys, cell = np.unique(profiles.owner * n_categories + category, return_inverse=True)
    counts = np.bincount(cell, profiles.count)
    owner, category = np.divmod(keys, n_categories)
    most = np.zeros(len(profiles.items))
    np.maximum.at(most, owner, counts)
    top = counts == most[owner]
    n_top = np.bincount(owner[top], minlength=len(most))
    n_frequent = np.bincount(owner[top & (category == frequent)], minlength=len(most))
    paired = profiles.pairs > 0
    return float((profiles.items * (1 - n_frequent / np.maximum(n_top, 1)))[paired].sum())
