"""Rating: a point on a scale, as on a Likert scale or in stars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Question, check_prose, decoded, is_whole

__all__ = ["Rating"]

_STYLES = ("scale", "stars")
_FEWEST, _MOST = 2, 21


@dataclass(frozen=True)
class Rating(Question):
    """A point on a scale of whole numbers. Alone on an item, one key answers and moves on.

    Parameters
    ----------
    name
        An identifier.
    points
        How many points the scale has, 2 to 21.
    start
        The lowest point.
    low, high
        What the two ends mean, in words.
    style
        ``"scale"`` or ``"stars"``.

    Examples
    --------
    >>> Rating("quality", 5, low="poor", high="excellent").check(4, {})
    4
    >>> Rating("recommend", 11, start=0).check(11, {})
    Traceback (most recent call last):
        ...
    jupyter_annotate.errors.LabelError: 11 is no answer to 'recommend': expected a whole number from 0 to 10.
    """

    kind: ClassVar[str] = "rating"
    of_any_item: ClassVar[bool] = True

    points: int = 5
    start: int = field(default=1, kw_only=True)
    low: str | None = field(default=None, kw_only=True)
    high: str | None = field(default=None, kw_only=True)
    style: str = field(default="scale", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a scale nobody could answer on."""
        super().__post_init__()
        if not is_whole(self.points) or not _FEWEST <= self.points <= _MOST:
            expected = f"{_FEWEST} to {_MOST} points"
            raise SchemaError(f"{self.name!r}: expected {expected}, found {shorten(self.points)}.")
        if not is_whole(self.start):
            raise SchemaError(
                f"{self.name!r}: expected a whole number as start, found {shorten(self.start)}."
            )
        if self.style not in _STYLES:
            raise SchemaError(f"{self.name!r}: expected style to be one of {_STYLES}, found {self.style!r}.")
        check_prose(self.low, what=f"{self.name!r}: expected low")
        check_prose(self.high, what=f"{self.name!r}: expected high")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own: dict[str, Json] = {"points": self.points, "start": self.start}
        return {**super().to_json(), **own, "low": self.low, "high": self.high, "style": self.style}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the point, or refuse what is not on the scale."""
        last = self.start + self.points - 1
        number = int(answer) if isinstance(answer, float) and answer.is_integer() else answer
        if is_whole(number) and self.start <= number <= last:  # type: ignore[operator]  # a whole number
            return int(number)  # type: ignore[arg-type]  # as above
        raise LabelError(self.name, answer, expected=f"a whole number from {self.start} to {last}")

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer, ``label`` as a whole number."""
        return decoded(answers, pl.Int64)
