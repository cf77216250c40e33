"""Agreement of labels that need not fit into memory: profiles of parts add up to those of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.agreement.estimate import measure
from jupyter_annotate.agreement.options import Settings, settings_of
from jupyter_annotate.agreement.profiles import Integers, Profiles, profiles_of
from jupyter_annotate.agreement.recipe import Recipe
from jupyter_annotate.agreement.recipes import Named, recipe_named
from jupyter_annotate.agreement.sample import Sample
from jupyter_annotate.partitions import LabelParts
from jupyter_annotate.placement import Client, placement
from jupyter_annotate.ratings import Ratings

__all__ = ["agreement_of_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """How the items of a part were labeled: items with the same labels are one row.

    Parameters
    ----------
    table
        labels (codes, sorted), items (how many).
    labeled
        Which annotators gave a label.
    totals
        How often each label was given.
    n_missing
        Rows without a label.
    """

    table: pl.DataFrame
    labeled: NDArray[np.bool_]
    totals: Integers
    n_missing: int


def agreement_of_parts(  # noqa: PLR0913 -- what every coefficient takes
    parts: LabelParts,
    coefficient: Named = "krippendorff_alpha",
    *,
    scheme: Mapping[str, Any] | None = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    client: Client | None = None,
) -> Agreement:
    """Measure agreement in labels in parts; the same, with its interval, as in all of them at once.

    What is kept is how many items have which labels: memory grows with what differs, not with the labels.

    Parameters
    ----------
    parts
        Of `split_labels`.
    coefficient
        Its name, or its function; one that does not look at who gave which label.
    scheme
        Its own options, as ``{"metric": "ordinal"}``.
    level, replicates, seed
        As for each coefficient.
    client
        A ``dask.distributed.Client``, to count all parts at once; None for one after the other, here.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item.
    ValueError
        If the coefficient looks at who gave which label.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_annotate.partitions import split_labels
    >>> labels = {
    ...     "item_id": list("abcd") * 2,
    ...     "annotator_id": ["ada"] * 4 + ["bob"] * 4,
    ...     "label": list("xxyyxxyx"),
    ... }
    >>> agreement_of_parts(split_labels(labels, tempfile.mkdtemp(), n_parts=2), replicates=0)
    krippendorff_alpha 0.533, no interval: none was asked for (4 items, 2 annotators)
    """
    recipe = recipe_named(coefficient, scheme)
    what = f"agreement_of_parts({recipe.name!r})"
    if recipe.by_annotator or recipe.two:
        message = (
            f"Expected a coefficient that does not look at who gave which label, found {recipe.name}; it can "
            "be measured where the labels fit into memory."
        )
        raise ValueError(message)
    settings = settings_of({"level": level, "replicates": replicates, "seed": seed}, what)
    recipe.check(parts.categories, what)
    where = placement(client, keep=False)
    numbers = where.load(_itself, range(parts.n_parts))
    kinds = _all_kinds(list(where.each(partial(_kinds_of, parts=parts, what=what), numbers)))
    return _measured(recipe, parts, kinds, settings)


def _itself(part: int) -> int:
    return part


def _kinds_of(part: int, *, parts: LabelParts, what: str) -> _Kinds:
    ratings = parts.ratings(part, what=what, repeats="refuse")
    _, n_annotators, n_labels = ratings.shape
    profiles = profiles_of(ratings, single=True)
    order = np.lexsort((profiles.label, profiles.owner))
    times = profiles.count[order].astype(np.int64)
    entries = pl.DataFrame(
        {"owner": profiles.owner[order].repeat(times), "label": profiles.label[order].repeat(times)}
    )
    labels = entries.group_by("owner", maintain_order=True).agg("label")["label"]
    return _Kinds(
        pl.DataFrame({"labels": labels, "items": profiles.items}),
        np.bincount(ratings.annotator, minlength=n_annotators) > 0,
        np.bincount(ratings.label, minlength=n_labels),
        ratings.n_missing,
    )


def _all_kinds(kinds: list[_Kinds]) -> _Kinds:
    table = pl.concat([each.table for each in kinds])
    return _Kinds(
        table.group_by("labels", maintain_order=True).agg(pl.col("items").sum()),
        np.any([each.labeled for each in kinds], axis=0),
        np.sum([each.totals for each in kinds], axis=0),
        sum(each.n_missing for each in kinds),
    )


def _measured(recipe: Recipe, parts: LabelParts, kinds: _Kinds, settings: Settings) -> Agreement:
    ratings, items = _one_of_each(parts, kinds), kinds.table["items"].to_numpy()
    sample = Sample(ratings=ratings, ordered=parts.declared, said={"declared": parts.declared})
    profiles = profiles_of(ratings, single=recipe.single, totals=kinds.totals)
    found = measure(recipe, sample, settings, _times(profiles, items))
    return replace(found, n_single=int(items[ratings.sizes() == 1].sum()))


def _one_of_each(parts: LabelParts, kinds: _Kinds) -> Ratings:
    """Make an item of each kind; which annotators gave its labels is made up."""
    sizes = kinds.table["labels"].list.len().to_numpy().astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    return Ratings(
        items=pl.int_range(len(sizes), eager=True),
        annotators=parts.annotators.filter(pl.Series(kinds.labeled)),
        categories=parts.categories,
        item=np.arange(len(sizes), dtype=np.int32).repeat(sizes),
        annotator=(np.arange(sizes.sum()) - starts.repeat(sizes)).astype(np.int32),
        label=kinds.table["labels"].explode().to_numpy().astype(np.int32),
        n_missing=kinds.n_missing,
    )


def _times(profiles: Profiles, items: Integers) -> Profiles:
    """Count each item as often as its kind occurs."""
    used = profiles.of_item >= 0
    times = np.bincount(profiles.of_item[used], items[used], len(profiles.items))
    return replace(profiles, items=times.astype(np.int64))
