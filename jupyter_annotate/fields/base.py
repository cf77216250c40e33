"""Field: what an item shows of one of its columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import SchemaError
from jupyter_annotate.events import Json, check_text

__all__ = ["Blob", "Field"]


@dataclass(frozen=True, slots=True)
class Blob:
    """Media bytes with the type their content shows."""

    data: bytes
    mime: str


@dataclass(frozen=True)
class Field(ABC):
    """What an item shows of one of its columns.

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.
    """

    kind: ClassVar[str]

    name: str
    title: str | None = None

    def __post_init__(self) -> None:
        """Refuse a name that no column could have."""
        if not self.name:
            message = f"A {self.kind} field needs the name of a column, found ''."
            raise SchemaError(message)
        check_text(self.name, what=f"The name of a {self.kind} field")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {"kind": self.kind, "name": self.name, "title": self.title}

    @abstractmethod
    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Refuse a column that could not be shown, naming the first bad row.

        Raises
        ------
        ColumnError
            With the row, what was expected and what was found.
        """

    @abstractmethod
    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell of any column
        """Return what questions about this field are checked against."""

    @abstractmethod
    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell of any column
        """Return what travels to the browser with the item."""

    @abstractmethod
    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell of any column
        """Return what must be equal for two cells to show the same."""

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401, ARG002 -- a cell; only media fields have bytes
        """Return the media bytes, or None where there are none."""
        return None
