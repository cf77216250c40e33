"""Misfits: stored answers that do not fit their question or what their item shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import AnnotateError
from jupyter_annotate.schema import Schema

__all__ = ["misfits"]

_ROWS = 5_000
_WITHDRAWN = "null"


def misfits(
    answers: pl.DataFrame, schema: Schema, items_of: Callable[[Sequence[str]], list[dict[str, Any]]]
) -> Iterator[tuple[str, str, AnnotateError]]:
    """Yield item, annotator and problem of each answer that `Project.record` would refuse.

    Parameters
    ----------
    answers
        item_id, annotator_id, question and value, to items that exist; withdrawn and erased ones pass.
    schema
        What is asked.
    items_of
        Returns items by id. Answers to one whose image is not on this computer pass.
    """
    columns = ("item_id", "annotator_id", "question", "value")
    given = answers.select(*columns).filter(pl.col("value").is_not_null(), pl.col("value") != _WITHDRAWN)
    for part in given.iter_slices(_ROWS):
        items = items_of(part["item_id"].unique(maintain_order=True).to_list())
        contents = {item["item_id"]: _content(item, schema) for item in items}
        for item_id, who, question, value in part.iter_rows():
            content = contents[item_id]
            try:
                if content is not None:
                    schema.question(question).admit(json.loads(value), content)
            except AnnotateError as error:
                yield item_id, who, error


def _content(item: Mapping[str, Any], schema: Schema) -> dict[str, Content] | None:
    try:
        return schema.content(item)
    except AnnotateError:
        return None
