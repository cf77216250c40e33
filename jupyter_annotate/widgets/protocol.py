"""The kernel's side of the conversation with the browser (docs/protocol.md). It knows no widget either."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from jupyter_annotate.errors import AnnotateError, ProtocolError, UnknownNameError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.fields import Blob, split_blob_name
from jupyter_annotate.project import Project
from jupyter_annotate.schedule import run_due
from jupyter_annotate.served import Served
from jupyter_annotate.session import Session, asked_in
from jupyter_annotate.widgets.request import Message, Request, Send, refusal

__all__ = ["PROTOCOL", "Conversation", "parts_of"]

PROTOCOL = 1
PREFETCH = 20
HISTORY = 20
#: Largest buffer in one message, bytes; the websocket of a Jupyter server breaks at ten times that.
PART = 1 << 20
#: Characters of text in one message of items, if there is more than one.
MESSAGE = 1 << 22
#: Seconds between two looks for news, however many views ask, and after a look that failed.
LOOK_EVERY = 1.0
LOOK_AGAIN = 5.0


class Conversation:
    """Answers the messages of every view of one widget.

    Parameters
    ----------
    project
        What is labeled.
    session
        The annotator's sitting on it.
    send
        Sends one message with its buffers to all views.
    setup
        What the browser needs to know once: name, guidelines, notice.
    clock
        Seconds that never go back.

    Attributes
    ----------
    annotator
        Who labels.
    """

    def __init__(
        self,
        project: Project,
        session: Session,
        send: Send,
        setup: Mapping[str, Json],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project = project
        self._session = session
        self._send = send
        self._clock = clock
        self._lock = threading.RLock()
        self._next_look = clock()
        #: Characters of the longest item sent so far.
        self._heaviest = 0
        #: The progress every view knows, and the complaint every view has heard.
        self._told: Message | None = None
        self._complaint: Json = None
        self.annotator = who = session.annotator
        self._setup: Message = {
            "protocol": PROTOCOL,
            "prefetch": PREFETCH,
            "log": project.log.log_id,
            "annotator": {"id": who.annotator_id, "source": who.source, "assurance": int(who.assurance)},
            # Then a page may look whether it is this person who sits there.
            "hub": who.source == "hub_person",
            "schema": asked_in(session).to_json(),
            **setup,
        }

    def receive(self, message: object) -> None:
        """Answer one message. Whatever goes wrong is said to the browser; nothing is raised."""
        try:
            request = Request(message)
            with self._lock:
                self._dispatch(request)
        except Exception as error:  # noqa: BLE001 -- the host would swallow it; the person must see it
            self._send(refusal(message, error), ())

    def _dispatch(self, request: Request) -> None:
        match request.text("kind"):
            case "hello":
                self._hello(request)
            case "submit":
                self._submit(request)
            case "sync":
                self._sync(request)
            case "need":
                self._need(request)
            case "open":
                item = self._session.go_to(request.text("item"))
                self._send({"kind": "item", "to": request.client, "item": item.to_json()}, ())
            case "blob":
                self._blob(request)
            case "ping":
                self._pong(request)
            case kind:
                message = f"Expected one of the messages of docs/protocol.md, found kind {shorten(kind)}."
                raise ProtocolError(message)

    def _hello(self, request: Request) -> None:
        session = self._session
        self._spread()
        current = session.current()
        first = [] if current is None else [current]
        items, _ = self._upcoming(PREFETCH, request.texts("pending"), first)
        self._send(
            {
                "kind": "state",
                "to": request.client,
                "setup": self._setup,
                "items": [item.to_json() for item in items],
                "history": [_entry(item) for item in session.history(HISTORY)],
                "progress": self._told,
            },
            (),
        )

    def _submit(self, request: Request) -> None:
        submission, item_id = request.text("submission"), request.text("item")
        match request.text("action"):
            case "answer":
                self._session.submit(request.mapping("answers"), **request.seen())
            case "skip":
                self._session.skip(request.text("text", ""), **request.seen())
            case "undo":
                self._session.undo(request.text("target"), item_id=item_id, submission=submission)
            case "flag":
                self._session.note(flagged=request.truth("on"), **request.about())
            case "comment":
                self._session.note(comment=request.text("text"), **request.about())
            case action:
                message = f"Expected the action answer, skip, undo, flag or comment, found {shorten(action)}."
                raise ProtocolError(message)
        synced = self._session.sync()
        self._acknowledge([submission], changed=[*synced.changed, item_id], more=synced.more)

    def _need(self, request: Request) -> None:
        wanted = min(int(request.number("n")), 5 * PREFETCH)
        items, exhausted = self._upcoming(wanted, request.texts("have"))
        self._send(
            {
                "kind": "items",
                "to": request.client,
                "items": [item.to_json() for item in items],
                "exhausted": exhausted,
            },
            (),
        )

    def _upcoming(
        self, n: int, have: Sequence[str], first: Sequence[Served] = ()
    ) -> tuple[list[Served], bool]:
        """Return these items and the next open ones, and whether there are no more of them.

        Of long ones it is fewer than asked for, but always one: the browser asks again.
        """
        items = [*first]
        self._weigh(first)
        while (missing := n - len(items)) > 0:
            room = MESSAGE - sum(map(_weight, items))
            if items and room < self._heaviest:
                break
            # How long they are is not known before they are read; and who takes one keeps it from others.
            step = min(missing, max(1, room // self._heaviest)) if self._heaviest else 1
            found = self._session.upcoming(step, [*have, *(item.item_id for item in items)])
            items += found
            self._weigh(found)
            if len(found) < step:
                return items, True
        return items, False

    def _weigh(self, items: Sequence[Served]) -> None:
        self._heaviest = max([self._heaviest, *(max(1, _weight(item)) for item in items)])

    def _pong(self, request: Request) -> None:
        """Answer a heartbeat, and look for news now and then; say once, not at every beat, if that fails."""
        self._send({"kind": "pong", "to": request.client, "n": request.number("n")}, ())
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY
        try:
            self._spread()
            run_due(self._project)
        except Exception as error:  # noqa: BLE001 -- as in receive
            self._next_look = self._clock() + LOOK_AGAIN
            self._complain(error)
        else:
            self._complaint = None

    def _spread(self) -> None:
        """Tell all views what happened elsewhere meanwhile."""
        synced, progress = self._session.sync(), self._progress()
        if synced.changed or synced.more or self._told not in (None, progress):
            self._acknowledge([], changed=synced.changed, more=synced.more)
        else:
            self._told = progress

    def _progress(self) -> dict[str, Json]:
        """Return the progress with a place for the team, also where there is none."""
        return {"team": None, **self._session.progress()}

    def _complain(self, error: Exception) -> None:
        complaint = refusal({"kind": "ping"}, error)
        if complaint["code"] != self._complaint:
            self._complaint = complaint["code"]
            self._send(complaint, ())

    def _sync(self, request: Request) -> None:
        synced = self._session.sync(request.texts("submissions"))
        self._acknowledge(synced.known, changed=synced.changed, more=synced.more)

    def _blob(self, request: Request) -> None:
        name = request.text("blob")
        item_id, field = split_blob_name(name)
        reply: Message = {"kind": "blob", "to": request.client, "blob": name}
        try:
            blob = self._media(item_id, field)
        except (AnnotateError, OSError) as error:
            self._send({**reply, "error": str(error)}, ())
            return
        for message, part in parts_of(reply, blob):
            self._send(message, [part])

    def _media(self, item_id: str, field: str) -> Blob:
        project = self._project
        if field not in project.schema.fields:
            raise UnknownNameError("field", field, project.schema.fields)
        (item,) = project.table.items([item_id])
        blob = project.schema.fields[field].blob(item[field])
        if blob is None:
            message = f"The field {field!r} of item {item_id!r} has no media."
            raise ProtocolError(message)
        return blob

    def _acknowledge(self, submissions: Sequence[str], *, changed: Sequence[str], more: bool) -> None:
        states = {item_id: self._session.is_open(item_id) for item_id in dict.fromkeys(changed)}
        self._told = self._progress()
        message: Message = {
            "kind": "ack",
            "to": None,
            "submissions": list(submissions),
            "progress": self._told,
            "done": [item_id for item_id, is_open in states.items() if not is_open],
            "reopened": [item_id for item_id, is_open in states.items() if is_open],
        }
        self._send(message | ({"more": True} if more else {}), ())


def parts_of(reply: Message, blob: Blob) -> Iterator[tuple[Message, bytes]]:
    """Yield the messages that carry media, each with its buffer."""
    parts = [blob.data[at : at + PART] for at in range(0, len(blob.data), PART)]
    for number, part in enumerate(parts):
        yield {**reply, "mime": blob.mime, "part": number, "parts": len(parts)}, part


def _weight(item: Served) -> int:
    """Return how many characters of text an item shows."""
    return sum(len(value) for value in item.fields.values() if isinstance(value, str))


def _entry(item: Served) -> Message:
    """Return one line of the history strip: what was decided, not what was shown."""
    whole = item.to_json()
    kept = ("item", "number", "status", "flagged", "submission")
    return {**{name: whole[name] for name in kept}, "summary": item.answers}
