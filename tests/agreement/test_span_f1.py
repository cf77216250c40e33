"""F1 of spans: its definition, what counts as seen, invariance, and frames that are refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Literal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement import Reason
from jupyter_annotate.agreement.gamma import gamma
from jupyter_annotate.agreement.span_f1 import span_f1
from jupyter_annotate.agreement.token_kappa import token_kappa
from jupyter_annotate.agreement.unitizing import krippendorff_alpha_u
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.extras import need_scipy
from tests.agreement.span_frames import Row, Span, answer_pairs, frame, renamed, same, spans, texts

Match = Literal["exact", "partial", "token"]
MATCHES: list[Match] = ["exact", "partial", "token"]


def matched(one: Sequence[Span], other: Sequence[Span], match: Match) -> tuple[float, int]:
    """Return matches and marked things of two answers, by definition."""
    if match == "exact":
        return len(set(one) & set(other)), len(one) + len(other)
    if match == "token":
        left, right = (
            {(label, place) for label, start, end in answer for place in range(start, end)}
            for answer in (one, other)
        )
        return len(left & right), len(left) + len(right)
    share = np.zeros((len(one), len(other)))
    for row, (label, start, end) in enumerate(one):
        for column, (with_label, begin, stop) in enumerate(other):
            both = max(0, min(end, stop) - max(start, begin))
            share[row, column] = (label == with_label) * 2 * both / (end - start + stop - begin)
    return float(share[need_scipy("optimize", purpose="This test").linear_sum_assignment(-share)].sum()), len(
        one
    ) + len(other)


@pytest.mark.parametrize("match", MATCHES)
@settings(max_examples=40)
@given(rows=spans())
def test_f1_is_its_definition(match: Match, rows: list[Row]) -> None:
    """It is the mean over pairs of annotators of twice the matches over all they marked on shared items."""
    scores = []
    for pairs in answer_pairs(rows).values():
        counts = np.array([matched(one, other, match) for one, other in pairs])
        hits, marked = counts.sum(axis=0)
        scores += [2 * hits / marked] if marked else []

    found = span_f1(frame(rows), match, replicates=0)

    assert found.value == pytest.approx(np.mean(scores) if scores else math.nan, abs=1e-12, nan_ok=True)


@settings(max_examples=40)
@given(rows=spans())
def test_pooled_f1_counts_all_pairs_alike(rows: list[Row]) -> None:
    """Pooled, matches and marks of all pairs of annotators are added up before dividing."""
    counts = [matched(one, other, "exact") for pairs in answer_pairs(rows).values() for one, other in pairs]
    hits, marked = np.sum(counts, axis=0) if counts else (0, 0)

    found = span_f1(frame(rows), average="pooled", replicates=0)

    assert found.value == pytest.approx(2 * hits / marked if marked else math.nan, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("match", MATCHES)
@settings(max_examples=15)
@given(rows=spans(), shuffle=st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(match: Match, rows: list[Row], shuffle: Random) -> None:
    """Other names give the same value and interval to rounding, another order to the last bit."""
    again = list(rows)
    shuffle.shuffle(again)
    other, _ = renamed(rows, shuffle)

    before, after, elsewhere = (
        span_f1(frame(r), match, level=0.9, replicates=40, seed=3) for r in (rows, again, other)
    )

    assert same(before, after)
    assert elsewhere.value == pytest.approx(before.value, abs=1e-12, nan_ok=True)
    assert elsewhere.interval == pytest.approx(before.interval, abs=1e-12)


def test_one_without_a_row_did_not_see_the_item() -> None:
    """Nothing found lowers F1 where the other found something; not having seen the item does not."""
    both: list[Row] = [("1", "a", "x", 0, 3), ("1", "b", "x", 0, 3), ("2", "a", "x", 0, 3)]

    unseen, nothing = span_f1(frame(both)), span_f1(frame([*both, ("2", "b", None, None, None)]))

    assert (unseen.value, unseen.n_items, unseen.n_single) == (1, 1, 1)
    assert nothing.value == pytest.approx(2 / 3)
    assert (nothing.n_items, nothing.n_single) == (2, 0)
    assert nothing.details["empty_answers"] == 1


def test_items_that_both_left_empty_are_counted_and_change_nothing() -> None:
    """Agreeing on nothing is no match: the value stays, and details say how many items there are."""
    rows: list[Row] = [("1", "a", "x", 0, 3), ("1", "b", "y", 0, 3), ("1", "b", "x", 0, 3)]
    empty: list[Row] = [("2", who, None, None, None) for who in "ab"]

    before, after = span_f1(frame(rows), replicates=0), span_f1(frame([*rows, *empty]), replicates=0)

    assert after.value == before.value == pytest.approx(2 / 3)
    assert (before.details["both_empty"], after.details["both_empty"]) == (0, 1)
    assert after.details["empty_items"] == 1


def test_without_labels_only_places_count() -> None:
    """A span matches one of the other's at the same place, and no more than one, whatever their labels."""
    rows: list[Row] = [("1", "a", "x", 0, 3), ("1", "b", "y", 0, 3), ("1", "b", "z", 0, 3)]

    assert span_f1(frame(rows)).value == 0
    assert span_f1(frame(rows), same_label=False).value == pytest.approx(2 / 3)
    assert span_f1(frame(rows), "partial", same_label=False).value == pytest.approx(2 / 3)
    assert span_f1(frame(rows), "token", same_label=False).value == 1


def test_one_label_alone() -> None:
    """Asked for one label, the others' spans are as if not marked, and their annotators have looked."""
    rows: list[Row] = [
        ("1", "a", "x", 0, 3),
        ("1", "b", "x", 0, 3),
        ("2", "a", "y", 0, 3),
        ("2", "b", "x", 1, 2),
    ]

    found = span_f1(frame(rows), label="x")

    assert found.value == pytest.approx(2 / 3)
    assert (found.n_items, found.n_labels) == (2, 3)
    with pytest.raises(ColumnError, match=r"expected one of the labels \['x', 'y'\], found label='w'"):
        span_f1(frame(rows), label="w")


def test_a_word_belongs_to_a_span_that_touches_it() -> None:
    """Words a span cuts into count whole, spaces and spans over spaces alone do not count."""
    text = {"item_id": ["1"], "text": ["Ada, née Byron"]}
    rows: list[Row] = [("1", "a", "x", 0, 3), ("1", "b", "x", 1, 6), ("1", "b", "x", 4, 5)]

    words, blocks = (
        span_f1(frame(rows), "token", tokens=t, items=text).value for t in ("word", "whitespace")
    )

    assert words == pytest.approx(2 * 1 / (1 + 3))  # "Ada" out of "Ada", and "Ada" "," "née"
    assert blocks == pytest.approx(2 * 1 / (1 + 2))  # "Ada," out of "Ada,", and "Ada," "née"


def test_an_interval_is_made_of_items() -> None:
    """Many items like these narrow the interval; the same seed repeats it and another one does not."""
    rows: list[Row] = []
    for n in range(200):
        rows += [(str(n), "a", "x", 0, 3), (str(n), "b", "x", 0, 3 if n % 4 else 2)]
    few, many, again, other = (
        span_f1(frame(rows[:size]), seed=seed) for size, seed in ((40, 0), (400, 0), (400, 0), (400, 1))
    )

    assert few.interval is not None
    assert many.interval is not None
    assert many.interval[1] - many.interval[0] < 0.6 * (few.interval[1] - few.interval[0])
    assert many.interval[0] < many.value == 0.75 < many.interval[1]
    assert many.interval == again.interval != other.interval


def test_many_annotators_with_few_items_each() -> None:
    """A crowd whose pairs share one item each has a value and an interval like a small team has."""
    rows: list[Row] = [
        (str(n), f"annotator {n} {who}", "x", 0, 3 if n % 3 or who else 2)
        for n in range(90)
        for who in range(2)
    ]

    found = span_f1(frame(rows))

    assert found.value == pytest.approx(2 / 3)
    assert found.details["pairs"] == 90
    assert found.interval is not None
    assert 0.5 < found.interval[0] < 0.66 < found.interval[1] < 0.8


UNDEFINED: list[tuple[list[Row], Reason]] = [
    ([], Reason.NO_LABELS),
    ([("1", "a", "x", 0, 2)], Reason.NO_PAIRS),
    ([("1", "a", "x", 0, 2), ("2", "b", "x", 0, 2)], Reason.NO_PAIRS),
    ([("1", "a", None, None, None), ("1", "b", None, None, None)], Reason.NO_SPANS),
]


@pytest.mark.parametrize(("rows", "reason"), UNDEFINED)
def test_undefined_is_nan_with_a_reason(rows: list[Row], reason: Reason) -> None:
    """Where nobody or one annotator looked, or nobody marked, no measure has a number, and says why."""
    labels = frame(rows)
    for found in (
        span_f1(labels),
        span_f1(labels, "partial"),
        span_f1(labels, "token"),
        token_kappa(labels),
        token_kappa(labels, "alpha"),
        krippendorff_alpha_u(labels),
        krippendorff_alpha_u(labels, "cu"),
        gamma(labels),
        gamma(labels, chance="statistics"),
    ):
        assert math.isnan(found.value)
        assert (found.interval, found.reason) == (None, reason)


REFUSED: list[tuple[dict[str, object], int, str, str]] = [
    ({"end": 0}, 1, "end", "expected a span that ends after its start"),
    ({"start": -1}, 1, "start", "expected a position from 0 on"),
    ({"start": None}, 1, "start", "expected a position of the span, found"),
    ({"label": None}, 1, "label", "expected a label of the span, found"),
    ({"annotator_id": "a", "end": 3}, 1, "label", "expected each span of an annotator once"),
    ({"item_id": None}, 1, "item_id", "expected a value in every row, found null"),
    ({"start": 0.5}, 1, "start", "expected a whole number, found 0.5"),
    ({"end": math.nan}, 1, "end", "expected a whole number, found nan"),
    ({"label": math.nan}, 1, "label", "expected a label or null, found nan"),
]


@pytest.mark.parametrize(("wrong", "row", "column", "sentence"), REFUSED)
def test_impossible_spans_are_refused(wrong: dict[str, object], row: int, column: str, sentence: str) -> None:
    """A row that is no span is named with its column and what was expected."""
    first = {"item_id": "1", "annotator_id": "a", "label": "x", "start": 0, "end": 3}
    second = first | {"annotator_id": "b", "end": 2} | wrong
    if isinstance(wrong.get("label"), float):
        first["label"] = 1.0

    with pytest.raises(ColumnError) as caught:
        span_f1(pl.DataFrame([first, second], strict=False))

    assert (caught.value.row, caught.value.column) == (row, column)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("column", ["label", "start"])
def test_columns_of_another_kind_are_refused(column: str) -> None:
    """Sets of labels and positions in words are told apart from spans."""
    other = {"label": [["x"], ["y"]], "start": ["one", "two"]}[column]
    labels = {"item_id": [1, 1], "annotator_id": [1, 2], "label": ["x", "x"], "start": [0, 0], "end": [1, 1]}

    with pytest.raises(ColumnError, match=f"column '{column}'"):
        span_f1(labels | {column: other})


def test_a_missing_column_is_named() -> None:
    """A frame without positions is told which columns spans have."""
    with pytest.raises(ColumnError, match=r"column 'start': expected the columns \['item_id'"):
        span_f1({"item_id": ["1"], "annotator_id": ["a"], "label": ["x"]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": "near"},
        {"level": 1},
        {"replicates": 3},
        {"seed": -1},
        {"match": "token", "tokens": "letters"},
    ],
    ids=str,
)
def test_wrong_choices_are_refused(wrong: dict[str, object]) -> None:
    """A choice nobody knows is a ValueError that names what was found."""
    with pytest.raises(ValueError, match="Expected"):
        span_f1(frame([("1", "a", "x", 0, 3), ("1", "b", "x", 0, 2)]), **wrong)  # type: ignore[arg-type]


def test_a_span_outside_its_text_is_refused() -> None:
    """Where the text is known, a span beyond its end is named; so is an item without a text."""
    rows = frame([("1", "a", "x", 0, 3), ("1", "b", "x", 2, 9)])

    with pytest.raises(ColumnError, match=r"row 1, column 'end': expected a span within 0:8, all of '1'"):
        token_kappa(rows, items=texts(["1"], 8))
    with pytest.raises(ColumnError, match="found none for '1'"):
        token_kappa(rows, items=texts(["2"]))
    with pytest.raises(ColumnError, match="expected each item once"):
        token_kappa(rows, items=texts(["1", "1"]))
    with pytest.raises(ColumnError, match="column 'text'"):
        token_kappa(rows, tokens="word")


def test_frames_of_pandas_are_taken() -> None:
    """A pandas frame, whose positions turn to fractions beside a missing one, is read as it is meant."""
    rows = [("1", "a", "x", 0, 3), ("1", "b", "x", 0, 3), ("2", "a", None, None, None), ("2", "b", "x", 1, 2)]
    table = pd.DataFrame(rows, columns=list(frame([]).columns))

    assert table["start"].dtype == np.float64
    assert span_f1(table).value == span_f1(frame(rows)).value == pytest.approx(2 / 3)


def fragmented(*spans: tuple[str, list[list[int]]]) -> dict[str, list[object]]:
    """Return LABELS of spans in pieces: who, and which."""
    return {
        "item_id": ["a"] * len(spans),
        "annotator_id": [who for who, _ in spans],
        "label": ["heart"] * len(spans),
        "start": [pieces[0][0] for _, pieces in spans],
        "end": [pieces[-1][1] for _, pieces in spans],
        "fragments": [pieces for _, pieces in spans],
    }


LEFT, WHOLE = [[0, 4], [15, 24]], [[0, 24]]


def test_exact_matches_compare_all_pieces() -> None:
    """Spans of one reach with other pieces are no match, for whatever label."""
    same = fragmented(("ada", LEFT), ("bob", LEFT))
    other = fragmented(("ada", LEFT), ("bob", WHOLE))

    for same_label in (True, False):
        assert span_f1(same, same_label=same_label).value == 1
        assert span_f1(other, same_label=same_label).value == 0
    both = fragmented(("ada", LEFT), ("ada", WHOLE), ("bob", WHOLE))
    assert span_f1(both).value == pytest.approx(2 / 3)


def test_partial_matches_count_the_pieces_alone() -> None:
    """What lies in the gap of a span is not shared with it."""
    assert span_f1(fragmented(("ada", LEFT), ("bob", WHOLE)), "partial").value == pytest.approx(2 * 13 / 37)
    assert span_f1(fragmented(("ada", LEFT), ("bob", [[5, 14]])), "partial").value == 0
    assert span_f1(fragmented(("ada", LEFT), ("bob", LEFT)), "partial").value == 1


def test_tokens_are_those_of_the_pieces() -> None:
    """A token in a gap is not marked; one that two spans of an annotator share counts once."""
    items = {"item_id": ["a"], "text": ["left and right ventricle"]}
    shared = fragmented(("ada", LEFT), ("ada", [[9, 24]]), ("bob", WHOLE))

    assert span_f1(shared, "token", tokens="word", items=items).value == pytest.approx(2 * 3 / 7)
    assert token_kappa(fragmented(("ada", LEFT), ("bob", LEFT)), items=items).value == 1


def test_units_are_the_pieces() -> None:
    """Unitizing alpha and gamma take each piece as a unit."""
    items = {"item_id": ["a"], "start": [0], "end": [60]}
    pieces = fragmented(("ada", LEFT), ("bob", [[0, 4], [16, 24]]))
    apart = fragmented(*[(who, [piece]) for who in ("ada", "bob") for piece in ([0, 4], [15, 24])])
    apart = {**apart, "start": [0, 15, 0, 16], "fragments": [[[0, 4]], [[15, 24]], [[0, 4]], [[16, 24]]]}

    for measure in (krippendorff_alpha_u, gamma):
        assert measure(pieces, items=items).value == measure(apart, items=items).value


@pytest.mark.parametrize(
    "bad", [[], [[0, 4]], [[0, 9], [4, 24]], [[0, 4], [4, 24]], [[0], [24]], [[0, None], [15, 24]]]
)
def test_fragments_that_are_no_span_are_refused(bad: list[list[int | None]]) -> None:
    """The error names the row."""
    labels = {**fragmented(("ada", WHOLE), ("bob", WHOLE)), "fragments": [None, bad]}
    with pytest.raises(ColumnError, match="from 0 to 24") as caught:
        span_f1(labels)
    assert (caught.value.row, caught.value.column) == (1, "fragments")
