"""Kill -9 at any moment: what was acknowledged is there."""

from __future__ import annotations

import random
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from jupyter_annotate.storage.sqlite import SqliteLog
from tests.storage.killing import ROUNDS, Acknowledge, kill_round, nothing_lost, pairs


def _write(folder: Path, number: int, acknowledge: Acknowledge) -> None:
    pairs(str(number), SqliteLog(folder).append, acknowledge)


@pytest.mark.faults
@pytest.mark.timeout(max(600, ROUNDS))
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path) -> None:
    """Each time the file opens; in the end all that was acknowledged is there once, whole and chained."""
    draw, acknowledged = random.Random(7), set[str]()
    for number in range(ROUNDS):
        acknowledged |= kill_round([partial(_write, tmp_path, number)], draw.uniform(0.001, 0.03))
        with SqliteLog(tmp_path) as log:
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) == min(2, head.position)

    with SqliteLog(tmp_path) as log:
        events = log.read()
        assert log.verify().head.position == len(events)
    nothing_lost(acknowledged, events)
    check = sqlite3.connect(tmp_path / "log.sqlite")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
