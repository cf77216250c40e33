"""The file behind SqliteLog: its tables, how it is begun, opened and refused, and what its errors mean.

Every connection is made here. ``journal_mode=DELETE`` with ``synchronous=EXTRA``: the defaults can lose an
acknowledged answer in a power cut, and WAL leaves answers outside the one file people copy (docs/adr/0003).

The file is read through SQLite only, and through the standard library's only. Closing any other handle of it
in this process, a plain ``open()`` or a second SQLite library's, silently drops the locks of a write.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jupyter_annotate.errors import NotSavedError, StorageError
from jupyter_annotate.events import genesis, uuid7
from jupyter_annotate.storage.permissions import file_mode, follow_folder, sync_folder

__all__ = [
    "FORMAT",
    "begin_file",
    "connect",
    "format_of",
    "leaves_doubt",
    "not_saved",
    "open_file",
    "read_plainly",
    "refuse_unwritable",
]

_APPLICATION = 0x6A616E31  # "jan1"
#: 2: the head holds the greatest time of all events. How a file gets here from an earlier one stands in
#: sqlite_migration.
FORMAT = 2

_TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE head(one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, digest TEXT NOT NULL,
  at INTEGER NOT NULL DEFAULT 0);
CREATE TABLE events(
  position INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, kind TEXT NOT NULL,
  annotator_id TEXT NOT NULL, annotator_kind TEXT NOT NULL, item_id TEXT NOT NULL, question TEXT NOT NULL,
  schema TEXT NOT NULL, "commit" TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE payloads(
  position INTEGER PRIMARY KEY REFERENCES events(position),
  value TEXT NOT NULL, context TEXT NOT NULL, salt BLOB NOT NULL);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER payloads_stay BEFORE UPDATE ON payloads
BEGIN SELECT RAISE(ABORT, 'payloads never change'); END;
CREATE TRIGGER payloads_last BEFORE DELETE ON payloads WHEN NOT EXISTS (
  SELECT 1 FROM payloads AS p JOIN events AS e USING (position), json_each(p.value, '$.positions') AS named
  WHERE e.position = (SELECT position FROM head) AND e.kind = 'erase' AND named.value = OLD.position)
BEGIN SELECT RAISE(ABORT, 'only an erase event deletes payloads'); END;
"""

_SETTINGS = (
    "synchronous=EXTRA",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # without it INSERT OR REPLACE deletes a row and no trigger sees it
    "secure_delete=ON",  # what was erased is overwritten, not only unlinked
    "trusted_schema=OFF",
)


def begin_file(path: Path, *, log_id: str | None = None) -> None:
    """Make an empty log: whole, durable and in its place, or not at all.

    Only for the one who holds the queue's lock. What a crash left of an earlier beginning is swept away.

    Parameters
    ----------
    path
        The file.
    log_id
        Of the log this one becomes a copy of; a new one by default.

    Raises
    ------
    NotSavedError
        If there is no room, say. Nothing is left of it then.
    """
    draft = path.with_name(path.name + ".new")
    _sweep(draft)
    try:
        _write_empty(draft, log_id or uuid7())
        draft.rename(path)
        sync_folder(path.parent)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            _sweep(draft)
        raise not_saved(error, path.parent) from error


def _sweep(draft: Path) -> None:
    for leftover in (draft, draft.with_name(draft.name + "-journal")):
        leftover.unlink(missing_ok=True)


def _write_empty(draft: Path, log_id: str) -> None:
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, file_mode(draft.parent)))
    follow_folder(draft)
    with closing(connect(draft, "rw", 0)) as connection:
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
        connection.execute("INSERT INTO meta VALUES ('log_id', ?)", (log_id,))
        connection.execute("INSERT INTO head VALUES (1, 0, ?, 0)", (genesis(log_id),))
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("COMMIT")


def open_file(path: Path, *, patience: int, read_only: bool) -> tuple[sqlite3.Connection, str]:
    """Open a log and return the connection and the log's id; a file that is none of ours is never touched.

    Parameters
    ----------
    path
        The file.
    patience
        Milliseconds to wait for others.
    read_only
        Refuse every write.

    Raises
    ------
    StorageError
        If it is no log, or one of a later format, or may not be written to; or of an earlier format, if it is
        to be written to.
    """
    if format_of(path) < FORMAT and not read_only:
        message = f"{path} is of an earlier format. Open the project again: that brings it up to date."
        raise StorageError(message)
    if not read_only:
        refuse_unwritable(path)
    # A reader who may write plays back the journal that a killed writer left; one who may not, cannot.
    connection = connect(path, "rw" if _is_writable(path) else "ro", patience)
    try:
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return connection, _log_id(connection, path)
    except BaseException:
        connection.close()
        raise


def refuse_unwritable(path: Path) -> None:
    """Refuse a log that may not be written to, or not by all who might.

    Raises
    ------
    StorageError
        Saying what to ask for.
    """
    if not _is_writable(path):
        message = (
            f"{path.parent} may not be written to. Ask for the permission, or open the project with "
            "read_only=True to read it."
        )
        raise StorageError(message)
    mode = path.parent.stat().st_mode
    if mode & stat.S_ISVTX and path.stat().st_uid != os.geteuid():
        message = (
            f"{path.parent} is sticky (mode {stat.S_IMODE(mode):o}) and the log is of another user: what "
            f"a killed kernel of the one leaves, the other could not mend. Run chmod -t {path.parent} (chmod "
            "2770 suits a group), then open the project again; read_only=True reads it as it is."
        )
        raise StorageError(message)


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _log_id(connection: sqlite3.Connection, path: Path) -> str:
    found = connection.execute("SELECT value FROM meta WHERE name = 'log_id'").fetchone()
    if found is None:
        raise StorageError(f"{path} has lost its id. Nothing was changed; restore it from a backup.")
    return str(found[0])


def connect(path: Path, mode: str, patience: int) -> sqlite3.Connection:
    """Open the file with the settings of a log, ``mode`` being ``"rw"`` or ``"ro"``."""
    connection = _handle(path, f"mode={mode}", patience)
    try:
        if mode == "rw":
            _delete_journals(connection, path)
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def _delete_journals(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    if mode != "delete":
        message = (
            f"{path} is in journal mode {mode!r}, set by another program that still has it open. "
            "Close that program, then open the project again."
        )
        raise StorageError(message)


def _handle(path: Path, options: str, patience: int) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=patience / 1000,
        isolation_level=None,
        check_same_thread=False,
    )


def format_of(path: Path) -> int:
    """Return the format of a log, looking at its header without a lock, a journal or any other trace.

    Raises
    ------
    StorageError
        If it is no log, or one of a later format.
    """
    if path.is_dir():
        raise StorageError(f"{path} is a folder; expected the file of a log. Nothing was changed.")
    if path.stat().st_size == 0:
        message = (
            f"{path} is empty; a log never is. Nothing was changed; restore it from a backup, or remove it "
            "to begin anew."
        )
        raise StorageError(message)
    with closing(_handle(path, "immutable=1", 0)) as connection:
        # A writer killed after its first page promises more pages than the file has; its journal mends that
        # later, but here nobody looks at the journal. This setting lets such a header be read.
        connection.execute("PRAGMA writable_schema=ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        message = f"{path} is an SQLite file but no log of ours. Nothing was changed; use another name."
        raise StorageError(message)
    if version > FORMAT:
        message = (
            f"{path} was written by a later version: expected format {FORMAT}, found {version}. "
            "Nothing was changed; upgrade jupyter-annotate-kit to open it."
        )
        raise StorageError(message)
    return int(version)


@contextmanager
def read_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say while a log is opened or read into a sentence."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged name, SQLite's message is no text
        message = f"{path} cannot be read as a log ({error}). Nothing was changed; {_reading_advice(error)}."
        raise StorageError(message) from error
    except FileNotFoundError as error:
        raise StorageError(f"There is no log at {path}. Look for the project's folder elsewhere.") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be opened: {error.strerror or error}.") from error


def _reading_advice(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_READONLY"):
        return "a killed kernel left a journal; open the project once where it may be written to"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another program holds it; close that program and try again"
    return "restore it from a backup, or use another name"


_FULL = "The disk is full, or your quota is: make room, then submit again"
_DENIED = "It may not be written to: ask for the permission, then submit again"
_AWAY = "It was moved, replaced or removed while it was open: put it back, or open the project again"
_HELD = "Another program holds it: close that program or kernel, then submit again"
_BROKEN = "The disk or the file is damaged: copy the folder elsewhere first, then verify the log"

#: By the beginning of SQLite's name for the error; the first that fits.
_BY_NAME = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY_DBMOVED": _AWAY,
    "SQLITE_READONLY": _DENIED,
    "SQLITE_CANTOPEN": _AWAY,
    "SQLITE_BUSY": _HELD,
    "SQLITE_LOCKED": _HELD,
    "SQLITE_IOERR": _BROKEN,
    "SQLITE_CORRUPT": _BROKEN,
    "SQLITE_NOTADB": _BROKEN,
}
_BY_NUMBER = {
    errno.EIO: _BROKEN,
    errno.ESTALE: _AWAY,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.ENOENT: _AWAY,
}


def leaves_doubt(error: Exception) -> bool:
    """Tell whether a write failed so that what is in the file has to be looked at before the next."""
    name = getattr(error, "sqlite_errorname", "")
    return next((text for start, text in _BY_NAME.items() if name.startswith(start)), "") == _BROKEN


def not_saved(error: Exception, folder: Path) -> NotSavedError:
    """Say why a write failed and what to do about it."""
    advice = _BROKEN if isinstance(error, sqlite3.DatabaseError) else _HELD
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        advice = _BY_NUMBER[error.errno]
    name = getattr(error, "sqlite_errorname", "")
    with contextlib.suppress(StopIteration):
        advice = next(text for start, text in _BY_NAME.items() if name.startswith(start))
    cause = (isinstance(error, OSError) and error.strerror) or error
    return NotSavedError(f"{cause} in {folder.resolve()}", advice=f"{advice}.")
