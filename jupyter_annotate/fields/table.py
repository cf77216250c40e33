"""Table: a column of structs or lists of them, shown as names and values or as rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.fields.base import Field

__all__ = ["Table"]


@dataclass(frozen=True)
class Table(Field):
    """A column of structs (names beside values) or of lists of structs (rows of a table).

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.

    Examples
    --------
    >>> Table("patient").content({"age": 41, "smokes": None})
    '{"columns":["age","smokes"],"rows":[[41,null]],"single":true}'
    """

    kind: ClassVar[str] = "table"

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse what is neither a struct nor a list of structs, and nulls."""
        dtype = column.dtype
        inner = dtype.inner if isinstance(dtype, pl.List) else dtype
        if not isinstance(inner, pl.Struct):
            raise ColumnError(
                what, expected="structs or lists of structs", found=f"{dtype}", column=self.name
            )
        if column.null_count():
            row = column.is_null().arg_true()[0]
            raise ColumnError(what, expected="a value in every row", found="null", row=row, column=self.name)

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return what is shown, as canonical JSON."""
        return self.identity(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return what is shown, as canonical JSON."""
        return canonical_json(_shown(cell))

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return columns and rows."""
        return _shown(cell)


def _shown(cell: Any) -> Json:  # noqa: ANN401 -- a cell
    rows = cell.to_list() if isinstance(cell, pl.Series) else cell
    table = [rows] if isinstance(rows, dict) else [row for row in rows if row is not None]
    columns = list(dict.fromkeys(name for row in table for name in row))
    return {
        "columns": list(columns),
        "rows": [[_plain(row.get(name)) for name in columns] for row in table],
        "single": isinstance(rows, dict),
    }


def _plain(value: Any) -> Json:  # noqa: ANN401 -- a value of any dtype
    """Return a value as the page shows it: numbers and truths as such, what is nested or else as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case list() | dict():
            return canonical_json(_nested(value))
    return str(value)


def _nested(value: Any) -> Json:  # noqa: ANN401 -- a value of any dtype
    if isinstance(value, list):
        return [_nested(each) for each in value]
    if isinstance(value, dict):
        return {name: _nested(each) for name, each in value.items()}
    return _plain(value)
