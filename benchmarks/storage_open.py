"""Opening a project of a million items: time, memory, and how soon the next twenty are there.

Each round opens in a fresh process; medians over the rounds, percentiles over all of their fetches. The
goals: open in 1 s and 400 MB with the index by id, the next twenty items in 50 ms at the 95th percentile.
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

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import ItemTable, open_store

#: Items, characters of each text, items a batch, items a fetch, fetches of each kind.
N_ITEMS, N_CHARACTERS, N_BATCH, N_FETCH, N_FETCHES = 1_000_000, 200, 250_000, 20, 100
GOALS = {"open_s": 1.0, "memory_mb": 400.0, "sequential_p95_ms": 50.0, "random_p95_ms": 50.0}


def write(location: str, n_items: int) -> None:
    """Make the project's store: batches of random words, each registered by an event."""
    draw = np.random.default_rng(0)
    letters = np.frombuffer(b"etaoinshrdlucmfwyp     ", dtype=np.uint8)
    store = open_store(location)
    for start in range(0, n_items, N_BATCH):
        rows = min(N_BATCH, n_items - start)
        text = draw.choice(letters, rows * N_CHARACTERS).tobytes().decode()
        texts = [text[n * N_CHARACTERS : (n + 1) * N_CHARACTERS] for n in range(rows)]
        ids = [f"item-{start + n:07d}" for n in range(rows)]
        digest = store.items.write(pl.DataFrame({"item_id": ids, "text": texts}))
        store.log.append([Event(kind=EventKind.ITEMS, value={"digest": digest, "rows": rows})])
    store.log.close()


def measure(location: str) -> dict[str, object]:
    """Open the store in this process and fetch, by rows in order and by rows at random."""
    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.perf_counter()
    store = open_store(location)
    named = [json.loads(value) for value in store.log.read().filter(kind=EventKind.ITEMS)["value"]]
    table = ItemTable(store.items, [(batch["digest"], batch["rows"]) for batch in named])
    assert table.rows_of(["item-0000000", "nobody"]).tolist() == [0, -1]
    opened = time.perf_counter() - begun
    memory = (process.memory_info().rss - before) / 1e6
    draw = np.random.default_rng(os.getpid())
    first = int(draw.integers(0, len(table) - N_FETCH * N_FETCHES))
    in_order = [np.arange(first + n * N_FETCH, first + (n + 1) * N_FETCH) for n in range(N_FETCHES)]
    at_random = [draw.integers(0, len(table), N_FETCH) for _ in range(N_FETCHES)]
    measured: dict[str, object] = {"open_s": opened, "memory_mb": memory}
    measured |= {"sequential": [fetch(table, rows) for rows in in_order]}
    measured |= {"random": [fetch(table, rows) for rows in at_random]}
    measured |= {"memory_after_mb": (process.memory_info().rss - before) / 1e6}
    store.log.close()
    return measured


def fetch(table: ItemTable, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Fetch rows by the ids they have, as a sitting does, and return the milliseconds it took."""
    ids = table.ids(rows)
    begun = time.perf_counter()
    items = table.items(ids)
    took = (time.perf_counter() - begun) * 1000
    assert [item["item_id"] for item in items] == ids
    assert all(len(item["text"]) == N_CHARACTERS for item in items)
    return took


def summarise(rounds: list[dict[str, object]]) -> dict[str, float]:
    """Return the median of each figure, and the 95th percentile of all fetches."""
    summary = {
        name: median(float(each[name]) for each in rounds)  # type: ignore[arg-type]  # numbers
        for name in ("open_s", "memory_mb", "memory_after_mb")
    }
    for kind in ("sequential", "random"):
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
