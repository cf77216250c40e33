"""Exchange: a project as files that explain themselves, and back. Formats by name in `FORMATS`."""

from __future__ import annotations

from jupyter_annotate.exchange.base import ExportSource, FileFormat
from jupyter_annotate.exchange.exporting import ExportReport, export
from jupyter_annotate.exchange.formats import FORMATS
from jupyter_annotate.exchange.losses import Loss, LossReport
from jupyter_annotate.exchange.reading import read_export

__all__ = [
    "FORMATS",
    "ExportReport",
    "ExportSource",
    "FileFormat",
    "Loss",
    "LossReport",
    "export",
    "read_export",
]
