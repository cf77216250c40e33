"""Cells: one column of plain Python values as a polars Series, or the row of the one that does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["check_name", "numpy_series", "series_of"]

_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: Whole numbers up to here are the same as floats.
_EXACT = 2**53
#: What polars raises on a cell it cannot hold.
_MISFITS = (TypeError, ValueError, AttributeError, OverflowError, RecursionError, pl.exceptions.PolarsError)


def check_name(name: object, *, what: str) -> str:
    """Return the name of a column, or refuse one that no frame could carry.

    Raises
    ------
    ColumnError
        If it is no text, or no valid Unicode.
    """
    if isinstance(name, str) and not _SURROGATE.search(name):
        return name
    expected = "text that is valid Unicode as name of every column"
    raise ColumnError(what, expected=expected, found=ascii(name)[:80])


def numpy_series(name: str, values: np.ndarray[Any, Any], *, nan_to_null: bool = False) -> pl.Series:
    """Make a column of numbers, booleans or times; NaT becomes null, and NaN if asked.

    Examples
    --------
    >>> numpy_series("day", np.array(["2024-02-29"], dtype="datetime64[s]")).dtype
    Datetime(time_unit='ms', time_zone=None)
    """
    if values.dtype.kind in "Mm" and np.datetime_data(values.dtype)[0] == "s":
        # polars has no seconds.
        values = values.astype(f"{values.dtype.kind}8[ms]")
    return pl.Series(name, values, nan_to_null=nan_to_null)


def series_of(name: str, cells: Sequence[Any], *, what: str) -> pl.Series:
    """Make a column of Python values.

    Parameters
    ----------
    name
        Of the column.
    cells
        One a row; None where there is none. Whole numbers beside fractions become floats, and mappings keep
        the keys of all of them.
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        Naming the first row whose value is not like those above it.

    Examples
    --------
    >>> series_of("score", [1, 0.5, None], what="f()").to_list()
    [1.0, 0.5, None]
    """
    if _are_vectors(cells):
        return pl.Series(name, [cell if cell is None else pl.Series(cell) for cell in cells])
    plain = [_plain(cell) for cell in cells]
    try:
        return _made(name, plain)
    except _MISFITS as error:
        raise _misfit(name, plain, error, what) from None


def _are_vectors(cells: Sequence[Any]) -> bool:
    """Say whether these are arrays of numbers of one type, like embeddings: no need to look into them."""
    given = [cell for cell in cells if cell is not None]
    if not given or not all(isinstance(cell, np.ndarray) for cell in given):
        return False
    kinds = {(cell.dtype, cell.ndim) for cell in given}
    return len(kinds) == 1 and given[0].ndim == 1 and given[0].dtype.kind in "biuf"


def _plain(cell: Any) -> Any:  # noqa: ANN401 -- a cell of any type
    match cell:
        case np.ndarray():
            return cell.tolist()
        case pl.Series():
            return cell.to_list()
    return cell


def _made(name: str, cells: Sequence[Any]) -> pl.Series:
    first = next((cell for cell in cells if cell is not None), None)
    if type(first) in (int, float) and _are_numbers(cells):
        return pl.Series(name, cells, dtype=pl.Float64)
    if isinstance(first, dict | list):
        # A Series takes the keys of the first mapping and drops what only later ones hold.
        rows = pl.DataFrame([{name: cell} for cell in cells], infer_schema_length=None)
        return pl.Series(name, cells, dtype=rows.schema[name], strict=True)
    return pl.Series(name, cells)


def _are_numbers(cells: Sequence[Any]) -> bool:
    """Say whether these are whole numbers beside fractions that are exact as floats."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds != {int, float}:
        return False
    return all(abs(cell) <= _EXACT for cell in cells if type(cell) is int)


def _misfit(name: str, cells: Sequence[Any], error: Exception, what: str) -> ColumnError:
    """Find the cell that no column of this type can hold; only runs when the conversion has failed."""
    row, error = _first_failing(name, cells, error)
    if isinstance(error, UnicodeEncodeError):
        return ColumnError(
            what,
            expected="text that is valid Unicode",
            found=f"a lone surrogate at character {error.start} of {ascii(error.object)[:60]}",
            row=row,
            column=name,
            advice="Fix the decoding of your source, or drop the row.",
        )
    above = _made(name, cells[:row]).dtype
    return ColumnError(
        what,
        expected="a value that polars can hold" if above == pl.Null else f"{above} as in the rows above",
        found=f"{shorten(cells[row])} ({type(cells[row]).__name__})",
        row=row,
        column=name,
        advice="Give the column values of one type, for example text.",
    )


def _first_failing(name: str, cells: Sequence[Any], error: Exception) -> tuple[int, Exception]:
    """Return the first row with which the column cannot be made, and why, by halving."""
    good, bad = 0, len(cells)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            _made(name, cells[:middle])
            good = middle
        except _MISFITS as found:
            bad, error = middle, found
    return bad - 1, error
