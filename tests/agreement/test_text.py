"""Agreement on free text: the measures against their definitions, and what counts as the same."""

from __future__ import annotations

import random
import string

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.text_agreement import edit_distance, text_agreement, token_f1
from jupyter_annotate.errors import ColumnError

MEASURES = ["exact", "token_f1", "edit"]

words = st.text(alphabet="abé😀 ", max_size=20)


def frame(items: list[list[str | None]]) -> pl.DataFrame:
    """Return LABELS of a list of texts an item."""
    rows = [(str(n), str(who), text) for n, texts in enumerate(items) for who, text in enumerate(texts)]
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def distance_by_table(one: str, other: str) -> int:
    """Return the edit distance cell by cell (Wagner and Fischer 1974)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@settings(max_examples=150)
@given(words, words)
def test_the_edit_distance_is_its_definition(one: str, other: str) -> None:
    """Bits in parallel give what the table gives cell by cell, whichever text comes first."""
    assert edit_distance(one, other) == distance_by_table(one, other) == edit_distance(other, one)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("kitten", "sitting", 3),
        ("saturday", "sunday", 3),
        ("intention", "execution", 5),
        ("", "abc", 3),
        ("rosettacode", "raisethysword", 8),
    ],
)
def test_known_distances(one: str, other: str, distance: int) -> None:
    """Well-known pairs of words have their distance (intention, execution: Jurafsky and Martin, ch. 2)."""
    assert edit_distance(one, other) == distance


def test_long_texts_are_compared_beyond_a_machine_word() -> None:
    """Texts longer than 64 code points are compared as exactly."""
    rng = random.Random(0)
    one = "".join(rng.choices(string.ascii_lowercase, k=300))
    other = "".join(letter for letter in one if rng.random() < 0.9)

    assert edit_distance(one, other) == distance_by_table(one, other) == len(one) - len(other)


def test_tokens_count_as_often_as_they_come() -> None:
    """Words and marks are multisets; nothing and nothing are the same, nothing and something are not."""
    assert token_f1("a a b", "a b b") == pytest.approx(2 / 3)
    assert token_f1("no.", "no") == pytest.approx(2 / 3)
    assert (token_f1("", ""), token_f1("", "a"), token_f1("x", "y")) == (1, 0, 0)


def test_items_count_alike_however_many_texts_they_have() -> None:
    """The value is the mean over items of the mean over pairs."""
    found = text_agreement(frame([["a", "a", "b"], ["c", "c"], ["d"], ["e", None]]), measure="exact")

    assert found.value == pytest.approx((1 / 3 + 1) / 2)
    assert (found.n_items, found.n_single, found.n_missing, found.n_labels) == (2, 2, 1, 5)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_same_text_in_another_form_is_the_same(measure: str) -> None:
    """Composed and decomposed accents and white space do not matter; case matters unless told otherwise."""
    one = frame([["caf\u00e9  au\nlait", "cafe\u0301 au lait"], ["x", "x "]])
    case = frame([["Yes", "yes"], ["x", "x"]])

    assert text_agreement(one, measure=measure).value == 1  # type: ignore[arg-type]  # by name
    assert text_agreement(case, measure=measure).value < 1  # type: ignore[arg-type]  # by name
    assert text_agreement(case, measure=measure, ignore_case=True).value == 1  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=40)
@given(
    items=st.lists(st.lists(words | st.none(), min_size=1, max_size=4), min_size=1, max_size=6),
    shuffle=st.randoms(use_true_random=False),
)
def test_order_and_names_do_not_matter(
    measure: str, items: list[list[str | None]], shuffle: random.Random
) -> None:
    """Other names and another order of rows give the same value and interval to the last bit."""
    labels = frame(items)
    renamed = labels.with_columns(
        pl.col("item_id").replace({"0": "z", "1": "y"}), pl.col("annotator_id").replace({"0": "q", "3": "a"})
    ).sample(fraction=1, shuffle=True, seed=shuffle.randrange(1000))
    one, other = (text_agreement(each, measure=measure, replicates=40) for each in (labels, renamed))  # type: ignore[arg-type]  # by name

    assert one.to_frame().equals(other.to_frame())


def test_the_interval_comes_from_the_items() -> None:
    """Half of 200 items alike: an interval of about two standard errors around one half."""
    found = text_agreement(frame([["a", "a"], ["b", "c"]] * 100), measure="exact")

    assert found.value == 0.5
    assert found.interval == pytest.approx((0.43, 0.57), abs=0.02)


def test_undefined_has_its_reason() -> None:
    """No text, and no second text, are told apart."""
    assert text_agreement(frame([])).reason is Reason.NO_LABELS
    assert text_agreement(frame([["a"], ["b"]])).reason is Reason.NO_PAIRS


def test_misuse_is_refused() -> None:
    """Numbers are no text, and unknown measures list the known ones."""
    numbers = {"item_id": ["1", "1"], "annotator_id": ["a", "b"], "label": [1, 2]}

    with pytest.raises(ColumnError, match="expected texts, found Int64"):
        text_agreement(numbers)
    with pytest.raises(ValueError, match=r"one of \('exact', 'token_f1', 'edit'\), found 'bleu'"):
        text_agreement(frame([]), measure="bleu")  # type: ignore[arg-type]  # on purpose
