"""Marks voted on as a whole: what the consensus of boxes, polygons and spans have in common."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import Estimator, Findings
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.aggregation.marks import Marks, drawers, mark_consensus, presence
from jupyter_annotate.geometry import Outlines, Overlaps, clustered, overlapping

__all__ = ["Drawn", "MarkVote"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Marks and the area each covers.

    Parameters
    ----------
    marks
        In codes.
    bounds
        Left, top, right, bottom of each. Shape (n, 4).
    places
        What the consensus shows of where each lies, as its annotator gave it. A row a mark.
    outlines
        Of each, or the corners of turned boxes; None for those that fill their bounds.
    """

    marks: Marks
    bounds: _Numbers
    places: pl.DataFrame
    outlines: Outlines | None = None


class MarkVote(Estimator):
    """Group marks by overlap, let a model for classes vote on each group, and give each a place.

    The parameters are those of `SpanVote`.
    """

    def __init__(
        self,
        model: Aggregator | None = None,
        *,
        least_overlap: float = 0.5,
        threshold: float = 0.5,
        by_label: bool = False,
    ) -> None:
        if not 0 < least_overlap <= 1 or not 0 <= threshold < 1:
            message = (
                "Expected 0 < least_overlap <= 1 and 0 <= threshold < 1, "
                f"found {least_overlap} and {threshold}."
            )
            raise ValueError(message)
        self.model = MajorityVote() if model is None else model
        self.least_overlap, self.threshold, self.by_label = least_overlap, threshold, by_label

    @property
    def groups_(self) -> pl.DataFrame:
        """Return all groups of marks as the consensus shows them, with ``kept``: also those left out."""
        return self._found("groups_").tables["groups"]

    @abstractmethod
    def _drawn(self, labels: object, what: str) -> Drawn:
        """Return the marks; ``what`` names the caller for errors."""

    @abstractmethod
    def _placed(self, drawn: Drawn, cluster: _Places, pairs: Overlaps) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the place of each group, and what more is known of each annotator (columns, or none)."""

    def _estimate(self, labels: object, what: str) -> Findings:
        drawn = self._drawn(labels, what)
        marks = drawn.marks
        group = marks.item * max(len(marks.categories), 1) + marks.label if self.by_label else marks.item
        threshold = self.least_overlap
        pairs = overlapping(group, marks.annotator, drawn.bounds, drawn.outlines, threshold=threshold)
        cluster = clustered(marks.annotator, pairs, threshold=threshold)
        found = presence(marks, cluster, self.model)
        places, known = self._placed(drawn, cluster, pairs)
        consensus, groups = mark_consensus(marks, found, places, threshold=self.threshold)
        return Findings(consensus, drawers(marks, found.skill).hstack(known), tables={"groups": groups})
