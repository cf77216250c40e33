"""The log in segments when the system fails: calls that fail, full disks, death at every call."""

from __future__ import annotations

import contextlib
import errno
import itertools
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_annotate.errors import NotSavedError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import segment_queue, segment_upkeep
from jupyter_annotate.storage.segments import SegmentLog
from tests.storage.faults import mounts

FORK = multiprocessing.get_context("fork")
CALLS = ("open", "write", "fdatasync", "fsync", "link", "rename", "unlink")

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack every four blocks, so that packing is under way all the time."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", 4)
    monkeypatch.setattr(segment_upkeep, "_AGAIN", 1)
    monkeypatch.setattr(segment_upkeep, "_KEPT", 1)


def note(value: str = "x", **changed: str) -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value, **changed)  # type: ignore[arg-type]  # texts


def holds(folder: Path, text: str) -> list[str]:
    """Return the files below the folder that hold a text."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


def meddle(monkeypatch: pytest.MonkeyPatch, instead: Callable[[], bool], *, late: bool) -> None:
    """Let calls of the system fail where `instead` says so, before or after they did their work."""

    def wrap(name: str) -> None:
        function = getattr(os, name)

        def call(*args: object, **named: object) -> object:
            fails = instead()
            found = None if fails and not late else function(*args, **named)
            if fails:
                if name == "open" and found is not None:
                    os.close(found)
                raise OSError(errno.EIO, "Input/output error")
            return found

        monkeypatch.setattr(os, name, call)

    for name in CALLS:
        wrap(name)


# ------------------------------------------------------------------------- calls that fail


@pytest.mark.parametrize("late", [False, True], ids=["not done", "done all the same"])
@pytest.mark.parametrize("every", [1, 2, 3, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 29, 37, 53])
@pytest.mark.parametrize("is_crowded", [False, True], ids=["alone", "in a crowd"])
def test_whatever_fails_the_log_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int, *, late: bool, is_crowded: bool
) -> None:
    """With every n-th call failing, what was acknowledged is there once; afterwards all goes on as before."""
    log = SegmentLog(tmp_path)
    log.append([note(f"secret {n}") for n in range(3)])
    acknowledged, erased = list[str](), list[int]()
    if is_crowded:
        monkeypatch.setattr(segment_queue, "_LAG", -(10**13))
        (tmp_path / "segments" / "queue" / "999999999999-x").touch()
    count = itertools.count(1)
    with monkeypatch.context() as patch:
        meddle(patch, lambda: next(count) % every == 0, late=late)
        for n in range(25):
            with contextlib.suppress(StorageError):
                if n % 5 == 1:
                    claim = note("mine", event_id=f"claim {n}")
                    log.append_after(0, lambda _seen, _now, claim=claim: [claim])  # type: ignore[misc]  # bound
                    acknowledged.append(f"claim {n}")
                elif n in {8, 16}:
                    log.erase([n // 8], annotator_id="ada", reason="asked to")
                    erased.append(n // 8)
                else:
                    log.append([note(str(n), event_id=f"{n}"), note(str(n), event_id=f"{n}b")])
                    acknowledged += [f"{n}", f"{n}b"]

    log.append([note("afterwards", event_id="afterwards")])
    log.close()
    with SegmentLog(tmp_path) as again:
        ids = again.read()["event_id"].to_list()
        assert set(acknowledged) | {"afterwards"} <= set(ids)
        assert len(ids) == len(set(ids)) == again.verify().head.position
        gone = set(again.read().filter(again.read()["value"].is_null())["position"])
        assert set(erased) <= gone
        for position in gone:
            assert holds(tmp_path, f"secret {position - 1}") == []


# -------------------------------------------------------------------------------- full disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 1 MiB."""
    with mounts.small_disk(tmp_path / "disk", 1024) as folder:
        yield folder


def test_a_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    """One sentence and nothing lost; it can be opened and read; with room again the same log goes on."""
    acknowledged, problem = 0, ""
    log = SegmentLog(small_disk)
    while not problem:
        try:
            log.append([note("x" * 300)])
            acknowledged += 1
        except NotSavedError as error:
            problem = str(error)

    assert "The disk is full, or your quota is: make room, then submit again" in problem
    assert acknowledged > 20
    with SegmentLog(small_disk) as again:
        assert again.verify().head.position == acknowledged
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    assert log.append([note("x")]) == [acknowledged + 1]
    assert log.verify().head.position == acknowledged + 1
    log.close()


def test_a_log_does_not_begin_on_a_full_disk(small_disk: Path) -> None:
    """Where there is no room to begin, the sentence says so; with room it begins."""
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    with pytest.raises(NotSavedError, match="The disk is full, or your quota is: make room"):
        SegmentLog(small_disk / "reviews.annotate")
    filler.unlink()
    with SegmentLog(small_disk / "reviews.annotate") as log:
        assert log.append([note()]) == [1]


def test_a_payload_is_erased_once_there_is_room(small_disk: Path) -> None:
    """Without room to rewrite a block the sentence says what is missing; opening it again finishes that."""
    log = SegmentLog(small_disk)
    log.append([note("canary"), note("b" * 300_000)])
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 600_000)
    with pytest.raises(StorageError, match=r"its payloads are still in .*Make room"):
        log.erase([1], annotator_id="ada", reason="asked to")
    assert log.read()["value"][0] is None
    filler.unlink()

    with SegmentLog(small_disk) as again:
        assert holds(small_disk, "canary") == []
        assert again.verify().erased == 1
    log.close()


def _fill(folder: Path, limit: int, pipe: object) -> None:
    log = SegmentLog(folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    acknowledged = 0
    for n in range(1, 40):
        with contextlib.suppress(NotSavedError):
            log.append([note("x" * (n * 97))])
            acknowledged += 1
    pipe.send(acknowledged)  # type: ignore[attr-defined]  # a pipe between processes


@pytest.mark.parametrize("limit", range(300, 9_000, 1_300))
def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path, limit: int) -> None:
    """Wherever a write is cut off, what was acknowledged is there and the log opens."""
    reader, writer = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_fill, args=(tmp_path, limit, writer))
    child.start()
    acknowledged = reader.recv()
    child.join()

    with SegmentLog(tmp_path) as log:
        assert log.verify().head.position == acknowledged


# ------------------------------------------------------------------------- death at every call


def _die_at(call: int, work: Callable[[], object]) -> bool:
    """Do some work in another process that is killed at a given call of the system; return whether it was."""
    child = os.fork()
    if child == 0:
        try:
            count = itertools.count(1)

            def die() -> bool:
                if next(count) == call:
                    os.kill(os.getpid(), signal.SIGKILL)
                return False

            meddle(pytest.MonkeyPatch(), die, late=False)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in {0, signal.SIGKILL}
    return status != 0


def _every_death(tmp_path: Path, begun: Path, work: Callable[[Path], object]) -> Iterator[Path]:
    """Yield a log for each call of the system at which somebody at work on it was killed."""
    for call in itertools.count(1):
        folder = tmp_path / f"{call}"
        shutil.copytree(begun, folder)
        was_killed = _die_at(call, lambda folder=folder: work(folder))  # type: ignore[misc]  # its own folder
        yield folder
        shutil.rmtree(folder)
        if not was_killed:
            return


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Make a log of seven blocks, some of them packed."""
    folder = tmp_path / "begun"
    with SegmentLog(folder) as log:
        for n in range(7):
            log.append([note(f"secret {n}"), note(f"other {n}")])
    return folder


def test_an_erasure_that_is_killed_is_whole_or_not_at_all(tmp_path: Path, begun: Path) -> None:
    """After death at any call the next opening finishes it: once it is in the log, no file has it."""

    def work(folder: Path) -> None:
        with SegmentLog(folder) as log:
            log.erase([1, 9, 13], annotator_id="ada", reason="asked to")

    whole = []
    for folder in _every_death(tmp_path, begun, work):
        with SegmentLog(folder) as log:
            erased = log.verify().erased
            assert log.head().position == (15 if erased else 14)
            whole.append(erased)
            for n in (0, 4, 6):
                assert bool(holds(folder, f"secret {n}")) == (not erased)
            assert len(log.read()["value"].drop_nulls()) == log.head().position - erased
            assert log.append([note()]) == [log.head().position]
    assert set(whole) == {0, 3}
    assert whole == sorted(whole)
    assert len(whole) > 30


def test_packing_that_is_killed_loses_nothing(tmp_path: Path, begun: Path) -> None:
    """After death at any call all events are there, and the next writers pack what is left."""

    def work(folder: Path) -> None:
        with SegmentLog(folder) as log:
            for n in range(7):
                log.append([note(f"later {n}")])

    before = 14
    for folder in _every_death(tmp_path, begun, work):
        with SegmentLog(folder, read_only=True) as log:
            assert log.verify().head.position >= before
            before = log.head().position
        with SegmentLog(folder) as log:
            for n in range(12):
                log.append([note(f"still later {n}")])
            assert log.read()["position"].to_list() == list(range(1, before + 13))
            assert log.verify().head.position == before + 12
        with SegmentLog(folder) as log:
            assert len(list((folder / "segments" / "blocks").iterdir())) <= 4 + 4
    assert before == 21
