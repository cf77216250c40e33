"""Intake: frames of items and pre-labels are checked whole before anything is written."""

from __future__ import annotations

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ColumnError


def begin() -> ja.Project:
    """Begin a project with a question of each kind that text can answer."""
    schema = ja.Schema(
        ja.Text("text"),
        ja.Choice("mood", ["glad", "sad"]),
        ja.MultiChoice("topics", ["x", "y"], required=False),
        ja.Spans("who", ["person"], required=False),
    )
    items = {"item_id": ["a", "b", "3"], "text": ["Ada met", "B.", "C."]}
    return ja.Project.open(":memory:", schema=schema, items=items)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([object()]),
        pl.Series([{}]),
        pl.Series([[{}]]),
        pl.Series([{"deep": [{}]}]),
        pl.Series([[[]]], dtype=pl.Array(pl.List(pl.Struct({})), 1)),
    ],
    ids=["object", "empty mapping", "in a list", "in a mapping", "in an array"],
)
def test_a_column_that_no_batch_holds_is_named(column: pl.Series) -> None:
    """It is refused at the door, before a file is begun."""
    with begin() as project:
        head = project.log.head()
        frame = pl.DataFrame({"item_id": ["n"], "text": ["N."], "mine": column})
        with pytest.raises(
            ColumnError, match=r"items, column 'mine': expected values that can be stored.*drop\('mine'\)"
        ):
            project.add_items(frame)
        assert project.log.head() == head


MOOD = {"item_id": ["a", "b"], "question": "mood", "value": ["glad", "sad"]}
TOPICS = {"item_id": ["a", "b"], "question": "topics"}


@pytest.mark.parametrize(
    ("changed", "row", "column", "said"),
    [
        (
            {"question": ["mood", "modd"]},
            1,
            "question",
            r"expected one of \['mood', 'topics', 'who'\], found 'modd'",
        ),
        ({"question": ["mood", None]}, 1, "question", "found None"),
        ({"source": ["m", None]}, 1, "source", "expected a source with a printable name.*found None"),
        ({"source": ["m", ""]}, 1, "source", "found ''"),
        ({"source": ["m", "  "]}, 1, "source", "found '  '"),
        ({"source": ["m", "m\x01"]}, 1, "source", r"found 'm\\x01'"),
        ({"source": ["m", "m\ud800"]}, 1, "source", "lone surrogate"),
        ({"score": ["0.5", "high"]}, 1, "score", "found String 'high'"),
        ({"score": [0.5, float("inf")]}, 1, "score", "finite number"),
        ({"value": [None, ["glad"]]}, 0, "value", "expected a value"),
        ({"value": [["glad"], ["sad"]]}, 0, "value", r"expected one of \['glad', 'sad'\], found \['glad'\]"),
        ({"value": [{"a": 1}, {"a": 2}]}, 0, "value", "found {'a': 1}"),
        ({"value": [b"glad", b"\xff"]}, 0, "value", "found b'glad'"),
        ({"value": ["glad", "gl\ud800"]}, 1, "value", "lone surrogate"),
        ({"value": pl.Series([object(), object()])}, 0, "value", "found a Python object"),
        ({"item_id": ["a", "zz"]}, 1, "item_id", "expected an item of this project, found 'zz'"),
        (
            {"item_id": ["a", "a"]},
            1,
            None,
            "expected one suggestion an item.*found a second of 'model' to 'mood' on 'a'",
        ),
        (
            TOPICS | {"value": ['["x"]', "x"]},
            1,
            "value",
            "expected an answer as JSON, found 'x', which cannot be read",
        ),
        (TOPICS | {"value": ['["x"]', "1" * 5000]}, 1, "value", "found '111.*which cannot be read"),
        (TOPICS | {"value": ['["x"]', "[" * 100_000]}, 1, "value", r"found '\[\[\[.*which cannot be read"),
        (TOPICS | {"value": ['["x"]', "NaN"]}, 1, "value", "nan is no answer to 'topics'"),
        (TOPICS | {"value": [b"x", b"y"]}, 0, "value", "b'x' is no answer to 'topics'"),
    ],
)
def test_a_pre_label_that_does_not_fit_is_named(
    changed: dict[str, object], row: int, column: str | None, said: str
) -> None:
    """Row and column of the first one stand in the error, and nothing is written."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(ColumnError, match=said) as caught:
            project.add_prelabels(MOOD | changed, source="model")
        assert (caught.value.row, caught.value.column) == (row, column)
        assert project.log.head() == head
        assert project.prelabels().is_empty()


@pytest.mark.parametrize("source", ["", " ", "m\n", "m\ud800", None, 5])
def test_a_source_has_a_printable_name(source: str | None) -> None:
    """It signs the suggestions in the log."""
    with (
        begin() as project,
        pytest.raises(ColumnError, match=r"expected a source with a printable name.*found source="),
    ):
        project.add_prelabels(MOOD, source=source)


def test_which_question_must_be_said_where_there_are_several() -> None:
    """The error lists the questions and the columns that came."""
    with (
        begin() as project,
        pytest.raises(ColumnError, match=r"a column 'question', as there are several: \['mood'"),
    ):
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="model")


def test_two_sources_may_suggest_for_one_item() -> None:
    """Only the same source must not suggest twice in a frame."""
    with begin() as project:
        frame = {
            "item_id": ["a", "a"],
            "question": "mood",
            "value": ["glad", "sad"],
            "source": ["m-1", "m-2"],
        }
        assert project.add_prelabels(frame) == 2


def test_item_ids_may_come_as_whole_numbers() -> None:
    """An id is text in the log, however the frame holds it."""
    with begin() as project:
        project.add_prelabels({"item_id": [3], "question": ["mood"], "value": ["glad"]}, source="model")
        assert project.prelabels()["item_id"].to_list() == ["3"]
