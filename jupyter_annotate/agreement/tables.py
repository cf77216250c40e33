"""Tables of agreements: by any columns, and for each pair of annotators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Unpack

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import TABLE
from jupyter_annotate.agreement.estimate import measure
from jupyter_annotate.agreement.options import Options, Settings, settings_of
from jupyter_annotate.agreement.profiles import Integers
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.recipes import recipe_named
from jupyter_annotate.agreement.sample import Sample, sample_of
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import Ratings

__all__ = ["agreement_table"]

_WHAT = "agreement_table()"
_PAIR = ("annotator_a", "annotator_b")
#: No column of a person has this name.
_ROW = "\0row"
_ALL = ("krippendorff_alpha", "observed_agreement")
_OF_PAIRS = ("cohen_kappa", "krippendorff_alpha", "observed_agreement")

Coefficients = Sequence[str] | Mapping[str, Mapping[str, Any]]


def agreement_table(
    labels: object,
    by: str | Sequence[str] | None = None,
    *,
    pairs: bool = False,
    coefficients: Coefficients | None = None,
    **options: Unpack[Options],
) -> pl.DataFrame:
    """Measure agreement for all labels, for each group of them, for each pair of annotators.

    Parameters
    ----------
    labels
        LABELS, with the columns of ``by``.
    by
        Columns whose values make the groups, for example a property of the items joined on, or the month.
    pairs
        Whether each pair of annotators who share items is measured by itself, on the items both labeled.
    coefficients
        Names of coefficients, or a mapping from names to their own options, like
        ``{"krippendorff_alpha": {"metric": "ordinal"}}``. None: krippendorff_alpha and observed_agreement,
        with pairs cohen_kappa too.
    **options
        As in `Options`, for every coefficient. ``replicates=0`` is much faster where there are many pairs.

    Returns
    -------
    table
        The columns of ``by``, then with pairs annotator_a and annotator_b, then coefficient, value, low,
        high, level, n_items, n_annotators, n_pairs, n_labels, n_single, n_missing, reason, warnings; groups
        in order of appearance, pairs by name. What is undefined is null.

    Raises
    ------
    ColumnError
        As for each coefficient, or if a column of ``by`` is missing or named like one of the table.
    UnknownNameError
        If a coefficient is not known.

    Examples
    --------
    >>> labels = {"item_id": ["a", "a", "b", "b"], "annotator_id": ["ada", "bob"] * 2, "label": [1, 1, 2, 2]}
    >>> agreement_table(labels).select("coefficient", "value", "n_items").rows()
    [('krippendorff_alpha', 1.0, 2), ('observed_agreement', 1.0, 2)]
    >>> agreement_table(labels, pairs=True, coefficients=["cohen_kappa"]).row(0)[:4]
    ('ada', 'bob', 'cohen_kappa', 1.0)
    """
    settings = settings_of(options, _WHAT)
    recipes = _recipes(coefficients or (_OF_PAIRS if pairs else _ALL))
    names = [by] if isinstance(by, str) else list(dict.fromkeys(by or ()))
    own = (*_PAIR, *TABLE) if pairs else tuple(TABLE)
    _refuse_clash(names, own)
    frame = require(labels, {**LABELS, **dict.fromkeys(names)}, what=_WHAT)
    keys = {name: frame.schema[name] for name in names}
    parts = [pl.DataFrame(schema={**keys, **dict.fromkeys(own, pl.String), **TABLE})]
    measured = _pair_rows if pairs else _rows
    for key, places in _groups(frame, names):
        try:
            rows = measured(frame[places], recipes, settings)
        except ColumnError as error:
            raise (error if error.row is None else error.at(places[error.row])) from None
        said = [pl.lit(k, dtype=keys[name]).alias(name) for name, k in zip(names, key, strict=True)]
        parts.append(rows.select(*said, *own))
    return pl.concat(parts)


def _groups(frame: pl.DataFrame, names: list[str]) -> Iterator[tuple[tuple[object, ...], pl.Series]]:
    """Yield each group's values and the rows it has."""
    rows = pl.int_range(len(frame), eager=True)
    if not names:
        yield (), rows
        return
    places = frame.select(names).with_columns(rows.alias(_ROW)).group_by(names, maintain_order=True)
    for key, group in places:
        yield key, group[_ROW]


def _recipes(coefficients: Coefficients) -> list[Recipe]:
    schemes = coefficients if isinstance(coefficients, Mapping) else dict.fromkeys(coefficients)
    return [recipe_named(name, scheme) for name, scheme in schemes.items()]


def _refuse_clash(names: list[str], own: Sequence[str]) -> None:
    clash = next((name for name in names if name in own), None)
    if clash:
        raise ColumnError(
            _WHAT,
            expected="columns of by that are named unlike those of the table",
            found=f"by={clash!r}",
            column=clash,
            advice=f"Rename it, for example labels.rename({{{clash!r}: 'by_{clash}'}}).",
        )


def _rows(group: pl.DataFrame, recipes: list[Recipe], settings: Settings) -> pl.DataFrame:
    found = [measure(recipe, sample_of(recipe, group, settings), settings) for recipe in recipes]
    return pl.concat([each.to_frame() for each in found])


def _pair_rows(group: pl.DataFrame, recipes: list[Recipe], settings: Settings) -> pl.DataFrame:
    samples = [(recipe, sample_of(replace(recipe, two=False), group, settings)) for recipe in recipes]
    rows: list[dict[str, Any]] = []
    parts = [pl.DataFrame(schema={**dict.fromkeys(_PAIR, pl.String), **TABLE})]
    names = samples[0][1].ratings.annotators.cast(pl.String).to_list() if samples else []
    for a, b, first, second in _pairs(samples[0][1].ratings):
        for recipe, sample in samples:
            found = measure(recipe, _of_two(sample, (a, b), first, second), settings)
            rows.append({**dict(zip(_PAIR, (names[a], names[b]), strict=True)), **found.to_row()})
    parts.append(pl.DataFrame(rows, schema=parts[0].schema))
    return pl.concat(parts)


def _pairs(ratings: Ratings) -> Iterator[tuple[int, int, Integers, Integers]]:
    """Yield each pair of annotators who share an item, and where the labels of the two stand."""
    first, second = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for shift in range(1, len(ratings)):
        found = np.flatnonzero(ratings.item[shift:] == ratings.item[:-shift])
        if not len(found):
            break
        first.append(found)
        second.append(found + shift)
    one, other = np.concatenate(first), np.concatenate(second)
    key = ratings.annotator[one].astype(np.int64) * len(ratings.annotators) + ratings.annotator[other]
    order = np.lexsort((one, key))
    one, other, key = one[order], other[order], key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    for start, stop in pairwise(np.append(starts, len(key))):
        a, b = divmod(int(key[start]), len(ratings.annotators))
        yield a, b, one[start:stop], other[start:stop]


def _of_two(sample: Sample, annotators: tuple[int, int], first: Integers, second: Integers) -> Sample:
    """Return what two annotators gave the items that both labeled."""
    ratings, n = sample.ratings, len(first)
    items = ratings.item[first]
    own = Ratings(
        # By their codes: nobody reads the names, and to gather them takes longer than to measure.
        items=pl.Series("item_id", items),
        annotators=pl.Series("annotator_id", annotators),
        categories=ratings.categories,
        item=np.repeat(np.arange(n, dtype=np.int32), 2),
        annotator=np.tile(np.arange(2, dtype=np.int32), n),
        label=np.column_stack([ratings.label[first], ratings.label[second]]).ravel(),
    )
    return replace(
        sample,
        ratings=own,
        clusters=None if sample.clusters is None else sample.clusters[items],
        weights=None if sample.weights is None else sample.weights[items],
    )
