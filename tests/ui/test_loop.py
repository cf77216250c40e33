"""The whole loop in the browser: label by keyboard alone, go back, correct, leave and come back."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import expect

from jupyter_annotate import Project
from tests.ui.conftest import OpenNotebook
from tests.ui.marking import ImageSurface, TextSurface
from tests.ui.pages import PATIENCE, Notebook, Widget, wait_until

_MOODS = """
import jupyter_annotate as ja
items = {"item_id": [f"i{n}" for n in range(1, 9)], "text": [f"Text number {n}." for n in range(1, 9)]}
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad", "neither"]))
project = ja.Project.open("moods", schema=schema, items=items)
"""
_ADA = """
guidelines = "# How to decide\\n\\nRead **twice**.\\n\\n- glad: joy\\n- sad: grief"
ja.annotate(project, annotator="ada", guidelines=guidelines)
"""
_GRACE = """
ja.annotate(project, annotator="grace")
"""


def events(notebook: Notebook, name: str) -> pl.DataFrame:
    """Read the events back from the store, in another process than the kernel."""
    with Project.open(notebook.file.parent / name, read_only=True) as project:
        return project.events()


def answers(notebook: Notebook, name: str, annotator: str = "ada") -> dict[tuple[str, str], Any]:
    """Return the standing answers of one annotator, by item and question."""
    with Project.open(notebook.file.parent / name, read_only=True) as project:
        frame = project.annotations().filter(pl.col("annotator_id") == annotator)
    rows = frame.select("item_id", "question", "value").iter_rows()
    return {(item, question): json.loads(value) for item, question, value in rows}


def moods(notebook: Notebook, annotator: str = "ada") -> dict[str, str]:
    """Return the standing moods of one annotator, by item."""
    return {item: value for (item, _), value in answers(notebook, "moods", annotator).items()}


def shows(widget: Widget, number: int) -> None:
    """Expect that this text is on the screen."""
    expect(widget.root.locator(".ja-text")).to_have_text(f"Text number {number}.", timeout=PATIENCE)


# --------------------------------------------------------------------------- by keyboard alone

_PARTS = """
import jupyter_annotate as ja
items = {"item_id": ["i1", "i2"], "text": ["Ada wrote to Grace.", "Nobody answered from Paris."]}
schema = ja.Schema(
    ja.Text("text"),
    ja.Spans("names", ["person", "place"]),
    ja.Choice("mood", ["glad", "sad"]),
)
project = ja.Project.open("parts", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""
_THINGS = """
import io
from PIL import Image
def picture():
    stream = io.BytesIO()
    Image.new("RGB", (400, 300), "#ccddee").save(stream, "PNG")
    return stream.getvalue()
images = {"item_id": ["p1"], "image": [picture()]}
drawing = ja.Schema(ja.Image("image"), ja.Boxes("things", ["dish", "cup"]), ja.Choice("sharp", ["yes", "no"]))
shelf = ja.Project.open("things", schema=drawing, items=images)
ja.annotate(shelf, annotator="ada")
"""


def test_everything_by_keyboard(open_notebook: OpenNotebook) -> None:
    """Two questions on a text and two on an image are answered without touching the mouse."""
    notebook = open_notebook([_PARTS.strip(), _THINGS.strip()])
    widget = notebook.show()
    surface = TextSurface(widget)
    surface.mark_by_keys("Ada wrote to Grace.", 0, 3, "1")
    surface.mark_by_keys("Ada wrote to Grace.", 13, 18, "1")
    widget.activate("mood")
    widget.decide("1", "Enter")
    surface.mark_by_keys("Nobody answered from Paris.", 21, 26, "2")
    widget.activate("mood")
    widget.decide("2", "Enter")
    widget.wait_saved()

    drawn = notebook.show(1)
    ImageSurface(drawn).wait()
    # From the middle, 200, 150: a corner at 160, 130 and the other at 230, 190.
    drawn.press(*["ArrowLeft"] * 4, *["ArrowUp"] * 2, "b")
    drawn.press(*["ArrowRight"] * 7, *["ArrowDown"] * 6, "2", "Escape")
    drawn.activate("sharp")
    drawn.decide("1", "Enter")
    drawn.wait_saved()

    assert answers(notebook, "parts") == {
        ("i1", "names"): [
            {"start": 0, "end": 3, "label": "person", "text": "Ada"},
            {"start": 13, "end": 18, "label": "person", "text": "Grace"},
        ],
        ("i1", "mood"): "glad",
        ("i2", "names"): [{"start": 21, "end": 26, "label": "place", "text": "Paris"}],
        ("i2", "mood"): "sad",
    }
    assert answers(notebook, "things") == {
        ("p1", "things"): [{"x": 160, "y": 130, "width": 70, "height": 60, "label": "cup"}],
        ("p1", "sharp"): "yes",
    }


# ------------------------------------------------------------------ going back and coming back


def test_skips_flags_and_comments(open_notebook: OpenNotebook) -> None:
    """An item can be skipped, flagged and commented on by key, and the log says so."""
    notebook = open_notebook([(_MOODS + _ADA).strip()])
    widget = notebook.show()
    widget.decide("1")
    widget.decide("Space")
    widget.press("f", "c")
    box = widget.root.get_by_role("textbox")
    expect(box).to_be_focused(timeout=PATIENCE)
    widget.page.keyboard.type("Hard to say – 🤔")
    widget.press("Enter")
    expect(box).to_have_count(0)
    widget.decide("3")
    widget.wait_saved()

    assert moods(notebook) == {"i1": "glad", "i3": "neither"}
    assert noted(notebook) == [
        ("skip", "i2", ""),
        ("flag", "i3", True),
        ("comment", "i3", "Hard to say – 🤔"),
    ]


def noted(notebook: Notebook) -> list[tuple[str, str, Any]]:
    """Return what was noted beside answers: kind, item and value."""
    rows = events(notebook, "moods").filter(pl.col("kind").is_in(["skip", "flag", "comment"]))
    triples = rows.select("kind", "item_id", "value").iter_rows()
    return [(kind, item, json.loads(value)) for kind, item, value in triples]


def test_decisions_can_be_corrected(open_notebook: OpenNotebook) -> None:
    """An item gone back to by key or history strip can be answered otherwise; the last answer counts."""
    notebook = open_notebook([(_MOODS + _ADA).strip()])
    widget = notebook.show()
    for key in ("1", "2", "Space", "3"):
        widget.decide(key)
    widget.decide(",")
    widget.decide(",")
    shows(widget, 3)
    widget.decide("2")
    shows(widget, 5)
    widget.history(2).click()
    shows(widget, 2)
    widget.focus()
    widget.decide("1")
    shows(widget, 5)
    widget.wait_saved()

    assert moods(notebook) == {"i1": "glad", "i2": "glad", "i3": "sad", "i4": "neither"}
    counts = events(notebook, "moods")["item_id"].value_counts()
    assert dict(counts.iter_rows())["i2"] == 2


def test_undo_reaches_behind_a_reload(open_notebook: OpenNotebook) -> None:
    """Undo brings back item after item with what was answered, also those decided before a reload."""
    notebook = open_notebook([(_MOODS + _ADA).strip()])
    widget = notebook.show()
    for key in ("1", "2", "Space", "3"):
        widget.decide(key)
    widget.decide("z")
    shows(widget, 4)
    widget.decide("1")
    widget.wait_saved()

    notebook.save()
    notebook.reload()
    widget = notebook.view()
    shows(widget, 5)
    for number in (4, 3, 2):
        widget.decide("z")
        shows(widget, number)
    expect(widget.button("sad")).to_have_attribute("aria-pressed", "true")
    widget.wait_saved()
    assert moods(notebook) == {"i1": "glad"}
    assert (events(notebook, "moods")["kind"] == "undo").sum() == 4
    widget.decide("3")
    widget.wait_saved()
    assert moods(notebook) == {"i1": "glad", "i2": "neither"}


def test_work_goes_on_where_it_stopped(open_notebook: OpenNotebook) -> None:
    """A reload shows the same item, running the cell again the next one, another annotator the first."""
    notebook = open_notebook([(_MOODS + _ADA).strip(), _GRACE.strip()])
    widget = notebook.show()
    widget.decide("1")
    widget.decide("2")
    widget.wait_saved()
    expect(widget.root.get_by_text("2 / 8")).to_be_visible()

    notebook.save()
    notebook.reload()
    widget = notebook.view()
    shows(widget, 3)
    widget.decide("3")
    widget.wait_saved()

    widget = notebook.show()
    shows(widget, 4)
    widget.decide("1")
    widget.wait_saved()

    other = notebook.show(1)
    shows(other, 1)
    other.decide("2")
    other.wait_saved()
    assert moods(notebook) == {"i1": "glad", "i2": "sad", "i3": "neither", "i4": "glad"}
    assert moods(notebook, "grace") == {"i1": "sad"}
    assert (events(notebook, "moods")["kind"] == "answer").sum() == 5


def test_panels_open_and_close(open_notebook: OpenNotebook) -> None:
    """Guidelines, legend and full page open and close by key, and the guidelines are shown as text."""
    notebook = open_notebook([(_MOODS + _ADA).strip()])
    widget = notebook.show()

    widget.press("g")
    heading = widget.root.get_by_role("heading", name="How to decide")
    expect(heading).to_be_visible(timeout=PATIENCE)
    expect(widget.root.get_by_role("listitem").filter(has_text="glad: joy")).to_be_visible()
    widget.press("g")
    expect(heading).to_be_hidden()

    widget.press("?")
    legend = widget.root.get_by_text("skip", exact=False)
    expect(legend.first).to_be_visible(timeout=PATIENCE)
    widget.press("Escape")

    small = widget.root.bounding_box()
    widget.press("w")
    wait_until(widget.page, lambda: covers_page(widget), "the full page")
    widget.decide("1")
    widget.press("w")
    wait_until(widget.page, lambda: not covers_page(widget), "the cell's own size")
    after = widget.root.bounding_box()
    assert small is not None
    assert after is not None
    assert after["width"] == pytest.approx(small["width"], abs=2)


def covers_page(widget: Widget) -> bool:
    """Tell whether the widget fills the window."""
    size = widget.page.viewport_size
    box = widget.root.bounding_box()
    assert size is not None
    return box is not None and box["width"] > 0.97 * size["width"] and box["height"] > 0.97 * size["height"]


# -------------------------------------------------------------------------------- suggestions

_GUESSES = """
project.add_prelabels(
    {
        "item_id": ["i1", "i2", "i3", "i4"],
        "value": ["glad", "sad", "neither", "glad"],
        "score": [0.93, 0.6, 0.5, 0.71],
    },
    source="tfidf-v1",
)
"""


def test_suggestions_are_accepted_changed_and_refused(open_notebook: OpenNotebook) -> None:
    """A suggestion is shown with its score, one key takes it, and the log says what became of it."""
    notebook = open_notebook([(_MOODS + _GUESSES + _ADA).strip()])
    widget = notebook.show()
    expect(widget.root.get_by_text("93 %")).to_be_visible(timeout=PATIENCE)
    expect(widget.button("Accept")).to_be_visible()
    widget.decide("a")
    widget.decide("1")
    widget.press("x")
    expect(widget.button("Accept")).to_be_hidden()
    widget.decide("2")
    widget.decide("Enter")
    widget.wait_saved()

    assert moods(notebook) == {"i1": "glad", "i2": "glad", "i3": "sad", "i4": "glad"}
    rows = events(notebook, "moods").filter(pl.col("kind") == "answer")
    contexts = [json.loads(context) for context in rows["context"]]
    seen = [context["prelabels"]["mood"] for context in contexts]
    assert [each["outcome"] for each in seen] == ["kept", "changed", "refused", "kept"]
    assert [each["score"] for each in seen] == [0.93, 0.6, 0.5, 0.71]
    assert {each["source"] for each in seen} == {"tfidf-v1"}
    assert [context["seen"]["accepted"] for context in contexts] == [["mood"], [], [], ["mood"]]
    assert [context["seen"]["dismissed"] for context in contexts] == [[], [], ["mood"], []]
    with Project.open(notebook.file.parent / "moods", read_only=True) as project:
        assert project.labels("mood")["annotator_id"].unique().to_list() == ["ada"]


_MARKED = """
import jupyter_annotate as ja
items = {"item_id": ["i1", "i2", "i3"], "text": ["Ada met Grace.", "Bob met Eve.", "Kim met Lee."]}
schema = ja.Schema(ja.Text("text"), ja.Spans("names", ["person", "place"]))
project = ja.Project.open("marked", schema=schema, items=items)
person = lambda start, end: {"start": start, "end": end, "label": "person"}
guesses = {"i1": [person(0, 3), person(8, 13)], "i2": [person(0, 3)], "i3": [person(0, 3), person(4, 7)]}
import json
values = [json.dumps(each) for each in guesses.values()]
project.add_prelabels({"item_id": list(guesses), "value": values}, source="rules")
ja.annotate(project, annotator="ada")
"""


def test_suggested_spans_are_accepted_and_corrected(open_notebook: OpenNotebook) -> None:
    """Suggested spans are drawn, taken as they are, added to, or cut down; the log keeps both sides."""
    notebook = open_notebook([_MARKED.strip()])
    widget = notebook.show()
    expect(widget.root.locator(".ja-mark-label.ja-dashed")).to_have_count(2, timeout=PATIENCE)
    expect(widget.button("Accept")).to_be_visible()
    widget.decide("a")
    TextSurface(widget).mark_by_keys("Bob met Eve.", 8, 11, "1")
    expect(widget.button("Submit")).to_be_visible()
    widget.decide("Enter")
    widget.press("s", "s", "n")
    widget.decide("Enter")
    widget.wait_saved()

    quotes = {
        item: [each["text"] for each in spans] for (item, _), spans in answers(notebook, "marked").items()
    }
    assert quotes == {"i1": ["Ada", "Grace"], "i2": ["Bob", "Eve"], "i3": ["Kim"]}
    rows = events(notebook, "marked").filter(pl.col("kind") == "answer")
    seen = [json.loads(context)["prelabels"]["names"]["outcome"] for context in rows["context"]]
    assert seen == ["kept", "changed", "changed"]
