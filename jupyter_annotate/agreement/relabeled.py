"""Relabeled: agreement before and after labels were renamed, merged or split, on the same answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import Agreement, Caution, Reason
from jupyter_annotate.agreement.box_agreement import box_agreement, polygon_agreement
from jupyter_annotate.agreement.comparing import Comparison, compare_agreement
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.quantiles import t_probability, t_quantile
from jupyter_annotate.agreement.rankings import kendall_w
from jupyter_annotate.agreement.span_f1 import span_f1
from jupyter_annotate.errors import AnnotateError

__all__ = ["Change", "measure_change"]

_Measure: TypeAlias = Callable[..., Agreement]
#: Groups of items that are left out in turn.
_GROUPS = 20
_FEW = 30
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Change:
    """Agreement before and after.

    Parameters
    ----------
    before, after
        Each with its interval; None where no measure fits the answers.
    difference
        After less before; None where there is none.
    reason
        Why something is missing, in words.
    """

    before: Agreement | None = None
    after: Agreement | None = None
    difference: Comparison | None = None
    reason: str = ""


def measure_change(before: pl.DataFrame, after: pl.DataFrame) -> Change:
    """Measure agreement on LABELS before and after, and how far it differs.

    Classes have Krippendorff's alpha (sets with Jaccard's distance), whose difference has an interval by
    drawing items. Spans have F1, boxes and outlines the joint alpha, rankings Kendall's W; their difference
    has one by leaving out groups of items in turn (Wolter 2007, Introduction to Variance Estimation,
    section 4.2).

    Parameters
    ----------
    before, after
        LABELS of the same question and people.

    Examples
    --------
    >>> both = {"item_id": [str(n // 2) for n in range(80)], "annotator_id": ["ada", "bob"] * 40}
    >>> before = pl.DataFrame(
    ...     {**both, "label": ["city", "town", "city", "city", "hill", "hill", "hill", "hill"] * 10}
    ... )
    >>> after = before.with_columns(pl.col("label").replace("town", "city"))
    >>> change = measure_change(before, after)
    >>> round(change.before.value, 2), round(change.after.value, 2)
    (0.58, 1.0)
    """
    if after.is_empty() or before.is_empty():
        return Change(reason="nobody has answered, or nobody's answer is left")
    try:
        return _of_classes(before, after) or _of_others(before, after)
    except AnnotateError as error:
        return Change(reason=str(error))


def _of_classes(before: pl.DataFrame, after: pl.DataFrame) -> Change | None:
    """Measure what has one label an answer, or a list of them, and nothing else that counts."""
    if set(before.columns) - {"item_id", "annotator_id", "label", "share", "shares"}:
        return None
    scheme = {"metric": "jaccard" if before["label"].dtype.is_nested() else "nominal"}
    old, new = (frame.select("item_id", "annotator_id", "label") for frame in (before, after))
    values = [krippendorff_alpha(frame, **scheme) for frame in (old, new)]  # type: ignore[arg-type]  # a metric
    difference = compare_agreement(new, old, "krippendorff_alpha", scheme=scheme)
    return Change(values[0], values[1], difference)


def _of_others(before: pl.DataFrame, after: pl.DataFrame) -> Change:
    measure = _measure_of(before)
    if measure is None:
        return Change(reason="no measure of agreement takes answers of this form")
    values = [measure(frame) for frame in (before, after)]
    undefined = next((value for value in values if math.isnan(value.value)), None)
    if undefined is not None:
        return Change(values[0], values[1], reason=f"there is no difference, as {undefined.reason}")
    return Change(values[0], values[1], _jackknifed(measure, before, after, values))


def _measure_of(labels: pl.DataFrame) -> _Measure | None:
    columns = set(labels.columns)
    if {"start", "end"} <= columns and labels["start"].dtype == pl.Int64:
        return span_f1
    if {"x", "y", "width", "height"} <= columns:
        return _joint_of_boxes
    if "points" in columns:
        return _joint_of_outlines
    return kendall_w if "rank" in columns else None


def _joint_of_boxes(labels: pl.DataFrame, **options: Any) -> Agreement:  # noqa: ANN401 -- of the measure
    return box_agreement(labels, **options).pooled.joint


def _joint_of_outlines(labels: pl.DataFrame, **options: Any) -> Agreement:  # noqa: ANN401 -- as above
    return polygon_agreement(labels, **options).pooled.joint


def _jackknifed(
    measure: _Measure, before: pl.DataFrame, after: pl.DataFrame, values: list[Agreement]
) -> Comparison | None:
    """Return the difference, with an interval from leaving out groups of items in turn."""
    both = before.select("item_id").join(after.select("item_id"), on="item_id", how="semi").unique()
    items = pl.concat([before, after], how="diagonal_relaxed").select("item_id").unique().sort("item_id")
    group = items.with_columns(group=pl.int_range(pl.len()) % _GROUPS)
    n_groups = min(_GROUPS, len(items))
    old, new = (frame.join(group, on="item_id", maintain_order="left") for frame in (before, after))
    left = [
        measure(new.filter(pl.col("group") != g).drop("group"), replicates=0).value
        - measure(old.filter(pl.col("group") != g).drop("group"), replicates=0).value
        for g in range(n_groups)
    ]
    difference = values[1].value - values[0].value
    error = math.sqrt((n_groups - 1) / n_groups * float(np.sum((np.array(left) - np.mean(left)) ** 2)))
    reach = t_quantile((1 + _LEVEL) / 2, n_groups - 1) * error if n_groups > 1 else math.nan
    if math.isnan(reach) or not error:
        interval, p = None, math.nan
    else:
        interval = (difference - reach, difference + reach)
        p = 2 * (1 - t_probability(abs(difference) / error, n_groups - 1))
    return Comparison(
        coefficient=values[0].coefficient,
        first=values[1],
        second=values[0],
        difference=difference,
        interval=interval,
        p=p,
        n_items=len(items),
        n_shared=len(both),
        reason=None if interval else Reason.ALIKE,
        warnings=(Caution.FEW_ITEMS,) if len(items) < _FEW else (),
    )
