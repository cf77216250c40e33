"""Agreement on boxes and polygons: found, placed, named; who changes it, and what the threshold does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from jupyter_annotate.agreement.base import TABLE, Reason
from jupyter_annotate.agreement.matching import clusters_of
from jupyter_annotate.agreement.resampling import Basis, Draws, Floats, estimated
from jupyter_annotate.agreement.shape_measures import (
    Rule,
    ShapeAgreement,
    alpha_of,
    joint_sums,
    measured,
)
from jupyter_annotate.agreement.shapes import Shapes, boxes_of, polygons_of
from jupyter_annotate.columns import to_polars
from jupyter_annotate.extras import need_scipy

__all__ = ["box_agreement", "polygon_agreement", "shape_sensitivity", "shape_vitality"]

_RULES = ("skip", "agree")
_TAUS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def box_agreement(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    tau: float = 0.5,
    seen: object = None,
    empty: Rule = "skip",
    unvaried: Rule = "skip",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> ShapeAgreement:
    """Measure agreement on boxes in four numbers: existence, localisation, label, and all in one.

    Boxes of two annotators are matched one to one so that the sum of their overlaps (intersection over
    union) is greatest, among pairs that overlap by tau or more; those of more annotators are joined to
    clusters (see `jupyter_annotate.agreement.matching`). Every cluster is an object. The joint alpha takes
    objects as units and gives those who missed one the label "absent" (as KaLOS does, Tschirschwitz 2026).

    Parameters
    ----------
    labels
        One row a box: item_id, annotator_id, label, x, y, width, height in pixels, and rotation, degrees
        clockwise about the centre, where boxes are turned: then the exact areas of the turned boxes count. A
        row of nulls besides the ids says that the annotator looked and found nothing; without it, the
        annotator did not look.
    tau
        Least intersection over union of a match, above 0 and at most 1.
    seen
        item_id and annotator_id of who looked at what, where ``labels`` has no rows for those who found
        nothing.
    empty
        Items in which everybody found nothing: ``"skip"`` leaves them out, ``"agree"`` counts 1 for existence
        and joint in the means per item. They never weigh in the pooled numbers.
    unvaried
        Items whose matched boxes have all the same label, so that alpha has no value there: ``"skip"`` or
        ``"agree"``, which counts 1 in the means per item.
    level, replicates, seed
        Of the bootstrap over items (BCa).

    Returns
    -------
    agreement
        ``pooled`` and ``per_item`` with the four numbers each, and ``items`` with a row an item.

    Raises
    ------
    ColumnError
        If a column is missing or a box is none: null, nan or infinite numbers, a side not above 0.
    ValueError
        If an option is impossible.
    MissingExtraError
        If scipy is not installed.

    Examples
    --------
    >>> boxes = {
    ...     "item_id": ["a", "a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob", "bob", "ada", "bob"],
    ...     "label": ["cat", "cat", "dog", "dog", "dog"],
    ...     "x": [0.0, 1, 50, 0, 0],
    ...     "y": [0.0, 0, 50, 0, 0],
    ...     "width": [10.0, 10, 10, 8, 8],
    ...     "height": [10.0, 10, 10, 8, 8],
    ... }
    >>> found = box_agreement(boxes)
    >>> found.pooled.existence
    existence 0.800 [0.67, 1.00] (95 %, 2 items, 2 annotators)
    >>> found.items.select("item_id", "n_objects", "existence", "localisation").rows()
    [('a', 2, 0.6666666666666666, 0.8181818181818182), ('b', 1, 1.0, 1.0)]
    """
    draws = Draws(level, replicates, seed)
    _check(tau, empty, unvaried)
    shapes = boxes_of(labels, what="box_agreement()", seen=seen)
    return measured(shapes, tau, empty=empty, unvaried=unvaried, draws=draws)


def polygon_agreement(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    tau: float = 0.5,
    seen: object = None,
    empty: Rule = "skip",
    unvaried: Rule = "skip",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> ShapeAgreement:
    """Measure agreement on polygons as `box_agreement` does on boxes, by the exact areas they share.

    Parameters
    ----------
    labels
        One row a polygon: item_id, annotator_id, label, points: a list of at least three corners,
        ``[[x, y], ...]`` or ``[x, y, x, y, ...]``, or a list of such lists for an object in several parts, as
        ``segmentation`` of COCO. It covers what it winds around (the nonzero rule of SVG), and what any part
        covers: there are no holes. One without area exists and overlaps with nothing.
    tau, seen, empty, unvaried, level, replicates, seed
        As for `box_agreement`.

    Returns
    -------
    agreement
        As from `box_agreement`.

    Raises
    ------
    ColumnError
        If a column is missing or a polygon has fewer than three corners or impossible ones.
    ValueError
        If an option is impossible.
    MissingExtraError
        If scipy is not installed.

    Examples
    --------
    >>> triangles = {
    ...     "item_id": ["a", "a"],
    ...     "annotator_id": ["ada", "bob"],
    ...     "label": ["sail", "sail"],
    ...     "points": [[[0, 0], [4, 0], [0, 4]], [[0, 0], [4, 0], [0, 3]]],
    ... }
    >>> polygon_agreement(triangles, replicates=0).pooled.localisation
    localisation 0.750, no interval: none was asked for (1 item, 2 annotators)
    """
    draws = Draws(level, replicates, seed)
    _check(tau, empty, unvaried)
    shapes = polygons_of(labels, what="polygon_agreement()", seen=seen)
    return measured(shapes, tau, empty=empty, unvaried=unvaried, draws=draws)


def shape_sensitivity(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    taus: Sequence[float] = _TAUS,
    seen: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure agreement on shapes for several thresholds: how far it hangs on where they lie exactly.

    Parameters
    ----------
    labels
        As for `box_agreement`, or `polygon_agreement` if there is a column ``points``.
    seen, level, replicates, seed
        As for `box_agreement`.
    taus
        The thresholds.

    Returns
    -------
    curve
        tau, scope, and the columns of `Agreement.to_frame`; eight rows a threshold.

    Raises
    ------
    ColumnError, ValueError, MissingExtraError
        As for `box_agreement`.
    """
    draws = Draws(level, replicates, seed)
    for tau in taus:
        _check(tau, "skip", "skip")
    shapes = _shapes_of(labels, "shape_sensitivity()", seen)
    found = [(tau, measured(shapes, tau, empty="skip", unvaried="skip", draws=draws)) for tau in taus]
    parts = [each.to_frame().select(pl.lit(float(tau)).alias("tau"), pl.all()) for tau, each in found]
    return pl.concat([pl.DataFrame(schema={"tau": pl.Float64, "scope": pl.String, **TABLE}), *parts])


def shape_vitality(  # noqa: PLR0913 -- each option has its own name
    labels: object,
    *,
    tau: float = 0.5,
    seen: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Measure what each annotator does for agreement on shapes: joint alpha with them minus without.

    The idea is that of KaLOS (Tschirschwitz 2026). Below 0: the others agree better among themselves.

    Parameters
    ----------
    labels
        As for `box_agreement`, or `polygon_agreement` if there is a column ``points``.
    tau, seen, level, replicates, seed
        As for `box_agreement`.

    Returns
    -------
    vitality
        annotator_id, and the columns of `Agreement.to_frame`; the interval is of the difference on the same
        items. Undefined where fewer than two annotators are left. Lowest first.

    Raises
    ------
    ColumnError, ValueError, MissingExtraError
        As for `box_agreement`.
    """
    draws = Draws(level, replicates, seed)
    _check(tau, "skip", "skip")
    shapes = _shapes_of(labels, "shape_vitality()", seen)
    everybody = joint_sums(shapes, clusters_of(shapes, tau)[0])
    rows = [_vitality(n, shapes, everybody, tau, draws) for n in range(len(shapes.annotators))]
    none = pl.DataFrame(schema={"annotator_id": pl.String, **TABLE})
    return pl.concat([none, *rows]).sort("value", "annotator_id", nulls_last=True)


def _vitality(annotator: int, shapes: Shapes, everybody: Floats, tau: float, draws: Draws) -> pl.DataFrame:
    rest = shapes.without(annotator)
    others = joint_sums(rest, clusters_of(rest, tau)[0])
    kept = np.flatnonzero(shapes.viewers() > 1)
    both = need_scipy("sparse", purpose="Agreement on shapes").hstack([everybody, others]).tocsr()[kept]
    width = everybody.shape[1]

    def change(totals: Floats) -> Floats:
        return alpha_of(totals[:, :width]) - alpha_of(totals[:, width:])

    left = len(rest.items) > 0 and rest.viewers().max() > 1
    unless = Reason.NO_VARIATION if left else Reason.NO_PAIRS
    basis = Basis(n_items=len(kept), n_annotators=len(shapes.annotators), n_labels=len(shapes))
    found = estimated("vitality", both, change, draws, basis, unless=unless)
    name = shapes.annotators[annotator]
    return found.to_frame().select(pl.lit(name).alias("annotator_id"), *TABLE)


def _shapes_of(labels: object, what: str, seen: object) -> Shapes:
    frame = to_polars(labels, what=what)
    read = polygons_of if "points" in frame.columns else boxes_of
    return read(frame, what=what, seen=seen)


def _check(tau: float, empty: Rule, unvaried: Rule) -> None:
    if not 0 < tau <= 1:
        message = f"Expected tau above 0 and at most 1, found {tau!r}."
        raise ValueError(message)
    for name, rule in (("empty", empty), ("unvaried", unvaried)):
        if rule not in _RULES:
            message = f"Expected {name} to be one of {_RULES}, found {rule!r}."
            raise ValueError(message)
