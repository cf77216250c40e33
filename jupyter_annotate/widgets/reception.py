"""Reception: finds out who labels before anything is shown, then lets the conversation answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

from jupyter_annotate.errors import AnnotateError, ProtocolError, StorageError
from jupyter_annotate.identity import Identity
from jupyter_annotate.widgets.protocol import Conversation
from jupyter_annotate.widgets.request import Message, Request, Send, refusal

__all__ = ["Reception"]

_NOT_YET = "Nobody has said yet who labels in this widget: give a name first."


class Reception:
    """Receives the messages of every view of one widget. One widget is one annotator.

    On a server that several people share, each of them sees the same widget; whoever signs first has it.

    Parameters
    ----------
    begin
        Makes the conversation of somebody who has said who they are.
    send
        Sends one message with its buffers to all views.
    conversation
        The one that answers, where nobody has to be asked.
    hub
        Whether the hub is asked who sits at the browser.
    suggestion
        Who it may be.
    """

    def __init__(
        self,
        begin: Callable[[Identity], Conversation],
        send: Send,
        *,
        conversation: Conversation | None = None,
        hub: bool = False,
        suggestion: str | None = None,
    ) -> None:
        self._begin = begin
        self._send = send
        self._lock = threading.RLock()
        self._hub = hub
        self._suggestion = suggestion
        self._conversation = conversation
        #: The greeting of each client that waits to be let in.
        self._waiting: dict[str, object] = {}

    def receive(self, message: object) -> None:
        """Answer one message, or let it be answered. Nothing is raised."""
        try:
            let_in = self._let_in(message)
        except Exception as error:  # noqa: BLE001 -- the host would swallow it; the person must see it
            self._send(refusal(message, error), ())
            return
        for each in let_in:
            self._answer(each)

    def _answer(self, message: object) -> None:
        if self._conversation is not None:
            self._conversation.receive(message)

    def _let_in(self, message: object) -> list[object]:
        """Return the messages that the conversation is to answer now."""
        request = Request(message)
        kind = request.text("kind")
        with self._lock:
            if kind == "identify":
                return self._identify(request)
            if self._conversation is not None:
                return [message]
            if kind == "hello":
                self._ask(request, message)
            elif kind == "ping":
                self._send({"kind": "pong", "to": request.client, "n": request.number("n")}, ())
            else:
                # The browser keeps a submission and sends it again.
                raise ProtocolError(_NOT_YET, code="storage" if kind == "submit" else "protocol")
            return []

    def _ask(self, request: Request, greeting: object) -> None:
        self._waiting[request.client] = greeting
        who: Message = {"hub": self._hub, "suggestion": self._suggestion}
        self._send({"kind": "who", "to": request.client, **who}, ())

    def _identify(self, request: Request) -> list[object]:
        """Take somebody's word for who they are; return the greetings that can be answered now."""
        client, name, source = request.client, request.text("name"), request.text("source")
        if source not in self._sources():
            expected = " or ".join(self._sources())
            raise ProtocolError(f"Message 'identify', field 'source': expected {expected}, found {source!r}.")
        if self._conversation is None:
            self._conversation = self._begun(name, source)
        elif name != (known := self._conversation.annotator.annotator_id):
            message = (
                f"This widget is signed by {known!r}, for good. "
                f"To label as {name!r}, run annotate() in a notebook of your own."
            )
            raise ProtocolError(message, code="conflict")
        self._waiting.setdefault(client, {"kind": "hello", "client": client, "pending": []})
        ready, self._waiting = self._waiting, {}
        return [*ready.values()]

    def _sources(self) -> tuple[str, ...]:
        return ("asked", "hub_person") if self._hub else ("asked",)

    def _begun(self, name: str, source: str) -> Conversation:
        try:
            return self._begin(Identity.claimed(name, source))
        except StorageError:
            raise
        except AnnotateError as error:
            raise ProtocolError(str(error)) from error
