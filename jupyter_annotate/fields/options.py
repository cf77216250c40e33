"""Options: a column of label lists, one for each item; shown as the labels of a question, not by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, SchemaError, shorten
from jupyter_annotate.events import Json, canonical_json, check_text
from jupyter_annotate.fields.base import Field

__all__ = ["Options"]


@dataclass(frozen=True)
class Options(Field):
    """A column of label lists: what a question with ``labels_from=`` offers on each item.

    A schema adds it by itself for each such question.

    Parameters
    ----------
    name
        The column: lists of text, at least one label each and none twice.
    title
        Not shown.

    Examples
    --------
    >>> Options("candidates").content(["Paris, France", "Paris, Texas"])
    ('Paris, France', 'Paris, Texas')
    """

    kind: ClassVar[str] = "options"

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse what is no list of different labels, naming the first such row."""
        if column.dtype != pl.List(pl.String):
            message = "lists of labels, as text"
            raise ColumnError(what, expected=message, found=f"{column.dtype}", column=self.name)
        for row, cell in enumerate(column):
            problem = _problem(None if cell is None else cell.to_list())
            if problem:
                expected = "at least one label and none twice, each with something to read"
                raise ColumnError(what, expected=expected, found=problem, row=row, column=self.name)

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the labels."""
        return tuple(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the labels as text."""
        return canonical_json(list(cell))

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return the labels."""
        return list(cell)


def _problem(labels: list[str | None] | None) -> str | None:
    """Say what is wrong with a list of labels."""
    if not labels:
        return "null" if labels is None else "an empty list"
    for label in labels:
        if label is None or not label.strip():
            return f"the label {shorten(label)}"
        try:
            check_text(label, what="The label")
        except SchemaError as error:
            return str(error).rstrip(".")
    twice = [label for label in labels if labels.count(label) > 1]
    return f"{shorten(twice[0])} twice" if twice else None
