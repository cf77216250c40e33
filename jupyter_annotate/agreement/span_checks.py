"""What a frame of spans has to hold, and the sentence for whoever it does not."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.columns import LABELS, Columns, require
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.geometry import shaped

__all__ = ["checked_spans"]

#: LABELS of spans. None: any number here, text or whole numbers there.
_SPANS: Columns = {**LABELS, "start": None, "end": None}
_NOTHING = "An annotator who found nothing has one row whose label, start and end are null."


def checked_spans(labels: object, *, what: str, whole: bool) -> pl.DataFrame:
    """Return item_id, annotator_id, label, start, end, fragments and shape, with start and end of one dtype.

    Raises
    ------
    ColumnError
        As said by `spans_of`.
    """
    given = require(labels, _SPANS, what=what)
    frame = given.select(*_SPANS, *(name for name in given.columns if name == "fragments"))
    _check_label(frame["label"], what)
    for name in ("start", "end"):
        frame = frame.with_columns(_position(frame[name], what, whole=whole))
    marked = frame["label"].is_not_null()
    for name in ("start", "end"):
        _refuse(frame, marked & frame[name].is_null(), what, name, "a position of the span", _NOTHING)
        _refuse(frame, ~marked & frame[name].is_not_null(), what, "label", "a label of the span", _NOTHING)
    if whole:
        _refuse(frame, frame["start"] < 0, what, "start", "a position from 0 on", "Count from the first one.")
    backwards = frame["end"] <= frame["start"]
    _refuse(frame, backwards, what, "end", "a span that ends after its start", "Spans are half open.")
    frame = shaped(frame, what)
    again = marked & ~frame.select(pl.struct(*_SPANS, "shape").is_first_distinct()).to_series()
    advice = "Keep one: labels.unique(maintain_order=True)."
    _refuse(frame, again, what, "label", "each span of an annotator once", advice)
    return frame


def _check_label(column: pl.Series, what: str) -> None:
    dtype = column.dtype
    if dtype.is_nested() or isinstance(dtype, pl.Binary | pl.Object):
        expected = "one label a span: text, whole numbers, booleans or categories"
        raise ColumnError(what, expected=expected, found=f"{dtype}", column="label")
    if dtype.is_float() and column.is_nan().any():
        row = column.is_nan().arg_true()[0]
        advice = "If nan stands for nothing found: frame.fill_nan(None)."
        raise ColumnError(
            what, expected="a label or null", found="nan", row=row, column="label", advice=advice
        )


def _position(column: pl.Series, what: str, *, whole: bool) -> pl.Series:
    """Return positions as int64, or as float64 where fractions are allowed."""
    dtype = column.dtype
    if isinstance(dtype, pl.Null) or dtype.is_integer():
        return column.cast(pl.Int64 if whole else pl.Float64)
    if not dtype.is_float():
        row = column.is_not_null().arg_true()[0] if column.null_count() < len(column) else None
        found = f"{shorten(column[row] if row is not None else None)} ({dtype})"
        raise ColumnError(what, expected="a number", found=found, row=row, column=column.name)
    broken = ~column.is_finite() | (column != column.round() if whole else False)
    if broken.any():
        row = broken.arg_true()[0]
        expected = "a whole number" if whole else "a finite number"
        advice = "If nan stands for nothing found: frame.fill_nan(None)."
        found = f"{column[row]}"
        raise ColumnError(what, expected=expected, found=found, row=row, column=column.name, advice=advice)
    return column.cast(pl.Int64 if whole else pl.Float64)


def _refuse(  # noqa: PLR0913, PLR0917 -- the facts of one sentence
    frame: pl.DataFrame, wrong: pl.Series, what: str, name: str, expected: str, advice: str
) -> None:
    wrong = wrong.fill_null(False)
    if wrong.any():
        row = wrong.arg_true()[0]
        found = shorten(frame.row(row, named=True))
        raise ColumnError(what, expected=expected, found=found, row=row, column=name, advice=advice)
