"""Coefficients by their definitions, label by label: slow, and written without the package's own code."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean

from tests.agreement.crowds import Row

Weight = Callable[[float, float], float]
Answers = dict[str, dict[str, float]]


def same(one: float, other: float) -> float:
    """Return 1 for equal labels, else 0."""
    return float(one == other)


def answers(rows: Sequence[Row]) -> Answers:
    """Return who gave which label, by item."""
    by_item: Answers = defaultdict(dict)
    for item, annotator, label in rows:
        if label is not None:
            by_item[item][annotator] = float(label)  # type: ignore[arg-type]  # numbers
    return dict(by_item)


def paired(rows: Sequence[Row]) -> list[list[float]]:
    """Return the labels of each item that has two or more."""
    return [list(given.values()) for given in answers(rows).values() if len(given) > 1]


def over(above: float, below: float) -> float:
    """Divide, nan by 0."""
    return above / below if abs(below) > 1e-12 else math.nan


def mean_over_pairs(labels: Sequence[float], weight: Weight) -> float:
    """Return the mean weight of the pairs of an item."""
    return fmean(weight(a, b) for a, b in itertools.permutations(labels, 2))


def observed(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return the mean over items of the share of pairs that agree."""
    items = paired(rows)
    return fmean(mean_over_pairs(labels, weight) for labels in items) if items else math.nan


def alpha(rows: Sequence[Row], distance: Weight) -> float:
    """Return alpha: disagreement within items over disagreement among all labels."""
    items = paired(rows)
    pooled = list(itertools.chain.from_iterable(items))
    within = math.fsum(
        math.fsum(distance(a, b) for a, b in itertools.permutations(labels, 2)) / (len(labels) - 1)
        for labels in items
    )
    among = math.fsum(distance(a, b) for a, b in itertools.permutations(pooled, 2))
    return 1 - over(within / len(pooled), among / (len(pooled) * (len(pooled) - 1))) if pooled else math.nan


def ordinal_distance(rows: Sequence[Row]) -> Weight:
    """Return Krippendorff's ordinal distance: the labels between two, and half of each, squared."""
    pooled = list(itertools.chain.from_iterable(paired(rows)))

    def distance(one: float, other: float) -> float:
        low, high = min(one, other), max(one, other)
        between = sum(low <= label <= high for label in pooled)
        return float(between - (pooled.count(one) + pooled.count(other)) / 2) ** 2

    return distance


def corrected(rows: Sequence[Row], chance: float, weight: Weight = same) -> float:
    """Return agreement beyond chance."""
    return over(observed(rows, weight) - chance, 1 - chance)


def shares(rows: Sequence[Row]) -> dict[float, float]:
    """Return the share of each label, averaged over items with a label."""
    items = [list(given.values()) for given in answers(rows).values()]
    labels = sorted(set(itertools.chain.from_iterable(items)))
    return {label: fmean(item.count(label) / len(item) for item in items) for label in labels}


def fleiss(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return Fleiss' kappa."""
    part = shares(rows)
    chance = math.fsum(weight(a, b) * part[a] * part[b] for a, b in itertools.product(part, part))
    return corrected(rows, chance, weight)


def gwet(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return AC2, which is AC1 for equal labels only."""
    part = shares(rows)
    if len(part) < 2:
        return math.nan
    scale = math.fsum(weight(a, b) for a, b in itertools.product(part, part)) / (len(part) * (len(part) - 1))
    return corrected(rows, scale * math.fsum(p * (1 - p) for p in part.values()), weight)


def brennan(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return Brennan and Prediger's coefficient."""
    part = shares(rows)
    if len(part) < 2:
        return math.nan
    return corrected(rows, fmean(weight(a, b) for a, b in itertools.product(part, part)), weight)


def own_shares(rows: Sequence[Row]) -> dict[str, dict[float, float]]:
    """Return the share of each label among those of each annotator."""
    given: dict[str, list[float]] = defaultdict(list)
    for _, annotator, label in rows:
        if label is not None:
            given[annotator].append(float(label))  # type: ignore[arg-type]  # numbers
    return {who: {label: own.count(label) / len(own) for label in set(own)} for who, own in given.items()}


def conger(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return Conger's kappa: chance is the mean over pairs of annotators."""
    part = own_shares(rows)
    pairs = list(itertools.permutations(part, 2))
    if not pairs:
        return math.nan
    chance = fmean(
        math.fsum(weight(x, y) * part[a][x] * part[b][y] for x, y in itertools.product(part[a], part[b]))
        for a, b in pairs
    )
    return corrected(rows, chance, weight)


def cohen(rows: Sequence[Row], weight: Weight = same) -> float:
    """Return Cohen's kappa of two annotators, from the items both labeled."""
    both = {item for item, given in answers(rows).items() if len(given) > 1}
    return conger([row for row in rows if row[0] in both], weight)
