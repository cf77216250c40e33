"""Link: one connection to PostgreSQL that comes back, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar, final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg
from psycopg import conninfo, errors, pq

from jupyter_annotate.errors import AwayError, NotSavedError, StorageError

__all__ = ["Link", "Place", "refused"]

_T = TypeVar("_T")

#: Seconds during which a lost connection is sought again before somebody is told.
_SEARCH = 5.0
#: Seconds between two looks whether a server that is away is back, at least.
_HOLD = 1.0
#: Seconds without a byte after which a connection counts as lost.
_SILENCE = 15.0
_SHORTEST, _LONGEST = 0.05, 0.8

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

#: What libpq is asked for where the location does not say: to notice a network that is gone.
_DEFAULTS = {
    "application_name": "jupyter_annotate",
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
#: A kernel that is stopped while it writes must not keep the others waiting, nor wait for ever itself.
_SETTINGS = """
SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'; SET client_encoding = 'UTF8';
SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""

#: Beginnings of the codes of a server that takes nothing now: connection, resources, operator, system; a lock
#: that others hold; one that follows another and may only be read.
_AWAY = ("08", "53", "57", "58", "25P03", "55P03", "25006")
_PERMISSION = "42501"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project lies: how libpq finds the database, and the name of the project in it.

    Parameters
    ----------
    conninfo
        Keywords of libpq.
    project
        Name of the project.
    """

    conninfo: Mapping[str, str]
    project: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Take ``project=`` out of a location and leave the rest to libpq.

        Raises
        ------
        StorageError
            If it is no location, or no name for a project.
        """
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        project = asked.pop("project", "annotate")
        if not _NAME.fullmatch(project):
            expected = "up to 40 small letters, digits and underscores, a letter first"
            raise StorageError(f"{project!r} is no name for a project in PostgreSQL: expected {expected}.")
        bare = parts._replace(query=urlencode(asked, quote_via=quote)).geturl()
        try:
            found = conninfo.conninfo_to_dict(bare)
        except psycopg.ProgrammingError as error:
            form = "postgresql://user@host:5432/database?project=reviews"
            raise StorageError(f"This is no location of PostgreSQL ({error}); expected {form}.") from None
        return cls(_DEFAULTS | {name: str(value) for name, value in found.items()}, project)

    @property
    def schema(self) -> str:
        """Database schema the project lies in."""
        return f"ja_{self.project}"

    def __repr__(self) -> str:
        return self.shown(self.conninfo.get("user", ""))

    def shown(self, login: str) -> str:
        """Return the place as a location of a login, without a password."""
        host, port = self.conninfo.get("host", "localhost"), self.conninfo.get("port", "")
        place = f"{login}@{host}".lstrip("@") + f":{port}".rstrip(":")
        return f"postgresql://{place}/{self.conninfo.get('dbname', '')}?project={self.project}"


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that does not wait for ever: a server may be gone without a word."""

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- psycopg's own generators
        return super().wait(_impatient(gen), *args, **kwargs)


def _impatient(gen: Generator[Any, Any, _T]) -> Generator[Any, Any, _T]:
    """Pass everything on to a generator of psycopg, but end it when nothing came for long."""
    heard = time.monotonic()
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE:
                raise errors.ConnectionTimeout(f"no answer for {_SILENCE:.0f} seconds")
            wanted = gen.send(ready)
    except StopIteration as done:
        found: _T = done.value
        return found


@final
class Link:
    """One connection, made when it is needed and made again when it was lost.

    Parameters
    ----------
    place
        Where the server is.
    greet
        Called with each new connection.

    Attributes
    ----------
    is_asking
        Whether a question is being asked now. One inside it is asked of the same connection.
    """

    def __init__(self, place: Place, greet: Callable[[psycopg.Connection[Any]], None]) -> None:
        self._place = place
        self._greet = greet
        self._lock = threading.RLock()
        self._connection: _Connection | None = None
        self._process = os.getpid()
        self.is_asking = False
        self._heard = False
        #: When the server may be looked for again, and what it said the last time; 0 while it is there.
        self._not_before = 0.0
        self._last_words = ""

    def __repr__(self) -> str:
        return f"Link({self._place!r})"

    def ask(self, question: Callable[[psycopg.Connection[Any]], _T]) -> _T:
        """Call a function with the connection, again on another one if that was lost.

        Parameters
        ----------
        question
            It can be asked twice. A question inside another one is asked once: the outer one comes again.

        Raises
        ------
        AwayError
            If the server did not answer within some seconds.
        psycopg.Error
            What the server had against the question.
        """
        with self._lock:
            if self.is_asking and self._connection is not None:
                return question(self._connection)
            self.is_asking = True
            try:
                return self._seek(question)
            except BaseException:
                self._settle()
                raise
            finally:
                self.is_asking = False

    def quiet(self) -> bool:
        """Tell, without asking the server, whether it has announced nothing since the last time."""
        with self._lock:
            connection = self._own()
            if connection is None:
                return False
            try:
                connection.pgconn.consume_input()
                while connection.pgconn.notifies() is not None:
                    self._heard = True
            except psycopg.Error:
                self.drop()
                return False
            heard, self._heard = self._heard, False
            return not heard

    def drop(self) -> None:
        """Close the connection; the next question makes another."""
        with self._lock:
            connection, self._connection = self._own(), None
            if connection is not None:
                with contextlib.suppress(psycopg.Error, OSError):
                    connection.close()

    def _seek(self, question: Callable[[psycopg.Connection[Any]], _T]) -> _T:
        until = 0.0 if self._not_before else None  # one that is known to be away is tried once
        pause = _SHORTEST
        if time.monotonic() < self._not_before:
            raise self._away(self._last_words)
        while True:
            tried = time.monotonic()
            try:
                found = question(self._connected())
            except (psycopg.Error, OSError) as error:
                if not self._is_away(error):
                    raise
                self.drop()
                now = time.monotonic()
                until = now + _SEARCH if until is None else until
                if now + pause > until:
                    self._last_words = _plain(error)
                    self._not_before = now + max(_HOLD, 2 * (now - tried))
                    raise self._away(self._last_words) from error
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST)
            else:
                self._not_before = 0.0
                return found

    def _connected(self) -> psycopg.Connection[Any]:
        connection = self._own()
        if connection is None:
            connection = _Connection.connect(autocommit=True, **self._place.conninfo)  # type: ignore[arg-type]  # keywords of libpq
            self._connection = connection
            connection.add_notify_handler(self._hear)
            try:
                connection.execute(_SETTINGS)
                self._greet(connection)
            except BaseException:
                self.drop()  # nobody may find it half greeted
                raise
        return connection

    def _hear(self, _notice: psycopg.Notify) -> None:
        """Note what the server announced while it answered a question."""
        self._heard = True

    def _own(self) -> _Connection | None:
        """Return the connection unless it is closed, or that of the process this one was forked from."""
        if self._process != os.getpid():
            if self._connection is not None:
                _INHERITED.append(self._connection)  # closing it would end the parent's
            self._connection, self._process = None, os.getpid()
        if self._connection is not None and self._connection.closed:
            self._connection = None
        return self._connection

    def _settle(self) -> None:
        """Leave no transaction behind: after an error roll back, and where that fails, part."""
        connection = self._own()
        if connection is None or connection.info.transaction_status == pq.TransactionStatus.IDLE:
            return
        try:
            connection.execute("ROLLBACK")
        except (psycopg.Error, OSError):
            self.drop()

    @staticmethod
    def _is_away(error: Exception) -> bool:
        """Tell a server that cannot be reached, or takes nothing now, from one that refuses."""
        code = getattr(error, "sqlstate", None)
        return code.startswith(_AWAY) if code else isinstance(error, psycopg.OperationalError | OSError)

    def _away(self, words: str) -> AwayError:
        return AwayError(
            f"The store {self._place!r} cannot be reached now ({words}). It is looked for again the next "
            "time; if it stays away, ask whoever runs the database."
        )


_INHERITED: list[_Connection] = []


def refused(error: psycopg.Error, place: Place, *, writing: bool) -> StorageError:
    """Say why the server refused something, and what to do about it."""
    words = _plain(error)
    if error.sqlstate == _PERMISSION:
        advice = "Ask a lead of the project for the right to do this."
    elif error.sqlstate in {"3F000", "42P01", "42883"}:
        advice = f"There is no project {place.project!r} there: begin it with `jupyter annotate db init`."
    else:
        advice = "Show this to whoever runs the database."
    if writing:
        return NotSavedError(f"{place!r}: {words}", advice=advice)
    return StorageError(f"{place!r} cannot be read: {words}. {advice}")


def _plain(error: Exception) -> str:
    """Return the first line of what was said, without an end."""
    diagnosis = getattr(error, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(error)
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")
