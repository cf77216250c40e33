"""Spans of several annotators made one set of spans: voted on as a whole, or piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import Estimator, Findings, reject
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.aggregation.mark_votes import Drawn, MarkVote
from jupyter_annotate.aggregation.marks import (
    ABSENT,
    Marks,
    drawers,
    marks_of,
    medoids,
    presence,
    with_empty_items,
)
from jupyter_annotate.columns import to_polars
from jupyter_annotate.geometry import Outline, Overlaps, apart, shaped
from jupyter_annotate.pairing import runs

__all__ = ["SpanPieces", "SpanVote", "span_marks"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_DIGITS = 9


class SpanVote(MarkVote):
    """Whole spans: those that mean the same are matched, voted on, and the most common one is kept.

    As `BoxConsensus`, with spans in place of boxes: a model for classes says of each group of overlapping
    spans which label it has, "there is none" among them. Its place is the one most annotators gave; of those
    as common the one that overlaps the others most, then the longest. So every span is one that somebody
    drew.

    The labels have the columns item_id, annotator_id, label, start and end (code points, half open); nulls
    after the ids say that an annotator found nothing. The consensus has item_id, label, start, end,
    confidence (the probability that it is there and has this label), presence, n_votes and n_seen; an item
    without spans keeps one row of nulls. Where the labels have fragments (spans in several pieces), overlap
    is that of the pieces, a place is all pieces of a span, and the consensus has fragments too.

    Parameters
    ----------
    model
        What decides on existence and label; the majority vote by default.
    least_overlap
        Intersection over union in code points from which spans match; 1 for equal ones only.
    threshold
        A group is kept if it is there with more than this probability.
    by_label
        Match only spans of the same label; otherwise a label is voted on like existence.

    Examples
    --------
    >>> spans = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["city", "city", None],
    ...     "start": [0, 0, None],
    ...     "end": [8, 9, None],
    ... }
    >>> SpanVote().fit_predict(spans).select("label", "start", "end", "n_votes").rows()
    [('city', 0, 9, 2)]
    """

    name: ClassVar[str] = "span_vote"

    def _drawn(self, labels: object, what: str) -> Drawn:
        frame = to_polars(labels, what=what)
        if "fragments" in frame.columns:
            return _in_pieces(frame, what)
        marks = span_marks(labels, what)
        start, end = marks.numbers.T
        places = pl.DataFrame({"start": start, "end": end}).cast(pl.Int64)
        return Drawn(marks, np.column_stack([start, np.zeros(len(start)), end, np.ones(len(start))]), places)

    def _placed(self, drawn: Drawn, cluster: _Places, pairs: Overlaps) -> tuple[pl.DataFrame, pl.DataFrame]:
        start, end = drawn.marks.numbers[:, :2].T
        key = np.column_stack([cluster, drawn.marks.numbers])
        _, which, number = np.unique(key, axis=0, return_inverse=True, return_counts=True)
        votes = number[which.ravel()].astype(np.float64) if len(key) else np.zeros(0)
        best, _ = medoids(cluster, pairs, votes, end - start)
        return drawn.places[best], pl.DataFrame()


def _in_pieces(frame: pl.DataFrame, what: str) -> Drawn:
    """Return spans in several pieces as marks whose third number tells their shapes apart."""
    _checked(frame, what)
    frame = shaped(frame, what).with_columns(shape=pl.col("shape").rank("dense").cast(pl.Float64))
    marks, _ = marks_of(frame, ("start", "end", "shape"), what)
    start, end = marks.numbers[:, :2].T
    places = frame.select(pl.col("start", "end").cast(pl.Int64), "fragments")[marks.row]
    rings = [[_ring(*piece) for piece in pieces] for pieces in places["fragments"].to_list()]
    outlines = [Outline(first, tuple(others)) for first, *others in rings]
    bounds = np.column_stack([start, np.zeros(len(start)), end, np.ones(len(start))])
    return Drawn(marks, bounds, places, outlines)


def _ring(start: float, end: float) -> _Numbers:
    return np.array([[start, 0], [end, 0], [end, 1], [start, 1]], dtype=np.float64)


class SpanPieces(Estimator):
    """Spans piece by piece: text is cut where any annotator's span begins or ends, each piece is voted on.

    All characters of a piece got the same labels from everybody, so nothing is lost against a vote on every
    character, and pieces count alike however long they are. A model for classes says of each piece which
    label it has, "none" among them. Pieces of one label side by side are one span, unless more than half of
    the annotators who gave that label began a span there.

    Columns as for `SpanVote`, without presence and votes; ``confidence`` is the mean over the span's
    characters of the probability of its label. The pieces of a span in several (fragments) are voted on, and
    come out, as spans of their own: nothing says any more which of them belong together; `SpanVote` does.

    Parameters
    ----------
    model
        What decides on each piece; the majority vote by default. `DawidSkene` suits annotators who confuse
        labels or miss many.
    nested
        Whether spans may overlap: each label is then decided on its own, and spans of one annotator with one
        label that overlap count as one. Otherwise a piece has one label, and where an annotator's own spans
        overlap the shortest of them counts.

    Examples
    --------
    >>> spans = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["city", "city", None],
    ...     "start": [0, 0, None],
    ...     "end": [8, 9, None],
    ... }
    >>> SpanPieces().fit_predict(spans).select("label", "start", "end").rows()
    [('city', 0, 8)]
    """

    name: ClassVar[str] = "span_pieces"

    def __init__(self, model: Aggregator | None = None, *, nested: bool = False) -> None:
        self.model = MajorityVote() if model is None else model
        self.nested = nested

    def _estimate(self, labels: object, what: str) -> Findings:
        marks = span_marks(labels, what)
        parts = range(len(marks.categories)) if self.nested else [None]
        found = [self._decided(_of_label(marks, part)) for part in parts]
        spans = [frame for frame, _, _ in found]
        none = np.prod([none for _, none, _ in found], axis=0) if found else np.ones(len(marks.items))
        skills = [skill for _, _, skill in found]
        skill = pl.concat(skills).group_by("annotator").agg(pl.col("skill").mean()) if skills else _no_skill()
        columns = {"item_id": marks.items.dtype, "label": marks.categories.dtype}
        empty = pl.DataFrame(
            schema={
                **columns,
                "start": pl.Int64,
                "end": pl.Int64,
                "confidence": pl.Float64,
                "n_seen": pl.Int64,
            }
        )
        consensus = with_empty_items(pl.concat([empty, *spans]), marks, none)
        return Findings(consensus.sort("item_id", "start", "end", "label"), drawers(marks, skill))

    def _decided(self, marks: Marks) -> tuple[pl.DataFrame, _Numbers, pl.DataFrame]:
        """Return the spans, the probability that an item has none, and the annotators' skill."""
        pieces = _pieces(marks)
        voted = presence(pieces.marks, pieces.piece, self.model)
        probabilities = voted.probabilities
        # "None" first, so that a tie with it leaves a piece out.
        label = np.where(
            probabilities[:, ABSENT].round(_DIGITS)
            >= probabilities[np.arange(len(voted.label)), voted.label + 1].round(_DIGITS),
            -1,
            voted.label,
        )
        none = np.ones(len(marks.items))
        np.multiply.at(none, voted.item, probabilities[:, ABSENT])
        return _spans(marks, pieces, label, probabilities), none, voted.skill


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Where each piece lies, and whose span covers it: the marks are one a piece and annotator."""

    start: _Places
    end: _Places
    item: _Places
    marks: Marks
    piece: _Places
    begins: NDArray[np.bool_]


def span_marks(labels: object, what: str) -> Marks:
    """Return spans as marks whose numbers are start and end, each piece as one.

    Raises
    ------
    ColumnError
        If a span has no whole, growing offsets from 0 on; with row and column.
    """
    frame = to_polars(labels, what=what)
    marks = _checked(frame, what)
    if "fragments" in frame.columns:
        marks, _ = marks_of(apart(shaped(frame, what)), ("start", "end"), what)
    return marks


def _checked(frame: pl.DataFrame, what: str) -> Marks:
    marks, given = marks_of(frame, ("start", "end"), what)
    for name in ("start", "end"):
        numbers = given[name].cast(pl.Float64)
        reject(given, numbers != numbers.floor(), name, what, expected="a whole number of code points")
    reject(given, given["start"] < 0, "start", what, expected="a start from 0 on")
    reject(given, given["end"] <= given["start"], "end", what, expected="an end after the start")
    return marks


def _of_label(marks: Marks, label: int | None) -> Marks:
    """Return the marks of one label, all of them for None."""
    if label is None:
        return marks
    kept = marks.label == label
    names = ("item", "annotator", "label", "numbers", "row")
    return replace(marks, **{name: getattr(marks, name)[kept] for name in names})


def _pieces(marks: Marks) -> _Pieces:
    """Cut at every edge; of an annotator's spans over a piece the shortest counts, then the first."""
    start, end = marks.numbers.astype(np.int64).T
    edges = np.unique(np.stack([np.tile(marks.item, 2), np.concatenate([start, end])], axis=1), axis=0)
    base = int(edges[:, 1].max(initial=0)) + 1
    keys = edges[:, 0] * base + edges[:, 1]
    low = np.searchsorted(keys, marks.item * base + start)
    high = np.searchsorted(keys, marks.item * base + end)
    span, place = runs(low, high - low)
    order = np.lexsort((span, (end - start)[span], marks.annotator[span], place))
    span, place = span[order], place[order]
    new = np.ones(len(span), dtype=bool)
    new[1:] = (np.diff(place) > 0) | (np.diff(marks.annotator[span]) != 0)
    span, place = span[new], place[new]
    covered, piece = np.unique(place, return_inverse=True)
    names = ("item", "annotator", "label", "numbers", "row")
    return _Pieces(
        start=edges[covered, 1],
        end=edges[np.minimum(covered + 1, len(edges) - 1), 1],
        item=edges[covered, 0],
        marks=replace(marks, **{name: getattr(marks, name)[span] for name in names}),
        piece=piece.astype(np.int64),
        begins=start[span] == edges[place, 1],
    )


def _spans(marks: Marks, pieces: _Pieces, label: _Places, probabilities: _Numbers) -> pl.DataFrame:
    """Return runs of pieces of one label as spans."""
    n = len(label)
    agrees = pieces.marks.label == label[pieces.piece]
    given = np.bincount(pieces.piece, agrees, n)
    began = np.bincount(pieces.piece, agrees & pieces.begins, n)
    new = np.ones(n, dtype=bool)
    new[1:] = (
        (label[1:] != label[:-1])
        | (pieces.item[1:] != pieces.item[:-1])
        | (pieces.start[1:] != pieces.end[:-1])
        | (2 * began[1:] > given[1:])
    )
    run = np.cumsum(new) - 1
    length = (pieces.end - pieces.start).astype(np.float64)
    sure = probabilities[np.arange(n), label + 1]
    firsts = np.flatnonzero(new)
    lasts = np.append(firsts[1:], n)[: len(firsts)] - 1
    mean = np.bincount(run, sure * length, len(firsts)) / np.bincount(run, length, len(firsts))
    n_seen = np.bincount(marks.seen_item, minlength=len(marks.items))
    kept = label[firsts] >= 0
    item = pieces.item[firsts][kept]
    return pl.DataFrame(
        {
            "item_id": marks.items.gather(item),
            "label": marks.categories.gather(label[firsts][kept]),
            "start": pieces.start[firsts][kept],
            "end": pieces.end[lasts][kept],
            "confidence": mean[kept],
            "n_seen": n_seen[item],
        }
    )


def _no_skill() -> pl.DataFrame:
    return pl.DataFrame(schema={"annotator": pl.Int64, "skill": pl.Float64})
