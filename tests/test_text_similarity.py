"""How alike texts are: the measures against their definitions."""

from __future__ import annotations

import random
import re
import string
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.text_similarity import Measure, edit_distance, similarities

words = st.text(alphabet="abé😀 ", max_size=20)


def alike(one: str, other: str, measure: Measure) -> float:
    """Return how alike two texts are."""
    return float(similarities(pl.Series([one, other]), np.array([0]), np.array([1]), measure)[0])


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
    pairs = [("a a b", "a b b"), ("no.", "no"), ("", ""), ("", "a"), ("x", "y")]

    assert [alike(*pair, "token_f1") for pair in pairs] == pytest.approx([2 / 3, 2 / 3, 1, 0, 0])


def by_definition(one: str, other: str) -> dict[Measure, float]:
    """Return every measure of two texts."""
    ours, theirs = (Counter(re.findall(r"\w+|[^\w\s]", text)) for text in (one, other))
    total = ours.total() + theirs.total()
    return {
        "exact": float(one == other),
        "token_f1": 2 * (ours & theirs).total() / total if total else 1.0,
        "edit": 1 - distance_by_table(one, other) / max(len(one), len(other), 1),
    }


@pytest.mark.parametrize("measure", ["exact", "token_f1", "edit"])
@settings(max_examples=60)
@given(texts=st.lists(words, min_size=1, max_size=5), data=st.data())
def test_pairs_are_compared_by_definition(measure: Measure, texts: list[str], data: st.DataObject) -> None:
    """Each pair, whichever way round and however often it comes, has the value of the definition."""
    place = st.integers(0, len(texts) - 1)
    pairs = np.array(data.draw(st.lists(st.tuples(place, place), max_size=8)), dtype=np.int64).reshape(-1, 2)

    found = similarities(pl.Series(texts), pairs[:, 0], pairs[:, 1], measure)

    expected = [by_definition(texts[a], texts[b])[measure] for a, b in pairs.tolist()]
    assert found.tolist() == pytest.approx(expected)
