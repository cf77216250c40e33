"""A copy of an SQLite log while others write to it: whole, compared and durable before it has its name."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from jupyter_annotate.errors import IntegrityError
from jupyter_annotate.storage.permissions import file_mode, follow_folder, sync_folder
from jupyter_annotate.storage.sqlite_file import connect

__all__ = ["copy_file"]

_CONTENT = """
SELECT position, digest, (SELECT count(*) FROM events), (SELECT count(*) FROM payloads) FROM head
"""


def copy_file(source: sqlite3.Connection, target: Path) -> None:
    """Copy a log through SQLite's own backup, in one go: writers wait as long as that takes.

    Copied in steps it would begin anew at every write of somebody else, and never end where many write.

    Parameters
    ----------
    source
        The log.
    target
        The file to be; one of that name is replaced.

    Raises
    ------
    IntegrityError
        If the copy is not what the log is. Nothing is left of it then.
    """
    draft = target.with_name(f"{target.name}.part")
    _remove(draft)
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, file_mode(draft.parent)))
        follow_folder(draft)
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            source.backup(copy)
        _compare(draft)
        _sync_file(draft)
        draft.replace(target)
        sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(draft)
        raise


def _compare(draft: Path) -> None:
    """Read the copy back from the file, as whoever needs it will."""
    with closing(connect(draft, "ro", 0)) as copy:
        found = [line for (line,) in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise IntegrityError(f"its copy is damaged ({found[0]})")
        ((position, _digest, events, payloads),) = copy.execute(_CONTENT)
        if not position == events >= payloads:
            raise IntegrityError(f"it holds {events} events and its head says {position}")


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(draft: Path) -> None:
    for leftover in (draft, draft.with_name(f"{draft.name}-journal")):
        leftover.unlink(missing_ok=True)
