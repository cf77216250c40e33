"""Span consensus: whole spans and pieces of spans, nested ones, invariance, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.span_consensus import SpanPieces, SpanVote
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled

Method = Callable[[], SpanVote | SpanPieces]
METHODS: list[Method] = [
    SpanVote,
    lambda: SpanVote(DawidSkene()),
    SpanPieces,
    lambda: SpanPieces(DawidSkene()),
    lambda: SpanPieces(nested=True),
]
NAMES = ["vote", "vote by model", "pieces", "pieces by model", "nested"]
every_method = pytest.mark.parametrize("method", METHODS, ids=NAMES)

PLACE = ["item_id", "start", "end"]


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return spans; a row that ends after the annotator says that nothing was found."""
    schema = {
        "item_id": pl.String,
        "annotator_id": pl.String,
        "label": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
    }
    return pl.DataFrame([(*row, *[None] * (5 - len(row))) for row in rows], schema=schema, orient="row")


def simulated(n: int, *, seed: int) -> tuple[pl.DataFrame, set[tuple[str, str, int, int]]]:
    """Return spans of words by five annotators, two of whom are careless, and the true spans."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    truth = set()
    for item in range(n):
        real = [(str(rng.choice(["city", "time", "dish"])), 20 * k, 20 * k + 10) for k in range(3)]
        truth |= {(f"i{item:03d}", *span) for span in real}
        for who in range(5):
            bad = who >= 3
            drawn = []
            for name, start, end in real:
                if rng.random() < (0.4 if bad else 0.05):
                    continue
                late = 5 * int(rng.random() < (0.3 if bad else 0.05))
                other = (
                    str(rng.choice(["city", "time", "dish"]))
                    if rng.random() < (0.3 if bad else 0.02)
                    else name
                )
                drawn.append((other, start + late, end))
            if rng.random() < (0.4 if bad else 0.03):
                drawn.append(("city", 73, 79))
            rows += [(f"i{item:03d}", f"w{who}", *span) for span in drawn] or [(f"i{item:03d}", f"w{who}")]
    return frame(rows), truth


def f1(found: pl.DataFrame, truth: set[tuple[str, str, int, int]]) -> float:
    """Return the F1 of exact spans."""
    spans = set(found.drop_nulls("label").select("item_id", "label", "start", "end").rows())
    return 2 * len(spans & truth) / (len(spans) + len(truth))


@every_method
def test_the_spans_of_most_are_found(method: Method) -> None:
    """From three careful and two careless annotators most spans come back exactly."""
    labels, truth = simulated(60, seed=1)

    assert f1(method().fit_predict(labels), truth) > 0.84


@pytest.mark.parametrize("method", [SpanVote, SpanPieces])
def test_a_model_of_annotators_beats_the_majority(method: type[SpanVote | SpanPieces]) -> None:
    """Dawid-Skene gets more spans exactly right than votes."""
    labels, truth = simulated(60, seed=2)

    voted, modeled = (f1(method(model).fit_predict(labels), truth) for model in (None, DawidSkene()))
    assert modeled > max(voted, 0.94)


@every_method
def test_names_and_order_of_rows_change_nothing(method: Method) -> None:
    """Shuffled rows give the same bits; renamed items, annotators and labels the same under their names."""
    labels, _ = simulated(25, seed=3)
    plain = method().fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "label")}
    other = method().fit(renamed(labels, new))
    expected = renamed(plain.consensus_, {name: new[name] for name in ("item_id", "label")})

    assert plain.consensus_.equals(method().fit_predict(shuffled(labels)))
    assert close(expected, other.consensus_, by=[*PLACE, "label"])
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


@every_method
def test_moved_text_moves_the_spans(method: Method) -> None:
    """A text that stands later and is twice as wide has the same spans there, as sure."""
    labels, _ = simulated(25, seed=4)
    plain = method().fit_predict(labels)
    other = method().fit_predict(labels.with_columns(pl.col("start", "end") * 2 + 1000))

    assert close(plain, other.with_columns((pl.col("start", "end") - 1000) // 2), by=[*PLACE, "label"])


@pytest.mark.parametrize("method", [SpanVote, SpanPieces])
def test_the_same_spans_of_new_items_change_nothing(method: type[SpanVote | SpanPieces]) -> None:
    """With every item a second time a majority finds the same spans."""
    labels, _ = simulated(25, seed=5)
    plain, twice = method().fit_predict(labels), method().fit_predict(doubled(labels))

    assert plain.equals(twice.filter(~pl.col("item_id").str.ends_with("again")))


def test_the_place_most_gave_is_kept() -> None:
    """Of spans that mean the same the most common place is kept, not a mean that nobody drew."""
    rows = [("a", who, "city", 0, end) for who, end in (("ada", 8), ("bob", 8), ("eve", 9), ("zoe", 14))]

    found = SpanVote().fit_predict(frame(rows))

    assert found.select("start", "end", "confidence", "n_votes").rows() == [(0, 8, 1.0, 4)]


def test_pieces_keep_what_most_marked() -> None:
    """Characters that two of three marked are in the span; its confidence is the mean over them."""
    rows = [("a", "ada", "city", 0, 8), ("a", "bob", "city", 2, 10), ("a", "eve", "city", 2, 8)]

    found = SpanPieces().fit_predict(frame(rows))

    assert found.select("label", "start", "end", "confidence").rows() == [("city", 2, 8, 1.0)]


def test_spans_side_by_side_stay_two() -> None:
    """Where most annotators begin a new span of the same label, it is not joined to the one before."""
    rows = [("a", who, "city", *span) for who in ("ada", "bob") for span in ((0, 4), (4, 8))]
    rows.append(("a", "eve", "city", 0, 8))

    assert SpanPieces().fit_predict(frame(rows)).select("start", "end").rows() == [(0, 4), (4, 8)]
    one = SpanPieces().fit_predict(frame([*rows, ("a", "zoe", "city", 0, 8), ("a", "kim", "city", 0, 8)]))
    assert one.select("start", "end").rows() == [(0, 8)]


def test_nested_spans_need_their_own_decisions() -> None:
    """A city within an address is kept beside it if nesting is asked for; else it cuts the address."""
    rows = [("a", who, *span) for who in ("ada", "bob") for span in (("address", 0, 20), ("city", 12, 20))]

    nested = SpanPieces(nested=True).fit_predict(frame(rows))
    flat = SpanPieces().fit_predict(frame(rows))

    assert nested.select("label", "start", "end").rows() == [("address", 0, 20), ("city", 12, 20)]
    assert flat.select("label", "start", "end").rows() == [("address", 0, 12), ("city", 12, 20)]
    assert SpanVote().fit_predict(frame(rows)).select("label", "start", "end").rows() == [
        ("address", 0, 20),
        ("city", 12, 20),
    ]


@every_method
def test_spans_that_say_little_have_a_result(method: Method) -> None:
    """One annotator is believed; an item where nobody found anything keeps a row; no rows, no items."""
    found = method().fit_predict(frame([("a", "ada", "city", 3, 5), ("b", "ada"), ("b", "bob")]))

    assert found.select("item_id", "label", "start", "end", "n_seen").rows() == [
        ("a", "city", 3, 5, 1),
        ("b", None, None, None, 2),
    ]
    assert found["confidence"][1] == 1.0
    assert method().fit_predict(frame([])).is_empty()
    assert method().fit_predict(frame([("b", "ada")]))["label"].to_list() == [None]


def test_half_of_the_annotators_are_no_majority() -> None:
    """What one of two annotators marked is left out, and listed among the groups."""
    rows = [("a", "ada", "city", 3, 5), ("a", "bob")]
    vote = SpanVote().fit(frame(rows))

    assert vote.consensus_.select("label", "confidence").rows() == [(None, 0.5)]
    assert vote.groups_.select("label", "presence", "kept").rows() == [("city", 0.5, False)]
    assert SpanPieces().fit_predict(frame(rows)).select("label", "confidence").rows() == [(None, 0.5)]


@every_method
@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("a", "ada", "city", 5, 3), "end"),
        (("a", "ada", "city", 5, 5), "end"),
        (("a", "ada", "city", -1, 5), "start"),
        (("a", "ada", "city", None, 5), "start"),
        (("a", "ada", None, 1, 5), "start"),
    ],
)
def test_impossible_spans_name_row_and_column(method: Method, row: tuple[object, ...], column: str) -> None:
    """Ends before starts, offsets below 0 or missing, and places without a label are refused."""
    with pytest.raises(ColumnError) as caught:
        method().fit(frame([("a", "bob"), ("a", "zoe", "city", 0, 4), row]))

    assert (caught.value.row, caught.value.column) == (2, column)


def test_offsets_are_whole() -> None:
    """Half a code point is refused; a column of floats that are whole is not."""
    labels = frame([("a", "ada", "city", 3, 5)]).with_columns(pl.col("start", "end").cast(pl.Float64))

    assert SpanVote().fit_predict(labels)["end"].to_list() == [5]
    with pytest.raises(ColumnError, match="whole number"):
        SpanVote().fit(labels.with_columns(pl.col("end") + 0.5))


def test_wrong_parameters_are_refused() -> None:
    """A threshold of 1, which nothing exceeds, is a ValueError."""
    with pytest.raises(ValueError, match="threshold"):
        SpanVote(threshold=1)


def in_pieces(*fragments: list[list[int]] | None) -> pl.DataFrame:
    """Return a span of each of some annotators, in pieces, or none."""
    return pl.DataFrame(
        {
            "item_id": ["a"] * len(fragments),
            "annotator_id": [f"w{n}" for n in range(len(fragments))],
            "label": [each and "heart" for each in fragments],
            "start": [each and each[0][0] for each in fragments],
            "end": [each and each[-1][1] for each in fragments],
            "fragments": fragments,
        }
    )


def test_whole_spans_in_pieces_keep_their_pieces() -> None:
    """The pieces that most gave are kept, and a span over the gap is another one."""
    left, whole = [[0, 4], [15, 24]], [[0, 24]]

    found = SpanVote().fit_predict(in_pieces(left, whole, left))
    apart = SpanVote(least_overlap=0.6).fit(in_pieces(left, whole, left, None)).groups_

    assert found.select("start", "end", "fragments", "n_votes").rows() == [(0, 24, left, 3)]
    assert apart.select("fragments", "n_votes", "kept").sort("n_votes").rows() == [
        (whole, 1, False),
        (left, 2, False),
    ]


def test_piece_by_piece_the_pieces_of_a_span_come_apart() -> None:
    """Each piece is voted on as a span of its own; the gap of a span is not marked."""
    left, whole = [[0, 4], [15, 24]], [[0, 24]]

    found = SpanPieces().fit_predict(in_pieces(left, whole, left))

    assert found.select("start", "end").rows() == [(0, 4), (15, 24)]


def test_the_row_of_a_wrong_piece_is_named() -> None:
    """Fragments that do not make up their span are refused."""
    for estimator in (SpanVote(), SpanPieces()):
        labels = in_pieces([[0, 4], [15, 24]], [[0, 4]]).with_columns(end=pl.lit(24))
        with pytest.raises(ColumnError, match="from 0 to 24") as caught:
            estimator.fit(labels)
        assert (caught.value.row, caught.value.column) == (1, "fragments")
