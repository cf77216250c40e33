"""Parquet: every type stays as it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl

from jupyter_annotate.exchange.base import FileFormat, Types
from jupyter_annotate.exchange.losses import Loss

__all__ = ["Parquet"]


class Parquet(FileFormat):
    """Typed and compressed. The one to choose where nothing else is asked for."""

    suffix: ClassVar[str] = ".parquet"

    def write(self, frame: pl.LazyFrame, path: Path) -> None:
        """Write a frame as one Parquet file."""
        frame.sink_parquet(path)

    def read(self, data: bytes, columns: Types) -> pl.DataFrame:
        """Read it; the file knows its types."""
        return pl.read_parquet(io.BytesIO(data)).select(*columns).cast(pl.Schema(columns))

    def losses(self, frame: pl.LazyFrame, name: str) -> Sequence[Loss]:  # noqa: ARG002 -- same for any frame
        """Return nothing: Parquet holds all of it."""
        return ()

    def encoding(self, dtype: pl.DataType) -> str | None:  # noqa: ARG002 -- same for any type
        """Return None: nothing is written in another form."""
        return None
