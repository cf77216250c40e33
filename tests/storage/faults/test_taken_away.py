"""The log may not be written to, or is taken away: a sentence, nothing acknowledged, and reading goes on."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_annotate.errors import NotSavedError, StorageError
from tests.storage.faults.mounts import Share, shared
from tests.storage.faults.places import Place, answers, in_every_place

_ROOT = Path(__file__).resolve().parents[3]
_AS_SOMEBODY_ELSE = """
import os, sys
from pathlib import Path
from jupyter_annotate.errors import StorageError
from tests.storage.faults.places import PLACES, answers
place, folder = PLACES[sys.argv[1]], Path(sys.argv[2])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with place.open(folder, False) as log:
        log.append(answers("b"))
    print("WRITTEN")
except StorageError as error:
    print(error)
with place.open(folder, True) as log:
    print(log.read()["event_id"].to_list(), log.verify().head.position)
"""


@pytest.fixture
def folder(place: Place, tmp_path: Path) -> Path:
    """Make a log with two events."""
    folder = tmp_path / "reviews.annotate"
    with place.open(folder, False) as log:
        log.append(answers("a"))
    return folder


@pytest.fixture
def share(folder: Path) -> Iterator[Share]:
    """Show the log in a place that can be made read-only."""
    with shared(folder, folder.with_name("shared.annotate")) as share:
        yield share


def readable(place: Place, folder: Path) -> None:
    """Expect that the two events can be read."""
    with place.open(folder, True) as log:
        assert log.read()["event_id"].to_list() == ["a.0.2", "a.1.2"]
        assert log.verify().head.position == 2


@in_every_place
def test_a_read_only_mount(place: Place, share: Share) -> None:
    """On a read-only mount opening to write says what to do; opening to read works."""
    share.allow_writing(allowed=False)
    with pytest.raises(StorageError, match=r"may not be written to.*read_only=True"):
        place.open(share.folder, False)
    readable(place, share.folder)


@in_every_place
def test_a_mount_that_becomes_read_only(place: Place, share: Share) -> None:
    """The disk becomes read-only while the log is open: refused, read on, and later it goes on."""
    with place.open(share.folder, False) as log:
        share.allow_writing(allowed=False)
        for _ in range(2):
            with pytest.raises(
                NotSavedError, match="It may not be written to: ask for the permission"
            ) as caught:
                log.append(answers("b"))
            assert str(share.folder) in str(caught.value)
        assert len(log.read()) == 2
        readable(place, share.folder)
        share.allow_writing(allowed=True)
        assert log.append(answers("b")) == [3, 4]
        assert log.verify().head.position == 4


def _told_somebody_else(place: Place, folder: Path) -> list[str]:
    """Return what another Unix user is told who writes and then reads."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    for each in (folder, *folder.parents):
        each.chmod(each.stat().st_mode | stat.S_IXOTH)
    command = [sys.executable, "-c", _AS_SOMEBODY_ELSE, place.name, str(folder)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _let_others(folder: Path, *, files: int, folders: int) -> None:
    for each in (folder, *folder.rglob("*")):
        each.chmod(folders if each.is_dir() else files)


_READ = ["['a.0.2', 'a.1.2'] 2"]


@in_every_place
def test_files_that_may_only_be_read(place: Place, folder: Path) -> None:
    """The folder is everybody's, its files are not: somebody else is told, and reads."""
    _let_others(folder, files=0o644, folders=0o755)
    folder.chmod(0o777)
    sentence, *read = _told_somebody_else(place, folder)
    assert "may not be written to" in sentence
    assert read == _READ


@in_every_place
def test_a_folder_that_may_only_be_read(place: Place, folder: Path) -> None:
    """The files are everybody's, the folder is not: somebody else is told, and reads."""
    _let_others(folder, files=0o666, folders=0o755)
    sentence, *read = _told_somebody_else(place, folder)
    assert "may not be written to" in sentence
    assert read == _READ


@in_every_place
def test_a_folder_that_is_deleted(place: Place, folder: Path) -> None:
    """The folder is deleted while it is open: nothing is acknowledged, and it is not begun anew."""
    with place.open(folder, False) as log:
        log.append(answers("b"))
        shutil.rmtree(folder)
        for _ in range(2):
            with pytest.raises(NotSavedError, match=r"moved, replaced or removed while it was open.*"):
                log.append(answers("c"))
    assert not folder.exists()


@in_every_place
def test_a_folder_that_is_deleted_and_begun_anew(place: Place, folder: Path) -> None:
    """Somebody deletes the folder and begins another log there: ours does not write into theirs."""
    with place.open(folder, False) as log:
        shutil.rmtree(folder)
        place.open(folder, False).close()
        for _ in range(2):
            with pytest.raises(StorageError, match="replaced"):
                log.append(answers("c"))
    with place.open(folder, True) as other:
        assert other.head().position == 0


@in_every_place
def test_a_folder_that_is_moved_and_comes_back(place: Place, folder: Path) -> None:
    """What is moved away takes no answers; put back, it goes on where it was."""
    with place.open(folder, False) as log:
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(NotSavedError, match="moved, replaced or removed while it was open"):
            log.append(answers("b"))
        folder.with_name("elsewhere").rename(folder)
        assert log.append(answers("b")) == [3, 4]
        assert log.verify().head.position == 4


@in_every_place
def test_a_file_that_is_replaced_by_a_picture(place: Place, folder: Path) -> None:
    """Where the log was there is something else: it is neither written to nor read as a log."""
    with place.open(folder, False) as log:
        newest = place.newest(folder)
        newest.unlink()
        newest.write_bytes(b"\xff\xd8\xff\xe0 a picture" * 300)
        with pytest.raises(StorageError, match=r".{20}"):
            log.append(answers("b"))
        with pytest.raises(StorageError):
            log.verify()
    assert newest.read_bytes() == b"\xff\xd8\xff\xe0 a picture" * 300
