"""Field: what an item shows of one of its columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import Json, check_text

__all__ = ["Blob", "Field", "blob_name", "split_blob_name"]


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
        given: object = self.name
        if not isinstance(given, str) or not given:
            message = f"A {self.kind} field needs the name of a column, found {shorten(given)}."
            raise SchemaError(message)
        check_text(self.name, what=f"The name of a {self.kind} field")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {"kind": self.kind, "name": self.name, "title": self.title}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the field its JSON form describes."""
        return cls(**{k: v for k, v in spec.items() if k != "kind"})

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
        """Return what questions about this field are checked against.

        Raises
        ------
        ExchangeError
            If the cell cannot be shown: its file is gone, or is no media any more.
        """

    @abstractmethod
    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell of any column
        """Return what travels to the browser with the item.

        A cell that cannot be shown has a payload too: the item can be skipped, flagged and commented on.
        """

    @abstractmethod
    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell of any column
        """Return what must be equal for two cells to show the same, also of a cell that cannot be shown."""

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401, ARG002 -- a cell; only media fields have bytes
        """Return the media bytes, or None where there are none.

        Raises
        ------
        ExchangeError
            If the cell cannot be shown; the person reads this sentence where the media would be.
        """
        return None


def blob_name(item_id: str, field: str) -> str:
    """Return what the browser calls the media of one field of one item.

    Examples
    --------
    >>> blob_name("a/17", "img/left")
    'a/17/img%2Fleft'
    """
    escaped = field.replace("%", "%25").replace("/", "%2F")
    return f"{item_id}/{escaped}"


def split_blob_name(name: str) -> tuple[str, str]:
    """Return item and field of a blob name; either may hold slashes of its own.

    Examples
    --------
    >>> split_blob_name("a/17/img%2Fleft")
    ('a/17', 'img/left')
    """
    item_id, _, field = name.rpartition("/")
    return item_id, field.replace("%2F", "/").replace("%25", "%")
