"""Keypoints: placed at the crosshair, or by clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Image, Keypoints
from tests.pictures import png
from tests.questions.cases import Case
from tests.questions.cases.polygons import wait

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Place the first point in the middle and the next one beside it, which is hidden."""
    wait(widget)
    widget.press("b", *["ArrowRight"] * 4, "b", "2", "v", "Escape")


def by_mouse(widget: Widget) -> None:
    """Click both places, choose the second, and say that it is hidden."""
    wait(widget)
    picture = widget.root.locator(".ja-stage-image")
    picture.scroll_into_view_if_needed()
    rect = picture.bounding_box()
    assert rect is not None
    scale = rect["width"] / 320
    for x, y in ((160, 120), (200, 120), (200, 120)):
        widget.page.mouse.click(rect["x"] + x * scale, rect["y"] + y * scale)
    widget.button("The chosen point is hidden in the image").click()


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Compare points to two pixels: a mouse stops at whole pixels of the screen."""
    return len(found) == len(wanted) and all(map(_near, found, wanted))


def _near(one: dict[str, Any], other: dict[str, Any]) -> bool:
    alike = all(one[part] == other[part] for part in ("label", "visible"))
    return alike and all(abs(one[side] - other[side]) <= 2 for side in ("x", "y"))


_NOSE: dict[str, Any] = {"x": 160.0, "y": 120.0, "visible": True, "label": "nose"}
_CHIN: dict[str, Any] = {"x": 200.0, "y": 120.0, "visible": False, "label": "chin"}

CASE = Case(
    question=Keypoints("q", ["nose", "chin", "ear"], edges=[("nose", "chin")]),
    fields=(Image("image"),),
    item={"image": png(320, 240)},
    good=(([_CHIN, {"x": 160, "y": 120, "label": "nose"}], [_NOSE, _CHIN]), ([], [])),
    bad=(
        None,
        _NOSE,
        [_NOSE, {**_NOSE, "x": 1}],
        [{**_NOSE, "label": "meh"}],
        [{**_NOSE, "x": 321}],
        [{**_NOSE, "y": -1}],
        [{**_NOSE, "y": "1"}],
        [{**_NOSE, "y": True}],
        [{**_NOSE, "y": float("nan")}],
        [{**_NOSE, "visible": 1}],
        [{"label": "nose", "x": 1}],
    ),
    labels=(_NOSE, _CHIN),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_NOSE, _CHIN],
    matches=same,
)
