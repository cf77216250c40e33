"""Image: encoded bytes, at their own size or as wide as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Image
from jupyter_annotate.content import ImageSize
from tests.fields.cases import Case
from tests.pictures import png

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def is_decoded(widget: Widget) -> None:
    """Wait until the picture is there in its own size."""
    picture = widget.root.locator(".ja-image img").element_handle(timeout=30_000)
    widget.page.wait_for_function(
        "e => e.complete && e.naturalWidth === 320 && e.naturalHeight === 240", arg=picture
    )


def by_keys(widget: Widget) -> None:
    """Go nearer, move about, and back; the item stays."""
    is_decoded(widget)
    serial = widget.serial
    widget.press("+", "+", "ArrowRight", "ArrowDown")
    frame = widget.root.locator(".ja-image--near")
    assert frame.evaluate("e => [e.scrollLeft > 0, e.scrollTop > 0]") == [True, True]
    widget.press("]", "[", "0")
    assert frame.count() == 0
    assert widget.serial == serial


def by_mouse(widget: Widget) -> None:
    """Go nearer by button, and drag."""
    is_decoded(widget)
    widget.button("Zoom in").click()
    widget.button("Zoom in").click()
    frame = widget.root.locator(".ja-image--near")
    before = frame.evaluate("e => e.scrollLeft")
    rect = frame.bounding_box()
    assert rect is not None
    widget.page.mouse.move(rect["x"] + 100, rect["y"] + 100)
    widget.page.mouse.down()
    widget.page.mouse.move(rect["x"] + 70, rect["y"] + 100, steps=3)
    widget.page.mouse.up()
    assert abs(frame.evaluate("e => e.scrollLeft") - before - 30) <= 2


CASE = Case(
    field=Image("f"),
    good=((png(320, 240), ImageSize(320, 240)), (png(3, 2), ImageSize(3, 2))),
    bad=(
        pl.Series("f", [png(3, 2), b"no image"]),
        pl.Series("f", ["there-is-no-such-file.png"]),
        pl.Series("f", [1, 2]),
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
)
