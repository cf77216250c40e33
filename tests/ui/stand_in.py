"""A stand-in for the kernel's side of the conversation: it says what a test wants said, when it wants it.

A store that is away, another's lease and a hub are there at once, and nothing of Python's side takes part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from jupyter_annotate.widgets.script import script_of

__all__ = ["StandIn"]

Message = dict[str, Any]

_TEXTS = (
    "The guide knew every stone of the old town, and the two hours flew by.",
    "We waited forty minutes at the counter, and the audio guide was out of order.",
    "Open from ten to six, closed on Mondays.",
)
_SCHEMA = {
    "fields": [{"kind": "text", "name": "text", "title": None}],
    "questions": [
        {
            "kind": "choice",
            "name": "sentiment",
            "title": "Sentiment",
            "help": None,
            "required": True,
            "labels": [
                {"name": name, "key": key, "color": None, "help": None}
                for name, key in (("positive", "1"), ("negative", "2"), ("neutral", "3"))
            ],
        }
    ],
}


class StandIn(anywidget.AnyWidget):
    """The labeling widget with a team, a store and a hub that are said to be there.

    Parameters
    ----------
    annotator
        Who labels; None: it asks.
    n
        How many items there are.
    team
        Complete items, all of them, and how many of the last ones here others hold; None: there is no team.
    away
        The store cannot be reached.
    hub
        A hub knows who sits there.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    protocol = traitlets.Int(1).tag(sync=True)

    def __init__(
        self,
        annotator: str | None = "ada",
        *,
        n: int = 40,
        team: tuple[int, int, int] | None = None,
        away: bool = False,
        hub: bool = False,
    ) -> None:
        script = script_of(frozenset({"fields/text", "questions/choice"}))
        super().__init__(_esm=script.esm, _css=script.css)
        self.annotator, self.team, self.away, self.hub = annotator, team, away, hub
        self.stored: list[Message] = []
        self.kept: list[Message] = []
        self._items = [_item(number) for number in range(1, n + 1)]
        self.on_msg(self._hear)

    def tell(self, team: tuple[int, int, int]) -> None:
        """Tell of what others did."""
        self.team = team
        self._acknowledge([], more=True)

    def _hear(self, _widget: object, message: Message, _buffers: object) -> None:
        match message["kind"]:
            case "hello":
                self._welcome(message["client"], message["pending"])
            case "identify":
                self._identify(message)
            case "need":
                items = self._free(message["have"])[: message["n"]]
                end = len(items) < message["n"]
                self.send({"kind": "items", "to": message["client"], "items": items, "exhausted": end})
            case "submit":
                self._submit(message)
            case "sync":
                self._acknowledge([each for each in message["submissions"] if each in self._known()])
            case "ping":
                self.send({"kind": "pong", "to": message["client"], "n": message["n"]})

    def _welcome(self, client: str, pending: Sequence[str]) -> None:
        if self.annotator is None:
            self.send({"kind": "who", "to": client, "hub": self.hub, "suggestion": None})
            return
        annotator = {"id": self.annotator, "source": "asked", "assurance": "claimed"}
        setup = {"protocol": 1, "log": "stand-in", "name": "reviews", "annotator": annotator, "hub": self.hub}
        setup |= {"schema": _SCHEMA, "guidelines": "# How\n\nRead it.", "prefetch": 20, "notice": None}
        state = {
            "setup": setup,
            "items": self._free(pending)[:20],
            "history": [],
            "progress": self._progress(),
        }
        self.send({"kind": "state", "to": client, **state})

    def _identify(self, message: Message) -> None:
        if message["name"] == "root":
            why = "The name 'root' says nothing about who labels: give one your team knows you by."
            facts = {"request": "identify", "code": "protocol", "message": why}
            self.send({"kind": "refused", "to": message["client"], **facts})
            return
        self.annotator = message["name"]
        self._welcome(message["client"], [])

    def _submit(self, message: Message) -> None:
        submission = message["submission"]
        if self.away:
            if submission not in [each["submission"] for each in self.kept]:
                self.kept.append(message)
            facts = {"code": "kept", "message": "The store is away.", "retry": True}
            self.send({"kind": "nack", "to": message["client"], "submission": submission, **facts})
            return
        new = [each for each in (*self.kept, message) if each["submission"] not in self._known()]
        self.stored += list({each["submission"]: each for each in new}.values())
        self.kept.clear()
        self._acknowledge([submission], done=[message["item"]])

    def _acknowledge(
        self, submissions: Sequence[str], *, done: Sequence[str] = (), more: bool = False
    ) -> None:
        facts: Message = {"submissions": submissions, "progress": self._progress(), "more": more}
        self.send({"kind": "ack", "to": None, **facts, "done": done, "reopened": []})

    def _known(self) -> set[str]:
        return {each["submission"] for each in self.stored}

    def _free(self, have: Sequence[str]) -> list[Message]:
        gone = {each["item"] for each in self.stored}.union(have)
        mine = self._items[: len(self._items) - (self.team[2] if self.team else 0)]
        return [each for each in mine if each["item"] not in gone]

    def _progress(self) -> Message:
        done = len({each["item"] for each in self.stored if each["action"] == "answer"})
        names = ("complete", "total", "held")
        team = self.team and {"overlap": 2, **dict(zip(names, self.team, strict=True))}
        return {"done": done, "skipped": 0, "total": len(self._items), "team": team}


def _item(number: int) -> Message:
    return {
        "item": f"r-{number}",
        "hash": f"h-{number}",
        "number": number,
        "status": "open",
        "fields": {"text": _TEXTS[number % len(_TEXTS)]},
        "prelabels": {},
        "answers": {},
        "flagged": False,
        "comment": None,
        "submission": None,
    }
