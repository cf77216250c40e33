"""Pandas columns: taken without pyarrow, as polars takes them with its help."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

from jupyter_annotate.columns import to_polars
from jupyter_annotate.errors import ColumnError

NAN = float("nan")
TIMES: Any = ["2024-02-29 12:00:00.5", None, "2025-01-01"]

COLUMNS: dict[str, Callable[[], Any]] = {
    "text": lambda: pd.Series(["a", None, "c"]),
    "text as objects": lambda: pd.Series(["a", None, NAN], dtype=object),
    "text with NA and NaT": lambda: pd.Series(["a", pd.NA, pd.NaT], dtype=object),
    "string[python]": lambda: pd.Series(["a", None, "c"], dtype="string[python]"),
    "string[pyarrow]": lambda: pd.Series(["a", None, "c"], dtype="string[pyarrow]"),
    "categories": lambda: pd.Series(pd.Categorical(["b", None, "a"])),
    "ordered categories": lambda: pd.Series(pd.Categorical(["b", None, "a"], ["b", "a"], ordered=True)),
    "categories of numbers": lambda: pd.Series(pd.Categorical([1, None, 2])),
    "int64": lambda: pd.Series([1, 2, 3]),
    "uint8": lambda: pd.Series([1, 2, 3], dtype="uint8"),
    "Int64": lambda: pd.Series([1, None, 2**62 + 1], dtype="Int64"),
    "UInt16": lambda: pd.Series([1, None, 3], dtype="UInt16"),
    "float64": lambda: pd.Series([1.5, NAN, float("inf")]),
    "float32": lambda: pd.Series([1.5, NAN, 2], dtype="float32"),
    "Float64": lambda: pd.Series([1.5, None, 3], dtype="Float64"),
    "bool": lambda: pd.Series([True, False, True]),
    "boolean": lambda: pd.Series([True, None, False], dtype="boolean"),
    "datetime in ns": lambda: pd.Series(pd.to_datetime(TIMES, format="ISO8601").astype("datetime64[ns]")),
    "datetime in s": lambda: pd.Series(pd.to_datetime(TIMES, format="ISO8601").astype("datetime64[s]")),
    "datetime in UTC": lambda: pd.Series(pd.to_datetime(TIMES, format="ISO8601", utc=True)),
    "datetime in a zone": lambda: pd.Series(
        pd.to_datetime(TIMES, format="ISO8601").tz_localize("Europe/Berlin")
    ),
    "datetime at an offset": lambda: pd.Series(pd.to_datetime(TIMES, format="ISO8601").tz_localize("+02:00")),
    "timedelta": lambda: pd.Series(pd.to_timedelta(["1D", None, "2h"])),
    "numbers as objects": lambda: pd.Series([1, NAN, 3], dtype=object),
    "mixed numbers as objects": lambda: pd.Series([1, 0.5, None], dtype=object),
    "lists": lambda: pd.Series([["a"], None, []], dtype=object),
    "mappings": lambda: pd.Series([{"a": 1}, None, {"b": "x"}], dtype=object),
    "dates": lambda: pd.Series([dt.date(2024, 2, 29), None, NAN], dtype=object),
    "bytes": lambda: pd.Series([b"x", None, b"\xff"], dtype=object),
    "nothing": lambda: pd.Series([None, None, None], dtype=object),
    "arrow lists": lambda: pd.Series([["a"], None, []]).pipe(_as_arrow),
}


def _as_arrow(column: Any) -> Any:  # noqa: ANN401 -- pandas of either release
    pyarrow = pytest.importorskip("pyarrow")
    return column.astype(pd.ArrowDtype(pyarrow.list_(pyarrow.string())))


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_column_comes_out_as_with_pyarrow(name: str) -> None:
    """Type, values and nulls are those that polars finds where pyarrow is installed."""
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"x": COLUMNS[name](), "n": [1, 2, 3]}).set_index("n")
    expected = pl.from_pandas(frame)

    found = to_polars(frame, what="f()")

    assert found.schema == expected.schema
    assert found.equals(expected)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pd.Series(pd.period_range("2024", periods=2, freq="M")), r"period\[M\]"),
        (pd.Series(pd.interval_range(0, 2)), "interval"),
        (pd.Series([1j, 2j]), "complex128"),
    ],
    ids=["period", "interval", "complex"],
)
def test_a_type_that_polars_lacks_is_refused(column: Any, said: str) -> None:  # noqa: ANN401 -- pandas
    """The error names column and type, and how to make text of it."""
    with pytest.raises(ColumnError, match=rf"column 'x': expected a type.*found {said}.*astype\(str\)"):
        to_polars(pd.DataFrame({"x": column}), what="f()")


def test_objects_of_different_types_are_named_by_row() -> None:
    """A cell that is unlike those above it has its row and column in the error."""
    frame = pd.DataFrame({"item_id": ["a", "b", "c"], "x": pd.Series([None, "t", 3], dtype=object)})

    with pytest.raises(ColumnError, match=r"row 2, column 'x': expected String.*found 3 \(int\)"):
        to_polars(frame, what="f()")


def test_a_sparse_column_becomes_a_full_one() -> None:
    """The values that a sparse column leaves out stand in the frame."""
    frame = pd.DataFrame({"x": pd.arrays.SparseArray([0, 0, 1])})

    assert to_polars(frame, what="f()")["x"].to_list() == [0, 0, 1]


def test_a_zone_without_a_name_becomes_utc() -> None:
    """An offset of half an hour keeps its instants."""
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    frame = pd.DataFrame({"x": pd.Series(pd.to_datetime(["2024-02-29 12:00"])).dt.tz_localize(zone)})

    assert to_polars(frame, what="f()")["x"].dtype.time_zone == "UTC"  # type: ignore[attr-defined]  # a Datetime
    assert to_polars(frame, what="f()")["x"].dt.hour().to_list() == [6]


_WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import jupyter_annotate as ja
assert "pandas" not in sys.modules
import pandas as pd
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
items = pd.DataFrame({
    "item_id": ["a", "b"],
    "text": pd.Series(["A.", "B."], dtype="string[python]"),
    "kind": pd.Categorical(["x", None]),
    "old": pd.Series(["t", float("nan")], dtype=object),
    "year": pd.Series([2024, None], dtype="Int64"),
    "at": pd.Series(pd.to_datetime(["2024-02-29", None])).dt.tz_localize("Europe/Berlin"),
}).set_axis([5, 6])
project = ja.Project.open(":memory:", schema=schema, items=items)
guesses = pd.DataFrame({"item_id": ["b"], "value": ["sad"], "score": [0.9]})
project.add_prelabels(guesses, source="model")
for name in ("ada", "bob"):
    session = ja.Session(project, name)
    session.submit({"mood": "glad"}, item_id="a")
    session.submit({"mood": "sad"}, item_id="b")
labels = pd.DataFrame(project.labels("mood").to_dict(as_series=False))
print(ja.krippendorff_alpha(labels).value, ja.agreement_table(labels)["value"].to_list())
print(project.prelabels().select("item_id", "value", "score", "source").rows())
print(project.items().collect().drop("at").rows(), project.items().collect()["at"].null_count())
"""


def test_pandas_is_taken_where_pyarrow_is_not_installed() -> None:
    """Items, pre-labels and labels in pandas frames work with the dependencies of a plain install."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PYARROW], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "1.0 [1.0, 1.0]",
        "[('b', '\"sad\"', 0.9, 'model')]",
        "[('a', 'A.', 'x', 't', 2024), ('b', 'B.', None, None, None)] 1",
    ]
