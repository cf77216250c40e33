"""What the tests of exported folders share: a project in which everything happened once."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from tests.exchange.folders import TEXT


@pytest.fixture
def project() -> ja.Project:
    """Return a project with a choice, spans and suggestions, labeled by two people and by one again."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]), ja.Spans("who", ["person"]))
    items = pl.DataFrame(
        {"item_id": ["a", "b", "c"], "text": [TEXT, "Nobody.", "Later."], "stars": [5, None, 1]}
    )
    project = ja.Project.open(":memory:", schema=schema, items=items)
    project.add_prelabels(
        {"item_id": ["a"], "question": ["mood"], "value": ["glad"], "score": [0.9]}, source="m-1"
    )
    person: Any = [{"start": 0, "end": 3, "label": "person"}, {"start": 14, "end": 19, "label": "person"}]
    for name in ("ada", "bob"):
        with_marks = ja.Session(project, annotator=name)
        with_marks.submit({"mood": "glad", "who": person})
        with_marks.submit({"mood": "sad", "who": []})
    ja.Session(project, annotator="bob").undo()
    return project
