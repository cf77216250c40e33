"""A log against a simple model of it: any order of writing, resending, erasing, reading and opening again."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from jupyter_annotate.errors import ConflictError, StorageError
from jupyter_annotate.events import Event, EventKind, canonical_json
from jupyter_annotate.storage import EventLog, Head, open_store

NAMES = st.sampled_from(["e1", "e2", "e3", "e4", "e5", "e6"])
VALUES = st.sampled_from([None, 0, 1.5, "é", "\u2028", ["a"], {"k": None}])


def note(name: str, value: object) -> Event:
    """Make an event of this id."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", value=value, event_id=name)  # type: ignore[arg-type]  # JSON


class LogMachine(RuleBasedStateMachine):
    """What a list of ids and values does, the log does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.log: EventLog
        self.location = ":memory:"
        self.ids: list[str] = []
        self.values: list[str | None] = []
        self.anchors: list[Head] = []

    @initialize(location=st.sampled_from([":memory:", "", "segments://"]))
    def begin(self, location: str) -> None:
        """Begin in memory or in a folder."""
        self.location = location if location == ":memory:" else f"{location}{self.folder / 'x'}"
        self.log = open_store(self.location).log

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "log"):
            self.log.close()
        shutil.rmtree(self.folder)

    @rule(batch=st.lists(st.tuples(NAMES, VALUES), max_size=4))
    def append(self, batch: list[tuple[str, object]]) -> None:
        """Append a batch: all of it, or nothing where an id comes with another value."""
        ids, values = list(self.ids), list(self.values)
        fits = True
        for name, value in batch:
            text = canonical_json(value)  # type: ignore[arg-type]  # JSON
            if name not in ids:
                ids.append(name)
                values.append(text)
            elif values[ids.index(name)] not in {text, None}:
                fits = False
        events = [note(name, value) for name, value in batch]
        if fits:
            assert self.log.append(events) == [ids.index(name) + 1 for name, _ in batch]
            self.ids, self.values = ids, values
        else:
            with pytest.raises(ConflictError):
                self.log.append(events)

    @rule(draw=st.data())
    def erase(self, draw: st.DataObject) -> None:
        """Erase some payloads; the erasure itself is one more event."""
        erasable = [n for n, name in enumerate(self.ids, start=1) if not name.startswith("erase")]
        if not erasable:
            return
        positions = draw.draw(st.lists(st.sampled_from(erasable), min_size=1, max_size=3))
        last = self.log.erase(positions, annotator_id="ada", reason="asked to")
        for position in positions:
            self.values[position - 1] = None
        self.ids.append(f"erase {last}")
        self.values.append(canonical_json({"positions": [*sorted(set(positions))], "reason": "asked to"}))
        assert last == len(self.ids)

    @rule(position=st.sampled_from([-1, 0, 1000]))
    def erase_nothing(self, position: int) -> None:
        """Ask for a position that does not exist; it is refused."""
        with pytest.raises(StorageError, match="Nothing was erased"):
            self.log.erase([position], annotator_id="ada", reason="asked to")

    @rule(after=st.integers(0, 12), until=st.none() | st.integers(0, 12))
    def read(self, after: int, until: int | None) -> None:
        """Read a window."""
        frame = self.log.read(after=after, until=until)
        assert frame["value"].to_list() == self.values[after:until]

    @rule()
    def keep_an_anchor(self) -> None:
        """Remember the head as an export would."""
        self.anchors.append(self.log.head())

    @rule()
    def close(self) -> None:
        """Close; a log in a folder is opened anew, as another kernel would."""
        self.log.close()
        if self.location != ":memory:":
            log_id = self.log.log_id
            self.log = open_store(self.location).log
            assert self.log.log_id == log_id

    @invariant()
    def it_is_the_model(self) -> None:
        """Everything is there in its order, and the chain holds against every anchor."""
        if not hasattr(self, "log"):
            return
        assert self.log.read()["value"].to_list() == self.values
        assert self.log.read()["position"].to_list() == list(range(1, len(self.ids) + 1))
        assert self.log.verify().erased == self.values.count(None)
        for anchor in self.anchors[-2:]:
            assert self.log.verify(anchor).head == self.log.head()


TestLogModel = LogMachine.TestCase
TestLogModel.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
