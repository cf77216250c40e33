"""Boxes: labeled rectangles in pixels of the displayed image."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest

from jupyter_annotate import Boxes, Label
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import canonical_json

CELLS = Boxes("cells", ["red", "white"], on="image")
SIZE = {"image": ImageSize(640, 480)}


def box(**changed: object) -> dict[str, object]:
    """Make a box as the browser would send it."""
    return {"x": 10, "y": 20, "width": 30, "height": 40, "label": "red", **changed}


def test_a_box_comes_back_with_floats() -> None:
    """Numbers become floats and nothing else changes."""
    assert CELLS.check([box(x=1.25)], SIZE) == [box(x=1.25, y=20.0, width=30.0, height=40.0)]  # type: ignore[list-item]  # JSON


def test_a_box_may_fill_the_image() -> None:
    """The edges belong to the image, within the browser's rounding."""
    whole = box(x=0, y=0, width=640, height=480.004)

    assert CELLS.check([whole], SIZE)  # type: ignore[list-item]  # JSON


@pytest.mark.parametrize(
    "changed",
    [
        {"x": -0.1},
        {"width": 631},
        {"height": 461},
        {"width": 0},
        {"height": 0.5},
        {"x": math.nan},
        {"y": math.inf},
        {"x": "10"},
        {"width": True},
        {"label": "green"},
        {"rotation": 3},
    ],
)
def test_a_box_outside_or_malformed_is_refused(changed: dict[str, object]) -> None:
    """The error shows the box and names the question."""
    with pytest.raises(LabelError, match="is no answer to 'cells'"):
        CELLS.check([box(**changed)], SIZE)  # type: ignore[list-item]  # what a browser could send


def test_a_missing_side_is_refused() -> None:
    """A box has four sides and a label."""
    partial = box()
    del partial["height"]

    with pytest.raises(LabelError, match=r"a list of \{height, label, width, x, y\}"):
        CELLS.check([partial], SIZE)  # type: ignore[list-item]  # what a browser could send


def test_a_text_is_no_image() -> None:
    """Boxes need an image to lie on."""
    with pytest.raises(LabelError, match="an image in the field 'image'"):
        CELLS.check([], {"image": "text"})


def test_a_size_no_box_could_have_is_refused() -> None:
    """The smallest side is above 0."""
    with pytest.raises(SchemaError, match="above 0 pixels"):
        Boxes("q", ["a"], minimum_size=0)


def test_labels_have_a_row_a_box() -> None:
    """Each box is a row; an image looked at and left empty keeps one of nulls."""
    value = '[{"x":1.0,"y":2.0,"width":3.0,"height":4.5,"label":"red"}]'
    answers = pl.DataFrame({"item_id": ["1", "2"], "annotator_id": ["a", "a"], "value": [value, "[]"]})

    assert CELLS.labels_frame(answers).rows() == [
        ("1", "a", "red", 1.0, 2.0, 3.0, 4.5),
        ("2", "a", None, None, None, None, None),
    ]


@pytest.mark.parametrize("size", [math.nan, math.inf, "5", None, True])
def test_the_smallest_side_is_a_number(size: float) -> None:
    """What could not be compared with pixels is refused when the question is made."""
    with pytest.raises(SchemaError, match="above 0 pixels, found"):
        Boxes("q", ["a"], minimum_size=size)


@pytest.mark.parametrize("side", [10**400, -(10**400)])
def test_a_number_beyond_all_floats_is_outside(side: int) -> None:
    """It is refused as any other box outside the image."""
    with pytest.raises(LabelError, match="is no answer to 'cells': expected a box"):
        CELLS.check([box(x=side)], SIZE)  # type: ignore[list-item]  # what a browser could send


def test_numbers_of_numpy_are_numbers() -> None:
    """A detector's own floats and integers are stored as plain ones, -0.0 as 0.0."""
    detected = box(x=np.float32(1.5), y=np.int64(2), width=np.float64(3), height=4, label=np.str_("red"))
    found = CELLS.check([detected], SIZE)  # type: ignore[list-item]  # of numpy
    assert json.loads(canonical_json(found)) == [box(x=1.5, y=2.0, width=3.0, height=4.0)]
    assert canonical_json(CELLS.check([box(x=-0.0)], SIZE)).endswith('"x":0.0,"y":20.0}]')  # type: ignore[list-item]  # JSON


SHIPS = Boxes("ships", ["red", "white"], on="image", rotated=True)


def test_turning_is_off_unless_asked_for() -> None:
    """A schema without it has the form it had before there was any, and the brackets are no keys of it."""
    assert "rotated" not in CELLS.to_json()
    assert SHIPS.to_json() == {**CELLS.to_json(), "name": "ships", "rotated": True}
    assert (CELLS.own_keys, SHIPS.own_keys) == ("bstn+-0", "bstn+-0[]")
    assert Boxes("q", [Label("a", key="[")]).labels[0].key == "["  # type: ignore[union-attr]  # a Label
    with pytest.raises(SchemaError, match="used by the widget itself"):
        Boxes("q", [Label("a", key="[")], rotated=True)
    with pytest.raises(SchemaError, match="expected rotated"):
        Boxes("q", ["a"], rotated="yes")  # type: ignore[arg-type]  # what a file could say


@pytest.mark.parametrize(
    ("given", "wanted"), [(0, 0.0), (90, 90.0), (-30, 330.0), (360, 0.0), (725.5, 5.5), (-1e-20, 0.0)]
)
def test_a_rotation_is_from_0_to_below_360(given: float, wanted: float) -> None:
    """Whole turns more or less are the same box; there is no 360 and no -0.0."""
    (found,) = SHIPS.check([box(rotation=given)], SIZE)  # type: ignore[list-item,misc,str-unpack]  # JSON

    assert found == box(rotation=wanted)
    assert math.copysign(1, found["rotation"]) == 1  # type: ignore[arg-type]  # a box


def test_a_box_without_rotation_is_upright() -> None:
    """What a detector of upright boxes suggests fits as it is."""
    assert SHIPS.check([box()], SIZE) == [box(rotation=0.0)]  # type: ignore[list-item]  # JSON


@pytest.mark.parametrize("rotation", ["3", None, True, math.nan, math.inf, [3]])
def test_a_rotation_is_a_number_of_degrees(rotation: object) -> None:
    """Anything else is refused in words."""
    with pytest.raises(LabelError, match="expected a rotation in degrees"):
        SHIPS.check([box(rotation=rotation)], SIZE)  # type: ignore[list-item]  # what a browser could send


def test_corners_may_reach_over_the_edge_but_not_the_centre() -> None:
    """A thing that the edge cuts off is marked whole; what lies beside the image is refused."""
    assert SHIPS.check([box(x=-15, rotation=45)], SIZE)  # type: ignore[list-item]  # JSON
    for beside in ({"x": -16}, {"y": 461}, {"width": 900}, {"width": 0.5}):
        with pytest.raises(LabelError, match="with its centre on the image of 640 x 480"):
            SHIPS.check([box(rotation=45, **beside)], SIZE)  # type: ignore[list-item]  # JSON


def test_labels_of_turned_boxes_have_a_rotation() -> None:
    """The column is there where boxes can be turned; an answer from before says upright."""
    turned = '[{"x":1.0,"y":2.0,"width":3.0,"height":4.5,"rotation":30.0,"label":"red"}]'
    before = turned.replace('"rotation":30.0,', "")
    answers = pl.DataFrame(
        {"item_id": ["1", "2", "3"], "annotator_id": ["a"] * 3, "value": [turned, before, "[]"]}
    )

    found = SHIPS.labels_frame(answers)

    assert found.columns == ["item_id", "annotator_id", "label", "x", "y", "width", "height", "rotation"]
    assert found["rotation"].to_list() == [30.0, 0.0, None]
