"""Text: shown as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Text
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_ODD = "  two  spaces,\n<b>no</b> markup & a\ttab, 👩‍👩‍👧‍👦"


def reads_exactly(widget: Widget) -> None:
    """See that the page holds the text character by character."""
    assert widget.root.locator(".ja-text").text_content() == _ODD


CASE = Case(
    field=Text("f"),
    good=((_ODD, _ODD), ("", ""), ("a", "a")),
    bad=(
        pl.Series("f", ["a", None]),
        pl.Series("f", ["a", "b\x00"]),
        pl.Series("f", [1, 2]),
    ),
    by_keys=reads_exactly,
    by_mouse=reads_exactly,
)
