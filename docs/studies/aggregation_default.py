"""The study behind the default of `aggregate`: crowds of many kinds, made up, and each method on them.

    python docs/studies/aggregation_default.py [first_seed] [last_seed]

prints a row a crowd, then what each method loses against the best single one. The crowds are made after the
shapes of public data sets (classes, labels an item, how often the majority is right), not from them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation import AGGREGATORS
from jupyter_annotate.aggregation.consensus import aggregate
from jupyter_annotate.aggregation.reliability import Reliability, calibration_report

SINGLE = ("majority", "dawid_skene", "one_coin", "mace", "bayesian", "hazy_items")


@dataclass(frozen=True)
class Crowd:
    """How a crowd is made: classes, labels an item, skills, mistakes, clickers, hard and misleading items."""

    name: str
    items: int
    annotators: int
    classes: int
    overlap: float
    skew: float = 1.0
    skill: tuple[float, float] = (6, 3)
    confusion: str = "even"
    clickers: float = 0.0
    constant: float = 0.0
    hard: float = 0.0
    fog: float = 0.0
    lured: float = 0.0
    pull: float = 0.0
    activity: float = 0.8


CROWDS = (
    Crowd("products", 1500, 60, 2, 3, 0.15, (8, 2), "own", hard=0.2, fog=0.3),
    Crowd("sentiment", 700, 60, 2, 20, skill=(7, 2), confusion="own", hard=0.15, fog=0.6),
    Crowd("relevance", 1500, 60, 4, 5, skill=(4, 4), confusion="shared", hard=0.3, fog=0.5, clickers=0.15),
    Crowd("ratings", 1500, 120, 4, 8, 0.5, (6, 3), "ordinal", hard=0.25, fog=0.5, lured=0.15, pull=0.6),
    Crowd("weather", 300, 110, 5, 5.7, 1, (7, 3), "own", hard=0.2, fog=0.5, lured=0.08, pull=0.6),
    Crowd("weather, 20 labels", 300, 110, 5, 20, 1, (7, 3), "own", hard=0.2, fog=0.5, lured=0.12, pull=0.6),
    Crowd("ten classes", 700, 44, 10, 4.2, skill=(5, 4), hard=0.2, fog=0.4, clickers=0.1),
    Crowd("paraphrases", 1500, 140, 2, 5.6, skill=(8, 2.5), hard=0.15, fog=0.6),
    Crowd("links", 1000, 60, 2, 6, 0.35, hard=0.3, fog=0.5, lured=0.2, pull=0.5),
    Crowd("links, 11 labels", 1000, 80, 2, 11, 0.35, (6, 3), "own", hard=0.3, fog=0.5, lured=0.2, pull=0.6),
    Crowd("birds", 108, 39, 2, 39, skill=(5, 4), confusion="shared", hard=0.2, fog=0.5),
    Crowd("dogs", 800, 50, 4, 10, 1, (6, 3), "shared", hard=0.25, fog=0.6, lured=0.15, pull=0.6),
    Crowd("facts", 1500, 40, 3, 5.1, 0.3, (8, 2), "shared", hard=0.2, fog=0.5, lured=0.08, pull=0.7),
    Crowd("entailment", 800, 160, 2, 10, 1, (8, 2.5), "own", hard=0.15, fog=0.7, clickers=0.08),
    Crowd("faces", 584, 27, 4, 9, 1, (6, 3), "shared", hard=0.3, fog=0.5, lured=0.35, pull=0.75),
    Crowd("search", 1500, 200, 2, 4.6, 1, (5, 4), "own", clickers=0.25, constant=0.15, hard=0.3, fog=0.7),
    Crowd("web", 1200, 170, 5, 5.8, 1, (5, 4), "ordinal", clickers=0.15, constant=0.05, hard=0.2, fog=0.4),
    Crowd("few labels", 400, 200, 3, 3, skill=(7, 2)),
    Crowd("few labels, own mistakes", 400, 200, 3, 3, 1, (7, 3), "own", hard=0.2, fog=0.5),
    Crowd("Dawid-Skene is true", 800, 40, 4, 6, confusion="own"),
    Crowd("one coin is true", 800, 40, 3, 6, skill=(5, 3)),
    Crowd("half click", 800, 60, 3, 6, skill=(9, 2), clickers=0.4, constant=0.1),
    Crowd("40 labels", 200, 60, 3, 40, 1, (5, 4), "shared", hard=0.3, fog=0.7, lured=0.1, pull=0.6),
    Crowd("rare classes", 1500, 60, 3, 5, 0.15, (7, 2), "own", hard=0.1, fog=0.5),
    Crowd("ten classes, lured", 800, 60, 10, 6, 1, (6, 4), "shared", hard=0.2, fog=0.5, lured=0.15, pull=0.6),
    Crowd("five experts", 600, 5, 6, 3, 1, (12, 2), "own", hard=0.15, fog=0.5, activity=0),
)


def confusions(crowd: Crowd, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw how each annotator confuses labels in the clear. Shape (annotators, true, label)."""
    k, places = crowd.classes, np.arange(crowd.classes)
    shared, found = rng.dirichlet(np.full(k, 0.5), k), []
    for _ in range(crowd.annotators):
        skill = rng.beta(*crowd.skill)
        wrong = {
            "even": lambda: np.ones((k, k)),
            "own": lambda: rng.dirichlet(np.full(k, 0.7), k) + 1e-3,
            "shared": lambda: 0.8 * shared + 0.2 * rng.dirichlet(np.ones(k), k),
            "ordinal": lambda: np.exp(-1.5 * np.abs(np.subtract.outer(places, places))),
        }[crowd.confusion]() * (1 - np.eye(k))
        right = np.full(k, skill)
        if crowd.confusion != "even":
            lean = np.linspace(0.1, -0.1, k) if crowd.confusion == "shared" else 0.0
            right = np.clip(skill + rng.normal(0, 0.12, k) + lean, 0.02, 0.99)
        matrix = wrong / wrong.sum(axis=1, keepdims=True) * (1 - right[:, None])
        matrix[places, places] = right
        kind = rng.random()
        if kind < crowd.clickers:
            matrix[:] = 1 / k
        elif kind < crowd.clickers + crowd.constant:
            matrix[:] = 0.02 / k
            matrix[:, rng.integers(k)] += 0.98
        found.append(matrix)
    return np.stack(found)


def simulated(crowd: Crowd, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS and gold of a crowd."""
    rng, k = np.random.default_rng(seed), crowd.classes
    prior = crowd.skew ** np.arange(k)
    true = rng.choice(k, crowd.items, p=prior / prior.sum())
    hard, lured = rng.random(crowd.items) < crowd.hard, rng.random(crowd.items) < crowd.lured
    lure = (true + rng.integers(1, k, crowd.items)) % k
    matrices, weight = confusions(crowd, rng), 1 / np.arange(1, crowd.annotators + 1) ** crowd.activity
    even = rng.poisson(max(crowd.overlap - 1, 0), crowd.items) + 1
    sizes = np.where(rng.random(crowd.items) < 0.5, even, round(crowd.overlap))
    sizes = np.clip(
        np.full(crowd.items, round(crowd.overlap)) if crowd.overlap >= 10 else sizes, 1, crowd.annotators
    )
    item = np.repeat(np.arange(crowd.items), sizes)
    who = [rng.choice(crowd.annotators, n, replace=False, p=weight / weight.sum()) for n in sizes]
    annotator = np.concatenate(who)
    chances = matrices[annotator, true[item]]
    fog = (crowd.fog * hard[item])[:, None]
    chances = (1 - fog) * chances + fog / k
    pull = (crowd.pull * lured[item])[:, None]
    chances = (1 - pull) * chances + pull * np.eye(k)[lure[item]]
    label = (chances.cumsum(axis=1) < rng.random((len(item), 1))).sum(axis=1).clip(0, k - 1)
    labels = pl.DataFrame({"item_id": item, "annotator_id": annotator, "label": label})
    return labels, pl.DataFrame({"item_id": np.arange(crowd.items), "label": true})


def judged(crowd: Crowd, seed: int) -> dict[str, Reliability]:
    """Return how right each method is, and how believable."""
    labels, gold = simulated(crowd, seed)
    found = {name: AGGREGATORS[name]().fit_predict(labels) for name in SINGLE}
    found["default"] = aggregate(labels).consensus
    return {name: calibration_report(consensus, gold) for name, consensus in found.items()}


def main(first: int, last: int) -> None:
    """Print accuracy and calibration error, in points, of each method on each crowd; then the losses."""
    names = [*SINGLE, "default"]
    print("| crowd |", " | ".join(names), "|")
    print("|---|", "---|" * len(names), sep="")
    accuracy, error = [], []
    for crowd in CROWDS:
        for seed in range(first, last + 1):
            found = judged(crowd, seed)
            accuracy.append([100 * found[name].accuracy for name in names])
            error.append([100 * found[name].error for name in names])
        mean = np.mean([accuracy[first - last - 1 :], error[first - last - 1 :]], axis=1).T
        print(f"| {crowd.name} |", " | ".join(f"{a:.1f} ({e:.1f})" for a, e in mean), "|", flush=True)
    right, off = np.array(accuracy), np.array(error)
    # The study's own model is no yardstick for itself: the best is taken among the five that are well known.
    loss = right[:, :5].max(axis=1, keepdims=True) - right
    half = off <= off[:, 1:2] / 2
    print(
        "\n| | mean loss | worst loss | within 1 point | calibration error | at most half of Dawid-Skene's |"
    )
    print("|---|---|---|---|---|---|")
    for place, name in enumerate(names):
        row = [loss[:, place].mean(), loss[:, place].max()]
        print(f"| {name} | {row[0]:.2f} | {row[1]:.1f} | {(loss[:, place] <= 1).mean():.0%} |", end=" ")
        print(f"{off[:, place].mean():.1f} | {half[:, place].mean():.0%} |")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], "11", "11"][:2]))
