"""Spans in several pieces: a span, a further selection, and the key or the button that joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Spans, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_TEXT = "The left and right ventricle."


def by_keys(widget: Widget) -> None:
    """Label "left", add "ventricle"; label "right", add the same; take out of neither."""
    widget.press("ArrowRight", "ArrowRight", "1", "End", "ArrowLeft", "+")
    widget.press("Escape", *["ArrowRight"] * 4, "1", "ArrowRight", "+")


def by_mouse(widget: Widget) -> None:
    """Drag over each piece; a label makes the first a span, a button joins the second."""
    from tests.ui.marking import TextSurface

    surface = TextSurface(widget)
    for start, end in ((4, 8), (13, 18)):
        surface.drag(_TEXT, start, end)
        widget.button("heart").click()
        surface.drag(_TEXT, 19, 28)
        widget.button("Add the selection").click()


_LEFT: dict[str, Any] = {"start": 4, "end": 28, "label": "heart", "fragments": [[4, 8], [19, 28]]}
_RIGHT: dict[str, Any] = {"start": 13, "end": 28, "label": "heart"}
_ANSWER = [{**_LEFT, "text": "left ventricle"}, {**_RIGHT, "text": "right ventricle"}]
_ROWS: tuple[dict[str, Any], ...] = (_ANSWER[0], {**_ANSWER[1], "fragments": [[13, 28]]})

CASE = Case(
    question=Spans("q", ["heart", "side"], discontinuous=True),
    fields=(Text("text"),),
    item={"text": _TEXT},
    good=(
        ([_RIGHT, {**_LEFT, "fragments": [[19, 28], [4, 8]]}], _ANSWER),
        ([{**_RIGHT, "fragments": [[13, 18], [19, 28]]}], [_ANSWER[1]]),
        ([], []),
    ),
    bad=(
        None,
        _LEFT,
        [{**_LEFT, "end": 27}],
        [{**_LEFT, "fragments": [[4, 20], [19, 28]]}],
        [{**_LEFT, "fragments": []}],
        [_LEFT, _LEFT],
        [{**_LEFT, "text": "left and right ventricle"}],
    ),
    labels=_ROWS,
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=_ANSWER,
)
