"""Boxes that are turned: by brackets, or by the handle above the box."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_annotate import Boxes, Image
from tests.pictures import png
from tests.questions.cases import Case
from tests.questions.cases.boxes import by_keys as draw_by_keys
from tests.questions.cases.boxes import by_mouse as draw_by_mouse
from tests.questions.cases.boxes import same

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def by_keys(widget: Widget) -> None:
    """Draw a box, and turn it by two steps of fifteen degrees and three of one, two of them back."""
    draw_by_keys(widget)
    widget.press("Shift+BracketRight", "Shift+BracketRight", "]", "[", "[", "]")


def by_mouse(widget: Widget) -> None:
    """Draw a box, and drag its handle with Shift a little more than thirty degrees around the centre."""
    from tests.ui.marking import ImageSurface

    draw_by_mouse(widget)
    centre = ImageSurface(widget).on_page(180, 135)
    at = widget.root.locator(".ja-box-turner").bounding_box()
    assert at is not None
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    far, angle = math.dist((x, y), centre), math.radians(33)
    page = widget.page
    page.mouse.move(x, y)
    page.mouse.down()
    page.keyboard.down("Shift")
    page.mouse.move(centre[0] + far * math.sin(angle), centre[1] - far * math.cos(angle), steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")


def near(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Compare boxes to two pixels, and their rotation to a hundredth of a degree."""
    turns = [[round(each["rotation"], 2) for each in boxes] for boxes in (found, wanted)]
    return same(found, wanted) and turns[0] == turns[1]


_BOX: dict[str, Any] = {
    "x": 160.0,
    "y": 120.0,
    "width": 40.0,
    "height": 30.0,
    "rotation": 30.0,
    "label": "white",
}

CASE = Case(
    question=Boxes("q", ["red", "white"], rotated=True),
    fields=(Image("image"),),
    item={"image": png(320, 240)},
    good=(
        ([{**_BOX, "rotation": -330}], [_BOX]),
        ([{**_BOX, "x": 300, "rotation": 400}], [{**_BOX, "x": 300.0, "rotation": 40.0}]),
        ([], []),
    ),
    bad=(None, _BOX, [{**_BOX, "x": 301}], [{**_BOX, "rotation": "30"}], [{**_BOX, "width": 0}]),
    labels=(_BOX,),
    by_keys=by_keys,
    by_mouse=by_mouse,
    answer=[_BOX],
    matches=near,
)
