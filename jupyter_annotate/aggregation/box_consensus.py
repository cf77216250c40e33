"""Boxes of several annotators made one box an object."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import reject
from jupyter_annotate.aggregation.mark_votes import Drawn, MarkVote
from jupyter_annotate.aggregation.marks import Marks, joined, marks_of, medoids
from jupyter_annotate.columns import to_polars
from jupyter_annotate.geometry import Overlaps, bounds_of, corners_of, reframed, turned

__all__ = ["BoxConsensus"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_SIDES = ("x", "y", "width", "height")
#: Angles that differ by less are equal but for rounding.
_DIGITS = 9


class BoxConsensus(MarkVote):
    """Boxes that mean the same object are matched, voted on and fused.

    Boxes of an item are grouped by overlap, at most one of each annotator, closest first. A model for classes
    then says of each group which label it has, with "there is none" as one of them: every annotator who
    answered the item votes, also those who drew nothing there. So an object is kept if it is there with a
    probability above the threshold, by default that of a majority. Edges are medians weighted by how close
    each annotator's edges are to those of others.

    The labels have the columns item_id, annotator_id, label, x, y, width and height in pixels; a row of nulls
    after the ids says that an annotator found nothing. The consensus has the same without annotators, with
    confidence (the probability that it is there and has this label), presence (that it is there), n_votes and
    n_seen; an item without objects keeps one row of nulls.

    Where there is a column rotation (degrees clockwise about the centre) boxes are turned, and overlap is
    that of the turned boxes. Each box of a group is then described from the side that lies nearest to that
    of the group's medoid: a quarter turn with width and height exchanged is the same rectangle. Edges are
    fused in the medoid's frame, and so is the deviation from its angle; which side is the top is what most
    say. The consensus has rotation too.

    Parameters
    ----------
    model
        What decides on existence and label; the majority vote by default. `DawidSkene` weighs annotators.
    least_overlap
        Intersection over union from which boxes match, on average over a group.
    threshold
        A group is kept if it is there with more than this probability.
    by_label
        Match only boxes of the same label; otherwise a label is voted on like existence.
    mean
        Fuse by weighted means in place of medians.

    Examples
    --------
    >>> boxes = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["cat", "cat", None],
    ...     "x": [0.0, 2.0, None],
    ...     "y": [0.0, 0.0, None],
    ...     "width": [10.0, 10.0, None],
    ...     "height": [10.0, 10.0, None],
    ... }
    >>> BoxConsensus().fit_predict(boxes).select("label", "x", "width", "n_votes", "n_seen").rows()
    [('cat', 1.0, 10.0, 2, 3)]
    """

    name: ClassVar[str] = "box_consensus"

    def __init__(
        self,
        model: Aggregator | None = None,
        *,
        least_overlap: float = 0.5,
        threshold: float = 0.5,
        by_label: bool = False,
        mean: bool = False,
    ) -> None:
        super().__init__(model, least_overlap=least_overlap, threshold=threshold, by_label=by_label)
        self.mean = mean

    def _drawn(self, labels: object, what: str) -> Drawn:
        frame = to_polars(labels, what=what)
        columns = (*_SIDES, "rotation") if "rotation" in frame.columns else _SIDES
        marks, given = marks_of(frame, columns, what)
        for side in ("width", "height"):
            reject(given, given[side] <= 0, side, what, expected="more than 0 pixels")
        places = _table(marks.numbers, columns)
        if len(columns) > len(_SIDES):
            corners = corners_of(marks.numbers[:, :4], marks.numbers[:, 4])
            return Drawn(marks, bounds_of(corners), places, corners)
        corner, sides = marks.numbers[:, :2], marks.numbers[:, 2:]
        return Drawn(marks, np.hstack([corner, corner + sides]), places)

    def _placed(
        self, drawn: Drawn, cluster: NDArray[np.int64], pairs: Overlaps
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        if drawn.outlines is None:
            fused, spread = joined(drawn.marks, cluster, drawn.bounds, median=not self.mean)
            places = _table(np.hstack([fused[:, :2], fused[:, 2:] - fused[:, :2]]), _SIDES)
        else:
            best, _ = medoids(cluster, pairs)
            turns, spread = _turned(drawn.marks, cluster, best, median=not self.mean)
            places = _table(turns, (*_SIDES, "rotation"))
        return places, pl.DataFrame({"spread": spread}).fill_nan(None)


def _table(numbers: _Numbers, columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(numbers, schema=dict.fromkeys(columns, pl.Float64), orient="row")


def _turned(marks: Marks, cluster: _Places, best: _Places, *, median: bool) -> tuple[_Numbers, _Numbers]:
    """Fuse turned boxes: x, y, width, height, rotation of each group, and the spread of each annotator."""
    sides, rotation = marks.numbers[:, :4], marks.numbers[:, 4]
    corners = corners_of(sides, rotation)
    frame = rotation[best]
    sides, rotation, quarters = reframed(sides, rotation, corners[best][cluster])
    off = (rotation - frame[cluster] + 180) % 360 - 180
    centre = turned(sides[:, :2] + sides[:, 2:] / 2, -frame[cluster])
    half = sides[:, 2:] / 2
    edges = np.hstack([centre - half, centre + half])
    fused, spread = joined(marks, cluster, edges, off[:, None], median=median)
    low, high, off = fused[:, :2], fused[:, 2:4], fused[:, 4]
    top = _most(cluster, quarters, len(best))
    size = np.where((top % 2 == 1)[:, None], (high - low)[:, ::-1], high - low)
    corner = turned((low + high) / 2, frame) - size / 2
    angle = (frame + off - 90 * top).round(_DIGITS) % 360
    return np.column_stack([corner, size, angle]), spread


def _most(cluster: _Places, quarters: _Places, n_clusters: int) -> _Places:
    """Return the quarter turn that most boxes of each group are given in; of as many that of the medoid."""
    votes = np.bincount(cluster * 4 + quarters, minlength=4 * n_clusters).reshape(n_clusters, 4)
    most: _Places = votes.argmax(axis=1)
    return most
