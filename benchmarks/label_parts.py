"""Labels in parts: cut on disk, alpha and Dawid-Skene over them, in this process and on a Dask cluster.

``python -m benchmarks.label_parts`` takes ten million labels; ``--labels 100000000`` is the size aimed at.
Items straddle the four files they come in. It prints times and the most memory this process ever took.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from jupyter_annotate.aggregation import DawidSkene
from jupyter_annotate.aggregation.partitioned import PartsFit, fit_parts
from jupyter_annotate.agreement.partitioned import agreement_of_parts
from jupyter_annotate.partitions import LabelParts, split_labels
from jupyter_annotate.placement import Client

N_FILES, N_ANNOTATORS, N_CATEGORIES, PER_ITEM = 4, 1000, 5, 5
Result = TypeVar("Result")


def write_labels(folder: Path, n: int) -> list[Path]:
    """Generate five labels an item, right seven times in ten; the true label is the item modulo five."""
    rng, n_items, per_file = np.random.default_rng(0), n // PER_ITEM, n // N_FILES
    files = [folder / f"labels-{number}.parquet" for number in range(N_FILES)]
    for number, file in enumerate(files):
        row = np.arange(number * per_file, (number + 1) * per_file)
        item = row % n_items
        right = rng.random(per_file) < 0.7
        label = np.where(right, item % N_CATEGORIES, rng.integers(0, N_CATEGORIES, per_file)).astype(np.int32)
        # The five annotators of an item differ.
        annotator = ((item * 7919 + row // n_items * 197) % N_ANNOTATORS).astype(np.int32)
        pl.DataFrame({"item_id": item, "annotator_id": annotator, "label": label}).write_parquet(file)
    return files


def timed(what: str, function: Callable[[], Result]) -> Result:
    """Print how long a call took, and the most memory so far."""
    began, worked = time.perf_counter(), time.process_time()
    found = function()
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    print(
        f"{what:34}{took:8.1f} s, of the processor {cpu:7.1f} s, most memory {gigabytes:5.1f} GB", flush=True
    )
    return found


@contextmanager
def two_workers() -> Iterator[Client | None]:
    """Start a Dask cluster of two processes; None, with a sentence, where Dask is missing."""
    if importlib.util.find_spec("distributed") is None:
        print("left out: on a Dask cluster, as distributed is not installed (make setup)")
        yield None
        return
    import distributed

    with (
        distributed.LocalCluster(  # type: ignore[no-untyped-call]  # dask has no types here
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
        ) as cluster,
        distributed.Client(cluster) as client,  # type: ignore[no-untyped-call]  # as above
    ):
        yield client


def work(files: list[Path], folder: Path, client: Client | None) -> tuple[LabelParts, PartsFit]:
    """Cut, measure and aggregate."""
    parts = timed("cut by item", lambda: split_labels(files, folder / "parts", client=client))
    alpha = timed("alpha, 1,000 draws", lambda: agreement_of_parts(parts, client=client))
    fit = timed("Dawid-Skene", lambda: fit_parts(DawidSkene(), parts, folder / "found", client=client))
    right = pl.col("label") == pl.col("item_id").cast(pl.Int64) % N_CATEGORIES
    share = fit.consensus.select(right.mean()).collect(engine="streaming").item()
    print(f"{alpha}\n{fit.n_iterations} steps, {share:.2%} right, {parts.n_parts} parts")
    return parts, fit


def main() -> None:
    """Measure here, then on two workers, and check that both found the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=10_000_000)
    parser.add_argument("--here", action="store_true", help="without Dask")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_labels(folder, chosen.labels)
        print(f"{chosen.labels:,} labels, in this process")
        _, alone = work(files, folder / "here", None)
        if chosen.here:
            return
        with two_workers() as client:
            if client is not None:
                print("on a Dask cluster of two processes")
                _, spread = work(files, folder / "cluster", client)
                assert abs(spread.log_likelihood / alone.log_likelihood - 1) < 1e-12


if __name__ == "__main__":
    main()
