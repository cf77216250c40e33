"""Diff: two texts, what differs marked by more than colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Diff
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def reads(widget: Widget) -> None:
    """See both texts whole, and what was removed and added."""
    sides = widget.root.locator(".ja-diff-side")
    assert sides.locator(".ja-changes").all_text_contents() == ["Ada have met Grace.", "Ada met Grace twice."]
    assert sides.nth(0).locator("del").all_text_contents() == ["have "]
    assert sides.nth(1).locator("ins").all_text_contents() == [" twice"]
    assert (
        sides.nth(0).locator("del").evaluate("e => getComputedStyle(e).textDecorationLine") == "line-through"
    )


CASE = Case(
    field=Diff("f"),
    good=(
        (
            {"before": "Ada have met Grace.", "after": "Ada met Grace twice."},
            '{"names":["before","after"],"texts":["Ada have met Grace.","Ada met Grace twice."]}',
        ),
        ({"before": "", "after": ""}, '{"names":["before","after"],"texts":["",""]}'),
    ),
    bad=(
        pl.Series("f", [{"a": "x", "b": "y"}, None]),
        pl.Series("f", [{"a": "x", "b": "y"}, {"a": "x", "b": None}]),
        pl.Series("f", [{"a": "x", "b": "y\x00"}]),
        pl.Series("f", [{"a": "x"}]),
        pl.Series("f", [{"a": "x", "b": 1}]),
        pl.Series("f", ["a"]),
    ),
    by_keys=reads,
    by_mouse=reads,
)
