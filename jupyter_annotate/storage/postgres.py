"""PgLog: the log in a PostgreSQL database, for a team on many machines."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar, final

import polars as pl
import psycopg
from psycopg import errors

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import (
    AwayError,
    ConflictError,
    HistoryWarning,
    IntegrityError,
    KeptHereError,
    NotSavedError,
    StorageError,
)
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.postgres_attempt import ROW, Attempt, append, fetch
from jupyter_annotate.storage.postgres_link import Link, Place, refused
from jupyter_annotate.storage.postgres_sql import FORMAT, SECLUDED
from jupyter_annotate.storage.rows import Head, Row, Transaction
from jupyter_annotate.storage.spool import Spool, state_folder

__all__ = ["PgLog"]

_T = TypeVar("_T")
_Connection = psycopg.Connection[Any]

#: Rows read in one go.
_CHUNK = 20_000
#: Seconds for which silence of the server is believed.
_TRUST = 3.0
#: What a person does, and what is kept on this computer while the store is away.
_KEPT = frozenset({"answer", "comment", "flag", "skip", "undo"})

_EVENT = f"SELECT {', '.join(EVENTS)} FROM {{}}.log "  # noqa: S608 -- names of columns
_WINDOW = "WHERE position > %s AND position <= %s ORDER BY position LIMIT %s"
_END = 2**62
_STORED = {name: pl.Int64 if name in {"position", "at"} else pl.String for name in EVENTS}


@final
class PgLog(EventLog):
    """The log of a project in PostgreSQL, under the login that the location names.

    Threads may share one. A lost connection is made anew; while the server is away what people decide is kept
    on this computer, see `Spool`.

    Parameters
    ----------
    location
        ``postgresql://user@host:port/database?project=reviews``. The password comes from PGPASSWORD, a
        password file or a service file.
    read_only
        Refuse every write.

    Attributes
    ----------
    member
        The only annotator under whose name this login can answer.
    signs_for_others
        Never: not even a lead answers in the name of somebody else.

    Raises
    ------
    AwayError
        If the server cannot be reached.
    StorageError
        If there is no such project, the login is no member, or the layout is of a later version.
    """

    def __init__(self, location: str, *, read_only: bool = False) -> None:
        self._place = Place.of(location)
        self._read_only = read_only
        self._lock = threading.RLock()
        self._link = Link(self._place, self._greet)
        self._format = FORMAT
        self._looked, self._seen = 0.0, 0
        self._may_wait = False
        self.location = repr(self._place)
        self.log_id = self.member = ""
        self.signs_for_others = False
        try:
            self._link_ask(_head_of(self._place))
        except BaseException:
            self._link.drop()
            raise
        whose = hashlib.sha256(self.member.encode()).hexdigest()[:16]
        self._spool = Spool(state_folder() / self.log_id / whose)
        with contextlib.suppress(AwayError):
            self._empty_spool()

    @property
    def hidden(self) -> Collection[str]:  # type: ignore[override]  # it depends on the role, which may change
        """Kinds of events whose payload by others this login may not see now."""
        found = self._ask(lambda connection: self._fetch(connection, "SELECT {}.sees_all()")[0][0])
        return () if found else SECLUDED

    def appoint(self, annotator_id: str, role: str) -> None:
        """Give a member another role.

        Parameters
        ----------
        annotator_id
            Whom.
        role
            One of `postgres_sql.ROLES`.

        Raises
        ------
        NotSavedError
            If this login is no lead, or there is no such member or role.
        """
        self._refuse_reader()
        question = "SELECT {}.appoint(%s::text, %s::text)"
        self._ask(lambda link: self._fetch(link, question, (annotator_id, role)), writing=True)

    def head(self) -> Head:
        """Return the last event as committed now."""
        self._looked = time.monotonic()
        head = self._ask(_head_of(self._place))
        self._seen = head.position
        return head

    def close(self) -> None:
        """Close the connection; the next use makes another."""
        with self._lock:
            self._link.drop()
            self._spool.close()

    def _has_news(self, after: int) -> bool:
        if self._seen > after:
            return True
        if self._link.quiet() and time.monotonic() - self._looked < _TRUST:
            return False
        return self.head().position > after

    # -- the connection

    def _greet(self, connection: _Connection) -> None:
        """Learn which log this is and as whom we are here; refuse what is none of ours."""
        schema = self._place.schema
        try:
            meta = dict(self._fetch(connection, "SELECT name, value FROM {}.meta"))
            self._format = int(meta.get("format", 0))
        except (errors.InsufficientPrivilege, errors.InvalidSchemaName, errors.UndefinedTable) as error:
            raise _stranger(connection, self._place) from error
        if not meta:
            raise _stranger(connection, self._place)
        if self._format > FORMAT:
            raise StorageError(
                f"{self.location} was laid out by a later version: expected format {FORMAT}, found "
                f"{self._format}. Nothing was changed; upgrade jupyter-annotate-kit to open it."
            )
        if self.log_id and meta["log_id"] != self.log_id:
            message = f"{self.location} was replaced by another log. Open the project again to use that one."
            raise StorageError(message)
        ((member,),) = self._fetch(connection, "SELECT {}.my_annotator()")
        if member is None:  # a superuser reads without being one of us
            raise _stranger(connection, self._place)
        self.log_id, self.member = meta["log_id"], member
        self.location = self._place.shown(connection.info.user)  # it may come from elsewhere
        with contextlib.suppress(errors.ReadOnlySqlTransaction):  # a server that follows another
            connection.execute(f"LISTEN {schema}".encode())
        self._looked, self._may_wait = 0.0, not self._read_only

    def _fetch(self, connection: _Connection, query: str, values: Sequence[object] = ()) -> list[Any]:
        return fetch(connection, self._place.schema, query, values)

    def _ask(self, question: Callable[[_Connection], _T], *, writing: bool = False) -> _T:
        """Ask, once everything that waited on this computer is in the log."""
        with self._lock:
            self._empty_spool()
            return self._link_ask(question, writing=writing)

    def _link_ask(self, question: Callable[[_Connection], _T], *, writing: bool = False) -> _T:
        try:
            return self._link.ask(question)
        except psycopg.Error as error:
            if self._link.is_asking:  # a question inside another one, which knows what to do
                raise
            raise refused(error, self._place, writing=writing) from error

    # -- reading

    def _rows(self, after: int, until: int | None) -> Iterator[Sequence[Row]]:
        for found in self._chunks(ROW, after, until):
            yield [Row(*each) for each in found]

    def _frames(self, after: int, until: int | None) -> Iterator[pl.DataFrame]:
        for found in self._chunks(_EVENT, after, until):
            yield pl.DataFrame(found, schema=_STORED, orient="row").cast({"at": EVENTS["at"]})  # type: ignore[dict-item]  # EVENTS has no open dtype

    def _chunks(self, select: str, after: int, until: int | None) -> Iterator[list[tuple[Any, ...]]]:
        end = _END if until is None else until
        while True:
            window = (after, end, _CHUNK)
            found = self._ask(partial(self._fetch, query=select + _WINDOW, values=window))
            if found:
                yield found
            if len(found) < _CHUNK:
                return
            after = found[-1][0]

    # -- writing

    def _transact(self, body: Callable[[Transaction], _T]) -> _T:
        self._refuse_reader()
        return self._ask(Attempt(self._place.schema, self.read, body), writing=True)

    def _store(self, drafts: Sequence[Row]) -> list[int]:
        """Store in one call, or keep here what a person decided while the server is away."""
        if not drafts:
            return []
        self._refuse_reader()
        with self._lock:
            try:
                self._empty_spool()
                return self._put(drafts)
            except AwayError as error:
                if not {row.kind for row in drafts} <= _KEPT:
                    advice = "Run this again when the store answers; running it twice is harmless."
                    raise NotSavedError(str(error), advice=advice) from error
                raise self._keep(drafts, error) from error

    def _put(self, drafts: Sequence[Row]) -> list[int]:
        """Store drafts that are new in one round trip; a known id takes the long way, which compares."""
        try:
            found = self._link.ask(partial(append, schema=self._place.schema, rows=drafts))
        except errors.UniqueViolation:
            return super()._store(drafts)
        except psycopg.Error as error:
            raise refused(error, self._place, writing=True) from error
        return found

    def _refuse_reader(self) -> None:
        if self._read_only:
            advice = "Open the project without read_only to write."
            raise NotSavedError(f"{self.location} was opened read-only", advice=advice)
        if self._format < FORMAT:
            advice = (
                "It can be read; whoever owns it brings it up to date with `jupyter annotate db migrate`."
            )
            raise NotSavedError(f"{self.location} has the older layout {self._format}", advice=advice)

    # -- while the server is away

    def _keep(self, drafts: Sequence[Row], error: AwayError) -> NotSavedError:
        """Keep drafts on this computer and return what to raise."""
        try:
            self._spool.keep(drafts)
        except OSError as failed:
            advice = f"It could not be kept in {self._spool.folder} either ({failed}): keep this page open."
            return NotSavedError(str(error), advice=advice)
        self._may_wait = True
        return KeptHereError(f"{self.location} cannot be reached", place=str(self._spool.folder))

    def _empty_spool(self) -> None:
        """Put what waits on this computer into the log."""
        if not self._may_wait or self._link.is_asking or self._read_only or self._format < FORMAT:
            return
        self._may_wait = False
        try:
            left = self._spool.empty(self._put_each) if self._spool.holds_any() else 0
        except OSError as error:
            _warn(f"What waits in {self._spool.folder} for {self.location} cannot be read ({error}).")
        except BaseException:
            self._may_wait = True
            raise
        else:
            if left:
                _warn(
                    f"{self.location} refused {left} submissions that were kept on this computer. They lie "
                    f"in {self._spool.folder}, in the files that end in .refused; show them to a lead."
                )

    def _put_each(self, appends: Sequence[Sequence[Row]]) -> list[Sequence[Row]]:
        left = []
        for rows in appends:
            try:
                self._put(rows)
            except (ConflictError, NotSavedError):
                left.append(rows)
        return left


def _head_of(place: Place) -> Callable[[_Connection], Head]:
    query = f"SELECT position, digest FROM {place.schema}.head".encode()  # noqa: S608 -- a checked name

    def ask(connection: _Connection) -> Head:
        row = connection.execute(query).fetchone()
        if row is None:
            raise IntegrityError("its head is gone")
        return Head(*row)

    return ask


def _stranger(connection: _Connection, place: Place) -> StorageError:
    """Say why a login finds no project: there is none, or it is no member."""
    query = "SELECT to_regnamespace(%s::text) IS NULL, session_user::text"
    missing, login = connection.execute(query, [place.schema]).fetchone() or (True, "")
    if missing:
        advice = "begin it with `jupyter annotate db init`, or look at the name"
        return StorageError(f"There is no project {place.project!r} in {place!r}: {advice}.")
    return StorageError(
        f"Login {login!r} is no member of the project {place.project!r}. Ask who runs the database to admit "
        "it with `jupyter annotate db add-member`."
    )


def _warn(sentence: str) -> None:
    warnings.warn(sentence, HistoryWarning, stacklevel=2)
