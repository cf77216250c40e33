"""Administration of a project in PostgreSQL: beginning it, its members, their roles, and the blinding.

Each function opens a connection of its own under the login the location names. Beginning a project, changing
its layout and admitting logins take one that may create roles; a lead too changes roles and the blinding.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from jupyter_annotate.errors import AwayError, SchemaError, StorageError, UnknownNameError
from jupyter_annotate.events import check_text, genesis, uuid7
from jupyter_annotate.storage import postgres_sql
from jupyter_annotate.storage.postgres_link import Place, refused
from jupyter_annotate.storage.postgres_sql import ROLES, filled

__all__ = ["Credentials", "add_member", "init", "members", "migrate", "set_blinding", "set_role"]

_OLDEST_SERVER = 150_000
_LONGEST_LOGIN = 63
_PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a member logs in.

    Parameters
    ----------
    login
        Name of the login.
    password
        Shown to nobody but who asks for this very attribute. None for a login that was there before and
        keeps its own.
    """

    login: str
    password: str | None = field(repr=False)


def init(url: str) -> None:
    """Begin a project: its roles, tables, policies and functions. One that is there is brought up to date.

    Parameters
    ----------
    url
        Location of the project, as a login that may create roles, and schemas in this database. It becomes an
        owner, which administers and sees no answers; admit yourself with `add_member` to label.

    Raises
    ------
    StorageError
        If the server is older than 15, does not hold text as UTF-8, or refuses.
    AwayError
        If the server cannot be reached.
    """
    with _administering(url) as (connection, place):
        _check_server(connection, place)
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [place.schema])
        if _format(connection, place) is None:
            _make_roles(connection, place)
            owner = f"{place.schema}_owner"
            connection.execute(_sql("CREATE SCHEMA {} AUTHORIZATION {}", place.schema, owner))
            _climb(connection, place, 0)
        else:
            _bring_up_to_date(connection, place)


def migrate(url: str) -> None:
    """Bring the layout of a project up to date, all of it or nothing. Nobody can write meanwhile.

    Parameters
    ----------
    url
        Location of the project, as an owner of it.

    Raises
    ------
    StorageError
        If there is no such project, its layout is of a later version, or the server refuses.
    AwayError
        If the server cannot be reached.
    """
    with _administering(url) as (connection, place):
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [place.schema])
        _bring_up_to_date(connection, place)


def add_member(
    url: str, annotator: str, role: str = "annotator", login: str | None = None, password: str | None = None
) -> Credentials:
    """Admit an annotator under a login of its own, which is made if it is not there.

    Parameters
    ----------
    url
        Location of the project, as an owner of it.
    annotator
        The only name under which this login can answer.
    role
        ``"annotator"``, ``"reviewer"``, ``"adjudicator"`` or ``"lead"``.
    login
        The annotator's name by default.
    password
        A random one by default. A login that is there already keeps its own unless one is given.

    Returns
    -------
    credentials
        The password is nowhere else; the server keeps a hash of it.

    Raises
    ------
    StorageError
        If no row-level security binds the login, it belongs to another annotator, or the server refuses.
    UnknownNameError
        If there is no such role.
    AwayError
        If the server cannot be reached.
    """
    login = annotator if login is None else login
    _check_member(annotator, role, login)
    with _administering(url) as (connection, place):
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [login]
        ).fetchone()
        if row is not None and row[0]:
            message = f"Login {login!r} sees and changes everything: no rule binds it. Use another one."
            raise StorageError(message)
        if row is None and password is None:
            password = secrets.token_urlsafe(_PASSWORD_BYTES)
        _make_login(connection, login, password, new=row is None)
        connection.execute(_sql("GRANT {} TO {}", f"{place.schema}_member", login))
        _admit(connection, place, login, annotator, role)
    return Credentials(login, password)


def set_role(url: str, annotator: str, role: str) -> None:
    """Give a member another role.

    Parameters
    ----------
    url
        Location of the project, as an owner or a lead of it.
    annotator
        Whose.
    role
        ``"annotator"``, ``"reviewer"``, ``"adjudicator"`` or ``"lead"``.

    Raises
    ------
    UnknownNameError
        If there is no such annotator or role.
    StorageError
        If the server refuses.
    AwayError
        If the server cannot be reached.
    """
    with _administering(url) as (connection, place):
        known = {str(name): str(login) for login, name, _ in _members(connection, place)}
        if annotator not in known:
            raise UnknownNameError("member", annotator, known)
        _check_member(annotator, role, known[annotator])
        connection.execute(_sql("SELECT {}.appoint(%s::text, %s::text)", place.schema), [annotator, role])


def members(url: str) -> pl.DataFrame:
    """Return who may do what: login, annotator, role. A member that is no lead sees itself alone.

    Parameters
    ----------
    url
        Location of the project.

    Raises
    ------
    StorageError
        If there is no such project, or the server refuses.
    AwayError
        If the server cannot be reached.
    """
    with _administering(url) as (connection, place):
        found = _members(connection, place)
    return pl.DataFrame(found, schema=dict.fromkeys(("login", "annotator", "role"), pl.String), orient="row")


def set_blinding(url: str, on: bool) -> None:  # noqa: FBT001 -- the one thing that is set
    """Let annotators see each other's answers, or not. A project begins blinded.

    Reviewers, adjudicators and leads always see them. Kernels that have the project open see what was hidden
    when they open it again.

    Parameters
    ----------
    url
        Location of the project, as an owner or a lead of it.
    on
        Whether the answers of others are hidden.

    Raises
    ------
    StorageError
        If the server refuses.
    AwayError
        If the server cannot be reached.
    """
    with _administering(url) as (connection, place):
        connection.execute(_sql("SELECT {}.blind(%s)", place.schema), [on])


# ------------------------------------------------------------------------------------ pieces


@contextmanager
def _administering(url: str) -> Iterator[tuple[psycopg.Connection[Any], Place]]:
    """Open a connection and one transaction in it; turn what the server says into a sentence."""
    place = Place.of(url)
    try:
        connection = psycopg.connect(**place.conninfo)  # type: ignore[arg-type]  # keywords of libpq
    except psycopg.Error as error:
        raise AwayError(f"{place!r} cannot be reached: {str(error).strip()}") from None
    try:
        with connection:
            yield connection, place
    except psycopg.Error as error:
        raise refused(error, place, writing=False) from error


def _sql(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _check_server(connection: psycopg.Connection[Any], place: Place) -> None:
    if connection.info.server_version < _OLDEST_SERVER:
        found = connection.info.parameter_status("server_version")
        raise StorageError(f"{place!r} runs PostgreSQL {found}: expected 15 or newer.")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        message = f"{place!r} holds text as {encoding}: make a database with ENCODING 'UTF8' and use that."
        raise StorageError(message)


def _format(connection: psycopg.Connection[Any], place: Place) -> int | None:
    """Return the layout of the project, None where there is none."""
    name = f"{place.schema}.meta"
    (there,) = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone() or (False,)
    if not there:
        return None
    with _as(connection, place, "writer"):
        query = _sql("SELECT value FROM {}.meta WHERE name = 'format'", place.schema)
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _bring_up_to_date(connection: psycopg.Connection[Any], place: Place) -> None:
    found = _format(connection, place)
    if found is None:
        raise StorageError(f"There is no project in {place!r}: begin it with `jupyter annotate db init`.")
    newest = len(postgres_sql.STEPS)
    if found > newest:
        raise StorageError(
            f"{place!r} was laid out by a later version: expected format {newest}, found {found}. "
            "Nothing was changed; upgrade jupyter-annotate-kit."
        )
    if found < newest:
        with _as(connection, place, "writer"):
            connection.execute(_sql("SELECT FROM {}.head FOR UPDATE", place.schema))
        _climb(connection, place, found)


def _climb(connection: psycopg.Connection[Any], place: Place, start: int) -> None:
    """Run the steps from one layout to the present one."""
    log_id = uuid7()
    for step in postgres_sql.STEPS[start:]:
        for actor, text in step:
            named = filled(text, place.schema)
            named = named.replace("{log_id}", f"'{log_id}'").replace("{genesis}", f"'{genesis(log_id)}'")
            with _as(connection, place, actor):
                connection.execute(named.encode(), prepare=False)
    with _as(connection, place, "writer"):
        query = _sql("UPDATE {}.meta SET value = %s WHERE name = 'format'", place.schema)
        connection.execute(query, [str(len(postgres_sql.STEPS))])


@contextmanager
def _as(connection: psycopg.Connection[Any], place: Place, actor: str) -> Iterator[None]:
    """Act as one of the roles without a login; nobody stays a member of the writers."""
    role = f"{place.schema}_{actor}"
    free = _is_member(connection, role)
    if not free:
        connection.execute(_sql("GRANT {} TO CURRENT_USER", role))
    connection.execute(_sql("SET ROLE {}", role))
    yield
    connection.execute("RESET ROLE")
    if not free and actor != "owner":
        connection.execute(_sql("REVOKE {} FROM CURRENT_USER", role))


def _make_roles(connection: psycopg.Connection[Any], place: Place) -> None:
    for name in ("owner", "writer", "member"):
        role = f"{place.schema}_{name}"
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if known is None:
            connection.execute(_sql("CREATE ROLE {} NOLOGIN", role))
    owner = f"{place.schema}_owner"
    if not _is_member(connection, owner):
        connection.execute(_sql("GRANT {} TO CURRENT_USER", owner))


def _is_member(connection: psycopg.Connection[Any], role: str) -> bool:
    row = connection.execute("SELECT pg_has_role(session_user, %s, 'MEMBER')", [role]).fetchone()
    return bool(row and row[0])


def _check_member(annotator: str, role: str, login: str) -> None:
    if role not in ROLES:
        raise UnknownNameError("role", role, ROLES)
    for name, what in ((annotator, "The annotator"), (login, "The login")):
        if not check_text(name, what=what).strip():
            raise SchemaError(f"{what} needs a name like 'ada', found {name!r}.")
    if len(login.encode()) > _LONGEST_LOGIN:
        raise SchemaError(f"The login {login!r} is longer than {_LONGEST_LOGIN} bytes: name a shorter one.")


def _make_login(connection: psycopg.Connection[Any], login: str, password: str | None, *, new: bool) -> None:
    """Make a login, or give one its password. The server is sent a hash: it may log what it is sent."""
    if new:
        connection.execute(_sql("CREATE ROLE {} LOGIN", login))
    if password is not None:
        secret = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), secret.decode())
        connection.execute(change)


def _members(connection: psycopg.Connection[Any], place: Place) -> list[tuple[str, str, str]]:
    query = _sql("SELECT login::text, annotator, role FROM {}.members ORDER BY annotator", place.schema)
    return connection.execute(query).fetchall()


def _admit(connection: psycopg.Connection[Any], place: Place, login: str, annotator: str, role: str) -> None:
    query = _sql("SELECT {}.admit(%s::text, %s::text, %s::text)", place.schema)
    connection.execute(query, [login, annotator, role])
