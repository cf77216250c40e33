"""The queue of writers: one at a time, in turn, with an end to waiting; and what a fork does to it."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
import time
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from multiprocessing.synchronize import Event as Gate
from pathlib import Path

import pytest

from jupyter_annotate.errors import NotSavedError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import lock, sqlite
from jupyter_annotate.storage.lock import FileLock
from jupyter_annotate.storage.sqlite import SqliteLog

FORK = multiprocessing.get_context("fork")


def note(value: str = "x") -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value)


def _hold(path: Path, held: Gate, done: Gate) -> None:
    with FileLock(path):
        held.set()
        done.wait(30)


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    """Who comes second gets the lock when the first lets it go, and not before."""
    held, done = FORK.Event(), FORK.Event()
    first = FORK.Process(target=_hold, args=(tmp_path / "lock", held, done))
    first.start()
    held.wait(30)
    got: list[bool] = []

    def second() -> None:
        with FileLock(tmp_path / "lock"):
            got.append(done.is_set())

    waiting = threading.Thread(target=second)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    done.set()
    waiting.join(30)
    first.join()

    assert got == [True]


def test_waiting_has_an_end(tmp_path: Path) -> None:
    """Whoever has waited long enough is told so; the turn that comes later goes on to the next."""
    path = tmp_path / "lock"
    with FileLock(path), pytest.raises(TimeoutError, match="kept the lock"), FileLock(path, patience=0.05):
        pass

    with FileLock(path, patience=5):
        pass
    waiters = [thread for thread in threading.enumerate() if thread.name == "lock-queue"]
    for waiter in waiters:
        waiter.join(5)
    assert [waiter.is_alive() for waiter in waiters] == [False] * len(waiters)


def test_a_turn_that_comes_too_late_is_given_back(tmp_path: Path) -> None:
    """An interrupt while waiting leaves the lock to others, even if the turn has just come."""
    path = tmp_path / "lock"
    waiter = lock._Waiter(os.open(path, os.O_RDWR | os.O_CREAT))
    waiter.start()
    waiter.join(5)
    with pytest.raises(TimeoutError), FileLock(path, patience=0.05):
        pass

    waiter._give_up()

    with FileLock(path, patience=1):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_lock_file_of_somebody_else_is_locked_all_the_same(tmp_path: Path) -> None:
    """A user who may only read the lock file queues on it as well."""
    path = tmp_path / "lock"
    with FileLock(path):
        pass
    path.chmod(0o444)
    for folder in (tmp_path, *list(tmp_path.parents)[:-1]):
        folder.chmod(folder.stat().st_mode | 0o111)
    child = os.fork()
    if child == 0:
        os.setuid(65534)
        with FileLock(path, patience=1):
            os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_a_stuck_kernel_is_named(tmp_path: Path) -> None:
    """While another process keeps the queue nothing is acknowledged; later the same events are."""
    log = SqliteLog(tmp_path)
    log._queue = FileLock(tmp_path / "log.sqlite.lock", patience=0.1)
    event = note()
    with FileLock(tmp_path / "log.sqlite.lock"):
        with pytest.raises(NotSavedError, match=r"kept the lock.*Another program holds it"):
            log.append([event])
        assert log.head().position == 0

    assert log.append([event]) == [1]
    log.close()


# -------------------------------------------------------------------------------------- writers


def _write_until(
    folder: Path, start: Barrier, stop: Gate, count: Synchronized[int], pipe: Connection
) -> None:
    log = SqliteLog(folder)
    slowest = 0.0
    start.wait(30)
    while not stop.is_set():
        begun = time.perf_counter()
        log.append([note()])
        slowest = max(slowest, time.perf_counter() - begun)
        count.value += 1
    pipe.send(slowest)


@pytest.mark.faults
def test_writers_at_full_speed_all_get_their_share(tmp_path: Path) -> None:
    """Six processes for two seconds: none is told "locked", none starves, and no number is missing.

    On SQLite's own busy wait the slowest of four got 1 event where the fastest got 1,822.
    """
    SqliteLog(tmp_path).close()
    start, stop = FORK.Barrier(7), FORK.Event()
    counts = [FORK.Value("i", 0) for _ in range(6)]
    pipes = [FORK.Pipe(duplex=False) for _ in counts]
    writers = [
        FORK.Process(target=_write_until, args=(tmp_path, start, stop, count, pipe[1]))
        for count, pipe in zip(counts, pipes, strict=True)
    ]
    for writer in writers:
        writer.start()
    start.wait(30)
    time.sleep(2)
    stop.set()
    slowest = max(receiver.recv() for receiver, _ in pipes)
    for writer in writers:
        writer.join()
    shares = [count.value for count in counts]

    assert [writer.exitcode for writer in writers] == [0] * 6
    assert min(shares) * 4 >= max(shares) > 0
    assert slowest < 2
    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == sum(shares)


@pytest.mark.faults
def test_reading_and_verifying_go_on_while_others_write(tmp_path: Path) -> None:
    """A reader sees a whole beginning of the log each time, and no append looks like damage to verify()."""
    log = SqliteLog(tmp_path)
    log.append([note() for _ in range(500)])
    start, stop, count = FORK.Barrier(2), FORK.Event(), FORK.Value("i", 0)
    receiver, sender = FORK.Pipe(duplex=False)
    writer = FORK.Process(target=_write_until, args=(tmp_path, start, stop, count, sender))
    writer.start()
    start.wait(30)
    seen = []
    for _ in range(12):
        seen.append(log.verify().head.position)
        frame = log.read()
        assert frame["position"].to_list() == list(range(1, len(frame) + 1))
    stop.set()
    receiver.recv()
    writer.join()

    assert seen == sorted(seen)
    assert seen[-1] > 500
    log.close()


def _write_slowly(folder: Path, begun: Gate) -> None:
    with FileLock(folder / "log.sqlite.lock"), closing(sqlite3.connect(folder / "log.sqlite")) as file:
        file.execute("BEGIN EXCLUSIVE")
        begun.set()
        time.sleep(0.3)
        file.rollback()


@pytest.mark.faults
def test_a_reader_in_the_way_of_a_write_queues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets its turn when the writer is done; trying again and again instead took seconds under load."""
    monkeypatch.setattr(sqlite, "_PATIENCE", 0)
    log, begun = SqliteLog(tmp_path), FORK.Event()
    log.append([note("a")])
    writer = FORK.Process(target=_write_slowly, args=(tmp_path, begun))
    writer.start()
    begun.wait(30)

    assert log.read()["value"].to_list() == ['"a"']
    writer.join()
    log.close()


# ---------------------------------------------------------------------------------------- forks


@pytest.mark.faults
def test_forks_in_the_middle_of_writing_harm_nobody(tmp_path: Path) -> None:
    """While two threads write, forked children write and end as programs do; nothing is lost or undone.

    A child that collected its copy of the parent's connection would roll the parent's write back.
    """
    log = SqliteLog(tmp_path)
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():
            written.extend(log.append([note("parent")]))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(15):
        child = os.fork()
        if child == 0:
            try:
                written.extend(log.append([note("child")]))
                log.close()
                os._exit(0)
            finally:
                os._exit(1)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    stop.set()
    for thread in threads:
        thread.join()

    assert codes == [0] * 15
    events = log.read()
    assert events["value"].value_counts().sort("value")["count"].to_list() == [15, len(written)]
    assert log.verify().head.position == len(written) + 15
    log.close()
