"""What the notebooks of the benchmark of widgets run: items with long texts and with many marks."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import polars as pl

import jupyter_annotate as ja
from tests.pictures import png
from tests.questions.cases import case_of

__all__ = ["FORMS", "MARKED", "show_kind", "show_marks", "show_text"]

#: Characters of a long text.
LENGTH = 10_000_000
_SAID = (
    "the a of Ada Grace met wrote about machines that weave patterns when loom letters years ago in London "
    "Paris Oslo and never said who would read them"
)


def _words(chance: random.Random) -> str:
    return " ".join(chance.choices(_SAID.split(), k=1000))


def _lines(chance: random.Random, fewest: int, most: int) -> str:
    words = _words(chance).split(" ")
    cuts = iter(lambda: chance.randint(fewest, most), None)
    rows = (list(itertools.islice(words_, n)) for words_ in [iter(words)] for n in cuts)
    return "\n".join(" ".join(row) for row in itertools.takewhile(bool, rows)) + "\n"


def long_text(form: str, number: int) -> str:
    """Make a text of ten million characters: ordinary lines, none at all, or short ones."""
    if form == SHORT:
        return f"Text {number} is as short as most are."
    chance = random.Random(number)
    kinds = {"ordinary lines": (20, 120), "short lines": (1, 4)}
    few = [_lines(chance, *kinds[form]) if form in kinds else _words(chance) + " " for _ in range(40)]
    length, parts = 0, [f"Text {number} "]
    while length < LENGTH:
        parts.append(chance.choice(few))
        length += len(parts[-1])
    return "".join(parts)[:LENGTH]


SHORT = "short, to compare"
FORMS = (SHORT, "ordinary lines", "no line ends", "short lines")


def show_text(form: str, number: int, *, spans: bool, n_items: int = 1) -> Any:  # noqa: ANN401 -- a widget
    """Show long texts to be read and classified, or to be marked."""
    question = ja.Spans("who", ["person", "place"]) if spans else ja.Choice("kind", ["good", "bad"])
    items = {
        "item_id": [f"t-{n}" for n in range(n_items)],
        "text": [long_text(form, number + n) for n in range(n_items)],
    }
    schema = ja.Schema(ja.Text("text"), question)
    return ja.annotate(ja.Project.open(":memory:", schema=schema, items=items), annotator="ada")


def show_kind(kind: str, n_items: int) -> Any:  # noqa: ANN401 -- a widget
    """Show items of a label type that are alike but for what they show: no two in a row are equal."""
    case = case_of(kind)
    # Whoever prefers one of two texts looks for these very texts.
    alike = kind == "preference"
    columns = {
        name: [cell if alike else _other(cell, n) for n in range(n_items)] for name, cell in case.item.items()
    }
    items = pl.DataFrame({"item_id": [f"i-{n}" for n in range(n_items)], **columns})
    return ja.annotate(ja.Project.open(":memory:", schema=case.schema, items=items), annotator="ada")


def _other(cell: Any, number: int) -> Any:  # noqa: ANN401 -- a cell
    """Return the cell with what nobody sees and no key meets: blanks after a text, bytes after a picture."""
    if isinstance(cell, str):
        return cell + "\u200a" * (number % 7)
    if isinstance(cell, bytes) and cell.startswith(b"\x89PNG"):
        return png(320, 240, n_bytes=1 + number)
    return cell


#: Marks on one item.
MARKS = 500
_SIDE = 25


def _grid() -> list[tuple[float, float]]:
    """Return where marks begin, in rows, on an image of 1000 by 800."""
    return [(10 + 39 * (n % _SIDE), 10 + 39 * (n // _SIDE)) for n in range(MARKS)]


def _boxes() -> tuple[ja.Boxes, list[dict[str, Any]]]:
    marks = [{"x": x, "y": y, "width": 30.0, "height": 30.0, "label": "cell"} for x, y in _grid()]
    return ja.Boxes("q", ["cell", "other"]), marks


def _polygons() -> tuple[ja.Polygons, list[dict[str, Any]]]:
    corners = ((15, 0), (30, 11), (24, 30), (6, 30), (0, 11))
    marks = [{"points": [[x + dx, y + dy] for dx, dy in corners], "label": "cell"} for x, y in _grid()]
    return ja.Polygons("q", ["cell", "other"]), marks


def _keypoints() -> tuple[ja.Keypoints, list[dict[str, Any]]]:
    """Make as many labels as points, for an item has each once."""
    names = [f"p{n}" for n in range(MARKS)]
    marks = [
        {"x": x, "y": y, "visible": True, "label": name} for name, (x, y) in zip(names, _grid(), strict=True)
    ]
    return ja.Keypoints("q", names), marks


def _spans() -> tuple[ja.Spans, list[dict[str, Any]]]:
    marks = [{"start": 10 * n, "end": 10 * n + 5, "label": "cell"} for n in range(MARKS)]
    return ja.Spans("q", ["cell", "other"]), marks


MARKED = {"boxes": _boxes, "polygons": _polygons, "keypoints": _keypoints, "spans": _spans}


def show_marks(kind: str) -> Any:  # noqa: ANN401 -- a widget
    """Show an item with five hundred marks, as a suggestion."""
    question, marks = MARKED[kind]()
    field: ja.Text | ja.Image = ja.Text("field") if kind == "spans" else ja.Image("field")
    cell = "words and " * MARKS if kind == "spans" else png(1000, 800)
    project = ja.Project.open(
        ":memory:", schema=ja.Schema(field, question), items={"item_id": ["i"], "field": [cell]}
    )
    given = {"item_id": ["i"], "question": ["q"], "value": [json.dumps(marks)]}
    project.add_prelabels(given, source="benchmark")
    return ja.annotate(project, annotator="ada")
