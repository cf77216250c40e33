"""Table: one row or several, each value as it can be shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from jupyter_annotate import Table


def test_a_list_of_structs_is_a_table() -> None:
    """Columns stand in the order of the struct, and rows in that of the list."""
    column = pl.Series("f", [[{"a": 1, "b": "x"}, {"a": None, "b": "y"}], []])
    field = Table("f")
    field.check_column(column, what="items")

    assert field.payload(column.to_list()[0], item_id="1") == {
        "columns": ["a", "b"],
        "rows": [[1, "x"], [None, "y"]],
        "single": False,
    }
    assert field.payload([], item_id="2") == {"columns": [], "rows": [], "single": False}


def test_values_of_every_type_can_be_shown() -> None:
    """Numbers and truths stay what they are; dates, decimals and what is nested become text."""
    cell = {
        "int": 3,
        "true": True,
        "inf": float("inf"),
        "date": date(2024, 5, 1),
        "decimal": Decimal("1.50"),
        "list": [1, None],
        "struct": {"b": 1, "a": date(2024, 5, 1)},
    }
    payload = Table("f").payload(cell, item_id="1")

    assert isinstance(payload, dict)
    assert payload["rows"] == [[3, True, "inf", "2024-05-01", "1.50", "[1,null]", '{"a":"2024-05-01","b":1}']]
