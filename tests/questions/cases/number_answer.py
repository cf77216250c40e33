"""NumberAnswer: digits typed, or the field clicked and filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import NumberAnswer, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Type the number with a comma, and leave the field."""
    widget.press("4", "2", ",", "5", "Escape")


def by_mouse(widget: Widget) -> None:
    """Click into the field and type, and leave it by a click on the title."""
    box = widget.root.get_by_role("textbox")
    box.click()
    box.fill("42.5")
    widget.root.locator(".ja-question-title").click()


CASE = Case(
    question=NumberAnswer("q", minimum=0, maximum=120, step=0.5, unit="minutes"),
    fields=(Text("text"),),
    item={"text": "The meeting took the better part of an hour."},
    good=((42.5, 42.5), (0, 0.0), (120, 120.0), (-0.0, 0.0)),
    bad=(-1, 121, 42.25, "42", None, True, [1], float("inf")),
    labels=({"label": 42.5},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=42.5,
)
