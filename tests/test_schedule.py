"""Backups on a schedule: looked at when a project is opened and while it is labeled."""

from __future__ import annotations

import json
import stat
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jupyter_annotate import Choice, Project, Schema, Session, Text, schedule
from jupyter_annotate.backups import find_backups
from jupyter_annotate.errors import BackupWarning, NotSavedError, StorageError
from jupyter_annotate.schedule import Schedule, backup_every, run_due, schedule_of
from jupyter_annotate.storage.lock import FileLock

SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
ITEMS = {"item_id": ["a", "b"], "text": ["one", "two"]}


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the schedules of the test apart, and let every look count."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr(schedule, "_LOOK_EVERY", 0.0)
    return tmp_path / "config" / "backups.json"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Begin a project."""
    return Project.open(tmp_path / "x", schema=SCHEMA, items=ITEMS)


def found(project: Project, folder: Path) -> int:
    """Wait for the backup under way, if there is one, and count those that are there."""
    work = schedule._at_work.get(project.log.log_id)
    if work is not None:
        work.join()
    return len(find_backups(folder, project.log.log_id))


def label(project: Project) -> None:
    """Give an answer."""
    Session(project, annotator="ada").submit({"mood": "glad"}, item_id="a")


def age(folder: Path, hours: float) -> None:
    """Make every backup in a folder so much older."""
    for path in folder.glob("*.annotate"):
        stem, at, *rest = path.name.split("-")
        earlier = datetime.strptime(at, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC) - timedelta(hours=hours)
        path.rename(path.with_name("-".join([stem, earlier.strftime("%Y%m%dT%H%M%S%fZ"), *rest])))


def test_the_first_backup_is_made_at_once(project: Project, tmp_path: Path) -> None:
    """Whoever sets a schedule has a backup from then on."""
    backup_every(project, hours=2, folder=tmp_path / "kept", keep=2)

    assert found(project, tmp_path / "kept") == 1


def test_opening_a_project_makes_the_backup_that_is_due(project: Project, tmp_path: Path) -> None:
    """The schedule is looked at whenever the project is opened for writing, and only then."""
    kept = tmp_path / "kept"
    backup_every(project, hours=24, folder=kept)
    assert found(project, kept) == 1
    label(project)
    age(kept, hours=25)

    with Project.open(tmp_path / "x", read_only=True) as reader:
        assert found(reader, kept) == 1
    with Project.open(tmp_path / "x") as again:
        assert found(again, kept) == 2


def test_a_backup_is_due_when_it_is_old_and_something_happened(project: Project, tmp_path: Path) -> None:
    """A project nobody touched needs no other backup, and a fresh one serves for a while."""
    kept = tmp_path / "kept"
    backup_every(project, hours=24, folder=kept)
    assert found(project, kept) == 1

    age(kept, hours=23)
    label(project)
    assert run_due(project) is None
    age(kept, hours=2)
    assert run_due(project) is not None
    assert found(project, kept) == 2
    age(kept, hours=100)
    assert run_due(project) is None


def test_a_backup_from_a_time_to_come_stops_no_other(project: Project, tmp_path: Path) -> None:
    """Made while the clock was years ahead, it does not keep the schedule waiting for years."""
    kept = tmp_path / "kept"
    backup_every(project, hours=24, folder=kept)
    assert found(project, kept) == 1
    age(kept, hours=-20_000)
    label(project)

    assert schedule_of(project.log.log_id) == Schedule(24.0, str(kept), 3)
    assert run_due(project) is not None
    assert found(project, kept) == 2


def test_without_a_schedule_nothing_is_made(project: Project, config: Path) -> None:
    """Nobody who has not asked for backups finds any."""
    assert run_due(project) is None
    assert not config.exists()


def test_a_schedule_can_be_ended(project: Project, tmp_path: Path, config: Path) -> None:
    """With hours=None there are no more backups; those that were made stay."""
    kept = tmp_path / "kept"
    backup_every(project, hours=1, folder=kept)
    assert found(project, kept) == 1
    backup_every(project, hours=None)
    label(project)
    age(kept, hours=5)

    assert run_due(project) is None
    assert found(project, kept) == 1
    assert json.loads(config.read_text()) == {}


def test_the_schedule_is_the_users_own(project: Project, tmp_path: Path, config: Path) -> None:
    """It stands in one file with those of other projects, for nobody else to read."""
    other = Project.open(":memory:", schema=SCHEMA)
    backup_every(other, hours=3, folder=tmp_path / "others")
    backup_every(project, hours=0.5, folder=tmp_path / "kept", keep=7)

    assert schedule_of(project.log.log_id) == Schedule(0.5, str(tmp_path / "kept"), 7)
    assert schedule_of(other.log.log_id) == Schedule(3.0, str(tmp_path / "others"), 3)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    found(project, tmp_path / "kept")
    found(other, tmp_path / "others")


def test_looking_again_within_a_minute_costs_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A widget may ask on every tick."""
    kept = tmp_path / "kept"
    backup_every(project, hours=24, folder=kept)
    assert found(project, kept) == 1
    monkeypatch.setattr(schedule, "_LOOK_EVERY", 60.0)
    run_due(project)

    def fail(_: str) -> None:
        raise AssertionError

    monkeypatch.setattr(schedule, "schedule_of", fail)
    start = time.perf_counter()
    for _ in range(10_000):
        assert run_due(project) is None
    assert time.perf_counter() - start < 1


def test_a_backup_that_fails_is_told_and_stops_nobody(project: Project, tmp_path: Path) -> None:
    """The warning says why and what to do; the answer is stored, and the next attempt comes in an hour."""
    (tmp_path / "file").write_text("no folder")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        backup_every(project, hours=1, folder=tmp_path / "file")
        found(project, tmp_path / "file")
    label(project)

    (warning,) = [each for each in told if each.category is BackupWarning]
    assert "was not backed up: Not saved: no backup was made" in str(warning.message)
    assert "Labeling goes on" in str(warning.message)
    assert run_due(project) is None
    assert schedule._next_look[project.log.log_id] > time.monotonic() + 3000
    assert len(project.annotations()) == 1


def test_a_file_of_schedules_that_is_damaged_stops_nobody(
    project: Project, tmp_path: Path, config: Path
) -> None:
    """It is named in a warning when the project is opened, and in an error where a schedule is set."""
    config.parent.mkdir()
    config.write_text("{")

    with pytest.warns(BackupWarning, match=r"cannot be read as schedules.*Mend or remove it"):
        run_due(project)
    with pytest.raises(NotSavedError, match=r"schedule was not kept.*Look at"):
        backup_every(project, hours=1, folder=tmp_path / "kept")
    with pytest.raises(StorageError, match="cannot be read as schedules"):
        schedule_of(project.log.log_id)
    config.write_text(json.dumps({project.log.log_id: {"days": 3}}))
    with pytest.raises(StorageError, match="cannot be read as schedules"):
        schedule_of(project.log.log_id)


@pytest.mark.parametrize("hours", [0, -1, True, "24", float("nan"), float("inf")])
def test_a_span_that_cannot_be_meant_is_refused(project: Project, hours: object, config: Path) -> None:
    """The sentence shows what would do."""
    with pytest.raises(StorageError, match="Expected hours=24 or another number above 0"):
        backup_every(project, hours=hours)  # type: ignore[arg-type]  # wrong on purpose

    assert not config.exists()


def test_one_backup_at_a_time(project: Project, tmp_path: Path) -> None:
    """While one is being made, here or in another process, no second one begins."""
    kept = tmp_path / "kept"
    kept.mkdir()
    with FileLock(kept / ".lock"):
        backup_every(project, hours=1, folder=kept)
        work = schedule._at_work[project.log.log_id]
        assert run_due(project) is work
        assert find_backups(kept, project.log.log_id) == []

    assert found(project, kept) == 1
