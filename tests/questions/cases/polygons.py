"""Polygons: corners by the crosshair, or by clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Image, Polygons
from tests.pictures import png
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def wait(widget: Widget) -> None:
    """Wait until the image is decoded and can be drawn on."""
    picture = widget.root.locator(".ja-stage-image").element_handle()
    widget.page.wait_for_function("e => e.complete && e.naturalWidth === 320 && e.width > 100", arg=picture)


def by_keys(widget: Widget) -> None:
    """Set three corners from the middle on, end the outline, and label it."""
    wait(widget)
    right, down = ["ArrowRight"] * 4, ["ArrowDown"] * 3
    widget.press("b", *right, "b", *down, "b", "Enter", "2")


def by_mouse(widget: Widget) -> None:
    """Click three corners and the first one again, and label it."""
    wait(widget)
    picture = widget.root.locator(".ja-stage-image")
    picture.scroll_into_view_if_needed()
    rect = picture.bounding_box()
    assert rect is not None
    scale = rect["width"] / 320
    for x, y in ((160, 120), (200, 120), (200, 150), (160, 120)):
        widget.page.mouse.click(rect["x"] + x * scale, rect["y"] + y * scale)
    widget.button("lake").click()


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Compare outlines to two pixels: a mouse stops at whole pixels of the screen."""
    return len(found) == len(wanted) and all(map(_near, found, wanted))


def _near(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = list(zip(one["points"], other["points"], strict=False))
    apart = [abs(a - b) for p, q in pairs for a, b in zip(p, q, strict=True)]
    return one["label"] == other["label"] and len(one["points"]) == len(pairs) and max(apart) <= 2


_OUTLINE: dict[str, Any] = {"points": [[160.0, 120.0], [200.0, 120.0], [200.0, 150.0]], "label": "lake"}

CASE = Case(
    question=Polygons("q", ["field", "lake"]),
    fields=(Image("image"),),
    item={"image": png(320, 240)},
    good=(([{**_OUTLINE, "points": [[160, 120], [200, 120], [200, 150]]}], [_OUTLINE]), ([], [])),
    bad=(
        None,
        _OUTLINE,
        [{**_OUTLINE, "label": "meh"}],
        [{**_OUTLINE, "points": [[0, 0], [1, 1]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], [400, 9]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], [9, -1]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], [18, 0]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 9], [9, 0], [0, 9]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], ["9", 9]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], [9, True]]}],
        [{**_OUTLINE, "points": [[0, 0], [9, 0], [9, float("nan")]]}],
        [{"label": "lake"}],
    ),
    labels=(_OUTLINE | {"points": _OUTLINE["points"]},),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_OUTLINE],
    matches=same,
)
