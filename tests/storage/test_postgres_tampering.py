"""What a superuser of the server can do to a log in PostgreSQL is detected, as with a file."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import pytest

from jupyter_annotate.errors import IntegrityError, StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.postgres import PgLog
from tests.postgres_cluster import Team, shared_cluster
from tests.storage.test_tampering import EVENTS, MUTATE

MUTATIONS = 200
#: The tables differ from those of SQLite in one column, and in how a place in a statement is written.
_DIALECT = {
    "SELECT * FROM payloads": "SELECT position, value, context, salt FROM payloads",
    "INSERT INTO payloads VALUES (?,?,?,?)": "INSERT INTO payloads SELECT ?, '', ?, ?, ?",
    "?": "%s",
}


class Unguarded:
    """A superuser's connection for whom neither triggers nor policies count."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._connection = connection
        connection.execute(f"SET search_path = {schema}".encode())
        connection.execute("SET session_replication_role = replica")

    def execute(self, query: str, values: Sequence[object] = ()) -> psycopg.Cursor[Any]:
        """Run a statement written for SQLite."""
        for before, after in _DIALECT.items():
            query = query.replace(before, after)
        return self._connection.execute(query.encode(), values or None)


@contextmanager
def unguarded(team: Team) -> Iterator[Unguarded]:
    """Open the database as somebody for whom no rule counts."""
    with team.connect("postgres") as connection:
        yield Unguarded(connection, f"ja_{team.project}")


def answer(n: int) -> Event:
    """Make an answer."""
    return Event(
        kind=EventKind.ANSWER, annotator_id="ada", item_id=str(n), question="mood", value=f"l {n % 4}"
    )


@pytest.fixture
def team() -> Team:
    """Make a project with a log of some answers."""
    team = shared_cluster().team(ada="lead")
    with PgLog(team.url("ada")) as log:
        log.append([answer(n) for n in range(EVENTS)])
    return team


@pytest.mark.faults
def test_every_mutation_is_detected(team: Team) -> None:
    """Of 200 random changes, removals, insertions and reorderings, 200 are detected."""
    draw, missed = random.Random(11), []
    with PgLog(team.url("ada")) as log, unguarded(team) as file:
        for table in ("events", "payloads", "head"):
            file.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")
        for n in range(MUTATIONS):
            mutate = MUTATE[n % len(MUTATE)]
            mutate(cast("sqlite3.Connection", file), draw)
            try:
                log.verify()
                missed.append(f"{n} {mutate.__name__}")
            except IntegrityError:
                pass
            for table in ("events", "payloads", "head"):
                file.execute(f"DELETE FROM {table}")
                file.execute(f"INSERT INTO {table} TABLE kept_{table}")
        assert log.verify().head.position == EVENTS

    assert missed == []


def test_triggers_stop_a_superuser_who_only_errs(team: Team) -> None:
    """Without switching the triggers off nobody changes, deletes or truncates what is stored."""
    schema = f"ja_{team.project}"
    with team.connect("postgres") as connection:
        for statement in (
            f"UPDATE {schema}.events SET kind = 'x'",
            f"DELETE FROM {schema}.events",
            f"UPDATE {schema}.payloads SET value = '1'",
            f"DELETE FROM {schema}.payloads WHERE position = 3",
            f"TRUNCATE {schema}.payloads",
            f"TRUNCATE {schema}.events",
            f"DELETE FROM {schema}.batches",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"never change|only an erase"):
                connection.execute(statement.encode())

    with PgLog(team.url("ada")) as log:
        assert log.verify().head.position == EVENTS


@pytest.mark.parametrize("table", ["head", "meta"])
def test_a_log_without_its_head_or_id_is_named(team: Team, table: str) -> None:
    """Emptying the small tables gives a sentence, not a crash."""
    with unguarded(team) as file:
        file.execute(f"DELETE FROM {table}")

    with pytest.raises(StorageError, match=r"its head is gone|is no member"):
        PgLog(team.url("ada"))


def test_an_erased_payload_that_is_back_is_detected(team: Team) -> None:
    """A payload restored from a copy fits its commitment, but its erasure is on record."""
    with PgLog(team.url("ada")) as log, unguarded(team) as file:
        copy = file.execute("SELECT * FROM payloads WHERE position = 5").fetchone()
        assert copy is not None
        log.erase([5], annotator_id="ada", reason="asked to \x00")
        assert log.verify().erased == 1
        file.execute("INSERT INTO payloads VALUES (?,?,?,?)", copy)

        with pytest.raises(IntegrityError, match=r"position 5: an erased payload is back"):
            log.verify()
