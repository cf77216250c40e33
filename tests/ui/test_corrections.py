"""500 utterances of Restaurants-8k, pre-filled with slots, many of them wrong, corrected by keyboard."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import OpenNotebook

pytestmark = [pytest.mark.real_data, pytest.mark.long_run]

_COUNT = 500
_CELL = """
import json
import polars as pl
import jupyter_annotate as ja
given = json.load(open("given.json", encoding="utf-8"))
schema = ja.Schema(ja.Text("text"), ja.Spans("slots", given["labels"]))
items = pl.DataFrame(given["items"]).select("item_id", "text")
project = ja.Project.open(":memory:", schema=schema, items=items)
project.add_prelabels(pl.DataFrame(given["items"]).select("item_id", "value"), source="noisy")
ja.annotate(project, annotator="ada")
""".strip()
_STORED = """{
    item: [{key: span[key] for key in ("start", "end", "label")} for span in json.loads(value)]
    for item, value in project.annotations().select("item_id", "value").iter_rows()
}"""

Span = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One utterance: its slots, what is suggested instead, and the keys that mend that."""

    text: str
    gold: list[Span]
    suggested: list[Span]
    keys: list[str]


def _place(span: Span) -> tuple[Any, ...]:
    return span["start"], span["end"], span["label"]


def _utterances(real_data: Path) -> dict[str, list[Span]]:
    """Return utterances with the slots people marked in them, each text once."""
    found: dict[str, list[Span]] = {}
    for each in json.loads((real_data / "restaurant_spans" / "test.json").read_text("utf-8")):
        text = each["userInput"]["text"]
        spans = [
            {"start": slot.get("startIndex", 0), "end": slot["endIndex"], "label": label["slot"]}
            for label in each.get("labels", [])
            for slot in [label["valueSpan"]]
        ]
        words = [text[span["start"] : span["end"]] for span in spans]
        if spans and all(word and word == word.strip() for word in words):
            found.setdefault(text, sorted(spans, key=_place))
    return found


def _task(text: str, gold: list[Span], labels: list[str], chance: random.Random) -> Task:
    """Return the slots as they are, with another label on the first, or with one over the whole text."""
    first, whole = gold[0], {"start": 0, "end": len(text), "label": labels[0]}
    match chance.choice(["right", "label", "extra"]):
        case "label":
            other = labels[(labels.index(first["label"]) + 1) % len(labels)]
            keys = ["s", str(labels.index(first["label"]) + 1), "Enter"]
            return Task(text, gold, [{**first, "label": other}, *gold[1:]], keys)
        case "extra" if whole not in gold:
            suggested = sorted([*gold, whole], key=_place)
            return Task(text, gold, suggested, ["s"] * (suggested.index(whole) + 1) + ["n", "Enter"])
    return Task(text, gold, gold, ["a"])


@pytest.mark.timeout(600)
def test_suggested_slots_are_corrected_by_keyboard(open_notebook: OpenNotebook, real_data: Path) -> None:
    """Accepted, given another label, removed: what is stored is what people had marked, in each of them."""
    known = dict(list(_utterances(real_data).items())[:_COUNT])
    labels = sorted({span["label"] for spans in known.values() for span in spans})
    chance = random.Random(7)
    tasks = {f"u-{n:03}": _task(*each, labels, chance) for n, each in enumerate(known.items())}
    rows = [
        {"item_id": name, "text": task.text, "value": json.dumps(task.suggested)}
        for name, task in tasks.items()
    ]
    notebook = open_notebook([_CELL])
    given = notebook.file.with_name("given.json")
    given.write_text(json.dumps({"labels": labels, "items": rows}), encoding="utf-8")

    widget = notebook.show(0)
    *most, last = tasks.values()
    for task in most:
        widget.decide(*task.keys)
    widget.press(*last.keys)
    widget.wait_saved()

    assert len(tasks) == _COUNT
    assert sum(len(task.keys) > 1 for task in tasks.values()) > _COUNT / 2
    assert notebook.kernel.value(_STORED) == {name: task.gold for name, task in tasks.items()}
