"""Backups: whole copies of a project, verified before they count, the oldest removed only afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from jupyter_annotate.errors import NotSavedError, StorageError
from jupyter_annotate.storage import EventLog, Store
from jupyter_annotate.storage.batches import FolderBatches
from jupyter_annotate.storage.lock import FileLock
from jupyter_annotate.storage.permissions import make_folder, sync_folder
from jupyter_annotate.storage.sqlite import SqliteLog
from jupyter_annotate.storage.store_copy import DRAFT, copy_store

__all__ = ["Backup", "Stored", "backup", "backup_folder", "check_keep", "find_backups", "restore"]

_SUFFIX = ".annotate"
_TIME = "%Y%m%dT%H%M%S%fZ"
#: Name of the project, time, last position, and the end of the log's id.
_NAME = re.compile(r"(.+)-(\d{8}T\d{12}Z)-(\d{12,})-([0-9a-f]{8})\.annotate")
_UNFIT = re.compile(r"[^\w.-]+")
#: Seconds to wait for a backup that another process makes.
_PATIENCE = 60.0


class Stored(Protocol):
    """What can be backed up: a project."""

    log: EventLog
    _store: Store


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """One backup, by its name.

    Parameters
    ----------
    at
        When it was begun, UTC.
    position
        It holds the events up to here at least.
    path
        Its folder.
    """

    at: datetime
    position: int
    path: Path


def backup(project: Stored, folder: str | Path | None = None, keep: int = 3) -> Path:
    """Copy a project, however it is stored, into a folder that opens as a project itself.

    Others may go on labeling. The copy has every event with its digest and every batch, and is verified and
    durable before it counts; only then the oldest backups of this project go. It holds what is erased later:
    make new backups after an erasure, and remove the old ones.

    Parameters
    ----------
    project
        What to back up.
    folder
        Where backups are; by default ``NAME.backups`` beside the project's folder, and a folder of the user's
        own where the project is in no folder. Another disk is better.
    keep
        How many backups stay, this one included.

    Returns
    -------
    path
        The backup, for `Project.open` and `restore`.

    Raises
    ------
    IntegrityError
        If the project does not verify. Earlier backups stay as they are then.
    NotSavedError
        If it could not be written. Earlier backups stay as they are then.
    StorageError
        If the project holds what this reader may not see, or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from jupyter_annotate import Choice, Project, Schema, Text
    >>> project = Project.open(":memory:", schema=Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = backup(project, folder)
    ...     with Project.open(kept, read_only=True) as copy:
    ...         copy.log.head() == project.log.head()
    True
    """
    check_keep(keep)
    place = backup_folder(project.log, folder)
    try:
        make_folder(place)
        with FileLock(place / ".lock", patience=_PATIENCE):
            _sweep(place, project.log.log_id)
            made = _made(project, place)
            _remove_oldest(place, project.log.log_id, keep, made)
    except (OSError, sqlite3.Error) as error:
        advice = "Earlier backups are as they were. Make room there, or name another folder with folder=."
        raise NotSavedError(f"no backup was made in {place} ({error})", advice=advice) from error
    return made


def check_keep(keep: object) -> None:
    """Refuse to keep no backup at all.

    Raises
    ------
    StorageError
        If it is no whole number from 1 up.
    """
    if not isinstance(keep, int) or isinstance(keep, bool) or keep < 1:
        raise StorageError(f"Expected keep=3 or another whole number from 1 up, found keep={keep!r}.")


def backup_folder(log: EventLog, folder: str | Path | None = None) -> Path:
    """Return where the backups of a log are.

    Parameters
    ----------
    log
        Of the project.
    folder
        What the user chose.
    """
    if folder is not None:
        return Path(folder).expanduser().absolute()
    place = Path(log.location)
    if place.is_dir():
        return place.with_name(f"{place.stem}.backups")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "jupyter_annotate" / "backups" / log.log_id


def find_backups(folder: Path, log_id: str) -> list[Backup]:
    """Return the finished backups of one log, the oldest first.

    Parameters
    ----------
    folder
        Where they are; it need not exist.
    log_id
        Of the log.
    """
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and match[4] == _tail(log_id):
                at = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
                found.append(Backup(at, int(match[3]), path))
    return sorted(found)


def restore(backup: str | Path, to: str | Path) -> Path:
    """Copy a backup to where a project should be. The backup stays as it is.

    Parameters
    ----------
    backup
        What `backup` returned.
    to
        Name of the project to be, as for `Project.open`. Nothing may be there: move a damaged project aside
        first, and keep it.

    Returns
    -------
    path
        The project, for `Project.open`.

    Raises
    ------
    IntegrityError
        If the backup is not what was written. Nothing is made then.
    StorageError
        If there is no backup, or something is where the project should be.
    NotSavedError
        If it could not be written. Nothing is left of it then.
    """
    source, place = Path(backup).expanduser().absolute(), Path(to).expanduser().absolute()
    target = place if place.suffix == _SUFFIX else place.with_name(place.name + _SUFFIX)
    if os.path.lexists(target):
        advice = "Nothing was changed; move it aside first, or choose another name."
        raise StorageError(f"There is something at {target} already. {advice}")
    with SqliteLog(source, read_only=True, sqlite_on_network=True) as log:
        store = Store(log, FolderBatches(source / "items"), FolderBatches(source / "prelabels"))
        try:
            copy_store(store, target)
        except (OSError, sqlite3.Error) as error:
            advice = "The backup is as it was. Make room there, or choose another place."
            raise NotSavedError(f"{target} was not restored ({error})", advice=advice) from error
    return target


def _made(project: Stored, place: Path) -> Path:
    log = project.log
    stem = _UNFIT.sub("_", Path(log.location).stem) if Path(log.location).is_dir() else "project"
    now, position = datetime.now(UTC), log.head().position
    path = place / f"{stem}-{now.strftime(_TIME)}-{position:012d}-{_tail(log.log_id)}{_SUFFIX}"
    _refuse_hidden(log)
    # Nobody else has it open: even a network drive is safe for that.
    copy_store(project._store, path, sqlite_on_network=True)  # noqa: SLF001 -- what a project holds
    return path


def _refuse_hidden(log: EventLog) -> None:
    if log.hidden:
        message = (
            f"{log.location} keeps answers from you that a backup would have to hold. Ask somebody who leads "
            "that project to make it. Nothing was written."
        )
        raise StorageError(message)


def _tail(log_id: str) -> str:
    return log_id.replace("-", "")[-8:].lower()


def _sweep(place: Path, log_id: str) -> None:
    """Remove what a killed process left unfinished; whoever has the lock is the only one at work."""
    for draft in place.glob(f".*-{_tail(log_id)}{_SUFFIX}.*{DRAFT}"):
        with contextlib.suppress(OSError):
            shutil.rmtree(draft)


def _remove_oldest(place: Path, log_id: str, keep: int, made: Path) -> None:
    """Remove all but the newest, the one just made staying whatever the clock says."""
    others = [each for each in find_backups(place, log_id) if each.path != made]
    for old in others[: max(0, len(others) + 1 - keep)]:
        # First out of the way whole: a half removed backup must not pass for one.
        gone = place / f".{old.path.name}.removed{DRAFT}"
        old.path.rename(gone)
        sync_folder(place)
        with contextlib.suppress(OSError):
            shutil.rmtree(gone)
