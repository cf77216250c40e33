"""A measure of spans as a function of sums over items, and its interval by drawing items again.

Whatever a measure needs to know of an item is a list of numbers that are added up over items: matches and
spans of each pair of annotators, lengths of text by label, disorders. So drawing items again is a weighted
sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.span_marks import SpanMarks

__all__ = ["Draws", "ItemSums", "estimate_sums"]

#: From the sums, shape (n_slots,), to the value; nan where it is undefined.
Statistic: TypeAlias = Callable[[NDArray[np.float64]], float]
_Floats: TypeAlias = NDArray[np.float64]
_Codes: TypeAlias = NDArray[np.int64]

#: What differs by less is equal but for rounding.
_ROUNDING = 1e-9
#: Draws that are summed at once, and the most numbers of a table of weights.
_CHUNK, _WEIGHTS = 100, 4_000_000
#: With fewer entries a cell of the table of sums, the table is not made.
_SPARSE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """How an interval is made.

    Parameters
    ----------
    level
        Confidence level, between 0 and 1.
    replicates
        How many times items are drawn; 0 for no interval, else at least one for each tail.
    seed
        The same seed gives the same interval.
    """

    level: float = 0.95
    replicates: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what makes no interval."""
        if not _is(Real, self.level) or not 0 < self.level < 1:
            message = f"Expected a level between 0 and 1, like 0.95, found {self.level!r}."
            raise ValueError(message)
        least = math.ceil(2 / (1 - self.level) - _ROUNDING)
        if not _is(Integral, self.replicates) or (self.replicates != 0 and self.replicates < least):
            message = (
                f"Expected replicates=0 or at least {least}, one for each tail of an interval of "
                f"{100 * self.level:g} %, found {self.replicates!r}."
            )
            raise ValueError(message)
        if not _is(Integral, self.seed) or self.seed < 0:
            message = f"Expected a whole number from 0 on as seed, found {self.seed!r}."
            raise ValueError(message)


@dataclass(frozen=True, slots=True, eq=False)
class ItemSums:
    """Numbers of items, to be added up by slot. Entries of one item and slot are merged.

    Parameters
    ----------
    item, slot, value
        Shape (n,).
    shape
        How many items and slots there are.
    """

    item: _Codes
    slot: _Codes
    value: _Floats
    shape: tuple[int, int]

    @classmethod
    def merged(cls, item: _Codes, slot: _Codes, value: _Floats, shape: tuple[int, int]) -> ItemSums:
        """Add up the entries of each item and slot."""
        keys, place = np.unique(item * shape[1] + slot, return_inverse=True)
        total = np.bincount(place, weights=value, minlength=len(keys)).astype(np.float64)
        return cls(keys // max(shape[1], 1), keys % max(shape[1], 1), total, shape)

    def total(self) -> _Floats:
        """Add up all items. Shape (n_slots,)."""
        return np.bincount(self.slot, weights=self.value, minlength=self.shape[1]).astype(np.float64)

    def drawn(self, draws: Draws) -> Iterator[_Floats]:
        """Draw as many items as there are, with replacement, and add them up, once a replicate."""
        rng = np.random.default_rng(draws.seed)
        n_items, n_slots = self.shape
        table = None
        if n_items * n_slots <= _SPARSE * len(self.value):
            table = np.zeros(self.shape)
            table[self.item, self.slot] = self.value
        chunk = max(min(_CHUNK, _WEIGHTS // max(n_items, 1)), 1)
        for first in range(0, draws.replicates, chunk):
            size = min(chunk, draws.replicates - first)
            weights = np.array(
                [np.bincount(rng.integers(n_items, size=n_items), minlength=n_items) for _ in range(size)],
                dtype=np.float64,
            )
            if table is not None:
                yield from weights @ table
            else:
                for each in weights:
                    drawn = np.bincount(self.slot, weights=self.value * each[self.item], minlength=n_slots)
                    yield drawn.astype(np.float64)


def estimate_sums(  # noqa: PLR0913 -- what every measure of spans passes on
    coefficient: str,
    marks: SpanMarks,
    sums: ItemSums,
    statistic: Statistic,
    *,
    draws: Draws,
    undefined: Reason,
    details: Mapping[str, float],
) -> Agreement:
    """Return a measure with a percentile bootstrap interval over items.

    Parameters
    ----------
    coefficient
        Its name.
    marks
        What was marked.
    sums
        What the measure needs to know of each item.
    statistic
        The measure as a function of the sums.
    draws
        How the interval is made.
    undefined
        Why there is no value if there are items with two answers, and yet none.
    details
        Further figures.
    """
    n_items = len(marks.items)
    value = statistic(sums.total()) if n_items else math.nan
    interval, without = None, 0
    reason: Reason | None = None
    if math.isnan(value):
        reason = undefined if n_items else Reason.NO_PAIRS if marks.n_annotators else Reason.NO_LABELS
    else:
        interval, reason, without = _interval(sums, statistic, draws)
    return Agreement(
        coefficient=coefficient,
        value=value,
        interval=interval,
        level=draws.level,
        n_items=n_items,
        n_annotators=marks.n_annotators,
        n_labels=len(marks.answer),
        n_single=marks.n_single,
        reason=reason,
        details={
            **marks.counts(),
            **details,
            "replicates": draws.replicates,
            "undefined_draws": without,
        },
    )


def _interval(
    sums: ItemSums, statistic: Statistic, draws: Draws
) -> tuple[tuple[float, float] | None, Reason | None, int]:
    """Return the interval over the draws with a value, or why there is none, and how many have no value."""
    if not draws.replicates:
        return None, Reason.NOT_ASKED, 0
    if sums.shape[0] == 1:
        return None, Reason.ONE_ITEM, 0
    values = np.fromiter(map(statistic, sums.drawn(draws)), float, draws.replicates)
    defined = values[~np.isnan(values)]
    without = draws.replicates - len(defined)
    if not len(defined) or np.ptp(defined) < _ROUNDING:
        return None, Reason.ALIKE, without
    low, high = np.quantile(defined, [(1 - draws.level) / 2, (1 + draws.level) / 2])
    return (float(low), float(high)), None, without


def _is(kind: type[Real | Integral], number: object) -> bool:
    return isinstance(number, kind) and not isinstance(number, bool)
