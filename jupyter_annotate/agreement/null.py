"""The null: what a coefficient would be if annotators labeled without looking."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.bootstrap import ROUNDING
from jupyter_annotate.agreement.profiles import Floats
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.sample import Sample, profiles_in
from jupyter_annotate.agreement.sums import STEP
from jupyter_annotate.ratings import Ratings

__all__ = ["NullCheck", "null_of"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class NullCheck:
    """What a coefficient is when each annotator's labels are shuffled over the items he labeled.

    Parameters
    ----------
    coefficient
        Name of the coefficient.
    value
        Its value as the labels are.
    p
        How often shuffled labels agree as much: (1 + how many draws do) / (1 + draws), as Phipson and Smyth
        2010 (doi:10.2202/1544-6115.1585) say it has to be. nan where there is no value.
    draws
        Its values with shuffled labels, sorted. Shape (draws,).

    Examples
    --------
    >>> NullCheck(coefficient="alpha", value=0.5, p=0.01, draws=np.array([-0.1, 0.1]))
    alpha 0.500; shuffled labels 0.000 ± 0.141, p = 0.010 (2 draws)
    """

    coefficient: str
    value: float
    p: float
    draws: Floats

    @property
    def mean(self) -> float:
        """The mean of the draws: about 0 for a coefficient that takes chance out well."""
        return float(self.draws.mean()) if len(self.draws) else math.nan

    @property
    def deviation(self) -> float:
        """The standard deviation of the draws."""
        return float(self.draws.std(ddof=1)) if len(self.draws) > 1 else math.nan

    def __repr__(self) -> str:
        """Return one line."""
        shuffled = f"shuffled labels {self.mean:.3f} ± {self.deviation:.3f}"
        return (
            f"{self.coefficient} {self.value:.3f}; {shuffled}, p = {self.p:.3f} ({len(self.draws):,} draws)"
        )


def null_of(recipe: Recipe, sample: Sample, value: float, *, replicates: int, seed: int) -> NullCheck:
    """Shuffle the labels of each annotator over the items he labeled, and measure again.

    Who labeled what and how often anyone gives which label stay as they are.
    """
    parts = [np.empty(0)]
    if not math.isnan(value):
        parts += [
            _values(recipe, sample, labels)
            for labels in _shuffled(sample.ratings, replicates, np.random.default_rng(seed))
        ]
    drawn = np.concatenate(parts)
    defined = np.sort(drawn[~np.isnan(drawn)])
    as_much = np.count_nonzero(defined >= value - ROUNDING)
    p = (1 + as_much) / (1 + len(defined)) if len(defined) else math.nan
    return NullCheck(coefficient=recipe.name, value=value, p=float(p), draws=defined)


def _shuffled(ratings: Ratings, replicates: int, rng: np.random.Generator) -> Iterator[NDArray[np.int32]]:
    """Yield shuffled labels, several times all of them. Shape (some replicates, n)."""
    n = len(ratings)
    order = np.argsort(ratings.annotator, kind="stable")
    own = ratings.label[order]
    # Items of one step may have a profile each, and each replicate a weight for each.
    rows = max(min(STEP // n, math.isqrt(STEP // len(ratings.items))), 1)
    blocks = np.split(np.arange(n), np.flatnonzero(np.diff(ratings.annotator[order])) + 1)
    for start in range(0, replicates, rows):
        labels = np.empty((min(rows, replicates - start), n), dtype=np.int32)
        for block in blocks:
            labels[:, order[block]] = rng.permuted(np.tile(own[block], (len(labels), 1)), axis=1)
        yield labels


def _values(recipe: Recipe, sample: Sample, labels: NDArray[np.int32]) -> Floats:
    """Measure several labelings of the same items at once, as if each had items of its own."""
    ratings = sample.ratings
    n_draws, n_items = len(labels), len(ratings.items)
    shift = np.repeat(np.arange(n_draws) * n_items, len(ratings))
    stacked = replace(
        ratings,
        items=ratings.items.new_from_index(0, n_draws * n_items),
        item=(np.tile(ratings.item, n_draws) + shift).astype(np.int32),
        annotator=np.tile(ratings.annotator, n_draws),
        label=labels.ravel(),
    )
    weights = None if sample.weights is None else np.tile(sample.weights, n_draws)
    profiles = profiles_in(replace(sample, ratings=stacked, weights=weights, clusters=None), recipe)
    k = len(profiles.items)
    counts = np.empty((n_draws, k))
    for row, of_item in zip(counts, profiles.of_item.reshape(n_draws, n_items), strict=True):
        row[:] = np.bincount(of_item[of_item >= 0], minlength=k)
    return recipe.prepare(stacked, sample.ordered)(profiles).values(counts * profiles.weights)
