"""What every log promises, whatever it is stored in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import ConflictError, IntegrityError, LabelError, StorageError
from jupyter_annotate.events import Event, EventKind, genesis
from jupyter_annotate.storage import BACKENDS, EventLog, Head, open_store
from jupyter_annotate.storage.base import forget_erased
from jupyter_annotate.storage.memory import MemoryLog
from tests.postgres_cluster import shared_cluster

#: Where a store of each backend is opened.
PLACES: dict[str, Callable[[Path], str]] = {
    "memory": lambda _: ":memory:",
    "postgresql": lambda _: shared_cluster().team().url("ada"),
    "segments": lambda p: f"segments://{p / 'x'}",
    "sqlite": lambda p: str(p / "x"),
}


def test_every_backend_is_tested_here() -> None:
    """A backend that is registered has a place to be tested at."""
    assert sorted(PLACES) == sorted(BACKENDS)


@pytest.fixture(params=sorted(BACKENDS))
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    """Open an empty log of each backend."""
    with open_store(PLACES[request.param](tmp_path)).log as opened:
        yield opened


def note(value: object = "x", **changed: str) -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value, **changed)  # type: ignore[arg-type]  # JSON


def test_an_empty_log_verifies(log: EventLog) -> None:
    """Before the first event the head is the log's own genesis."""
    assert log.head() == Head(0, genesis(log.log_id))
    assert log.verify().head.position == 0
    assert log.read().schema == EVENTS


def test_positions_count_from_one_without_gaps(log: EventLog) -> None:
    """Events get the next positions, in the order given."""
    assert log.append([note("a"), note("b")]) == [1, 2]
    assert log.append([]) == []
    assert log.append([note("c")]) == [3]
    assert log.read()["value"].to_list() == ['"a"', '"b"', '"c"']


def test_a_resend_finds_its_own_row(log: EventLog) -> None:
    """The same event again, alone, among others or twice at once, is stored once; its context may differ."""
    first = note("a", event_id="e1")
    again = Event(
        kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value="a", context={"s": 2}, event_id="e1"
    )

    assert log.append([first, first]) == [1, 1]
    assert log.append([note("b"), again]) == [2, 1]
    assert log.head().position == 2


def test_an_id_with_other_content_is_refused(log: EventLog) -> None:
    """Nothing is overwritten: the error names the field, and nothing of the batch is stored."""
    log.append([note("a", event_id="e1")])

    with pytest.raises(ConflictError, match="event 'e1' is already stored with another value"):
        log.append([note("c"), note("b", event_id="e1")])

    assert log.read()["value"].to_list() == ['"a"']


def test_values_come_back_to_the_letter(log: EventLog) -> None:
    """Every script, escape and number survives."""
    value = {"é\u0301": ["👩‍👩‍👧", "\x00\r\n\u2028", 0.1, -1e-300, 2**53, None, True], "": {"b": []}}

    log.append([note(value)])

    assert log.verify().head.position == 1
    assert '"👩‍👩‍👧","\\u0000\\r\\n\u2028",0.1,-1e-300,9007199254740992,null,true' in log.read()["value"][0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": "\ud800"}, {1, 2}])
def test_what_is_no_json_is_refused(log: EventLog, value: object) -> None:
    """NaN, infinities, lone surrogates and other objects are refused before anything is written."""
    with pytest.raises(LabelError, match="cannot be stored"):
        log.append([note("fine"), note(value)])

    assert log.head().position == 0


def test_a_window_is_read(log: EventLog) -> None:
    """read() takes what comes after one position up to another."""
    log.append([note(str(n)) for n in range(10)])

    assert log.read(after=3, until=6)["position"].to_list() == [4, 5, 6]
    assert log.read(after=8)["position"].to_list() == [9, 10]
    assert log.read(after=10).is_empty()


def test_an_erased_payload_is_gone_and_the_chain_holds(log: EventLog) -> None:
    """Value and context are null afterwards, the erasure is an event, and every digest still follows."""
    log.append([note("a"), note("secret"), note("c")])
    head = log.head()

    position = log.erase([2], annotator_id="ada", reason="asked to")

    assert position == 4
    assert log.read()["value"].to_list()[:3] == ['"a"', None, '"c"']
    assert log.verify().erased == 1
    assert log.read()["digest"][2] == head.digest


def test_thousands_of_payloads_are_erased_at_once(log: EventLog) -> None:
    """What one annotator ever said goes in one transaction, under as many erase events as it takes."""
    log.append([note(str(n)) for n in range(5000)])

    last = log.erase(range(1, 4502), annotator_id="ada", reason="asked to")

    assert last == 5003
    assert log.read()["value"].null_count() == 4501
    assert log.verify().erased == 4501


@pytest.mark.parametrize("positions", [[], [0], [2], [-1, 1], [1, 99]])
def test_only_what_is_there_is_erased(log: EventLog, positions: list[int]) -> None:
    """A position that does not exist, or that of an erasure, is refused and nothing is erased."""
    log.append([note("a")])
    head = log.head()
    if positions == [2]:
        log.erase([1], annotator_id="ada", reason="asked to")
        head = log.head()

    with pytest.raises(StorageError, match="Nothing was erased"):
        log.erase(positions, annotator_id="ada", reason="asked to")

    assert log.head() == head


def test_a_resend_does_not_bring_back_what_was_erased(log: EventLog) -> None:
    """The browser may still hold the answer; the log stays without it."""
    event = note("secret")
    log.append([event])
    log.erase([1], annotator_id="ada", reason="asked to")

    assert log.append([event]) == [1]
    assert log.read()["value"][0] is None


def test_a_frame_read_around_an_erasure_holds_nothing_of_it() -> None:
    """Rows from before an erasure, joined with the erase event, lose their payload."""
    with open_store(":memory:").log as log:
        log.append([note("secret"), note("b")])
        before = log.read()
        log.erase([1], annotator_id="ada", reason="asked to")
        joined = forget_erased(pl.concat([before, log.read(after=2)]))

        assert joined["value"].to_list()[:2] == [None, '"b"']
        assert joined["context"].null_count() == 1


def test_reading_in_chunks_gives_the_same(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a chunk ends makes no difference to what is read or verified."""
    log.append([note(str(n)) for n in range(100)])
    whole = log.read()
    for module in ("memory", "postgres", "segments", "sqlite"):
        monkeypatch.setattr(f"jupyter_annotate.storage.{module}._CHUNK", 7)

    assert log.read().equals(whole)
    assert log.read(after=13, until=29).equals(whole[13:29])
    assert log.verify().head.position == 100


def test_an_anchor_shows_a_history_that_is_not_this_one(log: EventLog) -> None:
    """A head kept elsewhere must lie on the chain."""
    log.append([note("a")])
    anchor = log.head()
    log.append([note("b")])

    assert log.verify(anchor).head == log.head()
    with pytest.raises(IntegrityError, match=r"position 1.*not the one of the anchor"):
        log.verify(Head(1, "0" * 64))
    with pytest.raises(IntegrityError, match=r"position 9.*not the one of the anchor"):
        log.verify(Head(9, anchor.digest))


def test_an_exception_inside_leaves_nothing(log: EventLog) -> None:
    """A transaction that fails is rolled back, and the next one works."""
    log.append([note("before")])
    head = log.head()

    def fail(_seen: pl.DataFrame, _now: int) -> list[Event]:
        return [note("a"), note(1 // 0)]

    with pytest.raises(ZeroDivisionError):
        log.append_after(0, fail)

    assert log.head() == head
    assert log.append([note("a")]) == [2]
    assert log.verify().head.position == 2


def test_a_decision_sees_every_event_before_it(log: EventLog) -> None:
    """Whoever decides is shown what the caller does not know yet, and nothing comes in between."""
    log.append([note("a"), note("b")])

    def decide(seen: pl.DataFrame, now: int) -> list[Event]:
        assert now > 0
        return [note(value) for value in seen["value"]]

    assert log.append_after(1, decide) == [3]
    assert log.append_after(3, decide) == []
    assert log.read()["value"].to_list() == ['"a"', '"b"', '"\\"b\\""']


def test_decisions_of_many_threads_are_one_after_the_other(log: EventLog) -> None:
    """Each adds one to the greatest number it sees: no number is there twice."""

    def decide(seen: pl.DataFrame, _now: int) -> list[Event]:
        return [note(max(map(int, seen["value"]), default=0) + 1)]

    threads = [
        threading.Thread(target=lambda: [log.append_after(0, decide) for _ in range(10)]) for _ in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert log.read()["value"].to_list() == [str(n) for n in range(1, 41)]


def test_time_never_goes_back(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the clock set back by ten years each event is still later than the one before."""
    log.append([note("a"), note("b")])
    monkeypatch.setattr("time.time_ns", lambda: 10**18)
    log.append([note("c"), note("d")])

    assert log.read()["at"].diff().drop_nulls().min() > timedelta(0)  # type: ignore[operator]  # not null


def test_events_of_another_log_keep_time_and_commitment(log: EventLog) -> None:
    """They get a place here, once; what is said of them comes with the first that is new, and is later."""
    with MemoryLog() as other:
        other.append([note("a", event_id="a"), note("b", event_id="b")])
        (rows,) = other._rows(0, None)
    log.append([note("b", event_id="b"), note("c")])

    assert log.adopt(rows, [note("merged")]) == 1
    assert log.adopt(rows, [note("merged")]) == 0

    (stored,) = log._rows(0, None)
    assert [row.value for row in stored] == ['"b"', '"c"', '"a"', '"merged"']
    assert (stored[2].at, stored[2].commit, stored[2].salt) == (rows[0].at, rows[0].commit, rows[0].salt)
    assert stored[3].at > stored[1].at
    assert log.verify().head.position == 4


def test_threads_append_without_loss(log: EventLog) -> None:
    """Four threads get different positions without a gap, and the chain is one."""
    positions: list[int] = []

    def write() -> None:
        for n in range(50):
            positions.extend(log.append([note(str(n)), note("b")]))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(positions) == list(range(1, 401))
    assert log.verify().head.position == 400


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=4), max_size=8))
def test_any_resending_gives_the_same_log(batches: list[list[tuple[str, bool]]]) -> None:
    """However events are batched, doubled and sent again, each is stored once, in the order first seen."""
    seen: dict[str, None] = {}
    with open_store(":memory:").log as log:
        for batch in batches:
            log.append([note(name, event_id=name) for name, _ in batch])
            seen.update(dict.fromkeys(name for name, _ in batch))
            log.append([note(name, event_id=name) for name, again in batch if again])

        assert log.read()["event_id"].to_list() == list(seen)
        assert log.verify().head.position == len(seen)


@pytest.mark.parametrize("kind", [EventKind.SCHEMA, EventKind.ITEMS, EventKind.PRELABELS])
def test_what_the_project_stands_on_cannot_be_erased(log: EventLog, kind: EventKind) -> None:
    """Schema and batches stay on record: without them nothing else could be read."""
    log.append([Event(kind=kind, value={"digest": "x", "rows": 1})])

    with pytest.raises(StorageError, match=f"position 1 is of kind '{kind}' and stays on record"):
        log.erase([1], annotator_id="ada", reason="asked to")
