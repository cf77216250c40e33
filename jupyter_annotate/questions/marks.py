"""What spans and boxes share: an answer is a list of labeled marks on one field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json, canonical_json, check_text
from jupyter_annotate.questions.base import LabelQuestion, Renamed, check_prose, decoded

__all__ = ["MarkQuestion", "pieces_of"]


@dataclass(frozen=True)
class MarkQuestion(LabelQuestion):
    """Any number of labeled marks on one field; none is an answer too.

    Parameters
    ----------
    on
        Name of the field; the only fitting one of the schema by default.
    attributes
        What else a mark can say about itself, each with its values, as in
        ``{"certainty": ["sure", "unsure"]}``. A mark has at most one value of each, and need not have any.
    """

    on: str = field(default="", kw_only=True)
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a field whose name is no text, and attributes that could not be told apart."""
        super().__post_init__()
        check_prose(self.on, what=f"{self.name!r}: expected on")
        object.__setattr__(self, "attributes", _attributes(self.attributes, self.name))

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own = {name: list(values) for name, values in self.attributes.items()}
        return {**super().to_json(), "field": self.on, **({"attributes": own} if own else {})}  # type: ignore[dict-item]  # lists of text

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> MarkQuestion:
        """Make the question its JSON form describes."""
        renamed = {("on" if k == "field" else k): v for k, v in spec.items()}
        return super().from_json(renamed)

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the marks with the new names of their labels, equal ones once; None if one was split."""
        given: list[dict[str, Any]] = answer if isinstance(answer, list) else []  # type: ignore[assignment]  # marks
        marks = [self._renamed(mark, names) for mark in given]
        distinct = {canonical_json(mark): mark for mark in marks if mark is not None}
        return None if None in marks else self._settled([*distinct.values()])  # type: ignore[return-value]  # marks

    def _renamed(self, mark: Mapping[str, Any], names: Mapping[str, Renamed]) -> dict[str, Any] | None:
        """Return a mark with the new name of its label, None if that was split."""
        label = names.get(self.name, {}).get(mark["label"], mark["label"])
        return None if label is None else {**mark, "label": label}

    def _settled(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """Return different marks in canonical order; None if they cannot stand beside each other."""
        return marks

    def _use_keys(self, more: str) -> None:
        """Take more keys than all questions of this kind do."""
        object.__setattr__(self, "own_keys", type(self).own_keys + more)

    def _marks(
        self, answer: Json, keys: frozenset[str], optional: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Return the marks if each is a mapping with just these keys and a known label."""
        expected = f"a list of {{{', '.join(sorted(keys))}}}"
        if not isinstance(answer, list):
            raise LabelError(self.name, answer, expected=expected)
        for mark in answer:
            if not isinstance(mark, dict) or mark.keys() - {*optional, "attributes"} != keys:
                raise LabelError(self.name, mark, expected=expected)
            self._known(mark["label"], mark)
            self._said(mark)
        return answer  # type: ignore[return-value]  # checked above, element by element

    def _said(self, mark: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a mark says beside its label, as a part of its canonical form."""
        given = mark.get("attributes", {})
        known = isinstance(given, dict) and all(
            isinstance(value, str) and value in self.attributes.get(name, ()) for name, value in given.items()
        )
        if not known:
            choices = {name: list(values) for name, values in self.attributes.items()}
            raise LabelError(
                self.name, mark, expected=f"attributes out of {choices}" if choices else "no attributes"
            )
        said = {name: given[name] for name in self.attributes if name in given}
        return {"attributes": said} if said else {}

    def _content(self, content: Mapping[str, Content], answer: Json) -> Content:
        if self.on not in content:
            raise LabelError(self.name, answer, expected=f"an item with the field {self.on!r}")
        return content[self.on]

    def _mark_frame(
        self, answers: pl.DataFrame, columns: Mapping[str, pl.DataType | type[pl.DataType]]
    ) -> pl.DataFrame:
        """Return one row a mark; an answer without marks keeps one row of nulls: it was looked at."""
        if self.attributes:
            columns = {**columns, "attributes": pl.Struct(dict.fromkeys(self.attributes, pl.String))}
        mark = pl.Struct({"label": pl.String, **columns})
        answered = decoded(answers, pl.List(mark)).with_row_index("row")
        empty = answered.filter(pl.col("label").list.len() == 0).with_columns(label=pl.lit(None, dtype=mark))
        # Not left to explode: releases of polars differ on what an empty list becomes.
        drawn = answered.filter(pl.col("label").list.len() > 0).explode("label")
        rows = pl.concat([drawn, empty]).sort("row", maintain_order=True)
        return rows.unnest("label").select("item_id", "annotator_id", "label", *columns)


def _attributes(given: object, question: str) -> dict[str, tuple[str, ...]]:
    """Return attributes in canonical form, or refuse them."""
    found = dict(given) if isinstance(given, Mapping) else {"": ()}
    attributes = {
        name: tuple(values) if isinstance(values, list | tuple) else () for name, values in found.items()
    }
    for name, values in attributes.items():
        texts = [name, *values]
        whole = all(isinstance(text, str) and text.strip() for text in texts)
        if not whole or not values or len(set(values)) < len(values):
            like = '{"certainty": ["sure", "unsure"]}'
            raise SchemaError(f"{question!r}: expected attributes like {like}, found {shorten(given)}.")
        for text in texts:
            check_text(text, what=f"{question!r}: an attribute")
    return attributes


def pieces_of(span: Mapping[str, Any]) -> list[list[int]]:
    """Return where the pieces of a labeled piece of a text lie; most have one."""
    pieces: list[list[int]] = span.get("fragments") or [[span["start"], span["end"]]]
    return pieces
