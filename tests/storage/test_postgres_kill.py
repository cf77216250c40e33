"""Kill -9 at any moment, of a kernel that writes to PostgreSQL or keeps here what it cannot write."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from jupyter_annotate.storage.drafts import draft
from jupyter_annotate.storage.postgres import PgLog
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.spool import Spool
from tests.postgres_cluster import shared_cluster
from tests.storage.killing import ROUNDS, Acknowledge, kill_round, nothing_lost, pairs


@pytest.mark.faults
@pytest.mark.timeout(max(600, ROUNDS))
def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each kill the log can be read; in the end all that was acknowledged is there once, whole."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path))
    url = shared_cluster().team(ada="lead").url("ada")

    def write(number: int, acknowledge: Acknowledge) -> None:
        pairs(str(number), PgLog(url).append, acknowledge)

    draw, acknowledged = random.Random(7), set[str]()
    with PgLog(url) as log:
        for number in range(ROUNDS):
            acknowledged |= kill_round([partial(write, number)], draw.uniform(0.002, 0.05))
            head = log.head()
            assert len(log.read(after=max(0, head.position - 2))) >= min(2, head.position)
        events = log.read()
        assert log.verify().head.position == len(events)
    nothing_lost(acknowledged, events)


@pytest.mark.faults
@pytest.mark.timeout(max(600, ROUNDS))
def test_nothing_kept_is_lost_to_kill_9(tmp_path: Path) -> None:
    """Whatever was kept here by a kernel that was killed is handed over whole by the next."""
    stored: list[str] = []

    def write(number: int, acknowledge: Acknowledge) -> None:
        spool = Spool(tmp_path / "s")
        pairs(str(number), lambda events: spool.keep([draft(event) for event in events]), acknowledge)

    def store(appends: Sequence[Sequence[Row]]) -> Sequence[Sequence[Row]]:
        assert {len(rows) for rows in appends} <= {2}
        stored.extend(rows[0].event_id for rows in appends)
        return []

    draw, acknowledged = random.Random(8), set[str]()
    for number in range(ROUNDS // 4):
        acknowledged |= kill_round([partial(write, number)], draw.uniform(0.001, 0.02))
        if number % 5 == 0:
            assert Spool(tmp_path / "s").empty(store) == 0
    assert Spool(tmp_path / "s").empty(store) == 0

    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(stored) == set()
    assert len(stored) == len(set(stored))
