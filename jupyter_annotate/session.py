"""Session: one annotator's sitting. It knows no widget; a widget, a test or a notebook drives it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

from jupyter_annotate.agenda import Agenda
from jupyter_annotate.claims import Claims
from jupyter_annotate.context import Witness
from jupyter_annotate.desk import DECISIONS, Decision, Desk, Status, Synced, is_id, is_one_note
from jupyter_annotate.errors import AwayError, ConflictError, ProtocolError, UnknownNameError
from jupyter_annotate.events import Event, EventKind, Json, uuid7
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project, history_of
from jupyter_annotate.schema import Schema
from jupyter_annotate.served import Served, Shelf
from jupyter_annotate.storage import has_news
from jupyter_annotate.views import in_order

__all__ = ["Session", "asked_in"]


class Session:
    """One annotator's sitting on a project.

    Parameters
    ----------
    project
        What is labeled.
    annotator
        Who labels, a name or an identity found before. By default the environment is asked: see `Identity`.
    guidelines
        How to decide. Kept in the log; every answer names its digest.

    Attributes
    ----------
    annotator
        Who labels, as an `Identity`.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Schema, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> items = {"item_id": ["a", "b"], "text": ["Hooray!", "Oh no."]}
    >>> session = Session(Project.open(":memory:", schema=schema, items=items), annotator="ada")
    >>> for item in session:
    ...     _ = session.submit({"mood": "glad" if "!" in item.fields["text"] else "sad"})
    >>> session.progress()
    {'done': 2, 'skipped': 0, 'total': 2}
    """

    def __init__(
        self, project: Project, annotator: str | Identity | None = None, *, guidelines: str | None = None
    ) -> None:
        self._project, self._shelf = project, Shelf(project)
        self._version, self._history = self._shelf.version, history_of(project)
        self.annotator = Identity.resolve(annotator, access=project.log)
        self._lock = threading.RLock()
        self._desk = self._new_desk()
        self._agenda = Agenda()
        self._claims = Claims(project, self.annotator)
        self._cursor: str | None = None
        self._news: dict[str, None] = {}
        #: How many items there were when somebody wanted more than were left.
        self._short: int | None = None
        self._witness = Witness(self.annotator, guidelines)
        self._witness.keep_guidelines(project)
        self.sync()

    def __iter__(self) -> Iterator[Served]:
        """Yield the current item until none is open, or until one was neither submitted nor skipped."""
        last = None
        while (item := self.current()) is not None and item.item_id != last:
            yield item
            last = item.item_id

    def sync(self, submissions: Collection[str] = ()) -> Synced:
        """Take in what happened, here and elsewhere, and say which of these submissions are stored.

        Parameters
        ----------
        submissions
            Those the sender has no acknowledgement for.
        """
        with self._lock:
            self._look()
            self._claims.show_life()
            changed, self._news = [*self._news], {}
            known = [each for each in submissions if self._desk.has(each)]
            return Synced(changed, known, self._is_more())

    def current(self) -> Served | None:
        """Return the item gone to, else the first open one, else None."""
        with self._lock:
            if self._cursor is not None:
                self._catch_up()
                return self._serve([self._cursor])[0]
            following = self.upcoming(1)
            return following[0] if following else None

    def upcoming(self, n: int, have: Collection[str] = ()) -> list[Served]:
        """Return the next open items in order.

        Parameters
        ----------
        n
            How many at most.
        have
            Items to leave out: those the browser holds already.
        """
        with self._lock:
            self._catch_up()
            held = self._project.table.rows_of([each for each in have if is_id(each)])
            source = self._agenda if self._claims.plan is None else self._claims
            if self._version is not self._history.current:  # what it has answered may wait in newer words
                held = np.union1d(held, self._agenda.closed())
            rows = source.upcoming(n, held)
            self._short = len(self._agenda) if len(rows) < n else None
            return self._serve(self._project.table.ids(rows))

    def is_open(self, item_id: str) -> bool:
        """Say whether an item still waits for this annotator."""
        with self._lock:
            return self._desk.note(item_id).status is Status.OPEN

    def go_to(self, item_id: str) -> Served:
        """Go to one item; it stays the current one until it is answered or skipped.

        Raises
        ------
        UnknownNameError
            If there is no such item.
        """
        with self._lock:
            self._catch_up()
            (item,) = self._serve([self._known(item_id)])
            self._cursor = item.item_id
            return item

    def submit(
        self,
        answers: Mapping[str, Json],
        *,
        item_id: str | None = None,
        hash: str | None = None,  # noqa: A002 -- the word of the protocol
        submission: str | None = None,
        seen: Mapping[str, Json] | None = None,
    ) -> str:
        """Answer an item and return once that is durable.

        Parameters
        ----------
        answers
            By name of the question. One that stood before and is left out is withdrawn.
        item_id
            The current item by default.
        hash
            What the annotator saw; refused if the item shows something else now.
        submission
            Id made by the sender; sending it again is harmless.
        seen
            What the browser reports: times, the suggestions on the screen.

        Returns
        -------
        submission
            What `undo` would name.

        Raises
        ------
        LabelError
            If an answer does not fit its question.
        ProtocolError
            If the item shows something else now, or none is open.
        """
        with self._lock:
            self._catch_up()
            item = self._for(item_id, hash)
            checked = self._version.schema.check(answers, self._shelf.content(item.item_id))
            withdrawn = dict.fromkeys(name for name in item.standing if name not in checked)
            context = self._context(item, seen, checked)
            values = {**checked, **({} if self._desk.has(submission or "") else withdrawn)}
            decision = self._decision(submission, EventKind.ANSWER, item.item_id)
            drafts = [decision.event(value, context, question=name) for name, value in values.items()]
            return self._store(decision, drafts)

    def skip(
        self,
        reason: str = "",
        *,
        item_id: str | None = None,
        hash: str | None = None,  # noqa: A002 -- the word of the protocol
        submission: str | None = None,
        seen: Mapping[str, Json] | None = None,
    ) -> str:
        """Pass over an item; answers of this annotator that stood are withdrawn.

        Parameters
        ----------
        reason
            Why, in words.
        item_id, hash, submission, seen
            As for `submit`.
        """
        with self._lock:
            self._catch_up()
            item = self._for(item_id, hash)
            context = self._context(item, seen, None)
            withdrawn = () if self._desk.has(submission or "") else item.standing
            decision = self._decision(submission, EventKind.SKIP, item.item_id)
            drafts = [decision.event(None, context, question=name) for name in withdrawn]
            return self._store(decision, [decision.event(reason, context), *drafts])

    def undo(
        self, target: str | None = None, *, item_id: str | None = None, submission: str | None = None
    ) -> str | None:
        """Take back a submission, whole. Nothing is deleted: the undo is an event itself.

        Parameters
        ----------
        target
            The submission; the last standing one by default.
        item_id
            The item it is about, if the sender knows.
        submission
            Id made by the sender.

        Returns
        -------
        item_id
            The item it was about, None if there was nothing to undo.

        Raises
        ------
        ProtocolError
            If this annotator made no such submission (code ``unknown_target``), or about another item.
        """
        with self._lock:
            self._catch_up()
            target = target or self._desk.last_submission()
            if target is None:
                return None
            found, event_ids = self._desk.events_of(target)
            if item_id not in (None, found):
                message = f"Submission {target!r} is about {found!r}, not {item_id!r}. Nothing was undone."
                raise ProtocolError(message, code="conflict")
            decision = self._decision(submission, EventKind.UNDO, found)
            value: Json = {"submission": target, "events": list(event_ids)}
            self._store(decision, [decision.event(value, self._witness.who())])
            return found

    def note(
        self,
        *,
        flagged: bool | None = None,
        comment: str | None = None,
        item_id: str | None = None,
        hash: str | None = None,  # noqa: A002 -- the word of the protocol
        submission: str | None = None,
    ) -> str:
        """Flag an item, or comment on it; one of the two a submission.

        Parameters
        ----------
        flagged
            On or off.
        comment
            The text; empty takes an earlier one back.
        item_id, hash, submission
            As for `submit`.

        Raises
        ------
        ProtocolError
            If it is neither or both, or not of its type.
        """
        if not is_one_note(flagged, comment):
            found = f"found flagged={flagged!r} and comment={comment!r}"
            raise ProtocolError(f"Expected flagged=True or False, or comment='...', one of the two; {found}.")
        with self._lock:
            self._catch_up()
            item = self._for(item_id, hash)
            kind = EventKind.FLAG if flagged is not None else EventKind.COMMENT
            decision = self._decision(submission, kind, item.item_id)
            value: Json = flagged if flagged is not None else (comment or "")
            return self._store(decision, [decision.event(value, self._witness.who())])

    def history(self, n: int = 20) -> list[Served]:
        """Return the last items decided on, newest last."""
        with self._lock:
            self._catch_up()
            return self._serve(self._desk.recent(n))

    def progress(self) -> dict[str, Json]:
        """Count this annotator's items: done, skipped, total; under ``team``, under a plan, those of all."""
        with self._lock:
            self._look()
            done, skipped = map(self._agenda.count, (Status.ANSWERED, Status.SKIPPED))
            plan, total = self._claims.plan, len(self._agenda)
            mine = total if plan is None or plan.quota is None else min(plan.quota, total)
            team = {} if plan is None else {"team": self._claims.team()}
            return {"done": done, "skipped": skipped, "total": mine, **team}

    # -- items

    def _look(self) -> None:
        """Catch up if there may be something new: asked every second, and seldom in vain."""
        with suppress(AwayError):  # what is known stays known
            if self._desk.changed or has_news(self._project.log, self._desk.position):
                self._catch_up()

    def _catch_up(self) -> None:
        """Take in the events since the last time, in the order of the log: the views see no other."""
        events = self._project.events(after=self._desk.position)
        self._claims.take_in(events)
        if events["kind"].is_in([EventKind.ERASE, EventKind.MERGE]).any():
            known, events = self._desk.known(), in_order(self._project.events())
            self._desk = self._new_desk(known)
        self._desk.take_in(events)
        self._agenda.grow(len(self._project.table))
        changed = [*self._desk.changed]
        for item_id, row in zip(changed, self._project.table.rows_of(changed), strict=True):
            if row >= 0:
                self._agenda.mark(int(row), self._desk.note(item_id).status)
        self._news.update(dict.fromkeys(changed))
        self._desk.changed.clear()

    def _is_more(self) -> bool:
        """Tell whether somebody who found too few items would find more now."""
        if self._short is None:
            return False
        return self._claims.could_take() if self._claims.plan else len(self._agenda) > self._short

    def _serve(self, item_ids: Sequence[str]) -> list[Served]:
        return self._shelf.serve(item_ids, [self._desk.note(each) for each in item_ids])

    # -- decisions

    def _for(self, item_id: str | None, seen_hash: str | None) -> Served:
        if item_id is None:
            item = self.current()
            if item is None:
                message = "No item is open: all are answered or skipped. Name one with item_id=."
                raise ProtocolError(message)
            return item
        (item,) = self._serve([self._known(item_id)])
        if seen_hash is not None and seen_hash != item.hash:
            message = (
                f"Item {item_id!r} shows something else now than when it was answered; look at it again."
            )
            raise ProtocolError(message, code="stale_item")
        return item

    def _decision(self, submission: str | None, kind: EventKind, item_id: str) -> Decision:
        fingerprint = self._version.fingerprint
        return Decision(submission or uuid7(), kind, item_id, self.annotator.annotator_id, fingerprint)

    def _new_desk(self, changed: Sequence[str] = ()) -> Desk:
        who, number = self.annotator.annotator_id, self._version.number
        return Desk(who, changed, history=self._history, version=number)

    def _known(self, item_id: object) -> str:
        """Return an item's id as text; frames with whole numbers for ids have them too."""
        if is_id(item_id) or (isinstance(item_id, int) and not isinstance(item_id, bool)):
            return str(item_id)
        raise UnknownNameError("item", item_id, self._project.table.ids(range(min(5, len(self._agenda)))))

    def _store(self, decision: Decision, drafts: Sequence[Event]) -> str:
        again = self._desk.has(decision.submission)
        if again and not self._desk.same(decision.submission, [draft.event_id for draft in drafts]):
            found = [draft.question or draft.kind for draft in drafts]
            raise ConflictError(
                "submission", decision.submission, field="content", stored="another decision", found=found
            )
        self._project.record(drafts)
        self._catch_up()
        if decision.kind is EventKind.UNDO and not again:
            self._cursor = decision.item_id
        elif decision.item_id == self._cursor and decision.kind in DECISIONS and not again:
            self._cursor = None
        return decision.submission

    def _context(
        self, item: Served, seen: Mapping[str, Json] | None, answers: Mapping[str, Json] | None
    ) -> dict[str, Json]:
        number = self._version.number
        prelabels = self._project.prelabels(superseded=True, look=False, schema=number)
        return self._witness.saw(item, self._claims.standing(item.item_id), seen, answers, prelabels)


def asked_in(session: Session) -> Schema:
    """Return the schema in whose words a sitting goes on: the one in force when it began."""
    return session._version.schema  # noqa: SLF001 -- two halves of one thing
