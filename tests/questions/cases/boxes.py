"""Boxes: a crosshair moved by arrow keys, or a drag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import Boxes, Image
from tests.pictures import png
from tests.questions.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Begin at the middle, go four steps right and three down, end there, and label it."""
    from tests.ui.marking import ImageSurface

    ImageSurface(widget).wait()
    widget.press("ArrowRight", "ArrowLeft", "b", *["ArrowRight"] * 4, *["ArrowDown"] * 3, "b", "2")


def by_mouse(widget: Widget) -> None:
    """Drag, and click the label."""
    from tests.ui.marking import ImageSurface

    surface = ImageSurface(widget)
    surface.wait()
    surface.draw(surface.on_page(160, 120), surface.on_page(200, 150))
    widget.button("white").click()


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Compare boxes to two pixels: a mouse stops at whole pixels of the screen."""
    return len(found) == len(wanted) and all(map(_near, found, wanted))


def _near(one: dict[str, Any], other: dict[str, Any]) -> bool:
    sides = ("x", "y", "width", "height")
    return one["label"] == other["label"] and all(abs(one[s] - other[s]) <= 2 for s in sides)


_BOX: dict[str, Any] = {"x": 160.0, "y": 120.0, "width": 40.0, "height": 30.0, "label": "white"}

CASE = Case(
    question=Boxes("q", ["red", "white"]),
    fields=(Image("image"),),
    item={"image": png(320, 240)},
    good=(([{**_BOX, "x": 160, "width": 40}], [_BOX]), ([], [])),
    bad=(None, _BOX, [{**_BOX, "x": 300}], [{**_BOX, "label": "meh"}], [{**_BOX, "width": 0}], [{"x": 1}]),
    labels=(_BOX,),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_BOX],
    matches=same,
)
