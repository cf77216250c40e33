"""Script: a widget sends what its schema needs, and nothing else."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest

from jupyter_annotate import AnnotationWidget, Boxes, Choice, Image, Project, Schema, Session, Text
from jupyter_annotate.fields import FIELDS
from jupyter_annotate.questions import QUESTIONS
from jupyter_annotate.widgets.script import Script, kinds_of, script_of

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
