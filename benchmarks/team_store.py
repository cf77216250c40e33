"""The team store on each carrier: append, claim, refresh and open, the same program for all of them.

One process a writer, at full speed; people are a hundred times slower. Medians and 99th percentiles; the
carriers are measured one after the other in one run, so their ratios hold where the figures move.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import jupyter_annotate as ja
from benchmarks.stopwatch import SECONDS, answer, at_full_speed
from jupyter_annotate.storage import EventLog, open_store

SPAWN = multiprocessing.get_context("spawn")
N_ROUNDS = 5
CHUNK = 20_000
N_ITEMS = 20_000
RESULTS = Path(__file__).parent / "results" / "team_store.json"

Figures = dict[str, float]
#: Where an annotator finds the project: in a database each has a login of his own.
Where = Callable[[str], str]


def append_for_a_while(location: str, who: str, found: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Append one answer after the other and report how long each took, in milliseconds."""
    with open_store(location).log as log:
        took = list[float]()
        end = time.perf_counter() + SECONDS
        while (begun := time.perf_counter()) < end:
            log.append([answer(len(took), who, N_ITEMS)])
            took.append((time.perf_counter() - begun) * 1000)
    found.put(took)


def claim_for_a_while(location: str, who: str, found: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Take items, give them back, and report how long each taking took, in milliseconds."""
    with ja.Project.open(location) as project:
        session, took = ja.Session(project, who), list[float]()
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            begun = time.perf_counter()
            assert session.upcoming(10)
            took.append((time.perf_counter() - begun) * 1000)
            ja.release(project, who)
    found.put(took)


def together(work: Callable[..., None], where: Where, n: int) -> Figures:
    """Let so many processes work at once."""
    names = [f"a{k}" for k in range(n)]
    took, shares = at_full_speed(work, [(where(who), who) for who in names], SPAWN)
    return {
        "per_second": len(took) / SECONDS,
        "p50_ms": float(np.median(took)),
        "p99_ms": float(np.percentile(took, 99)),
        "least_share": shares[0] / max(1, shares[-1]),
    }


def begin(location: str) -> None:
    """Begin a project."""
    items = {"item_id": [f"item-{n}" for n in range(N_ITEMS)], "text": ["Hooray!"] * N_ITEMS}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    with ja.Project.open(location, schema=schema, items=items) as project:
        ja.distribute(project, overlap=3)


def fill(log: EventLog, n_events: int) -> None:
    """Append events up to a number of them."""
    while (known := log.head().position) < n_events:
        log.append([answer(n, items=N_ITEMS) for n in range(known, min(n_events, known + CHUNK))])


def timed(function: Callable[[], object], rounds: int = N_ROUNDS) -> float:
    """Return the median time of a few calls in milliseconds."""
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        function()
        took.append((time.perf_counter() - begun) * 1000)
    return float(np.median(took))


def refreshing(location: str) -> Figures:
    """Measure how long a project takes to take in what another one stored."""
    figures: Figures = {}
    with ja.Project.open(location) as project, open_store(location).log as other:
        project.annotations()
        for n in (1, 100, 10_000):
            took = []
            for _ in range(N_ROUNDS):
                other.append([answer(k, items=N_ITEMS) for k in range(n)])
                begun = time.perf_counter()
                project.annotations()
                took.append((time.perf_counter() - begun) * 1000)
            figures[f"refresh_{n}_ms"] = float(np.median(took))
        figures["nothing_new_ms"] = timed(lambda: project.events(after=2**40), 50)
    return figures


def opening(location: str) -> Figures:
    """Measure opening with and without the snapshot of this computer."""

    def opened() -> None:
        with ja.Project.open(location) as project:
            project.annotations()

    cache = Path(os.environ["JUPYTER_ANNOTATE_CACHE"])
    figures = {}
    with open_store(location).log as log:
        for snapshot in (cache / log.log_id).glob("*.parquet"):
            snapshot.unlink()
    figures["open_first_ms"] = timed(opened, 1)
    figures["open_ms"] = timed(opened, 3)
    return figures


def measure(where: Where, sizes: list[int]) -> dict[str, Figures]:
    """Measure one carrier."""
    location = where("ada")
    begin(location)
    found = {
        "append, 1 writer": together(append_for_a_while, where, 1),
        "append, 16 writers": together(append_for_a_while, where, 16),
        "claim, 1 annotator": together(claim_for_a_while, where, 1),
        "claim, 16 annotators": together(claim_for_a_while, where, 16),
    }
    for size in sizes:
        with open_store(location).log as log:
            fill(log, size)
        found[f"open, {size:,} events"] = opening(location)
        found[f"refresh, {size:,} events"] = refreshing(location)
    return found


def in_a_database() -> Where:
    """Begin a project in a throw-away server; the lead is ada."""
    from tests.postgres_cluster import shared_cluster

    team = shared_cluster().team(ada="lead")
    logins: dict[str, str] = {"ada": team.url("ada")}

    def where(who: str) -> str:
        if who not in logins:
            team.admit(who)
            logins[who] = team.url(who)
        return logins[who]

    return where


@contextlib.contextmanager
def places(names: list[str]) -> Iterator[dict[str, Where]]:
    """Yield where to measure, by carrier."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_ANNOTATE_CACHE"] = str(Path(folder) / "cache")
        os.environ["JUPYTER_ANNOTATE_STATE"] = str(Path(folder) / "state")
        made: dict[str, Where] = {
            "sqlite": lambda _: f"{folder}/sqlite",
            "segments": lambda _: f"segments://{folder}/segments",
        }
        if "postgresql" in names:
            made["postgresql"] = in_a_database()
        yield {name: made[name] for name in names}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--only", nargs="+", default=["sqlite", "segments", "postgresql"])
    parser.add_argument("--keep", action="store_true", help="write benchmarks/results/team_store.json")
    chosen = parser.parse_args()
    found = {}
    with places(chosen.only) as where:
        for name, place in where.items():
            found[name] = measure(place, chosen.events)
            print(name)
            for what, figures in found[name].items():
                print(f"  {what:28}", "  ".join(f"{key} {value:.2f}" for key, value in figures.items()))
    if chosen.keep:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
