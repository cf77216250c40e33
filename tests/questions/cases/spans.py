"""Spans: arrow keys and a label, or a drag and a click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Spans, Text
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_TEXT = "Ada met Grace in New York."


def by_keys(widget: Widget) -> None:
    """Select the first word and label it, then the two before the last piece."""
    widget.press("ArrowRight", "1", "End", "ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "2")


def by_mouse(widget: Widget) -> None:
    """Drag over the words and click the label."""
    from tests.ui.marking import TextSurface

    surface = TextSurface(widget)
    surface.drag(_TEXT, 0, 3)
    widget.button("person").click()
    surface.drag(_TEXT, 17, 25)
    widget.button("place").click()


_ADA: dict[str, Any] = {"start": 0, "end": 3, "label": "person"}
_NEW_YORK: dict[str, Any] = {"start": 17, "end": 25, "label": "place"}

CASE = Case(
    question=Spans("q", ["person", "place"]),
    fields=(Text("text"),),
    item={"text": _TEXT},
    good=(
        ([_NEW_YORK, _ADA], [{**_ADA, "text": "Ada"}, {**_NEW_YORK, "text": "New York"}]),
        ([], []),
    ),
    bad=(
        None,
        _ADA,
        [{**_ADA, "end": 99}],
        [{**_ADA, "label": "meh"}],
        [_ADA, _ADA],
        [{**_ADA, "text": "x"}],
    ),
    labels=({**_ADA, "text": "Ada"}, {**_NEW_YORK, "text": "New York"}),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[{**_ADA, "text": "Ada"}, {**_NEW_YORK, "text": "New York"}],
)
