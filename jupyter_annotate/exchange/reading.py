"""Read an exported folder back, and refuse it if a byte has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.exchange.base import FileFormat
from jupyter_annotate.exchange.formats import format_named
from jupyter_annotate.exchange.manifest import MANIFEST, ExportedFile, parse_manifest
from jupyter_annotate.paths import inside

__all__ = ["read_export"]


def read_export(folder: str | Path) -> dict[str, pl.DataFrame]:
    """Read every frame of an exported folder.

    Parameters
    ----------
    folder
        As it was given to `export`.

    Returns
    -------
    frames
        By name (``items``, ``annotations``, ``labels_<question>``, ``events``, ``prelabels``), in the types
        they had; the formula guard of CSV is undone.

    Raises
    ------
    ExchangeError
        Naming the file that is missing, whose bytes are not the ones exported, or that does not end where
        the manifest says the log ended.
    """
    root = Path(folder).expanduser()
    manifest = parse_manifest(root / MANIFEST)
    try:
        form = format_named(manifest["format"]["name"])
        files = [ExportedFile.from_json(spec) for spec in manifest["files"]]
        head = dict(manifest["log"]["head"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExchangeError(str(root / MANIFEST), f"expected a complete manifest: {error}.") from error
    frames = {file.frame: _read(form, root, file) for file in files}
    if "events" in frames:
        _check_head(frames["events"], head, root)
    return frames


def _read(form: FileFormat, root: Path, file: ExportedFile) -> pl.DataFrame:
    path = inside(root, file.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExchangeError(str(path), f"cannot be read: {error.strerror}.") from error
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        problem = f"its bytes are not the ones exported: expected SHA-256 {file.sha256}, found {found}."
        raise ExchangeError(str(path), problem)
    try:
        frame = form.read(data, file.columns)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ExchangeError(str(path), f"does not hold the columns of the manifest: {error}.") from error
    if len(frame) != file.rows:
        raise ExchangeError(str(path), f"expected {file.rows} rows, found {len(frame)}.")
    return frame


def _check_head(events: pl.DataFrame, head: Mapping[str, Any], root: Path) -> None:
    """Refuse events that are not the ones the manifest anchors."""
    last = events.select("position", "digest").row(-1) if len(events) else (0, head.get("digest"))
    if last != (head.get("position"), head.get("digest")):
        problem = f"expected the log to end at {dict(head)}, found its events end at {last}."
        raise ExchangeError(str(root / MANIFEST), problem, field="log")
