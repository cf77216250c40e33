"""The keys: inside the widget they are its own, outside they are the notebook's, and Ctrl+S saves always."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import OpenNotebook
from tests.ui.pages import PATIENCE, Notebook, wait_until

_CELL = """
import jupyter_annotate as ja
items = {"item_id": [f"i{n}" for n in range(40)], "text": [f"Text number {n}." for n in range(40)]}
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad", "neither"]))
project = ja.Project.open(":memory:", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""
_TWO_CELLS = [_CELL.strip(), "'a second cell'"]

#: Those that insert, convert, cut, delete, merge or move cells in command mode, and all the widget's own.
KEYS = [
    *(
        "a",
        "b",
        "m",
        "y",
        "r",
        "x",
        "c",
        "Escape",
        "v",
        "z",
        "d",
        "d",
        "i",
        "0",
        "0",
        "l",
        "o",
        "h",
        "k",
        "j",
    ),
    *(
        "1",
        "2",
        "3",
        "9",
        "Delete",
        "Backspace",
        "Space",
        "Enter",
        "f",
        "g",
        "g",
        "w",
        "w",
        "?",
        "?",
        ",",
        ".",
    ),
    *("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "/", "Shift+M", "Shift+L"),
]


@pytest.fixture
def notebook(open_notebook: OpenNotebook) -> Notebook:
    """Return a notebook of two cells, the first of which shows the widget."""
    return open_notebook(_TWO_CELLS)


def written(notebook: Notebook) -> int:
    """Return when the notebook was saved last."""
    return notebook.file.stat().st_mtime_ns


def test_keys_of_the_widget_and_of_the_notebook(notebook: Notebook) -> None:
    """No key in the widget changes a cell, Ctrl+S saves, comments are typed, Escape gives the keys back."""
    widget = notebook.show()
    before = notebook.content()

    for key in KEYS:
        widget.focus()
        widget.press(key)
        assert notebook.content() == before, f"{key} changed the notebook"
    assert len(notebook.content()) == 2
    assert widget.serial > 3

    saved = written(notebook)
    widget.focus()
    widget.press("Control+s")
    wait_until(widget.page, lambda: written(notebook) > saved, "the notebook to be saved")
    widget.wait_saved()

    widget.focus()
    widget.press("c")
    box = widget.root.get_by_role("textbox")
    expect(box).to_be_focused(timeout=PATIENCE)
    widget.page.keyboard.type("abx dd 1m, x z?")
    expect(box).to_have_value("abx dd 1m, x z?")
    assert notebook.content() == before
    widget.press("Escape")
    expect(box).to_have_count(0)

    widget.focus()
    serial = widget.serial
    widget.press("Escape")
    expect(widget.root).not_to_be_focused()
    widget.press("b")
    wait_until(widget.page, lambda: len(notebook.content()) == 3, "the cell that b inserts")
    assert widget.serial == serial


def test_keys_outside_do_not_act_in_the_widget(notebook: Notebook) -> None:
    """While another cell has the focus its keys reach the notebook and no item is answered."""
    widget = notebook.show()
    serial = widget.serial
    notebook.cell(1).locator(".jp-InputPrompt").first.click()
    widget.press("1", "2", "Space")
    widget.press("b")

    wait_until(widget.page, lambda: len(notebook.content()) == 3, "the cell that b inserts")
    assert widget.serial == serial
    assert notebook.kernel.value("project.events().height") == notebook.kernel.value(
        "project.events().filter(project.events()['item_id'] == '').height"
    )
