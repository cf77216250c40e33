"""Opening a project of a million items: time, memory, how soon the next twenty are there, and a submission.

All of it through the public door, as a cell does it: `Project.open`, `Session`, `upcoming`, `submit`. Each
round opens in a fresh process; medians over the rounds, percentiles over all of their fetches. The goals:
open in 1 s and 400 MB, the next twenty items in 50 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import psutil

import jupyter_annotate as ja

#: Items, characters of each text, items a fetch, fetches in order and at random.
N_ITEMS, N_CHARACTERS, N_FETCH, N_FETCHES = 1_000_000, 200, 20, 100
GOALS = {"open_s": 1.0, "memory_mb": 400.0, "upcoming_p95_ms": 50.0, "random_p95_ms": 50.0}


def write(location: str, n_items: int) -> None:
    """Begin the project with random words."""
    draw = np.random.default_rng(0)
    letters = np.frombuffer(b"etaoinshrdlucmfwyp     ", dtype=np.uint8)
    text = draw.choice(letters, n_items * N_CHARACTERS).tobytes().decode()
    texts = [text[n * N_CHARACTERS : (n + 1) * N_CHARACTERS] for n in range(n_items)]
    items = pl.DataFrame({"item_id": [f"item-{n:07d}" for n in range(n_items)], "text": texts})
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    with ja.Project.open(location, schema=schema, items=items):
        pass


def measure(location: str) -> dict[str, object]:
    """Open the project in this process, label two thousand items, and fetch others at random."""
    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.perf_counter()
    with ja.Project.open(location) as project:
        session = ja.Session(project, f"annotator-{os.getpid()}")
        first = session.upcoming(N_FETCH)
        measured: dict[str, object] = {
            "open_s": time.perf_counter() - begun,
            "memory_mb": (process.memory_info().rss - before) / 1e6,
        }
        measured |= label(session, [item.item_id for item in first])
        draw = np.random.default_rng(os.getpid())
        n_items = len(project.table)
        at_random = [draw.integers(0, n_items, N_FETCH) for _ in range(N_FETCHES)]
        measured |= {"random": [fetch(project, rows) for rows in at_random]}
    return measured | {"memory_after_mb": (process.memory_info().rss - before) / 1e6}


def label(session: ja.Session, held: list[str]) -> dict[str, object]:
    """Answer item after item and fetch the next twenty whenever the last are used up, as the widget does."""
    fetched, submitted = [], []
    for _ in range(N_FETCHES):
        for item_id in held:
            begun = time.perf_counter()
            session.submit({"mood": "glad"}, item_id=item_id)
            submitted.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        held = [item.item_id for item in session.upcoming(N_FETCH)]
        fetched.append((time.perf_counter() - begun) * 1000)
        assert len(held) == N_FETCH
    return {"upcoming": fetched, "submit": submitted}


def fetch(project: ja.Project, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Fetch items by id and return the milliseconds it took."""
    ids = project.table.ids(rows)
    begun = time.perf_counter()
    items = project.table.items(ids)
    took = (time.perf_counter() - begun) * 1000
    assert [item["item_id"] for item in items] == ids
    assert all(len(item["text"]) == N_CHARACTERS for item in items)
    return took


def summarise(rounds: list[dict[str, object]]) -> dict[str, float]:
    """Return the median of each figure, and the 95th percentile of all fetches and submissions."""
    summary = {
        name: median(float(each[name]) for each in rounds)  # type: ignore[arg-type]  # numbers
        for name in ("open_s", "memory_mb", "memory_after_mb")
    }
    for kind in ("upcoming", "random", "submit"):
        took = np.concatenate([each[kind] for each in rounds])
        summary[f"{kind}_median_ms"] = float(np.median(took))
        summary[f"{kind}_p95_ms"] = float(np.percentile(took, 95))
    return summary


def main() -> int:
    """Measure, print, and tell by the exit status whether every goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=N_ITEMS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", metavar="PROJECT", help="one round in this process, printed as JSON")
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        location = str(Path(folder) / "million")
        write(location, chosen.items)
        program = [sys.executable, __file__, "--measure", location]
        printed = [
            subprocess.run(program, capture_output=True, text=True, check=True).stdout
            for _ in range(chosen.rounds)
        ]
    summary = summarise([json.loads(text) for text in printed])
    print(f"{chosen.items:,} items of {N_CHARACTERS} characters, {chosen.rounds} fresh processes")
    for name, value in summary.items():
        goal = (
            f"   goal {GOALS[name]:g}: {'met' if value <= GOALS[name] else 'MISSED'}" if name in GOALS else ""
        )
        print(f"{name:24}{value:10.2f}{goal}")
    return int(any(summary[name] > goal for name, goal in GOALS.items()))


if __name__ == "__main__":
    raise SystemExit(main())
