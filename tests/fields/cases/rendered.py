"""Rendered: widgets of a library, in a box, that keep their keys to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jupyter_annotate import Rendered
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget


def rendered(cell: str) -> Any:  # noqa: ANN401 -- a widget, which only kernels import
    """Return a box with a slider and a button that counts."""
    import ipywidgets

    slider = ipywidgets.IntSlider(value=3, max=9, description=cell)
    button = ipywidgets.Button(description="count 0")
    button.on_click(lambda _: setattr(button, "description", f"count {int(button.description[6:]) + 1}"))
    return ipywidgets.VBox([slider, button])


def by_keys(widget: Widget) -> None:
    """Move the slider with its own keys: the item stays; Escape gives the keys back."""
    handle = widget.root.locator(".ja-rendered [role=slider]")
    handle.wait_for(timeout=30_000)
    handle.focus()
    serial = widget.serial
    widget.press("ArrowRight", "ArrowRight")
    widget.root.locator(".ja-rendered .widget-readout", has_text="5").wait_for()
    assert widget.serial == serial
    widget.press("Escape")
    assert widget.root.evaluate("root => root.getRootNode().activeElement === root")


def by_mouse(widget: Widget) -> None:
    """Press its button, which asks the kernel."""
    button = widget.root.locator(".ja-rendered button")
    button.wait_for(timeout=30_000)
    button.click()
    widget.root.locator(".ja-rendered button", has_text="count 1").wait_for()


CASE = Case(
    field=Rendered("f", render=rendered),
    good=(("a", "a"), ("b", "b")),
    bad=(
        pl.Series("f", ["a", None]),
        pl.Series("f", [object()], dtype=pl.Object),
    ),
    by_keys=by_keys,
    by_mouse=by_mouse,
)
