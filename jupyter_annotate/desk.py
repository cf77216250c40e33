"""Desk: what one annotator has decided, item by item. A fold like the views, kept small and current.

A submit must not wait for a fold over the whole log, so a session keeps this one of its own events.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from jupyter_annotate.errors import ProtocolError
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.translation import SAID, UNDECIDED, History

__all__ = ["DECISIONS", "Decision", "Desk", "Note", "Status", "Synced", "is_id", "is_one_note"]

#: What takes an item out of the queue.
DECISIONS = frozenset({EventKind.ANSWER, EventKind.SKIP})


class Status(StrEnum):
    """Where an item stands for one annotator."""

    OPEN = "open"
    ANSWERED = "answered"
    SKIPPED = "skipped"

    @property
    def code(self) -> int:
        """Its number in an array of states."""
        return _CODES[self]


_CODES = {status: code for code, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Decision:
    """One submission: the events of one press of a key, named so that a resend finds them.

    Parameters
    ----------
    submission
        Its id.
    kind
        What was done.
    item_id
        To which item.
    annotator_id
        By whom.
    schema
        Fingerprint of the one whose words are used; that of the project by default.
    """

    submission: str
    kind: EventKind
    item_id: str
    annotator_id: str
    schema: str = ""

    def event(self, value: Json, context: Json, *, question: str = "") -> Event:
        """Make the event of this submission about one question, or about the item as a whole."""
        return Event(
            kind=EventKind.ANSWER if question else self.kind,
            annotator_id=self.annotator_id,
            item_id=self.item_id,
            question=question,
            value=value,
            context=context,
            schema=self.schema,
            event_id=f"{self.submission}.{question}" if question else self.submission,
        )


@dataclass(slots=True)
class _Entry:
    submission: str
    kind: str
    question: str
    value: Json
    fate: str = SAID
    sketch: Json = None
    undone: bool = False

    @property
    def stands(self) -> bool:
        """Whether it says something, be it in other words."""
        return self.value is not None or self.fate != SAID


@dataclass(frozen=True, slots=True)
class Note:
    """Where one item stands: status, standing answers, flag, comment, and the submission behind them.

    ``unsaid`` are answers that cannot be said in the words of the schema, by question: what of them can be
    shown, or None. The item is open if a label of one was split.
    """

    status: Status = Status.OPEN
    answers: dict[str, Json] = field(default_factory=dict)
    unsaid: dict[str, Json] = field(default_factory=dict)
    flagged: bool = False
    comment: str | None = None
    submission: str | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What `Session.sync` found.

    Parameters
    ----------
    changed
        Items this annotator decided on since the last call, here or elsewhere.
    known
        Which of the submissions asked about are stored.
    more
        There may be items for this annotator that were not there, or not free, the last time.
    """

    changed: list[str]
    known: list[str]
    more: bool = False


class Desk:
    """The decisions of one annotator.

    Parameters
    ----------
    annotator_id
        Whose.
    changed
        Items to look at anew, if it takes the place of another desk.
    history, version
        Versions of the schema, and the one whose words are used; without, answers are as they are stored.

    Attributes
    ----------
    position
        Of the last event taken in.
    changed
        Items something happened to, as keys in order; whoever has looked at them clears it.
    """

    def __init__(
        self,
        annotator_id: str,
        changed: Iterable[str] = (),
        *,
        history: History | None = None,
        version: int = 0,
    ) -> None:
        self.annotator_id = annotator_id
        self._history, self._version = history, version
        self.position = 0
        self.changed: dict[str, None] = dict.fromkeys(changed)
        self._items: dict[str, dict[str, _Entry]] = {}
        self._submissions: dict[str, str] = {}
        self._standing: dict[str, None] = {}

    def take_in(self, events: pl.DataFrame) -> None:
        """Take in this annotator's events not seen yet; `changed` grows by the items they are about.

        An interrupt on the way loses nothing: what was not taken in whole is taken in the next time.

        Parameters
        ----------
        events
            EVENTS, all or any tail of them; the first time in order of time, later in that of position.
        """
        known = int(events["position"].search_sorted(self.position, side="right")) if self.position else 0
        tail = events.slice(known)
        mine = tail.filter(pl.col("annotator_id") == self.annotator_id, pl.col("item_id") != "")
        several = self._history is not None and len(self._history.versions) > 1
        said = (
            self._in_words(mine)
            if several
            else mine.with_columns(fate=pl.lit(SAID), given="value", version=0)
        )
        wanted = said.select("event_id", "kind", "item_id", "question", "value", "fate", "given", "version")
        for event_id, kind, item_id, question, value, fate, given, version in wanted.iter_rows():
            answer: Json = None if value is None else json.loads(value)
            sketch = self._sketch(question, given, version) if fate == UNDECIDED else None
            self.apply(event_id, kind, item_id, question, answer, fate, sketch)
        if len(tail):
            self.position = tail.select(pl.col("position").max()).item()

    def apply(  # noqa: PLR0913, PLR0917 -- the columns of an event
        self,
        event_id: str,
        kind: str,
        item_id: str,
        question: str,
        value: Json,
        fate: str = SAID,
        sketch: Json = None,
    ) -> None:
        """Take in one event. The value of an erased one is None, as that of an answer withdrawn."""
        self.changed[item_id] = None
        entries = self._items.setdefault(item_id, {})
        if event_id in entries:
            return
        submission = event_id.removesuffix(f".{question}") if question else event_id
        self._submissions[submission] = item_id
        entry = _Entry(submission, kind, question, value, fate, sketch)
        if kind in DECISIONS and (entry.stands or submission in self._standing):
            self._standing.pop(submission, None)
            self._standing[submission] = None
        if kind == EventKind.UNDO and isinstance(value, dict):
            self._take_back(entries, value)
        entries[event_id] = entry

    def has(self, submission: str) -> bool:
        """Say whether this submission is known."""
        return submission in self._submissions

    def known(self) -> list[str]:
        """Return the items this annotator did something to."""
        return [*self._items]

    def note(self, item_id: str) -> Note:
        """Return where one item stands."""
        standing = [entry for entry in self._items.get(item_id, {}).values() if not entry.undone]
        entries = {(entry.kind, entry.question): entry for entry in standing}
        given = {name: e for (kind, name), e in entries.items() if kind == EventKind.ANSWER and e.stands}
        latest = {of: entry.value for of, entry in entries.items()}
        return Note(
            status=_status(given, skipped=(EventKind.SKIP, "") in latest),
            answers={name: entry.value for name, entry in given.items() if entry.fate == SAID},
            unsaid={name: entry.sketch for name, entry in given.items() if entry.fate != SAID},
            flagged=bool(latest.get((EventKind.FLAG, ""))),
            comment=str(latest.get((EventKind.COMMENT, "")) or "") or None,
            submission=next((e.submission for e in reversed(standing) if e.kind in DECISIONS), None),
        )

    def last_submission(self) -> str | None:
        """Return the last standing answer or skip."""
        return next(reversed(self._standing), None)

    def same(self, submission: str, event_ids: Collection[str]) -> bool:
        """Tell whether a known submission consists of these events, but for answers withdrawn or erased."""
        entries = self._items[self._submissions[submission]]
        own = {event_id: entry for event_id, entry in entries.items() if entry.submission == submission}
        needed = {i for i, entry in own.items() if entry.stands or entry.kind != EventKind.ANSWER}
        return needed <= set(event_ids) <= set(own)

    def events_of(self, submission: str) -> tuple[str, Sequence[str]]:
        """Return the item a submission is about and the ids of its events.

        Raises
        ------
        ProtocolError
            If it is not known (yet), or is an undo itself.
        """
        item_id = self._submissions.get(submission)
        if item_id is None:
            message = f"There is no submission {submission!r} of {self.annotator_id!r} to undo."
            raise ProtocolError(message, code="unknown_target")
        own = [(i, e.kind) for i, e in self._items[item_id].items() if e.submission == submission]
        if any(kind == EventKind.UNDO for _, kind in own):
            message = f"Submission {submission!r} is an undo: to take it back, answer the item again."
            raise ProtocolError(message, code="conflict")
        return item_id, [event_id for event_id, _ in own]

    def recent(self, n: int) -> list[str]:
        """Return the items of the last standing decisions, each once, newest last."""
        latest: dict[str, None] = {}
        for submission in reversed(self._standing):
            if len(latest) == n:
                break
            latest.setdefault(self._submissions[submission])
        return list(reversed(latest))

    def _in_words(self, mine: pl.DataFrame) -> pl.DataFrame:
        """Return events with their answers in the words used here, and as they were given."""
        history = self._history
        answers = pl.col("kind") == EventKind.ANSWER
        others = mine.filter(~answers).with_columns(fate=pl.lit(SAID), given="value", version=pl.lit(0))
        given = mine.filter(answers).with_columns(given="value")
        told = given if history is None else history.told(given, self._version)
        both = pl.concat([told, others.select(pl.col(name).cast(told[name].dtype) for name in told.columns)])
        return mine.select("event_id").join(both, on="event_id", how="left", maintain_order="left")

    def _sketch(self, question: str, given: str, version: int) -> Json:
        history = self._history
        return None if history is None else history.sketch(question, given, version, self._version)

    def _take_back(self, entries: dict[str, _Entry], value: dict[str, Json]) -> None:
        undone = value.get("events")
        for event_id in undone if isinstance(undone, list) else ():
            entry = entries.get(str(event_id))
            if entry is not None:
                entry.undone = True
                self._standing.pop(entry.submission, None)


def _status(given: Mapping[str, _Entry], *, skipped: bool) -> Status:
    if any(entry.fate == UNDECIDED for entry in given.values()):
        return Status.OPEN
    return Status.ANSWERED if given else Status.SKIPPED if skipped else Status.OPEN


def is_one_note(flagged: object, comment: object) -> bool:
    """Tell whether this is a flag or a comment, and not both or something else."""
    return isinstance(flagged, bool) if comment is None else flagged is None and isinstance(comment, str)


def is_id(item_id: object) -> bool:
    """Tell whether this can be an id at all: text without lone surrogates."""
    return isinstance(item_id, str) and not any("\ud800" <= each <= "\udfff" for each in item_id)
