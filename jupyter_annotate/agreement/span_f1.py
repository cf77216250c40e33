"""F1 of spans: how much of what one annotator marked the other marked too."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.span_cells import cells_of
from jupyter_annotate.agreement.span_extents import TokenKind, in_tokens
from jupyter_annotate.agreement.span_marks import SpanMarks, spans_of
from jupyter_annotate.agreement.span_matching import heaviest_packing
from jupyter_annotate.agreement.span_pairs import overlapping, pairs_within, stretches
from jupyter_annotate.agreement.span_sums import Draws, ItemSums, estimate_sums
from jupyter_annotate.extras import need_scipy

__all__ = ["AnswerPairs", "answer_pairs", "span_f1"]

Match: TypeAlias = Literal["exact", "partial", "token"]
_Codes: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]
#: Answers on either side of a match, and what it counts.
_Hits: TypeAlias = tuple[_Codes, _Codes, _Floats]

_MATCHES = ("exact", "partial", "token")


def span_f1(  # noqa: PLR0913 -- keyword-only choices, each with a default
    labels: object,
    match: Match = "exact",
    *,
    same_label: bool = True,
    average: Literal["pairs", "pooled"] = "pairs",
    tokens: TokenKind = "character",
    items: object = None,
    label: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure how far annotators marked the same spans: F1, without a correction for chance.

    For two annotators it is 2 m / (a + b): a and b spans, of which m match. There is no gold and no order of
    the two, and what neither marked does not enter (Hripcsak and Rothschild 2005, doi:10.1197/jamia.M1733,
    who also show that kappa comes close to it where most text is unmarked).

    Items that both left empty neither raise nor lower it, as there is nothing that could match; ``details``
    counts them as ``both_empty``. An annotator who looked and found nothing has a row with null label; one
    without a row did not see the item, and it does not count for them.

    Parameters
    ----------
    labels
        LABELS with start and end, half open, and fragments where spans are in several pieces.
    match
        ``"exact"``: start and end are the same, and so are all pieces. ``"partial"``: one to one, each pair
        counting the share 2 overlap / (length + length), of pieces alone, matched so that these are most
        together. ``"token"``: tokens that both marked, out of those each did.
    same_label
        Whether labels have to be the same too; else only the place counts.
    average
        ``"pairs"``: the mean over pairs of annotators, each of whose items are pooled. ``"pooled"``: all
        pairs pooled, so that whoever marked more counts more.
    tokens
        For ``match="token"``: ``"character"``, ``"whitespace"`` or ``"word"``; a token that a span touches
        belongs to it.
    items
        ITEMS with the column text, needed for tokens other than characters.
    label
        Only spans with this label; None for all.
    level, replicates, seed
        Of the interval, a percentile bootstrap over items.

    Returns
    -------
    agreement
        Between 0 and 1. nan with a reason where no item has two answers, or nobody marked anything there.

    Raises
    ------
    ColumnError
        If a span ends before it starts, has no label, or is there twice.
    MissingExtraError
        For ``match="partial"``, if scipy is not installed.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a", "a", "b", "b"],
    ...     "annotator_id": ["ada", "bob", "ada", "bob"],
    ...     "label": ["person", "person", "person", None],
    ...     "start": [0, 0, 4, None],
    ...     "end": [8, 6, 9, None],
    ... }
    >>> span_f1(labels).value
    0.0
    >>> round(span_f1(labels, "partial").value, 3)
    0.571
    """
    if match == "partial":
        need_scipy("sparse", purpose="Matching overlapping spans")
    if match not in _MATCHES:
        message = f"Expected match to be one of {_MATCHES}, found {match!r}."
        raise ValueError(message)
    draws = Draws(level=level, replicates=replicates, seed=seed)
    marks = spans_of(labels, what="span_f1()", label=label, joined=match != "token")
    if match == "token":
        left, right, count, sizes = _token_hits(marks, items, tokens, same_label=same_label)
    else:
        sizes = marks.sizes()
        left, right, count = (
            _exact_hits(marks, same_label) if match == "exact" else _partial_hits(marks, same_label)
        )
    pairs = answer_pairs(marks)
    slot = pairs.slot(marks, pairs.left, pairs.right)
    hit = pairs.slot(marks, left, right)
    n_pairs = 1 if average == "pooled" else pairs.n_pairs
    if average == "pooled":
        slot, hit = np.zeros_like(slot), np.zeros_like(hit)
    marked = sizes[pairs.left] + sizes[pairs.right]
    sums = ItemSums.merged(
        np.concatenate([marks.answer_item[pairs.left], marks.answer_item[left]]),
        np.concatenate([slot + n_pairs, hit]),
        np.concatenate([marked.astype(np.float64), count]),
        (len(marks.items), 2 * n_pairs),
    )

    def f1(total: _Floats) -> float:
        matched, either = total[:n_pairs], total[n_pairs:]
        found = either > 0
        return float(np.mean(2 * matched[found] / either[found])) if found.any() else float("nan")

    details = {"pairs": pairs.n_pairs, "both_empty": int((marked == 0).sum())}
    return estimate_sums(
        f"span_f1_{match}", marks, sums, f1, draws=draws, undefined=Reason.NO_SPANS, details=details
    )


class AnswerPairs:
    """Every two answers to an item, by the pair of annotators who gave them.

    Parameters
    ----------
    marks
        What was marked.
    """

    def __init__(self, marks: SpanMarks) -> None:
        self.left, self.right = pairs_within(marks.answers())
        self.codes = np.unique(self._code(marks, self.left, self.right))
        self.n_pairs = len(self.codes)

    def slot(self, marks: SpanMarks, left: _Codes, right: _Codes) -> _Codes:
        """Return which pair of annotators gave two answers. Shape (n,)."""
        return np.searchsorted(self.codes, self._code(marks, left, right)).astype(np.int64)

    @staticmethod
    def _code(marks: SpanMarks, left: _Codes, right: _Codes) -> _Codes:
        one, other = marks.answer_annotator[left], marks.answer_annotator[right]
        code: _Codes = np.minimum(one, other) * len(marks.annotators) + np.maximum(one, other)
        return code


def answer_pairs(marks: SpanMarks) -> AnswerPairs:
    """List every two answers to an item."""
    return AnswerPairs(marks)


def _exact_hits(marks: SpanMarks, same_label: bool) -> _Hits:  # noqa: FBT001 -- private, named at the door
    label = marks.label if same_label else _rank(marks)
    shape = _shape(marks)
    order = np.lexsort((marks.answer, label, shape, marks.end, marks.start, marks.item))
    starts = stretches(*(key[order] for key in (label, shape, marks.end, marks.start, marks.item)))
    left, right = pairs_within(np.diff(starts))
    answer = marks.answer[order]
    return answer[left], answer[right], np.ones(len(left))


def _rank(marks: SpanMarks) -> _Codes:
    """Return 0, 1, ... for the spans of an answer at one place: each matches one, whatever the labels."""
    starts = stretches(marks.answer, marks.start, marks.end, _shape(marks))
    rank: _Codes = np.arange(len(marks.answer)) - np.repeat(starts[:-1], np.diff(starts))
    return rank


def _shape(marks: SpanMarks) -> _Codes:
    return np.zeros_like(marks.answer) if marks.shape is None else marks.shape


def _partial_hits(marks: SpanMarks, same_label: bool) -> _Hits:  # noqa: FBT001 -- as above
    group = marks.item * (len(marks.categories) + 1) + (marks.label if same_label else 0)
    one, other, shared, length = _shared(marks, group)
    share = 2 * shared / (length[one] + length[other])
    # A span may match one of each other annotator: it is another member for each.
    width = len(marks.answer_item)
    members = np.stack([one * width + marks.answer[other], other * width + marks.answer[one]], axis=1)
    _, members = np.unique(members, return_inverse=True)
    chosen = heaviest_packing(members.reshape(-1, 2), share, purpose="Matching overlapping spans")
    return marks.answer[one[chosen]], marks.answer[other[chosen]], share[chosen]


def _shared(marks: SpanMarks, group: _Codes) -> tuple[_Codes, _Codes, _Codes, _Codes]:
    """Return the spans of two answers that share text, how much, and the length of each span."""
    own = np.arange(len(marks.answer)), marks.start, marks.end
    owner, start, end = marks.pieces or own
    one, other = overlapping(group[owner], start, end)
    shared = np.minimum(end[one], end[other]) - np.maximum(start[one], start[other])
    one, other = owner[np.minimum(one, other)], owner[np.maximum(one, other)]
    apart = marks.answer[one] != marks.answer[other]
    keys, pair = np.unique(one[apart] * len(marks.answer) + other[apart], return_inverse=True)
    shared = np.bincount(pair, shared[apart], len(keys)).astype(np.int64)
    length = np.bincount(owner, end - start, len(marks.answer)).astype(np.int64)
    return keys // max(len(marks.answer), 1), keys % max(len(marks.answer), 1), shared, length


def _token_hits(
    marks: SpanMarks,
    items: object,
    tokens: TokenKind,
    *,
    same_label: bool,
) -> tuple[_Codes, _Codes, _Floats, _Codes]:
    """Return the tokens both marked, and how many each answer did; with two labels a token counts twice."""
    in_unit, extents = in_tokens(marks, items, tokens, what="span_f1()")
    if not same_label:
        in_unit = replace(in_unit, label=np.zeros_like(in_unit.label))
    cells = cells_of(in_unit, extents)
    length = cells.lengths()
    sizes = np.bincount(cells.answer, weights=length, minlength=len(marks.answer_item)).astype(np.int64)
    order = np.lexsort((cells.answer, cells.label, cells.piece))
    starts = stretches(cells.piece[order], cells.label[order])
    left, right = pairs_within(np.diff(starts))
    left, right = order[left], order[right]
    return cells.answer[left], cells.answer[right], length[left].astype(np.float64), sizes
