"""Kill -9 at any moment: what was acknowledged is there."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.sqlite import SqliteLog

ROUNDS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000"))


def _write_until_killed(folder: Path, acknowledge: int, number: int) -> None:
    """Append one event after the other; name each on the pipe only after append returned.

    Each makes the file grow: between the header's page and the new last page is the worst moment to die.
    """
    log = SqliteLog(folder)
    for n in range(1_000_000):
        name = f"{number}-{n}"
        log.append(
            [
                Event(
                    kind=EventKind.ANSWER,
                    annotator_id="ada",
                    item_id="1",
                    question="q",
                    value=n,
                    event_id=name,
                ),
                Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value="x" * 3900),
            ]
        )
        os.write(acknowledge, f"{name}\n".encode())


def _round(folder: Path, number: int, delay: float) -> set[str]:
    """Let a child write, kill it after a while, and return what it had acknowledged."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_until_killed(folder, writer, number)
        finally:
            os._exit(1)
    os.close(writer)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        return set(pipe.read().split())


@pytest.mark.faults
@pytest.mark.timeout(max(600, ROUNDS))
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path) -> None:
    """Each time the file opens; in the end all that was acknowledged is there once, whole and chained."""
    draw = random.Random(7)
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        acknowledged |= _round(tmp_path, number, draw.uniform(0.001, 0.03))
        with SqliteLog(tmp_path) as log:
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) == min(2, head.position)

    with SqliteLog(tmp_path) as log:
        events = log.read()
        assert log.verify().head.position == len(events)
    ids = events.filter(events["kind"] == "answer")["event_id"].to_list()
    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(ids) == set()
    assert len(ids) == len(set(ids))
    assert len(events) == 2 * len(ids)
    check = sqlite3.connect(tmp_path / "log.sqlite")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
