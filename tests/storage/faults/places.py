"""The places a log can be in: whatever breaks below breaks in each of them. To add one: a line in PLACES."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import sqlite_file
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.segments import SegmentLog
from jupyter_annotate.storage.sqlite import SqliteLog


@dataclass(frozen=True)
class Place:
    """A kind of log in a folder.

    Parameters
    ----------
    name
        For the test's name.
    open
        Open or begin the log in a folder, to write or (second argument) to read.
    newest
        The file that the next append changes.
    later
        Make the log one of a later version than this.
    weaknesses
        Ways to make it lose what it acknowledged, by name: what is said to find losses has to find these.
    scratch
        How the names end that do no harm if they come back after a power cut.
    rewrites
        Whether it changes files in place, so that a failed write leaves a doubt about what was there before.
    rounds
        How often the writer appends its events, so that there are enough states of the disk.
    """

    name: str
    open: Callable[[Path, bool], EventLog]
    newest: Callable[[Path], Path]
    later: Callable[[Path], None]
    weaknesses: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    scratch: str = ""
    rewrites: bool = False
    rounds: int = 1


def _synchronous(level: str) -> Callable[[], None]:
    """Return what lets SQLite sync less from now on."""

    def weaken() -> None:
        kept = (each for each in sqlite_file._SETTINGS if not each.startswith("synchronous"))
        sqlite_file._SETTINGS = (f"synchronous={level}", *kept)  # type: ignore[assignment]  # of another length

    return weaken


def _later_sqlite(folder: Path) -> None:
    with SqliteLog(folder) as log:
        log._connection().execute("PRAGMA user_version=99")


def _later_segments(folder: Path) -> None:
    path = folder / "segments" / "log.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 1', '"format": 99'), encoding="utf-8")


def _sync_only(wanted: Callable[[int], bool]) -> Callable[[], None]:
    """Return what lets Python sync only some files and folders from now on, in the watched program."""

    def weaken() -> None:
        def choosy(sync: Callable[[int], None]) -> Callable[[int], None]:
            return lambda handle: sync(handle) if wanted(os.fstat(handle).st_mode) else None

        os.fsync, os.fdatasync = choosy(os.fsync), choosy(os.fdatasync)  # type: ignore[assignment]  # take numbers only

    return weaken


PLACES: Mapping[str, Place] = {
    each.name: each
    for each in (
        Place(
            "sqlite",
            lambda folder, read_only: SqliteLog(folder, read_only=read_only),
            newest=lambda folder: folder / "log.sqlite",
            later=_later_sqlite,
            weaknesses={"full": _synchronous("FULL"), "normal": _synchronous("NORMAL")},
            rewrites=True,
        ),
        Place(
            "segments",
            lambda folder, read_only: SegmentLog(folder, read_only=read_only),
            newest=lambda folder: max((folder / "segments" / "blocks").glob("*.ndjson")),
            later=_later_segments,
            weaknesses={"only files": _sync_only(stat.S_ISREG), "only folders": _sync_only(stat.S_ISDIR)},
            scratch=".part",
            rounds=14,
        ),
    )
}

in_every_place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
weakened = pytest.mark.parametrize(
    ("place", "weakness"),
    [
        pytest.param(place, name, id=f"{place.name}-{name}")
        for place in PLACES.values()
        for name in place.weaknesses
    ],
)


def answers(name: str, n: int = 2, size: int = 0) -> list[Event]:
    """Make the events of one append; each id says how many there are."""
    return [
        Event(
            kind=EventKind.ANSWER,
            annotator_id="ada",
            item_id=f"{k}",
            question="q",
            value="x" * size,
            event_id=f"{name}.{k}.{n}",
        )
        for k in range(n)
    ]
