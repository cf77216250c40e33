"""Choice: one key, or one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Choice, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Press the key of the label."""
    widget.press("2")


def by_mouse(widget: Widget) -> None:
    """Click the label."""
    widget.button("sad").click()


CASE = Case(
    question=Choice("q", ["glad", "sad"]),
    fields=(Text("text"),),
    item={"text": "It rained all day."},
    good=(("sad", "sad"), ("glad", "glad")),
    bad=("meh", None, 1, ["sad"], {"label": "sad"}),
    labels=({"label": "sad"},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer="sad",
    at_once=True,
)
