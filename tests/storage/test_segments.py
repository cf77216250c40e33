"""The log in segments: its folder, what is refused, what damage does, and what killed writers leave."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.errors import IntegrityError, NotSavedError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import Head, is_begun, open_store, segment_queue
from jupyter_annotate.storage.drafts import draft
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.segment_file import SegmentWriter
from jupyter_annotate.storage.segment_rows import encode_line
from jupyter_annotate.storage.segments import SegmentLog
from jupyter_annotate.storage.snapshot import load_snapshot, read_events, save_snapshot

FORK = multiprocessing.get_context("fork")


def note(value: str = "x", **changed: str) -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value, **changed)  # type: ignore[arg-type]  # texts


def block(folder: Path, first: int) -> Path:
    """Return the file of a block."""
    return folder / "segments" / "blocks" / f"{first:012d}.ndjson"


def leave_lines(folder: Path, *lines: list[Event]) -> Path:
    """Leave a segment as a writer does that is killed before its lines are in the log."""
    writer = SegmentWriter(folder / "segments" / "writers")
    paths = {writer.append(encode_line([draft(event) for event in events])) for events in lines}
    writer.close()
    return paths.pop()


def rows_of(*events: Event) -> Sequence[Row]:
    """Return events as the rows of another log."""
    with open_store(":memory:").log as log:
        log.append(events)
        (rows,) = log._rows(0, None)
        return rows


def leftovers(folder: Path) -> list[str]:
    """Return every file below the folder that is neither a block, a pack nor the log's description."""
    files = [path for path in (folder / "segments").rglob("*") if path.is_file()]
    return [
        path.name for path in files if path.parent.name not in {"blocks", "packs"} or path.suffix == ".part"
    ]


# ------------------------------------------------------------------------------------- opening


def test_closing_and_opening_again_keeps_everything(tmp_path: Path) -> None:
    """Another opening sees the same id, events and head, and nothing but the log is left."""
    with SegmentLog(tmp_path) as log:
        log.append([note("a"), note("b")])
        log_id, head = log.log_id, log.head()
    with SegmentLog(tmp_path) as log:
        assert (log.log_id, log.head()) == (log_id, head)
        assert log.read()["value"].to_list() == ['"a"', '"b"']
    assert leftovers(tmp_path) == ["log.json"]


def test_a_folder_that_holds_segments_is_recognised(tmp_path: Path) -> None:
    """Once begun in segments, the plain name of the folder is enough."""
    place = str(tmp_path / "x")
    assert not is_begun(place)
    assert not is_begun(f"segments://{place}")
    with open_store(f"segments://{place}").log as log:
        log.append([note("a")])

    assert is_begun(place)
    assert is_begun(f"segments://{place}")
    with open_store(place, begin=False).log as again:
        assert isinstance(again, SegmentLog)
        assert again.head().position == 1


def test_a_folder_with_a_log_in_sqlite_is_not_begun_again(tmp_path: Path) -> None:
    """Two logs in one project would be two truths."""
    open_store(tmp_path / "x").log.close()

    with pytest.raises(StorageError, match="holds a log in SQLite already"):
        open_store(f"segments://{tmp_path / 'x'}")
    with pytest.raises(StorageError, match="There is no project in"):
        open_store(f"segments://{tmp_path / 'y'}", begin=False)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """Files of somebody else stay as they are."""
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "thesis.txt").touch()

    with pytest.raises(StorageError, match=r"holds 'thesis\.txt' and no log\. Nothing was changed"):
        SegmentLog(tmp_path)
    assert [path.name for path in (tmp_path / "segments").iterdir()] == ["thesis.txt"]


def test_an_interrupted_beginning_is_taken_up(tmp_path: Path) -> None:
    """Folders without a description, as a crash leaves them, become a log."""
    (tmp_path / "segments" / "blocks").mkdir(parents=True)
    (tmp_path / "segments" / "x.part").touch()

    with SegmentLog(tmp_path) as log:
        assert log.append([note()]) == [1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"format": 2, "log_id": "x"}', "later version: expected format 1, found 2.*upgrade"),
        ("", "does not describe a log of ours"),
        ("[1]", "does not describe a log of ours"),
        ('{"format": "x", "log_id": 1}', "does not describe a log of ours"),
    ],
)
def test_what_is_no_log_of_this_version_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """A later format or another file gives a sentence, and nothing is written."""
    SegmentLog(tmp_path).close()
    path = tmp_path / "segments" / "log.json"
    path.write_text(text, encoding="utf-8")

    for read_only in (False, True):
        with pytest.raises(StorageError, match=sentence):
            SegmentLog(tmp_path, read_only=read_only)
    assert path.read_text(encoding="utf-8") == text


def test_read_only_reads_and_refuses(tmp_path: Path) -> None:
    """A log opened read-only is read and followed, makes no file, and a write says how to open it."""
    writing = SegmentLog(tmp_path)
    writing.append([note("a")])
    leave_lines(tmp_path, [note("pending")])
    before = leftovers(tmp_path)

    with SegmentLog(tmp_path, read_only=True) as log:
        writing.append([note("b")])
        assert log.read()["value"].to_list() == ['"a"', '"b"']
        with pytest.raises(NotSavedError, match="opened read-only"):
            log.append([note()])
    assert leftovers(tmp_path) == before
    with pytest.raises(StorageError, match="There is no project"):
        SegmentLog(tmp_path / "nowhere", read_only=True)
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_may_not_be_written_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening it to write says what to do instead."""
    SegmentLog(tmp_path).append([note("a")])
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(StorageError, match=r"may not be written to.*read_only=True"):
        SegmentLog(tmp_path)
    with SegmentLog(tmp_path, read_only=True) as log:
        assert log.verify().head.position == 1


def test_a_moved_or_replaced_log_is_noticed(tmp_path: Path) -> None:
    """Nothing is written to another log that came to lie in the same place."""
    log = SegmentLog(tmp_path / "x")
    log.append([note("a")])
    (tmp_path / "x" / "segments").rename(tmp_path / "elsewhere")
    with pytest.raises(NotSavedError, match="moved, replaced or removed"):
        log.append([note("b")])
    with pytest.raises(StorageError, match="There is no log at"):
        log.head()

    with SegmentLog(tmp_path / "x") as other:
        with pytest.raises(StorageError, match="was replaced by another log"):
            log.append([note("b")])
        assert other.head().position == 0
    (tmp_path / "x").rename(tmp_path / "y")
    (tmp_path / "x").mkdir()
    (tmp_path / "elsewhere").rename(tmp_path / "x" / "segments")
    assert log.append([note("b")]) == [2]
    log.close()


def test_a_file_system_without_links_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without exclusive links there is no order, so nothing begins there."""

    def no_link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    with pytest.raises(StorageError, match="file system without hard links"):
        SegmentLog(tmp_path)


def test_a_group_that_shares_the_folder_shares_the_log(tmp_path: Path) -> None:
    """Whoever may write to the folder may write, erase and pack, whatever umask the others have."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    before = os.umask(0o077)
    try:
        with SegmentLog(shared / "x.annotate") as log:
            log.append([note("a"), note("secret")])
            log.erase([2], annotator_id="ada", reason="asked to")
            path = leave_lines(shared / "x.annotate", [note("b")])
    finally:
        os.umask(before)

    modes = {
        stat.S_IMODE(each.stat().st_mode) for each in (shared / "x.annotate").rglob("*") if each.is_dir()
    }
    assert modes == {0o2770}
    files = [each for each in (shared / "x.annotate").rglob("*") if each.is_file()]
    assert path in files
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o660}


# ---------------------------------------------------------------------------- several openings


def test_several_openings_see_each_other(tmp_path: Path) -> None:
    """Two logs on one folder continue one chain and read what the other wrote."""
    with SegmentLog(tmp_path) as one, SegmentLog(tmp_path) as two:
        assert one.append([note("a")]) == [1]
        assert two.append([note("b")]) == [2]
        assert one.append([note("c", event_id="c")]) == [3]
        assert two.append([note("c", event_id="c")]) == [3]
        assert one.read()["value"].to_list() == two.read()["value"].to_list() == ['"a"', '"b"', '"c"']


def test_whoever_loses_a_place_takes_the_next(tmp_path: Path) -> None:
    """Somebody is faster between the look and the link: the body is called again with what he wrote."""
    with SegmentLog(tmp_path) as one, SegmentLog(tmp_path) as two:
        seen: list[int] = []

        def decide(events: object, _now: int) -> list[Event]:
            seen.append(len(events))  # type: ignore[arg-type]  # a frame
            if len(seen) == 1:
                two.append([note("faster")])
            return [note(f"after {seen[-1]}")]

        assert one.append_after(0, decide) == [2]
        assert seen == [0, 1]
        assert two.read()["value"].to_list() == ['"faster"', '"after 1"']
        assert two.verify().head.position == 2


def test_a_link_whose_answer_was_lost_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is asked twice finds our own link: what was decided is stored once."""
    link = os.link

    def asked_twice(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    with SegmentLog(tmp_path) as log:
        monkeypatch.setattr(os, "link", asked_twice)
        assert log.append_after(0, lambda seen, _: [note(f"{len(seen)}")]) == [1]
        assert log.head().position == 1


def test_clocks_ten_years_apart_make_one_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event is later than the one before, whoever writes, and nobody waits for a clock."""
    now = time.time_ns()
    decade = 10 * 365 * 86_400 * 10**9
    with SegmentLog(tmp_path) as one, SegmentLog(tmp_path) as two:
        for number in range(20):
            log, clock = ((one, now), (two, now - decade))[number % 2]
            with monkeypatch.context() as patch:
                patch.setattr("time.time_ns", lambda clock=clock, number=number: clock + number)
                log.append([note(str(number))])
        frame = one.read()
        assert frame["value"].to_list() == [f'"{number}"' for number in range(20)]
        assert frame["at"].is_sorted()
        assert frame["at"].n_unique() == 20


def test_time_goes_on_after_events_of_another_log_were_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adopted event may have any time; what comes after all of them is later all the same."""
    monkeypatch.setattr("jupyter_annotate.storage.segment_upkeep._PACKED", 2)
    monkeypatch.setattr("jupyter_annotate.storage.segment_upkeep._AGAIN", 1)
    future = time.time_ns() // 1000 + 10**15
    with SegmentLog(tmp_path) as log:
        with monkeypatch.context() as patch:
            patch.setattr("time.time_ns", lambda: future * 1000)
            rows = rows_of(note("of the future"))
        log.adopt(rows)
        with monkeypatch.context() as patch:
            patch.setattr("time.time_ns", lambda: 10**18)
            log.adopt(rows_of(note("of the past")))
        assert len(list((tmp_path / "segments" / "packs").iterdir())) == 1
    with SegmentLog(tmp_path) as again:
        again.append([note("now")])
        (rows,) = again._rows(0, None)
        assert rows[2].at > future > rows[1].at


def _append_some(log: SegmentLog, done: object) -> None:
    log.append([note("child"), note("child")])
    done.set()  # type: ignore[attr-defined]  # an event between processes


def test_a_fork_shares_nothing(tmp_path: Path) -> None:
    """A child process goes on with the log, parent and child both write, while a thread keeps it busy."""
    log, stop = SegmentLog(tmp_path), threading.Event()

    def busy() -> None:
        while not stop.is_set():
            log.append([note("thread")])

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(5):
            done = FORK.Event()
            child = FORK.Process(target=_append_some, args=(log, done))
            child.start()
            child.join(60)
            assert done.is_set()
    finally:
        stop.set()
        thread.join()
    values = log.read()["value"].to_list()
    assert values.count('"child"') == 10
    assert log.verify().head.position == len(values)
    log.close()


# ------------------------------------------------------------------------- what writers leave


def test_lines_of_a_killed_writer_are_stored_by_whoever_comes(tmp_path: Path) -> None:
    """What was durable and not in the log is there after the next opening, once, and its segment is gone."""
    SegmentLog(tmp_path).close()
    leave_lines(tmp_path, [note("a", event_id="a"), note("b", event_id="b")], [note("c", event_id="c")])

    for _ in range(2):
        with SegmentLog(tmp_path) as log:
            assert log.read()["value"].to_list() == ['"a"', '"b"', '"c"']
            assert log.verify().head.position == 3
    assert leftovers(tmp_path) == ["log.json"]
    with SegmentLog(tmp_path) as log:
        assert log.append([note("b", event_id="b")]) == [2]


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    """Of a line without its end, or one a crash filled with zeros, nothing is stored; lines before it are."""
    SegmentLog(tmp_path).close()
    for tail in (b'[{"position":0,"event_id":"t', b"\0\0\0\n", b'[{"position":0}]\n'):
        path = leave_lines(tmp_path, [note("whole")])
        with path.open("ab") as file:
            file.write(tail)

    with SegmentLog(tmp_path) as log:
        assert log.read()["value"].to_list() == ['"whole"'] * 3
        assert log.verify().head.position == 3
    assert leftovers(tmp_path) == ["log.json"]


def test_lines_that_are_in_the_log_already_are_not_stored_again(tmp_path: Path) -> None:
    """A writer killed after its block was placed leaves a line that says nothing new; a part of it may."""
    with SegmentLog(tmp_path) as log:
        log.append([note("a", event_id="a")])
    leave_lines(tmp_path, [note("a", event_id="a")], [note("a", event_id="a"), note("b", event_id="b")])
    leave_lines(tmp_path, [note("other content", event_id="a"), note("c", event_id="c")])

    with SegmentLog(tmp_path) as log:
        assert log.read()["event_id"].to_list() == ["a", "b"]
    assert leftovers(tmp_path) == ["log.json"]


def test_whoever_is_in_a_crowd_stores_what_others_wait_for(tmp_path: Path) -> None:
    """A ticket in the queue tells that somebody waits: the next write takes his lines along."""
    with SegmentLog(tmp_path) as log:
        leave_lines(tmp_path, [note("slow")])
        (tmp_path / "segments" / "queue" / "999999999999-x").touch()

        assert log.append([note("fast")]) == [2]
        assert log.read()["value"].to_list() == ['"slow"', '"fast"']


def test_a_ticket_of_the_dead_holds_nobody_up_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is first in the queue and does not come is passed over, and his ticket removed."""
    monkeypatch.setattr(segment_queue, "_LAG", 0)
    with SegmentLog(tmp_path) as log:
        log.append([note("a")])
        ticket = tmp_path / "segments" / "queue" / "000000000000-dead"
        ticket.touch()

        assert log.append([note("b")]) == [2]
        assert not ticket.exists()
        assert log._queue.is_empty()


def test_those_who_wait_are_overtaken_for_a_while(tmp_path: Path) -> None:
    """Whoever comes next need not wait for a ticket drawn a moment ago, and does for an old one."""
    with SegmentLog(tmp_path) as log:
        log.append([note()])
        (tmp_path / "segments" / "queue" / "000000000001-x").touch()
        for n in range(segment_queue._LAG):
            assert log._queue.is_pressing(log.head().position) is False
            assert log.append([note()]) == [n + 2]
        log.append([note()])
        assert log._writer.path is None
        assert log._queue.is_pressing(log.head().position)


def test_whose_turn_it_is_goes_by_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has waited longest goes first; who came later waits until he has gone."""
    monkeypatch.setattr(segment_queue, "_LAG", 0)
    with SegmentLog(tmp_path) as log:
        log.append([note(str(n)) for n in range(5)])
        ticket = tmp_path / "segments" / "queue" / "000000000003-earlier"
        ticket.touch()
        waiting = threading.Thread(target=log.append, args=([note("later")],))
        with SegmentLog(tmp_path, read_only=True) as reader:
            waiting.start()
            while len(list((tmp_path / "segments" / "queue").iterdir())) < 2:
                time.sleep(0.001)  # until it has drawn its ticket
            assert reader.head().position == 5
            ticket.unlink()
            waiting.join(30)
            assert reader.head().position == 6


# -------------------------------------------------------------------------------------- damage


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Make a log of five blocks with two events each."""
    with SegmentLog(tmp_path) as log:
        for n in range(5):
            log.append([note(f"a{n}"), note(f"b{n}")])
    return tmp_path


def _change(folder: Path, first: int, before: bytes, after: bytes) -> None:
    path = block(folder, first)
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))


DAMAGES: dict[str, tuple[int, Callable[[Path], object]]] = {
    "another payload": (6, lambda f: _change(f, 5, b'"\\"b2\\""', b'"\\"b3\\""')),
    "another annotator": (5, lambda f: _change(f, 5, b"ada", b"eve")),
    "a line that is none": (5, lambda f: _change(f, 5, b'"position":5', b'"position";5')),
    "another position": (6, lambda f: _change(f, 5, b'"position":6', b'"position":7')),
    "a missing field": (5, lambda f: _change(f, 5, b'"kind":"comment",', b"")),
    "a block that breaks off": (6, lambda f: os.truncate(block(f, 5), block(f, 5).stat().st_size - 40)),
    "a block without its last line": (
        6,
        lambda f: block(f, 5).write_bytes(block(f, 5).read_bytes().split(b"\n")[0] + b"\n"),
    ),
    "an empty block": (5, lambda f: os.truncate(block(f, 5), 0)),
    "a block that is gone": (5, lambda f: block(f, 5).unlink()),
    "a block in place of another": (5, lambda f: block(f, 5).write_bytes(block(f, 3).read_bytes())),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_with_its_position(begun: Path, name: str) -> None:
    """A log that was open meanwhile says so when verified, and so does one opened afterwards."""
    position, damage = DAMAGES[name]
    log = SegmentLog(begun)
    damage(begun)

    with pytest.raises(IntegrityError, match="does not verify at position") as caught:
        log.verify()
    assert caught.value.position == position
    with pytest.raises(IntegrityError) as again, SegmentLog(begun, read_only=True) as other:
        other.verify()
    assert again.value.position == position
    log.close()


def test_a_log_that_lacks_a_block_is_not_written_to(begun: Path) -> None:
    """The free name in the middle would make another history: opening it says which file is missing."""
    block(begun, 5).unlink()

    with pytest.raises(IntegrityError, match=r"position 5: .*000000000005\.ndjson is missing; restore it"):
        SegmentLog(begun)
    assert not block(begun, 5).exists()


def test_a_cut_tail_shows_by_an_anchor(begun: Path) -> None:
    """Nothing in the log could tell; a head kept elsewhere does."""
    with SegmentLog(begun) as log:
        anchor = log.head()
    block(begun, 9).unlink()

    with SegmentLog(begun) as log:
        assert log.verify().head.position == 8
        with pytest.raises(IntegrityError, match="position 10"):
            log.verify(anchor)


def test_a_damaged_line_does_not_keep_anybody_from_reading_the_rest(begun: Path) -> None:
    """A payload that is not the one committed to is shown by verify; the others can still be exported."""
    _change(begun, 5, b'"\\"b2\\""', b'"\\"b3\\""')

    with SegmentLog(begun) as log:
        assert len(log.read()) == 10
        assert log.append([note()]) == [11]


# --------------------------------------------------------------------------------------- speed


def test_looking_for_what_is_new_reads_no_folder(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle kernel asks the system a few things by name, however many files there are."""
    calls: list[str] = []
    with SegmentLog(begun) as log:
        for name in ("scandir", "listdir", "open"):
            monkeypatch.setattr(os, name, lambda *asked, **_: calls.append(str(asked)))
        assert log.head() == Head(10, log.head().digest)
        assert log.read(after=10).is_empty()
    assert calls == []


def test_a_snapshot_begins_where_it_was_made(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening again reads the snapshot of this computer and the tail, also when an erasure came since."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_CACHE", str(begun / "cache"))
    with SegmentLog(begun) as log:
        save_snapshot(log, log.read())
        log.append([note("later")])
        assert len(load_snapshot(log)) == 10
        assert read_events(log).equals(log.read())
        log.erase([1], annotator_id="ada", reason="asked to")
        assert read_events(log)["value"][0] is None


def test_two_who_begin_at_once_begin_one_log(tmp_path: Path) -> None:
    """The description is put in place by an exclusive link: the second one finds the first one's."""
    logs: list[SegmentLog] = []
    threads = [threading.Thread(target=lambda: logs.append(SegmentLog(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({log.log_id for log in logs}) == 1
    assert len(logs) == 8
    described = json.loads((tmp_path / "segments" / "log.json").read_text(encoding="utf-8"))
    assert described["log_id"] == logs[0].log_id


def test_a_decision_sees_stored_events_alone(tmp_path: Path) -> None:
    """What others wait to append is not shown to somebody who decides: the place may yet be lost."""
    seen: list[list[str]] = []

    def decide(tail: pl.DataFrame, _now: int) -> list[Event]:
        seen.append(tail["value"].to_list())
        return [note("decided")]

    with SegmentLog(tmp_path) as one, SegmentLog(tmp_path) as other:
        one.append([note("stored")])
        other._writer.append(encode_line([draft(note("waiting"))]))
        other._queue.draw(1)
        one.append_after(0, decide)
        stored = one.read()["value"].to_list()

    assert seen == [['"stored"']]
    assert stored[:2] == ['"stored"', '"decided"']
