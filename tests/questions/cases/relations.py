"""Relations: two spans by arrow keys and b, or by clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Relations, Spans, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_TEXT = "Ada works at Acme in Oslo."


def by_keys(widget: Widget) -> None:
    """Mark the first and the last words, go to the relations, and relate the one to the other both ways."""
    widget.press("ArrowRight", "1", "End", "ArrowLeft", "2")
    widget.press("PageDown", "ArrowRight", "b", "ArrowRight", "1", "Escape")
    widget.press("Escape", "ArrowLeft", "b", "ArrowLeft", "2", "Escape")


def by_mouse(widget: Widget) -> None:
    """Drag over the words, click them in turn, and the labels."""
    from tests.ui.marking import TextSurface

    surface = TextSurface(widget)
    for start, end, label in ((0, 3, "person"), (21, 25, "place")):
        surface.drag(_TEXT, start, end)
        widget.button(label).click()
    widget.root.locator(".ja-question").nth(1).locator(".ja-question-title").click()
    chips = widget.root.locator(".ja-mark + .ja-mark-label")
    for first, second, label in ((0, 1, "lives"), (1, 0, "houses")):
        chips.nth(first).click()
        chips.nth(second).click()
        widget.button(label).click()


_ADA: dict[str, Any] = {"start": 0, "end": 3, "label": "person"}
_OSLO: dict[str, Any] = {"start": 21, "end": 25, "label": "place"}
_IN: dict[str, Any] = {"head": _ADA, "tail": _OSLO, "label": "lives"}
_OF: dict[str, Any] = {"head": _OSLO, "tail": _ADA, "label": "houses"}

CASE = Case(
    question=Relations("q", ["lives", "houses"], between="who"),
    fields=(Text("text"),),
    item={"text": _TEXT},
    others=(Spans("who", ["person", "place"]),),
    beside={"who": [{**_ADA, "text": "Ada"}, {**_OSLO, "text": "Oslo"}]},
    good=(
        ([_OF, {**_IN, "head": {**_ADA, "text": "Ada"}}], [_IN, _OF]),
        ([], []),
    ),
    bad=(
        None,
        _IN,
        [_IN, _IN],
        [{**_IN, "label": "meh"}],
        [{**_IN, "tail": _ADA}],
        [{**_IN, "tail": {"start": 21, "end": 25}}],
        [{**_IN, "tail": {**_OSLO, "end": 99}}],
        [{**_IN, "tail": {**_OSLO, "start": "21"}}],
        [{**_IN, "tail": {**_OSLO, "start": True}}],
        [{**_IN, "tail": None}],
        [{"head": _ADA, "label": "lives"}],
    ),
    labels=tuple(
        {"label": each["label"]}
        | {f"{end}_{part}": each[end][part] for end in ("head", "tail") for part in ("start", "end", "label")}
        for each in (_IN, _OF)
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_IN, _OF],
)
