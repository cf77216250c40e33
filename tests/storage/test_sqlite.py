"""The SQLite log: its settings, its file, its queue, and what it says when it cannot write."""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_annotate.errors import NotSavedError, StorageError, UnknownNameError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import open_store
from jupyter_annotate.storage.sqlite import SqliteLog
from tests.storage.faults import mounts
from tests.storage.turns import shares

FORK = multiprocessing.get_context("fork")


def note(value: str = "x") -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value)


def test_every_connection_has_the_safe_settings(tmp_path: Path) -> None:
    """DELETE and EXTRA on each connection: the defaults can lose an acknowledged answer in a power cut."""
    for log in (SqliteLog(tmp_path), SqliteLog(tmp_path)):
        log.append([note()])
        for _ in range(2):
            connection = log._connection()
            settings = {
                name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "recursive_triggers", "secure_delete")
            }
            assert settings == {
                "journal_mode": "delete",
                "synchronous": 3,
                "recursive_triggers": 1,
                "secure_delete": 1,
            }
            log.close()


def test_closing_and_opening_again_keeps_everything(tmp_path: Path) -> None:
    """The log is the file: another opening sees the same id, events and head, and no journal is left."""
    with SqliteLog(tmp_path) as log:
        log.append([note("a")])
        log_id, head = log.log_id, log.head()
    with SqliteLog(tmp_path) as log:
        assert (log.log_id, log.head()) == (log_id, head)
        assert log.read()["value"].to_list() == ['"a"']
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.sqlite", "log.sqlite.lock"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET item_id = '2'",
        "DELETE FROM events",
        "UPDATE payloads SET value = 'x'",
        "DELETE FROM payloads",
        """INSERT OR REPLACE INTO events SELECT position, 'e', at, kind, annotator_id, annotator_kind,
        item_id, question, schema, 'c', digest FROM events""",
        "REPLACE INTO payloads SELECT position, 'x', 'x', x'00' FROM payloads",
    ],
)
def test_the_file_refuses_to_be_rewritten(tmp_path: Path, statement: str) -> None:
    """Triggers refuse every statement that would change or delete what happened."""
    with SqliteLog(tmp_path) as log:
        log.append([note("a")])
        with pytest.raises(sqlite3.IntegrityError, match=r"never|only an erase event"):
            log._connection().execute(statement)
        assert log.read()["value"].to_list() == ['"a"']


def test_what_was_erased_is_not_in_the_file(tmp_path: Path) -> None:
    """Neither short nor long payloads can be found in the bytes of the log after their erasure."""
    secrets = [f"canary-{n}-" + "x" * (n * 500) for n in range(20)]
    with SqliteLog(tmp_path) as log:
        log.append([note(secret) for secret in secrets])
        assert b"canary-19-" in (tmp_path / "log.sqlite").read_bytes()
        log.erase(range(1, 21), annotator_id="ada", reason="asked to")

    assert b"canary-" not in (tmp_path / "log.sqlite").read_bytes()
    assert not (tmp_path / "log.sqlite-journal").exists()


def test_several_openings_see_each_other(tmp_path: Path) -> None:
    """Two logs on one folder take turns and read what the other wrote."""
    with SqliteLog(tmp_path) as one, SqliteLog(tmp_path) as two:
        assert one.append([note("a")]) == [1]
        assert two.append([note("b")]) == [2]
        assert one.read()["value"].to_list() == two.read()["value"].to_list() == ['"a"', '"b"']


@pytest.mark.faults
def test_writers_queue_fairly(tmp_path: Path) -> None:
    """Halfway through, no writer of four has had less than a third of its share."""
    SqliteLog(tmp_path).close()
    assert min(shares(lambda: SqliteLog(tmp_path), each=40, after=120)) >= 10
    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == 160


def test_a_fork_does_not_share_the_connection(tmp_path: Path) -> None:
    """A child process opens its own; parent and child both write on."""
    log = SqliteLog(tmp_path)
    log.append([note("parent")])
    child = FORK.Process(target=log.append, args=([note("child")],))
    child.start()
    child.join()

    assert child.exitcode == 0
    log.append([note("parent again")])
    assert log.verify().head.position == 3
    log.close()


def test_read_only_reads_and_refuses(tmp_path: Path) -> None:
    """A log opened read-only is read, and a write says how to open it."""
    SqliteLog(tmp_path).append([note("a")])

    with SqliteLog(tmp_path, read_only=True) as log:
        assert log.read()["value"].to_list() == ['"a"']
        with pytest.raises(NotSavedError, match="opened read-only"):
            log.append([note()])
    with pytest.raises(StorageError, match="There is no project"):
        SqliteLog(tmp_path / "nowhere", read_only=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 256 KiB."""
    with mounts.small_disk(tmp_path / "disk", 256) as folder:
        yield folder


@pytest.mark.faults
def test_a_log_does_not_begin_on_a_full_disk(small_disk: Path) -> None:
    """Where there is no room to begin, the sentence says so and no half file stays; with room it begins."""
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    folder = small_disk / "reviews.annotate"
    with pytest.raises(NotSavedError, match="The disk is full, or your quota is: make room"):
        SqliteLog(folder)
    assert not list(folder.glob("log.sqlite*new*"))
    filler.unlink()
    with SqliteLog(folder) as log:
        assert log.append([note()]) == [1]


def _fill(folder: Path, limit: int, pipe: object) -> None:
    log = SqliteLog(folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    acknowledged = 0
    try:
        for _ in range(2000):
            log.append([note("x" * 300)])
            acknowledged += 1
    except NotSavedError:
        pipe.send(acknowledged)  # type: ignore[attr-defined]  # a pipe between processes


@pytest.mark.faults
@pytest.mark.parametrize("limit", range(50_000, 130_000, 6_000))
def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path, limit: int) -> None:
    """Wherever writing stops, what was acknowledged is there and the log opens."""
    reader, writer = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_fill, args=(tmp_path, limit, writer))
    child.start()
    acknowledged = reader.recv()
    child.join()

    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == acknowledged


def test_an_unknown_address_lists_the_known_backends() -> None:
    """An address of a kind nobody knows is refused before anything is looked for."""
    known = "'memory', 'postgresql', 'segments', 'sqlite'"
    with pytest.raises(UnknownNameError, match=f"no storage backend 'mysql'; known: {known}"):
        open_store("mysql://host/x")
