"""Samples: LABELS checked and coded, with what is known of their items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from jupyter_annotate.agreement.item_columns import (
    check_columns,
    chosen_by_lot,
    clusters_of,
    item_weights_of,
)
from jupyter_annotate.agreement.options import Settings
from jupyter_annotate.agreement.profiles import Floats, Integers, Profiles, profiles_of
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["Sample", "profiles_in", "sample_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Labels, ready to be measured.

    Parameters
    ----------
    ratings
        The labels; every annotator has one.
    clusters, weights
        Of each item, or None. Shape (n_items,).
    ordered
        Whether the order of the categories was said.
    said
        What the result has to say about them.
    """

    ratings: Ratings
    clusters: Integers | None = None
    weights: Floats | None = None
    ordered: bool = False
    said: dict[str, Any]


def sample_of(recipe: Recipe, labels: object, settings: Settings, what: str = "") -> Sample:
    """Make labels ready to be measured."""
    what = what or f"{recipe.name}()"
    frame = to_polars(labels, what=what)
    said: dict[str, Any] = {}
    if settings.columns:
        # For their errors: they name rows of the whole frame.
        ratings_of(frame, what=what, categories=settings.categories)
        recipe.check(frame["label"], what)
        check_columns(frame, settings.columns, what)
        frame, said = chosen_by_lot(frame, settings.random, what)
    ratings = _with_labels(ratings_of(frame, what=what, categories=settings.categories))
    recipe.check(frame["label"], what)
    if recipe.two:
        _refuse_many(ratings, what)
    weights, weighted = item_weights_of(frame, settings.item_weights, what)
    return Sample(
        ratings=ratings,
        clusters=clusters_of(frame, settings.cluster, what),
        weights=weights,
        ordered=settings.categories is not None,
        said={**said, **weighted, "declared": settings.categories is not None},
    )


def _with_labels(ratings: Ratings) -> Ratings:
    """Leave annotators out who gave no label."""
    given = np.bincount(ratings.annotator, minlength=len(ratings.annotators)) > 0
    if given.all():
        return ratings
    codes = (np.cumsum(given) - 1).astype(np.int32)
    return replace(
        ratings,
        annotators=ratings.annotators.filter(pl.Series(given)),
        annotator=codes[ratings.annotator],
    )


def _refuse_many(ratings: Ratings, what: str) -> None:
    names = ratings.annotators.to_list()
    if len(names) > 2:  # noqa: PLR2004 -- two annotators
        raise ColumnError(
            what,
            expected="labels of two annotators",
            found=f"{len(names)}: {shorten(names)}",
            column="annotator_id",
            advice="Compare them pair by pair, ja.agreement_table(labels, pairs=True), or all at once by "
            "ja.conger_kappa(labels), which is Cohen's for any number.",
        )


def profiles_in(sample: Sample, recipe: Recipe, *, by_annotator: bool | None = None) -> Profiles:
    """Reduce a sample to the profiles a coefficient needs.

    Parameters
    ----------
    sample, recipe
        Labels, and what the coefficient is made of.
    by_annotator
        Whether to tell annotators apart; None as the coefficient needs it.
    """
    return profiles_of(
        sample.ratings,
        by_annotator=recipe.by_annotator if by_annotator is None else by_annotator,
        # The weight of an item is for its second label.
        single=recipe.single and sample.weights is None,
        weights=sample.weights,
        units=sample.clusters,
    )
