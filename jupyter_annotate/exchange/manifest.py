"""Manifest: what lies in an exported folder, where it comes from and how to check it."""

from __future__ import annotations

import importlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from jupyter_annotate.errors import ExchangeError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.exchange.base import FileFormat, Types
from jupyter_annotate.exchange.dtypes import from_json, to_json
from jupyter_annotate.exchange.losses import LossReport
from jupyter_annotate.schema import Schema

__all__ = ["MANIFEST", "ExportedFile", "is_export", "parse_manifest", "render_manifest"]

MANIFEST = "manifest.json"
_KIND = "jupyter_annotate export"
_VERSION = 1
_CONVENTIONS: Mapping[str, Json] = {
    "offset_unit": "codepoint",
    "offsets": "half open: a span is text[start:end], counted in Unicode code points",
    "box_unit": "x, y, width, height in pixels of the image as displayed (EXIF orientation applied), "
    "origin at the top left",
    "times": "UTC",
    "empty": "a label that is null in spans and boxes: looked at, nothing there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of an export.

    Parameters
    ----------
    frame
        Name of the frame in it.
    name
        Name of the file.
    rows
        How many rows.
    size
        How many bytes.
    sha256
        Of the bytes, in hex.
    columns
        Types of the columns, in order.
    """

    frame: str
    name: str
    rows: int
    size: int
    sha256: str
    columns: Types

    def to_json(self, form: FileFormat) -> Json:
        """Return the entry of the manifest."""
        columns: list[Json] = [
            {"name": name, "dtype": to_json(dtype), "written_as": form.encoding(dtype)}
            for name, dtype in self.columns.items()
        ]
        return {
            "frame": self.frame,
            "file": self.name,
            "rows": self.rows,
            "bytes": self.size,
            "sha256": self.sha256,
            "columns": columns,
        }

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> ExportedFile:
        """Read the entry of a manifest."""
        return cls(
            frame=str(spec["frame"]),
            name=str(spec["file"]),
            rows=int(spec["rows"]),
            size=int(spec["bytes"]),
            sha256=str(spec["sha256"]),
            columns={str(column["name"]): from_json(column["dtype"]) for column in spec["columns"]},
        )


def render_manifest(  # noqa: PLR0913 -- what a manifest states
    *,
    format_name: str,
    form: FileFormat,
    schema: Schema,
    log: Mapping[str, Json],
    files: Sequence[ExportedFile],
    losses: LossReport,
) -> str:
    """Return the text of a manifest."""
    package = importlib.import_module(__package__.partition(".")[0])
    content: dict[str, Json] = {
        "kind": _KIND,
        "version": _VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "format": {"name": format_name, **form.notes()},
        "software": {
            "jupyter_annotate": package.__version__,
            "polars": pl.__version__,
            "python": platform.python_version(),
        },
        "log": dict(log),
        "schema": {"fingerprint": schema.fingerprint, **schema.to_json()},
        "conventions": dict(_CONVENTIONS),
        "losses": losses.to_json(),
        "files": [file.to_json(form) for file in files],
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def parse_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    ExchangeError
        If there is none, or it is not one this version can read.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ExchangeError(str(path), "expected an exported folder with its manifest, found none.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ExchangeError(str(path), f"expected a manifest in JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise ExchangeError(str(path), "expected the manifest of an export, found other JSON.")
    if content.get("version") != _VERSION:
        found = shorten(content.get("version"))
        problem = f"expected version {_VERSION}, found {found}. A newer jupyter_annotate wrote it."
        raise ExchangeError(str(path), problem)
    return content


def is_export(folder: Path) -> bool:
    """Tell whether a folder is an export of ours."""
    try:
        parse_manifest(folder / MANIFEST)
    except ExchangeError:
        return False
    return True
