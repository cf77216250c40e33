"""From one format of the SQLite log to the next: under the queue's lock, in one transaction, after a copy."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

from jupyter_annotate.storage.sqlite_copy import copy_file
from jupyter_annotate.storage.sqlite_file import FORMAT, connect, not_saved

__all__ = ["STEPS", "migrate_file"]

#: The statements that lead from format n to n + 1, at n - 1. A step that was released is never changed.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "ALTER TABLE head ADD COLUMN at INTEGER NOT NULL DEFAULT 0",
        # The greatest, not the last: the clock may have gone back.
        "UPDATE head SET at = (SELECT coalesce(max(at), 0) FROM events)",
    ),
)

#: Milliseconds to wait for a program that does not queue.
_PATIENCE = 30_000


def migrate_file(path: Path) -> None:
    """Bring a log of an earlier format up to date: afterwards it is of the old format or the new one.

    Only for the one who holds the queue's lock. A copy as it was stays beside it, as
    ``log.sqlite.format-1``. Somebody else may have been faster; there is nothing to do then.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    NotSavedError
        If it could not be written: everything is as before.
    IntegrityError
        If the file is damaged: everything is as before.
    """
    try:
        with closing(connect(path, "rw", _PATIENCE)) as connection:
            found = _format(connection)
            if found < FORMAT:
                copy_file(connection, path.with_name(f"{path.name}.format-{found}"))
                _take_steps(connection)
    except (sqlite3.Error, OSError) as error:
        raise not_saved(error, path.parent) from error


def _take_steps(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_format(connection) - 1 :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _format(connection: sqlite3.Connection) -> int:
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    return int(version)
