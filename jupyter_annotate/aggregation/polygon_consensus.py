"""Polygons of several annotators made one polygon an object: the one that overlaps the others most."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import read, reject
from jupyter_annotate.aggregation.mark_votes import Drawn, MarkVote
from jupyter_annotate.aggregation.marks import marks_of, medoids
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.geometry import Outline, Overlaps, outline_of

__all__ = ["PolygonConsensus"]

_BOUNDS = ("left", "top", "right", "bottom")


class PolygonConsensus(MarkVote):
    """Polygons that mean the same object are matched and voted on; the medoid stands for them.

    As `BoxConsensus`, but edges are not fused: of each group the polygon is kept whose mean intersection over
    union with the others is highest, so every outline is one that somebody drew. Areas are exact.

    The labels have the columns item_id, annotator_id, label and points: a list of at least three corners,
    ``[[x, y], ...]`` or ``[x, y, x, y, ...]`` in pixels, or a list of such lists for an object in several
    parts. A polygon covers what it winds around (the nonzero rule of SVG). Nulls after the ids say that an
    annotator found nothing. The consensus has item_id, label, points, confidence, presence, n_votes, n_seen
    and overlap (that mean; null for a polygon alone).

    Parameters
    ----------
    model
        What decides on existence and label; the majority vote by default.
    least_overlap
        Intersection over union from which polygons match, on average over a group.
    threshold
        A group is kept if it is there with more than this probability.
    by_label
        Match only polygons of the same label; otherwise a label is voted on like existence.

    Examples
    --------
    >>> square, wide = [[0, 0], [8, 0], [8, 8], [0, 8]], [[0, 0], [9, 0], [9, 8], [0, 8]]
    >>> polygons = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["cat"] * 3,
    ...     "points": [square, square, wide],
    ... }
    >>> PolygonConsensus().fit_predict(polygons)["points"].to_list() == [square]
    True
    """

    name: ClassVar[str] = "polygon_consensus"

    def _drawn(self, labels: object, what: str) -> Drawn:
        frame = read(labels, ("points",), what)
        points = frame["points"]
        lost = frame["label"].is_not_null() & points.is_null()
        reject(frame, lost, "points", what, expected="points where there is a label")
        stray = frame["label"].is_null() & points.is_not_null()
        reject(frame, stray, "points", what, expected="no points where the label is null")
        cells = enumerate(points.to_list())
        outlines = {row: _outline(cell, row, what) for row, cell in cells if cell is not None}
        # Polygons with the same bounds are told apart by their corners, whatever the order of rows.
        keys = {row: tuple(part.tobytes() for part in outline.rings) for row, outline in outlines.items()}
        ranks = {key: float(rank) for rank, key in enumerate(sorted(set(keys.values())))}
        numbers = [(*outlines[row].bounds.tolist(), ranks[keys[row]]) for row in outlines]
        placed = pl.DataFrame(
            numbers, schema=dict.fromkeys([*_BOUNDS, "points"], pl.Float64), orient="row"
        ).with_columns(row=pl.Series(list(outlines), dtype=frame.schema["row"]))
        ids = frame.drop("points").join(placed, on="row", how="left", maintain_order="left")
        marks, _ = marks_of(ids.drop("row"), [*_BOUNDS, "points"], what)
        places = points.gather(marks.row).to_frame()
        return Drawn(marks, marks.numbers[:, :4], places, [outlines[row] for row in marks.row.tolist()])

    def _placed(
        self, drawn: Drawn, cluster: NDArray[np.int64], pairs: Overlaps
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        best, overlap = medoids(cluster, pairs)
        places = drawn.places[best].with_columns(overlap=pl.Series(overlap).fill_nan(None))
        return places, pl.DataFrame()


def _outline(cell: list[Any], row: int, what: str) -> Outline:
    outline = outline_of(cell, row, what)
    if not outline.area > 0:
        expected = "corners that enclose an area"
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column="points")
    return outline
