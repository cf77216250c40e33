"""Gwet's AC1 and AC2, and Brennan and Prediger's: chance that does not rise with a frequent label."""

from __future__ import annotations

from typing import Unpack

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.estimate import estimate
from jupyter_annotate.agreement.options import Options
from jupyter_annotate.agreement.profiles import Floats
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.shares import Chance, shares_recipe
from jupyter_annotate.agreement.weighting import Weights

__all__ = ["brennan_prediger", "brennan_recipe", "gwet_ac1", "gwet_ac2", "gwet_recipe"]


def gwet_ac1(labels: object, **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance: Gwet's AC1.

    Where one label is frequent, alpha and the kappas can be low although annotators agree on nearly every
    item. AC1 takes chance agreement to come from hard items alone (Gwet 2008,
    doi:10.1348/000711006X126600, equation 5; with gaps, Gwet 2014, chapter 2).

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label; any labels that can be equal. Null is a missing label. Items
        with one label count for how frequent labels are, not for agreement.
    **options
        As in `Options`: categories (chance depends on how many there are), interval, cluster, item_weights,
        random, null, level, replicates, seed.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or only one label could have been given.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels cannot be used; with row and column.

    Examples
    --------
    >>> labels = {
    ...     "item_id": list(range(10)) * 2,
    ...     "annotator_id": ["ada"] * 10 + ["bob"] * 10,
    ...     "label": [1] * 9 + [2] + [1] * 8 + [2, 2],
    ... }
    >>> round(gwet_ac1(labels).value, 4)  # Scott's pi is 0.6078
    0.8658
    """
    return estimate(gwet_recipe("gwet_ac1"), labels, options)


def gwet_ac2(labels: object, *, weights: Weights = "quadratic", **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance with credit for near misses: Gwet's AC2 (Gwet 2014, chapter 3).

    Parameters
    ----------
    labels
        LABELS, as for `gwet_ac1`; with a scheme, numbers, or labels whose order ``categories`` says.
    weights
        What two labels count: ``"identity"`` (AC1), ``"linear"``, ``"quadratic"``, ``"ordinal"``,
        ``"radical"``, ``"ratio"``, ``"bipolar"``, or a matrix in the order of the categories.
    **options
        As in `Options`.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or only one label could have been given.

    Raises
    ------
    ColumnError
        As `gwet_ac1`.
    ValueError
        If the weights do not fit the labels.

    Examples
    --------
    >>> labels = {"item_id": [1, 1, 2, 2], "annotator_id": ["ada", "bob"] * 2, "label": [1, 2, 3, 3]}
    >>> round(gwet_ac2(labels, weights="linear").value, 3)
    0.478
    """
    return estimate(gwet_recipe("gwet_ac2", weights), labels, options)


def brennan_prediger(
    labels: object, *, weights: Weights = "identity", **options: Unpack[Options]
) -> Agreement:
    """Measure agreement beyond chance, if by chance every label were as likely.

    Brennan and Prediger 1981 (doi:10.1177/001316448104100307), also known as S (Bennett, Alpert and
    Goldstein 1954) and as free-marginal kappa; weighted and with gaps as in Gwet 2014, chapters 2 and 3.

    Parameters
    ----------
    labels, weights, **options
        As for `gwet_ac2`; by default only equal labels agree.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or only one label could have been given.

    Raises
    ------
    ColumnError, ValueError
        As `gwet_ac2`.

    Examples
    --------
    >>> labels = {"item_id": [1, 1, 2, 2], "annotator_id": ["ada", "bob"] * 2, "label": ["x", "x", "x", "y"]}
    >>> brennan_prediger(labels, replicates=0).value
    0.0
    """
    return estimate(brennan_recipe(weights), labels, options)


def gwet_recipe(name: str, weights: Weights = "identity") -> Recipe:
    """Return what AC1 and AC2 are made of."""
    return shares_recipe(name, weights, _gwet_chance, rare=False)


def brennan_recipe(weights: Weights = "identity") -> Recipe:
    """Return what Brennan and Prediger's coefficient is made of."""
    return shares_recipe("brennan_prediger", weights, _brennan_chance, rare=False)


def _gwet_chance(matrix: Floats) -> Chance:
    q = len(matrix)
    scale = matrix.sum() / (q * (q - 1)) if q > 1 else float("nan")

    def expected(shares: Floats) -> Floats:
        found: Floats = scale * (shares * (1 - shares)).sum(axis=-1)
        return found

    def slope(shares: Floats) -> Floats:
        found: Floats = scale * (1 - shares)
        return found

    return Chance(expected, slope)


def _brennan_chance(matrix: Floats) -> Chance:
    even = matrix.mean() if len(matrix) > 1 else float("nan")
    return Chance(lambda shares: shares.sum(axis=-1) * 0 + even, lambda shares: shares * 0 + even)
