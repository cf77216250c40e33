"""Several items at once, in JupyterLab and Notebook 7: by keys, by pointer, accessible; what is stored."""

from __future__ import annotations

import pytest

from tests.ui.conftest import OpenNotebook
from tests.ui.one_page import wrong_looks
from tests.ui.pages import Notebook, Widget, wait_until
from tests.ui.test_axe import AXE

_CELL = """
import io, json
import polars as pl
from PIL import Image
import jupyter_annotate as ja

def png(shade):
    made = io.BytesIO()
    Image.new("RGB", (120, 80), (shade, 90, 255 - shade)).save(made, "PNG")
    return made.getvalue()

count = 30
items = pl.DataFrame({
    "item_id": [str(n) for n in range(count)],
    "text": [f"What item {n} says. " * (1 + n % 5) for n in range(count)],
    "image": [png(8 * n) for n in range(count)],
})
schema = ja.Schema(
    ja.Text("text"), ja.Image("image"), ja.Choice("topic", ["food", "price", "place"]),
)
project = ja.Project.open(":memory:", schema=schema, items=items)
project.add_prelabels({"item_id": ["3", "4"], "value": ["price", "place"]}, source="rules")
ja.annotate(project, annotator="ada", bulk=12)
""".strip()
_ANSWERS = """{
    item: json.loads(value) for item, value in project.annotations().select("item_id", "value").iter_rows()
}"""
_TOGETHER = """[
    json.loads(context)["seen"]["together"]["items"]
    for context in project.events().filter(kind="answer")["context"]
]"""


@pytest.fixture
def shown(open_notebook: OpenNotebook) -> tuple[Notebook, Widget]:
    """Return a notebook and the widget in it, with twelve cards."""
    notebook = open_notebook([_CELL])
    notebook.page.add_script_tag(path=AXE)
    widget = notebook.show(0)
    assert widget.root.locator(".ja-card").count() == 12
    return notebook, widget


def stored(notebook: Notebook, wanted: dict[str, str]) -> None:
    """Wait until these answers are the ones that stand."""
    what = f"the answers {wanted}"
    wait_until(notebook.page, lambda: notebook.kernel.value(_ANSWERS) == wanted, what)


def test_several_items_by_keys_and_by_pointer(shown: tuple[Notebook, Widget]) -> None:
    """Chosen by keys, clicks and all; taken back whole; suggestions taken; the next page; one at a time."""
    notebook, widget = shown
    widget.focus()
    widget.press("Space", "Shift+ArrowRight", "2")
    stored(notebook, {"0": "price", "1": "price"})
    widget.press("z")
    stored(notebook, {})
    widget.press("1")
    stored(notebook, {"0": "food", "1": "food"})

    widget.root.get_by_label("Choose item 3", exact=True).click()
    widget.root.locator(".ja-card").nth(5).click(modifiers=["Shift"])
    widget.button("Accept").click()
    expected = {"0": "food", "1": "food", "3": "price", "4": "place"}
    stored(notebook, expected)
    widget.root.locator(".ja-card").nth(2).click()
    widget.root.locator(".ja-label", has_text="place").click()
    expected["2"] = "place"
    stored(notebook, expected)
    assert notebook.kernel.value(_TOGETHER) == [2, 2, 2, 2, 2, 2, 1]

    widget.focus()
    widget.press("Shift+A", "3", "Enter")
    expected |= {str(n): "place" for n in range(5, 12)}
    stored(notebook, expected)
    widget.root.get_by_label("Item 24", exact=True).wait_for()
    widget.press("ArrowRight", "Shift+B")
    widget.root.locator(".ja-text", has_text="What item 13 says.").wait_for()
    widget.decide("2")
    widget.wait_saved()
    stored(notebook, expected | {"13": "price"})


def test_cards_look_right(shown: tuple[Notebook, Widget]) -> None:
    """With some chosen and some answered, axe finds nothing in either theme and nothing sticks out."""
    notebook, widget = shown
    widget.focus()
    widget.press("1", "Space", "Shift+ArrowRight")
    widget.wait_saved()
    pictures = widget.root.locator(".ja-thumb")
    wait_until(
        notebook.page,
        lambda: all(each.evaluate("e => e.naturalWidth === 120") for each in pictures.all()),
        "twelve pictures",
    )
    assert wrong_looks(notebook, widget, "bulk") == {}
    widget.press("?")
    widget.root.get_by_text("choose all that wait, or none").wait_for()
