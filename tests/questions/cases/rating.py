"""Rating: one key, or one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Rating, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Press the digit."""
    widget.press("4")


def by_mouse(widget: Widget) -> None:
    """Click the point."""
    widget.root.locator(".ja-rating").get_by_role("button", name="4").click()


CASE = Case(
    question=Rating("q", 5, low="poor", high="excellent"),
    fields=(Text("text"),),
    item={"text": "Warm soup, cold staff."},
    good=((4, 4), (1, 1), (5.0, 5)),
    bad=(0, 6, 2.5, "4", None, True, [4]),
    labels=({"label": 4},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=4,
    at_once=True,
)
