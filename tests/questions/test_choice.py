"""Choice: one label from a list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from jupyter_annotate import Choice, Label
from jupyter_annotate.errors import ColumnError, LabelError, SchemaError

MOOD = Choice("mood", ["glad", "sad"])


def test_a_label_of_the_list_is_its_own_canonical_form() -> None:
    """A label of the list comes back unchanged."""
    assert MOOD.check("glad", {}) == "glad"


@pytest.mark.parametrize("answer", ["meh", "", "Glad", None, 1, True, ["glad"], {"label": "glad"}])
def test_anything_else_is_refused_with_the_list(answer: object) -> None:
    """The error names the question, the answer and what would have been accepted."""
    with pytest.raises(LabelError, match=r"is no answer to 'mood': expected one of \['glad', 'sad'\]"):
        MOOD.check(answer, {})  # type: ignore[arg-type]  # what a browser could send


def test_keys_are_handed_out_in_order() -> None:
    """Labels without a key get the digits, in order, around the keys that are set."""
    question = Choice("q", ["a", Label("b", key="2"), "c"])

    assert [label.key for label in question.labels if isinstance(label, Label)] == ["1", "2", "3"]


def test_there_may_be_more_labels_than_keys() -> None:
    """Labels beyond the free keys have none; the panel offers a search for them."""
    question = Choice("q", [f"label {n}" for n in range(60)])
    keys = [label.key for label in question.labels if isinstance(label, Label)]

    assert keys[-1] is None
    assert len({key for key in keys if key}) == len([key for key in keys if key])


@pytest.mark.parametrize("key", ["z", "Z", "f", " ", "/", "?"])
def test_a_key_of_the_widget_itself_is_refused(key: str) -> None:
    """A label cannot take a key the widget needs; the error lists free ones."""
    with pytest.raises(SchemaError, match="used by the widget itself; free: "):
        Choice("q", [Label("a", key=key)])


def test_a_key_twice_is_refused() -> None:
    """Two labels cannot share a key, in either case."""
    with pytest.raises(SchemaError, match="'P' of label 'b' is used twice"):
        Choice("q", [Label("a", key="p"), Label("b", key="P")])


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([], "at least one label"),
        (["a", "a"], "none twice"),
        ("abc", "a list of labels"),
        ([" "], "needs a name"),
        ([1], "a label name or a Label"),
        (["a\x1fb"], "control character"),
        (["\ud800"], "lone surrogate"),
    ],
)
def test_a_list_that_cannot_be_shown_is_refused(labels: list[str], problem: str) -> None:
    """What is wrong with a list of labels is said when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        Choice("q", labels)


@pytest.mark.parametrize("color", ["red", "#12345g", "#fff", "url(x)", "#123456;"])
def test_a_colour_is_six_hex_digits(color: str) -> None:
    """Only ``#rrggbb`` is a colour: nothing else ever reaches a style sheet."""
    with pytest.raises(SchemaError, match="colour like '#3366cc'"):
        Label("a", color=color)


def test_many_values_are_checked_at_once() -> None:
    """Plain label names become canonical JSON; the first that does not fit is named by row."""
    good = MOOD.encode(pl.Series("value", ["sad", "glad"]), [])

    assert good.to_list() == ['"sad"', '"glad"']
    with pytest.raises(ColumnError, match=r"row 1, column 'value': expected one of .*found 'meh'"):
        MOOD.encode(pl.Series("value", ["sad", "meh"]), [])


def test_a_question_survives_its_json_form() -> None:
    """from_json makes the question that to_json describes."""
    question = Choice("q", [Label("é", key="p", color="#336699", help="why")], title="T", required=False)

    assert Choice.from_json(question.to_json()) == question


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ({"a", "b"}, "found the set .*a set has no order"),
        (frozenset("a"), "found the frozenset .*a set has no order"),
        ({"a": 1}, "found the dict"),
        (None, "found the NoneType None"),
        (5, "found the int 5"),
        (b"ab", "found the bytes"),
        (["a", "a "], "none twice"),
        ([Label("a"), " a"], "none twice"),
    ],
)
def test_labels_are_a_list_in_order(labels: list[str], problem: str) -> None:
    """A set would hand out other keys in every run; names that look alike cannot be told apart."""
    with pytest.raises(SchemaError, match=problem):
        Choice("q", labels)


@pytest.mark.parametrize(
    "labels", [("a", "b"), np.array(["a", "b"]), pl.Series(["a", "b"]), (n for n in "ab")]
)
def test_labels_may_come_in_anything_that_has_an_order(labels: list[str]) -> None:
    """Tuples, arrays, columns and generators are lists of labels."""
    assert Choice("q", labels).label_names == ("a", "b")
    assert all(type(name) is str for name in Choice("q", ["a", np.str_("b")]).label_names)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Label(5), "A label needs a name, found 5"),  # type: ignore[arg-type]  # what a cell could say
        (lambda: Label("a", key=1), "expected one character as key, found 1"),  # type: ignore[arg-type]  # same
        (lambda: Label("a", color=3), "expected a colour"),  # type: ignore[arg-type]  # same
        (lambda: Label("a", help="\ud800"), "expected help to be text without lone surrogates"),
        (lambda: Choice(5, ["a"]), "Expected an identifier .* found 5"),  # type: ignore[arg-type]  # same
        (lambda: Choice("q", ["a"], title=5), "'q': expected title to be text"),  # type: ignore[arg-type]  # same
        (lambda: Choice("q", ["a"], title="\ud800"), "'q': expected title to be text without lone"),
        (lambda: Choice("q", ["a"], help=["x"]), "'q': expected help to be text"),  # type: ignore[arg-type]  # same
        (lambda: Choice("q", ["a"], required="no"), "'q': expected required to be True or False"),  # type: ignore[arg-type]  # same
    ],
)
def test_what_is_shown_is_text(make: Callable[[], object], problem: str) -> None:
    """A name, key, title or help of another type is refused when the question is made."""
    with pytest.raises(SchemaError, match=problem):
        make()


def test_text_of_numpy_is_a_label() -> None:
    """It is stored as plain text."""
    assert type(MOOD.check(np.str_("glad"), {})) is str
