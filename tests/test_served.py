"""Served items and the shelf they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

import jupyter_annotate as ja
from jupyter_annotate.content import ImageSize
from jupyter_annotate.desk import Note
from jupyter_annotate.errors import ProtocolError, UnknownNameError
from jupyter_annotate.served import Served, Shelf
from tests.pictures import png


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


def begin_images(folder: Path) -> ja.Project:
    """Begin a project of two image files."""
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(png(4, 3))
    schema = ja.Schema(ja.Image("image", root=folder), ja.Choice("mood", ["glad", "sad"]))
    items = {"item_id": ["i1", "i2"], "image": ["a.png", "b.png"]}
    return ja.Project.open(":memory:", schema=schema, items=items)


def test_an_image_that_is_gone_is_served(tmp_path: Path) -> None:
    """The item has a place for its image and the same hash each time; the others are as before."""
    shelf, other = (Shelf(begin_images(tmp_path)) for _ in range(2))
    whole = serve(shelf, "i2")[0]
    (tmp_path / "a.png").unlink()

    gone, there = serve(shelf, "i1", "i2")

    assert gone.fields == {
        "image": {"blob": "i1/image", "width": 640, "height": 480, "mime": "application/octet-stream"}
    }
    assert there == whole
    assert serve(shelf, "i1")[0].hash == serve(other, "i1")[0].hash == gone.hash != there.hash


def test_no_answer_to_what_nobody_can_see(tmp_path: Path) -> None:
    """What answers are checked against is refused with the reason, and is there when the file is back."""
    shelf = Shelf(begin_images(tmp_path))
    (tmp_path / "a.png").rename(tmp_path / "away.png")
    serve(shelf, "i1", "i2")

    with pytest.raises(
        ProtocolError, match=r"Item 'i1' cannot be shown.*'a\.png'.*no such file.*Skip it"
    ) as e:
        shelf.content("i1")
    assert e.value.code == "bad_answer"
    assert shelf.content("i2") == {"image": ImageSize(4, 3)}

    (tmp_path / "away.png").rename(tmp_path / "a.png")
    assert shelf.content("i1") == {"image": ImageSize(4, 3)}
    assert serve(shelf, "i1")[0].fields["image"] != serve(shelf, "i2")[0].fields["image"]
