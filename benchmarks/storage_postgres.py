"""The log in PostgreSQL beside a plain INSERT into a table of one's own, on this machine, in the same run.

A process a writer, all at full speed for a few seconds; people are a hundred times slower. The plain table
has no chain, no rights and no order one could read by: it shows what the server can do at most.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import astuple
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.stopwatch import Append, answer, timed, writers  # noqa: E402 -- runs as a script too
from jupyter_annotate.storage.base import has_news  # noqa: E402 -- as above
from jupyter_annotate.storage.drafts import draft  # noqa: E402 -- as above; what append stores
from jupyter_annotate.storage.postgres import PgLog  # noqa: E402 -- as above
from tests.postgres_cluster import Team, shared_cluster  # noqa: E402 -- as above


def ours(team: Team) -> Append:
    """Append to the log."""
    log = PgLog(team.url("ada"))
    return lambda n: log.append([answer(n)])


def decided(team: Team) -> Append:
    """Append after a decision, as a claim is."""
    log = PgLog(team.url("ada"))
    seen = [log.head().position]

    def append(n: int) -> None:
        seen[0] = log.append_after(seen[0], lambda _seen, _now: [answer(n)])[0]

    return append


def plain(team: Team) -> Append:
    """Insert into a table that anybody may write to."""
    connection = team.connect("postgres")
    statement = f"INSERT INTO plain_{team.project} VALUES (DEFAULT, {', '.join(['%s'] * 13)})"  # noqa: S608 -- our own name

    def insert(n: int) -> None:
        connection.execute(statement.encode(), astuple(draft(answer(n)))[1:])

    return insert


def reading(team: Team, n_events: int) -> None:
    """Print how long it takes to read everything and the end of it, as a lead and as an annotator."""
    with PgLog(team.url("ada")) as log, PgLog(team.url("bob")) as blinded:
        for start in range(0, n_events, 20_000):
            log.append([answer(n) for n in range(start, min(n_events, start + 20_000))])
        with team.connect("postgres") as connection:
            query = f"SELECT sum(pg_total_relation_size(format('ja_{team.project}.%s', name)::regclass)) "
            (size,) = connection.execute(
                query.encode() + b"FROM unnest(ARRAY['events', 'payloads']) AS name"
            ).fetchone() or (0,)
        print(f"{n_events:,} events, {size / n_events:.0f} bytes each")
        timed("read everything", log.read)
        timed("read everything, blinded", blinded.read)
        for tail in (1, 100, 10_000):
            timed(f"read the last {tail:,}", lambda n=tail: log.read(after=n_events - n))  # type: ignore[misc]  # a default is no argument
            timed(f"read the last {tail:,}, blinded", lambda n=tail: blinded.read(after=n_events - n))  # type: ignore[misc]  # as above
        timed("ask the head", log.head)
        timed("ask whether there is news", lambda: has_news(log, n_events))
        timed("verify", log.verify)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"JUPYTER_ANNOTATE_CACHE": name, "JUPYTER_ANNOTATE_STATE": name}
        team = shared_cluster().team(ada="lead", bob="annotator")
        with team.connect("postgres") as connection:
            columns = (
                "event_id text UNIQUE, at bigint, kind text, who text, what text, item text, question text"
            )
            more = "schema text, c text, digest text, value text, context text, salt bytea"
            identity = "position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
            connection.execute(f"CREATE TABLE plain_{team.project}({identity}, {columns}, {more})".encode())
        for n_writers in (1, 16):
            for make in (ours, plain, decided, ours, plain):
                writers(make.__name__, [partial(make, team)] * n_writers)
        reading(shared_cluster().team(ada="lead", bob="annotator"), chosen.events)


if __name__ == "__main__":
    main()
