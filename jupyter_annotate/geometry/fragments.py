"""Fragments: spans of text in several pieces, as frames hold them.

The column ``fragments`` has ``[[start, end], ...]`` for each span, half open, in order, each with a gap to
the next; ``start`` and ``end`` of the span are those of the whole reach.
"""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["apart", "shaped"]

_ENDS = ("start", "end")


def shaped(frame: pl.DataFrame, what: str) -> pl.DataFrame:
    """Add what makes spans of one reach different.

    Parameters
    ----------
    frame
        Spans with label, start and end, all null where nothing was found; fragments too, or not.
    what
        Whose argument it is, for the error.

    Returns
    -------
    frame
        With ``fragments``, one for a span in one piece, and ``shape``: text, empty for such a span, equal for
        spans of equal fragments. Both null where nothing was found.

    Raises
    ------
    ColumnError
        If fragments are none, or do not make up their span; with the row.

    Examples
    --------
    >>> spans = {"label": ["a", "a"], "start": [0, 4], "end": [9, 6], "fragments": [[[0, 2], [7, 9]], None]}
    >>> shaped(pl.DataFrame(spans), "labels").select("fragments", "shape").rows()
    [([[0, 2], [7, 9]], '0:2 7:9'), ([[4, 6]], '')]
    """
    found = frame["label"].is_not_null()
    number = pl.Float64 if frame.schema["start"].is_float() else pl.Int64
    kind = pl.List(pl.List(number))
    whole = pl.concat_list(pl.col("start", "end").cast(number)).reshape((-1, 1, 2)).cast(kind)
    if "fragments" not in frame.columns:
        blank = pl.when(found).then(pl.lit(""))
        return frame.with_columns(fragments=pl.when(found).then(whole), shape=blank)
    cells = frame["fragments"].to_list()
    places = zip(cells, frame["start"].to_list(), frame["end"].to_list(), found.to_list(), strict=True)
    shapes = [
        _shape(cell, (start, end), row, what) if there else None
        for row, (cell, start, end, there) in enumerate(places)
    ]
    given = pl.Series("fragments", [cell or None for cell in cells], dtype=kind, strict=False)
    frame = frame.with_columns(given, shape=pl.Series(shapes, dtype=pl.String))
    return frame.with_columns(fragments=pl.when(found).then(pl.col("fragments").fill_null(whole)))


def apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the fragments of a frame of `shaped` as spans, each of an annotator and label once."""
    if not (frame["shape"] != "").any():
        return frame
    ends = {name: pl.col("fragments").list.get(n).cast(frame.schema[name]) for n, name in enumerate(_ENDS)}
    parts = frame.explode("fragments").with_columns(**ends)
    keys = ["item_id", "annotator_id", "label", "start", "end"]
    return parts.unique(keys, keep="first", maintain_order=True)


def _shape(cell: object, reach: tuple[int, int], row: int, what: str) -> str:
    if cell is None:
        return ""
    listed = cell if isinstance(cell, list) else []
    good = bool(listed) and all(isinstance(each, list) and len(each) == 2 for each in listed)  # noqa: PLR2004 -- start and end
    ends = [end for each in listed for end in each] if good else []
    rising = all(end is not None for end in ends) and all(low < high for low, high in pairwise(ends))
    if not good or not rising or (ends[0], ends[-1]) != reach:
        expected = f"[[start, end], ...] in order with gaps, from {reach[0]} to {reach[1]}"
        raise ColumnError(what, expected=expected, found=shorten(cell), row=row, column="fragments")
    return "" if len(listed) == 1 else " ".join(f"{start}:{end}" for start, end in listed)
