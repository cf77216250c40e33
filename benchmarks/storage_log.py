"""The log on this machine's disk: one answer after the other, several writers, and reading everything.

A process a writer, all at full speed for a few seconds; people are a hundred times slower.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.stopwatch import Append, answer, timed, writers
from jupyter_annotate.storage.snapshot import load_snapshot, save_snapshot
from jupyter_annotate.storage.sqlite import SqliteLog


def append_to(folder: Path) -> Append:
    """Open the log and append to it."""
    log = SqliteLog(folder)
    return lambda n: log.append([answer(n)])


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
            SqliteLog(Path(name) / f"w{n_writers}").close()
            writers("sqlite", [partial(append_to, Path(name) / f"w{n_writers}")] * n_writers)
        reading(Path(name) / "read", chosen.events)


if __name__ == "__main__":
    main()
