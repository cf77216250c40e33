"""Comparisons: preferences between two options, whichever side they were shown on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["SIDES", "compared"]

#: Columns of the options, and the labels that prefer them.
SIDES = ("left", "right")


def compared(frame: pl.DataFrame, ties: Sequence[str], what: str) -> pl.DataFrame:
    """Return the labels with the options on each side, and those by name: first and second.

    Parameters
    ----------
    frame
        LABELS whose label is a side or a tie. Without the columns ``left`` and ``right`` the item is the pair
        and its sides are its options, exchanged where a column ``swapped`` says so.
    ties
        Labels that say that neither is better.
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If a label is none of these, or an option is null or stands on both sides.
    """
    known = [*SIDES, *ties]
    frame = frame.with_row_index("row").with_columns(pl.col("label").cast(pl.String, strict=False))
    strange = ~frame["label"].is_in(known) & frame["label"].is_not_null()
    if strange.any():
        row = strange.arg_true()[0]
        found = shorten(frame["label"][row])
        advice = "Name what else says that neither is better: ties=[...]."
        expected = f"one of {known}"
        raise ColumnError(what, expected=expected, found=found, row=row, column="label", advice=advice)
    if not set(SIDES) <= set(frame.columns):
        swapped = pl.col("swapped").fill_null(False) if "swapped" in frame.columns else pl.lit(False)
        frame = frame.with_columns(
            left=pl.when(swapped).then(pl.lit("right")).otherwise(pl.lit("left")),
            right=pl.when(swapped).then(pl.lit("left")).otherwise(pl.lit("right")),
        )
    frame = require(frame, {**LABELS, **dict.fromkeys(SIDES, pl.String)}, what=what)
    for name in SIDES:
        _check_side(frame, name, what)
    return frame.with_columns(
        first=pl.min_horizontal("left", "right"), second=pl.max_horizontal("left", "right")
    )


def _check_side(frame: pl.DataFrame, name: str, what: str) -> None:
    broken = frame[name].is_null() | (frame["left"] == frame["right"]).fill_null(False)
    if broken.any():
        row = broken.arg_true()[0]
        expected = "two different options"
        found = f"left={frame['left'][row]!r}, right={frame['right'][row]!r}"
        raise ColumnError(what, expected=expected, found=found, row=row, column=name)
