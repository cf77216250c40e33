"""Status: one screen that says what is stored, by whom and how healthy, and never raises."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Choice, Project, Schema, Session, Text, schedule
from jupyter_annotate.backups import backup
from jupyter_annotate.errors import BackupWarning
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.health import status
from jupyter_annotate.schedule import backup_every
from jupyter_annotate.storage import memory
from jupyter_annotate.storage.snapshot import save_snapshot

SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
ITEMS = {"item_id": ["a", "b", "c"], "text": ["one", "two", "three"]}


class Usage(NamedTuple):
    """How full a disk is."""

    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what belongs to the user in folders of the test, on a disk with room."""
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"JUPYTER_ANNOTATE_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**12))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Begin a project that two people and a model have worked on."""
    project = Project.open(tmp_path / "reviews", schema=SCHEMA, items=ITEMS)
    project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="model")
    ada, bea = Session(project, annotator="ada"), Session(project, annotator="bea")
    ada.submit({"mood": "glad"}, item_id="a")
    ada.submit({"mood": "sad"}, item_id="b")
    bea.submit({"mood": "sad"}, item_id="a")
    bea.skip(item_id="c")
    return project


def test_the_screen_of_a_healthy_project(project: Project, tmp_path: Path) -> None:
    """It says what is stored, by whom, on what, and that nothing is wrong, in a few lines."""
    backup(project, tmp_path / "reviews.backups")
    found = status(project)
    text = repr(found)

    assert found.warnings == []
    assert (found.items, found.events, found.suggestions, found.batches) == (3, 7, 1, 2)
    assert found.position == 7
    assert found.people.select("annotator_id", "items", "skipped").rows() == [("ada", 2, 0), ("bea", 1, 1)]
    assert found.people["identity"].to_list() == [["explicit"], ["explicit"]]
    assert found.overlap.rows() == [(0, 1), (1, 1), (2, 1)]
    assert found.place is not None
    assert found.place.writable
    assert found.place.size > 20_000
    assert "reviews.annotate (SQLite)" in text
    assert "3 items, 7 events, 1 suggestions in 2 batches" in text
    assert "ada: 2 items answered, 0 skipped, last 2" in text
    assert "1 items by 0, 1 items by 1, 1 items by 2" in text
    assert "every event up to position 7, just now" in text
    assert "with 1.0 TB free" in text
    assert f"in {tmp_path / 'reviews.backups'}; no schedule" in text
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 200


def test_a_name_is_as_good_as_an_open_project(project: Project, tmp_path: Path) -> None:
    """Given the name it is opened to be read, and not a byte changes."""
    before = {path: path.read_bytes() for path in (tmp_path / "reviews.annotate").rglob("*.*")}

    assert repr(status(tmp_path / "reviews")) == repr(status(project))
    assert {path: path.read_bytes() for path in (tmp_path / "reviews.annotate").rglob("*.*")} == before


def test_many_people_still_fit_on_a_screen() -> None:
    """The first dozen are shown, the rest counted; all of them are in the frame."""
    project = Project.open(":memory:", schema=SCHEMA, items=ITEMS)
    for n in range(40):
        Session(project, annotator=f"person {n:02d}").submit({"mood": "glad"}, item_id="a")
    found = status(project)

    assert len(found.people) == 40
    assert "and 28 more" in repr(found)
    assert "(memory)" in repr(found)


def test_a_snapshot_is_named(project: Project) -> None:
    """How far the quick copy on this computer goes stands on the screen."""
    save_snapshot(project.log, project.events())

    assert status(project).snapshot == 7
    assert "up to position 7, on this computer" in repr(status(project))


# --------------------------------------------------------------------------------- what to look at


def test_an_overdue_backup_comes_first(project: Project, tmp_path: Path) -> None:
    """With a schedule and no backup there is a warning, and what to do."""
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(BackupWarning, match="not backed up"):
        _set_and_wait(project, tmp_path / "file")
    found = status(project)

    assert found.overdue
    assert "A backup is overdue (there is none): ja.backup(project)" in found.warnings[0]
    assert repr(found).splitlines()[1].startswith("! A backup is overdue")
    assert "every 24 hours, OVERDUE" in repr(found)


def _set_and_wait(project: Project, folder: Path) -> None:
    backup_every(project, hours=24, folder=folder)
    schedule._at_work[project.log.log_id].join()


def test_little_room_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a disk is full somebody should know."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 3_000_000))

    assert "Only 3 MB are free in" in status(project).warnings[0]


def test_what_waits_on_this_computer_is_told(project: Project, tmp_path: Path) -> None:
    """Writes kept here while the store was away are counted, and so are those that it refused later."""
    spool = tmp_path / "state" / project.log.log_id / "ada"
    spool.mkdir(parents=True)
    (spool / "0190.ndjson").write_bytes(b"[1]\n[2]\n[3")
    (spool / "0191.ndjson.taken").write_bytes(b"[4]\n")
    (spool / "0192.ndjson.refused").write_bytes(b"[5]\n")

    found = status(project)

    assert found.unsent == 3
    assert "The store has refused 1 writes" in found.warnings[0]
    assert "3 writes wait on this computer for the store" in found.warnings[1]


def test_events_of_a_time_to_come_are_told() -> None:
    """A clock that was ahead shows before anybody merges."""
    project = Project.open(":memory:", schema=SCHEMA, items=ITEMS)
    ahead = SimpleNamespace(time_ns=lambda: time.time_ns() + 86_400 * 10**9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "time", ahead)
        Session(project, annotator="ada").submit({"mood": "glad"})

    assert "which is yet to come: set the clock right" in status(project).warnings[0]


def test_a_folder_that_may_only_be_read_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is shown, and the first line says why nothing can be added."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = status(project)

    assert found.place is not None
    assert not found.place.writable
    assert "may not be written to. Ask for the permission" in found.warnings[0]
    assert found.position == 7


# ----------------------------------------------------------------------------------- what is broken


def test_a_chain_that_does_not_verify_is_told(project: Project, tmp_path: Path) -> None:
    """What can be read is shown; the first warning names the position."""
    project.log.close()
    with closing(sqlite3.connect(tmp_path / "reviews.annotate" / "log.sqlite")) as file:
        file.execute("DROP TRIGGER payloads_stay")
        file.execute("UPDATE payloads SET value = '\"sad\"' WHERE position = 4")
        file.commit()

    found = status(tmp_path / "reviews")

    assert "The log does not verify at position 4" in found.warnings[0]
    assert found.position is None
    assert found.items == 3
    assert "NO: see above" in repr(found)


def test_a_batch_that_is_gone_is_told(project: Project, tmp_path: Path) -> None:
    """Opened before it went, or not to be opened any more: both say which batch is missing."""
    (batch,) = (tmp_path / "reviews.annotate" / "prelabels").iterdir()
    batch.unlink()

    assert f"the batch {batch} named by the log is missing" in status(project).warnings[0]
    found = status(tmp_path / "reviews")
    assert f"the batch {batch} named by the log is missing" in found.warnings[0]
    assert "nothing that can be read" in repr(found)


def test_a_project_that_cannot_be_opened_is_told(project: Project, tmp_path: Path) -> None:
    """A damaged file is a warning with what to do, and the backups are named."""
    backup(project)
    project.log.close()
    path = tmp_path / "reviews.annotate" / "log.sqlite"
    path.write_bytes(b"\xff" * 5_000)

    found = status(tmp_path / "reviews")

    assert "cannot be read as a log" in found.warnings[0]
    assert f"Backups are in {tmp_path / 'reviews.backups'}: ja.restore(" in found.warnings[1]
    assert found.log_id == ""
    assert "place" in repr(found)


def test_a_project_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Nothing is made, and the sentence says so."""
    found = status(tmp_path / "nowhere")

    assert "There is no project in" in found.warnings[0]
    assert not (tmp_path / "nowhere.annotate").exists()


def test_an_address_is_shown_without_its_password() -> None:
    """Whatever stands in an address that cannot be opened, a secret in it is not repeated."""
    found = status("gopher://ada:geheim@host/reviews?password=geheim")

    assert found.location == "gopher://host/reviews"
    assert "geheim" not in repr(found)


# ------------------------------------------------------------------------------------- in depth


def test_a_healthy_project_is_healthy_in_depth(project: Project) -> None:
    """Nothing is found where nothing is wrong."""
    assert status(project, deep=True).warnings == []


def test_a_changed_batch_shows_in_depth(project: Project, tmp_path: Path) -> None:
    """The bytes of every batch are read and compared."""
    (batch,) = (tmp_path / "reviews.annotate" / "prelabels").iterdir()
    batch.write_bytes(batch.read_bytes()[:-1] + b"x")

    assert status(project).warnings == []
    assert "was changed: its digest is" in status(project, deep=True).warnings[0]


def test_a_damaged_index_shows_in_depth(project: Project, tmp_path: Path) -> None:
    """An index that lacks a row makes a resend count twice; SQLite finds it."""
    project.log.close()
    path = tmp_path / "reviews.annotate" / "log.sqlite"
    with closing(sqlite3.connect(path)) as file:
        ((page,),) = file.execute("SELECT rootpage FROM sqlite_schema WHERE name LIKE '%autoindex_events%'")
        ((size,),) = file.execute("PRAGMA page_size")
        ((event_id,),) = file.execute("SELECT event_id FROM events WHERE position = 4")
    data = bytearray(path.read_bytes())
    at = data.index(event_id.encode(), (page - 1) * size)
    data[at : at + 4] = b"zzzz"
    path.write_bytes(data)

    assert status(tmp_path / "reviews").warnings == []
    found = status(tmp_path / "reviews", deep=True).warnings
    assert "SQLite says of" in found[0]
    assert "missing from index" in found[0]


def test_answers_that_do_not_fit_show_in_depth() -> None:
    """An answer that went past the gate, and one to no item, are named; not more than a few of them."""
    project = Project.open(":memory:", schema=SCHEMA, items=ITEMS)
    wrong = [
        Event(kind=EventKind.ANSWER, annotator_id=f"p{n}", item_id="a", question="mood", value="meh")
        for n in range(8)
    ]
    lost = Event(kind=EventKind.ANSWER, annotator_id="ada", item_id="z", question="mood", value="glad")
    project.log.append([lost, *wrong])

    found = status(project, deep=True).warnings

    assert status(project).warnings == []
    assert found[0] == "There are answers to 'z', and no such item."
    assert "The answer of 'p0' on 'a' does not fit: 'meh' is no answer to 'mood'" in found[1]
    assert found[-1] == "And 4 more of this kind."


def test_the_plan_and_who_holds_what_are_told(tmp_path: Path) -> None:
    """How the items are shared, how far that is, and who holds how many."""
    items = {"item_id": ["a", "b", "c"], "text": ["1", "2", "3"]}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    with ja.Project.open(tmp_path / "x", schema=schema, items=items) as project:
        assert "hard cap" not in repr(ja.status(project))
        ja.distribute(project, overlap=1, quota=2)
        session = ja.Session(project, "ada")
        session.submit({"mood": "glad"})
        held = len(session.upcoming(9))
        found = ja.status(project)

    assert "each item by 1, hard cap, at most 2 for one annotator: 1 complete" in repr(found)
    assert f"held by ada {held}" in repr(found)
    assert found.leases["items"].to_list() == [held]
