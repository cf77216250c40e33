"""Fields as the contracts and the browser tests see them: one module here for each kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

import jupyter_annotate as ja
from jupyter_annotate.content import Content
from jupyter_annotate.fields import Field

if TYPE_CHECKING:
    from tests.ui.pages import Widget

__all__ = ["Case", "case_of", "project_of", "show"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One field with cells to show.

    Parameters
    ----------
    field
        The field. Its name is ``"f"``.
    good
        Cells, no two alike, each with what questions about it are checked against.
    bad
        Columns that cannot be shown; each holds good cells and, last, one that is not.
    by_keys, by_mouse
        Do with the first item shown all that the field offers, and assert that it happened.
    """

    field: Field
    good: tuple[tuple[Any, Content], ...]
    bad: tuple[pl.Series, ...]
    by_keys: Callable[[Widget], None]
    by_mouse: Callable[[Widget], None]

    @property
    def column(self) -> pl.Series:
        """The good cells."""
        return pl.Series("f", [cell for cell, _ in self.good])


def case_of(kind: str) -> Case:
    """Return the case of a kind of field."""
    case: Case = importlib.import_module(f"tests.fields.cases.{kind}").CASE
    return case


def project_of(kind: str) -> ja.Project:
    """Return a project in memory with an item for each good cell of a field, and one question."""
    case = case_of(kind)
    items = pl.DataFrame({"item_id": [f"i-{n}" for n in range(len(case.good))], "f": case.column})
    schema = ja.Schema(case.field, ja.Choice("q", ["yes", "no"]))
    return ja.Project.open(":memory:", schema=schema, items=items)


def show(kind: str) -> Any:  # noqa: ANN401 -- a widget, which only kernels import
    """Show the labeling widget for a field; what a cell of the browser tests runs."""
    return ja.annotate(project_of(kind), annotator="ada")
