"""Taxonomy: down the tree by digits, or by clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_annotate import Taxonomy, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_TREE = {"animal": {"dog": {}, "cat": {}, "fish": {"carp": {}, "pike": {}}}, "plant": {"oak": None}}


def by_keys(widget: Widget) -> None:
    """Walk to one leaf, and search for the other."""
    widget.press("1", "3", "2", "/")
    widget.page.keyboard.type("OAK")
    widget.press("Enter")


def by_mouse(widget: Widget) -> None:
    """Click through the tree, back up and down another branch."""
    for name in ("animal", "fish", "pike", "animal", "top", "plant", "oak"):
        widget.root.locator(".ja-taxonomy button").filter(has_text=name).first.click()


CASE = Case(
    question=Taxonomy("q", _TREE, multiple=True),
    fields=(Text("text"),),
    item={"text": "A pike hid below an oak."},
    good=((["plant/oak", "animal/fish/pike"], ["animal/fish/pike", "plant/oak"]), ([], [])),
    bad=(None, "plant/oak", ["oak"], ["animal"], ["plant/oak", "plant/oak"], [1]),
    labels=({"label": ["animal/fish/pike", "plant/oak"]},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=["animal/fish/pike", "plant/oak"],
)
