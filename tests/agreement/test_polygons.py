"""Agreement on polygons: how they may be written, and that they agree as boxes do."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.agreement.box_agreement import box_agreement, polygon_agreement
from jupyter_annotate.errors import ColumnError


def test_parts_may_be_nested_or_flat() -> None:
    """Corners of parts as pairs, and flat as COCO has them, are the same object."""
    parts = [np.array([[x, 0], [x + 2, 0], [x + 2, 2], [x, 2]]) for x in (0.0, 5.0)]
    nested = [[part.tolist() for part in parts]] * 2
    flat = [[part.ravel().tolist() for part in parts]] * 2
    for points in (nested, flat):
        labels = {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": points}
        found = polygon_agreement(labels, replicates=0)

        assert (found.pooled.localisation.value, found.items["n_objects"].item()) == (1, 1)


def test_rectangles_agree_as_boxes_do() -> None:
    """Boxes drawn as polygons, nested or flat, give the four numbers of boxes."""
    rng = np.random.default_rng(0)
    place, side = rng.uniform(0, 30, (60, 2)), rng.uniform(10, 20, (60, 2))
    ids = {
        "item_id": np.repeat(np.arange(10), 6).astype(str),
        "annotator_id": np.tile(list("aabbcc"), 10),
        "label": rng.choice(["cat", "dog"], 60),
    }
    boxes = pl.DataFrame(
        {**ids, "x": place[:, 0], "y": place[:, 1], "width": side[:, 0], "height": side[:, 1]}
    )
    nested = [
        [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
        for x, y, w, h in boxes.select("x", "y", "width", "height").rows()
    ]
    flat = [[number for corner in outline for number in corner] for outline in nested]
    expected = box_agreement(boxes, tau=0.3, replicates=0).to_frame()["value"].to_list()
    for points in (nested, flat):
        found = polygon_agreement(pl.DataFrame({**ids, "points": points}), tau=0.3, replicates=0)

        assert found.to_frame()["value"].to_list() == pytest.approx(expected)


def test_an_outline_without_area_is_an_object_nobody_else_found() -> None:
    """A degenerate polygon counts as an object and matches nothing, not even its twin."""
    line = [[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]]
    labels = {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": [line, line]}
    found = polygon_agreement(labels, replicates=0)

    assert (found.items["n_objects"].item(), found.pooled.existence.value) == (2, 0.0)


@pytest.mark.parametrize(
    "points",
    [
        [[0.0, 0.0], [1.0, 1.0]],
        [[0.0, 0.0], [1.0, 1.0], [math.nan, 2.0]],
        [[0.0, 0.0, 1.0], [1.0, 1.0, 2.0]] * 2,
        [],
    ],
    ids=["two corners", "nan", "three numbers a corner", "none"],
)
def test_impossible_polygons_are_refused(points: list[list[float]]) -> None:
    """The error names the row."""
    good = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]]
    labels = pl.DataFrame(
        {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["x", "x"], "points": [good, points]}
    )

    with pytest.raises(ColumnError, match="at least 3 corners") as caught:
        polygon_agreement(labels)
    assert (caught.value.row, caught.value.column) == (1, "points")
