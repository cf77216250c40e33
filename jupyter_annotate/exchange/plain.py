"""Plain columns: what JSON can hold, and the way back.

Text, booleans, numbers, lists and structures stay as they are. Bytes become base64, moments ISO 8601,
durations whole numbers of their unit, categories and decimals text; inside lists and structures as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from jupyter_annotate.exchange.dtypes import made

__all__ = ["encoding", "plain", "plain_type", "restored"]

Turn = Callable[[pl.Expr], pl.Expr]


@dataclass(frozen=True, slots=True)
class _Code:
    """How a column of one type is written: in words, as which type, there and back."""

    words: str | None
    type: pl.DataType
    write: Turn
    read: Turn


def encoding(dtype: pl.DataType) -> str | None:
    """Say in words how a column is written; None where it stays as it is."""
    match dtype:
        case pl.List() | pl.Array():
            return encoding(made(dtype.inner))
        case pl.Struct():
            found = {f.name: encoding(made(f.dtype)) for f in dtype.fields}
            return ", ".join(f"{name}: {words}" for name, words in found.items() if words) or None
    code = _code(dtype)
    return code.words if code else None


def plain_type(dtype: pl.DataType) -> pl.DataType:
    """Return the type of a column after `plain`."""
    match dtype:
        case pl.List() | pl.Array():
            return pl.List(plain_type(made(dtype.inner)))
        case pl.Struct():
            return pl.Struct({f.name: plain_type(made(f.dtype)) for f in dtype.fields})
    code = _code(dtype)
    return code.type if code else dtype


def plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Turn a column of this type into one of `plain_type`."""
    if plain_type(dtype) == dtype:
        return column
    match dtype:
        case pl.List() | pl.Array():
            inner = made(dtype.inner)
            return column.cast(pl.List(inner)).list.eval(plain(pl.element(), inner))
        case pl.Struct():
            return _structure(column, dtype, plain)
    code = _code(dtype)
    return code.write(column) if code else column


def restored(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Turn a column of `plain_type` back into one of this type."""
    if plain_type(dtype) == dtype:
        return column
    match dtype:
        case pl.List() | pl.Array():
            inner = made(dtype.inner)
            if isinstance(inner, pl.Categorical | pl.Enum):
                return column.cast(dtype)  # older releases of polars refuse this cast inside a list
            return column.list.eval(restored(pl.element(), inner)).cast(dtype)
        case pl.Struct():
            return _structure(column, dtype, restored)
    code = _code(dtype)
    return code.read(column) if code else column


def _structure(column: pl.Expr, dtype: pl.Struct, turn: Callable[[pl.Expr, pl.DataType], pl.Expr]) -> pl.Expr:
    """Build a structure anew, its fields turned; one that is missing stays missing."""
    fields = [turn(column.struct.field(f.name), made(f.dtype)).alias(f.name) for f in dtype.fields]
    return pl.when(column.is_not_null()).then(pl.struct(fields))


def _code(dtype: pl.DataType) -> _Code | None:
    make = _CODES.get(type(dtype).__name__)
    return make(dtype) if make else None


def _as_text(dtype: pl.DataType) -> _Code:
    return _Code("text", pl.String(), lambda c: c.cast(pl.String), lambda c: c.cast(dtype))


def _wider(wide: pl.DataType) -> Callable[[pl.DataType], _Code]:
    """Write a number as one that every version of the JSON Lines reader takes."""
    return lambda dtype: _Code(None, wide, lambda c: c.cast(wide), lambda c: c.cast(dtype))


def _base64(_: pl.DataType) -> _Code:
    return _Code(
        "base64",
        pl.String(),
        lambda c: c.bin.encode("base64"),
        lambda c: c.str.decode("base64", strict=True),
    )


def _date(_: pl.DataType) -> _Code:
    written = "%Y-%m-%d"
    return _Code("ISO 8601", pl.String(), lambda c: c.dt.to_string(written), lambda c: c.str.to_date(written))


def _time(_: pl.DataType) -> _Code:
    return _Code(
        "ISO 8601",
        pl.String(),
        lambda c: c.dt.to_string("%H:%M:%S%.9f"),
        lambda c: c.str.to_time("%H:%M:%S%.f"),
    )


def _duration(dtype: Any) -> _Code:  # noqa: ANN401 -- called with the type it stands at
    words = f"whole number of {dtype.time_unit}"
    return _Code(words, pl.Int64(), lambda c: c.cast(pl.Int64), lambda c: c.cast(dtype))


def _datetime(dtype: Any) -> _Code:  # noqa: ANN401 -- called with the type it stands at
    digits = {"ms": 3, "us": 6, "ns": 9}[dtype.time_unit]
    written, local = "%Y-%m-%dT%H:%M:%S", pl.Datetime(dtype.time_unit)
    if dtype.time_zone is None:
        return _Code(
            "ISO 8601",
            pl.String(),
            lambda c: c.dt.to_string(f"{written}%.{digits}f"),
            lambda c: c.str.strptime(local, f"{written}%.f"),
        )
    return _Code(
        "ISO 8601, UTC",
        pl.String(),
        lambda c: _in_utc(c).dt.to_string(f"{written}%.{digits}fZ"),
        lambda c: _from_utc(c.str.strptime(local, f"{written}%.fZ"), dtype.time_zone),
    )


def _in_utc(column: pl.Expr) -> pl.Expr:
    return column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _from_utc(column: pl.Expr, time_zone: str) -> pl.Expr:
    return column.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)


#: The types that JSON has no words for, by name, as some are younger than the oldest polars we run with.
#: UInt64 and Int64 stay numbers: JSON sets them no limit.
_CODES: Mapping[str, Callable[[pl.DataType], _Code]] = {
    "Binary": _base64,
    "Categorical": _as_text,
    "Date": _date,
    "Datetime": _datetime,
    "Decimal": _as_text,
    "Duration": _duration,
    "Enum": _as_text,
    "Float16": _wider(pl.Float32()),
    "Int8": _wider(pl.Int64()),
    "Int16": _wider(pl.Int64()),
    "Int128": _as_text,
    "Time": _time,
    "UInt8": _wider(pl.Int64()),
    "UInt16": _wider(pl.Int64()),
    "UInt128": _as_text,
}
