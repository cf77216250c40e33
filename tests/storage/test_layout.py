"""Columns of several batches read as one: the type that loses nothing, or none."""

from __future__ import annotations

import polars as pl
import pytest

from jupyter_annotate.errors import StorageError
from jupyter_annotate.storage.layout import Source, as_laid_out, common_type, lay_out


def source(values: object, dtype: pl.DataType | type[pl.DataType] | None = None) -> Source:
    """Make a batch of one column x."""
    frame = pl.DataFrame({"x": values}, schema={"x": dtype})
    return frame.lazy(), frame.schema


LARGE = 2**53 + 1
STRUCT = pl.Struct({"a": pl.Int32})
WIDE_STRUCT = pl.Struct({"a": pl.Int64})

TOGETHER = {
    "same": (source(["a"]), source(["b"]), pl.String()),
    "null": (source([None]), source([b"b"]), pl.Binary()),
    "null after": (source([1.5]), source([None]), pl.Float64()),
    "wider": (source([1], pl.Int8), source([2], pl.Int64), pl.Int64()),
    "unsigned": (source([1], pl.UInt8), source([-1], pl.Int8), pl.Int16()),
    "small integers and floats": (source([1], pl.Int32), source([0.5]), pl.Float64()),
    "exact integers and floats": (source([1, None, -(2**53)]), source([0.5]), pl.Float64()),
    "floats and exact integers": (source([0.5]), source([2**53], pl.UInt64), pl.Float64()),
    "category": (source(["a"]), source(["b"], pl.Categorical()), pl.String()),
    "enums": (source(["a"], pl.Enum(["a"])), source(["b"], pl.Enum(["b"])), pl.String()),
    "empty lists": (source([[]]), source([["a"]]), pl.List(pl.String())),
    "lists": (source([[1]], pl.List(pl.Int8)), source([[2]], pl.List(pl.Int64)), pl.List(pl.Int64())),
    "structs": (source([{"a": 1}], STRUCT), source([{"a": 2}], WIDE_STRUCT), WIDE_STRUCT),
}

APART = {
    "text and bytes": (source(["a.png"]), source([b"\x89PNG"])),
    "text and numbers": (source(["a"]), source([1])),
    "text and lists": (source(["a"]), source([["a"]])),
    "structs of other fields": (source([{"a": 1}]), source([{"b": 1}])),
    "structs and text": (source([{"a": 1}]), source(["a"])),
    "truth and numbers": (source([True]), source([1])),
    "large integers and floats": (source([LARGE]), source([0.5])),
    "floats and large integers": (source([0.5]), source([-LARGE])),
    "lists of large integers and floats": (source([[LARGE]]), source([[0.5]])),
    "integers and small floats": (source([LARGE]), source([0.5], pl.Float32)),
    "units of time": (source([1], pl.Datetime("us")), source([1], pl.Datetime("ns"))),
    "days and times": (source([1], pl.Date), source([1], pl.Datetime("us"))),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_one_type_holds_both(name: str) -> None:
    """What loses nothing is read together, in either order, and every value comes back."""
    one, other, expected = TOGETHER[name]

    assert common_type("x", [one, other]) == common_type("x", [other, one]) == expected
    for frame, schema in (one, other):
        read = as_laid_out(frame, schema, lay_out([one, other])).collect()
        assert read.schema["x"] == expected
        assert read["x"].to_list() == frame.collect()["x"].to_list()


@pytest.mark.parametrize("name", APART)
def test_no_type_holds_both(name: str) -> None:
    """What would lose something has no common type, in either order, and the column is named."""
    one, other = APART[name]

    assert common_type("x", [one, other]) is common_type("x", [other, one]) is None
    with pytest.raises(StorageError, match=r"column 'x' has another type in some of the batches") as error:
        lay_out([one, other])
    for _, schema in (one, other):
        assert str(schema["x"]) in str(error.value)


def test_columns_keep_their_order() -> None:
    """Columns stand in the order in which they first appear, also where a batch lacks some."""
    frames = [pl.DataFrame({"a": [1], "b": ["x"]}), pl.DataFrame({"c": [1.0], "a": [2]})]

    assert list(lay_out([(frame.lazy(), frame.schema) for frame in frames])) == ["a", "b", "c"]
