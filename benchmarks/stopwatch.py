"""What the benchmarks of the stores time alike: processes at full speed, and a few calls in a row."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

FORK = multiprocessing.get_context("fork")
SECONDS = 3.0
N_ROUNDS = 3

#: Appends the n-th answer.
Append = Callable[[int], object]
#: Opens what is appended to, in the process that does so.
Make = Callable[[], Append]


def _append_for_a_while(make: Make, found: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Append one answer after the other and report how long each took, in milliseconds."""
    append, took = make(), list[float]()
    append(0)
    end = time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < end:
        append(len(took) + 1)
        took.append((time.perf_counter() - begun) * 1000)
    found.put(took)


def writers(what: str, makes: Sequence[Make]) -> None:
    """Print what several writers at full speed get."""
    found = FORK.SimpleQueue()
    processes = [FORK.Process(target=_append_for_a_while, args=(make, found)) for make in makes]
    for process in processes:
        process.start()
    each = [found.get() for _ in processes]
    for process in processes:
        process.join()
    took = np.concatenate(each)
    shares = sorted(map(len, each))
    print(
        f"{len(makes):3} writers  {what:8} {len(took) / SECONDS:7.0f} answers/s  "
        f"median {np.median(took):6.2f} ms  p99 {np.percentile(took, 99):7.2f}  most {took.max():7.1f}  "
        f"shares {shares[0]}..{shares[-1]}"
    )


def timed(what: str, function: Callable[[], object]) -> None:
    """Print the median time of a few calls."""
    took = []
    for _ in range(N_ROUNDS):
        begun = time.perf_counter()
        function()
        took.append(time.perf_counter() - begun)
    print(f"{what:44}{median(took) * 1000:12.2f} ms")
