"""Agreement: what a coefficient found, how sure that is, and why where it found nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

__all__ = ["TABLE", "Agreement", "Reason"]

#: Columns of `Agreement.to_frame`.
TABLE: Mapping[str, type[pl.DataType]] = {
    "coefficient": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "n_items": pl.Int64,
    "n_annotators": pl.Int64,
    "n_labels": pl.Int64,
    "n_single": pl.Int64,
    "n_missing": pl.Int64,
    "reason": pl.String,
}

#: A narrower interval is shown with one more digit.
_NARROW = 0.05


class Reason(StrEnum):
    """Why there is no value, or no interval."""

    NO_LABELS = "there are no labels"
    NO_PAIRS = "no item was labeled by two annotators"
    NO_SPANS = "nobody marked a span where two annotators looked"
    NO_MATCHES = "no two annotators marked spans that belong together"
    NO_VARIATION = "all labels are the same, so chance alone would agree as well"
    NOT_ASKED = "none was asked for"
    ONE_ITEM = "one item cannot tell how much items differ"
    ALIKE = "all items agree alike, so drawing them again cannot tell how sure this is"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Agreement:
    """How far annotators agree.

    Parameters
    ----------
    coefficient
        Name of the coefficient.
    value
        Its value; nan where it is undefined, never a number that the labels do not justify.
    interval
        Low and high end, or None.
    level
        Confidence level of the interval.
    n_items
        Items with labels of two annotators or more; only they count.
    n_annotators
        Annotators with a label.
    n_labels
        Labels on those items.
    n_single
        Items left out because they have one label.
    n_missing
        Rows left out because their label is null.
    reason
        Why there is no value or no interval; None if there are both.
    details
        Further figures: ``categories`` (different labels), ``replicates`` (draws of the bootstrap) and
        ``undefined_draws`` (those without a value, left out of the interval).

    Examples
    --------
    >>> Agreement(coefficient="agreement", value=0.75, interval=(0.5, 1), n_items=12, n_annotators=3)
    agreement 0.750 [0.50, 1.00] (95 %, 12 items, 3 annotators)
    """

    coefficient: str
    value: float
    interval: tuple[float, float] | None = None
    level: float = 0.95
    n_items: int = 0
    n_annotators: int = 0
    n_labels: int = 0
    n_single: int = 0
    n_missing: int = 0
    reason: Reason | None = None
    details: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return one line: value, interval or the reason why not, and what it rests on."""
        counts = f"{_count(self.n_items, 'item')}, {_count(self.n_annotators, 'annotator')}"
        if math.isnan(self.value):
            return f"{self.coefficient} undefined: {self.reason} ({counts})"
        if self.interval is None:
            return f"{self.coefficient} {self.value:.3f}, no interval: {self.reason} ({counts})"
        low, high = self.interval
        digits = 2 if high - low > _NARROW else 3
        undefined = int(self.details.get("undefined_draws", 0))
        without = f", {_count(undefined, 'draw')} without a value" if undefined else ""
        ends = f"[{low:.{digits}f}, {high:.{digits}f}]"
        return f"{self.coefficient} {self.value:.3f} {ends} ({100 * self.level:g} %, {counts}{without})"

    def to_frame(self) -> pl.DataFrame:
        """Return one row with the columns of `TABLE`; what is undefined is null."""
        low, high = self.interval or (None, None)
        row = {
            **{name: getattr(self, name) for name in TABLE if hasattr(self, name)},
            "value": None if math.isnan(self.value) else self.value,
            "low": low,
            "high": high,
            "reason": None if self.reason is None else str(self.reason),
        }
        return pl.DataFrame([row], schema=TABLE)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
