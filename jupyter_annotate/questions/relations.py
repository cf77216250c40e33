"""Relations: labeled arrows from one span to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Question, Renamed, check_flag, check_prose, is_whole
from jupyter_annotate.questions.marks import MarkQuestion, pieces_of

__all__ = ["Relations"]

_KEYS = frozenset({"head", "tail", "label"})
_ENDS = ("head", "tail")
_PARTS: dict[str, type[pl.DataType]] = {"start": pl.Int64, "end": pl.Int64, "label": pl.String}


@dataclass(frozen=True)
class Relations(MarkQuestion):
    """Typed, directed relations between the spans of another question, from head to tail.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    between
        Name of the question whose spans are related; it stands before this one.
    on
        The text field; the only one by default.
    loops
        Whether a span may be related to itself.

    Examples
    --------
    >>> works = Relations("works", ["employs"], between="who", on="text")
    >>> ada, org = ({"start": 0, "end": 3, "label": "person"}, {"start": 13, "end": 17, "label": "org"})
    >>> answer = works.check([{"head": org, "tail": ada, "label": "employs"}], {"text": "Ada works at Acme"})
    >>> answer[0]["head"]
    {'start': 13, 'end': 17, 'label': 'org'}
    """

    kind: ClassVar[str] = "relations"
    draws_on: ClassVar[tuple[str, ...]] = ("text",)
    own_keys: ClassVar[str] = "bsrn"

    between: str = field(default="", kw_only=True)
    loops: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse relations between nothing."""
        super().__post_init__()
        check_prose(self.between, what=f"{self.name!r}: expected between")
        check_flag(self.loops, what=f"{self.name!r}: expected loops")
        if not self.between:
            raise SchemaError(f"{self.name!r}: expected between='...', the question whose spans it relates.")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "between": self.between, "loops": self.loops}

    def check_basis(self, before: Mapping[str, Question]) -> None:
        """Refuse to relate what is no question about spans of the same text.

        Raises
        ------
        SchemaError
            Naming what was expected and what stands before it.
        """
        other = before.get(self.between)
        spans = isinstance(other, MarkQuestion) and other.kind != self.kind
        if not isinstance(other, MarkQuestion) or not spans or other.on != self.on:
            expected = f"between to name a question about spans of {self.on!r} that stands before it"
            raise SchemaError(f"{self.name!r}: expected {expected}, found {self.between!r}.")

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:
        """Return the relations in order."""
        marks = self._marks(answer, _KEYS)
        text = self._content(content, answer)
        if not isinstance(text, str):
            raise LabelError(self.name, answer, expected=f"text in the field {self.on!r}")
        relations = sorted((self._relation(mark, len(text)) for mark in marks), key=_order)
        if len({_order(each) for each in relations}) < len(relations):
            raise LabelError(self.name, answer, expected="no relation twice")
        return list(relations)

    def check_beside(self, answer: Json, answers: Mapping[str, Json]) -> None:
        """Refuse a relation whose ends are no spans of the item.

        Raises
        ------
        LabelError
            Naming the end that is none.
        """
        spans = answers.get(self.between)
        known = (
            {_place(each) for each in spans if isinstance(each, dict)} if isinstance(spans, list) else set()
        )
        for relation in answer if isinstance(answer, list) else []:
            for end in _ENDS:
                if isinstance(relation, dict) and _place(relation[end]) not in known:  # type: ignore[arg-type]  # checked before
                    expected = f"the {end} to be a span of {self.between!r}"
                    raise LabelError(self.name, relation[end], expected=expected)

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row a relation: where its head and its tail lie, and their labels."""
        frame = self._mark_frame(answers, dict.fromkeys(_ENDS, pl.Struct(_PARTS)))
        parts = [pl.col(end).struct.field(part).alias(f"{end}_{part}") for end in _ENDS for part in _PARTS]
        return frame.with_columns(parts).drop(_ENDS)

    def _renamed(self, mark: Mapping[str, Any], names: Mapping[str, Renamed]) -> dict[str, Any] | None:
        """Follow the labels of the spans at both ends as well."""
        spans = names.get(self.between, {})
        ends = {
            end: {**mark[end], "label": spans.get(mark[end]["label"], mark[end]["label"])} for end in _ENDS
        }
        undecided = any(end["label"] is None for end in ends.values())
        return None if undecided else super()._renamed({**mark, **ends}, names)

    def _settled(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        if not self.loops and any(mark["head"] == mark["tail"] for mark in marks):
            return None
        first = {_order(mark): mark for mark in reversed(marks)}
        return sorted(first.values(), key=_order)

    def _relation(self, mark: dict[str, Any], length: int) -> dict[str, Any]:
        head, tail = (self._end(mark, mark[end], length) for end in _ENDS)
        if head == tail and not self.loops:
            raise LabelError(self.name, mark, expected="two different spans")
        return {"head": head, "tail": tail, "label": str(mark["label"]), **self._said(mark)}

    def _end(self, mark: dict[str, Any], end: object, length: int) -> dict[str, Any]:
        """Return where an end lies; what else the span says stands with the span."""
        if isinstance(end, dict) and end.keys() >= _PARTS.keys() and isinstance(end["label"], str):
            start, stop = end["start"], end["end"]
            if is_whole(start) and is_whole(stop) and 0 <= start < stop <= length:
                # Two spans of one reach may differ in their pieces alone.
                pieces = _listed_pieces(end.get("fragments"))
                return {"start": int(start), "end": int(stop), "label": end["label"], **pieces}
        expected = f"ends {{start, end, label}} with 0 <= start < end <= {length}"
        raise LabelError(self.name, mark, expected=expected)


def _listed(answer: Json) -> list[dict[str, Any]]:
    """Return the marks of an answer; none where there is no answer, or nobody could tell."""
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []


def _listed_pieces(given: object) -> dict[str, list[list[int]]]:
    """Return the pieces of an end, if it has several; whether a span has them is told from the spans."""
    listed: list[Any] = given if isinstance(given, list) and len(given) > 1 else []
    if not listed or not all(isinstance(each, list | tuple) and all(map(is_whole, each)) for each in listed):
        return {}
    return {"fragments": sorted([int(edge) for edge in each] for each in listed)}


_Place: TypeAlias = tuple[int, int, str, tuple[tuple[int, ...], ...]]


def _place(span: Mapping[str, Any]) -> _Place:
    return span["start"], span["end"], span["label"], tuple(map(tuple, pieces_of(span)))


def _order(relation: Mapping[str, Any]) -> tuple[_Place, _Place, str]:
    return _place(relation["head"]), _place(relation["tail"]), relation["label"]
