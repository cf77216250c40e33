"""The store fails while somebody labels: one sentence on the screen, and the browser keeps the answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.storage.faults.mounts import Share, shared, small_disk
from tests.ui.faults.conftest import Desk, Desks, keys
from tests.ui.faults.faults import in_the_browser
from tests.ui.faults.witness import stored
from tests.ui.pages import PATIENCE
from tests.ui.servers import Server

pytestmark = pytest.mark.parametrize("app", ["lab"], indirect=True)


@pytest.fixture
def folder(server: Server, desks: Desks) -> Path:
    """Return where the project will be."""
    return server.folder / f"{desks.name}.annotate"


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """Put the project on a disk of 1 MiB."""
    with small_disk(folder, 1024) as disk:
        yield disk


@pytest.fixture
def share(folder: Path, tmp_path: Path) -> Iterator[Share]:
    """Put the project in a folder that can be made read-only."""
    with shared(tmp_path, folder) as share:
        yield share


def refused(desk: Desk, sentence: str) -> None:
    """Answer, and expect the sentence, the count of what is not saved, and the answers in the browser."""
    desk.press(keys(3, 1))
    in_the_browser(desk, 3)
    expect(desk.widget.root).to_contain_text(sentence, timeout=PATIENCE)
    expect(desk.widget.root).to_contain_text(f"{desk.folder}. ")
    expect(desk.widget.root).to_have_attribute("data-ja-unsaved", "3")
    assert desk.widget.status != "saved"
    desk.no_false_promise()
    assert len(stored(desk.folder)) == 2


def mended(desk: Desk, sentence: str) -> None:
    """Expect that everything is saved by itself, and nothing is complained about any more."""
    desk.settle()
    expect(desk.widget.root).not_to_contain_text(sentence)
    desk.press("1")
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 6


def labeling(desks: Desks) -> Desk:
    """Open the project and answer twice."""
    desk = desks()
    desk.press(keys(2))
    desk.settle()
    return desk


def test_the_disk_is_full(desks: Desks, disk: Path) -> None:
    """The person reads that the disk is full; with room again the answers are stored by themselves."""
    desk = labeling(desks)
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    refused(desk, "The disk is full, or your quota is: make room")
    filler.unlink()
    mended(desk, "The disk is full")


def test_the_folder_is_read_only(desks: Desks, share: Share) -> None:
    """The person reads that it may not be written to; when it may, the answers are stored."""
    desk = labeling(desks)
    share.allow_writing(allowed=False)
    refused(desk, "It may not be written to: ask for the permission")
    share.allow_writing(allowed=True)
    mended(desk, "It may not be written to")


def test_the_folder_is_moved_away(desks: Desks, folder: Path) -> None:
    """The person reads that the folder is gone; when it is back, the answers are stored."""
    desk = labeling(desks)
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    desk.press(keys(3, 1))
    expect(desk.widget.root).to_contain_text("It was moved, replaced or removed", timeout=PATIENCE)
    expect(desk.widget.root).to_have_attribute("data-ja-unsaved", "3")
    elsewhere.rename(folder)
    mended(desk, "It was moved, replaced or removed")
