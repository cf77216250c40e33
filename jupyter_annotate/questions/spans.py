"""Spans: labeled pieces of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import check_flag, is_whole
from jupyter_annotate.questions.marks import MarkQuestion, pieces_of

__all__ = ["Spans"]

_SNAPS = ("token", "character")
_KEYS = frozenset({"start", "end", "label"})


@dataclass(frozen=True)
class Spans(MarkQuestion):
    """Labeled pieces of a text, in Unicode code points, half open: a span is ``text[start:end]``.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    on
        The text field they lie in; the only one by default.
    overlap
        Whether spans may overlap and nest.
    snap
        Whether selections snap to ``"token"`` or to ``"character"`` (grapheme cluster).
    discontinuous
        Whether a span may be in several pieces ("left and right *ventricle*"). Such a span has ``fragments``
        too: ``[[start, end], ...]`` in order, with more than white space from each to the next. Its start
        and end are those of the whole reach, its text is that of the pieces, joined by a space. Spans overlap
        where their pieces do.

    Examples
    --------
    >>> who = Spans("who", ["person"], on="text")
    >>> who.check([{"start": 0, "end": 3, "label": "person"}], {"text": "Ada met Grace"})
    [{'start': 0, 'end': 3, 'label': 'person', 'text': 'Ada'}]
    >>> parts = Spans("parts", ["heart"], on="text", discontinuous=True)
    >>> left = {"start": 0, "end": 24, "label": "heart", "fragments": [[0, 4], [15, 24]]}
    >>> parts.check([left], {"text": "left and right ventricle"})[0]["text"]
    'left ventricle'
    """

    kind: ClassVar[str] = "spans"
    draws_on: ClassVar[tuple[str, ...]] = ("text",)
    own_keys: ClassVar[str] = "bstn[]+-"

    overlap: bool = field(default=True, kw_only=True)
    snap: str = field(default="token", kw_only=True)
    discontinuous: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse an unknown way of snapping."""
        check_flag(self.discontinuous, what=f"{self.name!r}: expected discontinuous")
        super().__post_init__()
        check_flag(self.overlap, what=f"{self.name!r}: expected overlap")
        if self.snap not in _SNAPS:
            message = f"{self.name!r}: expected snap to be one of {_SNAPS}, found {self.snap!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        # Left out where it is off: a schema stored without it is the same schema.
        pieces: dict[str, Json] = {"discontinuous": True} if self.discontinuous else {}
        return {**super().to_json(), "overlap": self.overlap, "snap": self.snap, **pieces}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the spans in order, each with the text it covers."""
        optional = ("text", "fragments") if self.discontinuous else ("text",)
        marks = self._marks(answer, _KEYS, optional=optional)
        text = self._content(content, answer)
        if not isinstance(text, str):
            raise LabelError(self.name, answer, expected=f"text in the field {self.on!r}")
        spans = sorted((self._span(mark, text) for mark in marks), key=_order)
        for left, right in pairwise(spans):
            if _order(left) == _order(right):
                raise LabelError(self.name, right, expected="no span twice with the same label")
        if not self.overlap:
            self._refuse_overlaps(spans)
        return list(spans)

    def _refuse_overlaps(self, spans: list[dict[str, Any]]) -> None:
        pieces = sorted((*piece, n) for n, span in enumerate(spans) for piece in pieces_of(span))
        for (_, end, left), (start, _, right) in pairwise(pieces):
            if start < end:
                one, other = sorted((left, right))
                raise LabelError(self.name, spans[other], expected=f"no span that overlaps {spans[one]}")

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a span: start and end in code points, and the text between.

        Where spans may be in several pieces there are ``fragments`` too, one for a span in one piece.
        """
        columns: dict[str, pl.DataType | type[pl.DataType]] = {
            "start": pl.Int64,
            "end": pl.Int64,
            "text": pl.String,
        }
        if not self.discontinuous:
            return self._mark_frame(answers, columns)
        kind = pl.List(pl.List(pl.Int64))
        frame = self._mark_frame(answers, {**columns, "fragments": kind})
        whole = pl.concat_list("start", "end").reshape((-1, 1, 2)).cast(kind)
        single = pl.col("fragments").is_null() & pl.col("label").is_not_null()
        return frame.with_columns(fragments=pl.when(single).then(whole).otherwise(pl.col("fragments")))

    def _settled(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        first = {_order(mark): mark for mark in reversed(marks)}
        return sorted(first.values(), key=_order)

    def _span(self, mark: dict[str, Any], text: str) -> dict[str, Any]:
        start, end = mark["start"], mark["end"]
        whole = is_whole(start) and is_whole(end)
        if not whole or not 0 <= start < end <= len(text):
            expected = f"0 <= start < end <= {len(text)}, the length of the text in code points"
            raise LabelError(self.name, mark, expected=expected)
        start, end = int(start), int(end)
        pieces = self._pieces(mark, text)
        found = " ".join(text[low:high] for low, high in pieces)
        if mark.get("text", found) != found:
            places = ", ".join(f"{low}:{high}" for low, high in pieces)
            raise LabelError(self.name, mark, expected=f"the text {found!r} at {places}")
        several = {"fragments": pieces} if len(pieces) > 1 else {}
        place = {"start": start, "end": end, **several}
        return {**place, "label": str(mark["label"]), "text": found, **self._said(mark)}

    def _pieces(self, mark: dict[str, Any], text: str) -> list[list[int]]:
        """Return where the pieces of a span lie, in order; those with only white space between are one."""
        start, end = int(mark["start"]), int(mark["end"])
        given = mark.get("fragments", [[start, end]])
        if not isinstance(given, list) or not given or not all(map(_is_piece, given)):
            raise LabelError(self.name, mark, expected="fragments [[start, end], ...] in whole numbers")
        pieces = sorted([int(low), int(high)] for low, high in given)
        full = all(low < high for low, high in pieces)
        apart = all(left[1] <= right[0] for left, right in pairwise(pieces))
        if not full or not apart or (pieces[0][0], pieces[-1][1]) != (start, end):
            expected = f"fragments that are not empty and do not overlap, from {start} to {end}"
            raise LabelError(self.name, mark, expected=expected)
        return _merged(pieces, text)


def _merged(pieces: list[list[int]], text: str) -> list[list[int]]:
    merged = pieces[:1]
    for low, high in pieces[1:]:
        if text[merged[-1][1] : low].strip():
            merged.append([low, high])
        else:
            merged[-1] = [merged[-1][0], high]
    return merged


def _is_piece(piece: object) -> bool:
    return isinstance(piece, list | tuple) and len(piece) == 2 and all(map(is_whole, piece))  # noqa: PLR2004 -- start and end


def _order(span: Mapping[str, Any]) -> tuple[int, int, str, tuple[tuple[int, ...], ...]]:
    return span["start"], span["end"], span["label"], tuple(map(tuple, pieces_of(span)))
