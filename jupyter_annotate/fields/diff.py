"""Diff: a column of two texts, shown side by side with what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.fields.base import Field

__all__ = ["Diff"]

_TEXTS = 2


@dataclass(frozen=True)
class Diff(Field):
    """A column of structs of two texts, such as ``{"before": ..., "after": ...}``, with what differs marked.

    Parameters
    ----------
    name
        The column. The names of its two parts stand above the texts.
    title
        A heading above it; none by default.

    Examples
    --------
    >>> Diff("edit").content({"before": "a b", "after": "a c"})
    '{"names":["before","after"],"texts":["a b","a c"]}'
    """

    kind: ClassVar[str] = "diff"

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse what is no struct of two texts, naming the first row without one."""
        dtype = column.dtype
        parts = dtype.fields if isinstance(dtype, pl.Struct) else []
        if len(parts) != _TEXTS or any(part.dtype != pl.String for part in parts):
            raise ColumnError(what, expected="structs of two texts", found=f"{dtype}", column=self.name)
        for row, cell in enumerate(column.to_list()):
            texts = [None] if cell is None else list(cell.values())
            if any(text is None or "\x00" in text for text in texts):
                raise ColumnError(
                    what, expected="two texts without NUL", found=shorten(cell), row=row, column=self.name
                )

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return names and texts, as canonical JSON."""
        return self.identity(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return names and texts, as canonical JSON."""
        return canonical_json(_sides(cell))

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return names and texts."""
        return _sides(cell)


def _sides(cell: dict[str, str]) -> Json:
    return {"names": list(cell), "texts": list(cell.values())}
