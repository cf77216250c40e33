"""Health: what `status` found, and how it looks on a screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from jupyter_annotate.backups import Backup
from jupyter_annotate.schedule import Schedule
from jupyter_annotate.workflow import Plan

__all__ = ["Health", "Place"]

_WIDTH = 100
_LABEL = 10
#: How many people are shown; all are in the frame.
_MOST_PEOPLE = 12
_STEP = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project lies.

    Parameters
    ----------
    path
        Its folder.
    filesystem
        Type of the file system, empty where the system does not tell.
    free
        Bytes that are free there.
    size
        Bytes that its files take.
    writable
        Whether this user may write.
    """

    path: Path
    filesystem: str
    free: int
    size: int
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What `status` found.

    Parameters
    ----------
    location, carrier, log_id
        Where and how the project is stored; the id is empty if it cannot be read.
    warnings
        What somebody should do something about, each a sentence, the worst first.
    items, events, erased, suggestions
        How many there are.
    position
        Of the last event, None if the log does not verify or cannot be read.
    batches
        How many batches of items and suggestions the log names.
    people
        One row an annotator: annotator_id, annotator_kind, items (answered), skipped, last (activity),
        identity (what the names rest on), assurance.
    overlap
        One row a number of people: people, items (answered by so many).
    plan, complete
        How the items are shared, None if everybody gets all; how many have all their answers under it.
    leases
        One row an annotator who holds some: annotator_id, items, ends (without a sign of life).
    place
        Its folder, None where it has none.
    snapshot
        Up to which position this computer has a quick copy, None if it has none.
    backup, schedule
        The last backup, and how often one is wanted.
    overdue
        Whether one should have been made already.
    unsent
        How many writes wait on this computer for the store.
    """

    location: str
    carrier: str = "nothing that can be read"
    log_id: str = ""
    warnings: Sequence[str] = ()
    items: int = 0
    events: int = 0
    erased: int = 0
    suggestions: int = 0
    position: int | None = None
    batches: int = 0
    people: pl.DataFrame = field(default_factory=pl.DataFrame)
    overlap: pl.DataFrame = field(default_factory=pl.DataFrame)
    plan: Plan | None = None
    complete: int = 0
    leases: pl.DataFrame = field(default_factory=pl.DataFrame)
    place: Place | None = None
    snapshot: int | None = None
    backup: Backup | None = None
    schedule: Schedule | None = None
    overdue: bool = False
    unsent: int = 0

    def __repr__(self) -> str:
        """Show all of it on one screen, warnings first."""
        return "\n".join(_lines(self))


def _lines(health: Health) -> Iterator[str]:
    yield f"{health.location} ({health.carrier})"
    for warning in health.warnings:
        yield from textwrap.wrap(f"! {warning}", _WIDTH, subsequent_indent="  ")
    if health.log_id:
        yield _line("stored", _stored(health))
        yield from _labeled("people", _people(health.people))
        yield from _labeled("overlap", _overlap(health.overlap))
        yield from _labeled("plan", _plan(health))
        yield _line("verified", _verified(health))
    if health.place is not None:
        yield _line("place", _place(health.place))
    if health.log_id:
        quick = "none" if health.snapshot is None else f"up to position {health.snapshot:,}"
        yield _line("snapshot", f"{quick}, on this computer")
        yield _line("unsent", f"{health.unsent:,} writes on this computer" if health.unsent else "nothing")
    yield _line("backup", _backup(health))


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _labeled(label: str, lines: Sequence[str]) -> Iterator[str]:
    for n, line in enumerate(lines):
        yield _line(label if n == 0 else "", line)


def _stored(health: Health) -> str:
    erased = f" ({health.erased:,} erased)" if health.erased else ""
    told = f"{health.items:,} items, {health.events:,} events{erased}, {health.suggestions:,} suggestions"
    return f"{told} in {health.batches:,} batches"


def _people(people: pl.DataFrame) -> list[str]:
    lines = []
    for row in people.head(_MOST_PEOPLE).iter_rows(named=True):
        kind = "" if row["annotator_kind"] == "human" else f" ({row['annotator_kind']})"
        basis = ", ".join(row["identity"]) or "not said"
        lines.append(
            f"{row['annotator_id'] or '(nobody)'}{kind}: {row['items']:,} items answered, "
            f"{row['skipped']:,} skipped, last {_moment(row['last'])}; name: {basis}"
        )
    more = len(people) - _MOST_PEOPLE
    return [*lines, f"and {more} more"] if more > 0 else lines or ["nobody yet"]


def _overlap(overlap: pl.DataFrame) -> list[str]:
    parts = [f"{row['items']:,} items by {row['people']}" for row in overlap.iter_rows(named=True)]
    return [", ".join(parts)] if parts else []


def _plan(health: Health) -> list[str]:
    plan = health.plan
    if plan is None:
        return []
    quota = "" if plan.quota is None else f", at most {plan.quota:,} for one annotator"
    told = f"each item by {plan.overlap}, {plan.cap} cap{quota}: {health.complete:,} complete"
    held = [f"{row['annotator_id']} {row['items']:,}" for row in health.leases.iter_rows(named=True)]
    return [told, *([f"held by {', '.join(held)}"] if held else [])]


def _verified(health: Health) -> str:
    if health.position is None:
        return "NO: see above"
    return f"every event up to position {health.position:,}, just now"


def _place(place: Place) -> str:
    kind = place.filesystem or "an unknown file system"
    may = "may be written to" if place.writable else "may only be read"
    return f"{may}; {_bytes(place.size)} on {kind} with {_bytes(place.free)} free"


def _backup(health: Health) -> str:
    last = "none" if health.backup is None else f"{_moment(health.backup.at)} in {health.backup.path.parent}"
    if health.schedule is None:
        return f"{last}; no schedule: ja.backup_every(project, hours=24) sets one"
    return f"{last}; every {health.schedule.hours:g} hours" + (", OVERDUE" if health.overdue else "")


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _bytes(number: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if number < _STEP:
            return f"{number:.0f} {unit}"
        number /= _STEP
    return f"{number:,.1f} TB"
