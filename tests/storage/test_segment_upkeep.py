"""Upkeep of a log in segments: packs and erasures, while others read and write."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_annotate.errors import IntegrityError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import segment_queue, segment_upkeep
from jupyter_annotate.storage.segment_draft import Draft
from jupyter_annotate.storage.segment_file import SegmentWriter
from jupyter_annotate.storage.segments import SegmentLog
from tests.storage.turns import shares

FORK = multiprocessing.get_context("fork")
PACKED = 8
KEPT = 2


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack every eight blocks and keep the blocks of two packs."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", PACKED)
    monkeypatch.setattr(segment_upkeep, "_AGAIN", 1)
    monkeypatch.setattr(segment_upkeep, "_KEPT", KEPT)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SegmentLog]:
    """Open an empty log."""
    with SegmentLog(tmp_path) as opened:
        yield opened


def note(value: str = "x", **changed: str) -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value, **changed)  # type: ignore[arg-type]  # texts


def fill(log: SegmentLog, count: int) -> None:
    """Append notes, each in a block of its own."""
    for n in range(log.head().position, log.head().position + count):
        log.append([note(f"secret {n}.", event_id=f"e{n}")])


def names(folder: Path, part: str) -> list[str]:
    """Return the names in a part of the log."""
    return sorted(path.name for path in (folder / "segments" / part).iterdir())


def holds(folder: Path, text: str) -> list[str]:
    """Return the files below the folder that hold a text."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


# --------------------------------------------------------------------------------------- packs


def test_blocks_are_packed_and_the_oldest_removed(log: SegmentLog, tmp_path: Path) -> None:
    """Eight blocks make a pack; the blocks of the newest two packs stay beside them."""
    fill(log, 5 * PACKED + 3)

    packs = names(tmp_path, "packs")
    assert [name[:25] for name in packs] == [f"{n * 8 + 1:012d}-{n * 8 + 8:012d}" for n in range(5)]
    assert names(tmp_path, "blocks") == [f"{n:012d}.ndjson" for n in range(25, 44)]
    assert log.verify().head.position == 43


def test_packs_are_read_like_blocks(log: SegmentLog, tmp_path: Path) -> None:
    """Before and after packing, open or opened anew, every window and every id is found."""
    with SegmentLog(tmp_path, read_only=True) as reader:
        assert reader.head().position == 0
        fill(log, 43)
        for each in (log, reader, SegmentLog(tmp_path)):
            assert each.read()["value"].to_list() == [f'"secret {n}."' for n in range(43)]
            assert each.read(after=6, until=19)["position"].to_list() == list(range(7, 20))
            assert [row.position for some in each._rows(14, 30) for row in some] == list(range(15, 31))
            assert each.head() == log.head()
        for position in (1, 8, 9, 40, 43):
            assert SegmentLog(tmp_path).append(
                [note(f"secret {position - 1}.", event_id=f"e{position - 1}")]
            ) == [position]


def test_a_reader_that_slept_through_many_packs_goes_on(log: SegmentLog, tmp_path: Path) -> None:
    """The block it would look at next is long gone; packs tell it where to go on."""
    fill(log, 3)
    sleeper = SegmentLog(tmp_path)
    assert sleeper.append([note("secret 0.", event_id="e0")]) == [1]
    fill(log, 50)

    assert "000000000004.ndjson" not in names(tmp_path, "blocks")
    assert sleeper.read(after=3)["value"].to_list() == [f'"secret {n}."' for n in range(3, 53)]
    assert sleeper.append([note("secret 20.", event_id="e20"), note("new")]) == [21, 54]
    assert sleeper.verify().head.position == 54


def test_a_writer_that_slept_cannot_write_where_others_are_long_past(log: SegmentLog, tmp_path: Path) -> None:
    """It looked and slept; the place it found free was taken, packed and is free: its draft is gone."""
    fill(log, 3)
    with SegmentLog(tmp_path) as sleeper:
        calls: list[int] = []

        def decide(seen: object, _now: int) -> list[Event]:
            calls.append(len(seen))  # type: ignore[arg-type]  # a frame
            if len(calls) == 1:
                fill(log, 50)
            return [note(f"after {calls[-1]}")]

        assert sleeper.append_after(0, decide) == [54]
        assert calls == [3, 53]
        assert log.verify().head.position == 54


def test_two_who_pack_at_once_make_one_pack(
    log: SegmentLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both take the same blocks, so the second one finds the pack of the first."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", 100)
    fill(log, 20)
    monkeypatch.setattr(segment_upkeep, "_PACKED", PACKED)
    link, others = Draft.link, [SegmentLog(tmp_path, read_only=True)]

    def slowly(self: Draft, place: Path) -> bool:
        while others:
            others.pop()._upkeep.pack()
        return link(self, place)

    monkeypatch.setattr(Draft, "link", slowly)
    log._upkeep.pack()

    assert [name[:25] for name in names(tmp_path, "packs")] == [
        "000000000001-000000000008",
        "000000000009-000000000016",
    ]
    assert log.verify().head.position == 20


def test_damaged_blocks_are_not_packed(log: SegmentLog, tmp_path: Path) -> None:
    """They stay as they are, everybody goes on writing, and verify names the position."""
    fill(log, 4)
    path = tmp_path / "segments" / "blocks" / "000000000002.ndjson"
    path.write_bytes(path.read_bytes().replace(b"secret 1.", b"secret 7."))
    fill(log, 20)

    assert names(tmp_path, "packs") == []
    assert len(names(tmp_path, "blocks")) == 24
    with pytest.raises(IntegrityError) as caught:
        log.verify()
    assert caught.value.position == 2


@pytest.mark.parametrize("is_open", [True, False])
def test_damage_to_a_pack_is_found(log: SegmentLog, tmp_path: Path, *, is_open: bool) -> None:
    """A changed, a shortened and a missing pack are told with their position, whoever looks."""
    fill(log, 45)
    pack = next(
        path for path in (tmp_path / "segments" / "packs").iterdir() if path.name.startswith("000000000009")
    )
    content = pack.read_bytes()
    damages = [
        (content.replace(b"secret 9.", b"secret 7."), 10),
        (content[:-200], 16),
        (content[: content.rindex(b"\n", 0, -1) + 1], 16),
        (None, 9),
    ]
    for damaged, position in damages:
        pack.unlink() if damaged is None else pack.write_bytes(damaged)
        with pytest.raises(IntegrityError) as caught, SegmentLog(tmp_path, read_only=True) as again:
            (log if is_open else again).verify()
        assert caught.value.position == position


def test_an_earlier_block_that_differs_from_its_pack_is_kept(log: SegmentLog, tmp_path: Path) -> None:
    """Blocks are compared with their pack before they are removed."""
    fill(log, 20)
    path = tmp_path / "segments" / "blocks" / "000000000002.ndjson"
    path.write_bytes(path.read_bytes().replace(b"secret 1.", b"secret 7."))
    fill(log, 40)

    assert "000000000002.ndjson" in names(tmp_path, "blocks")
    assert "000000000012.ndjson" not in names(tmp_path, "blocks")
    assert log.verify().head.position == 60


# ----------------------------------------------------------------------------------- erasures


def test_an_erased_payload_is_in_no_file(log: SegmentLog, tmp_path: Path) -> None:
    """Neither in blocks nor in packs, segments or drafts, those of killed writers included."""
    fill(log, 30)
    dead = SegmentWriter(tmp_path / "segments" / "writers")
    line = (tmp_path / "segments" / "blocks" / "000000000030.ndjson").read_bytes()
    dead.append(b"[" + line.strip() + b"]")
    (tmp_path / "segments" / "blocks" / "x.part").write_bytes(line)
    assert len(holds(tmp_path, "secret 29.")) == 3
    assert len(holds(tmp_path, "secret 17.")) == 2

    log.erase([3, 18, 30], annotator_id="ada", reason="asked to")

    for n in (2, 17, 29):
        assert holds(tmp_path, f"secret {n}.") == []
    assert len(holds(tmp_path, "secret ")) > 10
    assert log.verify().erased == 3
    assert dead.append(b"[]").name in names(tmp_path, "writers")
    dead.close()


def test_erasures_at_the_same_time_do_not_undo_each_other(
    log: SegmentLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody rewrites the file between our reading and our writing it: his erasure stays done."""
    log.append([note(f"secret {n}.") for n in range(4)])
    replace, others = Draft.replace, [SegmentLog(tmp_path)]

    def slowly(self: Draft, place: Path) -> bool:
        while others:
            others.pop().erase([2], annotator_id="bob", reason="asked to")
        return replace(self, place)

    monkeypatch.setattr(Draft, "replace", slowly)
    log.erase([1], annotator_id="ada", reason="asked to")

    assert [bool(holds(tmp_path, f"secret {n}.")) for n in range(4)] == [False, False, True, True]
    assert log.verify().erased == 2


def test_a_pack_made_during_an_erasure_does_not_keep_the_payload(
    log: SegmentLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blocks were read before the erasure and the pack is placed after it: whoever packs looks again."""
    fill(log, 7)
    link, others = Draft.link, [SegmentLog(tmp_path)]

    def slowly(self: Draft, place: Path) -> bool:
        while place.parent.name == "packs" and others:
            others.pop().erase([3], annotator_id="bob", reason="asked to")
        return link(self, place)

    monkeypatch.setattr(Draft, "link", slowly)
    fill(log, 12)

    assert len(names(tmp_path, "packs")) >= 1
    assert holds(tmp_path, "secret 2.") == []
    assert log.verify().erased == 1


def test_what_was_read_before_an_erasure_is_not_read_again(log: SegmentLog, tmp_path: Path) -> None:
    """A kernel that has the payload in memory gives it to nobody any more."""
    fill(log, 5)
    with SegmentLog(tmp_path) as other:
        assert other.read()["value"].null_count() == 0
        log.erase([2], annotator_id="ada", reason="asked to")
        assert other.read(after=1, until=2)["value"].to_list() in ([None], ['"secret 1."'])
        assert other.head().position == 6
        assert other.read(after=1, until=2)["value"].to_list() == [None]


def test_a_removed_segment_of_the_living_costs_nothing(
    log: SegmentLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is in a crowd while somebody erases begins another segment, and nothing of his is lost."""
    monkeypatch.setattr(segment_queue, "_LAG", -(10**13))
    ticket = tmp_path / "segments" / "queue" / "999999999999-x"
    with SegmentLog(tmp_path) as other:
        ticket.touch()
        for n in range(6):
            other.append([note(f"other {n}.")])
            log.erase([log.head().position], annotator_id="ada", reason="asked to")
            assert names(tmp_path, "writers") == []
            assert other._writer.path is not None
            other.append_after(0, lambda _seen, _now: [])
            assert other._writer.path is None
        assert log.verify().erased == 6


# --------------------------------------------------------------------------- all at the same time


def _write(folder: Path, number: int, pipe: int) -> None:
    log = SegmentLog(folder)
    for n in range(60):
        name = f"{number}-{n}"
        (position,) = log.append([note(f"secret {name}.", event_id=name)])
        if n % 10 == 5:
            log.erase([position], annotator_id="ada", reason="asked to")
        os.write(pipe, f"{name}\n".encode())


def _watch(folder: Path, stop: threading.Event, failures: list[BaseException]) -> None:
    """Read what is new and everything, again and again: there is never a gap and never less than before."""
    last = 0
    try:
        with SegmentLog(folder, read_only=True) as log:
            while not stop.is_set():
                tail = log.read(after=last)
                assert tail["position"].to_list() == list(range(last + 1, last + 1 + len(tail)))
                last += len(tail)
                assert len(log.read()) >= last
                assert log.head().position >= last
    except BaseException as error:  # noqa: BLE001 -- told by the main thread
        failures.append(error)


@pytest.mark.faults
def test_writing_reading_packing_and_erasing_at_once(tmp_path: Path) -> None:
    """Four processes write, pack and erase, a thread reads and verifies all the while: one whole history."""
    SegmentLog(tmp_path).close()
    reader, writer = os.pipe()
    writers = [FORK.Process(target=_write, args=(tmp_path, number, writer)) for number in range(4)]
    for each in writers:
        each.start()
    os.close(writer)
    failures: list[BaseException] = []
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(tmp_path, stop, failures))
    watching.start()
    with os.fdopen(reader, encoding="utf-8") as pipe:
        acknowledged = pipe.read().split()
    for each in writers:
        each.join()
    stop.set()
    watching.join()

    assert failures == []
    assert len(acknowledged) == 240
    with SegmentLog(tmp_path) as log:
        assert set(acknowledged) <= set(log.read()["event_id"])
        assert log.verify().erased == 24
        assert log.head().position == 264
    assert [n for n in range(4) if holds(tmp_path, f"secret {n}-5.")] == []
    assert len(names(tmp_path, "packs")) > 5


def test_the_positions_of_an_erasure_are_checked_first(log: SegmentLog) -> None:
    """Nothing is rewritten for a position that does not exist."""
    fill(log, 20)

    with pytest.raises(StorageError, match="Nothing was erased"):
        log.erase([3, 99], annotator_id="ada", reason="asked to")
    assert log.read()["value"].null_count() == 0


@pytest.mark.faults
def test_writers_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halfway through, no writer of four at full speed has had less than a fifth of its share."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", 512)
    SegmentLog(tmp_path).close()
    assert min(shares(lambda: SegmentLog(tmp_path), each=100, after=200)) >= 10
    with SegmentLog(tmp_path) as log:
        assert log.verify().head.position == 400
