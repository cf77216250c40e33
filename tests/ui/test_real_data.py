"""Public data sets, labeled through JupyterLab and Notebook 7 by key and by mouse, and read back exactly."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jupyter_annotate import Project
from tests.ui.conftest import OpenNotebook
from tests.ui.marking import Box, ImageSurface, TextSurface
from tests.ui.pages import Notebook, Widget

pytestmark = pytest.mark.real_data

_COMMENTS = """
import json
import jupyter_annotate as ja
items = json.load(open("items.json", encoding="utf-8"))
schema = ja.Schema(ja.Text("text"), ja.Choice("kind", ["HAM", "SPAM"]))
project = ja.Project.open("comments", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""
_UTTERANCES = """
import json
import jupyter_annotate as ja
items = json.load(open("items.json", encoding="utf-8"))
slots = ["people", "time", "date", "first_name", "last_name"]
schema = ja.Schema(ja.Text("text"), ja.Spans("slots", slots))
project = ja.Project.open("utterances", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""
_CELLS = """
import json
import jupyter_annotate as ja
items = json.load(open("items.json", encoding="utf-8"))
schema = ja.Schema(ja.Image("image", root="images"), ja.Boxes("cells", ["RBC", "WBC", "Platelets"]))
project = ja.Project.open("cells", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""

SLOT_KEYS = {"people": "1", "time": "2", "date": "3", "first_name": "4", "last_name": "5"}
CELL_KEYS = {"RBC": "1", "WBC": "2", "Platelets": "3"}


def start(open_notebook: OpenNotebook, cell: str, items: dict[str, list[Any]], scale: float = 1) -> Notebook:
    """Open a notebook whose folder holds the items; the cell is not run yet."""
    notebook = open_notebook([cell.strip()], scale=scale)
    (notebook.file.parent / "items.json").write_text(json.dumps(items), encoding="utf-8")
    return notebook


def stored(notebook: Notebook, name: str) -> pl.DataFrame:
    """Read the answers back from the store, in another process than the kernel."""
    with Project.open(notebook.file.parent / name, read_only=True) as project:
        return project.annotations()


def answers(notebook: Notebook, name: str) -> dict[str, Any]:
    """Return the stored answer of every item, which must have exactly one."""
    frame = stored(notebook, name)
    assert frame["item_id"].is_unique().all()
    return {item: json.loads(value) for item, value in frame.select("item_id", "value").iter_rows()}


# ------------------------------------------------------------------------------------ comments


def comments(folder: Path) -> list[tuple[str, str, str]]:
    """Return id, text and gold label of 30 comments, the strangest ones first."""
    rows = [
        (f"{part}-{key}", row["data"]["text"], ("HAM", "SPAM")[row["label"]])
        for part in ("train", "test")
        for key, row in json.loads((folder / f"{part}.json").read_text(encoding="utf-8")).items()
    ]

    def strangeness(row: tuple[str, str, str]) -> tuple[bool, bool, int]:
        _, text, _ = row
        return "\r" in text or "\n" in text, any(ord(c) > 0xFFFF for c in text), len(set(text) - ASCII)

    strange = sorted(rows, key=strangeness, reverse=True)[:12]
    return strange + [row for row in rows if row not in strange][:18]


ASCII = frozenset(map(chr, range(128)))


def test_comments_by_key_and_by_click(real_data: Path, open_notebook: OpenNotebook) -> None:
    """Thirty comments labeled by key and by click are stored with exactly the labels given."""
    rows = comments(real_data / "youtube_spam")
    ids, texts, gold = map(list, zip(*rows, strict=True))
    notebook = start(open_notebook, _COMMENTS, {"item_id": ids, "text": texts})
    widget = notebook.show()
    for number, (text, label) in enumerate(zip(texts, gold, strict=True)):
        assert widget.root.locator(".ja-text").evaluate("e => e.textContent") == text
        last = number == len(rows) - 1
        if number % 6 == 5:
            serial = widget.serial
            widget.button(label).click()
        else:
            serial = widget.serial
            widget.press("1" if label == "HAM" else "2")
        if not last:
            widget.wait_for_item(after=serial)
    widget.wait_saved()

    assert answers(notebook, "comments") == dict(zip(ids, gold, strict=True))
    with Project.open(notebook.file.parent / "comments", read_only=True) as project:
        events = project.events().filter(pl.col("kind") == "answer")
    ways = [json.loads(context)["seen"]["via"] for context in events["context"]]
    assert ways == ["pointer" if number % 6 == 5 else "key" for number in range(len(rows))]


# -------------------------------------------------------------------------------------- spans

Span = tuple[int, int, str]


def utterances(folder: Path) -> list[tuple[str, str, list[Span]]]:
    """Return id, text and gold spans of a dozen utterances: many spans, one at 0, signs beyond ASCII."""
    rows = json.loads((folder / "test.json").read_text(encoding="utf-8"))
    found = [(f"u{n}", row["userInput"]["text"], gold_spans(row)) for n, row in enumerate(rows)]
    at_zero = [row for row in found if len(row[2]) > 1 and row[2][0][0] == 0][:2]
    beyond = [row for row in found if row[2] and set(row[1]) - ASCII][:3]
    many = [row for row in found if len(row[2]) >= 3 and row not in at_zero + beyond][:7]
    return at_zero + beyond + many


def gold_spans(row: dict[str, Any]) -> list[Span]:
    """Return the spans of an utterance in order; a missing start means 0."""
    spans = [(each["valueSpan"], each["slot"]) for each in row.get("labels", [])]
    return sorted((span.get("startIndex", 0), span["endIndex"], slot) for span, slot in spans)


def test_utterances_by_caret_and_by_mouse(real_data: Path, open_notebook: OpenNotebook) -> None:
    """Slots marked by caret, by dragging and by two clicks are stored as the gold spans, to the character."""
    rows = utterances(real_data / "restaurant_spans")
    ids, texts, gold = map(list, zip(*rows, strict=True))
    notebook = start(open_notebook, _UTTERANCES, {"item_id": ids, "text": texts})
    widget = notebook.show()
    surface = TextSurface(widget)
    for number, (text, spans) in enumerate(zip(texts, gold, strict=True)):
        assert surface.shown() == text
        for span in spans:
            mark(surface, text, span, way=number % 3)
        submit(widget, last=number == len(rows) - 1)
    widget.wait_saved()

    for (item, value), text, spans in zip(answers(notebook, "utterances").items(), texts, gold, strict=True):
        assert [(each["start"], each["end"], each["label"]) for each in value] == spans, item
        assert [each["text"] for each in value] == [text[start:end] for start, end, _ in spans]


def mark(surface: TextSurface, text: str, span: Span, *, way: int) -> None:
    """Mark one span by caret, by dragging or by two clicks."""
    start, end, label = span
    if way == 0:
        surface.mark_by_keys(text, start, end, SLOT_KEYS[label])
        return
    if way == 1:
        surface.drag(text, start, end)
    else:
        surface.click_twice(text, start, end)
    surface.widget.press(SLOT_KEYS[label])


def submit(widget: Widget, *, last: bool) -> None:
    """Submit the item, and wait for the next one where there is one."""
    if last:
        widget.press("Enter")
    else:
        widget.decide("Enter")


# -------------------------------------------------------------------------------------- boxes


def cells(folder: Path, count: int) -> list[tuple[str, list[tuple[str, Box]]]]:
    """Return name and gold boxes of the first images, at most four boxes of each."""
    return [(path.stem, gold_boxes(path)) for path in sorted((folder / "voc").glob("*.xml"))[:count]]


def gold_boxes(path: Path) -> list[tuple[str, Box]]:
    """Read the boxes of a VOC file: those of different labels first."""
    found = []
    for each in ET.parse(path).getroot().iter("object"):  # noqa: S314 -- a data set of our own choice
        left, top, right, bottom = (int(each.findtext(f"bndbox/{side}", "0")) for side in SIDES)
        found.append((each.findtext("name", ""), Box(left, top, right - left, bottom - top)))
    rank = [sum(other[0] == each[0] for other in found[:at]) for at, each in enumerate(found)]
    return [each for _, each in sorted(zip(rank, found, strict=True), key=lambda pair: pair[0])][:4]


SIDES = ("xmin", "ymin", "xmax", "ymax")


@pytest.mark.parametrize("scale", [1, 2])
def test_cells_by_mouse_and_by_key(real_data: Path, open_notebook: OpenNotebook, scale: int) -> None:
    """Boxes drawn by mouse and by arrow keys are stored as the pixels under them, at both scales."""
    rows = cells(real_data / "blood_cells", 3)
    ids = [name for name, _ in rows]
    items = {"item_id": ids, "image": [f"{name}.jpg" for name in ids]}
    notebook = start(open_notebook, _CELLS, items, scale)
    shutil.copytree(real_data / "blood_cells" / "images", notebook.file.parent / "images")
    widget = notebook.show()
    drawn: dict[str, list[dict[str, Any]]] = {}
    for number, (name, gold) in enumerate(rows):
        surface = ImageSurface(widget)
        surface.wait()
        by_key = number == 1
        boxes = draw_by_keys(surface, gold[:2]) if by_key else draw_by_mouse(surface, gold)
        drawn[name] = boxes
        submit(widget, last=number == len(rows) - 1)
    widget.wait_saved()

    assert answers(notebook, "cells") == drawn
    for name, gold in rows:
        for box, (label, wanted) in zip(drawn[name], gold, strict=False):
            assert box["label"] == label
            assert overlap(box, wanted) > 0.9


def draw_by_mouse(surface: ImageSurface, gold: Sequence[tuple[str, Box]]) -> list[dict[str, Any]]:
    """Draw boxes by dragging, from other corners in turn; return what was drawn, in image pixels."""
    drawn = []
    for number, (label, box) in enumerate(gold):
        corners = [
            surface.on_page(box.x, box.y),
            surface.on_page(box.x + box.width, box.y + box.height),
        ]
        if number % 2:
            corners.reverse()
        pixels = surface.draw(*corners)
        surface.widget.press(CELL_KEYS[label], "Escape")
        drawn.append({**vars(pixels), "label": label})
    return drawn


def draw_by_keys(surface: ImageSurface, gold: Sequence[tuple[str, Box]]) -> list[dict[str, Any]]:
    """Draw boxes with the crosshair, which starts in the middle of a 640 x 480 image."""
    at = (320, 240)
    drawn = []
    for label, box in gold:
        first = (int(box.x), int(box.y))
        second = (first[0] + int(box.width), first[1] + int(box.height))
        move = [*steps(at, first), "b", *steps(first, second)]
        surface.widget.press(*move, CELL_KEYS[label], "Escape")
        at = second
        drawn.append({**vars(box), "label": label})
    return drawn


def steps(start: tuple[int, int], end: tuple[int, int]) -> list[str]:
    """Return the arrow keys that move the crosshair: tens first, then single pixels."""
    tens: list[str] = []
    ones: list[str] = []
    for distance, back, on in (
        (end[0] - start[0], "ArrowLeft", "ArrowRight"),
        (end[1] - start[1], "ArrowUp", "ArrowDown"),
    ):
        key = on if distance > 0 else back
        tens += [key] * (abs(distance) // 10)
        ones += [key] * (abs(distance) % 10)
    return [*tens, "t", *ones, "t"]


def overlap(box: dict[str, Any], gold: Box) -> float:
    """Return the intersection over the union of two boxes."""
    width = min(box["x"] + box["width"], gold.x + gold.width) - max(box["x"], gold.x)
    height = min(box["y"] + box["height"], gold.y + gold.height) - max(box["y"], gold.y)
    shared = max(width, 0) * max(height, 0)
    return float(shared / (box["width"] * box["height"] + gold.width * gold.height - shared))
