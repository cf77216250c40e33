"""Logs of an earlier format: read as they are, brought up to date when they are opened to be written to."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import pytest

from jupyter_annotate import Choice, Project, Schema, Text
from jupyter_annotate.errors import NotSavedError, StorageError
from jupyter_annotate.events import Event, EventKind, commitment, genesis
from jupyter_annotate.storage import sqlite_migration
from jupyter_annotate.storage.rows import Head, Row, linked
from jupyter_annotate.storage.sqlite import SqliteLog
from jupyter_annotate.storage.sqlite_file import FORMAT

KILLS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000")) // 5
LOG_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
COPY = "log.sqlite.format-1"

#: As released with format 1, word for word.
TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE head(one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE events(
  position INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, kind TEXT NOT NULL,
  annotator_id TEXT NOT NULL, annotator_kind TEXT NOT NULL, item_id TEXT NOT NULL, question TEXT NOT NULL,
  schema TEXT NOT NULL, "commit" TEXT NOT NULL, digest TEXT NOT NULL);
CREATE TABLE payloads(
  position INTEGER PRIMARY KEY REFERENCES events(position),
  value TEXT NOT NULL, context TEXT NOT NULL, salt BLOB NOT NULL);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER payloads_stay BEFORE UPDATE ON payloads
BEGIN SELECT RAISE(ABORT, 'payloads never change'); END;
CREATE TRIGGER payloads_last BEFORE DELETE ON payloads WHEN NOT EXISTS (
  SELECT 1 FROM payloads AS p JOIN events AS e USING (position), json_each(p.value, '$.positions') AS named
  WHERE e.position = (SELECT position FROM head) AND e.kind = 'erase' AND named.value = OLD.position)
BEGIN SELECT RAISE(ABORT, 'only an erase event deletes payloads'); END;
"""


def row(n: int, at: int, *, kind: str = "comment", value: str = '"x"') -> Row:
    """Make an event as format 1 stored it, before it has its place."""
    salt = n.to_bytes(16, "big")
    commit = commitment(salt, value, "null")
    who, item = ("", "") if kind == "schema" else ("ada", "1")
    question = "mood" if kind == "answer" else ""
    return Row(0, f"event {n}", at, kind, who, "human", item, question, "", commit, "", value, "null", salt)


def write_format_1(folder: Path, drafts: Sequence[Row]) -> None:
    """Write a log as the first format had it: its head knows no time."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = linked(drafts, Head(0, genesis(LOG_ID)), 1)
    with closing(sqlite3.connect(folder / "log.sqlite", isolation_level=None)) as file:
        file.executescript(f"BEGIN; {TABLES}")
        file.execute("INSERT INTO meta VALUES ('log_id', ?)", (LOG_ID,))
        file.execute("INSERT INTO head VALUES (1, 0, ?)", (genesis(LOG_ID),))
        for each in rows:
            stored = astuple(each)[:11]
            file.execute(f"INSERT INTO events VALUES ({','.join('?' * 11)})", stored)
            payload = (each.position, each.value, each.context, each.salt)
            file.execute("INSERT INTO payloads VALUES (?,?,?,?)", payload)
            file.execute("UPDATE head SET position = ?, digest = ?", (each.position, each.digest))
        file.execute("PRAGMA application_id=1784770097")
        file.execute("PRAGMA user_version=1")
        file.execute("COMMIT")


def format_of(path: Path) -> tuple[int, list[str]]:
    """Return the number in the file and the columns of its head."""
    with closing(sqlite3.connect(path)) as file:
        ((number,),) = file.execute("PRAGMA user_version").fetchall()
        return number, [column for _, column, *_ in file.execute("PRAGMA table_info(head)")]


def is_whole(path: Path) -> bool:
    """Tell whether number and columns belong to one format."""
    number, columns = format_of(path)
    return ("at" in columns) == (number == FORMAT) and number in {1, FORMAT}


def test_an_earlier_format_is_brought_up_to_date(tmp_path: Path) -> None:
    """Opened to be written to, it verifies as before and goes on; a copy as it was stays beside it."""
    write_format_1(tmp_path, [row(n, 1_000 + n) for n in range(20)])

    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == 20
        assert log.append([Event(kind=EventKind.COMMENT, value="new")]) == [21]

    assert format_of(tmp_path / "log.sqlite") == (FORMAT, ["one", "position", "digest", "at"])
    assert format_of(tmp_path / COPY) == (1, ["one", "position", "digest"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.sqlite", COPY, "log.sqlite.lock"]


def test_the_copy_made_first_is_a_log(tmp_path: Path) -> None:
    """Put in the place of the log it is read, whole."""
    write_format_1(tmp_path / "x", [row(n, 1_000 + n) for n in range(20)])
    SqliteLog(tmp_path / "x").close()
    (tmp_path / "y").mkdir()
    (tmp_path / "x" / COPY).rename(tmp_path / "y" / "log.sqlite")

    with SqliteLog(tmp_path / "y", read_only=True) as log:
        assert log.verify().head.position == 20
        assert log.log_id == LOG_ID


def test_the_greatest_time_counts_where_the_clock_went_back(tmp_path: Path) -> None:
    """What is stored afterwards is later than all before, also than an event from a clock that was ahead."""
    ahead = time.time_ns() // 1000 + 3_600_000_000
    write_format_1(tmp_path, [row(1, ahead), row(2, 5_000), row(3, 4_000)])

    with SqliteLog(tmp_path) as log:
        log.append([Event(kind=EventKind.COMMENT, value="new")])
        assert log.read()["at"].dt.epoch("us").to_list() == [ahead, 5_000, 4_000, ahead + 1]
        assert log.verify().head.position == 4


def test_an_empty_log_is_brought_up_to_date(tmp_path: Path) -> None:
    """A project that was begun and never used is no special case."""
    write_format_1(tmp_path, [])

    with SqliteLog(tmp_path) as log:
        assert log.append([Event(kind=EventKind.COMMENT)]) == [1]


def test_the_current_answer_stays_the_one_given_last(tmp_path: Path) -> None:
    """Where the clock went back the later answer of the old log still counts, before and after."""
    schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    begun = row(1, 1_000, kind="schema", value=schema_json(schema))
    answers = [row(2, 9_000, kind="answer", value='"glad"'), row(3, 5_000, kind="answer", value='"sad"')]
    write_format_1(tmp_path / "x.annotate", [begun, *answers])

    with Project.open(tmp_path / "x", read_only=True) as project:
        assert project.annotations()["value"].to_list() == ['"sad"']
    with Project.open(tmp_path / "x") as project:
        assert project.annotations()["value"].to_list() == ['"sad"']
        project.log.erase([2], annotator_id="ada", reason="asked to")
        assert project.annotations()["value"].to_list() == ['"sad"']


def schema_json(schema: Schema) -> str:
    """Return a schema as the log stores it."""
    with Project.open(":memory:", schema=schema) as project:
        text: str = project.events()["value"][0]
    return text


def test_reading_migrates_nothing(tmp_path: Path) -> None:
    """Opened read-only an earlier format is read as it is, and not a byte changes."""
    write_format_1(tmp_path, [row(n, 1_000 + n) for n in range(5)])
    before = (tmp_path / "log.sqlite").read_bytes()

    with SqliteLog(tmp_path, read_only=True) as log:
        assert log.verify().head.position == 5
        assert len(log.read()) == 5
        with pytest.raises(NotSavedError, match="read-only"):
            log.append([Event(kind=EventKind.COMMENT)])

    assert [p.name for p in tmp_path.iterdir()] == ["log.sqlite"]
    assert (tmp_path / "log.sqlite").read_bytes() == before


def test_an_earlier_format_put_in_place_of_an_open_log_is_named(tmp_path: Path) -> None:
    """A backup of an earlier format put under an open project takes no answer until that is opened again."""
    write_format_1(tmp_path / "old", [row(1, 1_000)])
    shutil.copytree(tmp_path / "old", tmp_path / "x")
    log = SqliteLog(tmp_path / "x")
    log.close()
    (tmp_path / "old" / "log.sqlite").replace(tmp_path / "x" / "log.sqlite")

    with pytest.raises(StorageError, match=r"earlier format.*Open the project again"):
        log.append([Event(kind=EventKind.COMMENT)])

    with SqliteLog(tmp_path / "x") as again:
        assert again.append([Event(kind=EventKind.COMMENT)]) == [2]


def test_two_kernels_open_an_earlier_format_at_once(tmp_path: Path) -> None:
    """One brings it up to date, the others find it done; each of them goes on writing."""
    write_format_1(tmp_path, [row(n, 1_000 + n) for n in range(500)])
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from jupyter_annotate.events import Event, EventKind\n"
        "from jupyter_annotate.storage.sqlite import SqliteLog\n"
        "sys.stdin.readline()\n"
        "with SqliteLog(Path(sys.argv[1])) as log:\n"
        "    log.append([Event(kind=EventKind.COMMENT, value='new')])\n"
    )
    kernels = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE)
        for _ in range(3)
    ]
    for kernel in kernels:
        kernel.communicate(b"\n", timeout=60)

    assert [kernel.returncode for kernel in kernels] == [0, 0, 0]
    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == 503


@pytest.mark.faults
def test_nothing_changes_where_there_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the copy cannot be made, the log stays in its format and the sentence says why."""
    write_format_1(tmp_path, [row(1, 1_000)])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_migration, "copy_file", fail)
        with pytest.raises(NotSavedError, match="The disk is full"):
            SqliteLog(tmp_path)

    assert format_of(tmp_path / "log.sqlite")[0] == 1
    SqliteLog(tmp_path).close()
    assert format_of(tmp_path / "log.sqlite")[0] == FORMAT


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_killed_in_the_middle_it_is_old_or_new(tmp_path: Path) -> None:
    """Whenever the kernel dies, the file is of one format, opens, verifies and holds every event."""
    draw = random.Random(11)
    template = tmp_path / "template"
    write_format_1(template, [row(n, 1_000 + n) for n in range(300)])
    seconds = _seconds_to_open(template, tmp_path / "timed")
    found = set()
    for number in range(KILLS):
        folder = tmp_path / f"{number}"
        shutil.copytree(template, folder)
        _open_and_be_killed(folder, draw.uniform(0, 1.2 * seconds))
        with SqliteLog(folder, read_only=True) as log:
            assert log.verify().head.position == 300
        assert is_whole(folder / "log.sqlite")
        found.add((format_of(folder / "log.sqlite")[0], (folder / COPY).exists()))
        with SqliteLog(folder) as log:
            assert log.append([Event(kind=EventKind.COMMENT)]) == [301]
        assert is_whole(folder / COPY)
        assert not list(folder.glob("*.part"))
        shutil.rmtree(folder)

    assert {number for number, _ in found} == {1, FORMAT}
    assert (FORMAT, False) not in found


def _seconds_to_open(template: Path, folder: Path) -> float:
    shutil.copytree(template, folder)
    start = time.perf_counter()
    _open_and_be_killed(folder, None)
    return time.perf_counter() - start


def _open_and_be_killed(folder: Path, delay: float | None) -> None:
    """Let a child open the log and kill it after a while, or when it has opened it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"begins")
        SqliteLog(folder)
        os.write(writer, b"opened")
        signal.pause()
        os._exit(1)
    os.read(reader, 6)
    if delay is None:
        os.read(reader, 6)
    else:
        time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    for end in (reader, writer):
        os.close(end)


def test_the_copy_is_shared_as_its_folder_is(tmp_path: Path) -> None:
    """Whoever may write to the folder may write to the copy, too."""
    folder = tmp_path / "shared"
    write_format_1(folder, [row(1, 1_000)])
    folder.chmod(0o2770)
    SqliteLog(folder).close()

    assert stat.S_IMODE((folder / COPY).stat().st_mode) == 0o660
