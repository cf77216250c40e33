"""Kill -9 at any moment, of a kernel that writes to PostgreSQL or keeps here what it cannot write."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.drafts import draft
from jupyter_annotate.storage.postgres import PgLog
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.spool import Spool
from tests.postgres_cluster import shared_cluster

ROUNDS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000"))

#: Writes until it is killed, and acknowledges each name it is sure of.
Write = Callable[[int, Callable[[str], object]], None]


def pair(name: str) -> list[Event]:
    """Make the events of one submission: an answer, and a comment that belongs to it."""
    return [
        Event(
            kind=EventKind.ANSWER, annotator_id="ada", item_id="1", question="q", value=name, event_id=name
        ),
        Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value="x" * 3900),
    ]


def kill_round(write: Write, number: int, delay: float) -> set[str]:
    """Let a child write, kill it after a while, and return what it had acknowledged."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(number, lambda name: os.write(writer, f"{name}\n".encode()))
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
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each kill the log can be read; in the end all that was acknowledged is there once, whole."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path))
    url = shared_cluster().team(ada="lead").url("ada")

    def write(number: int, acknowledge: Callable[[str], object]) -> None:
        log = PgLog(url)
        for n in range(1_000_000):
            log.append(pair(f"{number}-{n}"))
            acknowledge(f"{number}-{n}")

    draw, acknowledged = random.Random(7), set[str]()
    with PgLog(url) as log:
        for number in range(ROUNDS):
            acknowledged |= kill_round(write, number, draw.uniform(0.002, 0.05))
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) >= min(2, head.position)
        events = log.read()
        assert log.verify().head.position == len(events)

    ids = events.filter(events["kind"] == "answer")["event_id"].to_list()
    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(ids) == set()
    assert len(ids) == len(set(ids))
    assert len(events) == 2 * len(ids)


@pytest.mark.faults
@pytest.mark.timeout(max(600, ROUNDS))
def test_nothing_kept_is_lost_to_kill_9(tmp_path: Path) -> None:
    """Whatever was kept here by a kernel that was killed is handed over whole by the next."""
    stored: list[str] = []

    def write(number: int, acknowledge: Callable[[str], object]) -> None:
        spool = Spool(tmp_path / "s")
        for n in range(1_000_000):
            spool.keep([draft(event) for event in pair(f"{number}-{n}")])
            acknowledge(f"{number}-{n}")

    def store(appends: Sequence[Sequence[Row]]) -> Sequence[Sequence[Row]]:
        assert {len(rows) for rows in appends} <= {2}
        stored.extend(rows[0].event_id for rows in appends)
        return []

    draw, acknowledged = random.Random(8), set[str]()
    for number in range(ROUNDS // 4):
        acknowledged |= kill_round(write, number, draw.uniform(0.001, 0.02))
        if number % 5 == 0:
            assert Spool(tmp_path / "s").empty(store) == 0
    assert Spool(tmp_path / "s").empty(store) == 0

    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(stored) == set()
    assert len(stored) == len(set(stored))
