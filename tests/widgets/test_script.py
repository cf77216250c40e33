"""Script: a widget sends what its schema needs, and nothing else."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from jupyter_annotate import AnnotationWidget, Boxes, Choice, Image, Project, Schema, Session, Text
from jupyter_annotate.fields import FIELDS
from jupyter_annotate.questions import QUESTIONS
from jupyter_annotate.widgets.script import Script, kinds_of, script_of
from tests.fields.cases import case_of as field_case
from tests.questions.cases import VARIANTS
from tests.questions.cases import case_of as question_case

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = sorted([*(f"questions/{kind}" for kind in QUESTIONS), *(f"fields/{kind}" for kind in FIELDS)])
TEXTS = Schema(Text("text"), Choice("mood", ["glad", "sad"]))


def inside(script: Script) -> dict[str, Any]:
    """Return what the module unpacks in the browser."""
    inside: dict[str, Any] = json.loads(
        zlib.decompress(base64.b64decode(script.esm.split('"')[1]), wbits=-15)
    )
    return inside


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_comes_after_what_it_needs(kind: str) -> None:
    """The parts of each kind are whole, in an order in which each can be linked to those before it."""
    parts = inside(script_of(frozenset({kind})))
    known: set[str] = set()
    for name, text in parts["parts"]:
        assert set(re.findall(r'(?:from|import)"\./(\w+)\.js"', text)) <= known
        known.add(name)

    assert {*parts["first"], parts["core"]} <= known
    assert len(parts["first"]) == 1


def test_a_widget_sends_nothing_it_does_not_need() -> None:
    """A schema of texts and classes sends no surface for images, in script or style sheet."""
    texts, images = script_of(kinds_of(TEXTS)), script_of(frozenset({"fields/image", "questions/boxes"}))

    assert kinds_of(TEXTS) == {"fields/text", "questions/choice"}
    assert "ja-box" in images.css
    assert "ja-box" not in texts.css
    assert len(texts.esm) < len(images.esm)


def test_another_schema_has_a_style_sheet_of_another_name() -> None:
    """Two widgets on one page keep their style sheets apart, for the host replaces one of the same name."""
    with (
        Project.open(":memory:", schema=TEXTS) as texts,
        Project.open(":memory:", schema=Schema(Image("image"), Boxes("cells", ["red"]))) as images,
    ):
        one, same, other = (AnnotationWidget(p, Session(p, "ada")) for p in (texts, texts, images))

        assert one.get_state(["_anywidget_id"]) == same.get_state(["_anywidget_id"])
        assert one.get_state(["_anywidget_id"]) != other.get_state(["_anywidget_id"])
        assert other.get_state(["_esm"])["_esm"] == script_of(kinds_of(images.schema)).esm
        assert other.get_state(["_css"])["_css"] == script_of(kinds_of(images.schema)).css


def keys_of(value: object) -> set[str]:
    """Return the names of all members of a JSON value."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_nothing_that_crosses_the_wire_is_shortened() -> None:
    """No option of a question or field, and no member of an answer or of what a field shows, is renamed."""
    source = (ROOT / "js" / "inner.mjs").read_text(encoding="utf-8")
    lists = re.findall(r'^  "([^"]+)",$', source, flags=re.MULTILINE)
    inner = re.compile(f"(?:{'|'.join(lists)})\\Z")
    crossing: set[str] = set()
    for case in map(question_case, [*QUESTIONS, *VARIANTS]):
        crossing |= keys_of(case.schema.to_json()) | keys_of([wanted for _, wanted in case.good])
    for shown in map(field_case, FIELDS):
        crossing |= keys_of(shown.field.to_json())
        crossing |= keys_of([shown.field.payload(cell, item_id="1") for cell in shown.column.to_list()])

    assert len(lists) > 5
    assert {"minimum", "turns", "better", "field"} <= crossing
    assert {name for name in crossing if inner.match(name)} == set()


def test_nothing_in_the_page_moves_by_itself() -> None:
    """So there is nothing that a person who wants less motion has to ask for."""
    for kind in [*QUESTIONS, *FIELDS]:
        family = "questions" if kind in QUESTIONS else "fields"
        script = script_of(frozenset({f"{family}/{kind}"}))
        assert ".ja-root" in script.css
        assert not re.search(r"\b(transition|animation|scroll-behavior)\s*:|@keyframes", script.css)
        assert not re.search(r"\.animate\(|smooth", script.esm)
