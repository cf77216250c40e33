"""While the server is away: nothing acknowledged is lost, what is kept here follows, and people are told."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import psycopg
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AwayError, AwayWarning, HistoryWarning, KeptHereError, NotSavedError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import EventLog, open_store, postgres_link
from jupyter_annotate.storage.base import _draft
from jupyter_annotate.storage.postgres import PgLog
from tests.postgres_cluster import Cluster, Team, shared_cluster
from tests.ui.faults.proxy import Proxy

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what waits in a folder of the test, and look for the server more often than people need."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(postgres_link, "_SEARCH", 0.3)
    monkeypatch.setattr(postgres_link, "_HOLD", 0.02)
    return tmp_path


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Return the server, and leave it running."""
    found = shared_cluster()
    yield found
    if found.is_stopped:
        found.start()


@pytest.fixture
def team(cluster: Cluster) -> Team:
    """Begin a project led by Ada, with Bob to annotate."""
    return cluster.team(ada="lead", bob="annotator")


def answer(who: str, value: object, event_id: str = "") -> Event:
    """Make an answer."""
    named = {"event_id": event_id} if event_id else {}
    return Event(
        kind=EventKind.ANSWER,
        annotator_id=who,
        item_id="1",
        question="q",
        value=value,  # type: ignore[arg-type]  # JSON
        **named,  # type: ignore[arg-type]  # text
    )


def waiting(home: Path) -> list[Path]:
    """Return the files in which something waits."""
    return [path for path in (home / "state").rglob("*") if path.is_file()]


def until_back(log: EventLog) -> None:
    """Read until the server is found again."""
    until = time.monotonic() + 10
    while True:
        try:
            log.head()
        except AwayError:
            assert time.monotonic() < until
            time.sleep(0.02)
        else:
            return


class Writer(threading.Thread):
    """Answers one item after the other, whatever happens, and remembers what it was told."""

    def __init__(self, log: PgLog, who: str) -> None:
        super().__init__()
        self.promised: list[str] = []
        self.n_kept = 0
        self.stop = threading.Event()
        self._log, self._who = log, who

    def run(self) -> None:
        """Answer until told to stop."""
        n = 0
        while not self.stop.is_set():
            name = f"{self._who}-{n:06d}"
            try:
                self._log.append([answer(self._who, n, name)])
            except KeptHereError:
                self.n_kept += 1
                time.sleep(0.005)
            self.promised.append(name)
            n += 1


def test_a_server_that_stops_at_once_loses_nothing(cluster: Cluster, team: Team, home: Path) -> None:
    """Everything acknowledged or kept is there once, in the order of its writer, and the chain is whole."""
    with PgLog(team.url("ada")) as first, PgLog(team.url("bob")) as second:
        writers = [Writer(first, "ada"), Writer(second, "bob")]
        for writer in writers:
            writer.start()
        for _ in range(3):
            before = [(len(each.promised), each.n_kept) for each in writers]
            cluster.stop()
            while any(each.n_kept < n + 20 for each, (_, n) in zip(writers, before, strict=True)):
                time.sleep(0.01)
            cluster.start()
            known = [len(each.promised) for each in writers]
            while any(len(each.promised) < n + 60 for each, n in zip(writers, known, strict=True)):
                time.sleep(0.01)
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join()
        until_back(first)
        until_back(second)

        stored = first.read()
        assert first.verify().head.position == len(stored)
        for writer, who in zip(writers, ("ada", "bob"), strict=True):
            assert writer.n_kept >= 60
            assert stored.filter(pl.col("annotator_id") == who)["event_id"].to_list() == writer.promised
    assert waiting(home) == []


def test_what_a_person_is_told_while_the_server_is_away(cluster: Cluster, team: Team, home: Path) -> None:
    """An answer is kept here; reading, deciding and what a lead does wait, each with a sentence."""
    with PgLog(team.url("ada")) as log:
        log.append([answer("ada", 1)])
        cluster.stop()
        with pytest.raises(
            KeptHereError, match=r"Not saved: .* cannot be reached. It is kept on this computer"
        ):
            log.append([answer("ada", 2)])
        with pytest.raises(AwayError, match="cannot be reached now"):
            log.read()
        began = time.monotonic()
        with pytest.raises(AwayError, match="cannot be reached now"):
            log.append_after(0, lambda _seen, _now: [])
        with pytest.raises(NotSavedError, match="running it twice is harmless") as told:
            log.append([Event(kind=EventKind.SCHEMA, value={})])
        assert time.monotonic() - began < 0.3
        assert not isinstance(told.value, KeptHereError)
        with pytest.raises(AwayError):
            open_store(team.url("ada"))
        assert len(waiting(home)) == 1
        assert str(waiting(home)[0].parent) in str(home / "state" / log.log_id) + str(waiting(home)[0])

        cluster.start()
        until_back(log)

        assert log.append([answer("ada", 3)]) == [3]
        assert log.read()["value"].to_list() == ["1", "2", "3"]
    assert waiting(home) == []


def test_a_sitting_goes_on_while_the_server_is_away(cluster: Cluster, team: Team) -> None:
    """Items in hand are still shown, each answer is kept here, and sending them again acknowledges them."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    items = {"item_id": ["a", "b", "c"], "text": ["Hooray!", "Oh no.", "Well."]}
    ja.Project.open(team.url("ada"), schema=schema, items=items).log.close()
    with ja.Project.open(team.url("bob")) as project:
        session = ja.Session(project, "bob")
        session.submit({"mood": "glad"}, item_id="a")
        cluster.stop()
        with pytest.warns(AwayWarning, match="Shown is what was read before"):
            assert [item.item_id for item in session.upcoming(5)] == ["b", "c"]
        for item_id in ("b", "c"):
            with pytest.warns(AwayWarning), pytest.raises(KeptHereError):
                session.submit({"mood": "sad"}, item_id=item_id, submission=f"submission-{item_id}")
        cluster.start()
        until_back(project.log)

        for item_id in ("b", "c"):
            session.submit({"mood": "sad"}, item_id=item_id, submission=f"submission-{item_id}")
        assert session.progress()["done"] == 3
        assert project.annotations()["item_id"].to_list() == ["a", "b", "c"]
        assert project.events().filter(pl.col("kind") == "answer").height == 3


def test_what_a_killed_kernel_kept_is_found_by_the_next(cluster: Cluster, team: Team, home: Path) -> None:
    """Opening the project stores it before anything else."""
    with PgLog(team.url("ada")) as log, PgLog(team.url("bob")) as other:
        cluster.stop()
        for value in (1, 2):
            with pytest.raises(KeptHereError):
                log.append([answer("ada", value)])
        with pytest.raises(KeptHereError):
            other.append([answer("bob", 3)])
    cluster.start()

    with PgLog(team.url("ada")) as log:
        assert log.read()["value"].to_list() == ["1", "2"]
    with PgLog(team.url("bob"), read_only=True) as log:
        assert log.head().position == 2
    assert len(waiting(home)) == 1
    with PgLog(team.url("bob")) as log:
        assert log.head().position == 3
    assert waiting(home) == []


def test_a_resend_of_what_was_kept_finds_it(cluster: Cluster, team: Team) -> None:
    """The browser sends again what was kept here; it is stored once."""
    event = answer("ada", 1)
    with PgLog(team.url("ada")) as log:
        cluster.stop()
        for _ in range(2):
            with pytest.raises(KeptHereError):
                log.append([event])
        cluster.start()
        until_back(log)

        assert log.append([event]) == [1]
        assert len(log.read()) == 1


def test_what_the_store_refuses_later_holds_nobody_up(cluster: Cluster, team: Team, home: Path) -> None:
    """It is set aside with a warning, and everything else is stored."""
    with PgLog(team.url("bob")) as log:
        cluster.stop()
        for name in ("bob", "eve", "bob"):
            with pytest.raises(KeptHereError):
                log.append([answer(name, 1)])
        cluster.start()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            until_back(log)

        assert [each.category for each in told] == [HistoryWarning]
        assert "refused 1 submissions" in str(told[0].message)
        assert log.read()["annotator_id"].to_list() == ["bob", "bob"]
    assert [path.suffix for path in waiting(home)] == [".refused"]


def test_a_place_that_takes_nothing_is_told(cluster: Cluster, team: Team, home: Path) -> None:
    """If it can be kept neither there nor here, the person keeps the page open."""
    (home / "state").write_text("a file where the folder should be", encoding="utf-8")
    with PgLog(team.url("ada")) as log:
        cluster.stop()
        with pytest.raises(
            NotSavedError, match=r"could not be kept in .* either.*keep this page open"
        ) as told:
            log.append([answer("ada", 1)])
    assert not isinstance(told.value, KeptHereError)


def test_an_ended_session_is_made_anew(cluster: Cluster, team: Team) -> None:
    """Whoever ends a backend, as a fail-over does, is not noticed by who reads, writes or decides."""
    with PgLog(team.url("ada")) as log:
        for n in range(4):
            assert cluster.terminate(team.login("ada")) == 1
            began = time.monotonic()
            assert log.append([answer("ada", n)]) == [2 * n + 1]
            assert cluster.terminate(team.login("ada")) == 1
            assert len(log.read()) == 2 * n + 1
            assert cluster.terminate(team.login("ada")) == 1
            assert log.append_after(0, lambda seen, _now: [answer("ada", len(seen))]) == [2 * n + 2]
            assert time.monotonic() - began < 5


def test_a_session_that_ends_in_the_middle_of_a_decision(cluster: Cluster, team: Team) -> None:
    """The decision is taken again, with what is there then, and stored once."""
    calls: list[int] = []

    def decide(seen: pl.DataFrame, _now: int) -> list[Event]:
        calls.append(len(seen))
        if len(calls) == 1:
            cluster.terminate(team.login("ada"))
        return [answer("ada", len(seen))]

    with PgLog(team.url("ada")) as log:
        assert log.append_after(0, decide) == [1]
        assert calls == [0, 0]
        assert log.read()["value"].to_list() == ["0"]


def test_too_many_clients(cluster: Cluster, team: Team, home: Path) -> None:
    """A server without a free place counts as away: the answer is kept, and follows when there is one."""
    with PgLog(team.url("ada")) as log:
        log.append([answer("ada", 0)])
        crowd: list[psycopg.Connection[tuple[object, ...]]] = []
        cluster.terminate(team.login("ada"))
        with suppress(psycopg.OperationalError):
            while True:
                crowd.append(team.connect(team.login("bob")))
        with pytest.raises(KeptHereError):
            log.append([answer("ada", 1)])
        with pytest.raises(AwayError, match=r"slots are reserved|too many clients"):
            log.read()
        for connection in crowd:
            connection.close()
        until_back(log)

        assert log.read()["value"].to_list() == ["0", "1"]
    assert waiting(home) == []


def test_a_kernel_that_stops_while_it_writes_stops_nobody(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends its session; the others go on, and it decides anew when it wakes up."""
    settings = postgres_link._SETTINGS
    monkeypatch.setattr(
        postgres_link, "_SETTINGS", settings.replace("timeout = '10s'", "timeout = '300ms'", 1)
    )
    asleep, wake = threading.Event(), threading.Event()
    stored: list[int] = []

    def decide(seen: pl.DataFrame, _now: int) -> list[Event]:
        if not asleep.is_set():
            asleep.set()
            assert wake.wait(10)
        return [answer("ada", len(seen))]

    with PgLog(team.url("ada")) as sleeper, PgLog(team.url("bob")) as other:
        thread = threading.Thread(target=lambda: stored.extend(sleeper.append_after(0, decide)))
        thread.start()
        assert asleep.wait(10)
        assert other.append([answer("bob", "x")]) == [1]
        wake.set()
        thread.join()

        assert stored == [2]
        assert other.read()["annotator_id"].to_list() == ["bob", "ada"]


def test_a_network_that_falls_silent_is_noticed(
    cluster: Cluster, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection on which nothing comes any more counts as lost, though nobody closed it."""
    monkeypatch.setattr(postgres_link, "_SILENCE", 0.3)
    monkeypatch.setitem(postgres_link._DEFAULTS, "connect_timeout", "2")
    with Proxy(cluster.port).running() as proxy, PgLog(team.url("ada", port=proxy.port)) as log:
        assert log.append([answer("ada", 0)]) == [1]
        proxy.stall()
        with pytest.raises(KeptHereError):
            log.append([answer("ada", 1)])
        proxy.heal()
        until_back(log)

        assert log.read()["value"].to_list() == ["0", "1"]


def test_rows_waiting_twice_are_stored_once(cluster: Cluster, team: Team) -> None:
    """A spool that was stored but could not be removed changes nothing when it is found again."""
    row = _draft(answer("ada", 1))
    with PgLog(team.url("ada")) as log:
        log._spool.keep([row])
        log._spool.keep([row])
        log.close()
        cluster.terminate(team.login("ada"))

        assert log.head().position == 0
        assert log.head().position == 1
        assert log.verify().head.position == 1
