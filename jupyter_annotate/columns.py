"""The frames that cross module boundaries, and the one check at each door.

ITEMS, EVENTS, ANNOTATIONS, LABELS, PRELABELS, ASSIGNMENTS and CONSENSUS: their columns and dtypes stand here
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.frames import to_polars

__all__ = [
    "ANNOTATIONS",
    "ASSIGNMENTS",
    "CONSENSUS",
    "EVENTS",
    "ITEMS",
    "LABELS",
    "PRELABELS",
    "ROLES",
    "empty",
    "require",
    "to_polars",
]

Columns = Mapping[str, pl.DataType | type[pl.DataType] | None]

UTC_TIME = pl.Datetime("us", "UTC")

#: One thing to label; the user's own columns follow.
ITEMS: Columns = {"item_id": pl.String}

#: One fact, never changed. ``value`` and ``context`` are JSON text, null once erased.
EVENTS: Columns = {
    "position": pl.Int64,
    "event_id": pl.String,
    "at": UTC_TIME,
    "kind": pl.String,
    "annotator_id": pl.String,
    "annotator_kind": pl.String,
    "item_id": pl.String,
    "question": pl.String,
    "value": pl.String,
    "context": pl.String,
    "schema": pl.String,
    "digest": pl.String,
}

#: The current answer of one annotator to one question on one item.
ANNOTATIONS: Columns = {
    "item_id": pl.String,
    "annotator_id": pl.String,
    "annotator_kind": pl.String,
    "question": pl.String,
    "value": pl.String,
    "at": UTC_TIME,
    "position": pl.Int64,
}

#: One comparable label. None: the dtype depends on the question; spans and boxes add columns of their own.
LABELS: Columns = {"item_id": pl.String, "annotator_id": pl.String, "label": None}

#: One suggestion, shown to annotators and never anybody's label. ``value`` is canonical JSON.
PRELABELS: Columns = {
    "item_id": pl.String,
    "question": pl.String,
    "value": pl.String,
    "score": pl.Float64,
    "source": pl.String,
    "prelabel_id": pl.String,
}

#: One annotator's standing with one item, under a plan.
ASSIGNMENTS: Columns = {
    "item_id": pl.String,
    "annotator_id": pl.String,
    "state": pl.String,
    "since": UTC_TIME,
    "ends": UTC_TIME,
}

#: One label an item.
CONSENSUS: Columns = {"item_id": pl.String, "label": None, "confidence": pl.Float64}

#: What one person is in a project.
ROLES: Columns = {"annotator_id": pl.String, "role": pl.String, "since": UTC_TIME}


def empty(columns: Columns) -> pl.DataFrame:
    """Make a frame with these columns and no rows.

    Examples
    --------
    >>> empty(LABELS).columns
    ['item_id', 'annotator_id', 'label']
    """
    return pl.DataFrame(schema={n: pl.String if t is None else t for n, t in columns.items()})


def require(frame: object, columns: Columns, *, what: str) -> pl.DataFrame:
    """Return the frame as polars with these columns in their dtypes, or say what is wrong.

    Parameters
    ----------
    frame
        Anything `to_polars` takes. Further columns are kept.
    columns
        One of the contracts of this module.
    what
        Whose argument it is, for example ``"krippendorff_alpha()"``.

    Returns
    -------
    frame
        The same rows, cast where nothing is lost. Text may come as text, whole numbers, booleans,
        categories or dates.

    Raises
    ------
    ColumnError
        If a column is missing, cannot be cast, or holds null where an id is needed; with the first such row.

    Examples
    --------
    >>> require({"item_id": [1, 2]}, ITEMS, what="add_items()")["item_id"].to_list()
    ['1', '2']
    """
    table = to_polars(frame, what=what)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ColumnError(
            what,
            expected=f"the columns {list(columns)}",
            found=f"{table.columns}",
            column=missing[0],
            advice=_how_to_name(frame, missing[0]),
        )
    for name in columns:
        _refuse_objects(table[name], what)
    casts = [_cast(table[name], dtype, what) for name, dtype in columns.items() if dtype is not None]
    table = table.with_columns(casts)
    for name in ("item_id", "annotator_id"):
        if name in columns:
            _refuse_null(table, name, what)
    return table


def _how_to_name(frame: object, missing: str) -> str:
    if missing in getattr(getattr(frame, "index", None), "names", ()):
        return "The index is not read: pass frame.reset_index()."
    return "Rename your columns, for example frame.rename({'id': 'item_id'})."


def _refuse_objects(column: pl.Series, what: str) -> None:
    """Refuse Python objects: no expression can look into them."""
    if column.dtype == pl.Object:
        row = next((row for row, cell in enumerate(column) if cell is not None), None)
        found = f"a Python {type(column[row]).__name__}" if row is not None else "Object"
        raise ColumnError(what, expected="values of one type", found=found, row=row, column=column.name)


def _cast(column: pl.Series, dtype: pl.DataType | type[pl.DataType], what: str) -> pl.Series:
    if column.null_count() == len(column):
        return pl.Series(column.name, [None], dtype=dtype).new_from_index(0, len(column))
    if dtype == pl.String and not _is_text_like(column.dtype):
        raise _no_text(column, what)
    try:
        return column.cast(dtype)
    except pl.exceptions.PolarsError:
        raise _no_cast(column, dtype, what) from None


def _is_text_like(dtype: pl.DataType) -> bool:
    """Say whether two values are the same exactly if their text is."""
    named = isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Datetime)
    return named or dtype.is_integer()


def _no_text(column: pl.Series, what: str) -> ColumnError:
    rows = column.is_not_null()
    advice = ""
    if column.dtype.is_float():
        broken = ((column != column.round()) | ~column.is_finite()).fill_null(True)
        rows = broken if broken.any() else rows
        advice = "Whole numbers become floats beside a missing one: drop that row and cast to integers."
    row = rows.arg_true()[0]
    found = f"{shorten(column.slice(row, 1).to_list()[0])} ({column.dtype})"
    expected = "text, whole numbers, categories or dates"
    return ColumnError(what, expected=expected, found=found, row=row, column=column.name, advice=advice)


def _no_cast(column: pl.Series, dtype: pl.DataType | type[pl.DataType], what: str) -> ColumnError:
    try:
        row = (column.cast(dtype, strict=False).is_null() & column.is_not_null()).arg_true()[0]
    except (pl.exceptions.PolarsError, IndexError):
        row = column.is_not_null().arg_true()[0]
    found = f"{column.dtype} {shorten(column.slice(row, 1).to_list()[0])}"
    expected = f"values of type {dtype}"
    return ColumnError(what, expected=expected, found=found, row=row, column=column.name)


def _refuse_null(table: pl.DataFrame, name: str, what: str) -> None:
    if table[name].null_count():
        row = table[name].is_null().arg_true()[0]
        raise ColumnError(what, expected="a value in every row", found="null", row=row, column=name)
