"""Files that are no log, or not ours, or may not be written: each a sentence, and not a byte changes."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.errors import NotSavedError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import sqlite, sqlite_file
from jupyter_annotate.storage.sqlite import SqliteLog
from tests.storage.faults import mounts


def note(value: str = "x") -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xd8\xff\xe0 a picture" * 100, "cannot be read as a log"),
        (b"SQLite format 3\x00" + b"\x00" * 4000, "cannot be read as a log|no log of ours"),
    ],
)
def test_a_file_that_is_no_log_is_left_alone(tmp_path: Path, content: bytes, problem: str) -> None:
    """The error says what to do, and not a byte changes."""
    path = tmp_path / "log.sqlite"
    path.write_bytes(content)

    with pytest.raises(StorageError, match=problem):
        SqliteLog(tmp_path)

    assert path.read_bytes() == content


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    """Somebody else's SQLite file is refused by its application id."""
    connection = sqlite3.connect(tmp_path / "log.sqlite")
    connection.execute("CREATE TABLE mine(x)")
    connection.commit()
    connection.close()

    with pytest.raises(StorageError, match="no log of ours"):
        SqliteLog(tmp_path)


def test_a_truncated_log_is_named(tmp_path: Path) -> None:
    """A damaged file is an error with advice, never a wrong answer."""
    with SqliteLog(tmp_path) as log:
        log.append([note("x" * 2000) for _ in range(50)])
    path = tmp_path / "log.sqlite"
    path.write_bytes(path.read_bytes()[:20_000])

    with pytest.raises(StorageError, match="cannot be read as a log"), SqliteLog(tmp_path) as log:
        log.verify()


def test_an_empty_file_is_left_alone(tmp_path: Path) -> None:
    """A log is begun whole or not at all, so an empty file is a lost one and must not pass for a new one."""
    (tmp_path / "log.sqlite").touch()

    with pytest.raises(StorageError, match=r"is empty; a log never is.*restore it from a backup"):
        SqliteLog(tmp_path)

    assert [p.name for p in tmp_path.iterdir()] == ["log.sqlite"]


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """Where the file should be there is a folder; the error says so."""
    (tmp_path / "log.sqlite").mkdir()

    with pytest.raises(StorageError, match="is a folder; expected the file of a log"):
        SqliteLog(tmp_path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """Where the project's folder should be there is a file; it stays as it is."""
    (tmp_path / "x.annotate").write_bytes(b"a picture")

    with pytest.raises(StorageError, match=r"cannot be opened|There is no log"):
        SqliteLog(tmp_path / "x.annotate")

    assert (tmp_path / "x.annotate").read_bytes() == b"a picture"


def test_another_database_in_wal_mode_is_left_alone(tmp_path: Path) -> None:
    """Looking at somebody else's file converts nothing, checkpoints nothing and leaves nothing beside it."""
    path = tmp_path / "log.sqlite"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE mine(x)")
    other.commit()
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    with pytest.raises(StorageError, match=r"no log of ours|cannot be read as a log"):
        SqliteLog(tmp_path)

    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    other.close()


def test_looking_at_the_file_keeps_the_locks_of_a_write(tmp_path: Path) -> None:
    """Opening and closing the log again in the same process does not let another process into a write."""
    probe = (
        "import sqlite3, sys\n"
        "file = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)\n"
        "file.execute('BEGIN IMMEDIATE')\n"
    )

    def look(_seen: pl.DataFrame, _now: int) -> list[Event]:
        SqliteLog(tmp_path).close()
        program = [sys.executable, "-c", probe, str(tmp_path / "log.sqlite")]
        tried.append(subprocess.run(program, capture_output=True, text=True, check=False).stderr)
        return []

    tried: list[str] = []
    with SqliteLog(tmp_path) as log:
        log.append_after(0, look)

    assert "database is locked" in tried[0]


def test_a_log_switched_to_wal_is_switched_back(tmp_path: Path) -> None:
    """A database browser that changed the journal mode does not weaken what is written afterwards."""
    SqliteLog(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as browser:
        assert browser.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)

    with SqliteLog(tmp_path) as log:
        log.append([note()])
        assert log._connection().execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert not (tmp_path / "log.sqlite-wal").exists()


def test_a_log_held_in_wal_mode_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program has it open in WAL mode it cannot be switched back, so it is not used."""
    monkeypatch.setattr(sqlite, "_PATIENCE", 0)
    SqliteLog(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as browser:
        browser.execute("PRAGMA journal_mode=WAL")
        browser.execute("SELECT * FROM meta").fetchall()

        with pytest.raises(StorageError, match=r"[Cc]lose that program"):
            SqliteLog(tmp_path)


def _killed_in_the_middle(folder: Path) -> None:
    """Leave the journal of a writer that was killed while its pages were half written."""
    child = os.fork()
    if child == 0:
        file = sqlite3.connect(folder / "log.sqlite", isolation_level=None)
        file.execute("PRAGMA cache_size=2")
        file.execute("BEGIN IMMEDIATE")
        for n in range(2000):
            file.execute("INSERT INTO meta VALUES (?, ?)", (f"junk {n}", "x" * 500))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert (folder / "log.sqlite-journal").exists()


@pytest.mark.faults
@pytest.mark.parametrize("read_only", [False, True])
def test_the_journal_of_a_killed_writer_is_played_back(tmp_path: Path, *, read_only: bool) -> None:
    """Whoever opens the log next, to write or to read, sees it as before the write that was killed."""
    with SqliteLog(tmp_path) as log:
        log.append([note("a")])
    _killed_in_the_middle(tmp_path)

    with SqliteLog(tmp_path, read_only=read_only) as log:
        assert log.read()["value"].to_list() == ['"a"']
        assert log.verify().head.position == 1
        assert log._connection().execute("SELECT count(*) FROM meta").fetchone() == (1,)


@pytest.mark.faults
def test_a_header_written_ahead_of_its_pages_is_mended(tmp_path: Path) -> None:
    """A writer killed after its first page leaves a header that promises more; the journal mends it."""
    with SqliteLog(tmp_path) as log:
        log.append([note("a")])
    _killed_in_the_middle(tmp_path)
    path = tmp_path / "log.sqlite"
    data = bytearray(path.read_bytes())
    data[28:32] = (len(data) // 4096 + 1).to_bytes(4, "big")  # pages, believed where the next two agree
    data[92:96] = data[24:28]
    path.write_bytes(data)

    with SqliteLog(tmp_path) as log:
        assert log.read()["value"].to_list() == ['"a"']
        assert log.verify().head.position == 1


@pytest.mark.faults
@pytest.mark.parametrize("step", ["connect", "sync_folder"])
def test_a_log_is_begun_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """After a crash on the way there is either no log, or a whole one; the next opening goes on."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, step, crash)
        with pytest.raises(KeyboardInterrupt):
            SqliteLog(tmp_path)

    with SqliteLog(tmp_path) as log:
        assert log.append([note()]) == [1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.sqlite", "log.sqlite.lock"]


# ----------------------------------------------------------------------- changed while it is open


def test_a_file_moved_away_takes_no_more_answers(tmp_path: Path) -> None:
    """What would be written to a file nobody finds again is not acknowledged."""
    log = SqliteLog(tmp_path)
    log.append([note()])
    (tmp_path / "log.sqlite").rename(tmp_path / "kept.sqlite")

    with pytest.raises(NotSavedError, match="moved, replaced or removed while it was open"):
        log.append([note()])

    (tmp_path / "kept.sqlite").rename(tmp_path / "log.sqlite")
    assert log.append([note()]) == [2]
    log.close()


def test_a_file_replaced_by_another_log_is_refused(tmp_path: Path) -> None:
    """Answers to one project never end up in the log that somebody put in its place."""
    log = SqliteLog(tmp_path / "one")
    SqliteLog(tmp_path / "two").close()
    (tmp_path / "two" / "log.sqlite").replace(tmp_path / "one" / "log.sqlite")

    for _ in range(2):
        with pytest.raises(StorageError, match="replaced"):
            log.append([note()])

    log.close()
    with SqliteLog(tmp_path / "one") as other:
        assert other.head().position == 0


def test_a_folder_removed_takes_no_more_answers(tmp_path: Path) -> None:
    """With its folder gone nothing is acknowledged, and the error says what happened."""
    log = SqliteLog(tmp_path / "x")
    (tmp_path / "x").rename(tmp_path / "y")

    with pytest.raises(NotSavedError, match="moved, replaced or removed while it was open"):
        log.append([note()])
    log.close()


# ------------------------------------------------------------------------------------ permissions


@pytest.fixture
def read_only_mount(tmp_path: Path) -> Iterator[Path]:
    """Mount a log's folder so that nobody, root included, may write to it."""
    source = tmp_path / "source"
    with SqliteLog(source) as log:
        log.append([note("a")])
    with mounts.shared(source, tmp_path / "mounted") as share:
        share.allow_writing(allowed=False)
        yield share.folder


@pytest.mark.faults
def test_a_read_only_folder_is_read_and_never_written(read_only_mount: Path) -> None:
    """Opening it to write says why that cannot be; opening it to read works."""
    with pytest.raises(StorageError, match=r"may not be written to.*read_only=True"):
        SqliteLog(read_only_mount)
    with pytest.raises(StorageError, match="Read-only file system"):
        SqliteLog(read_only_mount / "new.annotate")

    with SqliteLog(read_only_mount, read_only=True) as log:
        assert log.read()["value"].to_list() == ['"a"']
        assert log.verify().head.position == 1


def _as_somebody_else(folder: Path, *, read_only: bool) -> str:
    """Return what another Unix user is told when they open the log and write to it."""
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from jupyter_annotate.events import Event, EventKind\n"
        "from jupyter_annotate.storage.sqlite import SqliteLog\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    log = SqliteLog(Path(sys.argv[1]), read_only=sys.argv[2] == 'True')\n"
        "    print(log.read()['value'].to_list())\n"
        "    print(log.append([Event(kind=EventKind.COMMENT, value='b')]))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    command = [sys.executable, "-c", program, str(folder), str(read_only)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that other users can reach; pytest closes its own to them, also while others test."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.faults
def test_another_user_writes_where_the_folder_lets_them(open_folder: Path) -> None:
    """Two annotators of a shared folder both write; SQLite alone would lock the second one out."""
    folder = open_folder / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    with SqliteLog(folder) as log:
        log.append([note("a")])

    assert _as_somebody_else(folder, read_only=False).splitlines() == ["['\"a\"']", "[2]"]
    with SqliteLog(folder) as log:
        assert log.verify().head.position == 2


@pytest.mark.faults
def test_another_user_only_reads_where_the_folder_lets_them(open_folder: Path) -> None:
    """In a folder of somebody else's the log can be read, and writing says what to do."""
    folder = open_folder / "private"
    with SqliteLog(folder) as log:
        log.append([note("a")])
    folder.chmod(0o755)

    assert "read_only=True to read it" in _as_somebody_else(folder, read_only=False)
    told = _as_somebody_else(folder, read_only=True)
    assert told.startswith("['\"a\"']\nNotSavedError")


def test_the_file_is_shared_as_its_folder_is(tmp_path: Path) -> None:
    """In a folder others may write to, they may write to the log."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    SqliteLog(folder).close()

    assert stat.S_IMODE((folder / "log.sqlite").stat().st_mode) == 0o666
    assert stat.S_IMODE((folder / "log.sqlite.lock").stat().st_mode) == 0o666


def test_a_new_project_in_a_group_folder_is_the_groups(tmp_path: Path) -> None:
    """In a setgid folder the group may write the project's own folder and files, whatever the umask."""
    group = tmp_path / "group"
    group.mkdir()
    group.chmod(0o2770)
    before = os.umask(0o077)
    try:
        SqliteLog(group / "x.annotate").close()
    finally:
        os.umask(before)

    assert (group / "x.annotate").stat().st_mode & 0o2070 == 0o2070
    assert stat.S_IMODE((group / "x.annotate" / "log.sqlite").stat().st_mode) == 0o660
