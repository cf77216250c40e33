"""Comparison: which aggregator is better on these labels, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator, choose, gold_codes
from jupyter_annotate.aggregation.heldout import held_out
from jupyter_annotate.aggregation.mixture import default_models, fitted
from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError, UnknownNameError
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["MethodComparison", "compare_methods"]

Floats = NDArray[np.float64]

_WHAT = "compare_methods()"
_DRAWS_AT_ONCE = 50
_UNITS = {"accuracy": (100.0, "points"), "held-out log-likelihood": (1.0, "nats a label")}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MethodComparison:
    """How each method does against the first.

    Parameters
    ----------
    table
        method, value, low, high, difference, difference_low, difference_high, better: one row a method.
        ``better``: True or False where the interval of the difference excludes 0, else null.
    measure
        ``"accuracy"``, on gold, or ``"held-out log-likelihood"``: the mean log-probability of a label that
        the method was not shown, in nats.
    baseline
        What the others are compared with.
    level
        Confidence level of the intervals, paired bootstraps over items.
    n_items
        Items that count: with gold and a label, or with a label.
    n_gold_unlabeled
        Gold items nobody labeled: counted, never scored.
    """

    table: pl.DataFrame
    measure: str
    baseline: str
    level: float
    n_items: int
    n_gold_unlabeled: int = 0

    def __repr__(self) -> str:
        """Return one sentence a method."""
        scale, unit = _UNITS[self.measure]
        digits = 1 if scale > 1 else 3
        over = f"over {self.baseline} on your data"
        others = self.table.filter(pl.col("method") != self.baseline)
        names = ("difference", "difference_low", "difference_high")
        lines = []
        for method, *ends in others.select("method", *names).iter_rows():
            value, low, high = (scale * each for each in ends)
            interval = f"[{low:.{digits}f}, {high:.{digits}f}]"
            lines.append(f"{method}: {value:+.{digits}f} {unit} {interval} {over}")
        first = self.table.row(0, named=True)
        of = "gold items" if self.measure == "accuracy" else "items"
        lines.append(
            f"{self.baseline}: {self.measure} {first['value']:.3f} [{first['low']:.3f}, "
            f"{first['high']:.3f}] ({100 * self.level:g} %, {self.n_items:,} {of})"
        )
        if self.n_gold_unlabeled:
            lines.append(f"{self.n_gold_unlabeled:,} gold items have no label and are not scored.")
        return "\n".join(lines)


def compare_methods(  # noqa: PLR0913 -- each is named
    labels: object,
    *,
    gold: object = None,
    methods: Iterable[str | Aggregator] = (),
    baseline: str | Aggregator = "majority",
    categories: Iterable[object] | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> MethodComparison:
    """Compare aggregators on these labels: by gold, else by how well they foretell labels held out from them.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label.
    gold
        item_id and label of items whose true label is known. It judges, and is not shown to the methods. None
        to compare by held-out labels, which says who describes the annotators best; that is often, and not
        always, who finds the true labels.
    methods
        Names of aggregators, or aggregators; empty for those the default mixes.
    baseline
        What they are compared with.
    categories
        All labels that could have been given; None for those that were.
    level, replicates, seed
        Of the paired bootstrap over items.

    Raises
    ------
    ColumnError
        If the labels or gold are not usable, or no gold item has a label.
    UnknownNameError
        If there is no such aggregator.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "a", "b", "b", "b"],
    ...     "annotator_id": ["ada", "bob", "eve"] * 2,
    ...     "label": ["x", "x", "y", "y", "y", "y"],
    ... }
    >>> gold = {"item_id": ["a", "b", "c"], "label": ["x", "y", "y"]}
    >>> compare_methods(labels, gold=gold, methods=["dawid_skene"])
    dawid_skene: +0.0 points [0.0, 0.0] over majority on your data
    majority: accuracy 1.000 [1.000, 1.000] (95 %, 2 gold items)
    1 gold items have no label and are not scored.
    """
    ratings = ratings_of(labels, what=_WHAT, categories=categories, repeats="keep")
    if not len(ratings):
        raise ColumnError(_WHAT, expected="at least one label", found="none", column="label")
    members = _named(baseline, list(methods) or list(default_models()))
    measured, unlabeled = _by_labels(members, ratings), 0
    if gold is not None:
        measured, unlabeled = _by_gold(members, ratings, gold)
    sums, sizes = np.stack([each for each, _ in measured.values()]), next(iter(measured.values()))[1]
    table = _table(list(members), sums, sizes, level, _draws(sums, sizes, replicates, seed))
    measure = "held-out log-likelihood" if gold is None else "accuracy"
    return MethodComparison(table, measure, next(iter(members)), level, len(sizes), unlabeled)


def _named(baseline: str | Aggregator, methods: list[str | Aggregator]) -> dict[str, Aggregator]:
    # The registry lies above the models, and so above this.
    from jupyter_annotate.aggregation import AGGREGATORS, Mixture

    known: dict[str, type[Aggregator]] = {**AGGREGATORS, Mixture.name: Mixture}
    members: dict[str, Aggregator] = {}
    for method in (baseline, *methods):
        if isinstance(method, str) and method not in known:
            raise UnknownNameError("aggregator", method, known)
        if isinstance(method, Aggregator):
            members[_fresh(method.name, members)] = method
        else:
            members.setdefault(method, known[method]())
    return members


def _fresh(name: str, taken: Mapping[str, Aggregator]) -> str:
    """Return the name, with a number if it is taken: two settings of one method are two rows."""
    numbers = (name if n == 1 else f"{name} {n}" for n in range(1, len(taken) + 2))
    return next(each for each in numbers if each not in taken)


def _by_gold(
    members: Mapping[str, Aggregator], ratings: Ratings, gold: object
) -> tuple[dict[str, tuple[Floats, Floats]], int]:
    """Return how many labels are right and how many are judged, item by item."""
    known = gold_codes(gold, ratings, _WHAT)
    known[ratings.sizes() == 0] = -1
    judged = np.flatnonzero(known >= 0)
    total = to_polars(gold, what=_WHAT).drop_nulls("label")["item_id"].n_unique()
    if not len(judged):
        found = f"{total:,} gold items without a label"
        raise ColumnError(_WHAT, expected="gold of items with labels", found=found, column="item_id")
    found_by = fitted(members, ratings, np.full(len(known), -1, dtype=np.int32))
    ones = np.ones(len(judged))
    right = {name: choose(found, ratings)[0][judged] == known[judged] for name, found in found_by.items()}
    return {name: (each.astype(np.float64), ones) for name, each in right.items()}, total - len(judged)


def _by_labels(members: Mapping[str, Aggregator], ratings: Ratings) -> dict[str, tuple[Floats, Floats]]:
    """Return the log-probabilities of held-out labels, added up item by item, and how many there are."""
    sizes = ratings.sizes()
    labeled, nothing_known = sizes > 0, np.full(len(sizes), -1, dtype=np.int32)
    found = held_out(members, ratings, nothing_known)
    sums: dict[str, Floats] = {
        name: np.bincount(ratings.item, each.scores, len(sizes)).astype(np.float64)
        for name, each in found.items()
    }
    return {name: (each[labeled], sizes[labeled].astype(np.float64)) for name, each in sums.items()}


def _draws(sums: Floats, sizes: Floats, replicates: int, seed: int) -> Floats:
    """Draw items again and return the mean of each method in each draw. Shape (replicates, n_methods)."""
    rng, n_items = np.random.default_rng(seed), len(sizes)
    shares = np.full(n_items, 1 / n_items)
    columns = np.vstack([sums, sizes]).T
    found = np.empty((replicates, len(sums) + 1))
    for first in range(0, replicates, _DRAWS_AT_ONCE):
        last = min(first + _DRAWS_AT_ONCE, replicates)
        found[first:last] = rng.multinomial(n_items, shares, size=last - first) @ columns
    means: Floats = found[:, :-1] / found[:, -1:]
    return means


def _table(names: list[str], sums: Floats, sizes: Floats, level: float, draws: Floats) -> pl.DataFrame:
    values = sums.sum(axis=1) / sizes.sum()
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(draws, ends, axis=0)
    less, more = np.quantile(draws - draws[:, :1], ends, axis=0)
    better = [True if a > 0 else False if b < 0 else None for a, b in zip(less, more, strict=True)]
    return pl.DataFrame(
        {
            "method": names,
            "value": values,
            "low": low,
            "high": high,
            "difference": values - values[0],
            "difference_low": less,
            "difference_high": more,
            "better": pl.Series(better, dtype=pl.Boolean),
        }
    )
