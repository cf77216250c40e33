"""Controls in JupyterLab and Notebook 7: what is done in the page and in the kernel is in both."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.conftest import OpenNotebook
from tests.ui.pages import PATIENCE, Notebook, wait_until

_CELLS = [
    """
import ipywidgets
import jupyter_annotate as ja
from tests.pictures import png
spans = ja.TextSpans("Ada met Grace.", ["person", "place"])
topics = ja.Choices(["food", "price"], several=True)
boxes = ja.ImageBoxes(png(320, 240), ["cell"])
better = ja.TextPreference("Four.", "It is **5**.", prompt="What is 2 + 2?")
ipywidgets.VBox([spans, topics, better])
""".strip(),
    "boxes",
]


def values(notebook: Notebook) -> list[object]:
    """Return what the kernel has as answers."""
    found: list[object] = notebook.kernel.value("[spans.value, topics.value, boxes.value, better.value]")
    return found


def test_a_control_is_a_widget_like_any_other(open_notebook: OpenNotebook) -> None:
    """Keys and clicks change the value, Python what is shown; two schemas look right on one page."""
    notebook = open_notebook(_CELLS)
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    controls = page.locator(".ja-root--control")
    expect(controls).to_have_count(4, timeout=2 * PATIENCE)
    spans, topics, better, boxes = (controls.nth(at) for at in range(4))

    spans.focus()
    for key in ("ArrowRight", "1"):
        page.keyboard.press(key)
    topics.get_by_role("checkbox", name="price").click()
    left = better.locator(".ja-preference-side").first.inner_text()
    better.get_by_role("button", name="Left better" if "Four." in left else "Right better").click()
    ada = {"start": 0, "end": 3, "label": "person", "text": "Ada"}
    wanted: list[object] = [[ada], ["price"], None, {"better": "first"}]
    wait_until(page, lambda: values(notebook) == wanted, "the answers of three controls")

    picture = boxes.locator("img").element_handle(timeout=PATIENCE)
    page.wait_for_function("e => e.complete && e.naturalWidth === 320 && e.width > 100", arg=picture)
    boxes.focus()
    for key in ("b", "ArrowRight", "ArrowDown", "b"):
        page.keyboard.press(key)
    wait_until(page, lambda: len(values(notebook)[2] or []) == 1, "a box")  # type: ignore[arg-type]  # a list

    notebook.kernel.run("topics.value = ['food']; spans.value = []")
    expect(topics.get_by_role("checkbox", name="food")).to_have_attribute(
        "aria-checked", "true", timeout=PATIENCE
    )
    expect(topics.get_by_role("checkbox", name="price")).to_have_attribute("aria-checked", "false")
    expect(spans.locator(".ja-mark")).to_have_count(0)
    # The style sheets of both schemas are in force.
    assert boxes.locator(".ja-boxes-frame").evaluate("e => getComputedStyle(e).overflow") == "auto"
    # Once to put down the box, once to leave.
    for _ in range(2):
        page.keyboard.press("Escape")
    expect(boxes).not_to_be_focused()
