"""What the notebooks of the benchmark of widgets run: items with long texts and with many marks."""

from __future__ import annotations

import itertools
import random
from typing import Any

import jupyter_annotate as ja

__all__ = ["FORMS", "show_text"]

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
    chance = random.Random(number)
    kinds = {"ordinary lines": (20, 120), "short lines": (1, 4)}
    few = [_lines(chance, *kinds[form]) if form in kinds else _words(chance) + " " for _ in range(40)]
    length, parts = 0, [f"Text {number} "]
    while length < LENGTH:
        parts.append(chance.choice(few))
        length += len(parts[-1])
    return "".join(parts)[:LENGTH]


FORMS = ("ordinary lines", "no line ends", "short lines")


def show_text(form: str, number: int, *, spans: bool, n_items: int = 1) -> Any:  # noqa: ANN401 -- a widget
    """Show long texts to be read and classified, or to be marked."""
    question = ja.Spans("who", ["person", "place"]) if spans else ja.Choice("kind", ["good", "bad"])
    items = {
        "item_id": [f"t-{n}" for n in range(n_items)],
        "text": [long_text(form, number + n) for n in range(n_items)],
    }
    schema = ja.Schema(ja.Text("text"), question)
    return ja.annotate(ja.Project.open(":memory:", schema=schema, items=items), annotator="ada")
