"""Fleiss' kappa, and Scott's pi, which is the same for two: chance from how frequent labels are over all."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import TABLE, Agreement
from jupyter_annotate.agreement.estimate import estimate, measure
from jupyter_annotate.agreement.options import Options, settings_of
from jupyter_annotate.agreement.profiles import Floats
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.sample import sample_of
from jupyter_annotate.agreement.shares import Chance, shares_recipe
from jupyter_annotate.agreement.weighting import Weights
from jupyter_annotate.ratings import Ratings

__all__ = ["fleiss_by_category", "fleiss_kappa", "fleiss_recipe", "scott_pi", "scott_recipe"]


def fleiss_kappa(labels: object, *, weights: Weights = "identity", **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance: Fleiss' kappa.

    Chance agreement is that of two labels drawn from all (Fleiss 1971, doi:10.1037/h0031619, equations 3 to
    7). Any number of annotators, who need not be the same on all items; with gaps and weights as in Gwet
    2014, chapters 2 and 3.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label; any labels that can be equal. Null is a missing label. Items
        with one label count for how frequent labels are, not for agreement.
    weights
        What two labels count: ``"identity"``, ``"linear"``, ``"quadratic"``, ``"ordinal"``, ``"radical"``,
        ``"ratio"``, ``"bipolar"``, or a matrix in the order of the categories. But for the first and the
        last they need numbers, or labels whose order ``categories`` says.
    **options
        As in `Options`.

    Returns
    -------
    agreement
        nan with a reason where no item has two labels, or all labels are the same.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels cannot be used; with row and column.
    ValueError
        If the weights do not fit the labels.

    Examples
    --------
    >>> labels = {"item_id": [1, 1, 2, 2], "annotator_id": ["ada", "bob"] * 2, "label": ["x", "x", "y", "y"]}
    >>> fleiss_kappa(labels, replicates=0).value
    1.0
    """
    return estimate(fleiss_recipe(weights), labels, options)


def scott_pi(labels: object, *, weights: Weights = "identity", **options: Unpack[Options]) -> Agreement:
    """Measure agreement beyond chance between two annotators: Scott's pi.

    The same as `fleiss_kappa` for two annotators: chance agreement is that of two labels drawn from both
    annotators' together (Scott 1955, doi:10.1086/266577).

    Parameters
    ----------
    labels, weights, **options
        As for `fleiss_kappa`, with two annotators.

    Returns
    -------
    agreement
        nan with a reason where both labeled no item, or all labels are the same.

    Raises
    ------
    ColumnError
        If there are more than two annotators, or as `fleiss_kappa`.
    ValueError
        If the weights do not fit the labels.

    Examples
    --------
    >>> labels = {"item_id": [1, 1, 2, 2], "annotator_id": ["ada", "bob"] * 2, "label": ["x", "x", "x", "y"]}
    >>> round(scott_pi(labels, replicates=0).value, 3)
    -0.333
    """
    return estimate(scott_recipe(weights), labels, options)


def fleiss_by_category(labels: object, **options: Unpack[Options]) -> pl.DataFrame:
    """Measure agreement on each label against all others: Fleiss' kappa of one category.

    Fleiss 1971, equations 13 and 14; with gaps, Fleiss' kappa of "this label" and "another".

    Parameters
    ----------
    labels, **options
        As for `fleiss_kappa`.

    Returns
    -------
    table
        One row a label, in the order of the categories: label, then the columns of a table of agreements.

    Raises
    ------
    ColumnError
        As `fleiss_kappa`.

    Examples
    --------
    >>> labels = {"item_id": [1, 1, 2, 2], "annotator_id": ["ada", "bob"] * 2, "label": ["x", "x", "y", "z"]}
    >>> fleiss_by_category(labels, replicates=0).select("label", "value").rows()
    [('x', 1.0), ('y', -0.3333333333333333), ('z', -0.3333333333333333)]
    """
    what = "fleiss_by_category()"
    settings = settings_of(options, what)
    recipe = fleiss_recipe()
    sample = sample_of(recipe, labels, settings, what)
    names = sample.ratings.categories
    found = [
        measure(recipe, replace(sample, ratings=_against(sample.ratings, code)), settings)
        for code in range(len(names))
    ]
    rows = [pl.DataFrame(schema=TABLE), *(each.to_frame() for each in found)]
    return pl.concat(rows).insert_column(0, names.alias("label"))


def _against(ratings: Ratings, code: int) -> Ratings:
    """Tell one category from all others."""
    names = pl.Series("label", ["another", "this"])
    return replace(ratings, categories=names, label=(ratings.label == code).astype(np.int32))


def fleiss_recipe(weights: Weights = "identity") -> Recipe:
    """Return what Fleiss' kappa is made of."""
    return shares_recipe("fleiss_kappa", weights, _chance)


def scott_recipe(weights: Weights = "identity") -> Recipe:
    """Return what Scott's pi is made of."""
    return shares_recipe("scott_pi", weights, _chance, two=True)


def _chance(matrix: Floats) -> Chance:
    def expected(shares: Floats) -> Floats:
        found: Floats = ((shares @ matrix) * shares).sum(axis=-1)
        return found

    return Chance(expected, lambda shares: matrix @ shares)
