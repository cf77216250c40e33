"""Label types as the contracts and the browser tests see them: a module a kind, and some for options."""

from __future__ import annotations

import importlib
import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

import jupyter_annotate as ja
from jupyter_annotate.events import Json
from jupyter_annotate.fields import Field
from jupyter_annotate.questions import Question

if TYPE_CHECKING:
    from tests.ui.pages import Widget

__all__ = ["VARIANTS", "Case", "case_of", "people", "project_of", "show"]

#: Options that make another surface of a label type: modules here, after the name of the kind.
VARIANTS = ("boxes_rotated", "spans_discontinuous")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One label type with an item to answer it on.

    Parameters
    ----------
    question
        The question. Its name is ``"q"``.
    fields
        What an item shows.
    item
        One item: the cell of each column.
    good
        Answers to this item, each with its canonical form.
    bad
        Answers it refuses.
    labels
        What the first good answer becomes in the labels frame: its rows without item and annotator.
    by_keys, by_mouse
        Give `answer` to the item shown, with keys alone and with the pointer alone; they do not submit.
    answer
        What both give, in canonical form.
    matches
        Whether an answer found is that answer; equality by default.
    at_once
        The answer itself submits the item.
    others
        Further questions of the schema, before this one.
    beside
        Answers to these.
    """

    question: Question
    fields: tuple[Field, ...]
    item: Mapping[str, Any]
    good: tuple[tuple[Any, Any], ...]
    bad: tuple[Any, ...]
    labels: tuple[Mapping[str, Any], ...]
    by_keys: Callable[[Widget], None]
    by_mouse: Callable[[Widget], None]
    answer: Any
    matches: Callable[[Any, Any], bool] = operator.eq
    at_once: bool = False
    others: tuple[Question, ...] = ()
    beside: Mapping[str, Any] | None = None

    @property
    def schema(self) -> ja.Schema:
        """The schema: the fields, the other questions and this one."""
        return ja.Schema(*self.fields, *self.others, self.question)


def case_of(kind: str) -> Case:
    """Return the case of a label type or of a variant of one."""
    case: Case = importlib.import_module(f"tests.questions.cases.{kind}").CASE
    return case


def items_of(case: Case, count: int) -> pl.DataFrame:
    """Return the item of a case again and again, under ids of their own."""
    return pl.DataFrame(
        {"item_id": [f"i-{n}" for n in range(count)]} | {n: [cell] * count for n, cell in case.item.items()}
    )


def project_of(kind: str, count: int = 5) -> ja.Project:
    """Return a project in memory with the item of a label type, again and again."""
    case = case_of(kind)
    return ja.Project.open(":memory:", schema=case.schema, items=items_of(case, count))


#: What `show` opened in this kernel.
_SHOWN: dict[str, ja.Project] = {}


def show(kind: str, count: int = 5) -> Any:  # noqa: ANN401 -- a widget, which only kernels import
    """Show the labeling widget for a label type; what a cell of the browser tests runs."""
    _SHOWN[kind] = project_of(kind, count)
    return ja.annotate(_SHOWN[kind], annotator="ada", guidelines="# How\n\nAs the test says.")


def people(kind: str) -> dict[str, Json]:
    """Return the answers given to a label type that was shown, by item."""
    answers = _SHOWN[kind].annotations().filter(pl.col("question") == "q")
    return {item: json.loads(value) for item, value in answers.select("item_id", "value").iter_rows()}
