"""Cells: one column of Python values, or the row of the one that does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.errors import ColumnError
from jupyter_annotate.frames.cells import check_name, numpy_series, series_of


@pytest.mark.parametrize(
    ("cells", "dtype", "expected"),
    [
        ([1, 0.5, None], pl.Float64, [1.0, 0.5, None]),
        ([0.5, 1], pl.Float64, [0.5, 1.0]),
        ([1, None], pl.Int64, [1, None]),
        ([np.array([1, 2]), None], pl.List(pl.Int64), [[1, 2], None]),
        ([None, np.array([0.5, 1], "float32")], pl.List(pl.Float32), [None, [0.5, 1.0]]),
        ([np.array(["a"]), np.array(["b", "c"])], pl.List(pl.String), [["a"], ["b", "c"]]),
        ([np.array([1]), np.array([0.5])], pl.List(pl.Float64), [[1.0], [0.5]]),
        ([pl.Series([1]), pl.Series([0.5])], pl.List(pl.Float64), [[1.0], [0.5]]),
        ([[1], [0.5]], pl.List(pl.Float64), [[1.0], [0.5]]),
        ([np.str_("a"), "b"], pl.String, ["a", "b"]),
        ([], pl.Null, []),
    ],
)
def test_cells_make_a_column(cells: list[Any], dtype: pl.DataType, expected: list[Any]) -> None:
    """Whole numbers beside fractions are numbers, and arrays are lists."""
    column = series_of("x", cells, what="f()")

    assert (column.dtype, column.to_list()) == (dtype, expected)


@pytest.mark.parametrize("wrap", [lambda mapping: mapping, lambda mapping: [mapping]])
def test_mappings_keep_every_key(wrap: Any) -> None:  # noqa: ANN401 -- a lambda
    """A key that only a later row has is not dropped."""
    column = series_of("x", [wrap({"a": 1}), wrap({"b": "y"})], what="f()")

    assert column.to_list() == [wrap({"a": 1, "b": None}), wrap({"a": None, "b": "y"})]


@pytest.mark.parametrize(
    ("cells", "row", "said"),
    [
        ([1, "a"], 1, r"expected Int64 as in the rows above, found 'a' \(str\)"),
        (["a", None, 5], 2, r"expected String as in the rows above, found 5 \(int\)"),
        ([None, 1, 2**200], 2, r"expected Int64 as in the rows above, found 1606.* \(int\)"),
        ([2**60, 0.5], 1, "expected Int64 as in the rows above, found 0.5"),
        ([True, "x"], 1, "expected Boolean as in the rows above"),
        ([["a"], "b"], 1, r"expected List\(String\) as in the rows above"),
        ([{"a": 1}, 5], 1, "expected Struct"),
        (["a"] * 1000 + [5] + ["a"] * 1000, 1000, "found 5"),
        ([[object()]], 0, "expected a value that polars can hold"),
    ],
)
def test_a_cell_unlike_those_above_is_named(cells: list[Any], row: int, said: str) -> None:
    """The error has the row, the column, what was expected there and what was found."""
    with pytest.raises(ColumnError, match=said) as caught:
        series_of("x", cells, what="f()")

    assert (caught.value.what, caught.value.row, caught.value.column) == ("f()", row, "x")


@pytest.mark.parametrize("cell", ["b\ud800", ["b\ud800"], {"k": "b\ud800"}, [{"k": ["b\ud800"]}]])
def test_a_lone_surrogate_is_found_however_deep(cell: object) -> None:
    """Text that no UTF-8 can hold is named with its row, in lists and mappings too."""
    with pytest.raises(ColumnError, match=r"row 1, column 'x'.*lone surrogate at character 1 of 'b\\ud800'"):
        series_of("x", [None, cell], what="f()")


@pytest.mark.parametrize("name", [1, None, ("a", "b"), "a\ud800"])
def test_a_column_has_a_name_of_text(name: object) -> None:
    """Whatever no frame could carry as a name is refused."""
    with pytest.raises(ColumnError, match=r"f\(\): expected text that is valid Unicode as name"):
        check_name(name, what="f()")


def test_times_of_numpy_in_seconds_are_taken() -> None:
    """Seconds, which polars has not, become milliseconds; NaT becomes null."""
    times = numpy_series("x", np.array(["2024-02-29T12:00:01", "NaT"], dtype="datetime64[s]"))
    spans = numpy_series("x", np.array([90, "NaT"], dtype="timedelta64[s]"))

    assert (times.dtype, times.null_count()) == (pl.Datetime("ms"), 1)
    assert (spans.dtype, spans.dt.total_seconds().to_list()) == (pl.Duration("ms"), [90, None])
