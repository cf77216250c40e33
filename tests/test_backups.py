"""Backups: whole, verified, never fewer than before; and back from one to a project."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import stat
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_annotate import Choice, Project, Schema, Session, Text, backups, verify
from jupyter_annotate.backups import backup, backup_folder, find_backups, restore
from jupyter_annotate.errors import IntegrityError, NotSavedError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import store_copy
from jupyter_annotate.storage.lock import FileLock
from jupyter_annotate.storage.memory import MemoryLog

KILLS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000")) // 10
SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
ITEMS = {"item_id": ["a", "b"], "text": ["one", "two"]}


@pytest.fixture(params=["sqlite", "memory"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """Begin a project with an answer, an erased answer and a suggestion."""
    location: str | Path = tmp_path / "reviews" if request.param == "sqlite" else ":memory:"
    project = Project.open(location, schema=SCHEMA, items=ITEMS)
    project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="model")
    session = Session(project, annotator="ada")
    session.submit({"mood": "glad"})
    session.submit({"mood": "sad"})
    project.log.erase([4], annotator_id="ada", reason="asked to")
    session.submit({"mood": "glad"}, item_id="b")
    return project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where backups go."""
    return tmp_path / "kept"


def names(folder: Path) -> list[str]:
    """Return what is in a folder, the lock left out."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


# -------------------------------------------------------------------------------------- a backup


def test_a_backup_is_the_project(project: Project, folder: Path) -> None:
    """It opens as one: the same log id, rows, digests, salts, items and suggestions."""
    path = backup(project, folder)

    with Project.open(path, read_only=True) as copy:
        assert copy.log.log_id == project.log.log_id
        assert [*copy.log._rows(0, None)] == [*project.log._rows(0, None)]
        assert copy.items().collect().equals(project.items().collect())
        assert copy.prelabels().equals(project.prelabels())
        assert verify(copy).erased == 1
    assert names(folder) == [path.name]


def test_a_backup_can_be_labeled(project: Project, folder: Path) -> None:
    """Whoever has lost the project goes on in the copy."""
    with Project.open(backup(project, folder)) as copy:
        Session(copy, annotator="bea").submit({"mood": "glad"}, item_id="a")
        verify(copy)


def test_the_oldest_go_and_the_newest_stay(project: Project, folder: Path) -> None:
    """So many stay as were asked for, of this project only."""
    other = Project.open(":memory:", schema=SCHEMA, items=ITEMS)
    kept_by_other = backup(other, folder, keep=1)
    made = [backup(project, folder, keep=2) for _ in range(4)]

    assert names(folder) == sorted([kept_by_other.name, made[2].name, made[3].name])
    found = find_backups(folder, project.log.log_id)
    assert [each.path for each in found] == made[2:]
    assert found[0].position == project.log.head().position


def test_the_one_just_made_stays_though_the_clock_went_back(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup made under a clock that was set back is the newest all the same."""
    ahead = backup(project, folder, keep=1)
    past = SimpleNamespace(now=lambda zone: datetime.now(zone) - timedelta(days=900))
    monkeypatch.setattr(backups, "datetime", SimpleNamespace(**vars(past), strptime=datetime.strptime))

    made = backup(project, folder, keep=1)

    assert made.name < ahead.name
    assert names(folder) == [made.name]


def test_backups_lie_beside_the_project(tmp_path: Path) -> None:
    """Where nobody says otherwise, they are found next to the folder they are copies of."""
    with Project.open(tmp_path / "reviews", schema=SCHEMA) as project:
        path = backup(project)

    assert path.parent == tmp_path / "reviews.backups"
    assert path.name.startswith("reviews-2")


def test_a_project_without_a_folder_has_its_backups_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in memory or on a server is backed up below the user's own data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    log = MemoryLog()

    assert backup_folder(log) == tmp_path / "jupyter_annotate" / "backups" / log.log_id


@pytest.mark.parametrize("keep", [0, -1, True, 1.5, "3"])
def test_no_backup_at_all_is_not_kept(project: Project, folder: Path, keep: object) -> None:
    """To keep none is refused before anything happens."""
    with pytest.raises(StorageError, match="Expected keep=3 or another whole number"):
        backup(project, folder, keep=keep)  # type: ignore[arg-type]  # wrong on purpose

    assert not folder.exists()


def test_others_label_while_a_backup_is_made(tmp_path: Path, folder: Path) -> None:
    """Answers that are stored meanwhile wait for nothing long, and every backup verifies."""
    Project.open(tmp_path / "x", schema=SCHEMA, items=ITEMS).log.close()
    done = threading.Event()
    with Project.open(tmp_path / "x") as project, Project.open(tmp_path / "x") as other:

        def label() -> None:
            session = Session(other, annotator="bea")
            while not done.is_set():
                session.submit({"mood": "glad"}, item_id="a")

        labeling = threading.Thread(target=label)
        labeling.start()
        made = [backup(project, folder, keep=5) for _ in range(5)]
        done.set()
        labeling.join()
        positions = []
        for path in made:
            with Project.open(path, read_only=True) as copy:
                positions.append(verify(copy).head.position)

        assert positions == sorted(positions)
        assert verify(project).head.position >= positions[-1] > 2


def test_what_is_erased_while_rows_are_copied_is_erased_in_the_copy(folder: Path) -> None:
    """A copy made row by row replays what happened, so no payload comes back and none is missing."""
    project = Project.open(":memory:", schema=SCHEMA)
    log = project.log
    assert isinstance(log, MemoryLog)
    log.append([Event(kind=EventKind.COMMENT, annotator_id="ada", value=f"secret {n}") for n in range(50)])
    read = log._rows
    asked = []

    def erase_meanwhile(after: int, until: int | None) -> object:
        asked.append(after)
        rows = [row for chunk in read(after, until) for row in chunk]
        if len(asked) == 1:
            log.erase([10, 20], annotator_id="ada", reason="asked to")
            rows = [*rows[:15], *(row for chunk in read(15, 40) for row in chunk)]
        yield rows

    log._rows = erase_meanwhile  # type: ignore[method-assign, assignment]  # a reader in the middle
    path = backup(project, folder)

    with Project.open(path, read_only=True) as copy:
        assert verify(copy).erased == 2
        assert copy.events()["value"].null_count() == 2
    assert len(asked) > 1


# ------------------------------------------------------------------------------- what goes wrong


def test_a_damaged_project_makes_no_backup(project: Project, folder: Path) -> None:
    """A batch that was changed is named, and the backups that are there stay."""
    kept = backup(project, folder, keep=1)
    items = project._store.items
    if hasattr(items, "_folder"):
        (path,) = items._folder.iterdir()
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    else:
        items._frames.clear()  # type: ignore[attr-defined]  # in memory

    with pytest.raises(IntegrityError, match=r"was changed|missing"):
        backup(project, folder, keep=1)

    assert names(folder) == [kept.name]


def test_where_there_is_no_room_earlier_backups_stay(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says where and why, and nothing half made is left."""
    kept = backup(project, folder, keep=1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_copy, "_copy_batches", full)
    with pytest.raises(NotSavedError, match=r"no backup was made in .*kept.*No space left.*Make room there"):
        backup(project, folder, keep=1)

    assert names(folder) == [kept.name]


def test_a_file_in_the_way_is_named(project: Project, folder: Path) -> None:
    """Where the folder should be there is a file; it stays."""
    folder.write_text("mine")

    with pytest.raises(NotSavedError, match="no backup was made"):
        backup(project, folder)

    assert folder.read_text() == "mine"


def test_two_backups_are_made_one_after_the_other(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process makes one, this one waits, and says so when it waited too long."""
    monkeypatch.setattr(backups, "_PATIENCE", 0.05)
    folder.mkdir()
    with FileLock(folder / ".lock"), pytest.raises(NotSavedError, match="another process has kept the lock"):
        backup(project, folder)

    assert names(folder) == []


def test_who_may_not_see_everything_makes_no_backup(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy without the payloads others keep from this reader would be none."""
    monkeypatch.setattr(type(project.log), "hidden", {"answer"})

    with pytest.raises(StorageError, match=r"keeps answers from you.*Ask somebody who leads"):
        backup(project, folder)


PROGRAM = """
from jupyter_annotate import Project
from jupyter_annotate.backups import backup
project = Project.open({project!r})
print("x", file=open({ready!r}, "w"), flush=True)
while True:
    backup(project, {folder!r}, keep=2)
"""


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_killed_in_the_middle_no_backup_is_half_and_none_is_lost(tmp_path: Path, folder: Path) -> None:
    """Whenever the process dies, the backups that are there verify, and there are as many as before."""
    draw = random.Random(13)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["jupyter_annotate.project"])
    project = Project.open(tmp_path / "x", schema=SCHEMA, items=ITEMS)
    session = Session(project, annotator="ada")
    first = time.perf_counter()
    for _ in range(2):
        backup(project, folder, keep=2)
    seconds = time.perf_counter() - first
    drafts = 0
    for number in range(KILLS):
        session.submit({"mood": "glad"}, item_id="a")
        program = PROGRAM.format(
            project=str(tmp_path / "x"), folder=str(folder), ready=str(tmp_path / "ready")
        )
        child = processes.Process(target=exec, args=(program, {}))
        _kill_at_work(child, tmp_path / "ready", draw.uniform(0, seconds))
        found = find_backups(folder, project.log.log_id)
        assert len(found) >= 2
        for each in found if number % 10 == 0 else found[-1:]:
            with Project.open(each.path, read_only=True) as copy:
                assert verify(copy).head.position >= each.position
        drafts += len(names(folder)) > len(found)
    backup(project, folder, keep=2)

    assert drafts > KILLS // 20
    assert len(names(folder)) == 2
    project.log.close()


def _kill_at_work(child: multiprocessing.process.BaseProcess, ready: Path, delay: float) -> None:
    """Start a process and kill it so long after it was ready."""
    ready.unlink(missing_ok=True)
    child.start()
    while not ready.exists():
        child.join(0.001)
        assert child.is_alive()
    time.sleep(delay)
    child.kill()
    child.join()


# ------------------------------------------------------------------------------------- and back


def test_a_project_comes_back_from_its_backup(project: Project, folder: Path, tmp_path: Path) -> None:
    """Damaged, moved aside and restored, it goes on where the backup was made."""
    path = backup(project, folder)

    place = restore(path, tmp_path / "again")

    assert place == tmp_path / "again.annotate"
    with Project.open(place) as again:
        assert again.log.head() == project.log.head()
        assert again.events().equals(project.events())
        assert Session(again, annotator="ada").progress()["done"] == 1
    assert names(folder) == [path.name]


def test_nothing_is_restored_over_a_project(project: Project, folder: Path, tmp_path: Path) -> None:
    """What stands in the place of the project to be is left alone."""
    path = backup(project, folder)
    (tmp_path / "there.annotate").mkdir()

    with pytest.raises(StorageError, match=r"There is something at .*there\.annotate already"):
        restore(path, tmp_path / "there")


def test_a_damaged_backup_is_not_restored(project: Project, folder: Path, tmp_path: Path) -> None:
    """It says what is damaged, and makes nothing."""
    path = backup(project, folder)
    (batch,) = (path / "items").iterdir()
    batch.write_bytes(b"something else")

    with pytest.raises(IntegrityError, match="was changed"):
        restore(path, tmp_path / "again")

    assert not list(tmp_path.glob("*again*"))


def test_a_backup_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The sentence says that there is no project to copy."""
    with pytest.raises(StorageError, match=r"no project in .*nowhere"):
        restore(tmp_path / "nowhere", tmp_path / "again")


# -------------------------------------------------------------------------------------- a group


def test_backups_in_a_group_folder_are_the_groups(tmp_path: Path) -> None:
    """Whoever may write to the project may read, use and remove its backups, whatever the umask."""
    group = tmp_path / "group"
    group.mkdir()
    group.chmod(0o2770)
    before = os.umask(0o077)
    try:
        with Project.open(group / "x", schema=SCHEMA, items=ITEMS) as project:
            path = backup(project)
    finally:
        os.umask(before)

    modes = {each: each.stat().st_mode for each in (path.parent, path, *path.rglob("*"))}
    assert all(mode & 0o2070 == 0o2070 for each, mode in modes.items() if each.is_dir())
    assert {stat.S_IMODE(mode) for each, mode in modes.items() if each.is_file()} == {0o660}
    shutil.rmtree(path)
