"""Boxes of several annotators made one box an object."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import reject
from jupyter_annotate.aggregation.mark_votes import Drawn, MarkVote
from jupyter_annotate.aggregation.marks import joined, marks_of
from jupyter_annotate.geometry import Overlaps

__all__ = ["BoxConsensus"]

_SIDES = ("x", "y", "width", "height")


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
        marks, given = marks_of(labels, _SIDES, what)
        for side in ("width", "height"):
            reject(given, given[side] <= 0, side, what, expected="more than 0 pixels")
        corner, sides = marks.numbers[:, :2], marks.numbers[:, 2:]
        places = pl.DataFrame(marks.numbers, schema=dict.fromkeys(_SIDES, pl.Float64), orient="row")
        return Drawn(marks, np.hstack([corner, corner + sides]), places)

    def _placed(
        self, drawn: Drawn, cluster: NDArray[np.int64], pairs: Overlaps
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        del pairs
        fused, spread = joined(drawn.marks, cluster, drawn.bounds, median=not self.mean)
        sides = np.hstack([fused[:, :2], fused[:, 2:] - fused[:, :2]])
        places = pl.DataFrame(sides, schema=dict.fromkeys(_SIDES, pl.Float64), orient="row")
        return places, pl.DataFrame({"spread": spread}).fill_nan(None)
