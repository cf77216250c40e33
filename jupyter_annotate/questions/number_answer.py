"""NumberAnswer: a quantity, typed or set on a slider."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Real
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Question, check_flag, check_prose, decoded

__all__ = ["NumberAnswer"]


@dataclass(frozen=True)
class NumberAnswer(Question):
    """A number within bounds, typed, stepped by arrow keys or set on a slider.

    Parameters
    ----------
    name
        An identifier.
    minimum, maximum
        The least and the greatest answer; None: no bound.
    step
        Answers are the least one (or 0) plus so many steps; None: any number.
    unit
        Shown behind it.
    slider
        Whether it is set on a slider, which shows no position before somebody has set one. Needs both bounds.

    Examples
    --------
    >>> age = NumberAnswer("age", minimum=0, maximum=99, step=1)
    >>> age.check(41, {})
    41.0
    >>> age.check(4.5, {})
    Traceback (most recent call last):
        ...
    jupyter_annotate.errors.LabelError: 4.5 is no answer to 'age': expected a number from 0 to 99 ...
    """

    kind: ClassVar[str] = "number_answer"
    of_any_item: ClassVar[bool] = True

    minimum: float | None = field(default=None, kw_only=True)
    maximum: float | None = field(default=None, kw_only=True)
    step: float | None = field(default=None, kw_only=True)
    unit: str | None = field(default=None, kw_only=True)
    slider: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse bounds that leave no answer."""
        super().__post_init__()
        for what in ("minimum", "maximum", "step"):
            given = getattr(self, what)
            if given is not None and not _is_finite(given):
                raise SchemaError(
                    f"{self.name!r}: expected a finite number as {what}, found {shorten(given)}."
                )
        if self.step is not None and self.step <= 0:
            raise SchemaError(f"{self.name!r}: expected step above 0, found {self.step}.")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            found = f"{self.minimum} and {self.maximum}"
            raise SchemaError(f"{self.name!r}: expected minimum below maximum, found {found}.")
        check_prose(self.unit, what=f"{self.name!r}: expected unit")
        check_flag(self.slider, what=f"{self.name!r}: expected slider")
        if self.slider and (self.minimum is None or self.maximum is None):
            raise SchemaError(f"{self.name!r}: a slider needs a minimum and a maximum.")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own = ("minimum", "maximum", "step", "unit", "slider")
        return {**super().to_json(), **{name: getattr(self, name) for name in own}}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the number as a float, or refuse one out of bounds or between two steps."""
        if not _is_finite(answer):
            raise LabelError(self.name, answer, expected=self._expected())
        number = float(answer) + 0.0  # type: ignore[arg-type]  # a finite number; + 0.0 leaves no -0.0
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= number <= high or not self._is_on_a_step(number):
            raise LabelError(self.name, answer, expected=self._expected())
        return number

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer, ``label`` as a float."""
        return decoded(answers, pl.Float64)

    def _is_on_a_step(self, number: float) -> bool:
        """Count in decimals: 0.3 is three steps of 0.1, though no float is."""
        if self.step is None:
            return True
        offset = Decimal(repr(number)) - Decimal(repr(float(self.minimum or 0)))
        return offset % Decimal(repr(float(self.step))) == 0

    def _expected(self) -> str:
        low = "" if self.minimum is None else f" from {self.minimum:g}"
        high = "" if self.maximum is None else f" to {self.maximum:g}"
        steps = "" if self.step is None else f" in steps of {self.step:g}"
        return f"a number{low}{high}{steps}"


def _is_finite(number: object) -> bool:
    """Say whether it is a finite number, of numpy or not; True is none."""
    if isinstance(number, bool) or not isinstance(number, Real):
        return False
    try:
        return math.isfinite(number)
    except OverflowError:
        return False
