"""Text fields: what may be shown."""

from __future__ import annotations

import polars as pl
import pytest

from jupyter_annotate import Text
from jupyter_annotate.errors import ColumnError, SchemaError

ODD = "e\u0301 👩‍👩‍👧 שלום \r\n\t\u200b\u202e\ufeff 𝒳 \x1f"


def test_text_is_shown_as_it_is() -> None:
    """Nothing is stripped, normalised or escaped."""
    field = Text("text")
    field.check_column(pl.Series("text", [ODD, ""]), what="items")

    assert field.payload(ODD, item_id="1") == ODD
    assert field.content(ODD) == ODD


@pytest.mark.parametrize(
    ("cells", "found"),
    [(["a", None], "row 1, column 'text': expected text, found null"), (["a", "b", "c\x00"], "row 2.*NUL")],
)
def test_what_cannot_be_text_is_named_by_row(cells: list[str | None], found: str) -> None:
    """Nulls and NUL characters are refused with row and column."""
    with pytest.raises(ColumnError, match=found):
        Text("text").check_column(pl.Series("text", cells, dtype=pl.String), what="items")


def test_numbers_are_no_text() -> None:
    """A column of another type is refused whole."""
    with pytest.raises(ColumnError, match="expected text, found Int64"):
        Text("text").check_column(pl.Series("text", [1]), what="items")


def test_a_field_needs_a_name() -> None:
    """A field without a column is refused when it is made."""
    with pytest.raises(SchemaError, match="needs the name of a column"):
        Text("")
