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
from jupyter_annotate.questions.marks import MarkQuestion

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

    Examples
    --------
    >>> who = Spans("who", ["person"], on="text")
    >>> who.check([{"start": 0, "end": 3, "label": "person"}], {"text": "Ada met Grace"})
    [{'start': 0, 'end': 3, 'label': 'person', 'text': 'Ada'}]
    """

    kind: ClassVar[str] = "spans"
    draws_on: ClassVar[tuple[str, ...]] = ("text",)
    own_keys: ClassVar[str] = "bstn[]+-"

    overlap: bool = field(default=True, kw_only=True)
    snap: str = field(default="token", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse an unknown way of snapping."""
        super().__post_init__()
        check_flag(self.overlap, what=f"{self.name!r}: expected overlap")
        if self.snap not in _SNAPS:
            message = f"{self.name!r}: expected snap to be one of {_SNAPS}, found {self.snap!r}."
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "overlap": self.overlap, "snap": self.snap}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the spans in order, each with the text it covers."""
        marks = self._marks(answer, _KEYS, optional=("text",))
        text = self._content(content, answer)
        if not isinstance(text, str):
            raise LabelError(self.name, answer, expected=f"text in the field {self.on!r}")
        spans = sorted((self._span(mark, text) for mark in marks), key=_order)
        for left, right in pairwise(spans):
            if _order(left) == _order(right):
                raise LabelError(self.name, right, expected="no span twice with the same label")
            if not self.overlap and right["start"] < left["end"]:
                raise LabelError(self.name, right, expected=f"no span that overlaps {left}")
        return list(spans)

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a span: start and end in code points, and the text between."""
        columns = {"start": pl.Int64, "end": pl.Int64, "text": pl.String}
        return self._mark_frame(answers, columns)

    def _span(self, mark: dict[str, Any], text: str) -> dict[str, Any]:
        start, end = mark["start"], mark["end"]
        whole = is_whole(start) and is_whole(end)
        if not whole or not 0 <= start < end <= len(text):
            expected = f"0 <= start < end <= {len(text)}, the length of the text in code points"
            raise LabelError(self.name, mark, expected=expected)
        start, end = int(start), int(end)
        found = text[start:end]
        if mark.get("text", found) != found:
            raise LabelError(self.name, mark, expected=f"the text {found!r} at {start}:{end}")
        return {"start": start, "end": end, "label": str(mark["label"]), "text": found, **self._said(mark)}


def _order(span: Mapping[str, Any]) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]
