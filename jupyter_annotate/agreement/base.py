"""Agreement: what a coefficient found, how sure that is, and why where it found nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

__all__ = ["TABLE", "Agreement", "Caution", "Reason"]

#: Columns of `Agreement.to_frame`.
TABLE: Mapping[str, type[pl.DataType]] = {
    "coefficient": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "n_items": pl.Int64,
    "n_annotators": pl.Int64,
    "n_pairs": pl.Int64,
    "n_labels": pl.Int64,
    "n_single": pl.Int64,
    "n_missing": pl.Int64,
    "reason": pl.String,
    "warnings": pl.String,
}

#: A narrower interval is shown with one more digit.
_NARROW = 0.05


class Reason(StrEnum):
    """Why there is no value, or no interval."""

    NO_LABELS = "there are no labels"
    NO_PAIRS = "no item was labeled by two annotators"
    NO_VARIATION = "all labels are the same, so chance alone would agree as well"
    NOT_ASKED = "none was asked for"
    ONE_ITEM = "one item cannot tell how much items differ"
    ONE_CLUSTER = "all items are in one cluster, which cannot tell how much clusters differ"
    ALIKE = "all items agree alike, so drawing them again cannot tell how sure this is"


class Caution(StrEnum):
    """Why an interval may hold the true value less often than its level says."""

    FEW_ITEMS = "fewer than 30 items: the interval may miss the true value more often than it says"
    FEW_CLUSTERS = "fewer than 30 clusters: the interval may miss the true value more often than it says"
    FEW_ANNOTATORS = "fewer than 10 annotators: how much annotators differ is hardly known"
    FEW_RARE = (
        "fewer than 10 items got another label than the most frequent from most of their annotators: "
        "the interval rests on those few items"
    )
    FEW_DIFFER = (
        "a few items make the value what it is, as if there were fewer than 5 in all: "
        "the interval rests on those few items"
    )
    FEW_DEFINED = "more than a tenth of the draws have no value and are not in the interval"

    @property
    def short(self) -> str:
        """Two words, for one line."""
        return self.name.lower().replace("_", " ")


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
        Items with labels of two annotators or more; what others count is said by each coefficient.
    n_annotators
        Annotators with a label.
    n_pairs
        Pairs of labels on those items that were compared.
    n_labels
        Labels on those items.
    n_single
        Items that have one label and so show no agreement.
    n_missing
        Rows left out because their label is null.
    reason
        Why there is no value or no interval; None if there are both.
    warnings
        Why the interval may hold the true value less often than ``level`` says, each a `Caution`.
    details
        Further figures: ``categories`` (different labels), ``replicates`` (draws of the bootstrap),
        ``undefined_draws`` (those without a value, left out of the interval) and what was asked for.

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
    n_pairs: int = 0
    n_labels: int = 0
    n_single: int = 0
    n_missing: int = 0
    reason: Reason | None = None
    warnings: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return one line: value, interval or the reason why not, and what it rests on."""
        counts = f"{_count(self.n_items, 'item')}, {_count(self.n_annotators, 'annotator')}"
        if math.isnan(self.value):
            return f"{self.coefficient} undefined: {self.reason} ({counts})"
        if self.interval is None:
            return f"{self.coefficient} {self.value:.3f}, no interval: {self.reason} ({counts})"
        low, high = self.interval
        digits = 2 if high - low > _NARROW else 3
        undefined = self.details.get("undefined_draws", 0)
        counts += f", {_count(undefined, 'draw')} without a value" if undefined else ""
        counts += f"; unsure: {', '.join(map(_short, self.warnings))}" if self.warnings else ""
        ends = f"[{low:.{digits}f}, {high:.{digits}f}]"
        return f"{self.coefficient} {self.value:.3f} {ends} ({100 * self.level:g} %, {counts})"

    def to_frame(self) -> pl.DataFrame:
        """Return one row with the columns of `TABLE`; what is undefined is null."""
        return pl.DataFrame([self.to_row()], schema=TABLE)

    def to_row(self) -> dict[str, Any]:
        """Return what `to_frame` holds, by column."""
        low, high = self.interval or (None, None)
        return {
            **{name: getattr(self, name) for name in TABLE if hasattr(self, name)},
            "value": None if math.isnan(self.value) else self.value,
            "low": low,
            "high": high,
            "reason": None if self.reason is None else str(self.reason),
            "warnings": "; ".join(self.warnings) or None,
        }


def _short(warning: str) -> str:
    return warning.short if isinstance(warning, Caution) else warning


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
