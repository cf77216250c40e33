"""The survey behind `status`: everything is looked at, and what cannot be is a warning, not an error."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import polars as pl

from jupyter_annotate.backups import backup_folder, find_backups
from jupyter_annotate.errors import AnnotateError, StorageError
from jupyter_annotate.events import AnnotatorKind, EventKind
from jupyter_annotate.health.checks import deep_findings
from jupyter_annotate.health.screen import Health, Place
from jupyter_annotate.project import Project
from jupyter_annotate.schedule import schedule_of
from jupyter_annotate.standings import assignments, book_of
from jupyter_annotate.storage.batch_names import batch_names
from jupyter_annotate.storage.filesystem import filesystem_type
from jupyter_annotate.storage.snapshot import snapshot_position
from jupyter_annotate.storage.sqlite import LOG_FILE
from jupyter_annotate.storage.sqlite_file import refuse_unwritable

__all__ = ["status"]

#: Bytes below which the next answers may not find room.
_LITTLE = 500_000_000
_WORDS = {"SqliteLog": "SQLite", "MemoryLog": "memory", "PgLog": "PostgreSQL", "SegmentLog": "segments"}
_ACTS = (EventKind.ANSWER, EventKind.SKIP, EventKind.UNDO, EventKind.FLAG, EventKind.COMMENT)
#: Files of writes that wait for the store, and of those that it refused; a line each.
_WAITING = ("*.ndjson", "*.ndjson.taken")
_REFUSED = ("*.ndjson.refused",)
_Look: TypeAlias = Callable[[Project], Iterable[str]]
#: What a damaged project may answer with.
_TROUBLE = (AnnotateError, OSError, ValueError, pl.exceptions.PolarsError)


def status(project: Project | str | Path, *, deep: bool = False) -> Health:
    """Say in one screen what is stored, by whom, and how healthy it is; warnings come first.

    Nothing is changed, and nothing raised: a project that is damaged, or may only be read, is told as such.

    Parameters
    ----------
    project
        An open project, or its name as for `Project.open`.
    deep
        Also read every batch, have SQLite check its pages, and compare every answer with its question and
        with what its item shows.

    Returns
    -------
    health
        Shown as text; every fact is an attribute.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Schema, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> found = status(Project.open(":memory:", schema=schema))
    >>> found.position, found.items, len(found.warnings)
    (1, 0, 0)
    """
    if isinstance(project, Project):
        return _surveyed(project, deep=deep)
    try:
        opened = Project.open(project, read_only=True)
    except AnnotateError as error:
        return _unreadable(str(project), error)
    with opened:
        return _surveyed(opened, deep=deep)


def _unreadable(location: str, error: AnnotateError) -> Health:
    folder = Path(location).expanduser().absolute()
    folder = folder if folder.suffix else folder.with_name(f"{folder.name}.annotate")
    known = "://" not in location and folder.is_dir()
    health = Health(location=_shown(location), warnings=[str(error)], place=_place(folder) if known else None)
    beside = folder.with_name(f"{folder.stem}.backups")
    if "://" not in location and beside.is_dir():
        advice = f"Backups are in {beside}: ja.restore(backup, 'another name') copies one back."
        return replace(health, warnings=[*health.warnings, advice])
    return health


def _shown(location: str) -> str:
    """Return an address without anything that might be a password."""
    parts = urlsplit(location)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.netloc else location


def _surveyed(project: Project, *, deep: bool) -> Health:
    """Collect what can be had of an open project."""
    log = project.log
    folder = Path(log.location)
    health = Health(
        location=log.location,
        carrier=_WORDS.get(type(log).__name__, type(log).__name__),
        log_id=log.log_id,
        place=_place(folder) if folder.is_dir() else None,
    )
    warnings: list[str] = []
    for add in (_with_contents, _with_chain, _with_copies):
        try:
            health = add(health, project)
        except _TROUBLE as error:
            warnings.append(str(error))
    looks: list[_Look] = [_batch_findings, *([deep_findings] if deep else []), partial(_worries, health)]
    for look in looks:
        try:
            warnings += look(project)
        except _TROUBLE as error:
            warnings.append(str(error))
    return replace(health, warnings=[*dict.fromkeys(warnings)])


# -------------------------------------------------------------------------------------- contents


def _with_contents(health: Health, project: Project) -> Health:
    events, annotations = project.events(), project.annotations()
    batches = [batch_names(events, kind) for kind in (EventKind.ITEMS, EventKind.PRELABELS)]
    return replace(
        health,
        items=len(project.table),
        events=len(events),
        suggestions=len(project.prelabels()),
        batches=sum(map(len, batches)),
        people=_people(events, annotations),
        overlap=_overlap(annotations, len(project.table)),
        **_sharing(project),
    )


def _sharing(project: Project) -> dict[str, Any]:
    """Return how the items are shared, how many are complete, and who holds how many until when."""
    book = book_of(project)
    held = assignments(project).filter(state="leased").group_by("annotator_id")
    leases = held.agg(items=pl.len().cast(pl.Int64), ends=pl.col("ends").max()).sort("annotator_id")
    return {"plan": book.plan, "complete": book.counts().complete, "leases": leases}


def _people(events: pl.DataFrame, annotations: pl.DataFrame) -> pl.DataFrame:
    """Return who did something: how much, when last, and what the name rests on."""
    who = ["annotator_id", "annotator_kind"]
    basis = pl.col("context").str.json_path_match("$.identity")
    level = pl.col("context").str.json_path_match("$.assurance")
    acts = events.filter(pl.col("kind").is_in([*_ACTS])).with_columns(identity=basis, assurance=level)
    seen = acts.group_by(who).agg(
        skipped=pl.col("item_id").filter(pl.col("kind") == EventKind.SKIP).n_unique(),
        last=pl.col("at").max(),
        identity=pl.col("identity").drop_nulls().unique().sort(),
        assurance=pl.col("assurance").drop_nulls().unique().sort(),
    )
    answered = annotations.group_by(who).agg(items=pl.col("item_id").n_unique())
    counted = seen.join(answered, on=who, how="left").with_columns(pl.col("items").fill_null(0))
    columns = (*who, "items", "skipped", "last", "identity", "assurance")
    return counted.select(*columns).sort("items", "annotator_id", descending=[True, False])


def _overlap(annotations: pl.DataFrame, n_items: int) -> pl.DataFrame:
    """Count the items by how many people have answered them."""
    people = annotations.filter(pl.col("annotator_kind") == AnnotatorKind.HUMAN)
    each = people.group_by("item_id").agg(people=pl.col("annotator_id").n_unique().cast(pl.Int64))
    counted = each.group_by("people").agg(items=pl.len().cast(pl.Int64))
    nobody = pl.DataFrame({"people": [0], "items": [n_items - len(each)]})
    return pl.concat([nobody, counted]).filter(pl.col("items") > 0).sort("people")


# ---------------------------------------------------------------------------------------- health


def _with_chain(health: Health, project: Project) -> Health:
    found = project.log.verify()
    return replace(health, position=found.head.position, erased=found.erased)


def _with_copies(health: Health, project: Project) -> Health:
    log = project.log
    schedule = schedule_of(log.log_id)
    backups = find_backups(backup_folder(log, schedule.folder if schedule else None), log.log_id)
    return replace(
        health,
        snapshot=snapshot_position(log),
        unsent=_spooled(log.log_id, _WAITING),
        schedule=schedule,
        backup=backups[-1] if backups else None,
        overdue=schedule is not None and schedule.is_due(project),
    )


def _spooled(log_id: str, patterns: Sequence[str]) -> int:
    """Count writes that are kept on this computer."""
    files = itertools.chain.from_iterable(map(_spool(log_id).rglob, patterns))
    return sum(path.read_bytes().count(b"\n") for path in files)


def _spool(log_id: str) -> Path:
    named = os.environ.get("JUPYTER_ANNOTATE_STATE")
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return (Path(named) if named else Path(home) / "jupyter_annotate") / log_id


def _batch_findings(project: Project) -> Iterator[str]:
    """Tell of batches that are gone; whether their bytes are right is looked at in depth only."""
    store = project._store  # noqa: SLF001 -- two halves of one thing
    for kind, batches in ((EventKind.ITEMS, store.items), (EventKind.PRELABELS, store.prelabels)):
        for digest in batch_names(project.events(), kind):
            try:
                batches.n_bytes(digest)
            except AnnotateError as error:
                yield str(error)


def _worries(health: Health, project: Project) -> Iterator[str]:
    """Tell of what is not broken yet."""
    place = health.place
    if place is not None and not place.writable:
        yield _why_not(place.path)
    if place is not None and place.free < _LITTLE:
        yield f"Only {place.free / 1e6:.0f} MB are free in {place.path}: make room before answers find none."
    refused = _spooled(health.log_id, _REFUSED)
    if refused:
        yield (
            f"The store has refused {refused} writes that were kept on this computer. They are in "
            f"{_spool(health.log_id)}, in files that end with .refused: read them, and give them anew."
        )
    if health.unsent:
        yield (
            f"{health.unsent} writes wait on this computer for the store. They follow as soon as somebody "
            "opens the project here while the store can be reached; keep this computer's files until then."
        )
    if health.overdue:
        since = (
            "there is none"
            if health.backup is None
            else f"the last is of {health.backup.at:%Y-%m-%d %H:%M} UTC"
        )
        yield f"A backup is overdue ({since}): ja.backup(project) makes one, or says what is in its way."
    ahead = project.events()["at"].max()
    if isinstance(ahead, datetime) and ahead > datetime.now(UTC):
        when = f"{ahead:%Y-%m-%d %H:%M} UTC"
        yield f"The log holds events of {when}, which is yet to come: set the clock right."


def _why_not(folder: Path) -> str:
    """Say what keeps this user from writing, nothing if nothing does."""
    try:
        if (folder / LOG_FILE).exists():
            refuse_unwritable(folder / LOG_FILE)
    except StorageError as error:
        return str(error)
    return "" if os.access(folder, os.W_OK) else f"{folder} may not be written to: ask for the permission."


def _place(folder: Path) -> Place:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Place(
        path=folder,
        filesystem=filesystem_type(folder) or "",
        free=shutil.disk_usage(folder).free,
        size=sum(path.stat().st_size for path in files),
        writable=not _why_not(folder),
    )
