"""Where an item begins and ends, and which of its positions make a token."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.agreement.span_marks import SpanMarks
from jupyter_annotate.columns import ITEMS, require
from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["Extents", "TokenKind", "extents_of", "in_tokens"]

TokenKind: TypeAlias = Literal["character", "whitespace", "word"]
#: Whole numbers, or fractions where the measure takes them.
_Numbers: TypeAlias = NDArray[Any]

#: What a token is. A word is a run of letters, digits and underscores; any other sign stands alone.
_TOKENS = {"whitespace": re.compile(r"\S+"), "word": re.compile(r"\w+|[^\w\s]")}


@dataclass(frozen=True, slots=True, eq=False)
class Extents:
    """Where each item begins and ends: low and high, half open. Shape (n_items,)."""

    low: _Numbers
    high: _Numbers

    def lengths(self) -> _Numbers:
        """Return how long each item is. Shape (n_items,)."""
        return self.high - self.low


def extents_of(marks: SpanMarks, items: object, *, what: str) -> Extents:
    """Say where each item begins and ends.

    Parameters
    ----------
    marks
        What was marked.
    items
        ITEMS with the column text, whose length counts in code points, or with start and end. None: an item
        runs from the first to the last position anyone marked, as nothing else is known of it.
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If an item is missing, is there twice, or has a span outside.
    """
    if items is None:
        return _marked(marks)
    table = _items_in_order(marks, items, what)
    if "text" in table.columns:
        high = table["text"].cast(pl.String).str.len_chars().cast(pl.Int64).to_numpy()
        low = np.zeros_like(high)
    else:
        low, high = table["start"].to_numpy(), table["end"].to_numpy()
    found = Extents(low, high)
    outside = (marks.start < low[marks.item]) | (marks.end > high[marks.item])
    if outside.any():
        place = np.flatnonzero(outside)[np.argmin(marks.row[outside])]
        item = marks.item[place]
        raise ColumnError(
            what,
            expected=f"a span within {low[item]}:{high[item]}, all of {shorten(marks.items[int(item)])}",
            found=f"{marks.start[place]}:{marks.end[place]}",
            row=int(marks.row[place]),
            column="end" if marks.end[place] > high[item] else "start",
        )
    return found


def _marked(marks: SpanMarks) -> Extents:
    n_items = len(marks.items)
    low = np.full(n_items, np.iinfo(np.int64).max).astype(marks.start.dtype)
    high = np.zeros(n_items, dtype=marks.end.dtype)
    low[np.setdiff1d(np.arange(n_items), marks.item)] = 0
    np.minimum.at(low, marks.item, marks.start)
    if len(marks.item):
        high[:] = low
    np.maximum.at(high, marks.item, marks.end)
    return Extents(low, high)


def _items_in_order(marks: SpanMarks, items: object, what: str) -> pl.DataFrame:
    """Return the rows of ITEMS in the order of the codes."""
    table = require(items, ITEMS, what=what)
    columns = ["text"] if "text" in table.columns else ["start", "end"]
    table = require(table, {**ITEMS, **dict.fromkeys(columns)}, what=what)
    if table["item_id"].is_duplicated().any():
        row = table["item_id"].is_duplicated().arg_true()[-1]
        found = f"{shorten(table['item_id'][row])} again"
        raise ColumnError(what, expected="each item once", found=found, row=row, column="item_id")
    wanted = pl.DataFrame({"item_id": marks.items}, schema={"item_id": pl.String})
    found_rows = wanted.join(
        table.select("item_id", *columns), on="item_id", how="left", maintain_order="left"
    )
    lacking = found_rows.filter(pl.any_horizontal(pl.col(columns).is_null()))
    if len(lacking):
        expected = f"a row of items with {' and '.join(columns)} for each item that has labels"
        found = f"none for {shorten(lacking['item_id'][0])}"
        raise ColumnError(what, expected=expected, found=found, column="item_id")
    return found_rows


def in_tokens(marks: SpanMarks, items: object, tokens: TokenKind, *, what: str) -> tuple[SpanMarks, Extents]:
    """Return the spans in numbers of tokens instead of code points, and how many tokens an item has.

    A token belongs to a span if they share a code point; a span that touches no token is left out.

    Parameters
    ----------
    marks
        What was marked.
    items
        As for `extents_of`; tokens other than characters need the text.
    tokens
        ``"character"``, ``"whitespace"`` for what stands between white space, or ``"word"`` for runs of
        letters and digits and each other sign.
    what
        Whose argument it is, for the error.
    """
    if tokens == "character":
        return marks, extents_of(marks, items, what=what)
    if tokens not in _TOKENS:
        message = f"Expected tokens to be one of {['character', *_TOKENS]}, found {tokens!r}."
        raise ValueError(message)
    if items is None or "text" not in require(items, ITEMS, what=what).columns:
        expected = f"items with the column 'text', as tokens={tokens!r}"
        raise ColumnError(what, expected=expected, found="none", column="text")
    extents_of(marks, items, what=what)
    texts = _items_in_order(marks, items, what)["text"].to_list()
    starts, ends = (
        zip(*(_bounds(text, _TOKENS[tokens]) for text in texts), strict=True) if texts else ((), ())
    )
    counts = np.array([len(each) for each in starts], dtype=np.int64)
    width = max((len(text) for text in texts), default=0) + 1
    item = np.repeat(np.arange(len(texts)), counts)
    first = (np.cumsum(counts) - counts)[marks.item]
    begins, stops = (item * width + np.concatenate([np.zeros(0, np.int64), *each]) for each in (starts, ends))
    start = np.searchsorted(stops, marks.item * width + marks.start, side="right") - first
    end = np.searchsorted(begins, marks.item * width + marks.end, side="left") - first
    kept = end > start
    shortened = replace(
        marks,
        answer=marks.answer[kept],
        label=marks.label[kept],
        row=marks.row[kept],
        start=start[kept],
        end=end[kept],
    )
    return shortened, Extents(np.zeros_like(counts), counts)


def _bounds(text: str, pattern: re.Pattern[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the tokens of a text begin and end."""
    flat = [place for token in pattern.finditer(text) for place in token.span()]
    return np.array(flat[::2], dtype=np.int64), np.array(flat[1::2], dtype=np.int64)
