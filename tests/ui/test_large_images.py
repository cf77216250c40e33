"""A large image in JupyterLab: it comes smaller, and a box counts in pixels of the file."""

from __future__ import annotations

import pytest

from tests.ui.conftest import OpenNotebook
from tests.ui.marking import Box, ImageSurface
from tests.ui.pages import wait_until

_CELL = """
import io, json
import PIL.Image
import jupyter_annotate as ja
made = io.BytesIO()
picture = PIL.Image.new("RGB", (8000, 5000), "white")
picture.paste("navy", (2000, 1000, 3000, 3000))
picture.save(made, "JPEG")
schema = ja.Schema(ja.Image("scan"), ja.Boxes("things", ["thing"]))
items = {"item_id": ["1"], "scan": [made.getvalue()]}
project = ja.Project.open(":memory:", schema=schema, items=items)
ja.annotate(project, annotator="ada")
""".strip()


@pytest.mark.parametrize("app", ["lab"], indirect=True)
def test_a_box_on_a_large_image_counts_in_pixels_of_the_file(open_notebook: OpenNotebook) -> None:
    """Forty million pixels are shown as thirty-two; the box around the blue part is where it is in the file."""
    notebook = open_notebook([_CELL])
    widget = notebook.show(0)
    surface = ImageSurface(widget)
    surface.wait()
    assert widget.root.locator(".ja-stage-image").evaluate("e => e.naturalWidth * e.naturalHeight") < 32_000_001
    surface.draw(Box(2000, 1000, 1000, 2000), "1")
    widget.press("Enter")
    widget.wait_saved()
    stored = "json.loads(project.annotations()['value'][0])"
    wait_until(notebook.page, lambda: notebook.kernel.value("len(project.annotations())") == 1, "a box")
    (box,) = notebook.kernel.value(stored)
    # One pixel of the screen is some ten of the file.
    assert [box["x"], box["y"], box["width"], box["height"]] == pytest.approx([2000, 1000, 1000, 2000], abs=20)
