"""Chat: a column of conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, SchemaError, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.fields.base import Field

__all__ = ["Chat"]


@dataclass(frozen=True)
class Chat(Field):
    """A column of conversations: lists of ``{"role", "content"}``, or the same as JSON text.

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.
    markdown
        Whether what is said is shown with its headings, lists, tables and code.

    Examples
    --------
    >>> Chat("talk").content([{"role": "user", "content": "Hello?"}])
    '[{"content":"Hello?","role":"user"}]'
    """

    kind: ClassVar[str] = "chat"

    markdown: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what is neither True nor False."""
        super().__post_init__()
        given: object = self.markdown
        if not isinstance(given, bool):
            raise SchemaError(
                f"{self.name!r}: expected markdown to be True or False, found {shorten(given)}."
            )

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "markdown": self.markdown}

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse what is no conversation, naming the first such row."""
        expected = 'lists of {"role": text, "content": text}, or the same as JSON text'
        if not isinstance(column.dtype, pl.List | pl.String):
            raise ColumnError(what, expected=expected, found=f"{column.dtype}", column=self.name)
        for row, cell in enumerate(column.to_list()):
            try:
                _turns(cell)
            except (ValueError, TypeError, KeyError) as error:
                found = f"{shorten(cell)} ({error})"
                raise ColumnError(what, expected=expected, found=found, row=row, column=self.name) from error

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the conversation as canonical JSON."""
        return self.identity(cell)

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the conversation as canonical JSON."""
        turns: Json = list(_turns(cell))
        return canonical_json(turns)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401, ARG002 -- a cell
        """Return the turns, and how to show them."""
        turns: Json = list(_turns(cell))
        return {"turns": turns, "markdown": self.markdown}


def _turns(cell: Any) -> list[dict[str, Json]]:  # noqa: ANN401 -- a cell
    """Return the turns of a conversation; what else a turn holds is not shown."""
    turns = json.loads(cell) if isinstance(cell, str) else cell
    if isinstance(turns, pl.Series):
        turns = turns.to_list()
    if not isinstance(turns, list):
        message = "no list"
        raise TypeError(message)
    return [_turn(each) for each in turns]


def _turn(turn: object) -> dict[str, Json]:
    if not isinstance(turn, Mapping):
        message = f"a turn that is {shorten(turn)}"
        raise TypeError(message)
    said = {part: turn[part] for part in ("role", "content")}
    for part, text in said.items():
        if not isinstance(text, str) or "\x00" in text:
            message = f"a {part} that is {shorten(text)}"
            raise TypeError(message)
    return said
