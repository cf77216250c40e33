"""The connection is cut before, during and after a commit: everything is stored once, nothing twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import postgres_link
from jupyter_annotate.storage.postgres import PgLog
from tests.postgres_cluster import shared_cluster
from tests.storage.cutting import CuttingProxy, Moment

CUTS = 300
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")


@pytest.fixture
def proxy() -> Iterator[CuttingProxy]:
    """Stand between the package and the server."""
    with CuttingProxy(shared_cluster().port).running() as running:
        assert isinstance(running, CuttingProxy)
        yield running


def answer(name: str, value: int = 0) -> Event:
    """Make an answer."""
    return Event(
        kind=EventKind.ANSWER, annotator_id="ada", item_id="1", question="q", value=value, event_id=name
    )


def act(log: PgLog, n: int) -> list[int] | None:
    """Store one more event, in one of the ways there are."""
    name = f"e{n:04d}"
    if n % 3 == 0:
        return log.append([answer(name, n)])
    if n % 3 == 1:
        return log.append_after(max(0, n - 5), lambda _seen, _now: [answer(name, n)])
    return log.append_unless([answer(name, n)], kinds={EventKind.ANSWER}, after=n)


@pytest.mark.faults
def test_three_hundred_cuts_change_nothing(
    proxy: CuttingProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 300 writes returns its own position though its connection was cut, and is stored once."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path))
    monkeypatch.setattr(postgres_link, "_SHORTEST", 0.002)
    draw, team = random.Random(5), shared_cluster().team(ada="lead")
    with PgLog(team.url("ada", port=proxy.port)) as log:
        n = 0
        while proxy.n_cuts < CUTS:
            proxy.arm(draw.choice(MOMENTS), 1 if n % 3 == 0 else draw.randint(1, 5))
            assert act(log, n) == [n + 1]
            proxy.disarm()
            n += 1
        stored = log.read()
        assert log.verify().head.position == n

    assert stored["event_id"].to_list() == [f"e{each:04d}" for each in range(n)]
    assert stored["value"].to_list() == [str(each) for each in range(n)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.faults
def test_a_lost_reply_is_not_a_second_decision(proxy: CuttingProxy) -> None:
    """Who decided and was stored is not asked again, though the reply to the commit never came."""
    calls: list[int] = []

    def decide(seen: pl.DataFrame, _now: int) -> list[Event]:
        calls.append(len(seen))
        return [answer(f"decided-{len(calls)}")]

    team = shared_cluster().team(ada="lead")
    with PgLog(team.url("ada", port=proxy.port)) as log:
        proxy.arm("after", 5)  # begin, read, find, insert, commit
        assert log.append_after(0, decide) == [1]

        assert proxy.n_cuts == 1
        assert calls == [0]
        assert log.read()["event_id"].to_list() == ["decided-1"]
