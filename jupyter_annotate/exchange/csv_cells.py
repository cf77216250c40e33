r"""CSV with the dangers taken out: RFC 4180 in UTF-8, nested columns as JSON, formulas defused.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, tab, CR or LF (OWASP, "CSV Injection").
Such a text gets an apostrophe in front, and so does one that begins with apostrophes and then one of these:
taking one apostrophe off where this pattern matches restores every text.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl

from jupyter_annotate.events import Json
from jupyter_annotate.exchange.base import FileFormat, Types
from jupyter_annotate.exchange.losses import Loss, non_finite
from jupyter_annotate.exchange.plain import encoding, plain, plain_type, restored

__all__ = ["CsvCells", "guarded", "unguarded"]

_TRIGGERS = "=+-@\t\r\n"
_GUARDED = r"\A'*[=+\-@\t\r\n]"
_WAS_GUARDED = r"\A'+[=+\-@\t\r\n]"
_OPEN, _CLOSE = '{"x":', "}"


def guarded(text: pl.Expr) -> pl.Expr:
    """Put an apostrophe before what a spreadsheet would run.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": ["=1+1", "'=1+1", "'quoted'", "1-1"]})
    >>> frame.select(guarded(pl.col("x")))["x"].to_list()
    ["'=1+1", "''=1+1", "'quoted'", '1-1']
    """
    harmless = text.str.contains(_GUARDED).not_()
    return pl.when(harmless).then(text).otherwise(pl.concat_str(pl.lit("'"), text))


def unguarded(text: pl.Expr) -> pl.Expr:
    """Undo `guarded`."""
    was_guarded = text.str.contains(_WAS_GUARDED)
    return pl.when(was_guarded).then(text.str.slice(1)).otherwise(text)


class CsvCells(FileFormat):
    """For spreadsheets. Text is always quoted; an empty cell is null and ``""`` is empty text."""

    suffix: ClassVar[str] = ".csv"

    def write(self, frame: pl.LazyFrame, path: Path) -> None:
        """Write a header and one line a row."""
        columns = frame.collect_schema()
        cells = [_cell(pl.col(n), dtype).alias(_header(n)) for n, dtype in columns.items()]
        frame.select(cells).sink_csv(path, quote_style="non_numeric")

    def read(self, data: bytes, columns: Types) -> pl.DataFrame:
        """Read the cells back into their types, without the guard."""
        # The header is read as a row of cells: as a header, polars would leave doubled quotes doubled.
        frame = pl.read_csv(io.BytesIO(data), infer_schema=False, has_header=False)
        _check_header(frame.row(0), columns)
        frame = frame.slice(1).rename(dict(zip(frame.columns, columns, strict=True)))
        return frame.select(_value(pl.col(n), dtype).alias(n) for n, dtype in columns.items())

    def losses(self, frame: pl.LazyFrame, name: str) -> Sequence[Loss]:
        """List nan and infinities in nested columns, which are JSON; elsewhere CSV holds them."""
        nested = [n for n, dtype in frame.collect_schema().items() if dtype.is_nested()]
        return non_finite(frame, name, nested)

    def encoding(self, dtype: pl.DataType) -> str | None:
        """Say in words how a column is written."""
        inner = encoding(dtype)
        if not dtype.is_nested():
            return inner
        return "JSON" if inner is None else f"JSON, {inner}"

    def column_notes(self, frame: pl.LazyFrame) -> dict[str, dict[str, Json]]:
        """Say of each column how many cells are guarded, and how its name is written where that is."""
        columns = frame.collect_schema()
        guards = [
            plain(pl.col(n), dtype).str.contains(_GUARDED).sum().alias(n)
            for n, dtype in columns.items()
            if _is_text(dtype)
        ]
        counts = frame.select(guards).collect().to_dicts()[0] if guards else {}
        notes: dict[str, dict[str, Json]] = {n: {"guarded": count} for n, count in counts.items() if count}
        for name in columns:
            if _header(name) != name:
                notes.setdefault(name, {})["header"] = _header(name)
        return notes

    def notes(self) -> dict[str, Json]:
        """Say how the cells are written and guarded, and what an empty one is."""
        return {
            "cells": "RFC 4180 in UTF-8; text is quoted, numbers and truth values are not",
            "null": "an empty cell; empty text is two quotes",
            "boolean": ["true", "false"],
            "non_finite": ["NaN", "inf", "-inf"],
            "formula_guard": {
                "prefix": "'",
                "before": list(_TRIGGERS),
                "rule": "a text or column name that matches the pattern has one apostrophe in front",
                "pattern": _GUARDED,
                "where": "the columns whose entry says how many cells are guarded, or gives their header",
                "undo": "take one apostrophe off every text that matches '+ and one of these characters",
            },
        }


def _header(name: str) -> str:
    return pl.select(guarded(pl.lit(name))).item()  # type: ignore[no-any-return]  # text in, text out


def _check_header(found: tuple[str, ...], columns: Types) -> None:
    expected = tuple(_header(name) for name in columns)
    if found != expected:
        raise pl.exceptions.SchemaError(f"expected the header {expected}, found {found}")


def _cell(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    simple = plain(column, dtype)
    if dtype.is_nested():
        text = pl.struct(simple.alias("x")).struct.json_encode()
        inside = text.str.slice(len(_OPEN), text.str.len_chars() - len(_OPEN) - len(_CLOSE))
        return pl.when(simple.is_not_null()).then(inside)
    return guarded(simple) if _is_text(dtype) else simple


def _value(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    simple = plain_type(dtype)
    if dtype.is_nested():
        whole = pl.concat_str(pl.lit(_OPEN), text, pl.lit(_CLOSE))
        holder = pl.Struct({"x": simple})
        return restored(whole.str.json_decode(holder).struct.field("x"), dtype)
    if _is_text(dtype):
        return restored(unguarded(text), dtype)
    if dtype == pl.Boolean:
        return text == "true"
    return restored(text.cast(simple), dtype)


def _is_text(dtype: pl.DataType) -> bool:
    """Tell whether cells are text that anybody may have written; a number is no formula."""
    return plain_type(dtype) == pl.String and not dtype.is_numeric()
