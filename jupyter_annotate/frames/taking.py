"""Taking: polars, pandas, pyarrow, plain columns or anything with the Arrow C stream interface."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from jupyter_annotate.errors import ColumnError, list_some
from jupyter_annotate.frames.cells import check_name, numpy_series, series_of
from jupyter_annotate.frames.pandas_columns import is_pandas, pandas_series

__all__ = ["to_polars"]

_EXPECTED = "a data frame (polars, pandas, pyarrow, DuckDB, any with __arrow_c_stream__)"
#: One of these stands for a whole column.
_SINGLE = (str, bytes, bool, int, float, dt.date, Mapping, type(None))


def to_polars(frame: object, *, what: str) -> pl.DataFrame:
    """Take whatever speaks the Arrow C stream interface and return a polars frame.

    Parameters
    ----------
    frame
        A polars DataFrame or LazyFrame, a pandas DataFrame, a pyarrow Table, a DuckDB relation, a mapping
        from names to columns, ...
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If it is nothing like a frame, or a column or cell of it is nothing polars can hold; with the first
        such row and column.

    Examples
    --------
    >>> to_polars({"item_id": ["a"]}, what="add_items()").shape
    (1, 1)
    """
    match frame:
        case pl.DataFrame():
            return frame
        case pl.LazyFrame():
            return _collected(frame, what)
        case Mapping():
            return _from_columns(frame, what)
    if is_pandas(frame, "DataFrame"):
        return _from_pandas(frame, what)
    if not hasattr(frame, "__arrow_c_stream__"):
        raise ColumnError(what, expected=_EXPECTED, found=type(frame).__name__)
    try:
        return pl.DataFrame(frame)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        expected = "an Arrow stream that polars can read"
        raise ColumnError(what, expected=expected, found=_said(error)) from error


def _collected(frame: pl.LazyFrame, what: str) -> pl.DataFrame:
    try:
        return frame.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        expected = "a lazy frame that collect() can compute"
        raise ColumnError(what, expected=expected, found=_said(error)) from error


def _said(error: Exception) -> str:
    """Return what went wrong in one line; polars adds the whole plan to it."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0].rstrip('.')}"


def _from_pandas(frame: Any, what: str) -> pl.DataFrame:  # noqa: ANN401 -- pandas is not imported
    names = [check_name(name if isinstance(name, str) else str(name), what=what) for name in frame.columns]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        found = f"two columns {twice[0]!r}"
        raise ColumnError(what, expected="every column once", found=found, column=twice[0])
    columns = [pandas_series(name, frame.iloc[:, at], what=what) for at, name in enumerate(names)]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=len(frame))


def _from_columns(frame: Mapping[Any, Any], what: str) -> pl.DataFrame:
    single = {check_name(name, what=what): _is_single(cells) for name, cells in frame.items()}
    columns = {name: _column(name, [c] if single[name] else c, what) for name, c in frame.items()}
    many = {name: len(column) for name, column in columns.items() if not single[name]}
    height = next(iter(many.values()), 1)
    for name, rows in many.items():
        if rows != height:
            expected = f"{height} rows in every column, as in {list_some(list(many)[:1])}"
            raise ColumnError(what, expected=expected, found=f"{rows}", column=name)
    return pl.DataFrame([c.new_from_index(0, height) if single[n] else c for n, c in columns.items()])


def _is_single(cells: object) -> bool:
    return isinstance(cells, _SINGLE) or not isinstance(cells, Iterable)


def _column(name: str, cells: Any, what: str) -> pl.Series:  # noqa: ANN401 -- whatever holds cells
    if isinstance(cells, pl.Series):
        return cells.alias(name)
    if is_pandas(cells, "Series") or is_pandas(cells, "Index"):
        return pandas_series(name, cells, what=what)
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "biufMm":
        return numpy_series(name, cells)
    if hasattr(cells, "__arrow_c_stream__") or hasattr(cells, "__arrow_c_array__"):
        return pl.Series(name, cells)
    return series_of(name, list(cells), what=what)
