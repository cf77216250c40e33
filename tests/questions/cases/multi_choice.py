"""MultiChoice: some keys, or some clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import MultiChoice, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Press the keys of two labels."""
    widget.press("3", "1")


def by_mouse(widget: Widget) -> None:
    """Click two labels; they are checkboxes."""
    for name in ("price", "food"):
        widget.root.get_by_role("checkbox", name=name).click()


CASE = Case(
    question=MultiChoice("q", ["food", "staff", "price"], maximum=2),
    fields=(Text("text"),),
    item={"text": "Cheap and good."},
    good=((["price", "food"], ["food", "price"]), ([], []), (["staff"], ["staff"])),
    bad=("food", None, ["food", "staff", "price"], ["meh"]),
    labels=({"label": ["food", "price"]},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=["food", "price"],
)
