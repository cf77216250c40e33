"""Spans of several annotators as numbers: LABELS with start and end, as the measures of spans read them.

An annotator who found nothing in an item has a row whose label is null: this is an answer, and an empty one.
An annotator without a row did not see the item. That difference is kept: an answer may have no spans.

A span in several pieces (column ``fragments``) is one span where a measure compares spans, and as many units
as it has pieces where a measure compares units of text.

Items, annotators and labels are numbered by what was marked where, never by their names or the order of rows:
whatever is drawn at random afterwards stays the same when they are renamed or reordered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.span_checks import checked_spans
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.geometry import apart
from jupyter_annotate.ratings import coded

__all__ = ["SpanMarks", "spans_of"]

Codes = NDArray[np.int64]
_Hash = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class SpanMarks:
    """Who marked what where, on items with two answers or more.

    Answers are sorted by item; spans by answer, then start, end and label.

    Parameters
    ----------
    items, annotators, categories
        What each code stands for.
    answer_item, answer_annotator
        Whose answer to which item, also where no span was found. Shape (n_answers,).
    answer, label, start, end
        The spans. Shape (n,); start and end are float64 only if the measure takes fractions.
    row
        Row of each span in the frame it came from. Shape (n,).
    n_annotators
        Annotators with an answer, on whichever item.
    n_single
        Items left out because they have one answer.
    shape
        What makes spans of one reach different, 0 for those in one piece; None where pieces stand apart.
    pieces
        Of spans that were kept whole: which span each piece is of, its start and its end.
    """

    items: pl.Series
    annotators: pl.Series
    categories: pl.Series
    answer_item: Codes
    answer_annotator: Codes
    answer: Codes
    label: Codes
    start: NDArray[Any]
    end: NDArray[Any]
    row: Codes
    n_annotators: int
    n_single: int
    shape: Codes | None = None
    pieces: tuple[Codes, Codes, Codes] | None = None

    @property
    def item(self) -> Codes:
        """Item of each span. Shape (n,)."""
        return self.answer_item[self.answer]

    def sizes(self) -> Codes:
        """Count the spans of each answer. Shape (n_answers,)."""
        return np.bincount(self.answer, minlength=len(self.answer_item))

    def sizes_of_items(self) -> Codes:
        """Count the spans of each item. Shape (n_items,)."""
        return np.bincount(self.item, minlength=len(self.items))

    def answers(self) -> Codes:
        """Count the answers of each item. Shape (n_items,)."""
        return np.bincount(self.answer_item, minlength=len(self.items))

    def counts(self) -> dict[str, float]:
        """Count the answers, those without a span, and the items in which nobody found one."""
        sizes = self.sizes()
        return {
            "answers": len(sizes),
            "empty_answers": int((sizes == 0).sum()),
            "empty_items": int((self.sizes_of_items() == 0).sum()),
            "categories": len(np.unique(self.label)),
        }


def spans_of(
    labels: object, *, what: str, label: object = None, whole: bool = True, joined: bool = False
) -> SpanMarks:
    """Code LABELS of spans.

    Parameters
    ----------
    labels
        LABELS with start and end, half open. Null label, start and end: the annotator found nothing.
    what
        Whose argument it is, for the error.
    label
        Only spans with this label; whoever marked others has an answer all the same.
    whole
        Whether positions have to be whole numbers from 0 on, as those of texts are.
    joined
        Whether a span in several pieces is one span; else each piece is one.

    Raises
    ------
    ColumnError
        If a column is missing, a span ends before it starts or has no label, or one annotator has the same
        span with the same label twice.
    """
    frame = checked_spans(labels, what=what, whole=whole).with_row_index("row")
    frame = frame if joined else apart(frame)
    item, items = coded(frame["item_id"])
    annotator, annotators = coded(frame["annotator_id"])
    category, categories = coded(frame["label"])
    given = _given(category, categories, label, what)
    fill = frame.select(pl.col("start", "end").fill_null(0))
    start, end = fill["start"].to_numpy(), fill["end"].to_numpy()

    prints = _fingerprints(item, annotator, np.where(given, category, -1), start, end)
    of_item, of_annotator, of_label = (
        _renumbered(codes, each) for codes, each in zip((item, annotator, category), prints, strict=True)
    )
    width = len(annotators) + 1
    keys, answer = np.unique(of_item * width + of_annotator, return_inverse=True)
    shared = np.bincount(keys // width, minlength=len(items)) > 1
    kept_items, kept_answers = np.cumsum(shared) - 1, np.cumsum(shared[keys // width]) - 1
    keep = np.flatnonzero(given & shared[of_item])
    joined &= bool((frame["shape"] != "").any())
    shape = coded(frame["shape"])[0].astype(np.int64) if joined else np.zeros(len(frame), dtype=np.int64)
    keep = keep[np.lexsort((of_label[keep], shape[keep], end[keep], start[keep], answer[keep]))]
    keys = keys[shared[keys // width]]
    return SpanMarks(
        items=_named(items, prints[0]).filter(pl.Series(shared)),
        annotators=_named(annotators, prints[1]),
        categories=_named(categories, prints[2]),
        answer_item=kept_items[keys // width],
        answer_annotator=keys % width,
        answer=kept_answers[answer[keep]],
        label=of_label[keep],
        start=start[keep],
        end=end[keep],
        row=frame["row"].to_numpy()[keep].astype(np.int64),
        n_annotators=len(annotators),
        n_single=int((~shared).sum()),
        shape=shape[keep] if joined else None,
        pieces=_pieces(frame["fragments"].gather(keep)) if joined else None,
    )


def _pieces(fragments: pl.Series) -> tuple[Codes, Codes, Codes]:
    """Return the owner, start and end of each piece."""
    owner = np.repeat(np.arange(len(fragments)), fragments.list.len().to_numpy())
    ends = fragments.explode().explode().to_numpy().reshape(-1, 2).astype(np.int64)
    return owner, ends[:, 0], ends[:, 1]


def _given(category: NDArray[np.int32], categories: pl.Series, label: object, what: str) -> NDArray[np.bool_]:
    """Say which rows are spans that are asked for."""
    known = categories.to_list()
    if label is None or not known:
        return np.asarray(category >= 0)
    if label not in known:
        expected = f"one of the labels {shorten(known)}"
        raise ColumnError(what, expected=expected, found=f"label={label!r}", column="label")
    return np.asarray(category == known.index(label))


def _fingerprints(
    item: NDArray[np.int32],
    annotator: NDArray[np.int32],
    category: NDArray[np.int32],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
) -> tuple[_Hash, _Hash, _Hash]:
    """Return a number for each item, annotator and label that depends on the places of their spans alone."""
    marked = category >= 0
    place = _mixed(start.astype(np.float64).view(np.uint64) ^ _mixed(end.astype(np.float64).view(np.uint64)))
    of_label = _summed(category[marked], place[marked])
    mark = np.where(marked, _mixed(place + of_label[category]), np.uint64(1)) if len(of_label) else place
    of_annotator = _summed(annotator, mark)
    of_item = _summed(item, _mixed(mark ^ of_annotator[annotator]))
    return of_item, of_annotator, of_label


def _mixed(number: _Hash) -> _Hash:
    """Spread a number over 64 bits: splitmix64 (Steele, Lea and Flood 2014, figure 16)."""
    mixed = number + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _summed(codes: NDArray[np.int32], numbers: _Hash) -> _Hash:
    """Sum numbers by code, modulo 2**64, so that their order does not matter."""
    total = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.uint64)
    np.add.at(total, codes, numbers)
    return total


def _renumbered(codes: NDArray[np.int32], prints: _Hash) -> Codes:
    """Return codes in the order of the fingerprints; -1 stays."""
    place = np.append(np.argsort(np.argsort(prints, kind="stable"), kind="stable"), -1)
    return place[np.clip(codes, -1, len(prints) - 1 if len(prints) else -1)].astype(np.int64)


def _named(values: pl.Series, prints: _Hash) -> pl.Series:
    """Return what the renumbered codes stand for."""
    return values.head(len(prints)).gather(np.argsort(prints, kind="stable"))
