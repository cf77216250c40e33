"""A browser of the simplest kind: a list of what the kernel said, and the messages a browser sends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupyter_annotate as ja
from jupyter_annotate.events import uuid7
from jupyter_annotate.identity import Identity
from jupyter_annotate.session import Session
from jupyter_annotate.widgets.protocol import Conversation
from jupyter_annotate.widgets.reception import Reception

Message = dict[str, Any]

FIXTURES = Path(__file__).parent.parent / "protocol"
SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
SEEN = {
    "shown_ms": 1764000000000,
    "decided_ms": 1764000001500,
    "duration_ms": 1500,
    "prelabels": {},
    "dismissed": [],
    "accepted": [],
    "label_order": {"mood": ["glad", "sad"]},
    "via": "key",
}


def messages(name: str) -> list[Message]:
    """Return the messages both languages agree on."""
    content = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    found: list[Message] = content["messages"]
    return found


def begin(location: str | Path = ":memory:", n: int = 40, schema: ja.Schema = SCHEMA) -> ja.Project:
    """Begin a project of n short texts."""
    items = {"item_id": [f"r-{k}" for k in range(1, n + 1)], "text": [f"Text {k}." for k in range(1, n + 1)]}
    return ja.Project.open(location, schema=schema, items=items)


class Browser:
    """One page: it speaks to a conversation and keeps what it hears."""

    def __init__(self, project: ja.Project, annotator: str = "ada", *, client: str = "c-1") -> None:
        self.project = project
        self.client = client
        self.heard: list[Message] = []
        self.buffers: list[bytes] = []
        self.session = Session(project, annotator)
        setup: Message = {"name": "reviews", "guidelines": None, "notice": None}
        self.now = 0.0
        self.conversation = Conversation(project, self.session, self._hear, setup, clock=lambda: self.now)
        self.reception = Reception(self._refuse_another, self._hear, conversation=self.conversation, hub=True)
        self._seq = 0
        self._hashes: dict[str, str] = {}

    def say(self, kind: str, **fields: object) -> list[Message]:
        """Send a message; return what came back."""
        return self.send({"kind": kind, "client": self.client, **fields})

    def send(self, message: object) -> list[Message]:
        """Send anything; return what came back."""
        before = len(self.heard)
        self.reception.receive(message)
        return self.heard[before:]

    def ping(self, after: float = 1.0) -> list[Message]:
        """Let time pass and send a heartbeat; return what came back."""
        self.now += after
        return self.say("ping", n=1)

    def hello(self, *pending: str) -> Message:
        """Say hello; return the state."""
        return self.say("hello", view="v-1", protocol=1, pending=list(pending))[-1]

    def answer(self, item: str, mood: str = "glad", **fields: object) -> Message:
        """Answer an item; return the reply."""
        return self.submit(item, action="answer", answers={"mood": mood}, **fields)

    def submit(self, item: str, **fields: object) -> Message:
        """Send a submission about an item; return the reply."""
        return self.send(self.submission(item, **fields))[-1]

    def submission(self, item: str, **fields: object) -> Message:
        """Make the message of a submission."""
        self._seq += 1
        message: Message = {
            "kind": "submit",
            "client": self.client,
            "client_seq": self._seq,
            "submission": uuid7(),
            "item": item,
            "hash": self.hash_of(item),
            "seen": SEEN,
        }
        return message | fields

    def hash_of(self, item: str) -> str:
        """Return the hash of an item as the kernel serves it; of an unknown one something."""
        if item not in self._hashes:
            reply = self.say("open", item=item)[-1]
            if reply["kind"] != "item":
                return "unknown"
            self._hashes[item] = reply["item"]["hash"]
        return self._hashes[item]

    def labels(self) -> dict[str, str]:
        """Return what is stored, by item."""
        stored = self.project.labels("mood").filter(annotator_id=self.session.annotator.annotator_id)
        return dict(stored.select("item_id", "label").iter_rows())

    def _refuse_another(self, who: Identity) -> Conversation:
        raise AssertionError(f"asked to begin as {who.annotator_id!r}, but it is known who labels")

    def _hear(self, message: Message, buffers: Sequence[bytes]) -> None:
        # A kernel's message goes through JSON, and nothing but JSON may be in it.
        self.heard.append(json.loads(json.dumps(message, allow_nan=False)))
        self.buffers.extend(buffers)


class Desk:
    """A widget that does not know who labels, and the pages that look at it."""

    def __init__(self, project: ja.Project, *, hub: bool = False, suggestion: str | None = None) -> None:
        self.project = project
        self.heard: list[Message] = []
        self.session: Session | None = None
        self.reception = Reception(self._begin, self._hear, hub=hub, suggestion=suggestion)

    def say(self, kind: str, *, client: str = "c-1", **fields: object) -> list[Message]:
        """Send a message from one of the pages; return what all of them hear."""
        before = len(self.heard)
        self.reception.receive({"kind": kind, "client": client, **fields})
        return self.heard[before:]

    def hello(self, client: str = "c-1") -> Message:
        """Say hello; return the reply."""
        return self.say("hello", client=client, view="v-1", protocol=1, pending=[])[-1]

    def identify(self, name: object, source: str = "asked", client: str = "c-1") -> list[Message]:
        """Say who labels; return what all pages hear."""
        return self.say("identify", client=client, name=name, source=source)

    def _begin(self, who: Identity) -> Conversation:
        self.session = Session(self.project, who)
        setup: Message = {"name": "reviews", "guidelines": None, "notice": None}
        return Conversation(self.project, self.session, self._hear, setup)

    def _hear(self, message: Message, _buffers: Sequence[bytes]) -> None:
        self.heard.append(json.loads(json.dumps(message, allow_nan=False)))
