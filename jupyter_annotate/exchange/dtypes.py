"""Column types in words: what the manifest says and the reader restores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from polars.datatypes import DataTypeClass

from jupyter_annotate.errors import ExchangeError, shorten
from jupyter_annotate.events import Json

__all__ = ["from_json", "made", "to_json"]

#: By name, as some are younger than the oldest polars we run with.
_NAMES = (
    "Boolean Int8 Int16 Int32 Int64 Int128 UInt8 UInt16 UInt32 UInt64 UInt128 Float16 Float32 Float64 "
    "String Binary Date Time Categorical Null"
)
_PLAIN: Mapping[str, pl.DataType] = {n: getattr(pl, n)() for n in _NAMES.split() if hasattr(pl, n)}


def made(dtype: pl.DataType | DataTypeClass) -> pl.DataType:
    """Return an instance of a type that was given by its class."""
    return dtype() if isinstance(dtype, type) else dtype


def to_json(dtype: pl.DataType) -> Json:
    """Describe a type: a name, or a name with what it takes.

    Raises
    ------
    ExchangeError
        If no file can hold it (Python objects).

    Examples
    --------
    >>> to_json(pl.List(pl.Struct({"start": pl.Int64})))
    {'List': {'Struct': [['start', 'Int64']]}}
    """
    name = type(dtype).__name__
    if name in _TAKES:
        return {name: _TAKES[name](dtype)}
    if name not in _PLAIN:
        raise ExchangeError("export", f"expected columns that a file can hold, found {dtype}.")
    return name


def from_json(spec: object) -> pl.DataType:
    """Make the type that `to_json` described.

    Raises
    ------
    ExchangeError
        If it describes none.

    Examples
    --------
    >>> from_json({"List": "Int64"})
    List(Int64)
    """
    match spec:
        case str() if spec in _PLAIN:
            return _PLAIN[spec]
        case dict() if len(spec) == 1:
            name, given = next(iter(spec.items()))
            if name in _BUILT:
                return _built(name, given)
    raise _no_type(spec)


def _built(name: str, given: Any) -> pl.DataType:  # noqa: ANN401 -- whatever stands in the file
    try:
        return _BUILT[name](given)
    except (TypeError, ValueError, OverflowError, RecursionError, pl.exceptions.PolarsError):
        raise _no_type({name: given}) from None


def _no_type(spec: object) -> ExchangeError:
    return ExchangeError("manifest.json", f"expected a column type, found {shorten(spec)}.", field="dtype")


def _struct(fields: Sequence[Any]) -> pl.DataType:
    return pl.Struct({str(name): from_json(spec) for name, spec in fields})


def _array(given: Sequence[Any]) -> pl.DataType:
    inner, size = given
    return pl.Array(from_json(inner), int(size))


#: What a type takes besides its name.
_TAKES: Mapping[str, Callable[[Any], Json]] = {
    "Datetime": lambda dtype: [dtype.time_unit, dtype.time_zone],
    "Duration": lambda dtype: dtype.time_unit,
    "Decimal": lambda dtype: [dtype.precision, dtype.scale],
    "Enum": lambda dtype: dtype.categories.to_list(),
    "List": lambda dtype: to_json(made(dtype.inner)),
    "Array": lambda dtype: [to_json(made(dtype.inner)), dtype.size],
    "Struct": lambda dtype: [[field.name, to_json(made(field.dtype))] for field in dtype.fields],
}

_BUILT: Mapping[str, Callable[[Any], pl.DataType]] = {
    "Datetime": lambda given: pl.Datetime(*given),
    "Duration": pl.Duration,
    "Decimal": lambda given: pl.Decimal(*given),
    "Enum": pl.Enum,
    "List": lambda given: pl.List(from_json(given)),
    "Array": _array,
    "Struct": _struct,
}
