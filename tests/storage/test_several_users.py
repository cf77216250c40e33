"""One folder, several Unix users: what one makes the others of the group can use, mend and remove."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_annotate import Project, verify

pytestmark = pytest.mark.faults

GROUP, ADA, BEA, STRANGER = 31_000, 31_001, 31_002, 31_003

#: Python's own folder may be closed to these users: what is imported on first use is imported before.
WARM_UP = """
import os, sys, sqlite3, tempfile
import jupyter_annotate as ja
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
with tempfile.TemporaryDirectory() as folder:
    with ja.Project.open(folder + "/x", schema=schema, items={"item_id": ["a"], "text": ["one"]}) as project:
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="model")
        ja.Session(project, annotator="ada").submit({"mood": "glad"})
        ja.verify(project), ja.backup(project), project.annotations(), project.prelabels()
"""
BEGIN = """
import jupyter_annotate as ja
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
items = {"item_id": ["a", "b"], "text": ["one", "two"]}
project = ja.Project.open(sys.argv[1], schema=schema, items=items)
project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="model")
ja.Session(project, annotator="ada").submit({"mood": "glad"})
"""
ADD = """
import jupyter_annotate as ja
project = ja.Project.open(sys.argv[1])
project.add_items({"item_id": [who], "text": ["new"]})
project.add_prelabels({"item_id": [who], "value": ["sad"]}, source=who)
ja.Session(project, annotator=who).submit({"mood": "sad"}, item_id="a")
print(len(project.table), len(project.annotations()))
"""
READ = """
import jupyter_annotate as ja
with ja.Project.open(sys.argv[1], read_only=True) as project:
    print(len(project.table), ja.verify(project).head.position)
"""
BACKUP = """
import jupyter_annotate as ja
with ja.Project.open(sys.argv[1], read_only=True) as project:
    print(ja.backup(project, keep=1).name)
"""
KILLED = """
import os, signal, sqlite3
file = sqlite3.connect(sys.argv[1] + "/log.sqlite", isolation_level=None)
file.execute("PRAGMA cache_size=2")
file.execute("BEGIN IMMEDIATE")
for n in range(2000):
    file.execute("INSERT INTO meta VALUES (?, ?)", (f"junk {n}", "x" * 500))
os.kill(os.getpid(), signal.SIGKILL)
"""


def become(user: int, program: str, place: Path, *, group: int = GROUP) -> subprocess.CompletedProcess[str]:
    """Run a program as another user of a group, with a umask that shares nothing."""
    begin = WARM_UP + (
        f"os.setgroups([{group}]); os.setgid({user}); os.setuid({user}); os.umask(0o077)\n"
        f"who = 'user {user}'\n"
        "os.environ['HOME'] = '/nonexistent'\n"
    )
    command = [sys.executable, "-c", begin + program, str(place)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def output(user: int, program: str, place: Path) -> str:
    """Run a program that must succeed and return what it printed."""
    done = become(user, program, place)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.strip()


@pytest.fixture
def shared() -> Iterator[Path]:
    """Make a folder of a group: setgid, not sticky; not below pytest's own, which others may not enter."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    with tempfile.TemporaryDirectory() as around:
        Path(around).chmod(0o755)
        folder = Path(around) / "shared"
        folder.mkdir()
        os.chown(folder, 0, GROUP)
        folder.chmod(0o2770)
        yield folder


def closed_to_the_group(folder: Path) -> list[str]:
    """Return what below a folder the group could not use."""
    needed = {True: stat.S_ISGID | stat.S_IRWXG, False: stat.S_IRGRP | stat.S_IWGRP}
    found = ((path, path.stat()) for path in folder.rglob("*"))
    return [
        f"{path.name} {state.st_mode:o} {state.st_gid}"
        for path, state in found
        if state.st_gid != GROUP or state.st_mode & needed[path.is_dir()] != needed[path.is_dir()]
    ]


def test_two_users_label_one_project(shared: Path) -> None:
    """Each adds items, suggestions and answers to what the other began, in turns."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)

    assert output(BEA, ADD, place) == "3 2"
    assert output(ADA, ADD, place) == "4 3"
    assert closed_to_the_group(shared) == []
    assert {path.stat().st_uid for path in (place / "items").iterdir()} == {ADA, BEA}
    with Project.open(place, read_only=True) as project:
        verify(project)


def test_what_a_killed_user_left_the_other_mends(shared: Path) -> None:
    """The journal of a writer killed in the middle is played back by whoever comes next."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)
    assert become(ADA, KILLED, place).returncode == -9
    assert (place / "log.sqlite-journal").exists()
    assert closed_to_the_group(shared) == []

    assert output(BEA, ADD, place) == "3 2"
    with Project.open(place, read_only=True) as project:
        verify(project)


def test_backups_are_made_and_removed_by_either(shared: Path) -> None:
    """The backup of the one is readable for the other, and makes room for the next."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)
    first = shared / "reviews.backups" / output(ADA, BACKUP, place)
    assert closed_to_the_group(shared) == []
    assert output(BEA, READ, first) == "2 4"

    second = output(BEA, BACKUP, place)

    assert closed_to_the_group(shared) == []
    assert [path.name for path in (shared / "reviews.backups").iterdir() if path.name != ".lock"] == [second]


def test_an_earlier_format_is_brought_up_to_date_by_either(shared: Path) -> None:
    """A log that the one began is migrated by the other, and both go on."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)
    backwards = (
        "import sqlite3\n"
        "with sqlite3.connect(sys.argv[1] + '/log.sqlite') as file:\n"
        "    file.execute('ALTER TABLE head DROP COLUMN at')\n"
        "    file.execute('PRAGMA user_version=1')\n"
    )
    output(ADA, backwards, place)

    assert output(BEA, ADD, place) == "3 2"
    assert output(ADA, ADD, place) == "4 3"
    assert (place / "log.sqlite.format-1").stat().st_uid == BEA
    assert closed_to_the_group(shared) == []


def test_a_sticky_folder_is_refused_for_a_second_user(shared: Path) -> None:
    """There nobody could mend what the other's killed kernel left; the sentence says what to run."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)
    place.chmod(0o3770)

    told = become(BEA, ADD, place).stderr.strip().splitlines()[-1]

    assert "is sticky (mode 3770) and the log is of another user" in told
    assert f"Run chmod -t {place}" in told
    assert output(BEA, READ, place) == "2 4"
    assert output(ADA, ADD, place) == "3 2"
    place.chmod(0o2770)
    assert output(BEA, ADD, place) == "4 3"


def test_a_stranger_is_told_what_to_ask_for(shared: Path) -> None:
    """Whoever is not in the group reads nothing, and learns that it is a matter of permission."""
    place = shared / "reviews.annotate"
    output(ADA, BEGIN, place)

    told = become(STRANGER, READ, place, group=STRANGER)

    assert told.returncode == 1
    assert "Permission" in told.stderr.strip().splitlines()[-1] or "permission" in told.stderr
