"""Preference: which of two fields is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Question, check_flag, is_whole

__all__ = ["Preference"]

_TIE = "tie"
_MOST_GRADES = 4
_SIDES = 2


@dataclass(frozen=True)
class Preference(Question):
    """Which of two fields of an item is better, the whole or aspect by aspect.

    The sides are by lot for each annotator and item, and kept with the answer.

    Parameters
    ----------
    name
        An identifier.
    between
        The two fields.
    ties
        Whether neither may be better.
    grades
        How many grades of better there are, 1 to 4.
    aspects
        What is compared; none: the whole.

    Examples
    --------
    >>> better = Preference("better", between=("one", "other"))
    >>> better.check({"better": "other"}, {})
    {'better': 'other'}
    >>> Preference("better", between=("one", "other"), aspects=["helpful", "true"], grades=3).check(
    ...     {"helpful": {"better": "one", "grade": 2}, "true": {"better": "tie"}}, {}
    ... )
    {'helpful': {'better': 'one', 'grade': 2}, 'true': {'better': 'tie'}}
    """

    kind: ClassVar[str] = "preference"

    between: Sequence[str] = ()
    ties: bool = field(default=True, kw_only=True)
    grades: int = field(default=1, kw_only=True)
    aspects: Sequence[str] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what is no pair of fields."""
        super().__post_init__()
        whose = f"{self.name!r}: expected"
        between = _names(self.between)
        if between is None or len(between) != _SIDES or _TIE in between:
            raise SchemaError(f"{whose} two fields to choose between, found {shorten(self.between)}.")
        check_flag(self.ties, what=f"{whose} ties")
        if not is_whole(self.grades) or not 1 <= self.grades <= _MOST_GRADES:
            raise SchemaError(f"{whose} 1 to {_MOST_GRADES} grades, found {shorten(self.grades)}.")
        aspects = _names(self.aspects)
        if aspects is None:
            raise SchemaError(f"{whose} a list of different aspects, found {shorten(self.aspects)}.")
        object.__setattr__(self, "between", between)
        object.__setattr__(self, "aspects", aspects)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own: dict[str, Json] = {"between": list(self.between), "ties": self.ties, "grades": self.grades}
        return {**super().to_json(), **own, "aspects": list(self.aspects)}

    @property
    def reads(self) -> tuple[str, ...]:
        """The two fields."""
        return tuple(self.between)

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the preference, or one for each aspect in the order of the schema."""
        if not self.aspects:
            return self._preferred(answer, answer)
        if not isinstance(answer, dict) or set(answer) != set(self.aspects):
            expected = f"a preference for each of {list(self.aspects)}"
            raise LabelError(self.name, answer, expected=expected)
        return {aspect: self._preferred(answer[aspect], answer) for aspect in self.aspects}

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a preference: ``label`` says which of the fields ``left`` and ``right`` is better.

        The first of `between` is called left, wherever it stood on the screen. With aspects and with grades
        there are columns ``aspect`` and ``grade``; a tie has no grade.
        """
        preferred = pl.Struct({"better": pl.String, "grade": pl.Int64})
        value = pl.col("value").str
        if self.aspects:
            parts = value.json_decode(pl.Struct(dict.fromkeys(self.aspects, preferred)))
            rows = pl.concat(
                answers.select(
                    "item_id",
                    "annotator_id",
                    parts.struct.field(aspect).alias("preferred"),
                    pl.lit(aspect).alias("aspect"),
                ).with_row_index("row")
                for aspect in self.aspects
            ).sort("row", maintain_order=True)
        else:
            rows = answers.select("item_id", "annotator_id", value.json_decode(preferred).alias("preferred"))
        first, second = self.between
        better = pl.col("preferred").struct.field("better")
        sides = {first: "left", second: "right", _TIE: _TIE}
        more = [pl.col("aspect")] if self.aspects else []
        more += [pl.col("preferred").struct.field("grade")] if self.grades > 1 else []
        return rows.select(
            "item_id",
            "annotator_id",
            better.replace_strict(sides, return_dtype=pl.String).alias("label"),
            pl.lit(first).alias("left"),
            pl.lit(second).alias("right"),
            *more,
        )

    def _preferred(self, part: Any, answer: Json) -> dict[str, Json]:  # noqa: ANN401 -- part of an answer
        """Return one preference in canonical form."""
        given = part if isinstance(part, dict) else {}
        better, grade = given.get("better"), given.get("grade", 1)
        if better == _TIE and self.ties and set(given) == {"better"}:
            return {"better": _TIE}
        known = {"better"} if self.grades == 1 else {"better", "grade"}
        if better in self.between and set(given) == known and is_whole(grade) and 1 <= grade <= self.grades:
            return {"better": better} if self.grades == 1 else {"better": better, "grade": int(grade)}
        raise LabelError(self.name, answer, expected=self._expected())

    def _expected(self) -> str:
        grade = "" if self.grades == 1 else f", 'grade': 1 to {self.grades}"
        tie = ", or {'better': 'tie'}" if self.ties else ""
        return f"{{'better': one of {list(self.between)}{grade}}}{tie}"


def _names(given: object) -> tuple[str, ...] | None:
    """Return different names in order; None for anything else."""
    if not isinstance(given, list | tuple) or len(set(map(str, given))) < len(given):
        return None
    return tuple(given) if all(isinstance(each, str) and each.strip() for each in given) else None
