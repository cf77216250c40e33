"""Box consensus: matching, votes on existence and label, fusion, invariance, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.box_consensus import BoxConsensus
from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.errors import ColumnError, NotFittedError
from jupyter_annotate.geometry import iou
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled

SIDES = ["x", "y", "width", "height"]
NUMBERS = ["confidence", "presence"]


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return boxes; a row that ends after the annotator says that nothing was found."""
    schema = dict.fromkeys(["item_id", "annotator_id", "label"], pl.String) | dict.fromkeys(SIDES, pl.Float64)
    padded = [(*row, *[None] * (7 - len(row))) for row in rows]
    return pl.DataFrame(padded, schema=schema, orient="row")


def simulated(n: int, *, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return boxes by five annotators, two of whom miss, misplace and invent many, and the true boxes."""
    rng = np.random.default_rng(seed)
    rows, truth = [], []
    for item in range(n):
        cells = rng.choice(16, 3, replace=False)
        real = [(100.0 * (c % 4) + 10, 100.0 * (c // 4) + 10, 60.0, 70.0) for c in cells.tolist()]
        names = rng.choice(["cat", "dog"], 3).tolist()
        truth += [(f"i{item:03d}", name, *box) for name, box in zip(names, real, strict=True)]
        free = [c for c in range(16) if c not in cells]
        for who in range(5):
            bad = who >= 3
            drawn = []
            for name, box in zip(names, real, strict=True):
                if rng.random() < (0.4 if bad else 0.05):
                    continue
                edges = np.array(box) + rng.normal(0, 8 if bad else 1, 4)
                swapped = rng.random() < (0.3 if bad else 0.02)
                drawn.append(({"cat": "dog", "dog": "cat"}[name] if swapped else name, *edges.tolist()))
            if rng.random() < (0.5 if bad else 0.05):
                cell = int(rng.choice(free))
                drawn.append(("cat", 100.0 * (cell % 4) + 10, 100.0 * (cell // 4) + 10, 50.0, 50.0))
            rows += [(f"i{item:03d}", f"w{who}", *box) for box in drawn] or [(f"i{item:03d}", f"w{who}")]
    return frame(rows), pl.DataFrame(truth, schema=["item_id", "label", *SIDES], orient="row")


def right(found: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, float]:
    """Return the F1 of boxes with the right label, and the mean overlap of those."""
    pairs = found.drop_nulls("label").join(truth, on=["item_id", "label"], suffix="_true")
    drawn, real = (pairs.select(f"{side}{end}" for side in SIDES).to_numpy() for end in ("", "_true"))
    near = iou(*(np.hstack([box[:, :2], box[:, :2] + box[:, 2:]]) for box in (drawn, real)))
    near = near[near > 0.5]
    return 2 * len(near) / (len(found) + len(truth)), float(near.mean())


def test_three_boxes_become_one() -> None:
    """Edges are medians; who drew nothing speaks against; a lone box is no object."""
    rows = [
        ("a", "ada", "cat", 0, 0, 10, 10),
        ("a", "bob", "cat", 1, 0, 10, 10),
        ("a", "eve", "dog", 3, 0, 10, 10),
        ("a", "eve", "dog", 50, 50, 5, 5),
        ("a", "zoe"),
    ]
    model = BoxConsensus().fit(frame(rows))

    expected = ("a", "cat", 1.0, 0.0, 10.0, 10.0, 0.5, 0.75, 3, 4)
    assert model.consensus_.rows() == [expected]
    assert model.groups_.select("label", "presence", "kept").rows() == [
        ("cat", 0.75, True),
        ("dog", 0.25, False),
    ]


def test_weights_pull_towards_who_is_near_the_others() -> None:
    """Among three annotators the means lie nearer to the two who agree elsewhere, unlike plain means."""
    rows = [
        (f"i{k}", who, "cat", x, 0, 100, 100)
        for k in range(8)
        for who, x in (("ada", 0), ("bob", 1), ("eve", 30))
    ]

    found = BoxConsensus(mean=True).fit(frame(rows))

    assert found.consensus_["x"].max() < 31 / 3 / 2  # type: ignore[operator]
    spread = dict(found.annotators_.select("annotator_id", "spread").iter_rows())
    assert spread["eve"] > 2 * spread["ada"]


def test_a_model_of_annotators_beats_the_majority() -> None:
    """Dawid-Skene finds more of the objects with their labels; both place them within a twentieth."""
    labels, truth = simulated(60, seed=1)

    voted, modeled = (right(BoxConsensus(model).fit_predict(labels), truth) for model in (None, DawidSkene()))

    assert modeled[0] >= voted[0] > 0.85
    assert modeled[0] > 0.95
    assert min(voted[1], modeled[1]) > 0.95


@pytest.mark.real_data
def test_real_boxes_match_as_an_optimal_assignment_does(real_data: Path) -> None:
    """Of the 3,521 boxes of two annotators of LVIS 1,400 pairs match at 0.5: an F1 of .795, the optimum."""
    file = json.loads((real_data / "lvis_two_raters" / "two_raters.json").read_text("utf-8"))
    rows = [
        (str(box["image_id"]), box["rater_id"], str(box["category_id"]), *map(float, box["bbox"]))
        for box in file["annotations"]
    ]

    groups = BoxConsensus().fit(frame(rows)).groups_

    assert (groups["n_votes"] == 2).sum() == 1400
    assert groups["n_votes"].sum() == 3521


def test_names_and_order_of_rows_change_nothing() -> None:
    """Shuffled rows give the same bits; renamed items, annotators and labels the same under their names."""
    labels, _ = simulated(25, seed=2)
    plain = BoxConsensus(DawidSkene()).fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "label")}
    other = BoxConsensus(DawidSkene()).fit(renamed(labels, new))
    expected = renamed(plain.consensus_, {name: new[name] for name in ("item_id", "label")})

    assert plain.consensus_.equals(BoxConsensus(DawidSkene()).fit_predict(shuffled(labels)))
    assert close(expected, other.consensus_, by=["item_id", *SIDES])
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


def test_moving_and_scaling_the_image_moves_and_scales_the_boxes() -> None:
    """Boxes of an image twice as large, shifted, give the consensus twice as large, shifted, as sure."""
    labels, _ = simulated(25, seed=3)
    moved = labels.with_columns(pl.col("x") * 2 + 5, pl.col("y") * 2 + 9, pl.col("width", "height") * 2)
    plain, other = BoxConsensus().fit_predict(labels), BoxConsensus().fit_predict(moved)

    back = other.with_columns((pl.col("x") - 5) / 2, (pl.col("y") - 9) / 2, pl.col("width", "height") / 2)
    assert close(plain, back, by=["item_id", *SIDES])


def test_the_same_boxes_of_new_items_change_nothing() -> None:
    """With every item a second time the majority keeps the same objects."""
    labels, _ = simulated(25, seed=4)
    plain, twice = BoxConsensus().fit_predict(labels), BoxConsensus().fit_predict(doubled(labels))

    kept = twice.filter(~pl.col("item_id").str.ends_with("again"))
    assert plain.select("item_id", "label", *NUMBERS).equals(kept.select("item_id", "label", *NUMBERS))


def test_a_box_drawn_twice_counts_once() -> None:
    """The same box of the same annotator again is no further object and no further vote."""
    rows = [("a", "ada", "cat", 0, 0, 9, 9), ("a", "ada", "cat", 0, 0, 9, 9), ("a", "bob", "cat", 0, 0, 9, 9)]

    assert BoxConsensus().fit(frame(rows)).groups_["n_votes"].to_list() == [2]


def test_labels_may_be_matched_apart() -> None:
    """Matched by label, a cat and a dog at one place are two objects; else one with a contested label."""
    rows = [("a", who, name, 0, 0, 9, 9) for who in ("ada", "bob") for name in ("cat", "dog")]

    assert BoxConsensus(by_label=True).fit_predict(frame(rows))["label"].to_list() == ["cat", "dog"]
    contested = BoxConsensus().fit_predict(
        frame([("a", "ada", "cat", 0, 0, 9, 9), ("a", "bob", "dog", 0, 0, 9, 9)])
    )
    assert contested.select("label", "confidence", "presence").rows() == [("cat", 0.5, 1.0)]


def test_boxes_that_say_little_have_a_result() -> None:
    """One annotator is believed; an item where nobody found anything keeps a row; no rows, no items."""
    found = BoxConsensus().fit_predict(frame([("a", "ada", "cat", 0, 0, 9, 9), ("b", "ada"), ("b", "bob")]))

    assert found.select("item_id", "label", "confidence", "n_votes", "n_seen").rows() == [
        ("a", "cat", 1.0, 1, 1),
        ("b", None, 1.0, None, 2),
    ]
    assert BoxConsensus().fit_predict(frame([])).is_empty()
    assert BoxConsensus(DawidSkene()).fit_predict(frame([("b", "ada")]))["label"].to_list() == [None]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("a", "ada", "cat", 0, 0, 0, 9), "width"),
        (("a", "ada", "cat", 0, 0, 9, -1), "height"),
        (("a", "ada", "cat", float("nan"), 0, 9, 9), "x"),
        (("a", "ada", "cat", 0, None, 9, 9), "y"),
        (("a", "ada", None, 0, 0, 9, 9), "x"),
    ],
)
def test_impossible_boxes_name_row_and_column(row: tuple[object, ...], column: str) -> None:
    """Sides that are not positive, coordinates that are no numbers and places without a label are refused."""
    with pytest.raises(ColumnError) as caught:
        BoxConsensus().fit(frame([("a", "bob"), ("a", "ada", "cat", 1, 1, 2, 2), row]))

    assert (caught.value.row, caught.value.column) == (2, column)


def test_wrong_parameters_and_early_questions_are_refused() -> None:
    """An overlap of 0 is a ValueError; groups before fit a NotFittedError."""
    with pytest.raises(ValueError, match="least_overlap"):
        BoxConsensus(least_overlap=0)
    with pytest.raises(NotFittedError):
        _ = BoxConsensus().groups_


def turned(*boxes: tuple[float, ...]) -> dict[str, object]:
    """Return the consensus of turned boxes, each of an annotator of its own."""
    rows = frame([("a", f"w{n}", "cat", *box[:4]) for n, box in enumerate(boxes)])
    given = rows.with_columns(rotation=pl.Series([float(box[4]) for box in boxes]))
    (found,) = BoxConsensus(least_overlap=0.2).fit_predict(given).to_dicts()
    return {side: found[side] for side in [*SIDES, "rotation"]}


def test_turned_boxes_become_one_that_is_turned() -> None:
    """Centre, sides and angle are medians, also where the angles lie around 0."""
    found = turned((10, 10, 40, 20, 358), (10, 10, 40, 20, 3), (10, 10, 40, 20, 2))
    apart = turned((10, 10, 40, 20, 358), (11, 10, 42, 20, 3), (12, 10, 44, 20, 2))

    assert found == pytest.approx({"x": 10, "y": 10, "width": 40, "height": 20, "rotation": 2})
    assert [apart[side] for side in SIDES] == pytest.approx([11, 10, 42, 20], abs=1.5)


def test_the_same_rectangle_told_from_another_side_is_the_same() -> None:
    """A quarter turn with sides exchanged, or a half turn, does not turn the result: most say what is up."""
    rectangle = {"x": 10, "y": 10, "width": 40, "height": 20, "rotation": 30}
    same = (10, 10, 40, 20, 30)
    quarter = (20, 0, 20, 40, 120)
    half = (10, 10, 40, 20, 210)

    for boxes in ((same, same, quarter), (half, same, same), (same, quarter, same)):
        assert turned(*boxes) == pytest.approx(rectangle)
    assert turned(quarter, quarter, same) == pytest.approx(
        {"x": 20, "y": 0, "width": 20, "height": 40, "rotation": 120}
    )
    assert turned(half, same, half)["rotation"] == pytest.approx(210)


def test_turning_everything_turns_the_result() -> None:
    """Boxes around one point, all turned by the same angle about it, give the result turned as well."""
    boxes = [(100, 100, 40, 20, 10), (103, 99, 42, 19, 14), (98, 102, 38, 22, 9), (101, 101, 45, 20, 20)]
    plain = turned(*boxes)
    for angle in (90, 180, 270):
        sine, cosine = {90: (1, 0), 180: (0, -1), 270: (-1, 0)}[angle]
        around = []
        for x, y, width, height, rotation in boxes:
            across, down = x + width / 2 - 200, y + height / 2 - 200
            middle = (across * cosine - down * sine + 200, across * sine + down * cosine + 200)
            around.append((middle[0] - width / 2, middle[1] - height / 2, width, height, rotation + angle))
        found = turned(*around)
        assert found["rotation"] == pytest.approx(plain["rotation"] + angle)  # type: ignore[operator]  # a number
        assert (found["width"], found["height"]) == pytest.approx((plain["width"], plain["height"]))


def test_without_turns_the_consensus_is_that_of_upright_boxes() -> None:
    """A column of zeros gives the same boxes, and a column of zeros."""
    boxes, _ = simulated(20, seed=3)
    upright = BoxConsensus().fit_predict(boxes)
    found = BoxConsensus().fit_predict(
        boxes.with_columns(rotation=pl.when(pl.col("label").is_not_null()).then(0.0))
    )

    assert close(found.drop("rotation"), upright, by=["item_id", "label", *SIDES])
    assert set(found["rotation"].drop_nulls()) <= {0.0}
