"""Spans: labeled pieces of text, in code points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate import Spans
from jupyter_annotate.errors import ColumnError, LabelError, SchemaError
from jupyter_annotate.events import canonical_json

WHO = Spans("who", ["person", "place"], on="text")
TEXT = "Ada 👩‍👩‍👧 met\r\nGrace"
OFFSETS = Path(__file__).parent.parent / "protocol" / "offsets.json"


def span(start: object, end: object, label: object = "person") -> dict[str, object]:
    """Make a span as the browser would send it."""
    return {"start": start, "end": end, "label": label}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.data())
def test_the_stored_text_is_the_slice(text: str, data: st.DataObject) -> None:
    """Whatever the script, a span's text is ``text[start:end]``."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    stored = WHO.check([span(start, end)], {"text": text})  # type: ignore[list-item]  # JSON

    assert stored == [{"start": start, "end": end, "label": "person", "text": text[start:end]}]


def test_the_hand_cases_of_the_browser_are_python_slices() -> None:
    """Every case that the browser's conversion is tested on is a slice in Python."""
    cases = json.loads(OFFSETS.read_text(encoding="utf-8"))

    assert len(cases) >= 50
    for case in cases:
        start, end = case["span"]
        assert case["text"][start:end] == case["slice"], case["name"]


def test_spans_come_back_in_order() -> None:
    """Order of drawing does not matter."""
    stored = WHO.check([span(4, 9), span(0, 3, "place"), span(0, 3)], {"text": TEXT})  # type: ignore[list-item]  # JSON

    order = [(s["start"], s["label"]) for s in stored]  # type: ignore[union-attr,index,call-overload]  # JSON
    assert order == [(0, "person"), (0, "place"), (4, "person")]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([span(0, 0)], "0 <= start < end <= 20"),
        ([span(3, 1)], "0 <= start < end"),
        ([span(-1, 2)], "0 <= start"),
        ([span(0, 21)], "the length of the text in code points"),
        ([span(0.0, 3)], "0 <= start"),
        ([span(False, True)], "0 <= start"),
        ([span("0", 3)], "0 <= start"),
        ([span(0, 3, "animal")], "one of"),
        ([span(0, 3, None)], "one of"),
        ([{"start": 0, "end": 3}], "a list of {end, label, start}"),
        ([{**span(0, 3), "color": "x"}], "a list of {end, label, start}"),
        ([{**span(0, 3), "text": "Bob"}], "the text 'Ada' at 0:3"),
        ([span(0, 3), span(0, 3)], "no span twice"),
        ({"start": 0}, "a list of"),
        ("Ada", "a list of"),
        (None, "a list of"),
    ],
)
def test_a_span_that_is_none_is_refused(answer: object, problem: str) -> None:
    """The error says what a span here would be."""
    with pytest.raises(LabelError, match=problem):
        WHO.check(answer, {"text": TEXT})  # type: ignore[arg-type]  # what a browser could send


def test_overlap_is_refused_where_it_is_off() -> None:
    """Without overlap, spans may touch and not cross."""
    flat = Spans("who", ["person"], on="text", overlap=False)

    assert flat.check([span(0, 3), span(3, 5)], {"text": TEXT})  # type: ignore[list-item]  # JSON
    with pytest.raises(LabelError, match="no span that overlaps"):
        flat.check([span(0, 4), span(3, 5)], {"text": TEXT})  # type: ignore[list-item]  # JSON


def test_an_unknown_way_of_snapping_is_refused() -> None:
    """Snap is to token or to character."""
    with pytest.raises(SchemaError, match="snap"):
        Spans("who", ["person"], snap="sentence")


def test_looked_at_and_empty_keeps_its_row() -> None:
    """An answer without spans is a row of nulls: who found nothing did look."""
    answers = pl.DataFrame(
        {
            "item_id": ["1", "2"],
            "annotator_id": ["a", "a"],
            "value": ['[{"start":0,"end":3,"label":"person","text":"Ada"}]', "[]"],
        }
    )

    labels = WHO.labels_frame(answers)

    assert labels.rows() == [("1", "a", "person", 0, 3, "Ada"), ("2", "a", None, None, None, None)]


def test_pre_labels_may_be_nested_frames_or_json() -> None:
    """A column of structs and a column of JSON text mean the same."""
    nested = pl.Series("value", [[{"start": 0, "end": 3, "label": "person"}]])
    text = pl.Series("value", ['[{"start": 0, "end": 3, "label": "person"}]'])

    encoded = [WHO.encode(values, [{"text": TEXT}]).to_list() for values in (nested, text)]

    assert encoded[0] == encoded[1] == ['[{"end":3,"label":"person","start":0,"text":"Ada"}]']
    with pytest.raises(ColumnError, match="row 0, column 'value'"):
        WHO.encode(pl.Series("value", ["[nonsense"]), [{"text": TEXT}])


def test_numbers_of_numpy_are_numbers() -> None:
    """A model's own integers are stored as plain ones; its fractions are no offsets."""
    found = WHO.check([span(np.int64(0), np.uint8(3), np.str_("person"))], {"text": TEXT})  # type: ignore[list-item]  # of numpy

    assert canonical_json(found) == '[{"end":3,"label":"person","start":0,"text":"Ada"}]'
    with pytest.raises(LabelError, match="0 <= start < end"):
        WHO.check([span(np.float64(0), np.float64(3))], {"text": TEXT})  # type: ignore[list-item]  # of numpy


@pytest.mark.parametrize("options", [{"overlap": "no"}, {"overlap": 0}, {"on": 5}])
def test_options_of_another_type_are_refused(options: dict[str, Any]) -> None:
    """``"no"`` would count as yes."""
    with pytest.raises(SchemaError, match=r"'who': expected (overlap to be True or False|on to be text)"):
        Spans("who", ["person"], **options)


VENTRICLES = "left and right ventricle"
PARTS = Spans("parts", ["heart", "side"], on="text", discontinuous=True)
LEFT = {"start": 0, "end": 24, "label": "heart", "fragments": [[0, 4], [15, 24]]}
RIGHT = {"start": 9, "end": 24, "label": "heart"}


def parts(*spans: dict[str, object], question: Spans = PARTS) -> list[dict[str, object]]:
    """Return what becomes of an answer."""
    return question.check(list(spans), {"text": VENTRICLES})  # type: ignore[return-value,arg-type]  # spans


def test_pieces_are_off_unless_asked_for() -> None:
    """A schema without them has the form it had before there were any, and refuses fragments."""
    whole = Spans("parts", ["heart", "side"], on="text")

    assert PARTS.to_json() == {**whole.to_json(), "discontinuous": True}
    assert "discontinuous" not in whole.to_json()
    with pytest.raises(LabelError, match="a list of"):
        parts(LEFT, question=whole)
    with pytest.raises(SchemaError, match="expected discontinuous"):
        Spans("q", ["a"], discontinuous=1)  # type: ignore[arg-type]  # what a file could say


def test_a_span_in_pieces_has_the_text_of_its_pieces() -> None:
    """Pieces come in order, joined by a space; one piece alone is a span like any other."""
    mixed = {**LEFT, "fragments": [[15, 24], [0, 4]]}
    single = {**RIGHT, "fragments": [[9, 24]]}

    assert parts(single, mixed) == [{**LEFT, "text": "left ventricle"}, {**RIGHT, "text": "right ventricle"}]
    assert parts(*parts(mixed)) == parts(mixed)


def test_pieces_with_white_space_alone_between_them_are_one() -> None:
    """However two words were selected, the span over them is the same; touching pieces are one, too."""
    words = {"start": 9, "end": 24, "label": "heart", "fragments": [[9, 14], [15, 24]]}
    touching = {**words, "fragments": [[9, 12], [12, 14], [15, 24]]}

    assert parts(words) == parts(touching) == [{**RIGHT, "text": "right ventricle"}]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"fragments": [[0, 9], [4, 24]]}, "do not overlap, from 0 to 24"),
        ({"fragments": [[0, 0], [4, 24]]}, "not empty"),
        ({"fragments": [[0, 4], [15, 20]]}, "from 0 to 24"),
        ({"fragments": []}, "in whole numbers"),
        ({"fragments": None}, "in whole numbers"),
        ({"fragments": [[0, 4.5], [15, 24]]}, "in whole numbers"),
        ({"fragments": [[0, 4, 5], [15, 24]]}, "in whole numbers"),
        ({"end": 25}, "0 <= start < end <= 24"),
        ({"text": "left and right ventricle"}, "the text 'left ventricle' at 0:4, 15:24"),
    ],
)
def test_pieces_that_make_no_span_are_refused(changed: dict[str, object], expected: str) -> None:
    """The error says what is wrong with them."""
    with pytest.raises(LabelError, match=expected):
        parts({**LEFT, **changed})


def test_spans_of_one_reach_differ_by_their_pieces() -> None:
    """The same pieces with the same label twice are refused; other pieces are another span."""
    whole = {"start": 0, "end": 24, "label": "heart"}

    assert len(parts(whole, LEFT)) == 2
    with pytest.raises(LabelError, match="no span twice"):
        parts(LEFT, whole, LEFT)


def test_spans_overlap_where_their_pieces_do() -> None:
    """A span may stand in the gap of another where spans may not overlap."""
    flat = Spans("parts", ["heart", "side"], on="text", overlap=False, discontinuous=True)
    gap = {"start": 5, "end": 14, "label": "side"}

    assert len(parts(LEFT, gap, question=flat)) == 2
    with pytest.raises(LabelError, match="no span that overlaps"):
        parts(LEFT, RIGHT, question=flat)


def test_labels_keep_the_pieces() -> None:
    """Each span has its fragments, one for a span in one piece; nothing found has none."""
    value = json.dumps(parts(LEFT, RIGHT))
    answers = pl.DataFrame({"item_id": ["1", "2"], "annotator_id": ["a", "a"], "value": [value, "[]"]})

    found = PARTS.labels_frame(answers)

    assert found.select("start", "end", "text", "fragments").rows() == [
        (0, 24, "left ventricle", [[0, 4], [15, 24]]),
        (9, 24, "right ventricle", [[9, 24]]),
        (None, None, None, None),
    ]
