"""Layout: whatever is shown, the labels stay beside it, in the cell and in the full page."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.ui.conftest import OpenNotebook
from tests.ui.marking import ImageSurface
from tests.ui.pages import PATIENCE, Notebook, Widget

_LONG = """
import jupyter_annotate as ja
text = "\\n".join(f"Line {n} of a text that goes on and on for a while." for n in range(400))
items = {"item_id": ["a"], "text": [text]}
schema = ja.Schema(ja.Text("text"), ja.Spans("names", ["person"]), ja.Choice("mood", ["glad", "sad"]))
ja.annotate(ja.Project.open(":memory:", schema=schema, items=items), annotator="ada")
"""
_IMAGE = """
import jupyter_annotate as ja
schema = ja.Schema(ja.Image("image"), ja.Boxes("cells", ja.samples.CELLS))
ja.annotate(ja.Project.open(":memory:", schema=schema, items=ja.samples.load_images()), annotator="ada")
"""


def edge(part: Locator, side: str) -> float:
    """Return where a part begins or ends, in CSS pixels of the window."""
    found: float = part.evaluate("(e, side) => e.getBoundingClientRect()[side]", side)
    return found


def beside(widget: Widget) -> None:
    """Expect that the content ends before the labels begin."""
    content, panels = widget.root.locator(".ja-content > *").last, widget.root.locator(".ja-panels")
    assert edge(content, "bottom") <= edge(panels, "top") + 1


def in_both_sizes(notebook: Notebook, number: int) -> Widget:
    """Show a widget and look at it in its cell and in the full page."""
    widget = notebook.show(number)
    if widget.root.locator(".ja-boxes").count():
        ImageSurface(widget).wait()
    beside(widget)
    widget.press("w")
    expect(widget.root).to_have_class("ja-root ja-root--full", timeout=PATIENCE)
    beside(widget)
    widget.press("w")
    return widget


def test_nothing_runs_over_the_labels(open_notebook: OpenNotebook) -> None:
    """A text of 400 lines and an image end where the labels begin, and the labels are within reach."""
    notebook = open_notebook([_LONG.strip(), _IMAGE.strip()])
    notebook.page.set_viewport_size({"width": 1280, "height": 720})
    for number in (0, 1):
        widget = in_both_sizes(notebook, number)
        height = widget.root.bounding_box()
        assert height is not None
        assert height["height"] < 1.5 * 720
