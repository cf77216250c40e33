"""Options: nothing to look at; a question offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Options
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def is_not_shown(widget: Widget) -> None:
    """See that the field keeps no place."""
    assert widget.root.locator(".ja-field").count() == 0


CASE = Case(
    field=Options("f"),
    good=((["Paris, France", "Paris, Texas"], ("Paris, France", "Paris, Texas")), (["York"], ("York",))),
    bad=(
        pl.Series("f", [["a"], None]),
        pl.Series("f", [["a"], []], dtype=pl.List(pl.String)),
        pl.Series("f", [["a"], ["a", "b", "a"]]),
        pl.Series("f", [["a"], [" "]]),
        pl.Series("f", [["a"], ["b\x1f"]]),
        pl.Series("f", ["a"]),
        pl.Series("f", [[1]]),
    ),
    by_keys=is_not_shown,
    by_mouse=is_not_shown,
)
