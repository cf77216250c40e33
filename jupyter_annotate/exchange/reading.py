"""Read an exported folder back, and refuse it if it was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from jupyter_annotate.columns import EVENTS, require
from jupyter_annotate.errors import ColumnError, ExchangeError, list_some, shorten
from jupyter_annotate.exchange.base import FileFormat
from jupyter_annotate.exchange.formats import format_named
from jupyter_annotate.exchange.manifest import (
    MANIFEST,
    ExportedFile,
    check_seal,
    foreign_names,
    frame_names,
    parse_manifest,
)
from jupyter_annotate.exchange.moment import schema_of
from jupyter_annotate.paths import inside
from jupyter_annotate.storage import Head

__all__ = ["read_export"]

_EVENTS = "events"


def read_export(
    folder: str | Path,
    *,
    head: Head | Mapping[str, Any] | None = None,
    digest: str | None = None,
) -> dict[str, pl.DataFrame]:
    """Read every frame of an exported folder.

    A folder that was changed is refused: a file that is missing, added or has other bytes, a manifest whose
    content has another digest than it states, frames that are not those of the schema, a schema or a head
    that is not the one in the events. This finds damage and edits of parts. Who rewrites files and manifest
    so that they agree again is found only by what was kept elsewhere: ``digest`` settles whether anything
    was changed, ``head`` whether the folder claims to be of that state of the log. That the events are those
    of the log, only the log itself can tell: compare them with ``project.events()`` after
    ``project.log.verify(anchor=head)``.

    Parameters
    ----------
    folder
        As it was given to `export`.
    head
        Head of the log the export has to end at, as ``project.log.head()`` returned it or as position and
        digest stand in a manifest.
    digest
        Digest the manifest has to have, as it stands in the report of `export` and in the manifest.

    Returns
    -------
    frames
        By name (``items``, ``annotations``, ``labels_<question>``, ``events``, ``prelabels``), in the types
        they had; the formula guard of CSV is undone.

    Raises
    ------
    ExchangeError
        Naming the file or entry that is not as exported, with what was expected and what was found.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_annotate import Choice, Project, Schema, Text, export
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a"], "text": ["Hooray!"]})
    >>> with tempfile.TemporaryDirectory() as here:
    ...     report = export(project, Path(here) / "moods")
    ...     frames = read_export(report.folder, head=project.log.head(), digest=report.digest)
    >>> list(frames)
    ['items', 'annotations', 'labels_mood', 'events', 'prelabels']
    """
    root = Path(folder).expanduser()
    path = root / MANIFEST
    manifest = parse_manifest(path)
    check_seal(manifest, path)
    try:
        form = format_named(manifest["format"]["name"])
        entries = [ExportedFile.from_json(each) for each in manifest["files"]]
        log_head, schema = dict(manifest["log"]["head"]), dict(manifest["schema"])
        expected = frame_names(str(each["name"]) for each in schema["questions"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExchangeError(str(path), f"expected a complete manifest: {error}.") from error
    _check_kept(manifest, path, head, digest)
    _check_names(root, entries, manifest)
    files = {file.frame: file for file in entries}
    _check_frames(list(files), expected, path)
    events = _read_events(form, root, files[_EVENTS])
    _check_head(events, log_head, path)
    _check_schema(events, schema, path)
    return {name: events if name == _EVENTS else _read(form, root, file) for name, file in files.items()}


def _read_events(form: FileFormat, root: Path, file: ExportedFile) -> pl.DataFrame:
    try:
        return require(_read(form, root, file), EVENTS, what=file.name)
    except ColumnError as error:
        raise ExchangeError(str(root / file.name), str(error), field=error.column) from error


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


def _check_kept(
    manifest: Mapping[str, Any], path: Path, head: Head | Mapping[str, Any] | None, digest: str | None
) -> None:
    """Compare with what the caller kept elsewhere."""
    if digest is not None and manifest["digest"] != digest:
        problem = f"expected the digest {shorten(digest)}, found {manifest['digest']}."
        raise ExchangeError(str(path), problem, field="digest")
    if head is None:
        return
    match head:
        case Head():
            kept = {"position": head.position, "digest": head.digest}
        case {"position": int(position), "digest": str(seen)}:
            kept = {"position": position, "digest": seen}
        case _:
            problem = f"expected position and digest as they stand in a manifest, found {shorten(head)}."
            raise ExchangeError("read_export", problem, field="head")
    found = manifest["log"]["head"]
    if found != kept:
        raise ExchangeError(str(path), f"expected the log to end at {kept}, found {found}.", field="log")


def _check_names(root: Path, files: Sequence[ExportedFile], manifest: Mapping[str, Any]) -> None:
    """Refuse entries that share a frame or a file, names that lead out, and files nobody exported."""
    for names in ([file.frame for file in files], [file.name for file in files]):
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            problem = f"expected every frame and file once, found {twice[0]!r} twice."
            raise ExchangeError(str(root / MANIFEST), problem, field="files")
    for file in files:
        inside(root, file.name)
    # What systems leave everywhere (.DS_Store, .ipynb_checkpoints) is never read.
    foreign = [name for name in foreign_names(root, manifest) if not name.startswith(".")]
    if foreign:
        problem = (
            f"expected the files of the manifest alone, found {list_some(foreign)} besides. Move them away."
        )
        raise ExchangeError(str(root), problem)


def _check_head(events: pl.DataFrame, head: Mapping[str, Any], path: Path) -> None:
    """Refuse events that are not the ones the manifest anchors."""
    last = events.select("position", "digest").row(-1) if len(events) else None
    if last != (head.get("position"), head.get("digest")):
        problem = f"expected the log to end at {dict(head)}, found its events end at {last}."
        raise ExchangeError(str(path), problem, field="log")


def _check_schema(events: pl.DataFrame, schema: Mapping[str, Any], path: Path) -> None:
    """Refuse a schema that is not the one the events begin with."""
    stored = schema_of(events)
    if stored is None:
        problem = "expected events that begin with a schema, found none."
        raise ExchangeError(str(path), problem, field="schema")
    for name in sorted({*stored, *schema}):
        if stored.get(name) != schema.get(name):
            problem = (
                f"expected {name!r} as the events have it: {shorten(stored.get(name))}, "
                f"found {shorten(schema.get(name))}."
            )
            raise ExchangeError(str(path), problem, field="schema")


def _check_frames(found: Sequence[str], expected: Sequence[str], path: Path) -> None:
    """Refuse a folder that lacks a frame, or has one the schema knows nothing of."""
    if sorted(found) != sorted(expected):
        problem = f"expected the frames {list_some(expected)}, found {list_some(found)}."
        raise ExchangeError(str(path), problem, field="files")
