"""Frames of spans that the tests of their measures share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from random import Random
from typing import TypeAlias

import polars as pl
from hypothesis import strategies as st

from jupyter_annotate.agreement import Agreement

#: item, annotator, label, start, end; the last three None where the annotator found nothing.
Row: TypeAlias = tuple[str, str, str | None, int | None, int | None]
Span: TypeAlias = tuple[str, int, int]
#: What each annotator marked in an item.
Answers: TypeAlias = dict[str, dict[str, list[Span]]]

LENGTH = 14
SCHEMA = {
    "item_id": pl.String,
    "annotator_id": pl.String,
    "label": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
}


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Return LABELS of spans."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def texts(items: Sequence[str], length: int = LENGTH) -> dict[str, Sequence[object]]:
    """Return ITEMS that all have the same length."""
    return {"item_id": items, "text": ["x" * length] * len(items)}


@st.composite
def spans(draw: st.DrawFn, *, apart: bool = False) -> list[Row]:
    """Draw spans of up to three annotators on up to four items, which they may leave empty or never see."""
    rows: list[Row] = []
    for item, who in draw(
        st.lists(st.tuples(st.sampled_from("1234"), st.sampled_from("abc")), unique=True, max_size=9)
    ):
        starts = st.integers(0, LENGTH - 1)
        drawn = draw(st.lists(st.tuples(st.sampled_from("xyz"), starts, st.integers(1, 5)), max_size=3))
        marked = sorted({(label, start, min(start + size, LENGTH)) for label, start, size in drawn})
        kept: list[Span] = []
        for span in marked:
            if not apart or all(span[2] <= other[1] or other[2] <= span[1] for other in kept):
                kept.append(span)
        rows += [(f"item {item}", f"annotator {who}", *span) for span in kept]
        rows += [] if kept else [(f"item {item}", f"annotator {who}", None, None, None)]
    return rows


def answers_of(rows: Sequence[Row]) -> Answers:
    """Return what each annotator marked, on items that two or more saw."""
    answers: Answers = {}
    for item, who, label, start, end in rows:
        marked = answers.setdefault(item, {}).setdefault(who, [])
        if label is not None and start is not None and end is not None:
            marked.append((label, start, end))
    return {item: of for item, of in answers.items() if len(of) > 1}


def answer_pairs(rows: Sequence[Row]) -> dict[tuple[str, str], list[tuple[list[Span], list[Span]]]]:
    """Return the answers of each two annotators to the items both saw."""
    pairs: dict[tuple[str, str], list[tuple[list[Span], list[Span]]]] = {}
    for of in answers_of(rows).values():
        for one, other in combinations(sorted(of), 2):
            pairs.setdefault((one, other), []).append((of[one], of[other]))
    return pairs


def renamed(rows: Sequence[Row], shuffle: Random) -> tuple[list[Row], Callable[[str], str]]:
    """Return the rows in another order and with other names of items, annotators and labels."""
    names = {}
    for column in range(3):
        old = sorted({str(row[column]) for row in rows if row[column] is not None})
        new = [f"{'iak'[column]}{n}" for n in range(len(old))]
        shuffle.shuffle(new)
        names[column] = dict(zip(old, new, strict=True))
    other: list[Row] = [
        (names[0][i], names[1][a], None if label is None else names[2][label], start, end)
        for i, a, label, start, end in rows
    ]
    shuffle.shuffle(other)
    return other, lambda item: names[0][item]


def same(found: Agreement, other: Agreement) -> bool:
    """Say whether two results are the same to the last bit, nan being the same as nan."""
    return repr((found.value, found.interval, found.reason)) == repr(
        (other.value, other.interval, other.reason)
    )
