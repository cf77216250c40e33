"""Gamma beside pygamma-agreement: the same spans, the same dissimilarity, the same way to make chance.

One alignment of what was found and 30 of random annotations each, as both do by default. The observed
disorder has to be the same, as both claim the best alignment; gamma may differ as 30 random draws differ.

    python benchmarks/gamma.py [--rounds 5]

needs pygamma-agreement (tried with 0.5.9) beside jupyter_annotate, and minutes for its three annotators.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import time
from collections.abc import Callable
from statistics import median
from types import ModuleType

import numpy as np
import polars as pl

from jupyter_annotate.agreement.gamma import gamma

N_SAMPLES = 30
#: At most so far apart: the peer computes in single precision, and draws its own random annotations.
DISORDER, GAMMA = 1e-3, 0.03


def spans(n_annotators: int, n_units: int, seed: int = 0) -> pl.DataFrame:
    """Make spans of annotators who mark the same text: some shifted, missing, added or labeled otherwise."""
    rng = np.random.default_rng(seed)
    start = np.sort(rng.integers(0, 20 * n_units, n_units))
    label = rng.choice(["noun", "verb", "adjective", "preposition"], n_units)
    parts = []
    for annotator in range(n_annotators):
        begin = np.where(rng.random(n_units) < 0.15, rng.integers(0, 20 * n_units, n_units), start)
        begin = np.maximum(begin + rng.integers(-3, 4, n_units), 0)
        other = rng.choice(["noun", "verb", "adjective", "preposition"], n_units)
        columns = {
            "item_id": ["text"] * n_units,
            "annotator_id": [f"annotator {annotator}"] * n_units,
            "label": np.where(rng.random(n_units) < 0.15, other, label),
            "start": begin,
            "end": begin + rng.integers(4, 20, n_units),
        }
        parts.append(pl.DataFrame(columns))
    return pl.concat(parts).unique(maintain_order=True)


def ours(labels: pl.DataFrame) -> tuple[float, float]:
    """Return our observed disorder and gamma."""
    found = gamma(labels, n_samples=N_SAMPLES, chance="statistics", replicates=0)
    return found.details["observed_disorder"], found.value


def theirs(peer: ModuleType, labels: pl.DataFrame) -> tuple[float, float]:
    """Return the peer's observed disorder and gamma."""
    segment = importlib.import_module("pyannote.core").Segment
    continuum = peer.Continuum()
    for _, annotator, label, start, end in labels.iter_rows():
        continuum.add(annotator, segment(start, end), label)
    far = peer.CombinedCategoricalDissimilarity(alpha=3, beta=1, delta_empty=1)
    np.random.seed(0)  # noqa: NPY002 -- the peer draws from the global state
    found = continuum.compute_gamma(far, n_samples=N_SAMPLES)
    return float(found.observed_disorder), float(found.gamma)


def timed(function: Callable[[], tuple[float, float]], rounds: int) -> tuple[float, tuple[float, float]]:
    """Return the median of CPU seconds, and the result."""
    took, result = [], (0.0, 0.0)
    for _ in range(rounds):
        begun = time.process_time()
        result = function()
        took.append(time.process_time() - begun)
    return median(took), result


def main() -> None:
    """Compare values and times, or say what is not installed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    try:
        peer: ModuleType | None = importlib.import_module("pygamma_agreement")
    except ImportError:
        peer = None
        print("pygamma-agreement is not installed: pip install pygamma-agreement for the comparison.")
    logging.disable(logging.WARNING)
    small = spans(2, 20)
    ours(small)
    if peer is not None:
        theirs(peer, small)  # compiles
    for n_annotators, n_units in ((2, 1000), (3, 667)):
        labels = spans(n_annotators, n_units)
        what = f"{n_annotators} x {n_units} spans, {N_SAMPLES + 1} alignments"
        took, (disorder, value) = timed(lambda labels=labels: ours(labels), rounds)  # type: ignore[misc]
        print(f"{what:36} jupyter_annotate   {took:8.2f} s  disorder {disorder:.4f}  gamma {value:.3f}")
        if peer is None:
            continue
        peers, (their_disorder, their_value) = timed(
            lambda labels=labels, peer=peer: theirs(peer, labels),  # type: ignore[misc]
            rounds,
        )
        print(
            f"{what:36} pygamma-agreement  {peers:8.2f} s  disorder {their_disorder:.4f}  "
            f"gamma {their_value:.3f}  {peers / took:.0f} times",
            flush=True,
        )
        assert abs(disorder - their_disorder) < DISORDER, "One of the alignments is not the best."
        assert abs(value - their_value) < GAMMA, "Chance differs by more than its draws do."
        assert peers >= 5 * took, "The goal is at least 5 times."


if __name__ == "__main__":
    main()
