"""Taking: whatever is a frame comes out as polars; what is none is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError


def test_one_value_stands_for_a_whole_column() -> None:
    """A single value in a mapping is repeated as often as the other columns are long."""
    frame = to_polars({"item_id": ["a", "b"], "source": "model", "score": 3, "note": None}, what="f()")

    assert frame.rows() == [("a", "model", 3, None), ("b", "model", 3, None)]
    assert to_polars({"item_id": "a"}, what="f()").rows() == [("a",)]


def test_columns_of_a_mapping_may_be_of_any_make() -> None:
    """Lists, generators, numpy, polars, pandas and pyarrow columns stand beside each other."""
    frame = to_polars(
        {
            "list": ["a", "b"],
            "generator": (n for n in range(2)),
            "numpy": np.array([0.5, 1.5]),
            "text": np.array(["x", "y"]),
            "objects": np.array(["x", None], dtype=object),
            "polars": pl.Series("other", [True, False]),
            "pandas": pd.Series(["p", None], index=[7, 8]),
            "index": pd.Index(["q", "r"]),
            "arrow": pa.array([1, None]),
        },
        what="f()",
    )

    assert frame.rows() == [
        ("a", 0, 0.5, "x", "x", True, "p", "q", 1),
        ("b", 1, 1.5, "y", None, False, None, "r", None),
    ]


def test_columns_of_unequal_length_are_named() -> None:
    """The first that is longer or shorter than the first column is named with both lengths."""
    with pytest.raises(
        ColumnError, match=r"f\(\), column 'text': expected 2 rows in every column.*'item_id'.*found 1"
    ):
        to_polars({"item_id": ["a", "b"], "text": ["x"]}, what="f()")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.LazyFrame({"a": [1]}).select("b"), 'ColumnNotFoundError: unable to find column "b"'),
        (pl.scan_csv(Path("no-such.csv")), "FileNotFoundError: No such file"),
    ],
    ids=["column", "file"],
)
def test_a_lazy_frame_that_fails_says_why(frame: pl.LazyFrame, said: str) -> None:
    """What polars found when it computed the frame stands in the error, in one line."""
    with pytest.raises(ColumnError, match=rf"f\(\): expected a lazy frame .* found {said}") as caught:
        to_polars(frame, what="f()")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([["a", "b", "c"]], columns=["item_id", "text", "text"]),
        pd.DataFrame([["a", "b", "c"]], columns=["item_id", 1, "1"]),
    ],
    ids=["equal", "equal as text"],
)
def test_a_column_stands_once(frame: pd.DataFrame) -> None:
    """Two pandas columns of one name are refused with the name."""
    with pytest.raises(ColumnError, match=r"expected every column once, found two columns '(text|1)'"):
        to_polars(frame, what="f()")


def test_an_arrow_stream_that_fails_says_why() -> None:
    """A pyarrow table that polars cannot take is refused in a sentence."""
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])

    with pytest.raises(ColumnError, match=r"f\(\): expected an Arrow stream that polars can read, found"):
        to_polars(table, what="f()")


def test_a_pandas_frame_without_columns_keeps_its_height() -> None:
    """It has rows and nothing in them."""
    assert to_polars(pd.DataFrame(index=[1, 2, 3]), what="f()").height == 3
