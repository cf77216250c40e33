"""How columns of several batches are read as one: never with a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

import polars as pl

from jupyter_annotate.errors import StorageError

__all__ = ["as_laid_out", "common_type", "lay_out"]

#: A float of 64 bits holds every integer up to here.
_EXACT = 2**53
#: Bits of an integer that a float of so many bits holds exactly.
_EXACT_BITS: dict[pl.DataType, int] = {pl.Float32(): 16, pl.Float64(): 32}

_Frame = TypeVar("_Frame", pl.DataFrame, pl.LazyFrame)
#: One batch: where it is and the types of its columns.
Source: TypeAlias = tuple[pl.LazyFrame, Mapping[str, pl.DataType]]


def lay_out(sources: Sequence[Source]) -> dict[str, pl.DataType]:
    """Return name and type of every column of all batches, in the order they first appear.

    Raises
    ------
    StorageError
        If no type holds all values of a column without a loss.
    """
    names = dict.fromkeys(name for _, schema in sources for name in schema)
    layout = {name: common_type(name, sources) for name in names}
    for name, dtype in layout.items():
        if dtype is None:
            found = list(dict.fromkeys(f"{schema[name]}" for _, schema in sources if name in schema))
            raise StorageError(
                f"The items cannot be read: column {name!r} has another type in some of the batches "
                f"they were added in ({', '.join(found)}), and no type holds them all without a loss. "
                "Begin a new project from frames in which the column has one type."
            )
    return {name: dtype for name, dtype in layout.items() if dtype is not None}


def common_type(name: str, sources: Sequence[Source]) -> pl.DataType | None:
    """Return the type that holds one column of all batches without a loss, None if there is none."""
    having = [(frame, schema[name]) for frame, schema in sources if name in schema]
    dtypes = list(dict.fromkeys(dtype for _, dtype in having))
    together = _fit_all(dtypes)
    if together is not None or not all(_is_integer(dtype) or _is_float(dtype) for dtype in dtypes):
        return together
    if not any(map(_is_float, dtypes)):
        return None
    integers = [frame for frame, dtype in having if _is_integer(dtype)]
    return pl.Float64() if all(_exact_as_float(frame, name) for frame in integers) else None


def as_laid_out(
    frame: _Frame, schema: Mapping[str, pl.DataType], layout: Mapping[str, pl.DataType]
) -> _Frame:
    """Return a batch with its columns in their common types."""
    casts = [pl.col(name).cast(layout[name]) for name, dtype in schema.items() if dtype != layout[name]]
    return frame.with_columns(casts) if casts else frame


def _exact_as_float(frame: pl.LazyFrame, name: str) -> bool:
    """Tell whether a column of integers has none that a float would round."""
    inside = pl.col(name).is_between(-_EXACT, _EXACT).all()
    return bool(frame.select(inside).collect().item())


def _fit_all(dtypes: Sequence[pl.DataType]) -> pl.DataType | None:
    together: pl.DataType | None = dtypes[0]
    for dtype in dtypes[1:]:
        together = None if together is None else _fit(together, dtype)
    return together


def _fit(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    """Return the type that holds every value of both, whatever the values are."""
    if one == other or isinstance(other, pl.Null):
        return one
    if isinstance(one, pl.Null):
        return other
    if all(_is_integer(each) or _is_float(each) for each in (one, other)):
        return _fit_numbers(one, other)
    if _is_text(one) and _is_text(other):
        return pl.String()
    return _fit_nested(one, other)


def _is_integer(dtype: pl.DataType) -> bool:
    return bool(dtype.is_integer())


def _is_float(dtype: pl.DataType) -> bool:
    return bool(dtype.is_float())


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)


def _fit_numbers(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    empty = [pl.DataFrame(schema={"n": dtype}) for dtype in (one, other)]
    wider = pl.concat(empty, how="vertical_relaxed").schema["n"]
    integers = [dtype for dtype in (one, other) if _is_integer(dtype)]
    if _is_integer(wider):
        return wider if len(integers) == len(empty) else None
    bits = _EXACT_BITS.get(wider, 0)
    return wider if all(_bits(dtype) <= bits for dtype in integers) else None


def _bits(dtype: pl.DataType) -> int:
    """Return how many bits an integer type has: Int64 has 64."""
    return int("".join(each for each in f"{dtype}" if each.isdigit()))


def _fit_nested(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    match one, other:
        case pl.List(), pl.List():
            inner = _fit(cast("pl.DataType", one.inner), cast("pl.DataType", other.inner))
            return None if inner is None else pl.List(inner)
        case pl.Struct(), pl.Struct() if [f.name for f in one.fields] == [f.name for f in other.fields]:
            ours, theirs = (
                {f.name: cast("pl.DataType", f.dtype) for f in each.fields} for each in (one, other)
            )
            fitted = {name: _fit(dtype, theirs[name]) for name, dtype in ours.items()}
            known = {name: dtype for name, dtype in fitted.items() if dtype is not None}
            return pl.Struct(known) if len(known) == len(fitted) else None
    return None
