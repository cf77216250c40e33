"""Intake: check frames of items and pre-labels against a schema before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import ITEMS, PRELABELS, require
from jupyter_annotate.content import Content
from jupyter_annotate.errors import ColumnError, ConflictError, list_some, shorten
from jupyter_annotate.schema import Schema

__all__ = ["check_cells", "check_items", "check_prelabels", "refuse_changes"]

_PRELABELS = "prelabels"
_UNPRINTABLE = r"[\x00-\x1f\x7f]"
_UNPRINTABLE_OR_SURROGATE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SOURCE = "a source with a printable name, for example source='my-model-v1'"
_SUGGESTION_OF = ["item_id", "question", "source"]


def check_items(items: object, schema: Schema) -> pl.DataFrame:
    """Return ITEMS whose ids and columns are sound; `check_cells` looks at what the fields show.

    Parameters
    ----------
    items
        A frame with ``item_id`` and the columns of the schema's fields; other columns are kept.
    schema
        What is shown.

    Raises
    ------
    ColumnError
        Naming row and column of the first id that stands twice or is none, or the column that cannot be kept.
    """
    what = "items"
    frame = require(items, {**ITEMS, **dict.fromkeys(schema.fields)}, what=what)
    coded = [name for name in schema.fields if isinstance(frame.schema[name], pl.Categorical | pl.Enum)]
    frame = frame.with_columns([pl.col(name).cast(pl.String) for name in coded])
    ids = frame["item_id"]
    twice = ids.is_duplicated()
    if twice.any():
        rows = (ids == ids.filter(twice)[0]).arg_true().to_list()
        raise ColumnError(
            what,
            expected="every item_id once",
            found=f"{shorten(ids[rows[0]])} in the rows {rows[:5]}",
            row=rows[1],
            column="item_id",
            advice="Number the items with frame.with_row_index('item_id') if they have no ids of their own.",
        )
    odd = ids.str.contains(_UNPRINTABLE) | (ids == "")
    _refuse(what, frame, "item_id", odd, "a printable id")
    for column in frame:
        _refuse_unstorable(column, what)
    return frame


def check_cells(items: pl.DataFrame, schema: Schema, rows: pl.Series | None = None) -> None:
    """Refuse items that the schema cannot show.

    Parameters
    ----------
    items
        ITEMS.
    schema
        What is shown.
    rows
        Their row numbers in the frame they were given in, for the error.

    Raises
    ------
    ColumnError
        Naming row and column of the first cell that cannot be shown.
    """
    for name, field in schema.fields.items():
        try:
            field.check_column(items[name], what="items")
        except ColumnError as error:
            if error.row is None or rows is None:
                raise
            raise error.at(rows[error.row]) from error


def refuse_changes(found: pl.DataFrame, stored: pl.DataFrame, schema: Schema) -> None:
    """Refuse items that are there already with other content.

    Parameters
    ----------
    found, stored
        ITEMS, the same ids in the same order.
    schema
        Whose fields are compared.

    Raises
    ------
    ConflictError
        Naming the first item and field that differ.
    """
    for name in schema.fields:
        differs = found[name].ne_missing(stored[name])
        if differs.any():
            row = differs.arg_true()[0]
            before, now = stored[name][row], found[name][row]
            raise ConflictError("item", found["item_id"][row], field=name, stored=before, found=now)


def check_prelabels(
    prelabels: object,
    schema: Schema,
    *,
    source: str | None,
    rows_of: Callable[[pl.Series], NDArray[np.int64]],
    contents_of: Callable[[pl.Series], Iterable[Mapping[str, Content]]],
) -> pl.DataFrame:
    """Return PRELABELS that fit their questions, without ids yet.

    Parameters
    ----------
    prelabels
        A frame with ``item_id`` and ``value``; ``question``, ``score`` and ``source`` if it has them.
    schema
        What is asked.
    source
        Who suggests, where the frame does not say.
    rows_of
        Row numbers of item ids, -1 for an unknown one.
    contents_of
        What each of these items shows.

    Raises
    ------
    ColumnError
        Naming row and column of the first cell that does not fit.
    """
    frame = require(prelabels, {**ITEMS, "value": None}, what=_PRELABELS)
    frame = _complete(frame, schema, source).with_row_index("row")
    names = list(schema.questions)
    _refuse(_PRELABELS, frame, "question", ~frame["question"].is_in(names), f"one of {list_some(names)}")
    odd = frame["source"].str.contains(_UNPRINTABLE) | (frame["source"].str.strip_chars() == "")
    _refuse(_PRELABELS, frame, "source", odd, _SOURCE)
    _refuse(_PRELABELS, frame, "score", ~frame["score"].is_finite(), "a finite number or null")
    _refuse(_PRELABELS, frame, "value", frame["value"].is_null(), "a value; leave rows without one out")
    unknown = pl.Series(rows_of(frame["item_id"]) < 0)
    _refuse(_PRELABELS, frame, "item_id", unknown, "an item of this project")
    _refuse_repeated(frame)
    checked = [
        part.with_columns(value=_encoded(schema, str(name), part, contents_of))
        for (name,), part in frame.group_by(["question"], maintain_order=True)
    ]
    return pl.concat(checked).sort("row").drop("row") if checked else frame.drop("row")


def _complete(frame: pl.DataFrame, schema: Schema, source: str | None) -> pl.DataFrame:
    """Fill in the columns that may be left out."""
    if "question" not in frame.columns:
        if len(schema.questions) > 1:
            expected = f"a column 'question', as there are several: {list_some(list(schema.questions))}"
            raise ColumnError(_PRELABELS, expected=expected, found=f"{frame.columns}", column="question")
        frame = frame.with_columns(question=pl.lit(schema.question().name))
    if "score" not in frame.columns:
        frame = frame.with_columns(score=pl.lit(None, dtype=pl.Float64))
    if "source" not in frame.columns:
        frame = frame.with_columns(source=pl.lit(_checked_source(source)))
    given = {name: PRELABELS[name] for name in PRELABELS if name != "prelabel_id"}
    return require(frame, {**given, "value": None}, what=_PRELABELS).select(*given)


def _checked_source(source: object) -> str:
    """Refuse a source that could not sign an event, before it meets polars."""
    if isinstance(source, str) and not _UNPRINTABLE_OR_SURROGATE.search(source) and source.strip():
        return source
    raise ColumnError(_PRELABELS, expected=_SOURCE, found=f"source={shorten(source)}", column="source")


def _refuse_repeated(frame: pl.DataFrame) -> None:
    """Refuse two suggestions of one source to one question: only one of them could be shown."""
    again = frame.select(pl.struct(_SUGGESTION_OF).is_first_distinct().not_()).to_series()
    if again.any():
        row = again.arg_true()[0]
        item, question, source = frame.select(_SUGGESTION_OF).row(row)
        raise ColumnError(
            _PRELABELS,
            expected="one suggestion an item, question and source",
            found=f"a second of {shorten(source)} to {question!r} on {shorten(item)}",
            row=row,
            advice=f"Keep one, for example the last: prelabels.unique({_SUGGESTION_OF}, keep='last').",
        )


def _refuse_unstorable(column: pl.Series, what: str) -> None:
    """Refuse a column that no batch could hold."""
    if _holds_nothing_storable(column.dtype):
        raise ColumnError(
            what,
            expected="values that can be stored",
            found=f"{column.dtype}",
            column=column.name,
            advice=f"Leave the column out, frame.drop({column.name!r}), or make it text.",
        )


def _holds_nothing_storable(dtype: object) -> bool:
    match dtype:
        case pl.Struct(fields=fields):
            return not fields or any(_holds_nothing_storable(each.dtype) for each in fields)
        case pl.List(inner=inner) | pl.Array(inner=inner):
            return _holds_nothing_storable(inner)
    return dtype == pl.Object


def _encoded(
    schema: Schema,
    question: str,
    part: pl.DataFrame,
    contents_of: Callable[[pl.Series], Iterable[Mapping[str, Content]]],
) -> pl.Series:
    try:
        return schema.question(question).encode(part["value"], contents_of(part["item_id"]))
    except ColumnError as error:
        if error.row is None:
            raise
        row = part["row"][error.row]
        raise ColumnError(
            f"prelabels for {question!r}", expected=error.expected, found=error.found, row=row, column="value"
        ) from error


def _refuse(what: str, frame: pl.DataFrame, column: str, bad: pl.Series, expected: str) -> None:
    """Refuse the first row that is bad; a null is, wherever it makes a condition null."""
    bad = bad.fill_null(column != "score")
    if bad.any():
        row = bad.arg_true()[0]
        found = shorten(frame[column][row])
        raise ColumnError(what, expected=expected, found=found, row=row, column=column)
