"""Pandas columns as polars, without pyarrow: polars alone would ask for it as soon as a column holds text.

Nothing here imports pandas: whoever hands over a frame has it. What comes out is what polars makes of the
same column with pyarrow's help.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from jupyter_annotate.errors import ColumnError
from jupyter_annotate.frames.cells import numpy_series, series_of

__all__ = ["is_pandas", "pandas_series"]

_HOUR = dt.timedelta(hours=1)
#: Time zones with a fixed offset have names for these hours only.
_HOURS = range(-14, 13)


def is_pandas(thing: object, name: str) -> bool:
    """Say whether something is a pandas object of this kind, a subclass included.

    Examples
    --------
    >>> is_pandas([1], "DataFrame")
    False
    """
    kinds = type(thing).__mro__
    return any(kind.__name__ == name and kind.__module__.partition(".")[0] == "pandas" for kind in kinds)


def pandas_series(name: str, column: Any, *, what: str) -> pl.Series:  # noqa: ANN401 -- pandas is not imported
    """Return a pandas Series or Index as polars; NaN, NaT and NA become null, the index is left behind.

    Parameters
    ----------
    name
        Of the column.
    column
        A pandas Series or Index.
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If polars has no such type, or a cell is not like those above it.
    """
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return _from_numpy(name, column.to_numpy(), column, what)
    kind = next((known for known in map(_kind, type(dtype).__mro__) if known in _KINDS), None)
    if kind is None:
        raise _refused(name, dtype, what)
    return _KINDS[kind](name, column, what)


def _kind(dtype: type[Any]) -> str:
    return dtype.__name__ if dtype.__module__.partition(".")[0] == "pandas" else ""


def _refused(name: str, dtype: object, what: str) -> ColumnError:
    advice = f"Convert it first, for example frame[{name!r}] = frame[{name!r}].astype(str)."
    expected = "a type that polars has too"
    return ColumnError(what, expected=expected, found=f"{dtype}", column=name, advice=advice)


def _from_numpy(name: str, values: np.ndarray[Any, Any], column: Any, what: str) -> pl.Series:  # noqa: ANN401 -- as above
    if values.dtype.kind in "biufMm":
        return numpy_series(name, values, nan_to_null=True)
    if values.dtype.kind == "O":
        return _from_objects(name, column, what)
    raise _refused(name, values.dtype, what)


def _from_objects(name: str, column: Any, what: str) -> pl.Series:  # noqa: ANN401 -- as above
    missing = np.asarray(column.isna(), dtype=bool)
    cells = column.to_numpy(dtype=object, copy=True)
    cells[missing] = None
    series = series_of(name, cells.tolist(), what=what)
    return series.cast(pl.String) if series.dtype == pl.Null else series


def _from_text(name: str, column: Any, what: str) -> pl.Series:  # noqa: ANN401 -- as above
    return _from_objects(name, column, what)


def _from_masked(name: str, column: Any, _what: str) -> pl.Series:  # noqa: ANN401 -- as above
    """Nullable whole numbers, floats and booleans: plain values beside a mask."""
    missing = np.asarray(column.isna(), dtype=bool)
    values = pl.Series(name, column.to_numpy(dtype=column.dtype.numpy_dtype, na_value=0))
    return values.set(pl.Series(missing), None) if missing.any() else values


def _from_categories(name: str, column: Any, what: str) -> pl.Series:  # noqa: ANN401 -- as above
    names = pandas_series(name, column.dtype.categories, what=what)
    codes = pl.Series(np.asarray(getattr(column, "cat", column).codes, dtype=np.int64))
    found = names.gather(codes.set(codes < 0, None))
    return found.cast(pl.Categorical) if found.dtype == pl.String else found


def _from_zoned(name: str, column: Any, _what: str) -> pl.Series:  # noqa: ANN401 -- as above
    """Keep the time zone; one that polars has no name for becomes UTC, the same instants."""
    utc = getattr(column, "dt", column).tz_convert("UTC")
    naive = getattr(utc, "dt", utc).tz_localize(None)
    series = _from_numpy(name, naive.to_numpy(), naive, _what).dt.replace_time_zone("UTC")
    try:
        return series.dt.convert_time_zone(_zone(column.dtype.tz))
    except pl.exceptions.PolarsError:
        return series


def _zone(zone: Any) -> str:  # noqa: ANN401 -- zoneinfo, datetime, pytz or dateutil
    offset = zone.utcoffset(None)
    if offset and not offset % _HOUR and -offset // _HOUR in _HOURS:
        return f"Etc/GMT{-offset // _HOUR:+d}"
    return str(zone)


def _from_arrow(name: str, column: Any, _what: str) -> pl.Series:  # noqa: ANN401 -- as above
    """Columns that pyarrow holds: it is there then."""
    return pl.Series(name, column.array.__arrow_array__())


def _from_sparse(name: str, column: Any, what: str) -> pl.Series:  # noqa: ANN401 -- as above
    return _from_numpy(name, np.asarray(column), column, what)


_KINDS: Mapping[str, Callable[[str, Any, str], pl.Series]] = {
    "StringDtype": _from_text,
    "CategoricalDtype": _from_categories,
    "DatetimeTZDtype": _from_zoned,
    "ArrowDtype": _from_arrow,
    "SparseDtype": _from_sparse,
    "BaseMaskedDtype": _from_masked,
}
