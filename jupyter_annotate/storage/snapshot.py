"""Snapshots: a local Parquet copy of a log's events, proved by one row to be its beginning.

Reading a million events from SQLite takes seconds, from Parquet a tenth of one. A snapshot is a cache: it
may be deleted at any time. Its name holds the SHA-256 of its bytes, so a damaged one is never believed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import warnings
from pathlib import Path

import polars as pl

from jupyter_annotate.columns import EVENTS, empty
from jupyter_annotate.errors import HistoryWarning
from jupyter_annotate.events import EventKind
from jupyter_annotate.storage.base import EventLog, forget_erased
from jupyter_annotate.storage.memory import MemoryLog

__all__ = ["cache_folder", "load_snapshot", "read_events", "save_snapshot"]

#: A tail longer than this is worth a new snapshot.
_WORTH = 5_000


def read_events(log: EventLog) -> pl.DataFrame:
    """Return all EVENTS of a log: from the proved snapshot on this computer, and the tail from the log.

    Parameters
    ----------
    log
        The log that was opened.
    """
    hidden = log.hidden
    start = load_snapshot(log)
    tail = log.read(after=start["position"][-1] if len(start) else 0)
    events = pl.concat([start, tail]) if len(start) else tail
    if len(tail) > _WORTH and log.hidden == hidden:  # else part of it was read with other eyes
        save_snapshot(log, events)
    return events


def load_snapshot(log: EventLog) -> pl.DataFrame:
    """Return the EVENTS of the snapshot of this log, none if there is no valid one.

    A snapshot that lacks an erasure made since is removed, so that nothing erased comes back. One whose last
    digest is not the log's warns with `HistoryWarning`: the history changed since this computer saw it.

    Parameters
    ----------
    log
        The log that was opened.
    """
    found = [] if isinstance(log, MemoryLog) else _files(_folder(log))
    if not found:
        return empty(EVENTS)
    events = _read(found[-1])
    if events is not None and _belongs(events, log):
        return events
    _remove(found)
    return empty(EVENTS)


def save_snapshot(log: EventLog, events: pl.DataFrame) -> None:
    """Keep these EVENTS as the snapshot of the log; where that cannot be done, do without.

    Parameters
    ----------
    log
        The log.
    events
        Its EVENTS from the first on.
    """
    if isinstance(log, MemoryLog) or events.is_empty():
        return
    with contextlib.suppress(OSError, pl.exceptions.PolarsError):
        folder = _folder(log)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        older = _files(folder)
        kept = _write(folder, forget_erased(events))
        _remove([path for path in older if path != kept])


def _write(folder: Path, events: pl.DataFrame) -> Path:
    handle, name = tempfile.mkstemp(suffix=".part", dir=folder)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            events.write_parquet(file)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = folder / f"{events['position'][-1]:012d}-{digest}.parquet"
        draft.replace(path)
    except BaseException:
        _remove([draft])
        raise
    return path


def _read(path: Path) -> pl.DataFrame | None:
    """Return the events of a snapshot, None if it is damaged."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not path.stem.endswith(digest):
            return None
        return pl.read_parquet(path, glob=False).select(*EVENTS).cast(dict(EVENTS))  # type: ignore[arg-type]  # no open dtype
    except (pl.exceptions.PolarsError, OSError):
        return None


def _belongs(events: pl.DataFrame, log: EventLog) -> bool:
    """Tell by the last of them whether these are the log's first events, with nothing erased since."""
    position, digest = events.select("position", "digest").row(-1)
    here = log.read(after=position - 1, until=position)
    if here["digest"].to_list() == [digest]:
        return not (log.read(after=position)["kind"] == EventKind.ERASE).any()
    warnings.warn(
        f"The history of {log.location} is not the one this computer saw up to position {position}: "
        "it was replaced, restored from a backup, or tampered with. It is read anew.",
        HistoryWarning,
        stacklevel=3,
    )
    return False


def cache_folder(log: EventLog) -> Path:
    """Return where this computer keeps copies of what is in a log, or named by it.

    Parameters
    ----------
    log
        The log that was opened.
    """
    named = os.environ.get("JUPYTER_ANNOTATE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(named) if named else Path(home) / "jupyter_annotate") / log.log_id


def _folder(log: EventLog) -> Path:
    """Return where snapshots lie: who may not see all has a folder for what this very reader sees."""
    hidden = sorted(log.hidden)
    if not hidden:
        return cache_folder(log)
    view = hashlib.sha256(json.dumps([log.location, *hidden]).encode()).hexdigest()
    return cache_folder(log) / f"as-{view[:16]}"


def _files(folder: Path) -> list[Path]:
    """Return the snapshots in a folder, the longest last."""
    return sorted(folder.glob("*.parquet"))


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
