"""Chat: structs and JSON text are the same conversation."""

from __future__ import annotations

import json

import polars as pl
import pytest

from jupyter_annotate import Chat
from jupyter_annotate.errors import ColumnError, SchemaError

TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]


def test_structs_and_json_text_are_the_same() -> None:
    """However it is stored, a conversation shows, and is, the same."""
    field = Chat("f")
    structs, texts = pl.Series("f", [TURNS]), pl.Series("f", [json.dumps(TURNS)])
    for column in (structs, texts):
        field.check_column(column, what="items")

    assert field.identity(structs.to_list()[0]) == field.identity(texts[0])
    assert field.payload(texts[0], item_id="1") == {"turns": TURNS, "markdown": False}


def test_what_else_a_turn_holds_is_not_shown() -> None:
    """Tool calls, names and times stay in the column; two cells that differ only there show the same."""
    field = Chat("f")
    more = [{**turn, "name": "x", "at": 3} for turn in TURNS]

    assert field.identity(more) == field.identity(TURNS)


def test_the_row_and_the_reason_are_named() -> None:
    """A turn without its content is told by row, with what is missing."""
    column = pl.Series("f", [json.dumps(TURNS), '[{"role": "user"}]'])
    with pytest.raises(ColumnError, match=r"row 1, column 'f': expected lists of .*'content'"):
        Chat("f").check_column(column, what="items")


def test_how_it_is_shown_is_part_of_the_schema() -> None:
    """With marks read it is another schema; anything but True and False is refused."""
    assert Chat("f", markdown=True) != Chat("f")
    assert Chat.from_json(Chat("f", markdown=True).to_json()) == Chat("f", markdown=True)
    with pytest.raises(SchemaError, match="expected markdown to be True or False, found 1"):
        Chat("f", markdown=1)  # type: ignore[arg-type]  # what a user could write
