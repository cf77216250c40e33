"""Token kappa and alpha: equal to what every character says, without a row a character."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from random import Random
from typing import Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import Reason, krippendorff_alpha
from jupyter_annotate.agreement.token_kappa import token_kappa
from tests.agreement.span_frames import (
    LENGTH,
    Row,
    Span,
    answer_pairs,
    answers_of,
    frame,
    renamed,
    same,
    spans,
    texts,
)

Method = Literal["kappa", "alpha"]
ITEMS = texts([f"item {n}" for n in "1234"])


def labeled(answer: Sequence[Span]) -> list[str]:
    """Return the set of labels of each character, as text."""
    return ["".join(sorted({label for label, s, e in answer if s <= place < e})) for place in range(LENGTH)]


def cohen(one: Sequence[str], other: Sequence[str]) -> float:
    """Compute Cohen's kappa of two lists of labels by its definition; nan if chance agrees always."""
    found = np.mean([a == b for a, b in zip(one, other, strict=True)])
    chance = sum((one.count(c) / len(one)) * (other.count(c) / len(other)) for c in {*one, *other})
    return float((found - chance) / (1 - chance)) if chance < 1 - 1e-12 else math.nan


@settings(max_examples=40)
@given(rows=spans())
def test_kappa_is_that_of_the_characters(rows: list[Row]) -> None:
    """It is the mean over pairs of annotators of Cohen's kappa over all characters both saw."""
    scores = []
    for pairs in answer_pairs(rows).values():
        one, other = ([c for pair in pairs for c in labeled(pair[side])] for side in (0, 1))
        scores.append(cohen(one, other))

    found = token_kappa(frame(rows), items=ITEMS, replicates=0)

    defined = [score for score in scores if not math.isnan(score)]
    assert found.value == pytest.approx(np.mean(defined) if defined else math.nan, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(rows=spans())
def test_alpha_is_that_of_the_characters(rows: list[Row]) -> None:
    """It is Krippendorff's alpha with each character as an item."""
    cells = [
        (f"{item} {place}", who, label)
        for item, of in answers_of(rows).items()
        for who, answer in of.items()
        for place, label in enumerate(labeled(answer))
    ]
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.String}
    expected = krippendorff_alpha(pl.DataFrame(cells, schema=schema, orient="row"), replicates=0)

    found = token_kappa(frame(rows), "alpha", items=ITEMS, replicates=0)

    assert found.value == pytest.approx(expected.value, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("method", ["kappa", "alpha"])
@settings(max_examples=15)
@given(rows=spans(), shuffle=st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(method: Method, rows: list[Row], shuffle: Random) -> None:
    """Other names give the same value and interval to rounding, another order to the last bit."""
    again = list(rows)
    shuffle.shuffle(again)
    other, _ = renamed(rows, shuffle)

    before, after, elsewhere = (
        token_kappa(frame(r), method, level=0.9, replicates=40, seed=3) for r in (rows, again, other)
    )

    assert same(before, after)
    assert elsewhere.value == pytest.approx(before.value, abs=1e-9, nan_ok=True)
    assert elsewhere.interval == pytest.approx(before.interval, abs=1e-9)


def test_nested_spans_make_a_set() -> None:
    """A character in two spans has both labels, which is another label than either."""
    rows: list[Row] = [("1", "a", "x", 0, 4), ("1", "a", "y", 2, 4), ("1", "b", "x", 0, 4)]

    found = token_kappa(frame(rows), "alpha", items=texts(["1"], 4), replicates=0)

    labels = {
        "item_id": [0, 1, 2, 3] * 2,
        "annotator_id": ["a"] * 4 + ["b"] * 4,
        "label": ["x", "x", "xy", "xy", "x", "x", "x", "x"],
    }
    assert found.value == pytest.approx(krippendorff_alpha(labels, replicates=0).value, abs=1e-12)
    assert found.details["label_sets"] == 2


def test_text_around_the_spans_counts_if_it_is_given() -> None:
    """All agree that the rest is nothing: a longer text raises the value, and no text leaves it out."""
    rows = frame([("1", "a", "x", 10, 20), ("1", "b", "x", 15, 25)])

    unknown, short, long = (
        token_kappa(rows, items=items, replicates=0) for items in (None, texts(["1"], 30), texts(["1"], 300))
    )

    assert unknown.value < short.value < long.value
    assert (unknown.details["tokens"], long.details["tokens"]) == (15, 300)


def test_items_that_all_left_empty_count_as_text() -> None:
    """Agreement on an empty item is agreement on its tokens; without any label it is all there is."""
    rows: list[Row] = [("1", "a", "x", 0, 4), ("1", "b", "x", 2, 4)]
    empty: list[Row] = [("2", who, None, None, None) for who in "ab"]

    one = token_kappa(frame(rows), items=texts(["1", "2"]), replicates=0)
    two = token_kappa(frame([*rows, *empty]), items=texts(["1", "2"]), replicates=0)
    none = token_kappa(frame(empty), items=texts(["2"]), replicates=0)

    assert two.value > one.value
    assert math.isnan(none.value)
    assert none.reason is Reason.NO_VARIATION


def test_a_text_of_ten_megabytes_costs_what_its_spans_cost() -> None:
    """Two hundred spans in ten million characters take no time and no memory worth a character each."""
    rng = np.random.default_rng(1)
    starts = np.sort(rng.choice(10_000_000 - 200, 100, replace=False))
    rows: list[Row] = [("1", "a", "x", int(s), int(s) + 100) for s in starts]
    rows += [("1", "b", "x", int(s) + 10, int(s) + 100) for s in starts]
    items = {"item_id": ["1"], "start": [0], "end": [10_000_000]}

    begun = time.process_time()
    found = token_kappa(frame(rows), items=items)

    assert time.process_time() - begun < 1
    assert found.value == pytest.approx(2 * 9 / (10 + 9), abs=1e-4)
    assert found.details["tokens"] == 10_000_000


def test_the_same_tokens_give_perfect_agreement() -> None:
    """Copies agree perfectly, with no interval claimed; random spans agree as chance does."""
    rng = np.random.default_rng(3)
    rows: list[Row] = []
    for item in range(150):
        for who in "ab":
            start = int(rng.integers(0, 80))
            rows.append((str(item), who, "x", start, start + 20))
    copied = [row for row in rows if row[1] == "a"]
    copied += [(item, "b", label, start, end) for item, _, label, start, end in copied]
    items = texts([str(n) for n in range(150)], 100)

    copies, chance = token_kappa(frame(copied), items=items), token_kappa(frame(rows), items=items)

    assert (copies.value, copies.reason) == (1, Reason.ALIKE)
    assert chance.interval is not None
    assert abs(chance.value) < 0.15
    assert chance.interval[0] < 0.05


def test_a_method_nobody_knows_is_refused() -> None:
    """Only kappa and alpha are methods."""
    with pytest.raises(ValueError, match="Expected method"):
        token_kappa(frame([]), "pi")  # type: ignore[arg-type]
