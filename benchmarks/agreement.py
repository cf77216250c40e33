"""Krippendorff's alpha beside the package `krippendorff`: same labels and value, time and memory in one run.

``python -m benchmarks.agreement`` prints a table; ``--keep`` writes results/agreement.json as well. Each side
of each case has a process of its own; its time is processor time, its memory what it takes above the labels.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import psutil
from numpy.typing import NDArray

import jupyter_annotate as ja

KEPT = Path(__file__).parent / "results" / "agreement.json"
N_ROUNDS = 5
#: One thread each: ratios should not depend on how busy the other cores are.
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}


@dataclass(frozen=True)
class Case:
    """Labels of three annotators on every item, and what the goals are.

    Parameters
    ----------
    items, categories
        How many.
    gigabytes
        What the peer takes.
    faster
        How many times as fast as the peer we want to be.
    """

    items: int
    categories: int
    gigabytes: int
    faster: int


CASES = (Case(1_000_000, 20, 11, 15), Case(100_000, 77, 15, 15))
#: With an interval: items, categories, draws.
DRAWN = (100_000, 20, 1000)


def labels_of(items: int, categories: int) -> NDArray[np.int64]:
    """Generate codes of three annotators, right seven times in ten. Shape (3, items)."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, categories, items)
    right = rng.random((3, items)) < 0.7
    return np.where(right, true, rng.integers(0, categories, (3, items)))


def ours(codes: NDArray[np.int64], replicates: int) -> Callable[[], float]:
    """Measure a frame, with its checks and its coding."""
    n_annotators, n_items = codes.shape
    frame = pl.DataFrame(
        {
            "item_id": np.tile(np.arange(n_items), n_annotators),
            "annotator_id": np.repeat(np.arange(n_annotators), n_items),
            "label": codes.ravel(),
        }
    )
    return lambda: ja.krippendorff_alpha(frame, replicates=replicates).value


def peer(codes: NDArray[np.int64], _replicates: int) -> Callable[[], float]:
    """Measure the matrix the peer wants, ready made."""
    import krippendorff

    matrix = codes.astype(np.float64)
    return lambda: float(krippendorff.alpha(reliability_data=matrix, level_of_measurement="nominal"))


SIDES = {"ours": ours, "peer": peer}


def measure(side: str, items: int, categories: int, replicates: int) -> dict[str, float]:
    """Measure one side in this process."""
    work = SIDES[side](labels_of(items, categories), replicates)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, value = [], 0.0
    for _ in range(N_ROUNDS):
        begun = time.process_time()
        value = work()
        took.append(time.process_time() - begun)
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"seconds": median(took), "megabytes": megabytes, "value": value}


def apart(side: str, items: int, categories: int, replicates: int = 0) -> dict[str, float]:
    """Measure one side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.agreement", "--measure", side]
    numbers = [str(number) for number in (items, categories, replicates)]
    done = subprocess.run(
        [*command, *numbers], env={**os.environ, **ALONE}, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def side_by_side(case: Case) -> dict[str, Any] | None:
    """Measure a case; None, with a sentence, where the peer cannot run."""
    name = f"{case.items:,} items x 3 annotators, {case.categories} categories"
    if importlib.util.find_spec("krippendorff") is None:
        print(f"{name}: left out, the package krippendorff is not installed (make setup)")
        return None
    free = psutil.virtual_memory().available / 2**30
    if free < case.gigabytes:
        print(f"{name}: left out, the peer needs {case.gigabytes} GB and {free:.1f} GB are free")
        return None
    us, them = apart("ours", case.items, case.categories), apart("peer", case.items, case.categories)
    assert abs(us["value"] - them["value"]) < 1e-9, (us, them)
    return {"case": name, "ours": us, "peer": them, "faster": case.faster}


def row(found: dict[str, Any]) -> str:
    """Return a line of the table."""
    us, them = found["ours"], found["peer"]
    times, share = them["seconds"] / us["seconds"], us["megabytes"] / them["megabytes"]
    met = "met" if times >= found["faster"] and share <= 0.1 else "missed"
    return (
        f"| {found['case']} | {us['seconds']:.2f} s, {us['megabytes']:,.0f} MB | "
        f"{them['seconds']:.1f} s, {them['megabytes']:,.0f} MB | {times:.0f} | {share:.3f} | {met} |"
    )


def main() -> None:
    """Measure all cases, print them, and keep them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--measure", nargs=4, metavar=("SIDE", "ITEMS", "CATEGORIES", "REPLICATES"))
    chosen = parser.parse_args()
    if chosen.measure:
        side, *numbers = chosen.measure
        print(json.dumps(measure(side, *map(int, numbers))))
        return
    compared = [found for found in map(side_by_side, CASES) if found is not None]
    print("| labels | ours | krippendorff | times as fast | share of its memory | at least 15, at most 0.1 |")
    print("|---|---|---|---|---|---|")
    print("\n".join(map(row, compared)))
    drawn = apart("ours", *DRAWN)
    items, categories, replicates = DRAWN
    print(
        f"\nWith an interval of {replicates:,} draws, {items:,} items x 3, {categories} categories: "
        f"{drawn['seconds']:.2f} s (goal: under 1 s) {'met' if drawn['seconds'] < 1 else 'missed'}"
    )
    if chosen.keep:
        KEPT.write_text(json.dumps({"compared": compared, "drawn": drawn}, indent=1) + "\n")


if __name__ == "__main__":
    main()
