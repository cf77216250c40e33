"""Agreement beyond chance on the tokens of a text."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.span_cells import Cells, cells_of, coded_cells
from jupyter_annotate.agreement.span_extents import TokenKind, in_tokens
from jupyter_annotate.agreement.span_f1 import AnswerPairs, answer_pairs
from jupyter_annotate.agreement.span_marks import SpanMarks, spans_of
from jupyter_annotate.agreement.span_pairs import pairs_within, ranges, stretches
from jupyter_annotate.agreement.span_sums import Draws, ItemSums, Statistic, estimate_sums

__all__ = ["token_kappa"]

_Codes: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]

_METHODS = ("kappa", "alpha")


def token_kappa(  # noqa: PLR0913 -- keyword-only choices, each with a default
    labels: object,
    method: Literal["kappa", "alpha"] = "kappa",
    *,
    tokens: TokenKind = "character",
    items: object = None,
    label: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement beyond chance on the label of each token.

    The label of a token is the set of labels of the spans that touch it, compared as a whole: nested or
    overlapping spans with other labels make another set, and no span at all is the empty set, which is a
    label like others. Boundaries between spans with the same label are not seen; `krippendorff_alpha_u` and
    `gamma` see them. Most tokens have no label in most texts, so that the value depends on how much text
    there is around the spans: pass ``items``.

    Parameters
    ----------
    labels
        LABELS with start and end, half open; null label: the annotator looked and found nothing. Of a span
        in several pieces (fragments) each piece is a unit of its own.
    method
        ``"kappa"``: Cohen's kappa (1960, doi:10.1177/001316446002000104) of each pair of annotators, on
        average over pairs (Light 1971, doi:10.1037/h0031643). ``"alpha"``: Krippendorff's alpha, nominal
        (2011), for any number of annotators at once.
    tokens
        ``"character"``, ``"whitespace"`` or ``"word"``.
    items
        ITEMS with the column text, or with start and end. Without it an item runs from the first to the last
        position anyone marked, which leaves out text that all agree is nothing.
    label
        Only spans with this label; None for all.
    level, replicates, seed
        Of the interval, a percentile bootstrap over items.

    Returns
    -------
    agreement
        nan with a reason where no item has two answers, or all tokens have the same label.

    Raises
    ------
    ColumnError
        If a span ends before it starts, has no label, is there twice, or lies outside its item.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a"],
    ...     "annotator_id": ["ada", "bob"],
    ...     "label": ["person", "person"],
    ...     "start": [0, 0],
    ...     "end": [8, 6],
    ... }
    >>> items = {"item_id": ["a"], "text": ["Ada Lovelace wrote"]}
    >>> round(token_kappa(labels, items=items).value, 3)
    0.769
    >>> token_kappa(labels, items=items, tokens="word").value
    1.0
    """
    if method not in _METHODS:
        message = f"Expected method to be one of {_METHODS}, found {method!r}."
        raise ValueError(message)
    draws = Draws(level=level, replicates=replicates, seed=seed)
    what = "token_kappa()"
    marks = spans_of(labels, what=what, label=label)
    in_unit, extents = in_tokens(marks, items, tokens, what=what)
    cells, n_codes = coded_cells(cells_of(in_unit, extents), len(marks.categories))
    length = np.bincount(cells.piece_item, weights=cells.piece_length, minlength=len(marks.items)).astype(
        np.float64
    )
    make = _alpha if method == "alpha" else _kappa
    sums, statistic = make(marks, cells, n_codes, length)
    details = {"tokens": int(length.sum()), "label_sets": n_codes - 1}
    return estimate_sums(
        f"token_{method}",
        marks,
        sums,
        statistic,
        draws=draws,
        undefined=Reason.NO_VARIATION if length.any() else Reason.NO_SPANS,
        details=details,
    )


def _alpha(marks: SpanMarks, cells: Cells, n_codes: int, length: _Floats) -> tuple[ItemSums, Statistic]:
    """Return coincidences of equal labels, then how often each label was given."""
    answers = marks.answers()
    order = np.lexsort((cells.label, cells.piece))
    starts = stretches(cells.piece[order], cells.label[order])
    piece, code, times = cells.piece[order][starts[:-1]], cells.label[order][starts[:-1]], np.diff(starts)
    # Tokens without a label have no cell: what is left of each piece.
    n_pieces = len(cells.piece_item)
    none = answers[cells.piece_item] - np.bincount(piece, weights=times, minlength=n_pieces).astype(np.int64)
    piece = np.concatenate([np.arange(n_pieces), piece])
    code, times = np.concatenate([np.zeros(n_pieces, dtype=np.int64), code]), np.concatenate([none, times])
    item, weight = cells.piece_item[piece], cells.piece_length[piece]
    same = weight * times * (times - 1) / (answers[item] - 1)
    sums = ItemSums.merged(
        np.concatenate([item, item]),
        np.concatenate([code, n_codes + code]),
        np.concatenate([same, (weight * times).astype(np.float64)]),
        (len(length), 2 * n_codes),
    )

    def alpha(total: _Floats) -> float:
        equal, given = total[:n_codes].sum(), total[n_codes:]
        n = given.sum()
        expected = n * n - (given * given).sum()
        return float(1 - (n - equal) * (n - 1) / expected) if expected > 0 else float("nan")

    return sums, alpha


def _kappa(marks: SpanMarks, cells: Cells, n_codes: int, length: _Floats) -> tuple[ItemSums, Statistic]:
    """Return tokens of each pair of annotators, on how many of them they agree, and who gave which label."""
    pairs = answer_pairs(marks)
    n_pairs = pairs.n_pairs
    item = marks.answer_item[pairs.left]
    pair = pairs.slot(marks, pairs.left, pairs.right)
    agreed = _agreed(marks, cells, pairs, length)
    sides = [_given(marks, cells, length, of) for of in (pairs.left, pairs.right)]
    keys = [pair[at] * n_codes + code for at, code, _ in sides]
    known, place = np.unique(np.concatenate(keys), return_inverse=True)
    n_known = len(known)
    of_pair = known // max(n_codes, 1)
    side = np.repeat([0, 1], [len(key) for key in keys])
    sums = ItemSums.merged(
        np.concatenate([item, agreed[0], *(item[at] for at, _, _ in sides)]),
        np.concatenate([pair, n_pairs + agreed[1], 2 * n_pairs + side * n_known + place]),
        np.concatenate([length[item], agreed[2], *(count for _, _, count in sides)]),
        (len(length), 2 * n_pairs + 2 * n_known),
    )

    def kappa(total: _Floats) -> float:
        n, equal = total[:n_pairs], total[n_pairs : 2 * n_pairs]
        one, other = total[2 * n_pairs :].reshape(2, n_known)
        chance = np.bincount(of_pair, weights=one * other, minlength=n_pairs)
        able = n * n - chance > 0
        if not able.any():
            return float("nan")
        n, equal, chance = n[able], equal[able], chance[able]
        return float(np.mean((equal * n - chance) / (n * n - chance)))

    return sums, kappa


def _agreed(
    marks: SpanMarks, cells: Cells, pairs: AnswerPairs, length: _Floats
) -> tuple[_Codes, _Codes, _Floats]:
    """Return item, pair of annotators and tokens on which two answers agree, in parts to be added up."""
    covered = np.bincount(cells.answer, weights=cells.lengths(), minlength=len(marks.answer_item))
    item = marks.answer_item[pairs.left]
    outside = length[item] - covered[pairs.left] - covered[pairs.right]
    one, other = pairs_within(np.diff(stretches(cells.piece)))
    weight = cells.lengths()[one]
    # Tokens both labeled were taken off twice above, and count again where the labels are the same.
    both = weight * (1 + (cells.label[one] == cells.label[other]))
    left, right = np.append(pairs.left, cells.answer[one]), np.append(pairs.right, cells.answer[other])
    value = np.append(outside, both.astype(np.float64))
    return marks.answer_item[left], pairs.slot(marks, left, right), value


def _given(marks: SpanMarks, cells: Cells, length: _Floats, of: _Codes) -> tuple[_Codes, _Codes, _Floats]:
    """Return pair of answers, label and tokens, for the answers of one side of the pairs."""
    order = np.lexsort((cells.label, cells.answer))
    starts = stretches(cells.answer[order], cells.label[order])
    answer, code = cells.answer[order][starts[:-1]], cells.label[order][starts[:-1]]
    sizes = np.add.reduceat(np.append(cells.lengths()[order], 0), starts)[:-1].astype(np.float64)
    n_answers = len(marks.answer_item)
    bare = length[marks.answer_item] - np.bincount(answer, weights=sizes, minlength=n_answers)
    answer = np.append(answer, np.arange(n_answers))
    code, sizes = np.append(code, np.zeros(n_answers, dtype=np.int64)), np.append(sizes, bare)
    order = np.argsort(answer, kind="stable")
    first = np.searchsorted(answer[order], np.arange(n_answers + 1))
    at, row = ranges(first[of], np.diff(first)[of])
    return at, code[order[row]], sizes[order[row]]
