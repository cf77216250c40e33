"""Merging: what was labeled in a copy of a project joins the project, in any order and however often."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from jupyter_annotate.errors import AnnotateError, ConflictError, SchemaError, StorageError
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.intake import refuse_changes
from jupyter_annotate.misfits import misfits
from jupyter_annotate.project import Project, history_of
from jupyter_annotate.schema import difference
from jupyter_annotate.storage.batch_names import batch_names
from jupyter_annotate.storage.batches import Batches
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.verifying import verify

__all__ = ["MergeReport", "merge"]

#: What is true in every copy. Who held which item, who had which role, and what was merged is said of one
#: log only; erasures name positions of one, and are said anew.
_TRAVELS = (
    EventKind.ITEMS,
    EventKind.PRELABELS,
    EventKind.GUIDELINES,
    EventKind.ANSWER,
    EventKind.SKIP,
    EventKind.UNDO,
    EventKind.FLAG,
    EventKind.COMMENT,
)
_CLAIM = ("kind", "annotator_id", "annotator_kind", "item_id", "question", "value")
_DAY = 86_400_000_000
_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What `merge` brought.

    Parameters
    ----------
    items, events
        How many are new.
    erased
        How many answers and notes have lost what they said, here or on their way.
    conflicts
        ANNOTATIONS of the items with new answers on which people differ. Both answers stand.
    """

    items: int
    events: int
    erased: int
    conflicts: pl.DataFrame

    def __repr__(self) -> str:
        """Say it in a sentence."""
        if not self.events and not self.erased:
            return "MergeReport(nothing new)"
        differing = self.conflicts["item_id"].n_unique()
        erased = f", {self.erased} erased" if self.erased else ""
        return (
            f"MergeReport({self.items} new items, {self.events} new events{erased}, "
            f"{differing} items in conflict)"
        )


def merge(project: Project, other: str | Path | Project, *, annotator: str | None = None) -> MergeReport:
    """Take in what was labeled in another copy of a project: a folder used offline, a learner's file.

    Events keep their id and time, so merging again changes nothing, and copies merged in any order come to
    the same annotations. Answers of different people both stand. What one copy has erased is erased in the
    other. The other copy is only read.

    Parameters
    ----------
    project
        What takes in.
    other
        Where the copy is, or the copy itself; it may be stored in another way.
    annotator
        Who merges. By default the environment is asked.

    Returns
    -------
    report
        How many items and events are new, and on which items people differ.

    Raises
    ------
    SchemaError
        If the other was begun with another schema, or migrated where this one was not.
    ConflictError
        If an item or event is in both with other content.
    ColumnError
        If a column of new items has another type here.
    LabelError, UnknownNameError
        If an answer does not fit its question, or answers none.
    StorageError
        If the other does not verify, holds what this reader may not see, or times to come.
    NotSavedError
        If the write did not become durable.

    Nothing is merged when one of these is raised.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Schema, Session, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> here, there = (Project.open(":memory:", schema=schema) for _ in range(2))
    >>> _ = there.add_items({"item_id": ["a"], "text": ["Hooray!"]})
    >>> _ = Session(there, annotator="ada").submit({"mood": "glad"})
    >>> merge(here, there)
    MergeReport(1 new items, 2 new events, 0 items in conflict)
    >>> merge(here, there)
    MergeReport(nothing new)
    """
    who = Identity.resolve(annotator, access=project.log)
    with _opened(other) as source:
        _refuse_another_schema(project, source)
        news = _news(project, source)
        items, erased = len(project.table), len(_erased(project))
        _take_batches(project, source, news)
        rows = _rows(source, news["event_id"])
        note = _note(source, len(rows), who)
        added = project.log.adopt(rows, [note], erased=_erased(source))
        conflicts = _conflicts(project.annotations(), news)
    return MergeReport(len(project.table) - items, added, len(_erased(project)) - erased, conflicts)


def _refuse_another_schema(project: Project, source: Project) -> None:
    """Refuse a copy whose versions of the schema are not the first ones here."""
    here, there = (history_of(each).versions for each in (project, source))
    for ours, theirs in zip(here, there, strict=False):
        if ours.schema != theirs.schema:
            how = "was migrated in another way" if theirs.number else "was begun with another schema"
            problem = f"{source.log.location} {how}: {difference(ours.schema, theirs.schema)}"
            raise SchemaError(f"{problem}. Nothing was merged; only copies of one project can be.")
    if len(there) > len(here):
        migration = there[len(here)].migration
        raise SchemaError(
            f"{source.log.location} was migrated ({migration}) and {project.log.location} was not: migrate "
            "it likewise first, with ja.migrate. Nothing was merged."
        )


@contextmanager
def _opened(other: str | Path | Project) -> Iterator[Project]:
    if isinstance(other, Project):
        yield other
        return
    with Project.open(other, read_only=True) as source:
        yield source


# ------------------------------------------------------------------------------------ what is new


def _news(project: Project, source: Project) -> pl.DataFrame:
    """Return the EVENTS that are new here, once everything about them is known to be in order."""
    _refuse_unsound(source)
    ours, theirs = project.events(), source.events()
    _refuse_changed_events(ours, theirs)
    news = theirs.join(ours, on="event_id", how="anti", maintain_order="left")
    news = news.filter(pl.col("kind").is_in([*_TRAVELS]))
    _refuse_times_to_come(news, source.log.location)
    _refuse_misfits(news, source)
    return news


def _refuse_unsound(source: Project) -> None:
    try:
        hidden = verify(source).hidden
    except AnnotateError as error:
        message = f"{source.log.location} was not merged, nothing was changed. {error}"
        raise StorageError(message) from error
    if hidden:
        message = (
            f"{source.log.location} holds {hidden} answers you may not see, so it cannot be merged by you. "
            "Ask somebody who leads that project. Nothing was changed."
        )
        raise StorageError(message)


def _refuse_changed_events(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    both = ours.join(theirs, on="event_id", suffix="_there")
    for name in _CLAIM:
        # An erased value differs from nothing.
        changed = both.filter(pl.col(name) != pl.col(f"{name}_there"))
        for event_id, here, there in changed.select("event_id", name, f"{name}_there").head(1).iter_rows():
            raise ConflictError("event", event_id, field=name, stored=here, found=there)


def _refuse_times_to_come(news: pl.DataFrame, location: str) -> None:
    """Refuse a copy from a clock that was far ahead: everything said later would have to be later still."""
    latest = news["at"].dt.epoch("us").max()
    if isinstance(latest, int) and latest > time.time_ns() // 1000 + _DAY:
        when = datetime.fromtimestamp(latest / 1e6, UTC).isoformat(timespec="minutes")
        message = (
            f"{location} holds events of {when}, more than a day in the future: the clock of that computer, "
            "or of this one, is wrong. Nothing was merged; set the clock right, and label again what was "
            "labeled under the wrong one."
        )
        raise StorageError(message)


def _refuse_misfits(news: pl.DataFrame, source: Project) -> None:
    """Let the answers of another log through the same gate as those given here: that of their schema."""
    given = history_of(source).told(news.filter(pl.col("kind") == EventKind.ANSWER))
    stored = given.with_columns(value=news.filter(pl.col("kind") == EventKind.ANSWER)["value"])
    for version in history_of(source).versions:
        of_version = stored.filter(pl.col("version") == version.number)
        for _, _, error in misfits(of_version, version.schema, source.table.items):
            raise error


def _rows(source: Project, event_ids: pl.Series) -> list[Row]:
    """Return these events with the salts that the chain of their own log rests on."""
    wanted = set(event_ids)
    log = source.log
    rows = itertools.chain.from_iterable(log._rows(0, None)) if wanted else iter(())  # noqa: SLF001 -- as stored
    return [row for row in rows if row.event_id in wanted]


def _erased(project: Project) -> list[str]:
    ids: list[str] = project.events().filter(pl.col("value").is_null())["event_id"].to_list()
    return ids


def _note(source: Project, n_events: int, who: Identity) -> Event:
    head = source.log.head()
    value: Json = {
        "log_id": source.log.log_id,
        "head": {"position": head.position, "digest": head.digest},
        "events": n_events,
    }
    context: Json = who.context()
    return Event(kind=EventKind.MERGE, annotator_id=who.annotator_id, value=value, context=context)


# -------------------------------------------------------------------------------------- batches


def _take_batches(project: Project, source: Project, news: pl.DataFrame) -> None:
    """Copy the batches that the new events name, all of them looked at before the first is copied."""
    here, there = project._store, source._store  # noqa: SLF001 -- two halves of one thing
    items, prelabels = (batch_names(news, kind) for kind in (EventKind.ITEMS, EventKind.PRELABELS))
    for digest in items:
        _refuse_changed_items(project, there.items.scan(digest))
    for digest in items:
        _copy(digest, there.items, here.items)
    for digest in prelabels:
        _copy(digest, there.prelabels, here.prelabels)


def _refuse_changed_items(project: Project, batch: pl.LazyFrame) -> None:
    """Refuse items that are here with other content, or of columns that cannot be read with those here."""
    n_rows = batch.select(pl.len()).collect().item()
    for start in range(0, n_rows, _ROWS):
        frame = batch.slice(start, _ROWS).collect()
        project.table.refuse_types(frame, what="items of the copy")
        rows = project.table.rows_of(frame["item_id"])
        known = frame.filter(pl.Series(rows >= 0))
        if len(known):
            refuse_changes(known, project.table.fetch(rows[rows >= 0]), project.schema)


def _copy(digest: str, source: Batches, target: Batches) -> None:
    with source.open(digest) as file:
        target.take(digest, file)


# ------------------------------------------------------------------------------------ conflicts


def _conflicts(annotations: pl.DataFrame, news: pl.DataFrame) -> pl.DataFrame:
    """Return the annotations of people on items with new answers, where not all of them are the same."""
    answered = news.filter(pl.col("kind") == EventKind.ANSWER)["item_id"].unique()
    people = annotations.filter(
        pl.col("annotator_kind") == AnnotatorKind.HUMAN, pl.col("item_id").is_in(answered.implode())
    )
    differing = people.filter(pl.col("value").n_unique().over("item_id", "question") > 1)
    return differing.sort("item_id", "question", "annotator_id")
