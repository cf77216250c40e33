"""What the benchmarks of the stores time alike: processes at full speed, and a few calls in a row."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkContext, SpawnContext
from statistics import median

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.events import Event, EventKind

FORK = multiprocessing.get_context("fork")
SECONDS = 3.0
N_ROUNDS = 3

#: Appends the n-th answer.
Append = Callable[[int], object]
#: Opens what is appended to, in the process that does so.
Make = Callable[[], Append]


def answer(number: int, who: str = "ada", items: int = 1_000_000) -> Event:
    """Make an answer as the widget sends it."""
    return Event(
        kind=EventKind.ANSWER,
        annotator_id=who,
        item_id=f"item-{number % items}",
        question="mood",
        value="glad",
        context={"shown": 12.5, "decided": 14.1, "order": [0, 1, 2], "client": "0190-aa"},
        schema="f" * 64,
    )


def _append_for_a_while(make: Make, found: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Append one answer after the other and report how long each took, in milliseconds."""
    append, took = make(), list[float]()
    append(0)
    end = time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < end:
        append(len(took) + 1)
        took.append((time.perf_counter() - begun) * 1000)
    found.put(took)


def at_full_speed(
    work: Callable[..., None],
    arguments: Sequence[tuple[object, ...]],
    context: ForkContext | SpawnContext = FORK,
) -> tuple[NDArray[np.float64], list[int]]:
    """Let processes work at once, each with its arguments and a queue for the milliseconds its calls took.

    Returns
    -------
    took, shares
        All of the milliseconds, and how many calls each process made, the fewest first.
    """
    found = context.SimpleQueue()
    processes = [context.Process(target=work, args=(*each, found)) for each in arguments]
    for process in processes:
        process.start()
    took = [found.get() for _ in processes]
    for process in processes:
        process.join()
    return np.concatenate(took), sorted(map(len, took))


def writers(what: str, makes: Sequence[Make]) -> None:
    """Print what several writers at full speed get."""
    took, shares = at_full_speed(_append_for_a_while, [(make,) for make in makes])
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
