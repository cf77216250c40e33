"""Kill -9 of writers of a log in segments, at any moment, several at once: what was acknowledged is there."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import segment_upkeep
from jupyter_annotate.storage.segments import SegmentLog

ROUNDS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000"))
#: Each fourth round has this many writers.
SEVERAL = 3


def _write_until_killed(folder: Path, acknowledge: int, name: str) -> None:
    """Append one pair of events after the other; name each on the pipe only after append returned."""
    log = SegmentLog(folder)
    for n in range(1_000_000):
        answer = Event(
            kind=EventKind.ANSWER,
            annotator_id="ada",
            item_id="1",
            question="q",
            value=n,
            event_id=f"{name}-{n}",
        )
        log.append([answer, Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value="x" * 3900)])
        os.write(acknowledge, f"{name}-{n}\n".encode())


def _begin(folder: Path, name: str) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_until_killed(folder, writer, name)
        finally:
            os._exit(1)
    os.close(writer)
    return child, reader


def _round(folder: Path, number: int, delay: float) -> set[str]:
    """Let children write, kill them after a while, and return what they had acknowledged."""
    n_writers = SEVERAL if number % 4 == 0 else 1
    children = [_begin(folder, f"{number}-{writer}") for writer in range(n_writers)]
    time.sleep(delay)
    for child, _ in children:
        os.kill(child, signal.SIGKILL)
    acknowledged: set[str] = set()
    for child, reader in children:
        os.waitpid(child, 0)
        with os.fdopen(reader, encoding="utf-8") as pipe:
            acknowledged.update(pipe.read().split())
    return acknowledged


@pytest.mark.faults
@pytest.mark.timeout(max(900, ROUNDS))
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time the log opens; in the end all that was acknowledged is there once, whole and chained."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", 16)  # so that packing is killed as well
    monkeypatch.setattr(segment_upkeep, "_AGAIN", 1)
    monkeypatch.setattr(segment_upkeep, "_KEPT", 2)
    draw = random.Random(7)
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        acknowledged |= _round(tmp_path, number, draw.uniform(0.001, 0.03))
        with SegmentLog(tmp_path) as log:
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) == min(2, head.position)
            assert not list((tmp_path / "segments" / "writers").iterdir())

    with SegmentLog(tmp_path) as log:
        events = log.read()
        assert log.verify().head.position == len(events)
    ids = events.filter(events["kind"] == "answer")["event_id"].to_list()
    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(ids) == set()
    assert len(ids) == len(set(ids))
    assert len(events) == 2 * len(ids)
    assert list((tmp_path / "segments" / "packs").iterdir())
