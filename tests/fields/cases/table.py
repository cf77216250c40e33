"""Table: names beside the values of a struct."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jupyter_annotate import Table
from tests.fields.cases import Case

if TYPE_CHECKING:
    from tests.ui.pages import Widget

_PATIENT = {"age": 41, "smokes": None, "note": "<b>none</b> & well", "weight": 71.5}
_CANONICAL = (
    '{"columns":["age","smokes","note","weight"],"rows":[[41,null,"<b>none</b> & well",71.5]],"single":true}'
)


def reads(widget: Widget) -> None:
    """See every name with its value, a null as such, and markup as text."""
    table = widget.root.locator(".ja-table")
    assert table.locator("dt").all_text_contents() == list(_PATIENT)
    assert table.locator("dd").all_text_contents() == ["41", "none", "<b>none</b> & well", "71.5"]
    assert table.locator("b").count() == 0


CASE = Case(
    field=Table("f"),
    good=(
        (
            _PATIENT,
            _CANONICAL,
        ),
        (
            {"age": 7, "smokes": False, "note": "", "weight": 20.0},
            '{"columns":["age","smokes","note","weight"],"rows":[[7,false,"",20.0]],"single":true}',
        ),
    ),
    bad=(
        pl.Series("f", [{"a": 1}, None]),
        pl.Series("f", [[{"a": 1}], None]),
        pl.Series("f", ["a"]),
        pl.Series("f", [[1]]),
    ),
    by_keys=reads,
    by_mouse=reads,
)
