"""Ranking: each option's key in turn, or clicks; the order is by lot, so the page is asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Ranking, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def key_of(widget: Widget, option: str) -> str:
    """Return the key that stands before an option not ranked yet."""
    row = widget.root.locator(".ja-label").filter(has_text=option)
    return row.locator("kbd").inner_text()


def by_keys(widget: Widget) -> None:
    """Take up the best, then two that are as good as each other."""
    widget.press(key_of(widget, "tea"))
    widget.press(key_of(widget, "milk"))
    widget.press(f"Shift+Digit{key_of(widget, 'cocoa')}")


def by_mouse(widget: Widget) -> None:
    """Take up all in another order, and move and tie them: by a button, and dragged."""
    for option in ("milk", "tea", "cocoa"):
        widget.root.locator(".ja-label").filter(has_text=option).click()
    widget.button("Move tea up").click()
    row = widget.root.locator(".ja-ranking-option")
    row.filter(has_text="cocoa").locator(".ja-ranking-name").drag_to(row.filter(has_text="milk"))


_ANSWER = [["tea"], ["cocoa", "milk"]]

CASE = Case(
    question=Ranking("q", ["cocoa", "milk", "tea"]),
    fields=(Text("text"),),
    item={"text": "What goes with a biscuit?"},
    good=(
        (_ANSWER, _ANSWER),
        (["tea", ["milk", "cocoa"]], _ANSWER),
        ([["milk", "tea", "cocoa"]], [["cocoa", "milk", "tea"]]),
    ),
    bad=(
        None,
        [],
        [[]],
        ["tea", "milk"],
        ["tea", "milk", "cocoa", "tea"],
        ["tea", "milk", "beer"],
        [["tea"], ["milk"], ["cocoa"], []],
        {"tea": 1},
    ),
    labels=({"label": "tea", "rank": 1}, {"label": "cocoa", "rank": 2}, {"label": "milk", "rank": 2}),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=_ANSWER,
)
