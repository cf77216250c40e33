"""One writing transaction in PostgreSQL, and the function through which everything is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar, final

import polars as pl
import psycopg

from jupyter_annotate.storage.rows import Head, Row, Transaction

__all__ = ["ROW", "Attempt", "append", "fetch"]

_T = TypeVar("_T")
_Connection = psycopg.Connection[Any]

#: Selects what a `Row` holds.
ROW = (
    'SELECT position, event_id, at, kind, annotator_id, annotator_kind, item_id, question, schema, "commit", '
    "digest, value, context, salt FROM {}.log "
)
_APPEND = (
    "SELECT {}.append(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], "
    "%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[])"
)

_TEXTS = ("kind", "annotator_id", "annotator_kind", "item_id", "question", "schema", "commit")


def fetch(connection: _Connection, schema: str, query: str, values: Sequence[object] = ()) -> list[Any]:
    """Run SQL, ``{}`` in it for the schema of the project, and return all rows."""
    cursor = connection.cursor(binary=True)
    return cursor.execute(query.format(schema).encode(), values or None).fetchall()


def append(connection: _Connection, schema: str, rows: Sequence[Row]) -> list[int]:
    """Call the function that alone can write. Rows without a position get theirs from the server."""
    ((positions,),) = fetch(connection, schema, _APPEND, _arrays(rows))
    return [int(each) for each in positions]


@final
class Attempt(Generic[_T]):
    """One writing transaction, tried again when the connection was lost on the way.

    When it was lost between COMMIT and the reply nobody knows what became of it; the next attempt looks.

    Parameters
    ----------
    schema
        Database schema of the project.
    read
        Reads EVENTS after a position, through the same connection.
    body
        As for `EventLog._transact`.
    """

    def __init__(
        self, schema: str, read: Callable[[int], pl.DataFrame], body: Callable[[Transaction], _T]
    ) -> None:
        self._schema = schema
        self._read = read
        self._body = body
        self._sent: list[tuple[list[str], _T]] = []

    def __call__(self, connection: _Connection) -> _T:
        """Make one attempt and return what the body returned."""
        transaction = _PgTransaction(connection, self._schema, self._read)
        for ids, found in self._sent:
            if ids and transaction.find(ids[:1]):
                connection.execute("ROLLBACK")
                return found
        found = self._body(transaction)
        self._sent = [(transaction.added, found)]
        connection.execute("COMMIT")
        return found


class _PgTransaction:
    def __init__(self, connection: _Connection, schema: str, read: Callable[[int], pl.DataFrame]) -> None:
        self._connection = connection
        self._schema = schema
        self.read = read
        self.added: list[str] = []
        begin = f"BEGIN; SELECT * FROM {schema}.lock_head()"  # noqa: S608 -- a checked name
        cursor = connection.execute(begin.encode(), prepare=False)
        cursor.nextset()
        ((position, digest, latest, now),) = cursor.fetchall()
        self._head, self._latest, self._now = Head(position, digest), int(latest), int(now)

    def head(self) -> Head:
        return self._head

    def latest(self) -> int:
        return self._latest

    def now(self) -> int:
        return self._now

    def find(self, event_ids: Sequence[str]) -> dict[str, Row]:
        query = ROW + "WHERE event_id = ANY(%s::text[])"
        rows = [Row(*each) for each in self._fetch(query, list(event_ids))] if event_ids else []
        return {row.event_id: row for row in rows}

    def happened(self, kinds: Collection[str], *, after: int) -> bool:
        query = "SELECT EXISTS (SELECT FROM {}.events WHERE position > %s AND kind = ANY(%s::text[]))"
        ((found,),) = self._fetch(query, after, [str(kind) for kind in kinds])
        return bool(found)

    def insert(self, rows: Sequence[Row]) -> None:
        append(self._connection, self._schema, rows)
        self.added.extend(row.event_id for row in rows)
        self._head = Head(rows[-1].position, rows[-1].digest)
        self._latest = max(self._latest, *(row.at for row in rows))

    def erase(self, positions: Sequence[int]) -> None:
        self._fetch("SELECT {}.erase(%s::bigint[])", list(positions))

    def _fetch(self, query: str, *values: object) -> list[Any]:
        return fetch(self._connection, self._schema, query, values)


def _arrays(rows: Sequence[Row]) -> tuple[list[Any], ...]:
    """Return rows as the function takes them: an array a field; null where the server shall decide."""
    return (
        [row.event_id for row in rows],
        [row.at or None for row in rows],
        *([getattr(row, name) for row in rows] for name in _TEXTS),
        [row.digest or None for row in rows],
        [row.value for row in rows],
        [row.context for row in rows],
        [row.salt for row in rows],
    )
