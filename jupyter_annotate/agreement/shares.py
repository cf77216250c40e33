"""Coefficients whose chance agreement comes from the share of each label, averaged over items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles
from jupyter_annotate.agreement.recipe import Linearised, Maker, Recipe
from jupyter_annotate.agreement.sums import Sums, over, ratio
from jupyter_annotate.agreement.weighting import Weights, check_weights, weight_matrix
from jupyter_annotate.ratings import Ratings

__all__ = ["Chance", "agreed_pairs", "shares_recipe"]


@dataclass(frozen=True, slots=True)
class Chance:
    """How often annotators would agree by chance.

    Parameters
    ----------
    expected
        From the share of each label, shape (..., q), to chance agreement, shape (...).
    slope
        From the same, shape (q,), to what an item all of one label says of it. Shape (q,).
    """

    expected: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def shares_recipe(
    name: str, weights: Weights, chance: Callable[[Floats], Chance], *, two: bool = False, rare: bool = True
) -> Recipe:
    """Return a coefficient (pa - pe) / (1 - pe), with gaps handled as in Gwet 2014, chapters 2 and 3.

    Agreement pa is the mean over items with two labels or more; the shares of the labels, which pe comes
    from, are means over all items with a label.

    Parameters
    ----------
    name
        Name of the coefficient.
    weights
        How far two labels agree.
    chance
        From the matrix of weights to chance agreement.
    two, rare
        As in `Recipe`.
    """
    check_weights(weights)

    def prepare(ratings: Ratings, ordered: bool) -> Maker:  # noqa: FBT001 -- what every recipe is given
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)
        return lambda profiles: _sums(profiles, _between(weights, matrix), chance(matrix).expected)

    def linearise(ratings: Ratings, ordered: bool) -> Linearised:  # noqa: FBT001 -- as above
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)
        return lambda profiles: _parts(profiles, _between(weights, matrix), chance(matrix))

    return Recipe(name=name, prepare=prepare, linearise=linearise, single=True, two=two, rare=rare)


Between = Callable[[Integers, Integers], Floats] | None


def _between(weights: Weights, matrix: Floats) -> Between:
    """Return what a pair of labels counts; None says the same as the identity, and is faster."""
    if isinstance(weights, str) and weights == "identity":
        return None
    return lambda one, other: matrix[one, other]


def agreed_pairs(profiles: Profiles, between: Between) -> Floats:
    """Return how far the pairs of an item of each profile agree, 0 without pairs. Shape (k,)."""
    return over(profiles.pair_sums(between), profiles.pairs)


def _item_shares(profiles: Profiles) -> Floats:
    """Return the share of an item's labels that each entry has."""
    return over(profiles.count, profiles.sizes[profiles.owner])


def _sums(profiles: Profiles, between: Between, expected: Callable[[Floats], Floats]) -> Sums:
    sizes = profiles.sizes
    figures = [agreed_pairs(profiles, between), profiles.pairs > 0, sizes > 0]
    entries = (profiles.owner, profiles.label, _item_shares(profiles))

    def coefficient(sums: Floats, totals: Floats) -> Floats:
        agreed = ratio(sums[:, 0], sums[:, 1])
        chance = expected(over(totals, np.broadcast_to(sums[:, 2:], totals.shape)))
        return ratio(agreed - chance, 1 - chance)

    return Sums(np.column_stack(figures), entries, profiles.shape[1], coefficient)


def _parts(profiles: Profiles, between: Between, chance: Chance) -> Floats:
    """Linearise: Gwet 2014, chapter 5; reproduces the standard errors printed there."""
    items, paired = profiles.items, profiles.pairs > 0
    shares = (
        np.bincount(profiles.label, items[profiles.owner] * _item_shares(profiles), profiles.shape[1])
        / items.sum()
    )
    agreed = agreed_pairs(profiles, between)
    expected = float(chance.expected(shares))
    mean = items @ agreed / items[paired].sum()
    value = (mean - expected) / (1 - expected)
    slope = chance.slope(shares)[profiles.label]
    own = np.bincount(profiles.owner, _item_shares(profiles) * slope, len(items))
    above = items.sum() / items[paired].sum() * (agreed - expected * paired) / (1 - expected)
    found: Floats = above - 2 * (1 - value) * (own - expected) / (1 - expected)
    return found
