"""The kernel's side of the conversation with the browser (docs/protocol.md). It knows no widget either."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from jupyter_annotate.errors import (
    AnnotateError,
    ConflictError,
    ExchangeError,
    LabelError,
    ProtocolError,
    StorageError,
    UnknownNameError,
    shorten,
)
from jupyter_annotate.events import Json
from jupyter_annotate.fields import Blob, split_blob_name
from jupyter_annotate.project import Project
from jupyter_annotate.served import Served
from jupyter_annotate.session import Session

__all__ = ["PROTOCOL", "Conversation"]

PROTOCOL = 1
PREFETCH = 20
HISTORY = 20
#: Largest buffer in one message, bytes; the websocket of a Jupyter server breaks at ten times that.
PART = 1 << 20

Message: TypeAlias = dict[str, Json]
Send: TypeAlias = Callable[[Message, Sequence[bytes]], None]

#: Code sent back for an error, the first class that fits. Only these two are worth another try.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (LabelError, "bad_answer"),
    (ExchangeError, "bad_answer"),
    (UnknownNameError, "unknown_item"),
    (ConflictError, "conflict"),
    (StorageError, "storage"),
)
_RETRY = frozenset({"storage", "unknown_target"})


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
    """

    def __init__(self, project: Project, session: Session, send: Send, setup: Mapping[str, Json]) -> None:
        self._project = project
        self._session = session
        self._send = send
        self._lock = threading.RLock()
        self._setup: Message = {
            "protocol": PROTOCOL,
            "prefetch": PREFETCH,
            "log": project.log.log_id,
            "annotator": {"id": session.annotator.annotator_id, "source": session.annotator.source},
            "schema": project.schema.to_json(),
            **setup,
        }

    def receive(self, message: object) -> None:
        """Answer one message. Whatever goes wrong is said to the browser; nothing is raised."""
        try:
            request = _Request(message)
            with self._lock:
                self._dispatch(request)
        except Exception as error:  # noqa: BLE001 -- the host would swallow it; the person must see it
            self._refuse(message, error)

    def _dispatch(self, request: _Request) -> None:
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

    def _hello(self, request: _Request) -> None:
        session = self._session
        self._spread()
        current = session.current()
        first = [] if current is None else [current]
        have = [*request.texts("pending"), *(item.item_id for item in first)]
        items = first + session.upcoming(PREFETCH - len(first), have)
        self._send(
            {
                "kind": "state",
                "to": request.client,
                "setup": self._setup,
                "items": [item.to_json() for item in items],
                "history": [_entry(item) for item in session.history(HISTORY)],
                "progress": session.progress(),
            },
            (),
        )

    def _submit(self, request: _Request) -> None:
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
        self._acknowledge([submission], changed=[*self._session.sync().changed, item_id])

    def _need(self, request: _Request) -> None:
        wanted = min(int(request.number("n")), 5 * PREFETCH)
        items = self._session.upcoming(wanted, request.texts("have"))
        self._send(
            {
                "kind": "items",
                "to": request.client,
                "items": [item.to_json() for item in items],
                "exhausted": len(items) < wanted,
            },
            (),
        )

    def _pong(self, request: _Request) -> None:
        """Answer a heartbeat."""
        self._send({"kind": "pong", "to": request.client, "n": request.number("n")}, ())
        self._spread()

    def _spread(self) -> None:
        """Tell all views what this annotator did elsewhere meanwhile."""
        changed = self._session.sync().changed
        if changed:
            self._acknowledge([], changed=changed)

    def _sync(self, request: _Request) -> None:
        synced = self._session.sync(request.texts("submissions"))
        self._acknowledge(synced.known, changed=synced.changed)

    def _blob(self, request: _Request) -> None:
        name = request.text("blob")
        item_id, field = split_blob_name(name)
        reply: Message = {"kind": "blob", "to": request.client, "blob": name}
        try:
            blob = self._media(item_id, field)
        except (AnnotateError, OSError) as error:
            self._send({**reply, "error": str(error)}, ())
            return
        parts = [blob.data[at : at + PART] for at in range(0, len(blob.data), PART)]
        for number, part in enumerate(parts):
            facts: Message = {"mime": blob.mime, "part": number, "parts": len(parts)}
            self._send({**reply, **facts}, [part])

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

    def _acknowledge(
        self, submissions: Sequence[str], *, changed: Sequence[str] = (), to: str | None = None
    ) -> None:
        states = {item_id: self._session.is_open(item_id) for item_id in dict.fromkeys(changed)}
        self._send(
            {
                "kind": "ack",
                "to": to,
                "submissions": list(submissions),
                "progress": self._session.progress(),
                "done": [item_id for item_id, is_open in states.items() if not is_open],
                "reopened": [item_id for item_id, is_open in states.items() if is_open],
            },
            (),
        )

    def _refuse(self, message: object, error: Exception) -> None:
        known = message if isinstance(message, dict) else {}
        code = _code(error)
        text = str(error) if isinstance(error, AnnotateError) else f"{type(error).__name__}: {error}"
        reply: Message = {"to": known.get("client"), "code": code, "message": text}
        if known.get("kind") == "submit":
            reply |= {"kind": "nack", "submission": known.get("submission"), "retry": code in _RETRY}
        else:
            reply |= {"kind": "refused", "request": known.get("kind")}
        self._send(reply, ())


class _Request:
    """One message, read field by field; what is missing or of another type is named."""

    def __init__(self, message: object) -> None:
        if not isinstance(message, dict):
            text = f"Expected a message with a kind, found {shorten(message)}."
            raise ProtocolError(text)
        self._message: dict[str, Any] = message

    @property
    def client(self) -> str:
        """Who asks."""
        return self.text("client")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text field."""
        value = self._message.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def number(self, name: str) -> float:
        """Return a number field."""
        value = self._message.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a field that is a list of texts."""
        value = self._message.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(name, "a list of texts")
        return value

    def mapping(self, name: str) -> dict[str, Json]:
        """Return a field that is an object."""
        value = self._message.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return value

    def truth(self, name: str) -> bool:
        """Return a field that is true or false."""
        value = self._message.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def about(self) -> dict[str, Any]:
        """Return what every submission names: item, hash and itself."""
        return {
            "item_id": self.text("item"),
            "hash": self.text("hash"),
            "submission": self.text("submission"),
        }

    def seen(self) -> dict[str, Any]:
        """Return what a decision names beside itself, and what was seen."""
        sender = {"client": self.client, "client_seq": self.number("client_seq")}
        return {**self.about(), "seen": {**self.mapping("seen"), **sender}}

    def _wrong(self, name: str, expected: str) -> ProtocolError:
        kind, found = shorten(self._message.get("kind")), shorten(self._message.get(name))
        return ProtocolError(f"Message {kind}, field {name!r}: expected {expected}, found {found}.")


def _entry(item: Served) -> Message:
    """Return one line of the history strip: what was decided, not what was shown."""
    whole = item.to_json()
    kept = ("item", "number", "status", "flagged", "submission")
    return {**{name: whole[name] for name in kept}, "summary": item.answers}


def _code(error: Exception) -> str:
    if isinstance(error, ProtocolError):
        return error.code
    if isinstance(error, UnknownNameError) and error.noun != "item":
        return "bad_answer"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "internal")
