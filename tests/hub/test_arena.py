"""Many annotators at once on a real JupyterHub, while kernels, hub, database and network die."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import jupyter_annotate as ja
from tests.hub.arena import Plan, arena
from tests.hub.places import Folder, Place
from tests.hub.reckoning import reckon

SHORT = Plan(
    n_browsers=2,
    n_kernels=8,
    n_items=150,
    overlap=None,
    kernel_kills=6,
    hub_restarts=2,
    store_restarts=2,
    page_faults=4,
    minutes=4,
    seed=1,
)


@pytest.fixture(params=["sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Return where the project lies: every backend a team may share."""
    return Folder(str(tmp_path / "shared" / "reviews"))


def test_everybody_labels_everything(place: Place, hub_folder: Path, chromium: Browser) -> None:
    """Ten people label every item while things die: nothing acknowledged is lost, nothing is there twice."""
    with arena(SHORT, place, hub_folder, chromium) as everybody:
        everybody.run()
        reckon(everybody)
