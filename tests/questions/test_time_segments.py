"""Time segments: where they may lie, and what the statistics make of them."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate import Audio, Project, Schema, Session, Text, TimeSegments, Video
from jupyter_annotate.content import Recording
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from tests.recordings import film, wav


def test_a_length_nobody_knows_bounds_nothing() -> None:
    """What a browser recorded does not tell its length: any end is taken, but none that is no number."""
    question = TimeSegments("q", ["a"], on="f")
    content = {"f": Recording(None)}

    assert question.check([{"start": 7, "end": 9e3, "label": "a"}], content)
    with pytest.raises(LabelError, match=r"expected 0 <= start < end"):
        question.check([{"start": 7, "end": float("inf"), "label": "a"}], content)


def test_segments_that_may_not_overlap_are_told_apart() -> None:
    """The one that reaches into the other is named; touching is no overlap."""
    question = TimeSegments("q", ["a", "b"], on="f", overlap=False)
    content = {"f": Recording(9.0)}
    one: dict[str, Json] = {"start": 1, "end": 2, "label": "a"}
    next_one: dict[str, Json] = {"start": 2, "end": 3, "label": "b"}

    assert question.check([next_one, one], content)
    with pytest.raises(LabelError, match="no segment that overlaps"):
        question.check([{**next_one, "start": 1.9}, one], content)


def test_they_lie_in_sound_or_films() -> None:
    """Either field will do, a text will not, and of two one has to be named."""
    assert Schema(Audio("a"), TimeSegments("q", ["x"])).question("q").to_json()["field"] == "a"
    assert Schema(Video("v"), TimeSegments("q", ["x"])).question("q").to_json()["field"] == "v"
    with pytest.raises(SchemaError, match="draws on one audio or video field"):
        Schema(Text("t"), TimeSegments("q", ["x"]))
    with pytest.raises(SchemaError, match="draws on one audio or video field"):
        Schema(Audio("a"), Video("v"), TimeSegments("q", ["x"]))


def test_gamma_takes_seconds() -> None:
    """Two annotators who agree have a gamma of one; who shifts a segment has less."""
    schema = Schema(Audio("call"), TimeSegments("turns", ["agent", "caller"]))
    items = {"item_id": ["1", "2"], "call": [wav(4), film()]}
    turns: Json = [{"start": 0.25, "end": 1.5, "label": "agent"}, {"start": 2, "end": 3, "label": "caller"}]
    with Project.open(":memory:", schema=schema, items=items) as project:
        for who in ("ada", "bob"):
            for item in ("1", "2"):
                Session(project, who).submit({"turns": turns}, item_id=item)
        labels = project.labels("turns")

    assert labels["start"].to_list() == [0.25, 2.0] * 4
    assert ja.gamma(labels, n_samples=30, seed=1).value == pytest.approx(1.0)
