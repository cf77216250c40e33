"""Text: a column of strings, shown as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import Field

__all__ = ["Text"]


@dataclass(frozen=True)
class Text(Field):
    """A column of text, shown character by character as it is.

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.

    Examples
    --------
    >>> Text("text").to_json()
    {'kind': 'text', 'name': 'text', 'title': None}
    """

    kind: ClassVar[str] = "text"

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse nulls and NUL characters; nothing is stripped or normalised."""
        if column.dtype != pl.String:
            raise ColumnError(what, expected="text", found=f"{column.dtype}", column=self.name)
        for bad, found, advice in (
            (column.is_null(), "null", "Drop the row or fill it, for example fill_null('')."),
            (
                column.str.contains("\x00", literal=True),
                "a NUL character",
                "Remove it: .str.replace_all('\\x00', '', literal=True).",
            ),
        ):
            if bad.any():
                row = bad.arg_true()[0]
                raise ColumnError(
                    what, expected="text", found=found, row=row, column=self.name, advice=advice
                )

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the text."""
        return str(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the text."""
        return str(cell)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return the text."""
        return str(cell)
