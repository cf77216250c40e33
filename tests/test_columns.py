"""The frames that cross module boundaries, and the one check at each door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import polars as pl
import pytest

from jupyter_annotate import columns
from jupyter_annotate.columns import ANNOTATIONS, EVENTS, ITEMS, LABELS, Columns, empty, require, to_polars
from jupyter_annotate.errors import ColumnError

ROWS = {"item_id": ["a", "b"], "annotator_id": ["ada", "bob"], "label": ["x", "y"]}

SOURCES: dict[str, Callable[[], object]] = {
    "polars": lambda: pl.DataFrame(ROWS),
    "polars lazy": lambda: pl.LazyFrame(ROWS),
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas with an index": lambda: pd.DataFrame(ROWS, index=[7, 3]),
    "pyarrow": lambda: pytest.importorskip("pyarrow").table(ROWS),
    "a mapping": lambda: ROWS,
}


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_any_frame_is_taken(source: str) -> None:
    """Whatever speaks Arrow comes out as the same polars frame."""
    frame = require(SOURCES[source](), LABELS, what="f()").select(*LABELS)

    assert frame.equals(pl.DataFrame(ROWS))


@pytest.mark.parametrize("thing", [None, 3, "item_id", [{"item_id": "a"}], object()])
def test_what_is_no_frame_is_refused(thing: object) -> None:
    """The error names the caller and what is taken instead."""
    with pytest.raises(ColumnError, match=r"f\(\): expected a data frame .* found"):
        to_polars(thing, what="f()")


def test_a_missing_column_is_named() -> None:
    """With the columns that are there, and how to rename one."""
    with pytest.raises(
        ColumnError, match=r"column 'label'.*found \['item_id', 'annotator_id', 'x'\].*rename"
    ) as caught:
        require({"item_id": ["a"], "annotator_id": ["b"], "x": [1]}, LABELS, what="f()")

    assert (caught.value.what, caught.value.column) == ("f()", "label")


@pytest.mark.parametrize("name", ["item_id", "annotator_id"])
def test_an_id_is_never_null(name: str) -> None:
    """The row of the first null is named."""
    rows = {**ROWS, name: ["a", None]}

    with pytest.raises(ColumnError, match=rf"f\(\), row 1, column '{name}': expected a value in every row"):
        require(rows, LABELS, what="f()")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1, 2], ["1", "2"]),
        (pl.Series(["p", "q"], dtype=pl.Categorical), ["p", "q"]),
        ([True, False], ["true", "false"]),
    ],
)
def test_ids_of_other_types_become_text(column: pl.Series, expected: list[str]) -> None:
    """Numbers and categories are ids as well."""
    assert require(pl.DataFrame({"item_id": column}), ITEMS, what="f()")["item_id"].to_list() == expected


def test_a_column_of_another_type_is_refused() -> None:
    """What cannot be cast without loss is named with both types."""
    frame = (
        empty(ANNOTATIONS)
        .with_columns(position=pl.lit("x"))
        .clear(1)
        .with_columns(
            pl.lit("a").alias("item_id"), pl.lit("a").alias("annotator_id"), pl.lit("one").alias("position")
        )
    )

    with pytest.raises(ColumnError, match="column 'position': expected values of type Int64, found String"):
        require(frame, ANNOTATIONS, what="f()")


def test_further_columns_are_kept() -> None:
    """The user's own columns stay, in their order."""
    assert require({**ROWS, "mine": [1, 2]}, LABELS, what="f()").columns == [*ROWS, "mine"]


def test_a_lone_surrogate_is_found() -> None:
    """Text that no UTF-8 can hold is refused with its row and column."""
    with pytest.raises(ColumnError, match=r"row 1, column 'text'.*lone surrogate at character 2"):
        to_polars({"item_id": ["a", "b"], "text": ["fine", "ab\ud800"]}, what="items")


@pytest.mark.parametrize("name", sorted(name for name in columns.__all__ if name.isupper()))
def test_an_empty_frame_fits_its_contract(name: str) -> None:
    """Each of the frames can be made empty and passes its own check."""
    contract: Columns = getattr(columns, name)

    assert require(empty(contract), contract, what="f()").columns == list(contract)


def test_times_are_utc() -> None:
    """Events are dated in UTC, to the microsecond."""
    assert EVENTS["at"] == ANNOTATIONS["at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    ("ids", "row", "said"),
    [
        ([1.0, float("nan")], 1, r"found nan \(Float64\).*beside a missing one"),
        ([1.0, None], 1, r"found None \(Float64\).*beside a missing one"),
        ([1.0, 2.5], 1, r"found 2.5 \(Float64\)"),
        ([1.0, 2.0], 0, r"found 1.0 \(Float64\)"),
        ([{"a": 1}], 0, r"found {'a': 1} \(Struct"),
        ([None, ["a"]], 1, r"found \['a'\] \(List"),
        ([b"a"], 0, r"found b'a' \(Binary"),
        ([dt.timedelta(1)], 0, r"Duration"),
    ],
)
def test_what_is_no_id_is_refused(ids: list[object], row: int, said: str) -> None:
    """Fractions, lists, mappings and bytes are no text; the row of the first is named."""
    with pytest.raises(
        ColumnError, match=f"expected text, whole numbers, categories or dates, {said}|{said}"
    ) as e:
        require({"item_id": ids}, ITEMS, what="f()")

    assert (e.value.row, e.value.column) == (row, "item_id")


def test_dates_are_ids() -> None:
    """A date is an id that a person can read."""
    frame = require({"item_id": [dt.date(2024, 2, 29)]}, ITEMS, what="f()")

    assert frame["item_id"].to_list() == ["2024-02-29"]


def test_a_cell_that_cannot_be_cast_is_named() -> None:
    """The first cell that is no number has its row in the error."""
    with pytest.raises(
        ColumnError, match="row 1, column 'score': expected values of type Float64, found String 'x'"
    ):
        require({"score": ["1", "x"]}, {"score": pl.Float64}, what="f()")


def test_python_objects_are_refused() -> None:
    """A column of Python objects is named where it is needed, whatever its contract."""
    frame = pl.DataFrame({"item_id": ["a"], "annotator_id": ["ada"], "label": [object()]})

    with pytest.raises(ColumnError, match=r"f\(\), row 0, column 'label': .*found a Python object"):
        require(frame, LABELS, what="f()")


def test_a_pandas_index_is_not_read_and_says_so() -> None:
    """Ids that stand in the index of a pandas frame are pointed at."""
    with pytest.raises(
        ColumnError, match=r"column 'item_id'.*The index is not read: pass frame.reset_index\(\)"
    ):
        require(pd.DataFrame({"item_id": ["a"], "x": [1]}).set_index("item_id"), ITEMS, what="f()")


@pytest.mark.parametrize(
    "column", [[], pl.Series([], dtype=pl.List(pl.Int64)), pl.Series([], dtype=pl.Float64)]
)
def test_a_frame_without_rows_fits(column: list[str] | pl.Series) -> None:
    """Where there is no value, there is no wrong one."""
    assert require({"item_id": column}, ITEMS, what="f()").schema == {"item_id": pl.String}
