"""Shapes: boxes and polygons of several annotators as arrays, and how far they overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.polygons import Outline, polygon_iou
from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import Codes, coded

__all__ = ["Overlaps", "Shapes", "boxes_of", "overlapping", "overlaps", "polygons_of"]

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]

_SIDES = ("x", "y", "width", "height")
_CORNERS = 3
#: Pairs of shapes looked at together.
_PAIRS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Shapes in codes, sorted by item, annotator, place and label.

    Parameters
    ----------
    items, annotators, categories
        What each code stands for, sorted; items and annotators without a shape are among them.
    item, annotator, label
        Of each shape. Shape (n,), int32.
    bounds
        Left, top, right and bottom of each shape, in pixels. Shape (n, 4).
    seen
        Which annotator looked at which item, with shapes or without: two columns of codes. Shape (k, 2).
    outlines
        Of each shape; None for boxes, which fill their bounds.
    """

    items: pl.Series
    annotators: pl.Series
    categories: pl.Series
    item: Codes
    annotator: Codes
    label: Codes
    bounds: Floats
    seen: Codes
    outlines: tuple[Outline, ...] | None = None

    def __len__(self) -> int:
        return len(self.item)

    def viewers(self) -> NDArray[np.int64]:
        """Count who looked at each item. Shape (n_items,)."""
        return np.bincount(self.seen[:, 0], minlength=len(self.items))

    def without(self, annotator: int) -> Shapes:
        """Leave an annotator out; the codes stay."""
        kept = np.flatnonzero(self.annotator != annotator)
        return replace(
            self,
            item=self.item[kept],
            annotator=self.annotator[kept],
            label=self.label[kept],
            bounds=self.bounds[kept],
            seen=self.seen[self.seen[:, 1] != annotator],
            outlines=None if self.outlines is None else tuple(self.outlines[n] for n in kept),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Pairs of shapes of two annotators on one item, and their intersection over union. Shapes (m,)."""

    left: Rows
    right: Rows
    iou: Floats

    def __len__(self) -> int:
        return len(self.left)

    def at(self, rows: Rows) -> Overlaps:
        """Return some of the pairs."""
        return Overlaps(self.left[rows], self.right[rows], self.iou[rows])


def boxes_of(labels: object, *, what: str, seen: object = None) -> Shapes:
    """Code boxes.

    Parameters
    ----------
    labels
        One row a box: item_id, annotator_id, label, x, y, width, height. A row of nulls besides the ids says
        that the annotator looked and found nothing.
    what
        Whose argument it is, for the error.
    seen
        item_id and annotator_id of who looked at what, where ``labels`` has no such rows.

    Raises
    ------
    ColumnError
        If a column is missing, a number is null, nan or infinite, or a side is not above 0.
    """
    frame = require(labels, {**LABELS, **dict.fromkeys(_SIDES, pl.Float64)}, what=what)
    drawn = _drawn(frame, _SIDES, what)
    for name in _SIDES:
        _check_numbers(drawn, name, what)
    x, y, width, height = (drawn[name].to_numpy() for name in _SIDES)
    bounds = np.column_stack([x, y, x + width, y + height])
    return _shapes(drawn, bounds, None, _views(frame, seen, what))


def polygons_of(labels: object, *, what: str, seen: object = None) -> Shapes:
    """Code polygons: ``points`` is a list of corners ``[[x, y], ...]`` or flat ``[x, y, x, y, ...]``.

    A list of such lists is several parts of one object (``segmentation`` in COCO is that). Parameters and
    errors are those of `boxes_of`; each part has at least three corners.
    """
    frame = require(labels, {**LABELS, "points": None}, what=what)
    drawn = _drawn(frame, ("points",), what)
    cells = zip(drawn["row"], drawn["points"].to_list(), strict=True)
    outlines = [_outline(cell, row, what) for row, cell in cells]
    low = np.array([each.corners.min(axis=0) for each in outlines]).reshape(-1, 2)
    high = np.array([each.corners.max(axis=0) for each in outlines]).reshape(-1, 2)
    return _shapes(drawn, np.hstack([low, high]), outlines, _views(frame, seen, what))


def overlaps(shapes: Shapes, left: Rows, right: Rows, *, least: float = 0.0) -> Floats:
    """Return the intersection over union of each pair; below ``least`` it may be 0. Shape (m,)."""
    if shapes.outlines is None:
        return _box_iou(shapes.bounds[left], shapes.bounds[right])
    outlines = shapes.outlines
    pairs = zip(left, right, strict=True)
    return np.array([polygon_iou(outlines[a], outlines[b], least=least) for a, b in pairs], dtype=np.float64)


def overlapping(shapes: Shapes, tau: float) -> Overlaps:
    """Find the pairs of shapes of different annotators on one item that overlap by tau or more.

    Shapes are swept from left to right, so those side by side are never compared.
    """
    found = [Overlaps(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    for left, right in _meeting(shapes):
        apart = shapes.annotator[left] != shapes.annotator[right]
        a, b = left[apart], right[apart]
        iou = overlaps(shapes, a, b, least=tau)
        kept = iou >= tau
        found.append(Overlaps(a[kept], b[kept], iou[kept]))
    columns = ("left", "right", "iou")
    left, right, iou = (np.concatenate([getattr(each, name) for each in found]) for name in columns)
    first, second = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((second, first))
    return Overlaps(first[order], second[order], iou[order])


def _meeting(shapes: Shapes) -> Iterator[tuple[Rows, Rows]]:
    """Yield pairs of shapes on one item whose horizontal extents meet, some millions at once."""
    n = len(shapes)
    order = np.lexsort((shapes.bounds[:, 0], shapes.item))
    edges = np.concatenate([shapes.bounds[order, 0], shapes.bounds[order, 2]])
    items = np.tile(shapes.item[order], 2)
    ends = np.repeat([1, 0], n)
    # Right edges come before left ones at the same place: shapes that only touch do not meet.
    merged = np.lexsort((ends, edges, items))
    opened = np.cumsum(merged < n)
    stop = np.empty(n, dtype=np.int64)
    closing = merged >= n
    stop[merged[closing] - n] = opened[closing]
    count = np.maximum(stop - np.arange(1, n + 1), 0)
    total = np.cumsum(count)
    start = 0
    while start < n:
        before = total[start] - count[start]
        end = max(int(np.searchsorted(total, before + _PAIRS, side="right")), start + 1)
        some = np.repeat(np.arange(start, end), count[start:end])
        first = np.repeat(total[start:end] - count[start:end] - before, count[start:end])
        yield order[some], order[some + 1 + np.arange(len(some)) - first]
        start = end


def _box_iou(one: Floats, other: Floats) -> Floats:
    width = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    height = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    areas = [(box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (one, other)]
    return np.asarray(shared / (areas[0] + areas[1] - shared))


def _drawn(frame: pl.DataFrame, columns: tuple[str, ...], what: str) -> pl.DataFrame:
    """Return the rows with a shape, each whole, with the row they had."""
    marks = ["label", *columns]
    missing = sum((pl.col(name).is_null().cast(pl.Int8) for name in marks), pl.lit(0, pl.Int8))
    counted = frame.with_row_index("row").with_columns(_missing=missing)
    partial = counted.filter(pl.col("_missing").is_between(1, len(marks) - 1))
    if len(partial):
        row = partial.row(0, named=True)
        column = next(name for name in marks if row[name] is None)
        expected = f"a value, or null in all of {marks} where nothing was found"
        raise ColumnError(what, expected=expected, found="null", row=row["row"], column=column)
    return counted.filter(pl.col("_missing") == 0).drop("_missing")


def _check_numbers(drawn: pl.DataFrame, name: str, what: str) -> None:
    column = drawn[name]
    side = name in {"width", "height"}
    broken = ~column.is_finite() | (column <= 0) if side else ~column.is_finite()
    if broken.any():
        place = broken.arg_true()[0]
        expected = "a number of pixels above 0" if side else "a number of pixels"
        raise ColumnError(
            what, expected=expected, found=f"{column[place]}", row=drawn["row"][place], column=name
        )


def _outline(cell: list[Any], row: int, what: str) -> Outline:
    try:
        rings = _rings(cell)
    except (TypeError, ValueError, IndexError):
        rings = []
    good = all(len(ring) >= _CORNERS and ring.shape[1:] == (2,) and np.isfinite(ring).all() for ring in rings)
    if not rings or not good:
        expected = f"at least {_CORNERS} corners, as [[x, y], ...] or [x, y, x, y, ...]"
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column="points")
    return Outline(rings[0], tuple(rings[1:]))


def _rings(cell: list[Any]) -> list[Floats]:
    first = cell[0]
    if not isinstance(first, list):
        return [_ring(cell)]
    parts = cell if isinstance(first[0], list) or len(first) != 2 else [cell]  # noqa: PLR2004 -- x and y
    return [_ring(part) for part in parts]


def _ring(part: list[Any]) -> Floats:
    ring = np.asarray(part, dtype=np.float64)
    return ring.reshape(-1, 2) if ring.ndim == 1 else ring


def _views(frame: pl.DataFrame, seen: object, what: str) -> pl.DataFrame:
    """Return who looked at what."""
    ids: Mapping[str, pl.DataType | type[pl.DataType]] = {"item_id": pl.String, "annotator_id": pl.String}
    views = frame.select(*ids)
    return (
        views if seen is None else pl.concat([views, require(seen, ids, what=f"{what}: seen").select(*ids)])
    )


def _shapes(
    drawn: pl.DataFrame, bounds: Floats, outlines: list[Outline] | None, views: pl.DataFrame
) -> Shapes:
    items, annotators = (views[name].unique().sort() for name in ("item_id", "annotator_id"))
    label, categories = coded(drawn["label"])
    item, annotator = _codes(drawn["item_id"], items), _codes(drawn["annotator_id"], annotators)
    pairs = np.column_stack([_codes(views["item_id"], items), _codes(views["annotator_id"], annotators)])
    # Ties between shapes must not be broken by the order of rows.
    order = np.lexsort((label, *bounds.T[::-1], annotator, item))
    return Shapes(
        items=items,
        annotators=annotators,
        categories=categories,
        item=item[order],
        annotator=annotator[order],
        label=label[order],
        bounds=bounds[order],
        seen=np.unique(pairs, axis=0),
        outlines=None if outlines is None else tuple(outlines[n] for n in order),
    )


def _codes(names: pl.Series, values: pl.Series) -> Codes:
    numbers = pl.int_range(len(values), dtype=pl.Int32, eager=True)
    codes = names.replace_strict(values, numbers, default=-1, return_dtype=pl.Int32)
    return codes.to_numpy().astype(np.int32, copy=False)
