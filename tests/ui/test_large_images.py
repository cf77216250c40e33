"""A large image in JupyterLab: it comes smaller, and a box counts in pixels of the file."""

from __future__ import annotations

import pytest

from tests.ui.conftest import OpenNotebook
from tests.ui.marking import ImageSurface
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
    """Forty million pixels are shown as thirty-two; a box is where it would be in the file."""
    notebook = open_notebook([_CELL])
    widget = notebook.show(0)
    surface = ImageSurface(widget)
    surface.wait()
    width, height = surface.picture.evaluate("e => [e.naturalWidth, e.naturalHeight]")
    assert 31_900_000 < width * height <= 32_000_000
    share = width / 8000
    start, end = (surface.on_page(share * x, share * y) for x, y in ((2000, 1000), (3000, 3000)))
    surface.draw(start, end)
    widget.press("1", "Enter")
    widget.wait_saved()
    stored = "json.loads(project.annotations()['value'][0])"
    wait_until(notebook.page, lambda: notebook.kernel.value("len(project.annotations())") == 1, "a box")
    (box,) = notebook.kernel.value(stored)
    # One pixel of the screen is some ten of the file.
    sides = [box[each] for each in ("x", "y", "width", "height")]
    assert sides == pytest.approx([2000, 1000, 1000, 2000], abs=20)
