"""Shape measures: four numbers on how far annotators find, place and name the same objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.matching import clusters_of
from jupyter_annotate.agreement.resampling import (
    Basis,
    Draws,
    Floats,
    Ratio,
    Sums,
    estimated,
    mean_of,
    ratio,
)
from jupyter_annotate.agreement.shapes import Shapes
from jupyter_annotate.extras import need_scipy

__all__ = ["Counted", "Measures", "Rule", "ShapeAgreement", "alpha_of", "joint_sums", "measured"]

#: What an item counts for which a measure has no value of its own.
Rule: TypeAlias = Literal["skip", "agree"]

#: The measures in the order of the tables.
NAMES = ("existence", "localisation", "label", "joint")
#: Items made dense at once.
_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Measures:
    """Four numbers, as any one of them hides what the others show.

    Parameters
    ----------
    existence
        F1 of finding the same objects: matched pairs over all that could be, wherever they are exactly.
    localisation
        Mean intersection over union of the matched pairs.
    label
        Krippendorff's alpha, nominal, over the labels of matched shapes.
    joint
        The same over all objects, where an annotator who missed one labels it "absent".
    """

    existence: Agreement
    localisation: Agreement
    label: Agreement
    joint: Agreement

    def __iter__(self) -> Iterator[Agreement]:
        return (getattr(self, name) for name in NAMES)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ShapeAgreement:
    """How far annotators agree on shapes.

    Parameters
    ----------
    pooled
        Over the objects of all items: an item with many objects counts more.
    per_item
        Means over items: every item counts the same.
    items
        One row an item that two annotators or more looked at: item_id, n_annotators, n_shapes, n_objects,
        existence, localisation, label, joint; what has no value is null, whatever the rules say.
    tau
        Least intersection over union of a match.
    """

    pooled: Measures
    per_item: Measures
    items: pl.DataFrame
    tau: float

    def __repr__(self) -> str:
        """Return one line a number."""
        lines = [f"agreement on shapes that overlap by {self.tau:g} or more"]
        return "\n  ".join([*lines, *map(repr, self.pooled), *map(repr, self.per_item)])

    def to_frame(self) -> pl.DataFrame:
        """Return scope ("pooled", "per item") and the columns of `Agreement.to_frame`; a row a number."""
        parts = [
            pl.concat([each.to_frame() for each in measures]).select(pl.lit(scope).alias("scope"), pl.all())
            for scope, measures in (("pooled", self.pooled), ("per item", self.per_item))
        ]
        return pl.concat(parts)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What each item that two looked at adds to each measure.

    Parameters
    ----------
    rows
        Codes of these items. Shape (k,).
    sums
        By measure, what `estimated` draws. Each of shape (k, ...).
    shapes, objects
        How many each item has. Shape (k,).
    """

    rows: NDArray[np.intp]
    sums: dict[str, Sums]
    shapes: NDArray[np.int64]
    objects: NDArray[np.int64]


def measured(shapes: Shapes, tau: float, *, empty: Rule, unvaried: Rule, draws: Draws) -> ShapeAgreement:
    """Measure agreement on shapes; the parameters are those of `box_agreement`."""
    counted = _counted(shapes, tau)
    values = {name: _by_item(counted.sums[name], _STATISTICS[name]) for name in NAMES}
    blank = counted.shapes == 0
    basis = _basis(shapes, counted, blank if empty == "skip" else np.zeros_like(blank))
    drawn = np.flatnonzero(~blank)
    pooled = {
        name: estimated(
            name, counted.sums[name][drawn], _STATISTICS[name], draws, basis, unless=_reason(name, counted)
        )
        for name in NAMES
    }
    means = {}
    for name in NAMES:
        filled = _filled(name, values, blank, empty=empty, unvaried=unvaried)
        means[name] = estimated(
            f"{name} per item",
            mean_of(filled[~np.isnan(filled)]),
            ratio,
            draws,
            _basis(shapes, counted, np.isnan(filled)),
            unless=_reason(name, counted),
        )
    return ShapeAgreement(
        pooled=Measures(**pooled),
        per_item=Measures(**means),
        items=_table(shapes, counted, values),
        tau=tau,
    )


def joint_sums(shapes: Shapes, cluster: NDArray[np.int64]) -> Any:  # noqa: ANN401 -- scipy has no types
    """Return what each item adds to alpha over all objects, where missing one is a label. All items."""
    viewers = shapes.viewers()
    _, first, sizes = np.unique(cluster, return_index=True, return_counts=True)
    item = shapes.item[first]
    missed = viewers[item] - sizes
    absent = np.full(len(first), len(shapes.categories))
    counted = viewers[item] > 1
    unit = np.concatenate([cluster, np.flatnonzero(counted)])
    label = np.concatenate([shapes.label, absent[counted]])
    count = np.concatenate([np.ones(len(shapes), dtype=np.int64), missed[counted]])
    return _alpha_sums(item, unit, label, count, shapes)


def alpha_of(totals: Floats) -> Floats:
    """Return nominal alpha from disagreement and the counts of the labels. Shape (r, 1 + v) to (r,).

    Krippendorff 2011, section C, in the closed form of `krippendorff_alpha`.
    """
    counts = totals[:, 1:]
    n = counts.sum(axis=1)
    expected = n * n - (counts * counts).sum(axis=1)
    alpha = np.full(len(totals), np.nan)
    varied = expected > 0
    alpha[varied] = 1 - totals[varied, 0] * (n[varied] - 1) / expected[varied]
    return alpha


_STATISTICS: dict[str, Ratio] = {
    "existence": ratio,
    "localisation": ratio,
    "label": alpha_of,
    "joint": alpha_of,
}


def _counted(shapes: Shapes, tau: float) -> Counted:
    cluster, pairs = clusters_of(shapes, tau)
    viewers = shapes.viewers()
    _, first, sizes = np.unique(cluster, return_index=True, return_counts=True)
    item, n_items = shapes.item[first], len(shapes.items)
    n_shapes = np.bincount(shapes.item, minlength=n_items)
    found = np.bincount(item, sizes * (sizes - 1), minlength=n_items)
    near = np.bincount(shapes.item[pairs.left], pairs.iou, minlength=n_items)
    kept = sizes[cluster] > 1
    label = _alpha_sums(item, cluster[kept], shapes.label[kept], np.ones(kept.sum(), np.int64), shapes)
    rows = np.flatnonzero(viewers > 1)
    sums = {
        "existence": np.column_stack([found, n_shapes * np.maximum(viewers - 1, 0)]).astype(np.float64),
        "localisation": np.column_stack([near, found / 2]),
        "label": label,
        "joint": joint_sums(shapes, cluster),
    }
    return Counted(
        rows=rows,
        sums={name: each[rows] for name, each in sums.items()},
        shapes=n_shapes[rows],
        objects=np.bincount(item, minlength=n_items)[rows],
    )


def _alpha_sums(
    item: NDArray[np.int32],
    unit: NDArray[np.int64],
    label: NDArray[np.int32],
    count: NDArray[np.int64],
    shapes: Shapes,
) -> Any:  # noqa: ANN401 -- scipy has no types
    """Return for each item its disagreement, then how often it has each label; a sparse matrix.

    Parameters
    ----------
    item
        Of each unit.
    unit, label, count
        How often a label was given to a unit.
    shapes
        How many items and categories there are; one category more stands for an absent shape.
    """
    sparse = need_scipy("sparse", purpose="Agreement on shapes")
    width = len(shapes.categories) + 1
    cells = sparse.coo_array((count, (unit, label)), shape=(len(item), width)).tocsr()
    size = np.asarray(cells.sum(axis=1)).ravel()
    same = np.asarray((cells**2).sum(axis=1)).ravel()
    disagreement = (size**2 - same) / np.maximum(size - 1, 1)
    units = sparse.csr_array(np.where(size > 1, 1.0, 0.0)[:, None] * 1.0)
    everything = sparse.hstack([sparse.csr_array(disagreement[:, None]), cells.multiply(units)])
    shape = (len(shapes.items), len(item))
    owner = sparse.csr_array((np.ones(len(item)), (item, np.arange(len(item)))), shape=shape)
    return (owner @ everything).tocsr()


def _by_item(sums: Any, statistic: Ratio) -> Floats:  # noqa: ANN401 -- an array, dense or sparse
    if isinstance(sums, np.ndarray):
        return statistic(sums)
    parts = [statistic(sums[n : n + _ROWS].toarray()) for n in range(0, sums.shape[0], _ROWS)]
    return np.concatenate(parts) if parts else np.empty(0)


def _filled(
    name: str, values: dict[str, Floats], blank: NDArray[np.bool_], *, empty: Rule, unvaried: Rule
) -> Floats:
    """Give items without a value the one that the rules say."""
    filled = values[name].copy()
    if empty == "agree" and name in {"existence", "joint"}:
        filled[blank] = 1
    if unvaried == "agree" and name in {"label", "joint"}:
        # Alpha has no value there as all shapes are matched (or, for labels, those that are) and named alike.
        alike = ~blank & (values["existence"] > 0) & np.isnan(filled)
        filled[alike] = 1
    return filled


def _basis(shapes: Shapes, counted: Counted, left_out: NDArray[np.bool_]) -> Basis:
    viewers = shapes.viewers()
    return Basis(
        n_items=int((~left_out).sum()),
        n_annotators=len(np.unique(shapes.seen[:, 1])),
        n_labels=int(counted.shapes[~left_out].sum()),
        n_single=int((viewers == 1).sum()),
        details={
            "objects": int(counted.objects[~left_out].sum()),
            "empty_items": int((counted.shapes == 0).sum()),
            "items_left_out": int(left_out.sum()),
        },
    )


def _reason(name: str, counted: Counted) -> Reason:
    """Return why a measure has no value: nothing was matched, or nothing varies."""
    matched = bool(np.asarray(counted.sums["localisation"])[:, 1].sum())
    if not counted.shapes.sum():
        return Reason.NO_LABELS
    return Reason.NO_VARIATION if matched or name == "joint" else Reason.NO_PAIRS


def _table(shapes: Shapes, counted: Counted, values: dict[str, Floats]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item_id": shapes.items.gather(counted.rows),
            "n_annotators": shapes.viewers()[counted.rows],
            "n_shapes": counted.shapes,
            "n_objects": counted.objects,
            **{name: values[name] for name in NAMES},
        }
    ).with_columns(pl.col(NAMES).fill_nan(None))
