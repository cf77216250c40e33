"""SoftLabel: votes by key, or by button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import SoftLabel, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Vote for one three times, for another once and for a third once and not after all."""
    widget.press("1", "1", "2", "1", "3", "Shift+Digit3")


def by_mouse(widget: Widget) -> None:
    """Do the same with the buttons."""
    for name, times in (("glad", 3), ("sad", 1)):
        for _ in range(times):
            widget.root.get_by_role("button", name=f"One vote more for {name}").click()


CASE = Case(
    question=SoftLabel("q", ["glad", "sad", "mixed"]),
    fields=(Text("text"),),
    item={"text": "Finally over, and I miss it already."},
    good=(
        ({"sad": 1, "glad": 3}, {"glad": 0.75, "sad": 0.25}),
        ({"glad": 0.3, "sad": 0.7, "mixed": 0}, {"glad": 0.3, "sad": 0.7}),
        ({"glad": 1, "sad": 1, "mixed": 1}, {"glad": 0.333333, "sad": 0.333333, "mixed": 0.333333}),
    ),
    bad=(
        {},
        {"meh": 1},
        {"glad": -1, "sad": 2},
        {"glad": 0},
        {"glad": "1"},
        {"glad": True},
        None,
        "glad",
    ),
    labels=({"label": "glad", "share": 0.75, "shares": {"glad": 0.75, "sad": 0.25, "mixed": 0.0}},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer={"glad": 0.75, "sad": 0.25},
)
