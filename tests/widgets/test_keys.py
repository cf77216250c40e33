"""Keys that a person sets: which there are, and what they collide with."""

from __future__ import annotations

import string

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate import Choice, Label, Schema, Spans, Text
from jupyter_annotate.errors import AnnotateError, UnknownNameError
from jupyter_annotate.questions.base import WIDGET_KEYS
from jupyter_annotate.widgets.keys import ACTIONS, chosen_keys

SCHEMA = Schema(
    Text("text"),
    Choice("mood", [Label("glad", key="k"), "sad"], cannot_tell=True),
    Spans("who", ["person"]),
    Choice("which", ["none"], labels_from="options"),
)


def test_the_keys_are_those_no_label_may_take() -> None:
    """The front end and the schema know the same keys, but for Enter."""
    assert set(ACTIONS.values()) - {"Enter"} == WIDGET_KEYS - {"/"}


def test_a_key_goes_to_the_widget_only_where_it_is_another() -> None:
    """By the key it stands for."""
    assert chosen_keys({"skip": "y", "undo": "z"}, SCHEMA) == {" ": "y"}
    assert chosen_keys(None, SCHEMA) == {}
    assert chosen_keys({"previous": ".", "next": ","}, SCHEMA) == {",": ".", ".": ","}


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        ("k", "it is that of the label 'glad'"),
        ("u", "it says that one cannot tell 'mood'"),
        ("s", "the question 'who' uses it"),
        ("2", "labels of the items have it in 'which'"),
        ("f", "'flag' has it"),
    ],
)
def test_a_key_that_is_taken_is_refused_with_its_owner(key: str, owner: str) -> None:
    """And those that are free."""
    with pytest.raises(AnnotateError, match=owner) as raised:
        chosen_keys({"skip": key}, SCHEMA)
    free = str(raised.value).partition("Free: ")[2]
    for letter in string.ascii_lowercase:
        if f"'{letter}'" in free:
            assert chosen_keys({"skip": letter}, SCHEMA) == {" ": letter}


@pytest.mark.parametrize("key", ["", "ab", "K", "\n", 1, None, "Tab"])
def test_what_is_no_key_is_refused(key: object) -> None:
    """With what would be one."""
    with pytest.raises(AnnotateError, match="one small letter, digit or sign as the key of 'skip'"):
        chosen_keys({"skip": key}, SCHEMA)  # type: ignore[dict-item]  # what a user could write


def test_an_unknown_action_lists_the_known_ones() -> None:
    """Before any widget is made."""
    with pytest.raises(UnknownNameError, match="jump"):
        chosen_keys({"jump": "j"}, SCHEMA)
    items = pl.DataFrame([{"item_id": "1", "text": "a", "options": ["x"]}])
    with ja.Project.open(":memory:", schema=SCHEMA, items=items) as project:
        with pytest.raises(UnknownNameError, match="jump"):
            ja.annotate(project, annotator="ada", keys={"jump": "j"})
        assert ja.annotate(project, annotator="ada", keys={"skip": "y"}).session is not None
