"""Served items and the shelf they come from."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate.desk import Note
from jupyter_annotate.errors import UnknownNameError
from jupyter_annotate.served import Served, Shelf


def begin(n: int = 3) -> ja.Project:
    """Begin a project of n texts."""
    items = {"item_id": [f"i{k}" for k in range(1, n + 1)], "text": [f"T{k}" for k in range(1, n + 1)]}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    return ja.Project.open(":memory:", schema=schema, items=items)


def serve(shelf: Shelf, *item_ids: str) -> list[Served]:
    """Serve items nobody has noted anything on."""
    return shelf.serve(item_ids, [Note()] * len(item_ids))


def test_items_come_in_the_order_asked() -> None:
    """Each item has its own text and row number, also where one is asked for twice."""
    served = serve(Shelf(begin()), "i3", "i1", "i3")
    assert [(each.item_id, each.number, each.fields) for each in served] == [
        ("i3", 3, {"text": "T3"}),
        ("i1", 1, {"text": "T1"}),
        ("i3", 3, {"text": "T3"}),
    ]


def test_the_hash_is_of_what_is_shown() -> None:
    """Equal content has an equal hash in any project; other content another; other columns do not count."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    items = {"item_id": ["x", "y", "z"], "text": ["same", "same", "other"], "year": [1, 2, 3]}
    project = ja.Project.open(":memory:", schema=schema, items=items)
    x, y, z = serve(Shelf(project), "x", "y", "z")
    assert x.hash == y.hash != z.hash
    assert serve(Shelf(project), "x")[0].hash == x.hash


def test_new_prelabels_are_seen() -> None:
    """Suggestions added after an item was served are there the next time."""
    project = begin()
    shelf = Shelf(project)
    assert serve(shelf, "i1")[0].prelabels == {}
    project.add_prelabels({"item_id": ["i1"], "value": ["glad"], "score": [0.5]}, source="model")
    assert serve(shelf, "i1")[0].prelabels["mood"].value == "glad"


def test_more_items_than_the_shelf_holds() -> None:
    """A shelf keeps a bounded number of items and still serves every one right."""
    n = 1_500
    shelf = Shelf(begin(n))
    for start in range(0, n, 100):
        names = [f"i{k + 1}" for k in range(start, start + 100)]
        assert [each.fields["text"] for each in serve(shelf, *names)] == [f"T{each[1:]}" for each in names]
    assert len(shelf._pages) <= 600
    assert serve(shelf, "i1")[0].fields == {"text": "T1"}


def test_an_unknown_item() -> None:
    """An item that is not there is named, with some that are."""
    with pytest.raises(UnknownNameError, match="no item 'i9'; known: 'i1', 'i2', 'i3'"):
        serve(Shelf(begin()), "i1", "i9")
