"""FILE FORMATS. To add one: a module here and one line below."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_annotate.errors import UnknownNameError
from jupyter_annotate.exchange.base import FileFormat
from jupyter_annotate.exchange.csv_cells import CsvCells
from jupyter_annotate.exchange.jsonl import JsonLines
from jupyter_annotate.exchange.parquet import Parquet

__all__ = ["FORMATS", "format_named"]

FORMATS: Mapping[str, FileFormat] = {
    "parquet": Parquet(),
    "jsonl": JsonLines(),
    "csv": CsvCells(),
}


def format_named(name: object) -> FileFormat:
    """Return the format of this name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    if not isinstance(name, str) or name not in FORMATS:
        raise UnknownNameError("export format", name, FORMATS)
    return FORMATS[name]
