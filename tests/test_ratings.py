"""Ratings: labels as codes that depend on what labels say, and errors that name the row."""

from __future__ import annotations

import datetime as dt
import math
import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_annotate.errors import ColumnError
from jupyter_annotate.ratings import Ratings, as_labels, coded, ratings_of

Row = tuple[object, object, object]
DAY = dt.date(2026, 1, 1)


def frame(rows: list[Row], dtype: pl.DataType | type[pl.DataType] | None = None) -> pl.DataFrame:
    """Return LABELS."""
    return pl.DataFrame(
        {
            "item_id": pl.Series([item for item, _, _ in rows]),
            "annotator_id": pl.Series([annotator for _, annotator, _ in rows]),
            "label": pl.Series([label for _, _, label in rows], dtype=dtype),
        }
    )


def of(labels: list[object], dtype: pl.DataType | type[pl.DataType] | None = None) -> Ratings:
    """Return the ratings of labels of one annotator on one item each."""
    return ratings_of(frame([(n, "ada", label) for n, label in enumerate(labels)], dtype), what="test")


def refused(rows: list[Row], **options: object) -> ColumnError:
    """Return the error of rows that cannot be used."""
    with pytest.raises(ColumnError) as caught:
        ratings_of(frame(rows), what="test()", **options)  # type: ignore[arg-type]  # as the test says
    return caught.value


# ---------------------------------------------------------------------------------------- codes


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from("edcba"), st.sampled_from(["y", "x", "", None])),
        unique_by=lambda row: row[:2],
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_codes_do_not_depend_on_the_order_of_rows(rows: list[Row], shuffle: random.Random) -> None:
    """The same labels in another order give the same arrays, sorted by item, then annotator."""
    before = ratings_of(frame(rows, pl.String), what="test")
    after = ratings_of(frame(shuffle.sample(rows, len(rows)), pl.String), what="test")

    for name in ("item", "annotator", "label"):
        assert (getattr(before, name) == getattr(after, name)).all()
    for name in ("items", "annotators", "categories"):
        assert getattr(before, name).to_list() == getattr(after, name).to_list()
    assert (np.diff(before.item) >= 0).all()
    assert sorted(rows, key=str) == sorted(
        [
            *zip(
                before.items.gather(before.item).to_list(),
                before.annotators.gather(before.annotator).to_list(),
                before.categories.gather(before.label).to_list(),
                strict=True,
            ),
            *(row for row in rows if row[2] is None),
        ],
        key=str,
    )


def test_ratings_count_what_they_hold() -> None:
    """Labels by item, and where those of each item begin; null labels are counted, their items kept."""
    rows: list[Row] = [("b", 1, "x"), ("a", 2, "y"), ("b", 2, "x"), ("c", 1, None), ("b", 3, "y")]
    ratings = ratings_of(frame(rows), what="test")

    assert (len(ratings), ratings.shape, ratings.n_missing) == (4, (3, 3, 2), 1)
    assert ratings.sizes().tolist() == [1, 3, 0]
    assert ratings.starts().tolist() == [0, 1, 4, 4]
    assert ratings.counts().tolist() == [[0, 1], [2, 1], [0, 0]]


@pytest.mark.parametrize(
    ("column", "codes", "values"),
    [
        (pl.Series([7, 5, 7]), [1, 0, 1], [5, 7]),
        (pl.Series([10**12, 5, None]), [1, 0, -1], [5, 10**12]),
        (pl.Series([-3, -5], dtype=pl.Int8), [1, 0], [-5, -3]),
        (pl.Series(["b", None, "a"]), [1, -1, 0], ["a", "b"]),
        (pl.Series([True, False]), [1, 0], [False, True]),
        (pl.Series([0.5, -0.5]), [1, 0], [-0.5, 0.5]),
        (pl.Series(["b", "a"], dtype=pl.Categorical), [1, 0], ["a", "b"]),
        (pl.Series(["b", "a", None], dtype=pl.Enum(["b", "c", "a"])), [0, 1, -1], ["b", "a"]),
        (
            pl.Series([dt.date(2026, 1, 2), dt.date(2026, 1, 1)]),
            [1, 0],
            [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
        ),
        (pl.Series([], dtype=pl.Int64), [], []),
    ],
    ids=str,
)
def test_codes_number_the_different_values(column: pl.Series, codes: list[int], values: list[object]) -> None:
    """Values are numbered in their order, those of an Enum in its own; null is -1; dtypes stay."""
    found, names = coded(column)

    assert (found.tolist(), names.to_list()) == (codes, values)
    assert names.dtype == (pl.String if column.dtype == pl.Categorical else column.dtype)


# --------------------------------------------------------------------------------------- labels


def test_lists_are_sets() -> None:
    """The same members in another order are one label; none is one too; its value is the list itself."""
    ratings = of([["x", "y"], ["y", "x"], [], None, ["x"]], pl.List(pl.String))

    assert ratings.label[0] == ratings.label[1]
    assert len(set(ratings.label.tolist())) == len(ratings.categories) == 3
    assert sorted(map(sorted, ratings.categories.to_list())) == [[], ["x"], ["x", "y"]]
    assert ratings.categories[int(ratings.label[2])].to_list() == []


def test_zero_has_one_sign() -> None:
    """0.0 and -0.0 are one label, alone and in a list."""
    assert of([0.0, -0.0, 1.0]).label.tolist() == [0, 0, 1]
    assert of([[0.0], [-0.0], [1.0]], pl.List(pl.Float64)).shape[2] == 2


def test_text_that_reads_like_nothing_is_a_label() -> None:
    """Only null is missing."""
    ratings = of(["nan", "null", "None", "", None])

    assert (ratings.shape[2], ratings.n_missing) == (4, 1)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(broken: float) -> None:
    """Nan and infinity are named with their row, in lists as well."""
    alone = refused([(1, "a", 1.0), (1, "b", broken)])
    listed = refused([(1, "a", [1.0]), (1, "b", [2.0, broken])])

    assert (alone.row, alone.column, alone.found) == (1, "label", str(broken))
    assert (listed.row, listed.column) == (1, "label")
    assert "frame.fill_nan(None)" in str(alone)


def test_structures_are_refused() -> None:
    """What cannot be compared is named by its type."""
    assert refused([(1, "a", {"k": 1})]).column == "label"


# ----------------------------------------------------------------------------------- categories


def test_declared_categories_have_their_order() -> None:
    """Codes follow the declaration, with labels nobody gave."""
    ratings = ratings_of(
        frame([(1, "a", "high"), (1, "b", "low")]), what="test", categories=["low", "mid", "high"]
    )

    assert ratings.label.tolist() == [2, 0]
    assert ratings.categories.to_list() == ["low", "mid", "high"]


def test_a_label_outside_the_categories_is_named_with_its_row() -> None:
    """The first row with such a label is named, with what could have been given."""
    error = refused([(1, "a", "x"), (1, "b", "z"), (2, "b", "z")], categories=["x", "y"])

    assert str(error) == (
        "test(), row 1, column 'label': expected one of the categories ['x', 'y'], found 'z'."
    )


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (["x", "x"], "each category once"),
        (["x", None], "each category once"),
        ([["x"]], "categories of the type of the labels"),
        (["x", 1], "categories of the type of the labels"),
    ],
)
def test_categories_that_make_no_sense_are_refused(categories: list[object], expected: str) -> None:
    """Twice, null or of another type."""
    error = refused([(1, "a", "x")], categories=categories)

    assert expected in error.expected
    assert error.column == "label"


# -------------------------------------------------------------------------------------- repeats


def test_a_repeat_is_refused_or_kept() -> None:
    """A second label is named with its row; kept, it is a further answer, in an order of its own."""
    rows: list[Row] = [(1, "a", "x"), (2, "a", "x"), (1, "a", None), (1, "a", "y"), (1, "a", "x")]
    error = refused(rows)
    kept, turned = (ratings_of(frame(r), what="test", repeats="keep") for r in (rows, rows[::-1]))

    assert (error.row, error.found) == (3, "a second label of 'a' on 1")
    assert (len(kept), kept.n_repeated, kept.n_missing) == (4, 2, 1)
    assert kept.label.tolist() == turned.label.tolist() == [0, 0, 1, 0]


# ----------------------------------------------------------------------------- frames and names


def test_any_frame_is_taken() -> None:
    """Mappings, lazy frames and pandas give the same ratings; ids may be numbers or text."""
    pandas = pytest.importorskip("pandas")
    columns = {"item_id": [2, 1, 2], "annotator_id": list("bab"), "label": [1, 2, 2]}
    columns["annotator_id"] = ["b", "a", "c"]
    found = [
        ratings_of(source, what="test")
        for source in (columns, pl.LazyFrame(columns), pandas.DataFrame(columns))
    ]

    assert [ratings.label.tolist() for ratings in found] == [[1, 0, 1]] * 3
    assert [ratings.items.to_list() for ratings in found] == [[1, 2]] * 3


def test_missing_columns_and_ids_are_named() -> None:
    """What is missing is named; null ids with their row, ids that are no names with their type."""
    with pytest.raises(ColumnError, match=r"column 'annotator_id'.*ja.as_labels") as caught:
        ratings_of({"item_id": [1], "label": [1]}, what="test()")
    assert caught.value.column == "annotator_id"
    null = refused([(1, "a", 1), (2, None, 1)])
    number = refused([(1.5, "a", 1)])

    assert (null.row, null.column) == (1, "annotator_id")
    assert (number.row, number.column, number.found) == (0, "item_id", "1.5 (Float64)")


def test_other_names_become_labels() -> None:
    """Columns are renamed, others follow, and what is missing is named."""
    crowd = {"worker": ["w"], "task": ["t"], "answer": ["x"], "label": ["old"], "at": [0]}
    labels = as_labels(crowd, item="task", annotator="worker", label="answer")

    assert labels.to_dicts() == [{"item_id": "t", "annotator_id": "w", "label": "x", "at": 0}]
    with pytest.raises(ColumnError, match=r"as_labels\(\), column 'task'"):
        as_labels({"worker": ["w"]}, item="task", annotator="worker", label="answer")
    with pytest.raises(ColumnError, match="three columns named"):
        as_labels(crowd, item="task", annotator="task", label="answer")
