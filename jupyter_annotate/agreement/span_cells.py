"""Cells: texts cut where any span begins or ends, so that a megabyte without a boundary is one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.span_extents import Extents
from jupyter_annotate.agreement.span_marks import SpanMarks
from jupyter_annotate.agreement.span_pairs import ranges, stretches

__all__ = ["Cells", "cells_of", "coded_cells"]

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Pieces of items between two neighbouring boundaries, and who labeled each how.

    Parameters
    ----------
    piece_item, piece_length
        Which item each piece is of, and how many tokens it has. Shape (n_pieces,).
    piece, answer, label
        Labels of pieces, sorted so. Shape (n,). A piece without a row has no label in that answer.
    """

    piece_item: Codes
    piece_length: Codes
    piece: Codes
    answer: Codes
    label: Codes

    def lengths(self) -> Codes:
        """Return how many tokens each labeled piece has. Shape (n,)."""
        return self.piece_length[self.piece]


def cells_of(marks: SpanMarks, extents: Extents) -> Cells:
    """Cut the items at all boundaries; spans of one answer and label that overlap count once.

    Time and memory go by how many boundaries lie within the spans, not by the length of the text.
    """
    n_items = len(marks.items)
    width = int(max(extents.high.max(initial=0), marks.end.max(initial=0))) + 1
    base = marks.item * width
    all_items = np.arange(n_items) * width
    bounds = np.unique(
        np.concatenate(
            [base + marks.start, base + marks.end, all_items + extents.low, all_items + extents.high]
        )
    ).astype(np.int64)
    piece_item = bounds[:-1] // width
    same_item = piece_item == bounds[1:] // width
    length = np.where(same_item, np.diff(bounds), 0)
    first = np.searchsorted(bounds, base + marks.start)
    last = np.searchsorted(bounds, base + marks.end)
    mark, piece = ranges(first, last - first)
    answer, label = marks.answer[mark], marks.label[mark]
    order = np.lexsort((label, answer, piece))
    piece, answer, label = piece[order], answer[order], label[order]
    kept = stretches(piece, answer, label)[:-1]
    return Cells(piece_item, length, piece[kept], answer[kept], label[kept])


def coded_cells(cells: Cells, n_labels: int) -> tuple[Cells, int]:
    """Give each different set of labels a number from 1 on, so that a piece has one label an answer.

    Returns
    -------
    cells
        With codes of sets instead of labels; 0 would be no label at all, and has no row.
    n_codes
        How many codes there are, with 0.
    """
    starts = stretches(cells.piece, cells.answer)
    sizes = np.diff(starts)
    code = np.zeros(len(sizes), dtype=np.int64)
    n_codes = 1
    for depth in range(int(sizes.max(initial=0))):
        deep = np.flatnonzero(sizes > depth)
        # A set is named by the set without its last label, and that label.
        key = code[deep] * (n_labels + 1) + cells.label[starts[deep] + depth]
        _, place = np.unique(key, return_inverse=True)
        code[deep] = n_codes + place
        n_codes += int(place.max(initial=-1)) + 1
    _, code = np.unique(code, return_inverse=True)
    firsts = starts[:-1]
    coded = Cells(cells.piece_item, cells.piece_length, cells.piece[firsts], cells.answer[firsts], code + 1)
    return coded, int(code.max(initial=-1)) + 2
