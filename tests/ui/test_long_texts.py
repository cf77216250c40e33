"""A text of ten million characters, marked at its beginning and at its end, in a page that bears it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.marking import utf16
from tests.ui.pages import PATIENCE, Notebook, Widget, write_notebook
from tests.ui.servers import Server

_LENGTH = 10_000_000
_CELL = """
import jupyter_annotate as ja
from tests.ui.test_long_texts import long_text
schema = ja.Schema(ja.Text("text"), ja.Spans("who", ["person", "place"]))
def show(line_ends):
    global project
    items = {"item_id": ["i"], "text": [long_text(line_ends)]}
    project = ja.Project.open(":memory:", schema=schema, items=items)
    return ja.annotate(project, annotator="ada")
def found():
    import json
    return json.loads(project.annotations()["value"][0])
"""
_COUNT = "root => root.querySelectorAll('*').length"
# The middle of a reach of the text in the block that ends it, where the browser shows it.
_PLACE = """([host, last, word]) => {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  let node = null;
  if (last) {
    let at = host;
    while (at.lastChild) at = at.lastChild;
    node = at;
  } else node = walker.nextNode();
  const from = last ? node.data.lastIndexOf(word) : node.data.indexOf(word);
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, from + word.length);
  const { left, right, top, bottom } = range.getBoundingClientRect();
  return [left + 2, right - 2, (top + bottom) / 2];
}"""
_SCROLL = "(host, to) => { host.scrollTop = to }"


def long_text(line_ends: bool) -> str:  # noqa: FBT001 -- called from a cell
    """Make a text of ten million code points, some of two units, with a name at either end."""
    first, last = "Ada met \U0001f600 Grace here", "and then Zoe left Utrecht \U0001f600 for good."
    between = "\n" if line_ends else " "
    part = between.join(
        ["machines that weave patterns \U0001f600 when letters wrote about looms years ago"] * 100
    )
    middle = (between + part) * (_LENGTH // len(part) + 1)
    return first + middle[: _LENGTH - len(first) - len(last) - 1] + between + last


@pytest.fixture(scope="module")
def notebook(chromium: Browser, servers: Mapping[str, Server]) -> Iterator[Notebook]:
    """Return a notebook that shows such texts, in JupyterLab."""
    server = servers["lab"]
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    path = write_notebook(server, "long-texts", [_CELL, "show(True)", "show(False)"])
    opened = Notebook(server, path, context.new_page())
    opened.open()
    opened.run(0)
    yield opened
    context.close()
    server.shut_down_kernels()


def drag(widget: Widget, word: str, *, last: bool) -> None:
    """Select a word with the mouse, in the first or in the last block."""
    host = widget.root.locator(".ja-spans").element_handle()
    left, right, y = cast("list[float]", widget.page.evaluate(_PLACE, [host, last, word]))
    mouse = widget.page.mouse
    mouse.move(left, y)
    mouse.down()
    mouse.move(right, y, steps=4)
    mouse.up()


def to_the_end(widget: Widget) -> None:
    """Scroll to the end, which moves while heights that were estimated become known."""
    host = widget.root.locator(".ja-spans")
    for _ in range(6):
        host.evaluate(_SCROLL, 1e9)
        widget.page.wait_for_timeout(100)


@pytest.mark.parametrize("line_ends", [True, False], ids=["lines", "no line ends"])
def test_a_long_text_is_marked_at_both_ends(notebook: Notebook, line_ends: bool) -> None:  # noqa: FBT001
    """Marks made by mouse and keys in the first screen and in the last one have the offsets of Python."""
    text = long_text(line_ends)
    widget = notebook.show(1 if line_ends else 2)
    status = widget.root.locator("[role=status]").filter(has_text="“")

    drag(widget, "Grace", last=False)
    expect(status).to_contain_text("Grace", timeout=PATIENCE)
    widget.press("1", "Escape")
    to_the_end(widget)
    drag(widget, "Utrecht", last=True)
    expect(status).to_contain_text("Utrecht", timeout=PATIENCE)
    widget.press("2", "Escape")
    # From nowhere the left arrow goes to the last piece, the point; then back over six words to the name.
    widget.press(*["ArrowLeft"] * 7)
    expect(status).to_contain_text("Zoe")
    widget.press("1")
    chosen = widget.root.locator("mark.ja-chosen")
    expect(chosen).to_be_in_viewport()
    assert widget.root.evaluate(_COUNT) < 12_000
    widget.focus()
    widget.press("Enter")
    widget.wait_saved()

    found = notebook.kernel.value("found()")
    assert len(text) == _LENGTH
    assert utf16(text, _LENGTH) > _LENGTH
    assert [(each["text"], each["label"]) for each in found] == [
        ("Grace", "person"),
        ("Zoe", "person"),
        ("Utrecht", "place"),
    ]
    assert [text[each["start"] : each["end"]] for each in found] == ["Grace", "Zoe", "Utrecht"]
