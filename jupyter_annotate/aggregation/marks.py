"""Marks: spans, boxes and polygons in codes, and which of those several annotators drew are really there."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import finite, read, reject, with_codes
from jupyter_annotate.aggregation.groups import grouped_median, ratio
from jupyter_annotate.geometry import Overlaps
from jupyter_annotate.ratings import coded

__all__ = [
    "ABSENT",
    "Marks",
    "Presence",
    "drawers",
    "joined",
    "mark_consensus",
    "marks_of",
    "medoids",
    "presence",
    "with_empty_items",
]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

#: Code of "there is none" among the labels that a model for classes sees; label k has k + 1.
ABSENT = 0
_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """The marks of all annotators, sorted by item, numbers, label, annotator.

    Parameters
    ----------
    items, annotators, categories
        What each code stands for, also where nothing was found.
    item, annotator, label
        Of each mark. Shape (n,).
    numbers
        Its place. Shape (n, d).
    row
        Where it stood in the frame. Shape (n,).
    seen_item, seen_annotator
        Who answered which item, also who found nothing there; each pair once. Shape (n_seen,).
    """

    items: pl.Series
    annotators: pl.Series
    categories: pl.Series
    item: _Places
    annotator: _Places
    label: _Places
    numbers: _Numbers
    row: _Places
    seen_item: _Places
    seen_annotator: _Places


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """What a model for classes says of each group of marks.

    Parameters
    ----------
    probabilities
        Of `ABSENT`, then of each label. Shape (n_clusters, n_labels + 1).
    label
        Code of the most probable label. Shape (n_clusters,).
    item
        Shape (n_clusters,).
    votes, seen
        How many annotators drew it and how many could have. Shapes (n_clusters,).
    skill
        annotator (code), skill: those that the model knows.
    """

    probabilities: _Numbers
    label: _Places
    item: _Places
    votes: _Places
    seen: _Places
    skill: pl.DataFrame


def marks_of(labels: object, columns: Iterable[str], what: str) -> tuple[Marks, pl.DataFrame]:
    """Code marks; rows whose label is null say that an annotator found nothing in an item.

    The same mark of one annotator twice counts once.

    Returns
    -------
    marks
        With the columns as numbers.
    frame
        The rows of the marks, in the order of the frame, for further checks.

    Raises
    ------
    ColumnError
        If a column is missing, an id is null or a number is not finite; with row and column.
    """
    columns = list(columns)
    frame, items, annotators = with_codes(read(labels, columns, what))
    for name in columns:
        lost = frame["label"].is_null() & frame[name].is_not_null()
        reject(frame, lost, name, what, expected="no place where the label is null")
    given = frame.drop_nulls("label")
    label, categories = coded(given["label"])
    table = given.select("item", "annotator", "row", label=pl.Series(label, dtype=pl.Int64)).with_columns(
        pl.Series(name, finite(given, name, what)) for name in columns
    )
    table = table.sort("item", *columns, "label", "annotator", "row")
    # The same mark of an annotator twice is one.
    table = table.unique(["item", *columns, "label", "annotator"], keep="first", maintain_order=True)
    seen = frame.select("item", "annotator").unique().sort("item", "annotator")
    marks = Marks(
        items=items,
        annotators=annotators,
        categories=categories,
        item=table["item"].to_numpy(),
        annotator=table["annotator"].to_numpy(),
        label=table["label"].to_numpy(),
        numbers=table.select(columns).to_numpy().reshape(len(table), len(columns)),
        row=table["row"].cast(pl.Int64).to_numpy(),
        seen_item=seen["item"].to_numpy(),
        seen_annotator=seen["annotator"].to_numpy(),
    )
    return marks, given


def medoids(
    cluster: _Places, pairs: Overlaps, votes: _Numbers | None = None, size: _Numbers | None = None
) -> tuple[_Places, _Numbers]:
    """Return the row of the mark of each group nearest to the others, and its mean overlap with them.

    Marks with more votes go first where votes are given; of marks as near the larger, then the first.
    """
    n = len(cluster)
    nothing = np.zeros(n)
    within = pairs.at(cluster[pairs.left] == cluster[pairs.right])
    near = np.bincount(within.left, within.iou, n) + np.bincount(within.right, within.iou, n)
    others = np.bincount(cluster)[cluster] - 1 if n else cluster
    mean = ratio(near, others)
    keys = (-np.nan_to_num(mean).round(_DIGITS), -(nothing if votes is None else votes))
    order = np.lexsort((np.arange(n), -(nothing if size is None else size), *keys, cluster))
    best = order[np.unique(cluster[order], return_index=True)[1]]
    return best, mean[best]


def presence(marks: Marks, cluster: _Places, model: Aggregator) -> Presence:
    """Ask a model which label each group of marks has, "there is none" among them.

    Every annotator who answered the item has a say: a label, or none for those who drew nothing there.
    """
    n_clusters = int(cluster.max()) + 1 if len(cluster) else 0
    item = np.zeros(n_clusters, dtype=np.int64)
    item[cluster] = marks.item
    seen = pl.DataFrame({"item": marks.seen_item, "annotator_id": marks.seen_annotator})
    places = pl.DataFrame({"item_id": np.arange(n_clusters), "item": item})
    drawn = pl.DataFrame({"item_id": cluster, "annotator_id": marks.annotator, "label": marks.label + 1})
    votes = (
        places.join(seen, on="item")
        .join(drawn, on=["item_id", "annotator_id"], how="left")
        .select("item_id", "annotator_id", pl.col("label").fill_null(ABSENT))
    )
    n_labels = len(marks.categories) + 1
    n_seen = np.bincount(votes["item_id"].to_numpy(), minlength=n_clusters)
    n_votes = np.bincount(cluster, minlength=n_clusters)
    if not n_clusters:
        nothing = pl.DataFrame(schema={"annotator": pl.Int64, "skill": pl.Float64})
        return Presence(np.zeros((0, n_labels)), item, item, n_votes, n_seen, nothing)
    # A copy, so that the model that was passed in stays as it was.
    model = copy.copy(model).fit(votes, categories=range(n_labels))
    probabilities = model.probabilities_["probability"].to_numpy().reshape(n_clusters, n_labels)
    frequency = np.bincount(marks.label, minlength=n_labels - 1)
    rank = np.lexsort((np.arange(n_labels - 1), -frequency))
    label = rank[probabilities[:, 1:][:, rank].round(_DIGITS).argmax(axis=1)]
    skill = model.annotators_
    skill = skill.select(
        annotator=pl.col("annotator_id").cast(pl.Int64),
        skill=skill.get_column("skill", default=pl.Series([None], dtype=pl.Float64)),
    )
    return Presence(probabilities, label, item, n_votes, n_seen, skill)


def joined(
    marks: Marks, cluster: _Places, edges: _Numbers, more: _Numbers | None = None, *, median: bool
) -> tuple[_Numbers, _Numbers]:
    """Return the edges of each group, and the spread of each annotator's edges.

    Annotators are weighted by the inverse of their mean squared distance to the plain medians, in units of
    the mark's size (the root of its area, or its length) and drawn towards that of all by one mark.

    Parameters
    ----------
    marks, cluster
        The marks and the group of each.
    edges
        The lower edge of each dimension, then the upper edges. Shape (n, 2 d).
    more
        What is joined beside them with the same weights. Shape (n, k).
    median
        Whether edges are weighted medians or weighted means.

    Returns
    -------
    edges
        And what is joined beside them. Shape (n_clusters, 2 d + k).
    spread
        Root of that mean; nan if an annotator's marks match no others. Shape (n_annotators,).
    """
    n_clusters = int(cluster.max()) + 1 if len(cluster) else 0
    n_annotators = len(marks.annotators)
    one = np.ones(len(cluster))
    first = _middle(cluster, edges, one, n_clusters, median=True)
    half = edges.shape[1] // 2
    size = (first[:, half:] - first[:, :half]).prod(axis=1) ** (1 / half)
    square = (((edges - first[cluster]) / size[cluster, None]) ** 2).mean(axis=1)
    shared = np.bincount(cluster, minlength=n_clusters)[cluster] > 1
    sums = np.bincount(marks.annotator, square * shared, n_annotators)
    counts = np.bincount(marks.annotator, shared, n_annotators)
    spread = np.sqrt(ratio(sums, counts, np.nan))
    pooled = sums.sum() / max(counts.sum(), 1)
    numbers = edges if more is None else np.hstack([edges, more])
    if not pooled > 0:
        return _middle(cluster, numbers, one, n_clusters, median=median), spread
    weight = pooled * (counts + 1) / (sums + pooled)
    return _middle(cluster, numbers, weight[marks.annotator], n_clusters, median=median), spread


def _middle(
    cluster: _Places, edges: _Numbers, weight: _Numbers, n_clusters: int, *, median: bool
) -> _Numbers:
    if median:
        pairs = [grouped_median(cluster, column, weight, n_clusters) for column in edges.T]
        return np.stack([low + (high - low) / 2 for low, high in pairs], axis=1)
    total = np.bincount(cluster, weight, n_clusters)
    return np.stack([np.bincount(cluster, weight * column, n_clusters) / total for column in edges.T], axis=1)


def mark_consensus(
    marks: Marks, found: Presence, places: pl.DataFrame, *, threshold: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the marks that are there, and all groups with what speaks for them.

    Returns
    -------
    consensus
        item_id, label, the columns of ``places``, confidence, presence, n_votes, n_seen. An item of which
        nothing is left has one row of nulls, its confidence the product of the probabilities of "none".
    groups
        The same for every group, with ``kept``.
    """
    there = 1 - found.probabilities[:, ABSENT]
    rows = np.arange(len(there))
    groups = pl.DataFrame(
        {
            "item_id": marks.items.gather(found.item),
            "label": marks.categories.gather(found.label),
            **{name: places[name] for name in places.columns},
            "confidence": found.probabilities[rows, found.label + 1],
            "presence": there,
            "n_votes": found.votes,
            "n_seen": found.seen,
            "kept": there.round(_DIGITS) > threshold,
        }
    )
    kept = groups.filter("kept").drop("kept")
    none = np.ones(len(marks.items))
    np.multiply.at(none, found.item, 1 - there)
    places_first = [name for name in places.columns if not places[name].dtype.is_nested()]
    order = ["item_id", *places_first, "label"]
    return with_empty_items(kept, marks, none).sort(order, maintain_order=True), groups.sort(order)


def with_empty_items(kept: pl.DataFrame, marks: Marks, none: _Numbers) -> pl.DataFrame:
    """Add a row of nulls for each item without a mark; its confidence is the probability of "none"."""
    n_seen = np.bincount(marks.seen_item, minlength=len(marks.items))
    empty = pl.DataFrame({"item_id": marks.items, "confidence": none, "n_seen": n_seen})
    empty = empty.filter(~pl.col("item_id").is_in(kept["item_id"].implode()))
    return pl.concat([kept, empty], how="diagonal")


def drawers(marks: Marks, skill: pl.DataFrame) -> pl.DataFrame:
    """Return annotator_id, n_items, n_marks and the skill the model has of each annotator, null if none."""
    n = len(marks.annotators)
    table = pl.DataFrame(
        {
            "annotator": np.arange(n),
            "annotator_id": marks.annotators,
            "n_items": np.bincount(marks.seen_annotator, minlength=n),
            "n_marks": np.bincount(marks.annotator, minlength=n),
        }
    )
    return table.join(skill, on="annotator", how="left", maintain_order="left").drop("annotator")
