"""What is exported, and what a file format is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import polars as pl

from jupyter_annotate.events import Json
from jupyter_annotate.exchange.losses import Loss
from jupyter_annotate.schema import Schema

__all__ = ["ExportSource", "FileFormat", "Log", "Types"]

#: Columns of a frame by name, in order.
Types = Mapping[str, pl.DataType]


class Log(Protocol):
    """What a manifest says of a log."""

    @property
    def log_id(self) -> str:
        """UUID of the log; its digest chain begins with it."""


@runtime_checkable
class ExportSource(Protocol):
    """What can be exported: a project, or anything that holds the same."""

    @property
    def schema(self) -> Schema:
        """What is shown and asked."""

    @property
    def log(self) -> Log:
        """The log behind the events."""

    def items(self) -> pl.LazyFrame:
        """Return ITEMS with the user's own columns."""

    def events(self) -> pl.DataFrame:
        """Return EVENTS, from the first to the head."""

    def prelabels(self) -> pl.DataFrame:
        """Return PRELABELS."""


class FileFormat(ABC):
    """One way to write frames into files, one file a frame."""

    suffix: ClassVar[str]

    @abstractmethod
    def write(self, frame: pl.LazyFrame, path: Path) -> None:
        """Write a frame, in order, without holding all of it in memory."""

    @abstractmethod
    def read(self, data: bytes, columns: Types) -> pl.DataFrame:
        """Read a file back into the columns it was written from."""

    @abstractmethod
    def losses(self, frame: pl.LazyFrame, name: str) -> Sequence[Loss]:
        """List what of a frame the file will not hold."""

    @abstractmethod
    def encoding(self, dtype: pl.DataType) -> str | None:
        """Say in words how a column is written; None where it stays as it is."""

    def column_notes(self, frame: pl.LazyFrame) -> dict[str, dict[str, Json]]:  # noqa: ARG002 -- most say nothing
        """Return what the manifest says of single columns besides, by name."""
        return {}

    def notes(self) -> dict[str, Json]:
        """Return what the manifest says of this format besides."""
        return {}
