"""Time segments: labeled stretches of a recording."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content, Recording
from jupyter_annotate.errors import LabelError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import check_flag
from jupyter_annotate.questions.marks import MarkQuestion

__all__ = ["TimeSegments"]

_KEYS = frozenset({"start", "end", "label"})
#: Containers and browsers differ by a frame about the length of a recording, in seconds.
_TOLERANCE = 0.1
_DECIMALS = 3


@dataclass(frozen=True)
class TimeSegments(MarkQuestion):
    """Labeled stretches of sound or a film, in seconds from its beginning, to the millisecond.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    on
        The audio or video field they lie in; the only one by default.
    overlap
        Whether segments may overlap: two people speak at once.

    Examples
    --------
    >>> from jupyter_annotate.content import Recording
    >>> turns = TimeSegments("turns", ["agent", "caller"], on="call")
    >>> turns.check([{"start": 0.25, "end": 2, "label": "agent"}], {"call": Recording(60.0)})
    [{'start': 0.25, 'end': 2.0, 'label': 'agent'}]
    """

    kind: ClassVar[str] = "time_segments"
    draws_on: ClassVar[tuple[str, ...]] = ("audio", "video")
    own_keys: ClassVar[str] = "bstnpv[]+-0"

    overlap: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what is neither yes nor no."""
        super().__post_init__()
        check_flag(self.overlap, what=f"{self.name!r}: expected overlap")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "overlap": self.overlap}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the segments in order."""
        marks = self._marks(answer, _KEYS)
        recording = self._content(content, answer)
        if not isinstance(recording, Recording):
            raise LabelError(self.name, answer, expected=f"a recording in the field {self.on!r}")
        segments = sorted((self._segment(mark, recording.seconds) for mark in marks), key=_order)
        for left, right in pairwise(segments):
            if _order(left) == _order(right):
                raise LabelError(self.name, right, expected="no segment twice with the same label")
            if not self.overlap and right["start"] < left["end"]:
                raise LabelError(self.name, right, expected=f"no segment that overlaps {left}")
        return list(segments)

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a segment: start and end in seconds."""
        return self._mark_frame(answers, {"start": pl.Float64, "end": pl.Float64})

    def _settled(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        first = {_order(mark): mark for mark in reversed(marks)}
        return sorted(first.values(), key=_order)

    def _segment(self, mark: dict[str, Any], seconds: float | None) -> dict[str, Any]:
        start, end = mark["start"], mark["end"]
        limit = math.inf if seconds is None else seconds + _TOLERANCE
        numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in (start, end))
        if not numbers or not 0 <= start < end <= limit or math.isinf(end):
            length = "" if seconds is None else f" <= {seconds:.3f}, the length in seconds"
            raise LabelError(self.name, mark, expected=f"0 <= start < end{length}")
        start, end = round(float(start), _DECIMALS), round(float(end), _DECIMALS)
        if start == end:
            raise LabelError(self.name, mark, expected="at least a millisecond from start to end")
        return {"start": start, "end": end, "label": str(mark["label"]), **self._said(mark)}


def _order(segment: Mapping[str, Any]) -> tuple[float, float, str]:
    return segment["start"], segment["end"], segment["label"]
