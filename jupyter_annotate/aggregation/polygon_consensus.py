"""Polygons of several annotators made one polygon an object: the one that overlaps the others most."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import Estimator, Findings, read, reject
from jupyter_annotate.aggregation.groups import ratio
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.aggregation.marks import Marks, drawers, mark_consensus, marks_of, medoids, presence
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.geometry import clustered, overlapping_pairs

__all__ = ["PolygonConsensus"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

#: Most cells along the longer side of what an item's polygons cover.
_CELLS = 512
#: Rows of cells that are filled at once.
_ROWS = 16
_FEWEST_VERTICES = 3


class PolygonConsensus(Estimator):
    """Polygons that mean the same object are matched and voted on; the medoid stands for them.

    As `BoxConsensus`, but edges are not fused: of each group the polygon is kept whose mean intersection over
    union with the others is highest, so every outline is one that somebody drew. Overlaps are counted on a
    grid of square cells (centres inside by the even-odd rule) over what the item's polygons cover.

    The labels have the columns item_id, annotator_id, label and points, a list of [x, y] in pixels with at
    least three vertices; nulls after the ids say that an annotator found nothing. The consensus has item_id,
    label, points, confidence, presence, n_votes, n_seen and overlap (that mean; null for a polygon alone).

    Parameters
    ----------
    model
        What decides on existence and label; the majority vote by default.
    least_overlap
        Intersection over union from which polygons match, on average over a group.
    threshold
        A group is kept if it is there with more than this probability.
    cell
        Side of a cell in pixels; larger where an item's polygons cover more than 512 cells along a side.

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

    def __init__(
        self,
        model: Aggregator | None = None,
        *,
        least_overlap: float = 0.5,
        threshold: float = 0.5,
        cell: float = 1.0,
    ) -> None:
        if not 0 < least_overlap <= 1 or not 0 <= threshold < 1 or not cell > 0:
            message = (
                "Expected 0 < least_overlap <= 1, 0 <= threshold < 1 and cell > 0, "
                f"found {least_overlap}, {threshold} and {cell}."
            )
            raise ValueError(message)
        self.model = MajorityVote() if model is None else model
        self.least_overlap, self.threshold, self.cell = least_overlap, threshold, cell

    @property
    def groups_(self) -> pl.DataFrame:
        """Return all groups of polygons as the consensus shows them, with ``kept``: also those left out."""
        return self._found("groups_").tables["groups"]

    def _estimate(self, labels: object, what: str) -> Findings:
        points, boxes = _outlines(labels, what)
        marks, _ = marks_of(boxes, ("x", "y", "width", "height", "order"), what)
        outlines = [points[row] for row in marks.row.tolist()]
        first, second, closeness = self._overlaps(marks, outlines)
        cluster = clustered(
            len(outlines), marks.annotator, first, second, closeness, threshold=self.least_overlap
        )
        found = presence(marks, cluster, self.model)
        best, overlap = medoids(cluster, first, second, closeness)
        dtype = pl.List(pl.List(pl.Float64))
        places = pl.DataFrame(
            {
                "points": pl.Series([outlines[k].tolist() for k in best.tolist()], dtype=dtype),
                "overlap": pl.Series(overlap, dtype=pl.Float64).fill_nan(None),
            }
        )
        consensus, groups = mark_consensus(marks, found, places, threshold=self.threshold)
        return Findings(consensus, drawers(marks, found.skill), tables={"groups": groups})

    def _overlaps(self, marks: Marks, outlines: list[_Numbers]) -> tuple[_Places, _Places, _Numbers]:
        """Return each pair of polygons that share cells, and their intersection over union."""
        first, second = overlapping_pairs(marks.item, marks.numbers[:, :4])
        first, second = np.minimum(first, second), np.maximum(first, second)
        order = np.lexsort((second, first))
        first, second = first[order], second[order]
        closeness = np.zeros(len(first))
        starts = np.searchsorted(marks.item, marks.item[first])
        for item in np.unique(marks.item[first]).tolist():
            pairs = np.flatnonzero(marks.item[first] == item)
            low = starts[pairs[0]]
            part = outlines[low : np.searchsorted(marks.item, item, side="right")]
            table = _shared_cells(part, self.cell)
            a, b = first[pairs] - low, second[pairs] - low
            union = table[a, a] + table[b, b] - table[a, b]
            closeness[pairs] = ratio(table[a, b], union, 0.0)
        return first, second, closeness


def _outlines(labels: object, what: str) -> tuple[dict[int, _Numbers], pl.DataFrame]:
    """Return the vertices of each row's polygon, and the rows with the box around it."""
    frame = read(labels, ("points",), what)
    lost = frame["label"].is_not_null() & frame["points"].is_null()
    reject(frame, lost, "points", what, expected="points where there is a label")
    stray = frame["label"].is_null() & frame["points"].is_not_null()
    reject(frame, stray, "points", what, expected="no points where the label is null")
    points: dict[int, _Numbers] = {}
    boxes: list[tuple[float, ...] | None] = []
    for row, cell in enumerate(frame["points"].to_list()):
        if cell is None:
            boxes.append(None)
            continue
        outline = _outline(cell, row, what)
        points[row] = outline
        boxes.append((*outline.min(axis=0), *np.ptp(outline, axis=0)))
    # What tells polygons with the same box apart, whatever the order of rows.
    ranks = {
        key: place for place, key in enumerate(sorted({outline.tobytes() for outline in points.values()}))
    }
    columns = {
        name: [None if box is None else float(box[k]) for box in boxes]
        for k, name in enumerate(("x", "y", "width", "height"))
    }
    columns["order"] = [
        float(ranks[points[row].tobytes()]) if row in points else None for row in range(len(boxes))
    ]
    placed = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64))
    return points, frame.select("item_id", "annotator_id", "label").hstack(placed)


def _outline(cell: object, row: int, what: str) -> _Numbers:
    try:
        outline = np.array(cell, dtype=np.float64) + 0.0
    except (TypeError, ValueError):
        outline = np.zeros((0, 0))
    good = outline.shape == (len(outline), 2) and len(outline) >= _FEWEST_VERTICES
    if not good or not np.isfinite(outline).all() or not _breadth(outline) > 0:
        expected = "at least three finite [x, y] that enclose an area"
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column="points")
    return outline


def _breadth(outline: _Numbers) -> float:
    """Return how far the vertices stray from the line through the first and the one farthest from it."""
    centred = outline - outline[0]
    far = centred[(centred**2).sum(axis=1).argmax()]
    return float(np.abs(centred[:, 0] * far[1] - centred[:, 1] * far[0]).max())


def _shared_cells(outlines: list[_Numbers], cell: float) -> _Numbers:
    """Return how many cells each two polygons share; the diagonal has their areas. Shape (n, n)."""
    low = np.min([outline.min(axis=0) for outline in outlines], axis=0)
    high = np.max([outline.max(axis=0) for outline in outlines], axis=0)
    cell = max(cell, float((high - low).max()) / _CELLS)
    columns, rows = (np.ceil((high - low) / cell).astype(np.int64)).tolist()
    shared = np.zeros((len(outlines), len(outlines)))
    across = low[0] + (np.arange(columns) + 0.5) * cell
    for start in range(0, rows, _ROWS):
        down = low[1] + (np.arange(start, min(start + _ROWS, rows)) + 0.5) * cell
        filled = np.stack([_filled(outline, across, down).ravel() for outline in outlines]).astype(np.float32)
        shared += filled @ filled.T
    return shared


def _filled(outline: _Numbers, across: _Numbers, down: _Numbers) -> NDArray[np.bool_]:
    """Say which of these points lie inside: an odd number of edges to their left. Shape (rows, columns)."""
    start, end = outline, np.roll(outline, -1, axis=0)
    crosses = (start[:, 1] <= down[:, None]) != (end[:, 1] <= down[:, None])
    height = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    at = start[:, 0] + (down[:, None] - start[:, 1]) / height * (end[:, 0] - start[:, 0])
    row, edge = np.nonzero(crosses)
    passed = np.searchsorted(across, at[row, edge], side="left")
    toggles = np.zeros((len(down), len(across) + 1), dtype=np.int64)
    np.add.at(toggles, (row, passed), 1)
    return (np.cumsum(toggles, axis=1)[:, :-1] % 2).astype(bool)
