"""Tampering with the file itself: change, removal, insertion and reordering are detected."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jupyter_annotate.errors import IntegrityError, StorageError
from jupyter_annotate.events import Event, EventKind, chain, genesis
from jupyter_annotate.storage.sqlite import SqliteLog

EVENTS = 40
MUTATIONS = 1000
_FIELDS = (
    "event_id",
    "at",
    "kind",
    "annotator_id",
    "annotator_kind",
    "item_id",
    "question",
    "schema",
    "commit",
    "digest",
)

Mutation = Callable[[sqlite3.Connection, random.Random], None]


def change_field(file: sqlite3.Connection, draw: random.Random) -> None:
    """Change one field of one event."""
    name, position = draw.choice(_FIELDS), draw.randint(1, EVENTS)
    (old,) = file.execute(f'SELECT "{name}" FROM events WHERE position = ?', (position,)).fetchone()
    new = old + 1 if name == "at" else _flip(str(old), draw)
    file.execute(f'UPDATE events SET "{name}" = ? WHERE position = ?', (new, position))


def change_payload(file: sqlite3.Connection, draw: random.Random) -> None:
    """Change value, context or salt of one event."""
    name, position = draw.choice(("value", "context", "salt")), draw.randint(1, EVENTS)
    (old,) = file.execute(f"SELECT {name} FROM payloads WHERE position = ?", (position,)).fetchone()
    new = bytes([old[0] ^ 1]) + old[1:] if name == "salt" else _flip(old, draw)
    file.execute(f"UPDATE payloads SET {name} = ? WHERE position = ?", (new, position))


def swap_payloads(file: sqlite3.Connection, draw: random.Random) -> None:
    """Give two events each other's payload, salt included."""
    one, two = draw.sample(range(1, EVENTS + 1), 2)
    _exchange(file, "payloads", one, two)


def drop_payload(file: sqlite3.Connection, draw: random.Random) -> None:
    """Delete a payload without an erase event."""
    file.execute("DELETE FROM payloads WHERE position = ?", (draw.randint(1, EVENTS),))


def remove(file: sqlite3.Connection, draw: random.Random) -> None:
    """Remove one event, and sometimes close the gap."""
    position = draw.randint(1, EVENTS)
    for table in ("payloads", "events"):
        file.execute(f"DELETE FROM {table} WHERE position = ?", (position,))
    if draw.random() < 0.5:
        _shift(file, position, -1)


def insert(file: sqlite3.Connection, draw: random.Random) -> None:
    """Insert a copy of an event under another id, making room for it."""
    source, position = draw.randint(1, EVENTS), draw.randint(1, EVENTS)
    event = list(file.execute("SELECT * FROM events WHERE position = ?", (source,)).fetchone())
    payload = list(file.execute("SELECT * FROM payloads WHERE position = ?", (source,)).fetchone())
    _shift(file, position - 1, 1)
    event[0:2], payload[0] = [position, "inserted"], position
    file.execute(f"INSERT INTO events VALUES ({','.join('?' * 11)})", event)
    file.execute("INSERT INTO payloads VALUES (?,?,?,?)", payload)


def reorder(file: sqlite3.Connection, draw: random.Random) -> None:
    """Let two events change places, payloads along with them."""
    one, two = draw.sample(range(1, EVENTS + 1), 2)
    _exchange(file, "events", one, two)
    _exchange(file, "payloads", one, two)


def move_head(file: sqlite3.Connection, draw: random.Random) -> None:
    """Let the head say something else than the last event."""
    if draw.random() < 0.5:
        file.execute("UPDATE head SET position = position + ?", (draw.choice((-1, 1)),))
    else:
        file.execute("UPDATE head SET digest = ?", ("0" * 64,))


MUTATE: tuple[Mutation, ...] = (
    change_field,
    change_payload,
    swap_payloads,
    drop_payload,
    remove,
    insert,
    reorder,
    move_head,
)


def _flip(text: str, draw: random.Random) -> str:
    if not text:
        return "x"
    at = draw.randrange(len(text))
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def _exchange(file: sqlite3.Connection, table: str, one: int, two: int) -> None:
    for start, end in ((one, -1), (two, one), (-1, two)):
        file.execute(f"UPDATE {table} SET position = ? WHERE position = ?", (end, start))


def _shift(file: sqlite3.Connection, after: int, by: int) -> None:
    for table in ("events", "payloads"):
        file.execute(f"UPDATE {table} SET position = -(position + ?) WHERE position > ?", (by, after))
        file.execute(f"UPDATE {table} SET position = -position WHERE position < 0")
    file.execute("UPDATE head SET position = position + ?", (by,))


@contextmanager
def unguarded(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as somebody who dropped the triggers, and keep what they do to it."""
    with closing(sqlite3.connect(folder / "log.sqlite")) as file:
        file.execute("PRAGMA synchronous=OFF")
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        yield file
        file.commit()


def _make(folder: Path) -> bytes:
    with SqliteLog(folder) as log:
        log.append(
            [
                Event(
                    kind=EventKind.ANSWER,
                    annotator_id=f"ada-{n % 3}",
                    item_id=str(n),
                    question="mood",
                    value=f"label {n % 4}",
                    context={"n": n},
                )
                for n in range(EVENTS)
            ]
        )
    return (folder / "log.sqlite").read_bytes()


def _tamper(folder: Path, pristine: bytes, mutate: Mutation, draw: random.Random) -> None:
    (folder / "log.sqlite").write_bytes(pristine)
    with unguarded(folder) as file:
        mutate(file, draw)


@pytest.mark.faults
def test_every_mutation_is_detected(tmp_path: Path) -> None:
    """Of 1,000 random changes, removals, insertions and reorderings, 1,000 are detected."""
    pristine, draw = _make(tmp_path), random.Random(11)
    detected = dict.fromkeys((mutate.__name__ for mutate in MUTATE), 0)
    missed: list[str] = []
    for n in range(MUTATIONS):
        mutate = MUTATE[n % len(MUTATE)]
        _tamper(tmp_path, pristine, mutate, draw)
        with SqliteLog(tmp_path) as log:
            try:
                log.verify()
                missed.append(f"{n} {mutate.__name__}")
            except IntegrityError:
                detected[mutate.__name__] += 1

    assert missed == []
    assert sum(detected.values()) == MUTATIONS
    assert min(detected.values()) >= MUTATIONS // len(MUTATE)


def test_a_cut_tail_shows_only_against_an_anchor(tmp_path: Path) -> None:
    """Nothing inside a log can tell that its end is missing; a head kept elsewhere can."""
    _make(tmp_path)
    with SqliteLog(tmp_path) as log:
        anchor = log.head()
        before = log.read(until=EVENTS - 3)
    with unguarded(tmp_path) as file:
        for table in ("payloads", "events"):
            file.execute(f"DELETE FROM {table} WHERE position > ?", (EVENTS - 3,))
        file.execute("UPDATE head SET position = ?, digest = ?", (EVENTS - 3, before["digest"][-1]))

    with SqliteLog(tmp_path) as log:
        assert log.verify().head.position == EVENTS - 3
        with pytest.raises(IntegrityError, match="not the one of the anchor"):
            log.verify(anchor)


def test_a_history_written_anew_shows_only_against_an_anchor(tmp_path: Path) -> None:
    """Whoever recomputes every digest makes a log that verifies; a head kept elsewhere does not lie on it."""
    _make(tmp_path)
    with SqliteLog(tmp_path) as log:
        anchor, digest = log.head(), genesis(log.log_id)
    with unguarded(tmp_path) as file:
        file.execute("UPDATE events SET annotator_id = 'eve' WHERE position = 7")
        for row in file.execute("SELECT * FROM events ORDER BY position").fetchall():
            digest = chain(digest, tuple(str(field) for field in row[:10]))
            file.execute("UPDATE events SET digest = ? WHERE position = ?", (digest, row[0]))
        file.execute("UPDATE head SET digest = ?", (digest,))

    with SqliteLog(tmp_path) as log:
        assert log.verify().head.digest == digest
        with pytest.raises(IntegrityError, match=f"position {EVENTS}.*not the one of the anchor"):
            log.verify(anchor)


def test_an_erased_payload_that_is_back_is_detected(tmp_path: Path) -> None:
    """A payload restored from a copy fits its commitment, but its erasure is on record."""
    _make(tmp_path)
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as file:
        copy = file.execute("SELECT * FROM payloads WHERE position = 5").fetchone()
    with SqliteLog(tmp_path) as log:
        log.erase([5], annotator_id="ada", reason="asked to")
    with unguarded(tmp_path) as file:
        file.execute("INSERT INTO payloads VALUES (?,?,?,?)", copy)

    with (
        SqliteLog(tmp_path) as log,
        pytest.raises(IntegrityError, match=r"position 5: an erased payload is back"),
    ):
        log.verify()


def test_an_event_beyond_the_head_is_detected(tmp_path: Path) -> None:
    """A row that fits the chain but was never appended does not hide behind the head."""
    _make(tmp_path)
    with unguarded(tmp_path) as file:
        (before,) = file.execute("SELECT digest FROM events WHERE position = ?", (EVENTS - 1,)).fetchone()
        file.execute("UPDATE head SET position = ?, digest = ?", (EVENTS - 1, before))

    with SqliteLog(tmp_path) as log, pytest.raises(IntegrityError, match="the head is not the last event"):
        log.verify()


@pytest.mark.parametrize("table", ["head", "meta"])
def test_a_log_without_its_head_or_id_is_named(tmp_path: Path, table: str) -> None:
    """Emptying the small tables gives a sentence, not a crash."""
    _make(tmp_path)
    with unguarded(tmp_path) as file:
        file.execute(f"DELETE FROM {table}")

    with pytest.raises(StorageError, match=r"its head is gone|has lost its id"), SqliteLog(tmp_path) as log:
        log.verify()
