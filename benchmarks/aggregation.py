"""Aggregation side by side with crowd-kit: the same labels, one run, processor time, medians of five.

`benchmarks/aggregation.py` prints a table of ratios. The peer runs in an interpreter of its own, which
`PEERS_PYTHON` names; else `.peers/bin/python`. `--hundred-million` aggregates that many generated labels (or
as many as `--labels` says) and prints the time and the most memory it took.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from jupyter_annotate.aggregation import GLAD, MACE, Aggregator, DawidSkene, MajorityVote, OneCoin

ROOT = Path(__file__).resolve().parent.parent
REDUNDANCY = 5
N_CATEGORIES = 4

#: Method, labels, rounds of the peer, and how many times as fast it has to be.
CASES: list[tuple[str, int, int, float]] = [
    ("majority", 100_000, 5, 1),
    ("dawid_skene", 100_000, 5, 12),
    ("dawid_skene", 1_000_000, 5, 8),
    ("one_coin", 100_000, 5, 1),
    ("mace", 100_000, 1, 20),
    ("glad", 100_000, 1, 5),
]

OURS: dict[str, Callable[[], Aggregator]] = {
    "majority": MajorityVote,
    "dawid_skene": DawidSkene,
    "one_coin": OneCoin,
    "mace": MACE,
    "glad": GLAD,
}

#: Runs in the peer's interpreter: reads a file, fits, and prints seconds and the share of right labels.
PEER = """
import json, sys, time, types
try:
    import transformers
except ImportError:  # needed for texts alone
    module = types.ModuleType("transformers")
    for name in ("PreTrainedTokenizer", "PreTrainedModel", "AutoTokenizer", "AutoModelForSeq2SeqLM"):
        setattr(module, name, object)
    sys.modules["transformers"] = module
import pandas as pd
from crowdkit import aggregation
method, file, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
make = {
    "majority": aggregation.MajorityVote,
    "dawid_skene": aggregation.DawidSkene,
    "one_coin": aggregation.OneCoinDawidSkene,
    "mace": aggregation.MACE,
    "glad": aggregation.GLAD,
}[method]
frame = pd.read_csv(file)
truth = frame.drop_duplicates("task").set_index("task")["truth"]
took = []
for _ in range(rounds):
    begun = time.process_time()
    found = make().fit_predict(frame[["task", "worker", "label"]])
    took.append(time.process_time() - begun)
right = float((found == truth.loc[found.index]).mean())
print(json.dumps({"seconds": took, "right": right}))
"""


def crowd(n_labels: int, seed: int = 0) -> pl.DataFrame:
    """Return LABELS and the true label: five annotators an item of a thousand, right in 50 to 95 of 100."""
    rng = np.random.default_rng(seed)
    n_items = n_labels // REDUNDANCY
    truth = rng.integers(N_CATEGORIES, size=n_items, dtype=np.int32).repeat(REDUNDANCY)
    # Five different annotators: a first one, and steps that never meet.
    step = rng.integers(1, 200, size=n_items, dtype=np.int32)[:, None] * np.arange(REDUNDANCY, dtype=np.int32)
    annotator = ((rng.integers(1000, size=n_items, dtype=np.int32)[:, None] + step) % 1000).ravel()
    right = rng.random(n_labels, dtype=np.float32) < np.linspace(0.5, 0.95, 1000, dtype=np.float32)[annotator]
    wrong = (truth + rng.integers(1, N_CATEGORIES, size=n_labels, dtype=np.int32)) % N_CATEGORIES
    return pl.DataFrame(
        {
            "item_id": np.arange(n_items, dtype=np.int32).repeat(REDUNDANCY),
            "annotator_id": annotator,
            "label": np.where(right, truth, wrong),
            "truth": truth,
        }
    )


def share_right(consensus: pl.DataFrame, labels: pl.DataFrame) -> float:
    """Return the share of items that get their true label."""
    truth = labels.unique("item_id").select(pl.col("item_id").cast(pl.String), "truth")
    joined = consensus.join(truth, on="item_id")
    return float((joined["label"] == joined["truth"]).to_numpy().mean())


def ours(method: str, labels: pl.DataFrame) -> tuple[list[float], float]:
    """Return the processor seconds of five fits, pandas in, and the share of right labels."""
    frame = labels.drop("truth").to_pandas()
    took, found = [], pl.DataFrame()
    for _ in range(5):
        begun = time.process_time()
        found = OURS[method]().fit_predict(frame)
        took.append(time.process_time() - begun)
    return took, share_right(found, labels)


def peer(python: str, method: str, labels: pl.DataFrame, rounds: int) -> tuple[list[float], float]:
    """Return the same of the peer."""
    named = labels.rename({"item_id": "task", "annotator_id": "worker"})
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        named.write_csv(file.name)
        command = [python, "-W", "ignore", "-c", PEER, method, file.name, str(rounds)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(printed.splitlines()[-1])
    return found["seconds"], found["right"]


def side_by_side(python: str) -> None:
    """Print a row for each case."""
    print("| method | labels | ours s | peer s | ratio | goal | right, ours | right, peer |")
    print("|---|---|---|---|---|---|---|---|")
    for method, n_labels, rounds, goal in CASES:
        labels = crowd(n_labels)
        our_seconds, our_right = ours(method, labels)
        seconds, right = peer(python, method, labels, rounds)
        our, their = median(our_seconds), median(seconds)
        cells = f"{our:.3f} | {their:.2f} | {their / our:.1f} | {goal:g} | {our_right:.4f} | {right:.4f}"
        print(f"| {method} | {n_labels:,} | {cells} |", flush=True)


def at_scale(n_labels: int) -> None:
    """Print what it takes to aggregate generated labels by Dawid-Skene."""
    labels = crowd(n_labels)
    begun, cpu = time.perf_counter(), time.process_time()
    fitted = DawidSkene().fit(labels.drop("truth"))
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    right = share_right(fitted.consensus_, labels)
    print(
        f"{n_labels:,} labels, {fitted.n_iterations_} steps: {wall:.0f} s ({cpu:.0f} s of processor), "
        f"{peak:.1f} GB at most with the labels, {right:.4f} right."
    )


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hundred-million", action="store_true")
    parser.add_argument("--labels", type=int, default=100_000_000)
    chosen = parser.parse_args()
    if chosen.hundred_million:
        at_scale(chosen.labels)
        return
    python = os.environ.get("PEERS_PYTHON", str(ROOT / ".peers" / "bin" / "python"))
    if not Path(python).exists():
        print(
            f"crowd-kit is not measured: there is no {python}. PEERS_PYTHON names an interpreter that has it."
        )
        sys.exit(0)
    side_by_side(python)


if __name__ == "__main__":
    main()
