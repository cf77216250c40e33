"""A project in PostgreSQL: begun, labeled, exported, and what a person is told when it cannot be opened."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import (
    IntegrityError,
    MissingExtraError,
    NotSavedError,
    StorageError,
    UnknownNameError,
)
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import open_store, postgres_admin, postgres_sql, snapshot
from jupyter_annotate.storage.base import has_news
from jupyter_annotate.storage.batches import FolderBatches
from jupyter_annotate.storage.postgres import PgLog
from jupyter_annotate.storage.postgres_batches import PgBatches
from jupyter_annotate.verifying import verify
from tests.postgres_cluster import Team, shared_cluster

SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
ITEMS = pl.DataFrame({"item_id": [f"i{n}" for n in range(30)], "text": [f"text {n}" for n in range(30)]})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep copies and what waits in folders of the test."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def team() -> Team:
    """Begin a project led by Ada, with Bob and Cy to annotate."""
    return shared_cluster().team(ada="lead", bob="annotator", cy="annotator")


def note(who: str, value: str = "x") -> Event:
    """Make an event."""
    return Event(kind=EventKind.COMMENT, annotator_id=who, item_id="1", value=value)


def answer(who: str, value: str = "glad") -> Event:
    """Make an answer."""
    return Event(kind=EventKind.ANSWER, annotator_id=who, item_id="i1", question="mood", value=value)


# ---------------------------------------------------------------------------------- the whole way


def test_a_team_labels_and_exports(team: Team, tmp_path: Path) -> None:
    """A lead begins with items and suggestions, an annotator labels, and the lead exports the labels."""
    suggestions = {"item_id": ["i0", "i1"], "value": ["sad", "glad"], "score": [0.9, 0.8]}
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS) as lead:
        lead.add_prelabels(suggestions, source="model-1")
        with ja.Project.open(team.url("bob")) as project:
            session = ja.Session(project)
            assert (session.annotator.annotator_id, session.annotator.source) == ("bob", "db_role")
            for item in session:
                session.submit({"mood": "glad" if item.item_id == "i0" else "sad"})
            assert session.progress()["done"] == 30
            assert session.undo() == "i29"
            assert len(project.prelabels()) == 2
            assert len(project.items().collect()) == 30

        ja.export(lead, tmp_path / "out")
        exported = pl.read_parquet(tmp_path / "out" / "labels_mood.parquet")
        assert exported.filter(pl.col("annotator_id") == "bob").height == 29
        assert verify(lead).head == lead.log.head()
        assert lead.log.location in repr(lead)


def test_a_plan_is_followed_by_all(team: Team) -> None:
    """Three members who claim at the same time give each item exactly the two answers it needs."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS) as lead:
        ja.distribute(lead, overlap=2, annotator="ada")

        def label(who: str) -> None:
            with ja.Project.open(team.url(who)) as project:
                session = ja.Session(project, who)
                for item in session:
                    session.submit({"mood": "glad"}, item_id=item.item_id)

        threads = [threading.Thread(target=label, args=(who,)) for who in ("ada", "bob", "cy")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        answers = lead.events().filter(pl.col("kind") == "answer").group_by("item_id")
        each = answers.agg(n=pl.len(), who=pl.col("annotator_id").n_unique())
        assert each.height == 30
        assert set(each["n"]) == set(each["who"]) == {2}
        assert lead.log.verify().head.position == len(lead.events())


def test_a_folder_labeled_elsewhere_is_merged(team: Team, tmp_path: Path) -> None:
    """A lead takes in items, answers of others and erasures, once; who is no lead is refused."""
    with ja.Project.open(tmp_path / "offline", schema=SCHEMA, items=ITEMS) as folder:
        for who in ("cy", "dora"):
            session = ja.Session(folder, who)
            for item_id in ("i0", "i1"):
                session.submit({"mood": "sad"}, item_id=item_id)
        answers = folder.events().filter(pl.col("kind") == "answer")
        folder.log.erase([answers["position"][0]], annotator_id="cy", reason="asked to")
    ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS[:10]).log.close()

    with ja.Project.open(team.url("bob")) as project, pytest.raises(NotSavedError, match="only a lead"):
        ja.merge(project, tmp_path / "offline")
    with ja.Project.open(team.url("ada")) as project:
        report = ja.merge(project, tmp_path / "offline")
        assert (report.items, ja.merge(project, tmp_path / "offline").events) == (20, 0)
        stored = project.events().filter(pl.col("kind") == "answer")
        assert stored["annotator_id"].to_list() == ["cy", "cy", "dora", "dora"]
        assert stored["value"].null_count() == 1
        assert verify(project).erased == 1


def test_kernels_take_turns(team: Team) -> None:
    """Appends and decisions of three kernels at once: no position twice, no decision on old knowledge."""

    def decide(seen: pl.DataFrame, _now: int) -> list[Event]:
        numbers = [int(each.removeprefix("n")) for each in seen.filter(pl.col("kind") == "flag")["event_id"]]
        number = max(numbers, default=0) + 1
        return [Event(kind=EventKind.FLAG, annotator_id=who.name, item_id="1", event_id=f"n{number}")]

    def work(name: str) -> None:
        who.name = name
        with PgLog(team.url(name)) as log:
            for _ in range(25):
                log.append([note(name), note(name)])
                log.append_after(0, decide)

    who = threading.local()
    threads = [threading.Thread(target=work, args=(name,)) for name in ("ada", "bob", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with PgLog(team.url("ada")) as log:
        events = log.read()
        assert log.verify().head.position == len(events) == 3 * 25 * 3
    flags = events.filter(pl.col("kind") == "flag")["event_id"].to_list()
    assert flags == [f"n{number}" for number in range(1, 76)]


def test_opening_again_resumes(team: Team) -> None:
    """The same call adds nothing twice, and new items are added to those there."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS[:10]):
        pass
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS) as project:
        assert len(project.table) == 30
        assert project.add_items(ITEMS) == 0
    with ja.Project.open(team.url("bob"), schema=SCHEMA, items=ITEMS) as project:
        assert len(project.table) == 30
    with ja.Project.open(team.url("bob"), read_only=True) as project:
        assert len(project.table) == 30
        with pytest.raises(NotSavedError, match="opened read-only"):
            project.record([answer("bob")])


def test_an_annotator_does_not_begin_a_project(team: Team) -> None:
    """Schema and items are a lead's; the sentence says whom to ask."""
    with pytest.raises(NotSavedError, match=r"only a lead stores events of kind 'schema'.*Ask a lead"):
        ja.Project.open(team.url("bob"), schema=SCHEMA, items=ITEMS)
    with ja.Project.open(team.url("ada"), schema=SCHEMA):
        pass
    with (
        ja.Project.open(team.url("bob")) as project,
        pytest.raises(NotSavedError, match="only a lead adds items"),
    ):
        project.add_items(ITEMS)


# ----------------------------------------------------------------------------------------- batches


def _foreign(home: Path, frame: pl.DataFrame) -> tuple[str, bytes]:
    """Return digest and file of a batch of another store."""
    digest = FolderBatches(home / "there").write(frame)
    return digest, (home / "there" / f"{digest}.parquet").read_bytes()


def copies(home: Path) -> list[Path]:
    """Return the copies of batches on this computer."""
    return sorted((home / "cache").rglob("items/*.parquet"))


def test_a_batch_of_several_chunks_comes_back(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is larger than one chunk is put together again on another computer."""
    monkeypatch.setattr("jupyter_annotate.storage.postgres_batches._CHUNK", 500)
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS):
        pass
    (copy,) = copies(home)
    written = copy.read_bytes()
    assert len(written) > 1000
    copy.unlink()

    with ja.Project.open(team.url("bob")) as project:
        assert project.items().collect().equals(ITEMS)
    assert copies(home)[0].read_bytes() == written
    assert copies(home)[0].parent.stat().st_mode & 0o077 == 0


def test_a_batch_of_another_store_keeps_its_bytes(team: Team, home: Path) -> None:
    """It is in the database under its own digest, and what is another's is refused."""
    written, content = _foreign(home, ITEMS)
    batches = open_store(team.url("ada")).items
    assert isinstance(batches, PgBatches)
    with pytest.raises(IntegrityError, match="was changed"):
        batches.take("0" * 64, io.BytesIO(content))
    batches.take(written, io.BytesIO(content))
    batches._log.close()
    assert copies(home)[0].read_bytes() == content
    copies(home)[0].unlink()

    digest, few = _foreign(home, ITEMS[:3])
    others = open_store(team.url("bob")).items
    assert isinstance(others, PgBatches)
    with others.open(written) as file:
        assert file.read() == content
    with pytest.raises(NotSavedError, match="only a lead adds items"):
        others.take(digest, io.BytesIO(few))
    others._log.close()


def test_a_damaged_copy_is_fetched_again(team: Team, home: Path) -> None:
    """What lies on this computer is only a copy."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS):
        pass
    copies(home)[0].write_bytes(b"junk")

    with ja.Project.open(team.url("bob")) as project:
        assert project.items().collect().equals(ITEMS)


def test_a_batch_changed_in_the_database_is_named(team: Team, home: Path) -> None:
    """Verifying looks at what the database holds, and whoever fetches it refuses it."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS) as project:
        with team.connect("postgres") as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(f"UPDATE ja_{team.project}.batches SET bytes = set_byte(bytes, 9, 1)".encode())
        with pytest.raises(IntegrityError, match=r"the batch .* is gone or was changed"):
            verify(project)
    copies(home)[0].unlink()

    with pytest.raises(IntegrityError, match="was changed"):
        ja.Project.open(team.url("bob"))


def test_a_batch_that_is_gone_is_named(team: Team, home: Path) -> None:
    """A missing batch gives its digest, not an empty table."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS), team.connect("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"DELETE FROM ja_{team.project}.batches".encode())
    copies(home)[0].unlink()

    with pytest.raises(IntegrityError, match="named by the log is not in postgresql://"):
        ja.Project.open(team.url("bob"))


# ------------------------------------------------------------------------------- blinding, snapshots


def test_a_snapshot_is_for_its_reader_alone(team: Team, home: Path) -> None:
    """Who may not see all has copies of its own; lifting the blinding makes it begin another."""
    with PgLog(team.url("cy")) as log:
        log.append([answer("cy", "cy said so")])
    with PgLog(team.url("bob")) as log:
        log.append([answer("bob")])
        blinded = log.read()
        assert log.hidden == postgres_sql.SECLUDED
        assert log.verify().hidden == 1
        snapshot.save_snapshot(log, blinded)
        assert snapshot.load_snapshot(log).equals(blinded)
        assert blinded["value"].to_list() == [None, '"glad"']
        with PgLog(team.url("cy")) as other, PgLog(team.url("ada")) as lead:
            assert snapshot.load_snapshot(other).is_empty()
            assert snapshot.load_snapshot(lead).is_empty()
            assert lead.hidden == ()
            snapshot.save_snapshot(lead, lead.read())
        assert snapshot.load_snapshot(log).equals(blinded)

        postgres_admin.set_blinding(team.url("ada"), on=False)

        assert snapshot.read_events(log)["value"].to_list() == ['"cy said so"', '"glad"']
        assert log.verify().hidden == 0
    assert len(list((home / "cache").rglob("*.parquet"))) == 2


def test_what_was_read_with_other_eyes_is_not_kept(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the blinding is lifted while events are read, they make no snapshot."""
    monkeypatch.setattr(snapshot, "_WORTH", 0)
    with PgLog(team.url("bob")) as log:
        log.append([answer("bob")])
        read = PgLog.read

        def lifted(self: PgLog, after: int = 0, until: int | None = None) -> pl.DataFrame:
            postgres_admin.set_blinding(team.url("ada"), on=False)
            return read(self, after, until)

        monkeypatch.setattr(PgLog, "read", lifted)
        assert len(snapshot.read_events(log)) == 1
        assert list((home / "cache").rglob("*.parquet")) == []

        assert len(snapshot.read_events(log)) == 1
        assert len(list((home / "cache").rglob("*.parquet"))) == 1


# ------------------------------------------------------------------------------------------- news


def test_an_idle_reader_asks_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is news is answered without a query until the server announces some."""
    with PgLog(team.url("ada")) as log, PgLog(team.url("bob")) as other:
        log.append([note("ada")])
        assert has_news(log, 0)
        while has_news(log, 1):
            pass
        monkeypatch.setattr("jupyter_annotate.storage.postgres._TRUST", 3600.0)
        monkeypatch.setattr(PgLog, "head", lambda _self: pytest.fail("the server was asked"))
        for _ in range(100):
            assert not has_news(log, 1)
        monkeypatch.undo()

        other.append([note("bob")])

        while not has_news(log, 1):
            pass
        assert len(log.read(after=1)) == 1


def test_news_that_come_with_an_answer_are_heard(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server announces while it answers something else is not passed over."""
    monkeypatch.setattr("jupyter_annotate.storage.postgres._TRUST", 3600.0)
    with PgLog(team.url("ada")) as log, PgLog(team.url("bob")) as other:
        while has_news(log, 0) or not log._link.quiet():
            pass
        other.append([note("bob")])
        log._link.ask(lambda connection: connection.execute("SELECT pg_sleep(0.2)"))

        assert has_news(log, 0)


def test_news_that_nobody_announced_is_found(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is believed for a while only."""
    with PgLog(team.url("ada")) as log, PgLog(team.url("bob")) as other:
        assert not has_news(log, 0)
        log._link.ask(lambda connection: connection.execute("UNLISTEN *"))
        other.append([note("bob")])
        assert not has_news(log, 0)
        monkeypatch.setattr("jupyter_annotate.storage.postgres._TRUST", 0.0)

        assert has_news(log, 0)


# ---------------------------------------------------------------------------------------- opening


def test_what_cannot_be_opened_is_told_apart(team: Team) -> None:
    """No such project, no member, no server and no location each have their own sentence."""
    with team.connect("postgres") as connection:
        connection.execute(f"CREATE ROLE outsider_{team.project} LOGIN".encode())
    cluster = team.cluster

    with pytest.raises(StorageError, match=r"There is no project 'nowhere' in .*db init"):
        open_store(cluster.url(team.login("ada"), "nowhere"))
    with pytest.raises(StorageError, match=f"'outsider_{team.project}' is no member of the project"):
        open_store(team.url("outsider"))
    with pytest.raises(StorageError, match=r"'postgres' is no member"):
        open_store(cluster.url("postgres", team.project))
    with pytest.raises(StorageError, match="is no name for a project in PostgreSQL"):
        open_store("postgresql://ada@localhost/labels?project=Robert'); DROP")
    with pytest.raises(StorageError, match="This is no location of PostgreSQL"):
        open_store("postgresql://ada@localhost/labels?nonsense=1")
    with pytest.raises(UnknownNameError, match="storage backend 'mysql'"):
        open_store("mysql://ada@localhost/labels")


def test_no_password_is_ever_shown(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither location nor errors hold it, right or wrong."""
    monkeypatch.setattr("jupyter_annotate.storage.postgres_link._SEARCH", 0.1)
    right = team.url("ada", port=team.cluster.port)
    with PgLog(right) as log:
        shown = f"{log.location} {log._place!r} {log._link!r} {log!r}"
        assert log.head().position == 0
    wrong = right.replace(f":{team.login('ada')}@", ":a-wrong-secret@")
    with pytest.raises(StorageError, match="password authentication failed") as error:
        PgLog(wrong)

    assert f":{team.login('ada')}@" not in shown
    assert "a-wrong-secret" not in f"{error.value} {error.value!r}"


def test_the_extra_is_named(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the sentence says what to install."""
    monkeypatch.delitem(sys.modules, "jupyter_annotate.storage.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtraError, match=r"jupyter-annotate-kit\[postgres\]"):
        open_store(team.url("ada"))


def test_a_log_that_was_replaced_is_noticed(team: Team) -> None:
    """Another log under the same name is not written to by who opened the first."""
    with PgLog(team.url("ada")) as log:
        log.append([note("ada")])
        with team.connect("postgres") as connection:
            table = f"ja_{team.project}.meta"
            connection.execute(f"UPDATE {table} SET value = 'x' WHERE name = 'log_id'".encode())
        log.close()
        with pytest.raises(StorageError, match="was replaced by another log"):
            log.append([note("ada")])


def test_a_child_process_has_a_connection_of_its_own(team: Team) -> None:
    """After a fork both append, and neither ends the other's session."""
    with PgLog(team.url("ada")) as log:
        log.append([note("ada")])
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if log.append([note("ada")]) == [2] else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert log.append([note("ada")]) == [3]
        with team.connect("postgres") as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
            assert connection.execute(query, [team.login("ada")]).fetchone() == (1,)


# ----------------------------------------------------------------------------------------- layouts


def _with_a_later_step(monkeypatch: pytest.MonkeyPatch) -> None:
    step = (("owner", "CREATE TABLE {schema}.later(n integer)"),)
    monkeypatch.setattr(postgres_sql, "STEPS", [*postgres_sql.STEPS, step])
    monkeypatch.setattr("jupyter_annotate.storage.postgres.FORMAT", len(postgres_sql.STEPS))


def test_an_older_layout_is_read_and_brought_up_to_date(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be read as it is; writing waits for its owner, who migrates it with the log unchanged."""
    with PgLog(team.url("ada")) as log:
        log.append([note("ada")])
        head = log.head()
    _with_a_later_step(monkeypatch)
    with PgLog(team.url("ada")) as log:
        assert log.read()["value"].to_list() == ['"x"']
        with pytest.raises(NotSavedError, match=r"has the older layout 1.*db migrate"):
            log.append([note("ada")])

    postgres_admin.migrate(team.cluster.url("postgres", team.project))

    with PgLog(team.url("ada")) as log:
        assert log.head() == head
        assert log.append([note("ada")]) == [2]
    postgres_admin.init(team.cluster.url("postgres", team.project))  # nothing left to do
    with team.connect("postgres") as connection:
        assert connection.execute(f"TABLE ja_{team.project}.later".encode()).fetchall() == []


def test_a_migration_that_fails_changes_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps are one transaction."""
    _with_a_later_step(monkeypatch)
    monkeypatch.setattr(
        postgres_sql, "STEPS", [*postgres_sql.STEPS, (("owner", "SELECT 1 / 0 FROM {schema}.later"),)]
    )
    broken = (("owner", "INSERT INTO {schema}.later SELECT 1 / 0"),)
    monkeypatch.setattr(postgres_sql, "STEPS", [*postgres_sql.STEPS[:-1], broken])

    with pytest.raises(StorageError, match="division by zero"):
        postgres_admin.migrate(team.cluster.url("postgres", team.project))

    monkeypatch.undo()
    with PgLog(team.url("ada")) as log:
        assert log.append([note("ada")]) == [1]


def test_a_later_layout_is_refused(team: Team) -> None:
    """The sentence says what to do, and nothing is changed."""
    with team.connect("postgres") as connection:
        connection.execute(f"UPDATE ja_{team.project}.meta SET value = '99' WHERE name = 'format'".encode())

    for attempt in (
        lambda: PgLog(team.url("ada")),
        lambda: postgres_admin.migrate(team.cluster.url("postgres", team.project)),
    ):
        with pytest.raises(StorageError, match=r"later version: expected format 1, found 99.*upgrade"):
            attempt()


# ---------------------------------------------------------------------------------- administration


def test_members_and_their_roles(team: Team) -> None:
    """Who may do what is a frame; a lead changes roles, and an annotator sees itself alone."""
    owner = team.cluster.url("postgres", team.project)

    assert postgres_admin.members(owner).rows() == [
        (team.login("ada"), "ada", "lead"),
        (team.login("bob"), "bob", "annotator"),
        (team.login("cy"), "cy", "annotator"),
    ]
    postgres_admin.set_role(team.url("ada"), "bob", "reviewer")
    assert postgres_admin.members(team.url("bob"))["role"].to_list() == ["reviewer"]
    with PgLog(team.url("ada")) as log:
        log.appoint("bob", "annotator")
        with pytest.raises(NotSavedError, match="eve is no member of this project"):
            log.appoint("eve", "lead")
    with PgLog(team.url("bob")) as log, pytest.raises(NotSavedError, match="only a lead or an owner"):
        log.appoint("bob", "lead")
    assert postgres_admin.members(team.url("bob"))["role"].to_list() == ["annotator"]
    with pytest.raises(StorageError, match="only a lead or an owner"):
        postgres_admin.set_blinding(team.url("bob"), on=False)
    with pytest.raises(UnknownNameError, match="no member 'eve'"):
        postgres_admin.set_role(owner, "eve", "lead")
    with pytest.raises(UnknownNameError, match="no role 'king'"):
        postgres_admin.set_role(owner, "bob", "king")


def test_a_lead_appoints_in_the_project(team: Team) -> None:
    """The database enforces the role from then on, and the log keeps who gave it."""
    with ja.Project.open(team.url("ada"), schema=SCHEMA, items=ITEMS) as project:
        ja.appoint(project, "bob", "reviewer")
        assert ja.roles(project).filter(annotator_id="bob")["role"].item() == "reviewer"
    assert postgres_admin.members(team.url("bob"))["role"].to_list() == ["reviewer"]
    with ja.Project.open(team.url("bob")) as project, pytest.raises(NotSavedError, match="only a lead or an"):
        ja.appoint(project, "cy", "lead")


def test_a_new_member_gets_a_password(team: Team) -> None:
    """It opens the project over the network, and no repr shows it."""
    owner = team.cluster.url("postgres", team.project)

    made = postgres_admin.add_member(owner, "dan", login=f"dan_{team.project}")

    assert made.password is not None
    assert made.password not in repr(made)
    url = f"postgresql://{made.login}@127.0.0.1:{team.cluster.port}/labels?project={team.project}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PGPASSWORD", made.password)
        with PgLog(url) as log:
            assert log.append([note("dan")]) == [1]
            assert log.member == "dan"
    again = postgres_admin.add_member(owner, "dan", "reviewer", login=made.login)
    assert again.password is None
    with pytest.raises(StorageError, match="is another annotator already"):
        postgres_admin.add_member(owner, "eve", login=made.login)
    with pytest.raises(StorageError, match="no rule binds it"):
        postgres_admin.add_member(owner, "root", login="postgres")


def test_an_owner_who_is_no_superuser_administers(team: Team) -> None:
    """A login that may create roles and schemas begins a project, admits members, and sees no answer."""
    admin = f"admin_{team.project}"
    with team.connect("postgres") as connection:
        connection.execute(f"CREATE ROLE {admin} LOGIN CREATEROLE".encode())
        connection.execute(f"GRANT CREATE ON DATABASE labels TO {admin}".encode())
    own = Team(team.cluster, f"own_{team.project}")
    url = team.cluster.url(admin, own.project)

    postgres_admin.init(url)
    postgres_admin.add_member(url, "ada", "lead", login=own.login("ada"))
    with PgLog(own.url("ada")) as log:
        log.append([note("ada", "secret")])
    postgres_admin.migrate(url)

    with own.connect(admin) as connection:
        query = "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole AND roleid = %s::regrole"
        schema = f"ja_{own.project}"
        assert connection.execute(query, [admin, f"{schema}_writer"]).fetchone() == (0,)
        assert connection.execute(f"SELECT FROM {schema}.payloads".encode()).fetchall() == []
    with pytest.raises(StorageError, match="is no member"):
        PgLog(url)
