"""What forty kernels cost while their widgets are open, and how soon one sees what another stored.

An idle kernel asks once a second for news, as an open page does; a busy one submits twice a second as well.
Every kernel is a process of its own; what it costs is its own CPU time, and how often it read a file (folders
that are listed do not count) or, in PostgreSQL, how many transactions the server saw.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

import numpy as np

import jupyter_annotate as ja
from jupyter_annotate.events import uuid7
from tests.postgres_cluster import shared_cluster

SPAWN = multiprocessing.get_context("spawn")
TICK = 1.0
N_ITEMS = 20_000
#: A kernel starts in a second of CPU time, and forty share two cores.
PATIENCE = 600.0
LEAD = "lead"

#: Where the project lies, for an annotator.
Place = Callable[[str], str]


def name_of(number: int) -> str:
    """Return the name of an annotator."""
    return f"annotator{number}"


@dataclass
class Report:
    """What one kernel found out about itself.

    Parameters
    ----------
    seconds
        How long it lived; longer than asked for where it could not keep the pace.
    cpu
        Seconds of CPU time.
    reads
        System calls that read.
    stored
        When each submission of its own was durable.
    seen
        When it saw each event of others.
    submits
        How long each submission took.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    reads: int = 0
    stored: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    submits: list[float] = field(default_factory=list)


def reads_so_far() -> int:
    """Return how often this process read anything, files and sockets."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["syscr"])


class Kernel:
    """One kernel with its widget open."""

    def __init__(self, location: str, annotator: str) -> None:
        self._project = ja.Project.open(location)
        self._session = ja.Session(self._project, annotator)
        self._position = len(self._project.events())
        self.report = Report()

    def look(self) -> None:
        """Ask for news, as an open page makes the kernel do."""
        self._session.sync()
        self._session.progress()
        now = time.monotonic()
        fresh = self._project.events(after=self._position)
        if len(fresh):
            self._position = fresh["position"][-1]
            self.report.seen.update(dict.fromkeys(fresh["event_id"], now))

    def submit(self) -> None:
        """Answer the item shown."""
        submission, begun = uuid7(), time.monotonic()
        self._session.submit({"mood": "glad"}, submission=submission)
        done = time.monotonic()
        self.report.stored[f"{submission}.mood"] = done
        self.report.submits.append(done - begun)

    def live(self, seconds: float, *, offset: float, busy: bool) -> Report:
        """Live for a while: look once a tick, and if busy submit twice a tick."""
        begun, cpu, reads = time.monotonic() + offset, time.process_time(), reads_so_far()
        per_tick = 2 if busy else 1
        for turn in range(round(seconds / TICK * per_tick)):
            # The pace of a person is what is measured here, so it is kept by the clock.
            time.sleep(max(0.0, begun + turn * TICK / per_tick - time.monotonic()))
            if busy:
                self.submit()
            if turn % per_tick == 0:
                self.look()
        self.report.seconds = time.monotonic() - begun
        self.report.cpu = time.process_time() - cpu
        self.report.reads = reads_so_far() - reads
        return self.report


def run_kernel(
    location: str, number: int, shape: tuple[int, float, bool], start: Barrier, to: Connection
) -> None:
    """Be one of several kernels."""
    n_kernels, seconds, busy = shape
    kernel = Kernel(location, name_of(number))
    start.wait(PATIENCE)
    to.send(kernel.live(seconds, offset=number * TICK / n_kernels, busy=busy))


def live(place: Place, n_kernels: int, seconds: float, *, busy: bool) -> list[Report]:
    """Let kernels live side by side and return what each cost."""
    start = SPAWN.Barrier(n_kernels)
    pipes = [SPAWN.Pipe(duplex=False) for _ in range(n_kernels)]
    shape = (n_kernels, seconds, busy)
    processes = [
        SPAWN.Process(target=run_kernel, args=(place(name_of(number)), number, shape, start, sender))
        for number, (_, sender) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    reports: list[Report] = [receiver.recv() for receiver, _ in pipes]
    for process in processes:
        process.join()
    return reports


def print_costs(what: str, reports: list[Report]) -> None:
    """Print what the kernels cost, each and together."""
    per_minute = [60 * report.cpu / report.seconds for report in reports]
    reads = sum(report.reads / report.seconds for report in reports)
    print(
        f"{len(reports)} {what} for {max(report.seconds for report in reports):.0f} s: "
        f"{median(per_minute):.2f} CPU seconds a minute each, {sum(per_minute):.1f} together; "
        f"{reads:.0f} reads a second together",
        flush=True,
    )


def print_latency(reports: list[Report]) -> None:
    """Print how long a submission took, and how long until the others saw it."""
    stored = {event: at for report in reports for event, at in report.stored.items()}
    waited = [
        at - stored[event] for report in reports for event, at in report.seen.items() if event in stored
    ]
    # A look that began before the answer was durable may see it before its writer hears of it.
    waits = np.maximum(np.array(waited), 0.0)
    took = 1000 * np.array([each for report in reports for each in report.submits])
    print(
        f"    {len(took)} submissions, median {np.median(took):.0f} ms, p99 {np.percentile(took, 99):.0f} ms"
    )
    print(
        f"    seen by another kernel after {np.median(waits):.2f} s (median), "
        f"{np.percentile(waits, 99):.2f} s (p99), {waits.max():.2f} s (most); a look a second"
    )


def begin(location: str) -> None:
    """Begin a project whose items are shared."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    items = {"item_id": [f"i{n}" for n in range(N_ITEMS)], "text": [f"Text {n}." for n in range(N_ITEMS)]}
    with ja.Project.open(location, schema=schema, items=items) as project:
        ja.distribute(project, overlap=3, annotator=LEAD)


def measure(what: str, place: Place, n_kernels: int, seconds: float) -> None:
    """Measure idle and busy kernels on one store."""
    print(what, flush=True)
    begin(place(LEAD))
    for name, busy in (("idle", False), ("busy", True)):
        before = transactions() if what == "postgresql" else 0
        reports = live(place, n_kernels, seconds, busy=busy)
        print_costs(f"{name} kernels", reports)
        if what == "postgresql":
            print(f"    {transactions() - before} transactions, those of opening the project included")
        if busy:
            print_latency(reports)


def transactions() -> int:
    """Return how many transactions the throw-away server has seen."""
    query = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database"
    with shared_cluster().connect() as connection:
        (count,) = connection.execute(query).fetchone() or (0,)
    return int(count)


def in_postgresql(n_kernels: int) -> Place:
    """Begin a project on a throw-away server, with a login for everybody."""
    members = {LEAD: "lead", **dict.fromkeys(map(name_of, range(n_kernels)), "annotator")}
    return shared_cluster().team(**members).url


def main() -> None:
    """Measure and print, for every store a team may share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--only", choices=("sqlite", "segments", "postgresql"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["JUPYTER_ANNOTATE_CACHE"] = str(Path(name) / "cache")
        os.environ["JUPYTER_ANNOTATE_STATE"] = str(Path(name) / "state")
        places: dict[str, Callable[[], Place]] = {
            "sqlite": lambda: lambda _: f"{name}/a",
            "segments": lambda: lambda _: f"segments://{name}/b",
            "postgresql": lambda: in_postgresql(chosen.kernels),
        }
        for what, place in places.items():
            if chosen.only in {None, what}:
                measure(what, place(), chosen.kernels, chosen.seconds)


if __name__ == "__main__":
    main()
