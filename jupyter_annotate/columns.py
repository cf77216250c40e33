"""The frames that cross module boundaries, and the one check at each door.

ITEMS, EVENTS, ANNOTATIONS, LABELS, PRELABELS and CONSENSUS: their columns and dtypes stand here
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from jupyter_annotate.errors import ColumnError

__all__ = [
    "ANNOTATIONS",
    "CONSENSUS",
    "EVENTS",
    "ITEMS",
    "LABELS",
    "PRELABELS",
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

#: One label an item.
CONSENSUS: Columns = {"item_id": pl.String, "label": None, "confidence": pl.Float64}


def empty(columns: Columns) -> pl.DataFrame:
    """Make a frame with these columns and no rows.

    Examples
    --------
    >>> empty(LABELS).columns
    ['item_id', 'annotator_id', 'label']
    """
    return pl.DataFrame(schema={n: pl.String if t is None else t for n, t in columns.items()})


def to_polars(frame: object, *, what: str) -> pl.DataFrame:
    """Take whatever speaks the Arrow C stream interface and return a polars frame.

    Parameters
    ----------
    frame
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, a DuckDB relation, ...
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If it is nothing like a frame.

    Examples
    --------
    >>> to_polars({"item_id": ["a"]}, what="add_items()").shape
    (1, 1)
    """
    match frame:
        case pl.DataFrame():
            return frame
        case pl.LazyFrame():
            return frame.collect()
    if not isinstance(frame, Mapping) and not hasattr(frame, "__arrow_c_stream__"):
        raise ColumnError(
            what,
            expected="a data frame (polars, pandas, pyarrow, DuckDB, any with __arrow_c_stream__)",
            found=type(frame).__name__,
        )
    try:
        return pl.DataFrame(frame)
    except UnicodeEncodeError as error:
        raise _lone_surrogate(frame, error, what) from None


def _lone_surrogate(frame: Any, error: UnicodeEncodeError, what: str) -> ColumnError:  # noqa: ANN401 -- any frame
    """Find the cell that no UTF-8 can hold; only runs when the conversion has failed."""
    names = list(getattr(frame, "columns", frame))
    cells = ((row, name) for name in names for row, cell in enumerate(frame[name]) if cell == error.object)
    row, column = next(cells, (None, None))
    return ColumnError(
        what,
        expected="text that is valid Unicode",
        found=f"a lone surrogate at character {error.start} of {ascii(error.object)[:60]}",
        row=row,
        column=column,
        advice="Fix the decoding of your source, or drop the row.",
    )


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
        The same rows. Integers, categories and the like are cast where nothing is lost.

    Raises
    ------
    ColumnError
        If a column is missing, cannot be cast, or holds null where an id is needed.

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
            advice="Rename your columns, for example frame.rename({'id': 'item_id'}).",
        )
    casts = [_cast(table, name, dtype, what) for name, dtype in columns.items() if dtype is not None]
    table = table.with_columns(casts)
    for name in ("item_id", "annotator_id"):
        if name in columns:
            _refuse_null(table, name, what)
    return table


def _cast(table: pl.DataFrame, name: str, dtype: pl.DataType | type[pl.DataType], what: str) -> pl.Series:
    try:
        return table[name].cast(dtype)
    except pl.exceptions.PolarsError as error:
        raise ColumnError(
            what, expected=f"values of type {dtype}", found=f"{table[name].dtype}", column=name
        ) from error


def _refuse_null(table: pl.DataFrame, name: str, what: str) -> None:
    if table[name].null_count():
        row = table[name].is_null().arg_true()[0]
        raise ColumnError(what, expected="a value in every row", found="null", row=row, column=name)
