"""Time segments: begun and ended at the playhead, or dragged over the wave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Audio, TimeSegments
from tests.fields.cases.audio import is_playable
from tests.questions.cases import Case
from tests.recordings import wav

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Begin after a second, end a second later with a label; then one from two seconds to the end."""
    is_playable(widget, "04.0")
    widget.press("ArrowRight", "b", "ArrowRight", "1", "Escape", "b", "End", "b", "2", "Escape")


def by_mouse(widget: Widget) -> None:
    """Drag over the second second, and from there to the end; click the labels."""
    is_playable(widget, "04.0")
    timeline = widget.root.locator(".ja-timeline")
    timeline.scroll_into_view_if_needed()
    rect = timeline.bounding_box()
    assert rect is not None
    for start, end, label in ((1, 2, "agent"), (2.2, 4, "caller")):
        y = rect["y"] + 40
        widget.page.mouse.move(rect["x"] + rect["width"] * start / 4, y)
        widget.page.mouse.down()
        widget.page.mouse.move(rect["x"] + rect["width"] * (start + end) / 8, y)
        widget.page.mouse.move(rect["x"] + rect["width"] * end / 4 + (5 if end == 4 else 0), y)
        widget.page.mouse.up()
        widget.button(label).click()


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Compare segments to a quarter of a second: a mouse stops at whole pixels of the screen."""
    return len(found) == len(wanted) and all(map(_near, found, wanted))


def _near(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one["label"] == other["label"] and all(abs(one[edge] - other[edge]) <= 0.25 for edge in _EDGES)


_EDGES = ("start", "end")
_AGENT: dict[str, Any] = {"start": 1.0, "end": 2.0, "label": "agent"}
_CALLER: dict[str, Any] = {"start": 2.0, "end": 4.0, "label": "caller"}

CASE = Case(
    question=TimeSegments("q", ["agent", "caller"]),
    fields=(Audio("call"),),
    item={"call": wav(4)},
    good=(
        ([_CALLER, {**_AGENT, "start": 1}], [_AGENT, _CALLER]),
        ([{**_AGENT, "end": 1.23456}], [{**_AGENT, "end": 1.235}]),
        ([], []),
    ),
    bad=(
        None,
        _AGENT,
        [_AGENT, _AGENT],
        [{**_AGENT, "label": "meh"}],
        [{**_AGENT, "end": 4.2}],
        [{**_AGENT, "end": 1.0}],
        [{**_AGENT, "end": 1.0004}],
        [{**_AGENT, "start": -0.1}],
        [{**_AGENT, "start": "1"}],
        [{**_AGENT, "start": True}],
        [{**_AGENT, "end": float("nan")}],
        [{"start": 1, "label": "agent"}],
    ),
    labels=(_AGENT, _CALLER),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_AGENT, _CALLER],
    matches=same,
)
