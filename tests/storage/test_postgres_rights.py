"""Who may do what to a project in PostgreSQL: of every operation by every role, the allowed ones succeed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json, commitment
from jupyter_annotate.storage import postgres_admin, postgres_attempt
from jupyter_annotate.storage.drafts import draft
from jupyter_annotate.storage.postgres import PgLog
from jupyter_annotate.storage.postgres_sql import filled
from jupyter_annotate.storage.rows import Row
from tests.postgres_cluster import Team, shared_cluster

ANSWERED = "what ann answered"
ROLES = ("owner", "lead", "reviewer", "annotator", "other", "outsider")
#: The annotator of each role; the owner and the outsider are none, and sign with a name of their own.
NAMES = dict(zip(ROLES, ("olga", "lea", "rae", "ann", "bob", "eve"), strict=True))

#: Which roles succeed, in their order: owner, lead, reviewer, annotator, b(ob, another), e(ve, an outsider).
MATRIX = {
    "read the metadata of every event": ".lrab.",
    "read an open payload": ".lrab.",
    "read ann's answer": ".lra..",
    "read ann's answer through the view": ".lra..",
    "read ann's answer through a view of the owner": ".lra..",
    "read ann's answer as the owner's role": "......",
    "read ann's answer with row security off": "......",
    "read ann's answer with a variable set": ".lra..",
    "read ann's answer by COPY": ".lra..",
    "read ann's answer through a leaking function": ".lra..",
    "read ann's answer in the planner's statistics": "......",
    "read ann's query in pg_stat_activity": "...a..",
    "read batches": ".lrab.",
    "read all members": "ol....",
    "answer in one's own name": ".lrab.",
    "answer in ann's name": "...a..",
    "answer in ann's name, with tables of one's own in the way": "...a..",
    "answer in ann's name, with functions of one's own in the way": "...a..",
    "answer in ann's name after SET ROLE": "......",
    "answer in ann's name after SET SESSION AUTHORIZATION": "......",
    "adopt ann's answer, with a merge on record": ".l.a..",
    "adopt ann's answer, and the merge later": ".l....",
    "adopt what was erased elsewhere": ".l....",
    "answer for a model": ".l....",
    "begin with a schema": ".l....",
    "take items": ".lrab.",
    "take items for ann": ".l.a..",
    "give back what ann holds": ".l.a..",
    "end what ann holds too long": ".lrab.",
    "answer in the past": ".l....",
    "answer in the future": ".l....",
    "answer with a digest that does not follow": "......",
    "answer with another payload than committed to": "......",
    "answer with what is no JSON": "......",
    "answer with a control character in an id": "......",
    "insert an event directly": "......",
    "insert a payload directly": "......",
    "insert events by COPY": "......",
    "change an event": "......",
    "change the head": "......",
    "delete a payload": "......",
    "truncate the payloads": "......",
    "erase": ".l....",
    "erase without an event": "......",
    "keep a batch": ".l....",
    "make oneself a lead": "ol....",
    "lift the blinding": "ol....",
    "write as the functions do": "......",
    "advance a sequence": "......",
    "hear that something happened": "olrabe",
    "hear what happened": "......",
}


#: How the server says no. Whatever else it says fails the test: then nothing was tried.
REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidTextRepresentation,
    psycopg.errors.CheckViolation,
)


@dataclass(frozen=True)
class Actor:
    """One role at the server."""

    role: str
    schema: str
    connection: psycopg.Connection[Any]
    others: dict[str, psycopg.Connection[Any]]
    logins: dict[str, str]

    @property
    def name(self) -> str:
        """Name to sign with."""
        return NAMES[self.role]

    def run(self, text: str, *values: object) -> list[Any]:
        """Run SQL with the names of the project in it."""
        cursor = self.connection.execute(filled(text, self.schema).encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def append(self, *events: Event, **changed: int | str) -> bool:
        """Append through the one function that can."""
        drafts = [replace(draft(event), **changed) for event in events]  # type: ignore[arg-type]  # of its type
        return self.append_rows(drafts)

    def append_rows(self, rows: list[Row]) -> bool:
        """Append rows as they are, and look at what a commit would look at."""
        query = postgres_attempt._APPEND.replace("{}", "{schema}")
        found = self.run(query, *postgres_attempt._arrays(rows))
        self.run("SET CONSTRAINTS ALL IMMEDIATE")
        self.run("SET CONSTRAINTS ALL DEFERRED")
        return bool(found)

    def sees(self, query: str) -> bool:
        """Tell whether the answer of ann is in what a query returns."""
        return any(ANSWERED in str(row) for row in self.run(query))


def answer(who: str, value: Json = "x", kind: AnnotatorKind = AnnotatorKind.HUMAN) -> Event:
    """Make an answer."""
    return Event(
        kind=EventKind.ANSWER, annotator_id=who, annotator_kind=kind, item_id="1", question="q", value=value
    )


def lease(actor: Actor, kind: EventKind, holder: str) -> Event:
    """Say something about what somebody holds."""
    value: Json = {"annotator": holder, "items": ["1"]}
    return Event(kind=kind, annotator_id=actor.name, value=value)


_SECRETS = "SELECT value FROM {schema}.payloads"


def read_as_owner(actor: Actor) -> bool:
    """Take the owner's role, which FORCE leaves without a payload."""
    actor.run("SET LOCAL ROLE {owner}")
    return actor.sees(_SECRETS)


def read_without_row_security(actor: Actor) -> bool:
    """Ask for everything or an error."""
    actor.run("SET LOCAL row_security = off")
    return actor.sees(_SECRETS)


def read_with_variables(actor: Actor) -> bool:
    """Set what a careless policy would look at."""
    for name in ("app.user", "app.annotator", "request.jwt.claim.sub"):
        actor.run("SELECT set_config(%s, 'ann', true)", name)
    return actor.sees(_SECRETS)


def read_by_copy(actor: Actor) -> bool:
    """Copy the table out."""
    statement = filled("COPY (TABLE {schema}.payloads) TO STDOUT", actor.schema)
    with actor.connection.cursor().copy(statement.encode()) as copy:
        return ANSWERED.encode() in b"".join(bytes(each) for each in copy)


def read_by_leak(actor: Actor) -> bool:
    """Let a cheap function see every row before the policy does, if it can."""
    seen: list[str] = []
    actor.connection.add_notice_handler(lambda notice: seen.append(notice.message_primary or ""))
    actor.run(
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "
        "$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
    )
    actor.run("EXPLAIN (ANALYZE, VERBOSE) SELECT FROM {schema}.payloads WHERE pg_temp.leak(value)")
    return any(ANSWERED in each for each in seen)


def read_activity(actor: Actor) -> bool:
    """Look at the statements of the others."""
    others = actor.others["annotator"]
    others.execute(f"SELECT '{ANSWERED}'")
    return actor.sees("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def forge_by_tables(actor: Actor) -> bool:
    """Put tables of one's own before the project's."""
    actor.run("CREATE TEMP TABLE members(login name, annotator text, role text)")
    actor.run("INSERT INTO members VALUES (session_user, 'ann', 'lead')")
    actor.run("CREATE TEMP TABLE meta(name text, value text)")
    actor.run("INSERT INTO meta VALUES ('blind', 'off')")
    actor.run("SET LOCAL search_path = pg_temp, {schema}, pg_catalog")
    return actor.append(answer("ann"))


def forge_by_functions(actor: Actor) -> bool:
    """Put functions of one's own before the project's and the server's."""
    for body in (
        "my_annotator() RETURNS text LANGUAGE sql AS $$ SELECT 'ann' $$",
        "my_role() RETURNS text LANGUAGE sql AS $$ SELECT 'lead' $$",
        "sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$",
        "objection(text, text, text, text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT NULL $$",
    ):
        actor.run("CREATE FUNCTION pg_temp." + body)
    actor.run("SET LOCAL search_path = pg_temp, {schema}, pg_catalog")
    return actor.append(answer("ann"))


def forge_by_role(actor: Actor) -> bool:
    """Become ann for the rest of the transaction."""
    actor.run(f'SET LOCAL ROLE "{actor.logins["annotator" if actor.role != "annotator" else "other"]}"')
    return actor.append(answer("ann"))


def forge_by_authorization(actor: Actor) -> bool:
    """Become ann for the rest of the session."""
    whom = actor.logins["annotator" if actor.role != "annotator" else "other"]
    actor.run(f'SET LOCAL SESSION AUTHORIZATION "{whom}"')
    return actor.append(answer("ann"))


def adopt(actor: Actor) -> bool:
    """Store an answer of ann from elsewhere together with what says so."""
    old = replace(draft(answer("ann")), at=1_700_000_000_000_000)
    kind = EventKind.MERGE if actor.role == "lead" else EventKind.COMMENT
    merge = Event(kind=kind, annotator_id=actor.name, item_id="1", value="from a folder")
    return actor.append_rows([old if actor.role == "lead" else draft(answer("ann")), draft(merge)])


def adopt_and_tell(actor: Actor) -> bool:
    """Store an answer of bob first, and say so later in the same transaction."""
    query = postgres_attempt._APPEND.replace("{}", "{schema}")
    who = "bob" if actor.role != "other" else "ann"
    actor.run(query, *postgres_attempt._arrays([draft(answer(who))]))
    return actor.append(Event(kind=EventKind.MERGE, annotator_id=actor.name, value="from a folder"))


def adopt_erased(actor: Actor) -> bool:
    """Store an answer of one's own whose payload is gone."""
    return actor.append_rows([replace(draft(answer(actor.name)), value=None, context=None, salt=None)])


def change_payload(actor: Actor) -> bool:
    """Show another payload than the commitment's."""
    return actor.append(answer(actor.name), value='"y"')


def store_junk(actor: Actor) -> bool:
    """Commit to what nobody can parse."""
    row = draft(answer(actor.name))
    assert row.salt is not None
    commit = commitment(row.salt, "{junk", "null")
    return actor.append_rows([replace(row, value="{junk", context="null", commit=commit)])


def copy_in(actor: Actor) -> bool:
    """Copy an event in."""
    statement = filled("COPY {schema}.events FROM STDIN", actor.schema)
    with actor.connection.cursor().copy(statement.encode()) as copy:
        copy.write_row((99, "e", 1, "answer", "ann", "human", "1", "q", "", "c", "d"))
    return True


def count(actor: Actor, statement: str) -> bool:
    """Tell whether a statement touched a row."""
    return actor.connection.execute(filled(statement, actor.schema).encode()).rowcount > 0


def erase(actor: Actor) -> bool:
    """Erase the first event, with an event that says so."""
    value: Json = {"positions": [1], "reason": "asked to"}
    actor.append(Event(kind=EventKind.ERASE, annotator_id=actor.name, value=value))
    actor.run("SELECT {schema}.erase(ARRAY[1])")
    return not actor.sees("SELECT value FROM {schema}.payloads WHERE position = 1")


def write_directly(actor: Actor) -> bool:
    """Take the role of the functions."""
    actor.run("SET LOCAL ROLE {writer}")
    return count(actor, "UPDATE {schema}.head SET position = position")


def advance(actor: Actor) -> bool:
    """Advance every sequence there is."""
    query = "SELECT nextval(oid::regclass) FROM pg_class WHERE relkind = 'S'"
    return bool(actor.run(query))


def heard(actor: Actor) -> list[str]:
    """Listen, let somebody answer, and return what was heard."""
    actor.run("COMMIT")
    actor.run("LISTEN {channel}")
    other = replace(actor, role="other", connection=actor.others["other"])
    other.append(answer("bob"))
    notes = [each.payload for each in actor.connection.notifies(timeout=10, stop_after=1)]
    actor.run("UNLISTEN *")
    actor.run("BEGIN")
    return notes


OPERATIONS: dict[str, Callable[[Actor], bool]] = {
    "read the metadata of every event": lambda a: (
        len(a.run("SELECT commit, digest FROM {schema}.events")) > 1
    ),
    "read an open payload": lambda a: bool(a.run("SELECT value FROM {schema}.payloads WHERE audience = ''")),
    "read ann's answer": lambda a: a.sees(_SECRETS),
    "read ann's answer through the view": lambda a: a.sees("TABLE {schema}.log"),
    "read ann's answer through a view of the owner": lambda a: a.sees("TABLE {schema}.shown"),
    "read ann's answer as the owner's role": read_as_owner,
    "read ann's answer with row security off": read_without_row_security,
    "read ann's answer with a variable set": read_with_variables,
    "read ann's answer by COPY": read_by_copy,
    "read ann's answer through a leaking function": read_by_leak,
    "read ann's answer in the planner's statistics": lambda a: a.sees("TABLE pg_stats"),
    "read ann's query in pg_stat_activity": read_activity,
    "read batches": lambda a: bool(a.run("TABLE {schema}.batches")),
    "read all members": lambda a: len(a.run("TABLE {schema}.members")) > 1,
    "answer in one's own name": lambda a: a.append(answer(a.name)),
    "answer in ann's name": lambda a: a.append(answer("ann")),
    "answer in ann's name, with tables of one's own in the way": forge_by_tables,
    "answer in ann's name, with functions of one's own in the way": forge_by_functions,
    "answer in ann's name after SET ROLE": forge_by_role,
    "answer in ann's name after SET SESSION AUTHORIZATION": forge_by_authorization,
    "adopt ann's answer, with a merge on record": adopt,
    "adopt ann's answer, and the merge later": adopt_and_tell,
    "adopt what was erased elsewhere": adopt_erased,
    "answer for a model": lambda a: a.append(answer("gpt", kind=AnnotatorKind.MODEL)),
    "begin with a schema": lambda a: a.append(Event(kind=EventKind.SCHEMA, value={})),
    "take items": lambda a: a.append(lease(a, EventKind.ASSIGN, a.name)),
    "take items for ann": lambda a: a.append(lease(a, EventKind.ASSIGN, "ann")),
    "give back what ann holds": lambda a: a.append(lease(a, EventKind.RELEASE, "ann")),
    "end what ann holds too long": lambda a: a.append(lease(a, EventKind.EXPIRE, "ann")),
    "answer in the past": lambda a: a.append(answer(a.name), at=1_700_000_000_000_000),
    "answer in the future": lambda a: a.append(answer(a.name), at=9_000_000_000_000_000),
    "answer with a digest that does not follow": lambda a: a.append(answer(a.name), digest="0" * 64),
    "answer with another payload than committed to": change_payload,
    "answer with what is no JSON": store_junk,
    "answer with a control character in an id": lambda a: a.append(answer(a.name), item_id="1\x1f2"),
    "insert an event directly": lambda a: count(
        a, "INSERT INTO {schema}.events VALUES (99, 'e', 1, 'answer', 'ann', 'human', '1', 'q', '', 'c', 'd')"
    ),
    "insert a payload directly": lambda a: count(
        a, "INSERT INTO {schema}.payloads VALUES (99, 'ann', '1', '1', '')"
    ),
    "insert events by COPY": copy_in,
    "change an event": lambda a: count(a, "UPDATE {schema}.events SET annotator_id = 'bob'"),
    "change the head": lambda a: count(a, "UPDATE {schema}.head SET position = 0"),
    "delete a payload": lambda a: count(a, "DELETE FROM {schema}.payloads"),
    "truncate the payloads": lambda a: a.run("TRUNCATE {schema}.payloads") == [],
    "erase": erase,
    "erase without an event": lambda a: bool(a.run("SELECT {schema}.erase(ARRAY[1])")),
    "keep a batch": lambda a: bool(a.run("SELECT {schema}.keep_batch('d', 0, '')")),
    "make oneself a lead": lambda a: bool(
        a.run("SELECT {schema}.admit(session_user::text, %s, 'lead')", a.name)
    ),
    "lift the blinding": lambda a: bool(a.run("SELECT {schema}.blind(false)")),
    "write as the functions do": write_directly,
    "advance a sequence": advance,
    "hear that something happened": lambda a: len(heard(a)) == 1,
    "hear what happened": lambda a: "".join(heard(a)) != "",
}


@pytest.fixture(scope="module")
def team() -> Team:
    """Make a project with an answer of ann, a batch, fresh statistics, and a view that its owner shows."""
    members = {NAMES[role]: role for role in ("lead", "reviewer", "annotator")}
    team = shared_cluster().team(**members, bob="annotator")
    with team.connect("postgres") as connection:
        connection.execute(f"CREATE ROLE olga_{team.project} LOGIN".encode())
        connection.execute(f"CREATE ROLE eve_{team.project} LOGIN".encode())
        connection.execute(filled(f"GRANT {{owner}} TO olga_{team.project}", f"ja_{team.project}").encode())
    with PgLog(team.url("lea")) as log:
        log.append([Event(kind=EventKind.GUIDELINES, annotator_id="lea", value="be kind")])
        log._ask(lambda connection: log._fetch(connection, "SELECT {}.keep_batch('a', 0, 'x')"))
    with PgLog(team.url("ann")) as log:
        log.append([answer("ann", ANSWERED)] * 2 + [answer("ann", ANSWERED) for _ in range(20)])
    view = (
        "CREATE VIEW {schema}.shown AS SELECT value FROM {schema}.payloads;"
        "GRANT SELECT ON {schema}.shown TO PUBLIC"
    )
    with team.connect(f"olga_{team.project}") as connection:
        connection.execute(
            filled(f"SET ROLE {{owner}}; {view}", f"ja_{team.project}").encode(), prepare=False
        )
    with team.connect("postgres") as connection:
        connection.execute(filled("ANALYZE {schema}.payloads", f"ja_{team.project}").encode())
        assert ANSWERED in str(connection.execute("TABLE pg_stats").fetchall())  # for a superuser it is there
    return team


def outcome(team: Team, operation: str) -> str:
    """Return the roles that succeed, each in a transaction that is rolled back."""
    found = []
    logins = {role: team.login(name) for role, name in NAMES.items()}
    connections = {role: team.connect(login) for role, login in logins.items()}
    for role, letter in zip(ROLES, "olrabe", strict=True):
        with team.connect(logins[role]) as connection:
            actor = Actor(role, f"ja_{team.project}", connection, connections, logins)
            connection.execute("BEGIN")
            try:
                found.append(letter if OPERATIONS[operation](actor) else ".")
            except REFUSALS:
                found.append(".")
            connection.execute("ROLLBACK")
    for connection in connections.values():
        connection.close()
    return "".join(found)


def test_the_matrix_is_whole() -> None:
    """There is an expected value for at least 16 operations by each of six roles."""
    assert MATRIX.keys() == OPERATIONS.keys()
    assert len(MATRIX) >= 16
    assert {len(cells) for cells in MATRIX.values()} == {len(ROLES)}


@pytest.mark.parametrize("operation", MATRIX)
def test_exactly_the_allowed_succeed(team: Team, operation: str) -> None:
    """An operation succeeds for the roles that the matrix names, and for no other."""
    assert outcome(team, operation) == MATRIX[operation]


def test_without_force_the_owner_sees_the_answers() -> None:
    """The matrix notices when row-level security is no longer forced upon the owner."""
    team = shared_cluster().team(lea="lead", rae="reviewer", ann="annotator", bob="annotator")
    schema = f"ja_{team.project}"
    with team.connect("postgres") as connection:
        for name in ("olga", "eve"):
            connection.execute(f"CREATE ROLE {name}_{team.project} LOGIN".encode())
        connection.execute(filled(f"GRANT {{owner}} TO olga_{team.project}", schema).encode())
    with PgLog(team.url("ann")) as log:
        log.append([answer("ann", ANSWERED)])
    assert outcome(team, "read ann's answer") == MATRIX["read ann's answer"]

    with team.connect("postgres") as connection:
        connection.execute(f"ALTER TABLE {schema}.payloads NO FORCE ROW LEVEL SECURITY".encode())

    assert outcome(team, "read ann's answer") == "olra.."


def test_nothing_is_hidden_once_the_blinding_is_lifted() -> None:
    """Every member reads every answer then, and no longer when it is blinded again."""
    team = shared_cluster().team(lea="lead", ann="annotator", bob="annotator")
    with PgLog(team.url("ann")) as log:
        log.append([answer("ann", ANSWERED)])
    with PgLog(team.url("bob")) as log:
        assert log.read()["value"].to_list() == [None]
        postgres_admin.set_blinding(team.url("lea"), on=False)
        assert log.read()["value"].to_list() == [f'"{ANSWERED}"']
        assert log.hidden == ()
        postgres_admin.set_blinding(team.url("lea"), on=True)
        assert log.read()["value"].to_list() == [None]
        assert log.verify().hidden == 1


def test_a_log_that_names_nobody_accepts_no_other_name() -> None:
    """The sentence a person reads names both: who signed, and who is logged in."""
    team = shared_cluster().team(ann="annotator")
    with (
        PgLog(team.url("ann")) as log,
        pytest.raises(Exception, match="it is signed as 'bob', and this login is 'ann'"),
    ):
        log.append([answer("bob")])
