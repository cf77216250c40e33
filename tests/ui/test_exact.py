"""Offsets of text that breaks software, and boxes over pixels found in a picture of the screen."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from jupyter_annotate import Project
from tests.ui.conftest import OpenNotebook
from tests.ui.marking import ImageSurface, TextSurface
from tests.ui.pages import Notebook
from tests.ui.servers import App

_CASES = Path(__file__).parent.parent / "protocol" / "offsets.json"
_TEXTS = """
import json
import jupyter_annotate as ja
items = json.load(open("items.json", encoding="utf-8"))
schema = ja.Schema(ja.Text("text"), ja.Spans("parts", ["mouse", "caret"], snap="character"))
project = ja.Project.open("texts", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""
_IMAGES = """
import json
import jupyter_annotate as ja
items = json.load(open("items.json", encoding="utf-8"))
schema = ja.Schema(ja.Image("image"), ja.Boxes("things", ["dark"]))
project = ja.Project.open("images", schema=schema, items=items)
ja.annotate(project, annotator="ada")
"""

#: Where the dark rectangle of the pictures lies, as displayed: left, top, right, bottom.
DARK = (100, 60, 260, 180)
SIZE = (400, 300)


def offset_cases() -> list[dict[str, Any]]:
    """Return the shared cases that show something: a store refuses lone surrogates and NUL."""
    cases = json.loads(_CASES.read_text(encoding="utf-8"))
    return [
        case
        for case in cases
        if case["slice"].strip()
        and "\x00" not in case["text"]
        and not any(0xD800 <= ord(character) < 0xE000 for character in case["text"])
    ]


def answers(notebook: Notebook, name: str) -> dict[str, Any]:
    """Return the stored answer of every item."""
    with Project.open(notebook.file.parent / name, read_only=True) as project:
        frame = project.annotations()
    return {item: json.loads(value) for item, value in frame.select("item_id", "value").iter_rows()}


def test_selections_are_the_right_code_points(open_notebook: OpenNotebook, app: App) -> None:
    """Emoji, marks, right-to-left and CRLF selected by mouse and by caret are stored as the same slice."""
    # The text is the widget's own in both applications: a sample shows that the second brings nothing in.
    cases = offset_cases()[:: 1 if app == "lab" else 5]
    items = {"item_id": [case["name"] for case in cases], "text": [case["text"] for case in cases]}
    notebook = open_notebook([_TEXTS.strip()])
    (notebook.file.parent / "items.json").write_text(json.dumps(items), encoding="utf-8")
    widget = notebook.show()
    surface = TextSurface(widget)
    for number, case in enumerate(cases):
        start, end = case["span"]
        assert surface.shown() == case["text"]
        surface.drag(case["text"], start, end)
        widget.press("1", "Escape")
        surface.mark_by_keys(case["text"], start, end, "2", snap="character")
        if number < len(cases) - 1:
            widget.decide("Enter")
    widget.press("Enter")
    widget.wait_saved()

    found = answers(notebook, "texts")
    wrong = {}
    for case in cases:
        spans = {each["label"]: (each["start"], each["end"], each["text"]) for each in found[case["name"]]}
        expected = (*case["span"], case["slice"])
        if spans != {"mouse": expected, "caret": expected}:
            wrong[case["name"]] = {"expected": expected, "found": spans}
    assert len(found) == len(cases) > 10
    assert wrong == {}


def pictures() -> dict[str, bytes]:
    """Return a picture with a dark rectangle, as PNG and as JPEG in all eight EXIF orientations."""
    pixels = np.full((SIZE[1], SIZE[0], 3), 245, np.uint8)
    left, top, right, bottom = DARK
    pixels[top:bottom, left:right] = 10
    upright = Pillow.fromarray(pixels)
    made = {"png": encoded(upright, "PNG")}
    for orientation, turns in TURNS.items():
        stored = upright
        for turn in turns:
            stored = stored.transpose(turn)
        made[f"exif-{orientation}"] = encoded(stored, "JPEG", orientation)
    return made


#: What undoes each orientation: the transpositions that turn the displayed picture into the stored one.
TURNS = {
    1: (),
    2: (Pillow.Transpose.FLIP_LEFT_RIGHT,),
    3: (Pillow.Transpose.ROTATE_180,),
    4: (Pillow.Transpose.FLIP_TOP_BOTTOM,),
    5: (Pillow.Transpose.TRANSPOSE,),
    6: (Pillow.Transpose.ROTATE_90,),
    7: (Pillow.Transpose.TRANSVERSE,),
    8: (Pillow.Transpose.ROTATE_270,),
}


def encoded(picture: Pillow.Image, kind: str, orientation: int | None = None) -> bytes:
    """Encode a picture, with an orientation for the displaying program to apply."""
    exif = Pillow.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    stream = io.BytesIO()
    picture.save(stream, kind, exif=exif, quality=95)
    return stream.getvalue()


def dark_on_screen(surface: ImageSurface, scale: float) -> tuple[float, float, float, float]:
    """Find the dark rectangle in a picture of the screen; return its sides in pixels of the page."""
    area = surface.picture.bounding_box()
    assert area is not None
    shot = surface.widget.page.screenshot(clip=area)
    screen: NDArray[np.uint8] = np.asarray(Pillow.open(io.BytesIO(shot)).convert("L"))
    rows, columns = np.nonzero(screen < 100)
    left, top = area["x"], area["y"]
    return (
        left + float(columns.min()) / scale,
        top + float(rows.min()) / scale,
        left + float(columns.max() + 1) / scale,
        top + float(rows.max() + 1) / scale,
    )


@pytest.mark.parametrize("scale", [1, 2])
def test_boxes_cover_what_the_screen_shows(open_notebook: OpenNotebook, app: App, scale: int) -> None:
    """A box around a rectangle seen on the screen has its pixels, whatever the EXIF orientation and scale."""
    made = pictures()
    if (app, scale) != ("lab", 1):
        made = {name: made[name] for name in ("png", "exif-6", "exif-7")}
    paths = [f"{name}.{'png' if name == 'png' else 'jpg'}" for name in made]
    notebook = open_notebook([_IMAGES.strip()], scale=scale)
    for path, data in zip(paths, made.values(), strict=True):
        (notebook.file.parent / path).write_bytes(data)
    items = {"item_id": list(made), "image": paths}
    (notebook.file.parent / "items.json").write_text(json.dumps(items), encoding="utf-8")
    widget = notebook.show()
    surface = ImageSurface(widget)
    for number in range(len(made)):
        surface.wait()
        left, top, right, bottom = dark_on_screen(surface, scale)
        surface.draw((left, top), (right, bottom))
        if number < len(made) - 1:
            widget.decide("Enter")
    widget.press("Enter")
    widget.wait_saved()

    wrong = {
        name: boxes
        for name, boxes in answers(notebook, "images").items()
        if len(boxes) != 1 or max(abs(a - b) for a, b in zip(sides(boxes[0]), DARK, strict=True)) > 1
    }
    assert wrong == {}
    assert set(answers(notebook, "images")) == set(made)


def sides(box: dict[str, float]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a stored box."""
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
