"""Templates: each is a schema that people can answer at once."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate import templates
from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError
from jupyter_annotate.fields import FIELDS

TEXT = {"text": "Ada met Grace in Paris."}
ASKED = {"prompt": "What is a prime?"}
ADA = {"start": 0, "end": 3, "label": "person"}
PARIS = {"start": 17, "end": 22, "label": "place"}
PICTURE = ja.samples.load_images()["image"][0]
FINE = {"accuracy": 4, "completeness": 5, "clarity": 3}

#: For each template an item, good answers to it and bad ones.
CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]] = {
    "ner": (
        TEXT,
        [{"entities": [{"start": 0, "end": 3, "label": "person"}]}, {"entities": []}],
        [{"entities": [{"start": 0, "end": 3, "label": "drug"}]}, {}],
    ),
    "relation_extraction": (
        TEXT,
        [
            {"entities": [ADA, PARIS], "relations": [{"head": ADA, "tail": PARIS, "label": "located_in"}]},
            {"entities": []},
        ],
        [{"entities": [ADA], "relations": [{"head": ADA, "tail": PARIS, "label": "located_in"}]}, {}],
    ),
    "sentiment": (TEXT, [{"sentiment": "neutral"}], [{"sentiment": "meh"}]),
    "intent": (TEXT, [{"intent": "other"}, {"intent": {"cannot_tell": True}}], [{"intent": "sing"}]),
    "soft_labels": (
        TEXT,
        [{"belief": {"neutral": 0.75, "positive": 0.25}}],
        [{"belief": {}}, {"belief": "neutral"}],
    ),
    "medical_triage": (
        TEXT,
        [{"urgency": "urgent", "reason": "Pain in the chest."}, {"urgency": "routine"}],
        [{"urgency": "urgent"}, {"urgency": "routine", "reason": "None."}, {"reason": "Pain."}],
    ),
    "rlhf_preference": (
        {**ASKED, "response_a": "A *number*.", "response_b": "Two."},
        [
            {"better": {"better": "response_a", "grade": 3}, "why": "It says more."},
            {"better": {"better": "tie"}},
        ],
        [{"better": {"better": "response_a"}}, {"why": "It says more."}],
    ),
    "llm_rubric": (
        {**ASKED, "response": "A *number*."},
        [FINE, {**FINE, "clarity": 2, "clarity_problem": "Which number?"}],
        [{**FINE, "clarity": 2}, {**FINE, "clarity": 6}, {**FINE, "clarity_problem": "None."}],
    ),
    "detection": (
        {"image": PICTURE},
        [{"objects": [{"x": 1, "y": 2, "width": 30, "height": 20, "label": "animal"}]}, {"objects": []}],
        [{"objects": [{"x": -1, "y": 2, "width": 30, "height": 20, "label": "animal"}]}],
    ),
    "transcription": (
        {"image": PICTURE},
        [{"transcript": "Soup\nBread"}, {"transcript": {"cannot_tell": True}}],
        [{"transcript": ""}, {"transcript": 4}],
    ),
}


def test_the_gallery_holds_every_template() -> None:
    """Whatever the module offers is in the gallery, under its name, and has its case here."""
    offered = [name for name in templates.__all__ if name != "gallery"]

    assert sorted(ja.templates.gallery()) == sorted(offered) == sorted(CASES)
    assert {n: getattr(templates, n)() for n in offered} == ja.templates.gallery()


@pytest.mark.parametrize("name", CASES)
def test_a_template_survives_text_and_json(name: str) -> None:
    """What begins as one line can go on as a file."""
    schema = ja.templates.gallery()[name]

    assert ja.Schema.from_yaml(schema.to_yaml()) == schema
    assert ja.Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


@pytest.mark.parametrize("name", CASES)
def test_a_person_answers_and_is_checked(name: str) -> None:
    """Good answers are stored, bad ones are refused and leave the item open."""
    item, good, bad = CASES[name]
    rows = [{"item_id": f"i-{n}", **item} for n in range(len(good))]
    with ja.Project.open(
        ":memory:", schema=ja.templates.gallery()[name], items=pl.DataFrame(rows)
    ) as project:
        session = ja.Session(project, "ada")
        for answers in good:
            current = session.current()
            assert current is not None
            for wrong in bad:
                with pytest.raises(LabelError):
                    session.submit(wrong, item_id=current.item_id)
            session.submit(answers, item_id=current.item_id)
        stored = project.annotations()

    assert len(stored) == sum(map(len, good))
    assert stored["item_id"].n_unique() == len(good)


@pytest.mark.parametrize("name", CASES)
def test_every_question_says_how_to_answer_it(name: str) -> None:
    """Each has a guideline, and no two labels of it share a key."""
    for question in ja.templates.gallery()[name].questions.values():
        keys = [label.key for label in getattr(question, "labels", ())]

        assert question.help
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", CASES)
def test_columns_and_labels_are_the_users(name: str) -> None:
    """Every column has a parameter, and so have the labels."""
    make = getattr(templates, name)
    columns = {"text", "prompt", "response", "image", "column"} & set(inspect.signature(make).parameters)
    schema = make(**{each: f"my_{each}" for each in columns})

    assert {f"my_{each}" for each in columns} <= set(schema.fields)
    if "labels" in inspect.signature(make).parameters:
        asked = make(["one", "two"]).questions.values()
        assert ("one", "two") in [getattr(each, "label_names", ()) for each in asked]


def test_a_triage_asks_the_reason_it_is_told_to() -> None:
    """The urgencies that need a reason follow the labels, or are given."""
    assert ja.templates.medical_triage(["now", "soon", "never"]).question("reason").show_when == {
        "urgency": ["now", "soon"]
    }
    assert ja.templates.medical_triage(explained=["self_care"]).question("reason").show_when == {
        "urgency": ["self_care"]
    }


def test_a_rubric_is_made_of_identifiers() -> None:
    """A criterion is a column, and the error says so."""
    with pytest.raises(SchemaError, match="identifier"):
        ja.templates.llm_rubric({"not one": ("bad", "good")})


def test_preferences_may_be_aspect_by_aspect() -> None:
    """The aspects and the columns of the two answers are parameters."""
    schema = ja.templates.rlhf_preference(["helpful", "honest"], between=("one", "other"), grades=1)

    assert list(schema.fields) == ["prompt", "one", "other"]
    assert schema.check({"better": {a: {"better": "one"} for a in ("helpful", "honest")}}, {})


def test_what_can_be_transcribed_is_what_fields_there_are() -> None:
    """A medium without a field is refused with those that have one."""
    assert "image" in FIELDS
    with pytest.raises(UnknownNameError, match=r"no medium to transcribe 'imgae'.* Did you mean 'image'"):
        ja.templates.transcription("imgae")


def test_images_are_looked_up_in_a_folder(tmp_path: Path) -> None:
    """Detection and transcription take the folder of file names."""
    (tmp_path / "one.png").write_bytes(PICTURE)
    for make in (ja.templates.detection, ja.templates.transcription):
        schema = make(root=tmp_path)

        assert schema.content({"image": "one.png"})
