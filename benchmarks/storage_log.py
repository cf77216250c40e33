"""The log on this machine's disk: one answer after the other, several writers, and reading everything.

A process a writer, all at full speed for a few seconds; people are a hundred times slower.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.snapshot import load_snapshot, save_snapshot
from jupyter_annotate.storage.sqlite import SqliteLog

FORK = multiprocessing.get_context("fork")
SECONDS = 3.0
N_ROUNDS = 3


def answer(number: int) -> Event:
    """Make an answer as the widget sends it."""
    return Event(
        kind=EventKind.ANSWER,
        annotator_id="ada",
        item_id=f"item-{number}",
        question="mood",
        value="positive",
        context={"shown": 12.5, "decided": 14.1, "order": [0, 1, 2], "client": "0190-aa"},
        schema="f" * 64,
    )


def append_for_a_while(folder: Path, found: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Append one answer after the other and report how long each took, in milliseconds."""
    log, took = SqliteLog(folder), list[float]()
    end = time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < end:
        log.append([answer(len(took))])
        took.append((time.perf_counter() - begun) * 1000)
    found.put(took)


def writers(folder: Path, n_writers: int) -> None:
    """Print what several writers at full speed get."""
    SqliteLog(folder).close()
    found = FORK.SimpleQueue()
    processes = [FORK.Process(target=append_for_a_while, args=(folder, found)) for _ in range(n_writers)]
    for process in processes:
        process.start()
    each = [found.get() for _ in processes]
    for process in processes:
        process.join()
    took = np.concatenate(each)
    shares = sorted(map(len, each))
    print(
        f"{n_writers:3} writers  {len(took) / SECONDS:7.0f} answers/s  median {np.median(took):6.2f} ms  "
        f"p99 {np.percentile(took, 99):7.2f}  most {took.max():7.1f}  shares {shares[0]}..{shares[-1]}"
    )


def timed(what: str, function: Callable[[], object]) -> None:
    """Print the median time of a few calls."""
    took = []
    for _ in range(N_ROUNDS):
        begun = time.perf_counter()
        function()
        took.append(time.perf_counter() - begun)
    print(f"{what:34}{median(took):8.3f} s")


def reading(folder: Path, n_events: int) -> None:
    """Print how long it takes to read and to verify everything, and to start from a snapshot."""
    with SqliteLog(folder) as log:
        for start in range(0, n_events, 20_000):
            log.append([answer(n) for n in range(start, min(n_events, start + 20_000))])
        print(f"{n_events:,} events, {(folder / 'log.sqlite').stat().st_size / n_events:.0f} bytes each")
        timed("read everything", log.read)
        timed("read the last ten", lambda: log.read(after=n_events - 10))
        timed("verify", log.verify)
        save_snapshot(log, log.read())
        timed("start from the snapshot", lambda: load_snapshot(log))
        assert len(load_snapshot(log)) == n_events


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["JUPYTER_ANNOTATE_CACHE"] = str(Path(name) / "cache")
        for n_writers in (1, 4, 16):
            writers(Path(name) / f"w{n_writers}", n_writers)
        reading(Path(name) / "read", chosen.events)


if __name__ == "__main__":
    main()
