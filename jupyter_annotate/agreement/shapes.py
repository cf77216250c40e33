"""Shapes: boxes and polygons of several annotators as arrays, and how far they overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate import geometry
from jupyter_annotate.columns import LABELS, require, to_polars
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.geometry import Outlines, Overlaps, bounds_of, corners_of, outline_of
from jupyter_annotate.ratings import Codes, coded

__all__ = ["Shapes", "boxes_of", "overlapping", "polygons_of"]

Floats: TypeAlias = NDArray[np.float64]

_SIDES = ("x", "y", "width", "height")


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
        Of each shape, or the corners of turned boxes; None for boxes that fill their bounds.
    """

    items: pl.Series
    annotators: pl.Series
    categories: pl.Series
    item: Codes
    annotator: Codes
    label: Codes
    bounds: Floats
    seen: Codes
    outlines: Outlines | None = None

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
            outlines=_some(self.outlines, kept),
        )


def boxes_of(labels: object, *, what: str, seen: object = None) -> Shapes:
    """Code boxes.

    Parameters
    ----------
    labels
        One row a box: item_id, annotator_id, label, x, y, width, height, and rotation if there is such a
        column. A row of nulls besides the ids says that the annotator looked and found nothing.
    what
        Whose argument it is, for the error.
    seen
        item_id and annotator_id of who looked at what, where ``labels`` has no such rows.

    Raises
    ------
    ColumnError
        If a column is missing, a number is null, nan or infinite, or a side is not above 0.
    """
    given = to_polars(labels, what=what)
    columns = _SIDES + (("rotation",) if "rotation" in given.columns else ())
    frame = require(given, {**LABELS, **dict.fromkeys(columns, pl.Float64)}, what=what)
    drawn = _drawn(frame, columns, what)
    for name in columns:
        _check_numbers(drawn, name, what)
    sides = drawn.select(_SIDES).to_numpy()
    views = _views(frame, seen, what)
    if len(columns) > len(_SIDES) and (drawn["rotation"] != 0).any():
        rotation = drawn["rotation"].to_numpy()
        corners = corners_of(sides, rotation)
        return _shapes(drawn, bounds_of(corners), corners, views, rotation)
    return _shapes(drawn, np.hstack([sides[:, :2], sides[:, :2] + sides[:, 2:]]), None, views)


def polygons_of(labels: object, *, what: str, seen: object = None) -> Shapes:
    """Code polygons: ``points`` is read by `outline_of`, all else as by `boxes_of`."""
    frame = require(labels, {**LABELS, "points": None}, what=what)
    drawn = _drawn(frame, ("points",), what)
    cells = zip(drawn["row"], drawn["points"].to_list(), strict=True)
    outlines = [outline_of(cell, row, what) for row, cell in cells]
    bounds = np.array([each.bounds for each in outlines]).reshape(-1, 4)
    return _shapes(drawn, bounds, outlines, _views(frame, seen, what))


def overlapping(shapes: Shapes, tau: float) -> Overlaps:
    """Find the pairs of shapes of different annotators on one item that overlap."""
    return geometry.overlapping(shapes.item, shapes.annotator, shapes.bounds, shapes.outlines, threshold=tau)


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
        expected = "a number of pixels above 0" if side else _expected(name)
        raise ColumnError(
            what, expected=expected, found=f"{column[place]}", row=drawn["row"][place], column=name
        )


def _expected(name: str) -> str:
    return "a number of degrees" if name == "rotation" else "a number of pixels"


def _views(frame: pl.DataFrame, seen: object, what: str) -> pl.DataFrame:
    """Return who looked at what."""
    ids: Mapping[str, pl.DataType | type[pl.DataType]] = {"item_id": pl.String, "annotator_id": pl.String}
    views = frame.select(*ids)
    return (
        views if seen is None else pl.concat([views, require(seen, ids, what=f"{what}: seen").select(*ids)])
    )


def _shapes(
    drawn: pl.DataFrame,
    bounds: Floats,
    outlines: Outlines | None,
    views: pl.DataFrame,
    rotation: Floats | float = 0.0,
) -> Shapes:
    items, annotators = (views[name].unique().sort() for name in ("item_id", "annotator_id"))
    label, categories = coded(drawn["label"])
    item, annotator = _codes(drawn["item_id"], items), _codes(drawn["annotator_id"], annotators)
    pairs = np.column_stack([_codes(views["item_id"], items), _codes(views["annotator_id"], annotators)])
    # Ties between shapes must not be broken by the order of rows.
    turns = np.broadcast_to(rotation, len(label))
    order = np.lexsort((label, turns, *bounds.T[::-1], annotator, item))
    return Shapes(
        items=items,
        annotators=annotators,
        categories=categories,
        item=item[order],
        annotator=annotator[order],
        label=label[order],
        bounds=bounds[order],
        seen=np.unique(pairs, axis=0),
        outlines=_some(outlines, order),
    )


def _some(outlines: Outlines | None, rows: NDArray[np.intp]) -> Outlines | None:
    if outlines is None or isinstance(outlines, np.ndarray):
        return None if outlines is None else outlines[rows]
    return tuple(outlines[n] for n in rows)


def _codes(names: pl.Series, values: pl.Series) -> Codes:
    numbers = pl.int_range(len(values), dtype=pl.Int32, eager=True)
    codes = names.replace_strict(values, numbers, default=-1, return_dtype=pl.Int32)
    return codes.to_numpy().astype(np.int32, copy=False)
