"""Many annotators at once on a real JupyterHub, while kernels, hub, database and network die."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.hub.arena import Plan, arena
from tests.hub.places import Folder, Place
from tests.hub.reckoning import reckon

SHORT = Plan(
    n_browsers=2,
    n_kernels=8,
    n_items=100,
    overlap=3,
    kernel_kills=6,
    hub_restarts=1,
    store_restarts=2,
    page_faults=4,
    lease=30,
    minutes=4,
    seed=1,
)
WHOLE = Plan(
    n_browsers=5,
    n_kernels=35,
    n_items=2_000,
    overlap=3,
    kernel_kills=120,
    hub_restarts=4,
    store_restarts=6,
    page_faults=16,
    lease=60,
    minutes=40,
    seed=2,
)


def _in_postgresql(folder: Path) -> Place:
    from tests.hub.database import Database
    from tests.postgres_cluster import shared_cluster

    cluster = shared_cluster()
    return Database(cluster, cluster.team(), folder / "credentials")


def _in_sqlite(folder: Path) -> Place:
    return Folder(str(folder / "shared" / "reviews"))


def _in_segments(folder: Path) -> Place:
    return Folder(f"segments://{folder / 'shared' / 'reviews'}")


_PLACES = {"sqlite": _in_sqlite, "segments": _in_segments, "postgresql": _in_postgresql}


@pytest.fixture(params=_PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return where the project lies: every store a team may share."""
    (tmp_path / "shared").mkdir()
    return _PLACES[request.param](tmp_path)


def play(plan: Plan, place: Place, folder: Path, chromium: Browser) -> None:
    """Let everybody label, and check what became of it."""
    with arena(plan, place, folder, chromium) as everybody:
        everybody.run()
        reckon(everybody)


@pytest.mark.timeout(60 * SHORT.minutes + 180)
def test_a_team_labels(place: Place, tmp_path: Path, chromium: Browser) -> None:
    """Ten annotators label while things die: each item gets three, no answer is lost."""
    play(SHORT, place, tmp_path, chromium)


@pytest.mark.long_run
@pytest.mark.timeout(60 * SHORT.minutes + 180)
def test_everybody_labels_everything(place: Place, tmp_path: Path, chromium: Browser) -> None:
    """Without a plan all label everything while things die: each item once, nothing lost."""
    play(replace(SHORT, overlap=None), place, tmp_path, chromium)


@pytest.mark.long_run
@pytest.mark.timeout(60 * WHOLE.minutes + 300)
def test_forty_label(place: Place, tmp_path: Path, chromium: Browser) -> None:
    """Forty annotators give two thousand items three labels each at full speed, whatever dies meanwhile."""
    play(WHOLE, place, tmp_path, chromium)
