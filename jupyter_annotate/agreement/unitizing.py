"""Krippendorff's alpha for units that annotators cut out of a continuum themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from jupyter_annotate.agreement.base import Agreement, Reason
from jupyter_annotate.agreement.span_cells import cells_of
from jupyter_annotate.agreement.span_extents import Extents, extents_of
from jupyter_annotate.agreement.span_marks import SpanMarks, spans_of
from jupyter_annotate.agreement.span_pairs import overlapping, ranges, stretches
from jupyter_annotate.agreement.span_sums import Draws, ItemSums, Statistic, estimate_sums
from jupyter_annotate.errors import ColumnError

__all__ = ["UnitizingKind", "krippendorff_alpha_u"]

UnitizingKind: TypeAlias = Literal["lengths", "u", "|u", "cu", "(k)u"]
_Codes: TypeAlias = NDArray[np.int64]
_Floats: TypeAlias = NDArray[np.float64]

_KINDS = ("lengths", "u", "|u", "cu", "(k)u")
#: What is summed of each item for the family of 2016, by label; label 0 is a gap.
_EQUAL, _GIVEN, _OWN, _BESIDE_GAP, _OWN_PAIRED = range(5)


def krippendorff_alpha_u(  # noqa: PLR0913 -- keyword-only choices, each with a default
    labels: object,
    kind: UnitizingKind = "lengths",
    *,
    items: object = None,
    label: object = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure agreement beyond chance on where units lie and what they are: alpha for unitizing.

    ``"lengths"`` (Krippendorff 1995, doi:10.2307/271061, and 2004, "Content Analysis", second edition,
    p. 251) looks at each label apart and squares how far the ends of overlapping units differ, or the length
    of a unit where the other has none; chance places the units that were found anywhere.

    The others (Krippendorff, Mathet, Bouvry and Widlöcher 2016, doi:10.1007/s11135-015-0266-1; 2019, "Content
    Analysis", fourth edition, section 12.6) compare lengths of intersections, gaps being a label too. They
    reproduce the example printed in 2019 on p. 340 and are **experimental** all the same, as no other worked
    example is known.

    Parameters
    ----------
    labels
        LABELS with start and end, half open; null label: the annotator looked and found nothing. Of a span
        in several pieces (fragments) each piece is a unit of its own.
    kind
        ``"lengths"``; ``"u"``: units and labels; ``"|u"``: units, whatever their label; ``"cu"``: labels,
        where both have a unit; ``"(k)u"``: one label, where both have a unit.
    items
        ITEMS with the column text, or with start and end. Without it an item runs from the first to the last
        position anyone marked, and agreement on the text around is not seen.
    label
        Which label for ``"(k)u"``; only units with this label otherwise; None for all.
    level, replicates, seed
        Of the interval, a percentile bootstrap over items.

    Returns
    -------
    agreement
        Items are weighted by their length: of ``"lengths"`` the disagreement, found and by chance, of each
        item is a mean over its length; the others take the items as one continuum. nan with a reason where
        no item has two answers, nobody found a unit, or chance could not disagree.

    Raises
    ------
    ColumnError
        If units of one annotator overlap (for ``"lengths"`` those of one label), end before they start or lie
        outside of their item.

    Examples
    --------
    >>> labels = {
    ...     "item_id": ["a"] * 4,
    ...     "annotator_id": ["ada", "ada", "bob", "bob"],
    ...     "label": ["person", "place", "person", "place"],
    ...     "start": [0, 20, 0, 22],
    ...     "end": [8, 30, 6, 30],
    ... }
    >>> items = {"item_id": ["a"], "start": [0], "end": [60]}
    >>> round(krippendorff_alpha_u(labels, items=items).value, 3)
    0.957
    >>> round(krippendorff_alpha_u(labels, "u", items=items).value, 3)
    0.847
    """
    _check_kind(kind, label)
    draws = Draws(level=level, replicates=replicates, seed=seed)
    what = "krippendorff_alpha_u()"
    marks = spans_of(labels, what=what, label=label)
    if kind == "(k)u":
        marks = spans_of(labels, what=what)
    _refuse_overlaps(marks, what, by_label=kind == "lengths")
    extents = extents_of(marks, items, what=what)
    sums, statistic = (
        _lengths(marks, extents) if kind == "lengths" else _intersections(marks, extents, kind, label)
    )
    return estimate_sums(
        "krippendorff_alpha_u" if kind == "lengths" else f"krippendorff_alpha_u {kind}",
        marks,
        sums,
        statistic,
        draws=draws,
        undefined=Reason.NO_VARIATION if len(marks.answer) else Reason.NO_SPANS,
        details={"length": float(extents.lengths().sum())},
    )


def _check_kind(kind: str, label: object) -> None:
    if kind not in _KINDS:
        message = f"Expected kind to be one of {_KINDS}, found {kind!r}."
        raise ValueError(message)
    if kind == "(k)u" and label is None:
        message = "Expected a label for kind='(k)u', which measures one label, found none."
        raise ValueError(message)


def _refuse_overlaps(marks: SpanMarks, what: str, *, by_label: bool) -> None:
    label = marks.label if by_label else np.zeros_like(marks.label)
    order = np.lexsort((marks.start, label, marks.answer))
    answer, label, start, end = (each[order] for each in (marks.answer, label, marks.start, marks.end))
    inside = (start[1:] < end[:-1]) & (answer[1:] == answer[:-1]) & (label[1:] == label[:-1])
    if inside.any():
        rows = marks.row[order[1:]][inside]
        found = order[1:][inside][np.argmin(rows)]
        raise ColumnError(
            what,
            expected=f"units of one annotator{' and label' if by_label else ''} that do not overlap",
            found=f"{marks.start[found]}:{marks.end[found]} over another",
            row=int(rows.min()),
            column="start",
            advice="gamma() and token_kappa() take spans that overlap.",
        )


# --------------------------------------------------------------------------------- 1995 and 2004


def _lengths(marks: SpanMarks, extents: Extents) -> tuple[ItemSums, Statistic]:
    """Return the disagreement found and that by chance, times the length of the item."""
    length = extents.lengths().astype(np.float64)
    known = np.unique(marks.item * len(marks.categories) + marks.label)
    group = np.searchsorted(known, marks.item * len(marks.categories) + marks.label)
    group_item = known // max(len(marks.categories), 1)
    answers = marks.answers().astype(np.float64)
    m, whole = answers[group_item], length[group_item]
    found = _found(marks, group, len(known)) / (m * (m - 1) * whole**2)
    chance = _by_chance(marks, extents, group, group_item)
    n_groups = len(known)
    sums = ItemSums.merged(
        np.tile(group_item, 2),
        np.repeat([0, 1], n_groups),
        np.concatenate([found, chance]) * np.tile(whole, 2),
        (len(length), 2),
    )

    def alpha(total: _Floats) -> float:
        return float(1 - total[0] / total[1]) if total[1] > 0 else float("nan")

    return sums, alpha


def _found(marks: SpanMarks, group: _Codes, n_groups: int) -> _Floats:
    """Sum squared differences of each item and label over ordered pairs of answers (2004, p. 253)."""
    one, other = overlapping(group, marks.start, marks.end)
    ends = (marks.start[one] - marks.start[other]) ** 2 + (marks.end[one] - marks.end[other]) ** 2
    shared = np.bincount(group[one], weights=ends, minlength=n_groups)
    # Units of one label and answer do not overlap, so that overlaps with different answers are counted once
    # each: a unit may overlap several of one answer.
    mark, partner = np.append(one, other), marks.answer[np.append(other, one)]
    met = np.unique(mark * len(marks.answer_item) + partner) // max(len(marks.answer_item), 1)
    alone = marks.answers()[marks.item] - 1 - np.bincount(met, minlength=len(group))
    length = (marks.end - marks.start).astype(np.float64)
    missed = np.bincount(group, weights=alone * length**2, minlength=n_groups)
    return (2.0 * (shared + missed)).astype(np.float64)


def _by_chance(marks: SpanMarks, extents: Extents, group: _Codes, group_item: _Codes) -> _Floats:
    """Return the disagreement that units anywhere would have (2004, p. 254). Shape (n_groups,)."""
    n_groups = len(group_item)
    unit = (marks.end - marks.start).astype(np.float64)
    n_units = np.bincount(group, minlength=n_groups)[group]
    gap, gap_group = _gaps(marks, extents, group, group_item)
    order = np.lexsort((gap, gap_group))
    gap, gap_group = gap[order], gap_group[order]
    width = int(extents.lengths().max(initial=0)) + 1
    after = np.searchsorted(gap_group, np.arange(n_groups), side="right")[group]
    first = np.searchsorted(gap_group * width + gap, group * width + (marks.end - marks.start))
    sums = np.append(0.0, np.cumsum(gap, dtype=np.float64))
    room = sums[after] - sums[first] - (after - first) * (unit - 1)
    term = (n_units - 1) / 3 * (2 * unit**3 - 3 * unit**2 + unit) + unit**2 * room
    whole = extents.lengths()[group_item].astype(np.float64)
    total = marks.answers()[group_item] * whole
    taken = np.bincount(group, weights=unit * (unit - 1), minlength=n_groups)
    by_group = np.bincount(group, weights=term, minlength=n_groups)
    return 2 / whole * by_group / (total * (total - 1) - taken)


def _gaps(marks: SpanMarks, extents: Extents, group: _Codes, group_item: _Codes) -> tuple[_Codes, _Codes]:
    """Return the lengths of the gaps of each item and label in all answers, and whose they are."""
    first = np.searchsorted(marks.answer_item, group_item)
    of, answer = ranges(first, marks.answers()[group_item])
    begin = np.append(marks.start, extents.high[group_item[of]])
    end = np.append(marks.end, extents.high[group_item[of]])
    group, answer = np.append(group, of), np.append(marks.answer, answer)
    order = np.lexsort((end, begin, answer, group))
    begin, end, group, answer = begin[order], end[order], group[order], answer[order]
    starts = stretches(group, answer)[:-1]
    before = np.append(0, end[:-1])
    before[starts] = extents.low[group_item[group[starts]]]
    gap = begin - before
    return gap[gap > 0], group[gap > 0]


# ------------------------------------------------------------------------------- the family of 2016


def _intersections(
    marks: SpanMarks, extents: Extents, kind: str, label: object
) -> tuple[ItemSums, Statistic]:
    """Return coincidences and what chance needs (2019, formulas 32, 33 and 36), by label with gaps as 0."""
    n_labels = len(marks.categories) + 1
    answers = marks.answers()
    # Each unit is its own label at first, as the length of each counts.
    cells = cells_of(replace(marks, label=np.arange(len(marks.label))), extents)
    n_pieces, others = len(cells.piece_item), answers[cells.piece_item] - 1
    covered = np.bincount(cells.piece, minlength=n_pieces)
    label_of = marks.label[cells.label] + 1
    order = np.lexsort((label_of, cells.piece))
    starts = stretches(cells.piece[order], label_of[order])
    times = np.diff(starts)
    piece, code = cells.piece[order][starts[:-1]], label_of[order][starts[:-1]]
    piece, code = np.append(piece, np.arange(n_pieces)), np.append(code, np.zeros(n_pieces, dtype=np.int64))
    times = np.append(times, others + 1 - covered)
    none = (others + 1 - covered)[piece]
    share = cells.piece_length[piece] / others[piece]
    paired = np.bincount(
        cells.label,
        weights=cells.lengths() * (covered - 1)[cells.piece] / others[cells.piece],
        minlength=len(marks.label),
    )
    length = (marks.end - marks.start).astype(np.float64)
    entries = [
        (_EQUAL, code, cells.piece_item[piece], share * times * (times - 1)),
        (_GIVEN, code, cells.piece_item[piece], cells.piece_length[piece] * times),
        (_BESIDE_GAP, code, cells.piece_item[piece], share * times * none),
        (_OWN, code * 0, cells.piece_item[piece], (code == 0) * cells.piece_length[piece] * times),
        (_OWN, marks.label + 1, marks.item, length**2),
        (_OWN_PAIRED, marks.label + 1, marks.item, paired**2),
    ]
    sums = ItemSums.merged(
        np.concatenate([item for _, _, item, _ in entries]),
        np.concatenate([what * n_labels + code for what, code, _, _ in entries]),
        np.concatenate([value.astype(np.float64) for _, _, _, value in entries]),
        (len(answers), 5 * n_labels),
    )
    if kind == "(k)u":
        known = marks.categories.to_list()
        at = known.index(label) if label in known else -1
        return sums, lambda total: _of_label(total.reshape(5, n_labels), at)
    statistics = {"u": _u, "|u": _binary, "cu": _paired}
    return sums, lambda total: statistics[kind](total.reshape(5, n_labels))


def _nominal(equal: _Floats, given: _Floats, own: _Floats) -> float:
    """Return 1 - found / expected disagreement, each as a share."""
    n, squared = given.sum(), (given * given).sum()
    possible = n * n - own.sum()
    expected = 1 - (squared - own.sum()) / possible if possible > 0 else 0.0
    return float(1 - (1 - equal.sum() / n) / expected) if expected > 0 else float("nan")


def _u(total: _Floats) -> float:
    return _nominal(total[_EQUAL], total[_GIVEN], total[_OWN])


def _binary(total: _Floats) -> float:
    """Take all labels for one, units staying apart from each other."""
    given, own = ([each[0], each[1:].sum()] for each in (total[_GIVEN], total[_OWN]))
    units = (total[_GIVEN] - total[_BESIDE_GAP])[1:].sum()
    return _nominal(np.array([total[_EQUAL][0], units]), np.array(given), np.array(own))


def _paired(total: _Floats) -> float:
    """Leave gaps out: only where two have a unit."""
    given = (total[_GIVEN] - total[_BESIDE_GAP])[1:]
    return _nominal(total[_EQUAL][1:], given, total[_OWN_PAIRED][1:])


def _of_label(total: _Floats, at: int) -> float:
    """Ask of one label how often the other one has it too, where both have a unit (2019, formula 38)."""
    given = (total[_GIVEN] - total[_BESIDE_GAP])[1:]
    if at < 0 or not given[at] > 0:
        return float("nan")
    own = total[_OWN_PAIRED][1:]
    n = given.sum()
    expected = 1 - (given[at] ** 2 - own[at]) / (given[at] * n - own[at]) if given[at] * n > own[at] else 0.0
    return float(1 - (1 - total[_EQUAL][1 + at] / given[at]) / expected) if expected > 0 else float("nan")
