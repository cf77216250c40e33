"""Manifest: what lies in an exported folder, where it comes from and how to check it."""

from __future__ import annotations

import importlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from jupyter_annotate.errors import ExchangeError, LabelError, shorten
from jupyter_annotate.events import Json, fingerprint
from jupyter_annotate.exchange.base import FileFormat, Types
from jupyter_annotate.exchange.dtypes import from_json, to_json
from jupyter_annotate.exchange.losses import LossReport
from jupyter_annotate.schema import Schema

__all__ = [
    "MANIFEST",
    "ExportedFile",
    "check_seal",
    "foreign_names",
    "frame_names",
    "is_export",
    "labels_name",
    "manifest_of",
    "parse_manifest",
    "render_manifest",
    "sealed",
]

MANIFEST = "manifest.json"
_KIND = "jupyter_annotate export"
_VERSION = 1
_SEAL = "digest"
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
    notes
        What the format says of single columns besides, by name.
    """

    frame: str
    name: str
    rows: int
    size: int
    sha256: str
    columns: Types
    notes: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def to_json(self, form: FileFormat) -> Json:
        """Return the entry of the manifest."""
        columns: list[Json] = [
            {
                "name": name,
                "dtype": to_json(dtype),
                "written_as": form.encoding(dtype),
                **self.notes.get(name, {}),
            }
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


def labels_name(question: str) -> str:
    """Return the name of the frame with the labels of a question."""
    return f"labels_{question}"


def frame_names(questions: Iterable[str]) -> list[str]:
    """Return the names of all frames of an export: these and no others."""
    return ["items", "annotations", *map(labels_name, questions), "events", "prelabels"]


def manifest_of(  # noqa: PLR0913 -- what a manifest states
    *,
    format_name: str,
    form: FileFormat,
    schema: Schema,
    versions: Sequence[Json],
    log: Mapping[str, Json],
    files: Sequence[ExportedFile],
    losses: LossReport,
) -> dict[str, Json]:
    """Return a manifest, sealed with its digest."""
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
        "schema_versions": [*versions],
        "conventions": dict(_CONVENTIONS),
        "losses": losses.to_json(),
        "files": [file.to_json(form) for file in files],
    }
    return sealed(content)


def sealed(content: Mapping[str, Json]) -> dict[str, Json]:
    """Return a manifest with the SHA-256 of its canonical JSON, without that entry, as its ``digest``."""
    body = {name: value for name, value in content.items() if name != _SEAL}
    return {**body, _SEAL: fingerprint(body)}


def render_manifest(content: Mapping[str, Json]) -> str:
    """Return the text of a manifest."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def parse_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    ExchangeError
        If there is none, or it is not one this version can read.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_once)
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


def check_seal(content: Mapping[str, Any], path: Path) -> None:
    """Refuse a manifest that was changed after it was written.

    Raises
    ------
    ExchangeError
        If it has no digest, or another than its own.
    """
    try:
        found = sealed(content)[_SEAL]
    except LabelError as error:
        raise ExchangeError(str(path), f"expected a manifest in JSON: {error}") from error
    if content.get(_SEAL) != found:
        problem = (
            f"the manifest is not the one exported: it states the digest {shorten(content.get(_SEAL))}, "
            f"found content with the digest {found}."
        )
        raise ExchangeError(str(path), problem, field=_SEAL)


def foreign_names(folder: Path, content: Mapping[str, Any]) -> list[str]:
    """Return the names in a folder that its manifest does not list, in order."""
    files = content.get("files")
    listed = files if isinstance(files, list) else []
    known = {MANIFEST, *(str(each.get("file")) for each in listed if isinstance(each, dict))}
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: readers would not agree on which one counts."""
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        message = f"the name {next(n for n in names if names.count(n) > 1)!r} stands twice"
        raise ValueError(message)
    return content


def is_export(folder: Path) -> bool:
    """Tell whether a folder is an export of ours."""
    try:
        parse_manifest(folder / MANIFEST)
    except ExchangeError:
        return False
    return True
