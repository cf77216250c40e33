"""What forty kernels cost while their widgets are open, and how soon one sees what another stored.

An idle kernel asks once a second for news, as an open page does; a busy one submits twice a second as well.
Every kernel is a process of its own; what it costs is its own CPU time, and how often it read anything.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median

import numpy as np

import jupyter_annotate as ja
from jupyter_annotate.events import uuid7

SPAWN = multiprocessing.get_context("spawn")
TICK = 1.0
N_ITEMS = 20_000
#: A kernel starts in a second of CPU time, and forty share two cores.
PATIENCE = 600.0


@dataclass
class Report:
    """What one kernel found out about itself.

    Parameters
    ----------
    cpu
        Seconds.
    reads
        System calls that read.
    stored
        When each submission of its own was durable.
    seen
        When it saw each event of others.
    submits
        How long each submission took.
    """

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
        self.report.cpu = time.process_time() - cpu
        self.report.reads = reads_so_far() - reads
        return self.report


def run_kernel(
    location: str, number: int, shape: tuple[int, float, bool], start: Barrier, to: Connection
) -> None:
    """Be one of several kernels."""
    n_kernels, seconds, busy = shape
    kernel = Kernel(location, f"annotator{number}")
    start.wait(PATIENCE)
    to.send(kernel.live(seconds, offset=number * TICK / n_kernels, busy=busy))


def live(location: str, n_kernels: int, seconds: float, *, busy: bool) -> list[Report]:
    """Let kernels live side by side and return what each cost."""
    start = SPAWN.Barrier(n_kernels)
    pipes = [SPAWN.Pipe(duplex=False) for _ in range(n_kernels)]
    processes = [
        SPAWN.Process(
            target=run_kernel, args=(location, number, (n_kernels, seconds, busy), start, pipes[number][1])
        )
        for number in range(n_kernels)
    ]
    for process in processes:
        process.start()
    reports: list[Report] = [receiver.recv() for receiver, _ in pipes]
    for process in processes:
        process.join()
    return reports


def print_costs(what: str, reports: list[Report], seconds: float) -> None:
    """Print what the kernels cost, each and together."""
    per_minute = [60 * report.cpu / seconds for report in reports]
    reads = sum(report.reads for report in reports) / seconds
    print(
        f"{len(reports)} {what}: {median(per_minute):5.2f} CPU seconds a minute each, "
        f"{sum(per_minute):6.1f} together; {reads:7.0f} reads a second together"
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
        ja.distribute(project, overlap=3, annotator="lead")


def measure(what: str, location: str, n_kernels: int, seconds: float) -> None:
    """Measure idle and busy kernels on one store."""
    print(what)
    begin(location)
    print_costs("idle kernels", live(location, n_kernels, seconds, busy=False), seconds)
    busy = live(location, n_kernels, seconds, busy=True)
    print_costs("busy kernels", busy, seconds)
    print_latency(busy)


def main() -> None:
    """Measure and print, for every store that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--only", choices=("sqlite", "segments"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["JUPYTER_ANNOTATE_CACHE"] = str(Path(name) / "cache")
        for what, location in {"sqlite": f"{name}/a", "segments": f"segments://{name}/b"}.items():
            if chosen.only in {None, what}:
                measure(what, location, chosen.kernels, chosen.seconds)


if __name__ == "__main__":
    main()
