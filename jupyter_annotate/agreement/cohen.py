"""Cohen's kappa, and Conger's, which is the same for many: chance from how frequent labels are for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

import numpy as np

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.estimate import estimate
from jupyter_annotate.agreement.options import Options
from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles
from jupyter_annotate.agreement.recipe import Linearised, Maker, Recipe
from jupyter_annotate.agreement.shares import agreed_pairs
from jupyter_annotate.agreement.sums import Sums, over, ratio
from jupyter_annotate.agreement.weighting import Weights, check_weights, weight_matrix
from jupyter_annotate.ratings import Ratings

__all__ = ["cohen_kappa", "cohen_recipe", "conger_kappa", "conger_recipe"]


def cohen_kappa(labels: object, *, weights: Weights = "identity", **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance between two annotators: Cohen's kappa.

    Chance agreement is that of a label of one and a label of the other (Cohen 1960,
    doi:10.1177/001316446002000104; weighted, Cohen 1968, doi:10.1037/h0026256). Only items that both labeled
    count.

    Parameters
    ----------
    labels
        LABELS of two annotators: item_id, annotator_id, label. Null is a missing label.
    weights
        What two labels count: ``"identity"``, ``"linear"``, ``"quadratic"``, ``"ordinal"``, ``"radical"``,
        ``"ratio"``, ``"bipolar"``, or a matrix in the order of the categories. But for the first and the
        last they need numbers, or labels whose order ``categories`` says.
    **options
        As in `Options`.

    Returns
    -------
    agreement
        nan with a reason where both labeled no item, or each gives the same label always.

    Raises
    ------
    ColumnError
        If there are more than two annotators, one has two labels on an item, or the labels cannot be used;
        with row and column.
    ValueError
        If the weights do not fit the labels.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(4)) * 2,
    ...     "annotator_id": ["ada"] * 4 + ["bob"] * 4,
    ...     "label": ["x", "x", "y", "y", "x", "x", "x", "y"],
    ... }
    >>> cohen_kappa(labels, replicates=0).value
    0.5
    """
    return estimate(cohen_recipe(weights), labels, options)


def conger_kappa(labels: object, *, weights: Weights = "identity", **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance among named annotators: Conger's kappa.

    Cohen's kappa for any number of annotators: chance agreement is the mean over all pairs of annotators of
    that of a label of one and a label of the other (Conger 1980, doi:10.1037/0033-2909.88.2.322; with gaps,
    Gwet 2014, chapter 2, where labels on items with one label count for how frequent labels are).

    Parameters
    ----------
    labels, weights, **options
        As for `cohen_kappa`, with any number of annotators.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or all labels are the same.

    Raises
    ------
    ColumnError, ValueError
        As `cohen_kappa`.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(4)) * 2,
    ...     "annotator_id": ["ada"] * 4 + ["bob"] * 4,
    ...     "label": ["x", "x", "y", "y", "x", "x", "x", "y"],
    ... }
    >>> conger_kappa(labels, replicates=0).value
    0.5
    """
    return estimate(conger_recipe(weights), labels, options)


def cohen_recipe(weights: Weights = "identity") -> Recipe:
    """Return what Cohen's kappa is made of."""
    check_weights(weights)

    def prepare(ratings: Ratings, ordered: bool) -> Maker:  # noqa: FBT001 -- what every recipe is given
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)
        return lambda profiles: _sums(profiles, matrix, _cohen_chance(matrix))

    def linearise(ratings: Ratings, ordered: bool) -> Linearised:  # noqa: FBT001 -- as above
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)
        return lambda profiles: _cohen_parts(profiles, matrix)

    return Recipe(name="cohen_kappa", prepare=prepare, linearise=linearise, by_annotator=True, two=True)


def conger_recipe(weights: Weights = "identity") -> Recipe:
    """Return what Conger's kappa is made of."""
    check_weights(weights)

    def prepare(ratings: Ratings, ordered: bool) -> Maker:  # noqa: FBT001 -- what every recipe is given
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)

        def make(profiles: Profiles) -> Sums:
            return _sums(profiles, matrix, _conger_chance(matrix, profiles))

        return make

    def linearise(ratings: Ratings, ordered: bool) -> Linearised:  # noqa: FBT001 -- as above
        matrix = weight_matrix(weights, ratings.categories, ordered=ordered)
        return lambda profiles: _conger_parts(profiles, matrix)

    return Recipe(name="conger_kappa", prepare=prepare, linearise=linearise, by_annotator=True, single=True)


def _between(matrix: Floats) -> Callable[[Integers, Integers], Floats]:
    """Return what two labels count, whoever gave them."""
    q = len(matrix)
    return lambda one, other: matrix[one % q, other % q]


def _sums(profiles: Profiles, matrix: Floats, chance: Callable[[Floats], Floats]) -> Sums:
    figures = [agreed_pairs(profiles, _between(matrix)), profiles.pairs > 0]
    n_annotators, n_categories = profiles.shape

    def coefficient(sums: Floats, totals: Floats) -> Floats:
        agreed = ratio(sums[:, 0], sums[:, 1])
        expected = chance(totals.reshape(-1, n_annotators, n_categories))
        return ratio(agreed - expected, 1 - expected)

    entries = (profiles.owner, profiles.label, profiles.count)
    return Sums(np.column_stack(figures), entries, n_annotators * n_categories, coefficient)


def _cohen_chance(matrix: Floats) -> Callable[[Floats], Floats]:
    def expected(totals: Floats) -> Floats:
        shares = _own_shares(totals)
        found: Floats = ((shares[:, 0] @ matrix) * shares[:, 1]).sum(axis=-1)
        return found

    return expected


def _conger_chance(matrix: Floats, profiles: Profiles) -> Callable[[Floats], Floats]:
    """Return the mean over pairs of annotators with labels: the sum over all less that with oneself."""

    def expected(totals: Floats) -> Floats:
        shares = _own_shares(totals)
        amounts = np.where(totals.sum(axis=2) > 0, profiles.annotators, 0)
        summed = (amounts[:, :, None] * shares).sum(axis=1)
        everyone = ((summed @ matrix) * summed).sum(axis=1)
        oneself = (amounts**2 * ((shares @ matrix) * shares).sum(axis=2)).sum(axis=1)
        return ratio(everyone - oneself, amounts.sum(axis=1) ** 2 - (amounts**2).sum(axis=1))

    return expected


def _own_shares(totals: Floats) -> Floats:
    """Return the share of an annotator's labels that each label has. Shape as totals, (draws, R, V)."""
    return over(totals, np.broadcast_to(totals.sum(axis=2, keepdims=True), totals.shape))


def _cohen_parts(profiles: Profiles, matrix: Floats) -> Floats:
    """Linearise: Fleiss, Cohen and Everitt 1969 (doi:10.1037/h0028106), equation 15, item by item."""
    n_categories = len(matrix)
    totals = np.bincount(
        profiles.label, profiles.items[profiles.owner] * profiles.count, 2 * n_categories
    ).reshape(2, n_categories)
    first, second = totals / profiles.items.sum()
    expected = first @ matrix @ second
    agreed = agreed_pairs(profiles, _between(matrix))
    missed = 1 - profiles.items @ agreed / profiles.items.sum()
    # What the other annotator's labels make of a label.
    other = np.concatenate([matrix @ second, matrix.T @ first])
    own = np.bincount(profiles.owner, other[profiles.label], len(profiles.items))
    found: Floats = (agreed * (1 - expected) - own * missed) / (1 - expected) ** 2
    return found


def _conger_parts(profiles: Profiles, matrix: Floats) -> Floats:
    """Linearise as Gwet 2014, chapter 5, does his own: each annotator's shares rest on his own items."""
    items, (n_annotators, n_categories) = profiles.items, profiles.shape
    totals = np.bincount(
        profiles.label, items[profiles.owner] * profiles.count, n_annotators * n_categories
    ).reshape(n_annotators, n_categories)
    given = totals.sum(axis=1)
    shares = totals / given[:, None]
    n, n_paired = items.sum(), items[profiles.pairs > 0].sum()
    # What the labels of all others make of a label of this annotator, and of his own on average.
    other = (shares.sum(axis=0) - shares) @ matrix
    average = (shares * other).sum(axis=1)
    n_pairs = n_annotators * (n_annotators - 1)
    expected = average.sum() / n_pairs
    away = ((other - average[:, None]) * (n / given)[:, None]).ravel() / n_pairs
    agreed = agreed_pairs(profiles, _between(matrix))
    value = (items @ agreed / n_paired - expected) / (1 - expected)
    above = n / n_paired * (agreed - expected * (profiles.pairs > 0)) / (1 - expected)
    own = np.bincount(profiles.owner, away[profiles.label], len(items))
    found: Floats = above - 2 * (1 - value) * own / (1 - expected)
    return found
