"""Backups on a schedule that each user sets: looked at when a project is opened and while it is labeled."""

from __future__ import annotations

import json
import math
import os
import tempfile
import threading
import time
import warnings
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, final

from jupyter_annotate.backups import Stored, backup, backup_folder, check_keep, find_backups
from jupyter_annotate.errors import BackupWarning, NotSavedError, StorageError
from jupyter_annotate.storage.lock import FileLock

__all__ = ["Schedule", "backup_every", "run_due", "schedule_of"]

_FILE = "backups.json"
#: Seconds between two looks at the schedule, and after a backup that failed.
_LOOK_EVERY = 60.0
_AFTER_FAILURE = 3600.0

#: By log: when to look again, by the clock that never goes back; and the backup that is being made.
_next_look: dict[str, float] = {}
_at_work: dict[str, _Work] = {}


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often one user wants a project backed up.

    Parameters
    ----------
    hours
        Between two backups.
    folder
        Where they go; None for the default.
    keep
        How many stay.
    """

    hours: float
    folder: str | None = None
    keep: int = 3

    def last(self, project: Stored) -> datetime | None:
        """Return when the last backup was begun, None if there is none."""
        found = find_backups(backup_folder(project.log, self.folder), project.log.log_id)
        return found[-1].at if found else None

    def is_due(self, project: Stored, now: datetime | None = None) -> bool:
        """Tell whether the last backup is too old, and anything has happened since."""
        found = find_backups(backup_folder(project.log, self.folder), project.log.log_id)
        if not found:
            return True
        # A backup from a time to come is no reason to wait for that: the clock was wrong then, or is now.
        age = abs((now or datetime.now(UTC)) - found[-1].at)
        return age >= timedelta(hours=self.hours) and project.log.head().position > found[-1].position


def backup_every(
    project: Stored, *, hours: float | None = 24, folder: str | Path | None = None, keep: int = 3
) -> None:
    """Have a project backed up regularly, as long as you work with it.

    Whenever you open it for writing, and while you label, the last backup is looked at; one that is due is
    made beside your work. The schedule is yours and not the project's: it stands in ``backups.json`` in
    ``JUPYTER_ANNOTATE_CONFIG``, by default ``~/.config/jupyter_annotate``.

    Parameters
    ----------
    project
        What to back up.
    hours
        Between two backups; None for no more backups.
    folder, keep
        As for `backup`.

    Raises
    ------
    StorageError
        If one of these cannot be meant.
    NotSavedError
        If the schedule could not be kept.
    """
    check_keep(keep)
    if hours is not None and not _is_span(hours):
        raise StorageError(f"Expected hours=24 or another number above 0, or None, found hours={hours!r}.")
    place = None if folder is None else str(backup_folder(project.log, folder))
    entry = None if hours is None else asdict(Schedule(float(hours), place, keep))
    try:
        _keep(project.log.log_id, entry)
    except (OSError, ValueError) as error:
        advice = f"Look at {_path()}: it must be yours to write, and JSON; or remove it."
        raise NotSavedError(f"the schedule was not kept ({error})", advice=advice) from error
    _next_look.pop(project.log.log_id, None)
    run_due(project)


def schedule_of(log_id: str) -> Schedule | None:
    """Return what this user set for a log, None if nothing.

    Raises
    ------
    StorageError
        If the file of schedules cannot be read.
    """
    try:
        entry = _read().get(log_id)
        return None if entry is None else Schedule(**entry)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        message = f"{_path()} cannot be read as schedules of backups ({error}). Mend or remove it."
        raise StorageError(message) from error


def run_due(project: Stored) -> threading.Thread | None:
    """Make the backup that is due, beside everything else; looking costs nothing most of the time.

    What goes wrong is told as a `BackupWarning` and stops nobody. Safe to call again and again.

    Parameters
    ----------
    project
        What is labeled.

    Returns
    -------
    thread
        What makes the backup, None if none is due.
    """
    log_id = project.log.log_id
    work = _at_work.get(log_id)
    if work is not None and work.is_alive():
        return work
    if time.monotonic() < _next_look.get(log_id, 0.0):
        return None
    _next_look[log_id] = time.monotonic() + _LOOK_EVERY
    try:
        schedule = schedule_of(log_id)
        if schedule is None or not schedule.is_due(project):
            return None
    except Exception as error:  # noqa: BLE001 -- whatever it is, labeling goes on
        _tell(project, error)
        return None
    work = _at_work[log_id] = _Work(project, schedule)
    work.start()
    return work


@final
class _Work(threading.Thread):
    """Makes one backup. The process ends only when it is done: otherwise short programs never had one."""

    def __init__(self, project: Stored, schedule: Schedule) -> None:
        super().__init__(name="backup")
        self._project = project
        self._schedule = schedule

    def run(self) -> None:
        """Make it, or say why not."""
        try:
            backup(self._project, self._schedule.folder, self._schedule.keep)
        except Exception as error:  # noqa: BLE001 -- whatever it is, labeling goes on
            _tell(self._project, error)


def _tell(project: Stored, error: Exception) -> None:
    _next_look[project.log.log_id] = time.monotonic() + _AFTER_FAILURE
    message = (
        f"{project.log.location} was not backed up: {error} Labeling goes on. It is tried again in an hour; "
        "ja.backup(project, folder=...) makes one at once."
    )
    warnings.warn(message, BackupWarning, stacklevel=3)


# ------------------------------------------------------------------------------------- the file


def _path() -> Path:
    named = os.environ.get("JUPYTER_ANNOTATE_CONFIG")
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return (Path(named).expanduser() if named else Path(home) / "jupyter_annotate") / _FILE


def _read() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError, RuntimeError):
        return {}  # no such file, or a process without a home of its own
    return found


def _keep(log_id: str, entry: dict[str, Any] | None) -> None:
    """Put one entry into the file, whole or not at all; other kernels of this user may do the same."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_name(f"{_FILE}.lock")):
        entries = {**_read(), log_id: entry}
        kept = {name: each for name, each in entries.items() if each is not None}
        handle, name = tempfile.mkstemp(suffix=".part", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)


def _is_span(hours: object) -> bool:
    number = isinstance(hours, int | float) and not isinstance(hours, bool)
    return number and math.isfinite(float(hours)) and float(hours) > 0  # type: ignore[arg-type]  # a number
