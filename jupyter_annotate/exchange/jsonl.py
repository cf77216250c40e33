"""JSON Lines: one object a row, in UTF-8."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl

from jupyter_annotate.errors import shorten
from jupyter_annotate.exchange.base import FileFormat, Types
from jupyter_annotate.exchange.losses import Loss, non_finite
from jupyter_annotate.exchange.plain import encoding, plain, plain_type, restored

__all__ = ["JsonLines"]


class JsonLines(FileFormat):
    """Read by everything. Bytes, such as images, are written as base64; nan and infinities are lost."""

    suffix: ClassVar[str] = ".jsonl"

    def write(self, frame: pl.LazyFrame, path: Path) -> None:
        """Write one line a row."""
        columns = frame.collect_schema()
        frame.select(plain(pl.col(n), dtype).alias(n) for n, dtype in columns.items()).sink_ndjson(path)

    def read(self, data: bytes, columns: Types) -> pl.DataFrame:
        """Read the lines back into their types."""
        if not data:
            return pl.DataFrame(schema=dict(columns))
        _check_keys(data, columns)
        schema = {name: plain_type(dtype) for name, dtype in columns.items()}
        frame = pl.read_ndjson(io.BytesIO(data), schema=schema)
        return frame.select(restored(pl.col(n), dtype).alias(n) for n, dtype in columns.items())

    def losses(self, frame: pl.LazyFrame, name: str) -> Sequence[Loss]:
        """List nan and infinities: JSON has no way to write them, they become null."""
        return non_finite(frame, name, list(frame.collect_schema()))

    def encoding(self, dtype: pl.DataType) -> str | None:
        """Say in words how a column is written."""
        return encoding(dtype)


def _check_keys(data: bytes, columns: Types) -> None:
    """Refuse lines with other keys: polars would drop them and make up columns of nulls."""
    first = json.loads(data[: data.find(b"\n")])
    if not isinstance(first, dict) or list(first) != list(columns):
        raise pl.exceptions.SchemaError(
            f"expected objects with the keys {list(columns)}, found {shorten(first)}"
        )
