"""Accessibility and width: axe finds nothing inside the widget, and nothing sticks out of a narrow column."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from playwright.sync_api import expect

from tests.ui.conftest import OpenNotebook
from tests.ui.marking import ImageSurface
from tests.ui.pages import PATIENCE, Widget

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => {
  // What another library draws is not ours to mend.
  const where = { include: [[".ja-root:not([data-test-stale])"]], exclude: [["[data-ja-foreign]"]] };
  const found = await axe.run(where, { resultTypes: ["violations"] });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 150)}: ${failureSummary}`));
}"""
# What sticks out of the widget to the right, but for what scrolls inside it.
_OVERFLOW = """root => {
  const limit = root.getBoundingClientRect().right + 1;
  const scrolls = element => getComputedStyle(element).overflowX !== "visible";
  const hidden = element => {
    let up = element.parentElement;
    while (up && up !== root && !scrolls(up)) up = up.parentElement;
    return up !== root;
  };
  return [...root.querySelectorAll("*")]
    .filter(element => element.getBoundingClientRect().right > limit && !hidden(element))
    .map(element => element.outerHTML.slice(0, 120));
}"""

_START = """
import jupyter_annotate as ja
reviews = ja.samples.load_reviews()
messages = ja.samples.load_messages()
images = ja.samples.load_images()
def show(items, *parts, guesses=None):
    project = ja.Project.open(":memory:", schema=ja.Schema(*parts), items=items)
    if guesses is not None:
        found = items.select("item_id", value=guesses).with_columns(score=0.93)
        project.add_prelabels(found, source="tfidf-v1")
    guidelines = "# How\\n\\nRead it **twice**.\\n\\n- one\\n- two"
    return ja.annotate(project, annotator="ada", guidelines=guidelines)
text = ja.Text("text")
sentiment = ja.Choice("sentiment", ja.samples.SENTIMENTS, help="How it sounds.")
topics = ja.MultiChoice("topics", ja.samples.TOPICS)
entities = ja.Spans("entities", ja.samples.ENTITIES)
things = ja.Boxes("things", ja.samples.CELLS)
"""
#: Each surface: the cell that shows it, and the keys that bring it into its fullest state.
SURFACES = {
    "nothing decided": ("show(reviews, text, sentiment)", ()),
    "several questions": ("show(reviews, text, sentiment, topics)", ("1", "2", "Enter", "Space", "f")),
    "suggestion": ("show(reviews, text, sentiment, guesses='gold_sentiment')", ("a",)),
    "spans": ("show(messages, text, entities, guesses='gold_entities')", ("a", "s", "1")),
    "boxes": ("show(images, ja.Image('image'), things, guesses='gold_cells')", ("a", "s", "2")),
    "guidelines": ("show(reviews, text, sentiment)", ("g",)),
    "legend": ("show(reviews, text, sentiment)", ("?",)),
    "comment": ("show(reviews, text, sentiment)", ("c",)),
    "all done": ("show(reviews.head(2), text, sentiment)", ("1", "2")),
}


def bring(widget: Widget, keys: tuple[str, ...]) -> None:
    """Press the keys of a surface, once its image is there if it has one."""
    if widget.root.locator(".ja-boxes").count():
        ImageSurface(widget).wait()
    widget.press(*keys)
    widget.wait_saved()


def violations(widget: Widget) -> list[str]:
    """Return what axe finds wrong in the widget: rule, element and reason."""
    return cast("list[str]", widget.page.evaluate(_RUN))


def overflow(widget: Widget, width: int) -> list[str]:
    """Return what lies outside the widget in a column of this width."""
    widget.root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px` }", width)
    size = widget.root.bounding_box()
    assert size is not None
    assert size["width"] <= width
    return cast("list[str]", widget.root.evaluate(_OVERFLOW))


def test_every_surface_is_accessible_and_fits(open_notebook: OpenNotebook) -> None:
    """No surface breaks a rule of axe, light or dark, or sticks out of a column of 320 or 600 pixels."""
    assert AXE.exists(), "axe-core is missing: npm ci"
    notebook = open_notebook([_START.strip(), *(cell for cell, _ in SURFACES.values())])
    notebook.page.add_script_tag(path=AXE)
    notebook.run(0)
    found: dict[str, list[str]] = {}
    for number, (name, (_, keys)) in enumerate(SURFACES.items(), start=1):
        widget = notebook.show(number)
        bring(widget, keys)
        for theme in ("light", "dark"):
            notebook.choose_theme(theme)
            expect(widget.root).to_have_attribute("data-ja-theme", theme, timeout=PATIENCE)
            found[f"{name}, {theme}"] = violations(widget)
        for width in (320, 600):
            found[f"{name}, {width} px"] = overflow(widget, width)
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
