"""What spans and boxes share: an answer is a list of labeled marks on one field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import LabelQuestion, check_prose, decoded

__all__ = ["MarkQuestion"]


@dataclass(frozen=True)
class MarkQuestion(LabelQuestion):
    """Any number of labeled marks on one field; none is an answer too.

    Parameters
    ----------
    on
        Name of the field; the only fitting one of the schema by default.
    """

    on: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a field whose name is no text."""
        super().__post_init__()
        check_prose(self.on, what=f"{self.name!r}: expected on")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "field": self.on}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> MarkQuestion:
        """Make the question its JSON form describes."""
        renamed = {("on" if k == "field" else k): v for k, v in spec.items()}
        return super().from_json(renamed)

    def _marks(self, answer: Json, keys: frozenset[str], optional: str = "") -> list[dict[str, Any]]:
        """Return the marks if each is a mapping with just these keys and a known label."""
        expected = f"a list of {{{', '.join(sorted(keys))}}}"
        if not isinstance(answer, list):
            raise LabelError(self.name, answer, expected=expected)
        for mark in answer:
            if not isinstance(mark, dict) or mark.keys() - {optional} != keys:
                raise LabelError(self.name, mark, expected=expected)
            self._known(mark["label"], mark)
        return answer  # type: ignore[return-value]  # checked above, element by element

    def _content(self, content: Mapping[str, Content], answer: Json) -> Content:
        if self.on not in content:
            raise LabelError(self.name, answer, expected=f"an item with the field {self.on!r}")
        return content[self.on]

    def _mark_frame(
        self, answers: pl.DataFrame, columns: Mapping[str, pl.DataType | type[pl.DataType]]
    ) -> pl.DataFrame:
        """Return one row a mark; an answer without marks keeps one row of nulls: it was looked at."""
        mark = pl.Struct({"label": pl.String, **columns})
        answered = decoded(answers, pl.List(mark)).with_row_index("row")
        empty = answered.filter(pl.col("label").list.len() == 0).with_columns(label=pl.lit(None, dtype=mark))
        # Not left to explode: releases of polars differ on what an empty list becomes.
        drawn = answered.filter(pl.col("label").list.len() > 0).explode("label")
        rows = pl.concat([drawn, empty]).sort("row", maintain_order=True)
        return rows.unnest("label").select("item_id", "annotator_id", "label", *columns)
