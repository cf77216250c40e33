"""Diff: two texts with their names."""

from __future__ import annotations

import polars as pl
import pytest

from jupyter_annotate import Diff
from jupyter_annotate.errors import ColumnError


def test_the_names_of_the_parts_are_shown() -> None:
    """What the struct calls its texts stands above them, in its order."""
    column = pl.Series("f", [{"machine": "a", "human": "b"}])
    Diff("f").check_column(column, what="items")

    assert Diff("f").payload(column[0], item_id="1") == {"names": ["machine", "human"], "texts": ["a", "b"]}


def test_a_missing_text_is_named_by_row() -> None:
    """One of two texts is no diff."""
    with pytest.raises(ColumnError, match="row 1, column 'f': expected two texts without NUL"):
        Diff("f").check_column(pl.Series("f", [{"a": "x", "b": "y"}, {"a": "x", "b": None}]), what="items")
