"""Project: items, schema and log, shared and durable. It holds; functions compute."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import AwayError, AwayWarning, SchemaError, UnknownNameError, shorten
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json, uuid7
from jupyter_annotate.gate import answered, checked
from jupyter_annotate.intake import check_cells, check_items, check_prelabels, refuse_changes
from jupyter_annotate.opening import begun
from jupyter_annotate.questions.conditions import told
from jupyter_annotate.schedule import run_due
from jupyter_annotate.schema import Schema
from jupyter_annotate.storage import EventLog, ItemTable, Store, is_begun, open_store
from jupyter_annotate.storage.prelabel_table import PrelabelTable
from jupyter_annotate.translation import History
from jupyter_annotate.views import Fold

__all__ = ["Project", "history_of"]

_BATCH_VALUE = pl.Struct({"digest": pl.String, "rows": pl.Int64})


class Project:
    """Items, schema and log of one labeling project.

    Make one with `Project.open`. Every answer passes `record`, which checks it against the schema.

    Attributes
    ----------
    schema
        What is shown and asked, as of the last look at the log.
    log
        The append-only log: ``project.log.verify()`` recomputes its chain, ``project.log.close()``
        releases it.
    table
        The items by row number, read lazily.
    """

    def __init__(self, store: Store, schema: Schema, events: pl.DataFrame) -> None:
        self.schema = schema
        self._history = History(events, schema)
        self.log: EventLog = store.log
        self._store = store
        self._lock = threading.RLock()
        self._fold = Fold(events, self._history)
        self._prelabels = PrelabelTable(store.prelabels)
        #: Position of the last event of each kind whose batch was taken up.
        self._taken_up = {EventKind.ITEMS: 0, EventKind.PRELABELS: 0}
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
            ``"reviews"`` for the folder ``reviews.annotate`` here, ``"segments://reviews"`` for one that
            several computers share without locks, ``"postgresql://user@host/database?project=reviews"`` (the
            extra ``postgres``; the password comes from the environment), or ``":memory:"``.
        schema
            What is shown and asked. Needed to begin; later it must be the one in force or left out.
        items
            A frame as for `add_items`. Items already there are left as they are; new ones are added.
        read_only
            Refuse every write.

        Raises
        ------
        SchemaError
            If the project has another schema, or had this one before it was migrated.
        ColumnError
            If the items do not fit, with row and column.
        StorageError
            If there is no project and no schema to begin one with, or it cannot be opened.

        Nothing is written, and no folder made, when one of these is raised.

        Examples
        --------
        >>> from jupyter_annotate import Choice, Schema, Text
        >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
        >>> items = {"item_id": ["a", "b"], "text": ["Hooray!", "Oh no."]}
        >>> project = Project.open(":memory:", schema=schema, items=items)
        >>> len(project.table)
        2
        """
        if schema is not None and not isinstance(schema, Schema):
            raise SchemaError(f"Expected schema=Schema(Text('text'), ...), found {shorten(schema)}.")
        if schema is not None and items is not None and not is_begun(location):
            items = check_items(items, schema)
            check_cells(items, schema)
        store = open_store(location, read_only=read_only, begin=schema is not None)
        try:
            project = cls._begun(store, schema, items)
        except BaseException:
            store.log.close()
            raise
        if not read_only:
            run_due(project)
        return project

    @classmethod
    def _begun(cls, store: Store, schema: Schema | None, items: object) -> Self:
        project = cls(store, *begun(store.log, schema))
        if items is not None:
            project.add_items(items)
        return project

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

    def annotations(self, schema: int | str | None = None) -> pl.DataFrame:
        """Return ANNOTATIONS as of now: the current answer of each annotator, in the words of the schema.

        Parameters
        ----------
        schema
            A version before the last, by number or fingerprint: what this returned just before the next one
            came (see `schema_versions`).
        """
        with self._lock:
            self._refresh()
            end = self._history.end(schema)
            return self._fold.annotations() if end is None else self._fold.annotations_before(end)

    def labels(self, question: str | None = None, schema: int | str | None = None) -> pl.DataFrame:
        """Return LABELS: the human annotations of one question in comparable form.

        Parameters
        ----------
        question
            Its name; may be left out where there is only one.
        schema
            As for `annotations`.

        Returns
        -------
        labels
            item_id, annotator_id, label. One row a mark for spans and boxes, with their own columns; an item
            looked at and left empty keeps one row with a null label. Those who could not tell are left out:
            their answers are in `annotations()`.
        """
        found = self.annotations(schema)
        asked = self._history.version(schema).schema.question(question)
        answers = found.filter(
            pl.col("question") == asked.name, pl.col("annotator_kind") == AnnotatorKind.HUMAN
        )
        return asked.labels_frame(told(answers))

    def prelabels(
        self, *, superseded: bool = False, look: bool = True, schema: int | str | None = None
    ) -> pl.DataFrame:
        """Return PRELABELS as of now, one row a suggestion; the last of a source for an item stands.

        Parameters
        ----------
        superseded
            Return those too that a later one of the same source took the place of.
        look
            Look whether there are new ones; who has just read the log need not.
        schema
            The version of the schema to put them in the words of; the last by default. Those that cannot be
            said in them are left out.
        """
        with self._lock:
            if look:
                self._refresh()
            history, to = self._history, self._history.version(schema).number
            tell = None if len(history.versions) == 1 else partial(history.said, to=to)
            return self._prelabels.frame(to, tell, superseded=superseded)

    def record(self, events: Sequence[Event]) -> list[int]:
        """Check what an annotator did against the schema it names, else the last, and store it, all or none.

        Parameters
        ----------
        events
            Answers, skips, undos, flags, comments and guidelines.

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
        SchemaError
            If an event is nothing an annotator does.
        """
        self._refuse_unknown([event.item_id for event in events if event.item_id])
        contents = self._contents(answered(events))
        return self.log.append([checked(e, self._history.named(e.schema), contents) for e in events])

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
            If an id stands twice, a column is missing or of another type than before, or a cell cannot be
            shown. Nothing is written then.
        ConflictError
            If an item is there with other content.
        """
        frame = check_items(items, self.schema)
        with self._lock:
            while True:
                self._refresh()
                self.table.refuse_types(frame, what="items")
                fresh = self._fresh(frame)
                if fresh.is_empty() or self._add_batch(fresh):
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
        asked = self.schema
        frame = check_prelabels(
            prelabels, asked, source=source, rows_of=self.table.rows_of, contents_of=self._contents_of
        )
        said = Event(kind=EventKind.PRELABELS, annotator_kind=AnnotatorKind(kind), schema=asked.fingerprint)
        parts = frame.group_by(["source"], maintain_order=True)
        with self._lock:
            self._refresh()
            events = [self._of_source(str(name), part, said) for (name,), part in parts]
            self.log.append([event for event in events if event is not None])
            self._refresh()
        return len(frame)

    def _refuse_unknown(self, item_ids: Sequence[str]) -> None:
        for item_id, row in zip(item_ids, self.table.rows_of(item_ids), strict=True):
            if row < 0:
                known = self.table.ids(range(min(len(self.table), 5)))
                raise UnknownNameError("item", item_id, known)

    def _contents(self, item_ids: Sequence[str]) -> dict[str, dict[str, Content]]:
        """Return what each of these items shows, by item and field: what answers are checked against."""
        return {item["item_id"]: self.schema.content(item) for item in self.table.items(item_ids)}

    # -- reading the log

    def _refresh(self) -> None:
        try:
            tail = self.log.read(after=self._fold.last)
        except AwayError as error:
            warnings.warn(f"{error} Shown is what was read before.", AwayWarning, stacklevel=3)
            return
        if tail.is_empty():
            return
        # First what can fail: a tail that was not taken up whole is read again the next time.
        self._register(tail)
        if (tail["kind"] == EventKind.ERASE).any():
            self._fold = Fold(self.log.read(until=tail["position"][-1]), self._history)
        else:
            self._fold.add(tail)
        if self._history.take_in(tail):
            self.schema = self._history.current.schema

    def _register(self, events: pl.DataFrame) -> None:
        """Take up the batches that these events name, each once, however often one after it fails."""
        for kind, last in self._taken_up.items():
            named = events.filter(pl.col("kind") == kind, pl.col("position") > last)
            batches = named["value"].str.json_decode(_BATCH_VALUE)
            facts = (
                named["position"],
                named["annotator_id"],
                named["at"].dt.epoch("us"),
                named["schema"],
                batches,
            )
            for position, who, at, schema, batch in zip(*facts, strict=True):
                if kind is EventKind.ITEMS:
                    self.table.add(batch["digest"], batch["rows"])
                else:
                    self._prelabels.add(batch["digest"], who, at, schema)
                self._taken_up[kind] = position

    def _fresh(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the items not yet there; refuse one that cannot be shown, or is there with other content."""
        rows = self.table.rows_of(frame["item_id"])
        known = pl.Series(rows >= 0)
        if known.any():
            refuse_changes(frame.filter(known), self.table.fetch(rows[rows >= 0]), self.schema)
        fresh = frame.filter(~known)
        check_cells(fresh, self.schema, rows=known.not_().arg_true())
        return fresh

    def _contents_of(self, item_ids: pl.Series) -> Iterator[dict[str, Content]]:
        for chunk in item_ids.to_frame().iter_slices(1_000):
            ids = chunk["item_id"].to_list()
            known = self._contents(list(dict.fromkeys(ids)))
            yield from (known[each] for each in ids)

    def _add_batch(self, fresh: pl.DataFrame) -> bool:
        """Register new items, unless somebody else added some since they were found to be new."""
        value: Json = {"digest": self._store.items.write(fresh), "rows": len(fresh)}
        event = Event(kind=EventKind.ITEMS, value=value, schema=self.schema.fingerprint)
        stored = self.log.append_unless([event], kinds={EventKind.ITEMS}, after=self._fold.last)
        return stored is not None

    def _of_source(self, source: str, frame: pl.DataFrame, said: Event) -> Event | None:
        """Return what registers the suggestions of one source, None if they are its last already."""
        digest = self._store.prelabels.write(frame)
        if self._prelabels.is_last(digest, source, said.schema):
            return None
        value: Json = {"digest": digest, "rows": len(frame)}
        return replace(said, annotator_id=source, value=value, event_id=uuid7())


def history_of(project: Project) -> History:
    """Return the versions of a project's schema as of its last look at the log."""
    return project._history  # noqa: SLF001 -- two halves of one thing
