"""Project: items, schema and log, shared and durable. It holds; functions compute."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import polars as pl

from jupyter_annotate.columns import PRELABELS, empty
from jupyter_annotate.content import Content
from jupyter_annotate.errors import SchemaError
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json, check_text
from jupyter_annotate.intake import check_items, check_prelabels, refuse_changes
from jupyter_annotate.schema import Schema
from jupyter_annotate.storage import EventLog, ItemTable, Store, open_store
from jupyter_annotate.storage.snapshot import load_snapshot, save_snapshot
from jupyter_annotate.views import Fold

__all__ = ["Project"]

_BATCH_VALUE = pl.Struct({"digest": pl.String, "rows": pl.Int64})
#: A tail longer than this is worth a new snapshot of the log on this computer.
_SNAPSHOT_AFTER = 5_000


class Project:
    """Items, schema and log of one labeling project.

    Make one with `Project.open`. Every answer passes `record`, which checks it against the schema.

    Attributes
    ----------
    schema
        What is shown and asked.
    log
        The append-only log: ``project.log.verify()`` recomputes its chain, ``project.log.close()``
        releases it.
    table
        The items by row number, read lazily.
    """

    def __init__(self, store: Store, schema: Schema, events: pl.DataFrame) -> None:
        self.schema = schema
        self.log: EventLog = store.log
        self._store = store
        self._lock = threading.RLock()
        self._fold = Fold(events)
        self._prelabels = empty(PRELABELS)
        self._batches: set[str] = set()
        self.table = ItemTable(store.items, [])
        self._register(events)

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        schema: Schema | None = None,
        items: object = None,
        read_only: bool = False,
    ) -> Self:
        """Open a project, or begin it; running the same call again resumes.

        Parameters
        ----------
        location
            ``"reviews"`` for the folder ``reviews.annotate`` here, or ``":memory:"``.
        schema
            What is shown and asked. Needed to begin; later it must be the same or left out.
        items
            A frame with ``item_id`` and the columns the schema's fields show. Items already there are left as
            they are, so the same cell can run again; new ones are added.
        read_only
            Refuse every write.

        Raises
        ------
        SchemaError
            If the project was begun with another schema, or is new and none is given.
        ColumnError
            If the items do not fit, with row and column; nothing is written then.

        Examples
        --------
        >>> from jupyter_annotate import Choice, Schema, Text
        >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
        >>> items = {"item_id": ["a", "b"], "text": ["Hooray!", "Oh no."]}
        >>> project = Project.open(":memory:", schema=schema, items=items)
        >>> len(project.table)
        2
        """
        store = open_store(location, read_only=read_only)
        try:
            return cls._begun(store, schema, items)
        except BaseException:
            store.log.close()
            raise

    @classmethod
    def _begun(cls, store: Store, schema: Schema | None, items: object) -> Self:
        events = _all_events(store.log)
        stored = _stored_schema(events)
        if stored is None:
            events = cls._begin(store.log, schema)
        elif schema is not None and schema != stored:
            message = (
                f"{store.log.location} was begun with another schema: stored {stored!r}, found {schema!r}. "
                "Leave schema= out to go on with the stored one, or begin a new project under another name."
            )
            raise SchemaError(message)
        project = cls(store, schema or stored or Schema(), events)
        if items is not None:
            project.add_items(items)
        return project

    @staticmethod
    def _begin(log: EventLog, schema: Schema | None) -> pl.DataFrame:
        if schema is None:
            message = (
                f"{log.location} is new: pass schema=Schema(Text('text'), Choice('mood', [...])) to begin it."
            )
            raise SchemaError(message)
        log.append([Event(kind=EventKind.SCHEMA, value=schema.to_json(), schema=schema.fingerprint)])
        return log.read()

    def __enter__(self) -> Self:
        """Return the project."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.log.close()

    def __repr__(self) -> str:
        """Say where it is and what is in it."""
        return f"Project({self.log.location!r}, {len(self.table)} items, {self.schema!r})"

    def items(self) -> pl.LazyFrame:
        """Return ITEMS with the user's own columns, lazily: a million items open at once."""
        return self.table.scan()

    def events(self, after: int = 0) -> pl.DataFrame:
        """Return EVENTS as of now, those after a position only if one is given."""
        with self._lock:
            self._refresh()
            return self._fold.events(after)

    def annotations(self) -> pl.DataFrame:
        """Return ANNOTATIONS as of now: the current answer of each annotator."""
        with self._lock:
            self._refresh()
            return self._fold.annotations()

    def labels(self, question: str | None = None) -> pl.DataFrame:
        """Return LABELS: the human annotations of one question in comparable form.

        Parameters
        ----------
        question
            Its name; may be left out where there is only one.

        Returns
        -------
        labels
            item_id, annotator_id, label. One row a mark for spans and boxes, with their own columns; an item
            looked at and left empty keeps one row with a null label.
        """
        asked = self.schema.question(question)
        answers = self.annotations().filter(
            pl.col("question") == asked.name, pl.col("annotator_kind") == AnnotatorKind.HUMAN
        )
        return asked.labels_frame(answers)

    def prelabels(self) -> pl.DataFrame:
        """Return PRELABELS as of now, one row a suggestion; the last of a source for an item stands."""
        with self._lock:
            self._refresh()
            return self._prelabels

    def record(self, events: Sequence[Event]) -> list[int]:
        """Check events against the schema and store them, all or none.

        Returns
        -------
        positions
            Of the events in the log, once they are durable.

        Raises
        ------
        LabelError
            If an answer does not fit its question.
        UnknownNameError
            If there is no such item or question.
        """
        answered = {e.item_id for e in events if e.item_id}
        contents = self._contents(sorted(answered))
        return self.log.append([self._checked(event, contents) for event in events])

    def add_items(self, items: object) -> int:
        """Add items; those already there with the same content are left as they are.

        Parameters
        ----------
        items
            A frame with ``item_id`` and the columns the schema's fields show; other columns are kept.

        Returns
        -------
        added
            How many are new.

        Raises
        ------
        ColumnError
            If an id stands twice, a column is missing or a cell cannot be shown. Nothing is written then.
        ConflictError
            If an item is there with other content.
        """
        frame = check_items(items, self.schema)
        with self._lock:
            self._refresh()
            fresh = self._fresh(frame)
            if len(fresh):
                digest = self._store.items.write(fresh)
                value: Json = {"digest": digest, "rows": len(fresh)}
                self.log.append([Event(kind=EventKind.ITEMS, value=value, schema=self.schema.fingerprint)])
                self._refresh()
        return len(fresh)

    def add_prelabels(
        self,
        prelabels: object,
        *,
        source: str | None = None,
        kind: AnnotatorKind = AnnotatorKind.MODEL,
    ) -> int:
        """Add suggestions. They are shown to annotators and never count as anybody's labels.

        Parameters
        ----------
        prelabels
            A frame with ``item_id`` and ``value``; ``question`` where there are several; ``score`` (any
            finite number) and ``source`` (who suggests) if known.
        source
            Who suggests, where the frame has no such column.
        kind
            What the source is.

        Returns
        -------
        added
            How many suggestions.

        Raises
        ------
        ColumnError
            If an item is unknown or a value does not fit its question, with the row. Nothing is written then.
        """
        frame = check_prelabels(
            prelabels, self.schema, source=source, rows_of=self.table.rows_of, contents_of=self._contents_of
        )
        with self._lock:
            for (name,), part in frame.group_by(["source"], maintain_order=True):
                self._add_source(str(name), part, kind)
            self._refresh()
        return len(frame)

    def _checked(self, event: Event, contents: Mapping[str, dict[str, Content]]) -> Event:
        stamped = replace(event, schema=self.schema.fingerprint)
        if event.kind != EventKind.ANSWER or event.value is None:
            return stamped
        question = self.schema.question(event.question)
        return replace(stamped, value=question.check(event.value, contents.get(event.item_id, {})))

    def _contents(self, item_ids: Sequence[str]) -> dict[str, dict[str, Content]]:
        """Return what each of these items shows, by item and field: what answers are checked against."""
        return {item["item_id"]: self.schema.content(item) for item in self.table.items(item_ids)}

    # -- reading the log

    def _refresh(self) -> None:
        tail = self.log.read(after=self._fold.last)
        if tail.is_empty():
            return
        if (tail["kind"] == EventKind.ERASE).any():
            self._fold = Fold(self.log.read(until=tail["position"][-1]))
        else:
            self._fold.add(tail)
        self._register(tail)

    def _register(self, events: pl.DataFrame) -> None:
        """Take up the batches that these events name."""
        for kind, take_up in (
            (EventKind.ITEMS, self._take_items),
            (EventKind.PRELABELS, self._take_prelabels),
        ):
            named = events.filter(pl.col("kind") == kind)
            values = named["value"].str.json_decode(_BATCH_VALUE)
            for annotator, batch in zip(named["annotator_id"], values, strict=True):
                if batch["digest"] not in self._batches:
                    self._batches.add(batch["digest"])
                    take_up(batch["digest"], batch["rows"], annotator)

    def _take_items(self, digest: str, rows: int, _annotator: str) -> None:
        self.table.add(digest, rows)

    def _take_prelabels(self, digest: str, _rows: int, source: str) -> None:
        self._store.prelabels.verify(digest)
        batch = (
            self._store.prelabels.scan(digest)
            .collect()
            .with_columns(
                source=pl.lit(source),
                prelabel_id=pl.lit(f"{digest[:16]}:") + pl.int_range(pl.len()).cast(pl.String),
            )
        )
        together = pl.concat([self._prelabels, batch.select(*PRELABELS)])
        self._prelabels = together.unique(["item_id", "question", "source"], keep="last", maintain_order=True)

    def _fresh(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the items not yet there; refuse one that is there with other content."""
        rows = self.table.rows_of(frame["item_id"])
        known = pl.Series(rows >= 0)
        if known.any():
            refuse_changes(frame.filter(known), self.table.fetch(rows[rows >= 0]), self.schema)
        return frame.filter(~known)

    def _contents_of(self, item_ids: pl.Series) -> Iterator[dict[str, Content]]:
        for chunk in item_ids.to_frame().iter_slices(1_000):
            ids = chunk["item_id"].to_list()
            known = self._contents(list(dict.fromkeys(ids)))
            yield from (known[each] for each in ids)

    def _add_source(self, source: str, frame: pl.DataFrame, kind: AnnotatorKind) -> None:
        check_text(source, what="The source of the pre-labels")
        digest = self._store.prelabels.write(frame)
        if digest in self._batches:
            return
        value: Json = {"digest": digest, "rows": len(frame)}
        self.log.append(
            [
                Event(
                    kind=EventKind.PRELABELS,
                    annotator_id=source,
                    annotator_kind=kind,
                    value=value,
                    schema=self.schema.fingerprint,
                )
            ]
        )


def _all_events(log: EventLog) -> pl.DataFrame:
    """Start from the proved snapshot on this computer and read only the tail."""
    start = load_snapshot(log)
    last = start["position"][-1] if len(start) else 0
    tail = log.read(after=last)
    events = pl.concat([start, tail]) if len(start) else tail
    if len(tail) > _SNAPSHOT_AFTER:
        save_snapshot(log, events)
    return events


def _stored_schema(events: pl.DataFrame) -> Schema | None:
    schemas = events.filter(pl.col("kind") == EventKind.SCHEMA)["value"]
    return Schema.from_json(json.loads(schemas[-1])) if len(schemas) else None
