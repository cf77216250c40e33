"""Kill -9 of writers of a log in segments, at any moment, several at once: what was acknowledged is there."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from jupyter_annotate.storage import segment_upkeep
from jupyter_annotate.storage.segments import SegmentLog
from tests.storage.killing import ROUNDS, Acknowledge, kill_round, nothing_lost, pairs

#: Each fourth round has this many writers.
SEVERAL = 3


def _write(folder: Path, name: str, acknowledge: Acknowledge) -> None:
    pairs(name, SegmentLog(folder).append, acknowledge)


@pytest.mark.faults
@pytest.mark.timeout(max(900, ROUNDS))
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time the log opens; in the end all that was acknowledged is there once, whole and chained."""
    monkeypatch.setattr(segment_upkeep, "_PACKED", 16)  # so that packing is killed as well
    monkeypatch.setattr(segment_upkeep, "_AGAIN", 1)
    monkeypatch.setattr(segment_upkeep, "_KEPT", 2)
    draw, acknowledged = random.Random(7), set[str]()
    for number in range(ROUNDS):
        names = [f"{number}-{n}" for n in range(SEVERAL if number % 4 == 0 else 1)]
        writes = [partial(_write, tmp_path, name) for name in names]
        acknowledged |= kill_round(writes, draw.uniform(0.001, 0.03))
        with SegmentLog(tmp_path) as log:
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) == min(2, head.position)
            assert not list((tmp_path / "segments" / "writers").iterdir())

    with SegmentLog(tmp_path) as log:
        events = log.read()
        assert log.verify().head.position == len(events)
    nothing_lost(acknowledged, events)
    assert list((tmp_path / "segments" / "packs").iterdir())
