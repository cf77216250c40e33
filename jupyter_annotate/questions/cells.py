"""Cells: what polars yields for a cell, as the JSON an answer is."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from jupyter_annotate.events import Json

__all__ = ["plain_cell", "read_cell"]


def read_cell(value: Any) -> Json:  # noqa: ANN401 -- a cell of any dtype
    """Return the answer in a cell: JSON text, or the value itself."""
    if not isinstance(value, str):
        return plain_cell(value)
    read: Json = json.loads(value)
    return read


def plain_cell(value: Any) -> Json:  # noqa: ANN401 -- a cell of any dtype
    """Turn what polars yields for a nested cell into JSON."""
    match value:
        case pl.Series():
            return [plain_cell(each) for each in value]
        case list():
            return [plain_cell(each) for each in value]
        case dict():
            return {k: plain_cell(v) for k, v in value.items() if v is not None}
    plain: Json = value
    return plain
