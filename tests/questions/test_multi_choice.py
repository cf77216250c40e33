"""MultiChoice: any number of labels from a list."""

from __future__ import annotations

import polars as pl
import pytest

from jupyter_annotate import MultiChoice
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json

TOPICS = MultiChoice("topics", ["food", "price", "staff"])


def test_order_and_repetition_do_not_matter() -> None:
    """Labels come back in the order of the list, each once."""
    assert TOPICS.check(["staff", "food", "staff"], {}) == ["food", "staff"]


def test_none_is_an_answer() -> None:
    """No label at all says: looked at, nothing fits."""
    assert TOPICS.check([], {}) == []


@pytest.mark.parametrize("answer", ["food", None, ["meh"], [["food"]], {"food": True}, 3])
def test_anything_but_labels_is_refused(answer: object) -> None:
    """An answer is a list of labels of the list."""
    with pytest.raises(LabelError, match="is no answer to 'topics'"):
        TOPICS.check(answer, {})  # type: ignore[arg-type]  # what a browser could send


def test_limits_are_kept() -> None:
    """Fewer labels than the minimum or more than the maximum are refused."""
    question = MultiChoice("q", ["a", "b", "c"], minimum=1, maximum=2)

    none: Json = []
    all_of_them: Json = ["a", "b", "c"]
    for answer in (none, all_of_them):
        with pytest.raises(LabelError, match="1 to 2 labels"):
            question.check(answer, {})


@pytest.mark.parametrize(("minimum", "maximum"), [(-1, None), (2, 1), (0, 4), (4, None)])
def test_limits_nobody_could_meet_are_refused(minimum: int, maximum: int | None) -> None:
    """Impossible limits are named when the question is made."""
    with pytest.raises(SchemaError, match="minimum <= maximum <= 3 labels"):
        MultiChoice("q", ["a", "b", "c"], minimum=minimum, maximum=maximum)


def test_labels_are_lists() -> None:
    """The comparable form is a list of text, empty where nothing fits."""
    answers = pl.DataFrame({"item_id": ["1", "2"], "annotator_id": ["a", "a"], "value": ['["food"]', "[]"]})

    assert TOPICS.labels_frame(answers)["label"].to_list() == [["food"], []]


@pytest.mark.parametrize(("minimum", "maximum"), [(0.5, None), (True, None), (0, 2.0), ("1", None)])
def test_limits_are_whole_numbers(minimum: int, maximum: int | None) -> None:
    """Half a label cannot be asked for."""
    with pytest.raises(SchemaError, match="minimum <= maximum <= 3 labels, found"):
        MultiChoice("q", ["a", "b", "c"], minimum=minimum, maximum=maximum)
