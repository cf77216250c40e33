"""Agreement on boxes: what is matched, what the four numbers say, and the published double annotations."""

from __future__ import annotations

import itertools
import json
import math
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate.agreement.base import Reason
from jupyter_annotate.agreement.box_agreement import box_agreement, shape_sensitivity, shape_vitality
from jupyter_annotate.agreement.krippendorff import krippendorff_alpha
from jupyter_annotate.agreement.matching import clusters_of, matched
from jupyter_annotate.agreement.shapes import Shapes, boxes_of, overlapping
from jupyter_annotate.errors import ColumnError

Row = tuple[str, str, str | None, float | None, float | None, float | None, float | None]

COLUMNS = ["item_id", "annotator_id", "label", "x", "y", "width", "height"]
SCHEMA = dict(zip(COLUMNS, [pl.String] * 3 + [pl.Float64] * 4, strict=True))
LVIS = json.loads((Path(__file__).parent.parent / "reference" / "boxes.json").read_text(encoding="utf-8"))


def frame(rows: list[Row]) -> pl.DataFrame:
    """Return LABELS of boxes."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def nothing(item: str, annotator: str) -> Row:
    """Return the row of somebody who looked and found nothing."""
    return (item, annotator, None, None, None, None, None)


def simulated(n_items: int, n_annotators: int, *, seed: int, jitter: float = 2.0) -> pl.DataFrame:
    """Return boxes of annotators who see nine of ten objects, not quite there, some by another name."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for item in range(n_items):
        objects = rng.uniform(0, 200, (int(rng.integers(0, 6)), 2))
        names = rng.integers(3, size=len(objects))
        for who in range(n_annotators):
            rows.append(nothing(f"{item}", f"a{who}"))
            for (x, y), name in zip(objects, names, strict=True):
                if rng.random() < 0.9:
                    dx, dy = rng.normal(0, jitter, 2)
                    label = name if rng.random() < 0.9 else rng.integers(3)
                    rows.append((f"{item}", f"a{who}", f"c{label}", x + dx, y + dy, 30.0, 20.0))
    return frame(rows)


@st.composite
def scenes(draw: st.DrawFn) -> list[Row]:
    """Draw boxes on a coarse grid, so that equal ones, touching ones and ties are common."""
    cells = st.tuples(
        st.sampled_from("ij"),
        st.sampled_from("abc"),
        st.sampled_from(["cat", "dog"]),
        *[st.integers(0, 4).map(float)] * 2,
        *[st.integers(1, 4).map(float)] * 2,
    )
    rows: list[Row] = [*draw(st.lists(cells, max_size=14))]
    return rows + [
        nothing(i, a) for i, a in draw(st.sets(st.tuples(st.sampled_from("ij"), st.sampled_from("abc"))))
    ]


def iou(
    one: np.ndarray[tuple[int], np.dtype[np.float64]], other: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    """Return intersection over union of two boxes by their bounds."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    shared = float(np.prod(np.clip(sides, 0, None)))
    areas = [float(np.prod(box[2:] - box[:2])) for box in (one, other)]
    return shared / (sum(areas) - shared)


def all_pairs(shapes: Shapes, tau: float) -> dict[tuple[int, int], float]:
    """Return the overlap of each pair of two annotators on an item, where it is at least tau."""
    found = {}
    for a, b in itertools.combinations(range(len(shapes)), 2):
        overlap = iou(shapes.bounds[a], shapes.bounds[b])
        if shapes.item[a] == shapes.item[b] and shapes.annotator[a] != shapes.annotator[b] and overlap >= tau:
            found[a, b] = overlap
    return found


# ------------------------------------------------------------------------------------ published


@pytest.mark.real_data
@pytest.mark.parametrize("tau", ["0.5", "0.75"])
def test_lvis_double_annotations(real_data: Path, tau: str) -> None:
    """The 200 images that LVIS annotated twice give the published figures by either rule."""
    data = json.loads((real_data / "lvis_two_raters" / "two_raters.json").read_text(encoding="utf-8"))
    rows = [
        (str(box["image_id"]), box["rater_id"], str(box["category_id"]), *map(float, box["bbox"]))
        for box in data["annotations"]
    ]
    seen = pl.DataFrame(
        [(str(image["id"]), rater) for image in data["images"] for rater in image["rater_list"]],
        schema=COLUMNS[:2],
        orient="row",
    )
    printed = LVIS["lvis_double_annotations"][tau]
    skipped = box_agreement(frame(rows), tau=float(tau), seen=seen, unvaried="agree", replicates=0)
    counted = box_agreement(
        frame(rows), tau=float(tau), seen=seen, unvaried="agree", empty="agree", replicates=0
    )

    assert skipped.per_item.joint.value == pytest.approx(printed["joint_per_item"], abs=5e-5)
    assert counted.per_item.joint.value == pytest.approx(printed["joint_per_item_with_empty"], abs=5e-5)
    assert skipped.pooled.joint.value == pytest.approx(printed["joint_pooled"], abs=5e-5)
    assert skipped.pooled.existence.value == pytest.approx(printed["existence"], abs=5e-4)
    assert (skipped.per_item.joint.n_items, counted.per_item.joint.n_items) == (186, 200)
    if "label" in printed:
        assert skipped.pooled.label.value == pytest.approx(printed["label"], abs=5e-4)


# ------------------------------------------------------------------------------------- matching


@settings(max_examples=80)
@given(scenes(), st.sampled_from([0.25, 0.5, 1.0]))
def test_the_sweep_finds_every_overlap(rows: list[Row], tau: float) -> None:
    """Sweeping from left to right finds the pairs that comparing all with all finds."""
    shapes = boxes_of(frame(rows), what="boxes")
    pairs = overlapping(shapes, tau)
    found = pairs.at(pairs.iou >= tau)
    expected = all_pairs(shapes, tau)

    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == sorted(expected)
    assert found.iou.tolist() == pytest.approx([expected[pair] for pair in sorted(expected)])


@settings(max_examples=80)
@given(scenes())
def test_the_matching_is_the_best_one(rows: list[Row]) -> None:
    """No other one-to-one matching of two annotators on an item has a greater sum of overlaps."""
    shapes = boxes_of(frame(rows), what="boxes")
    near = overlapping(shapes, 0.25)
    pairs = matched(near.at(near.iou >= 0.25), shapes)
    groups: dict[tuple[int, int, int], list[tuple[int, int, float]]] = {}
    for (a, b), overlap in all_pairs(shapes, 0.25).items():
        key = (int(shapes.item[a]), int(shapes.annotator[a]), int(shapes.annotator[b]))
        groups.setdefault(key, []).append((a, b, overlap))

    def best(edges: list[tuple[int, int, float]]) -> float:
        if not edges:
            return 0.0
        (a, b, overlap), rest = edges[0], edges[1:]
        return max(best(rest), overlap + best([e for e in rest if e[0] != a and e[1] != b]))

    if all(len(edges) <= 12 for edges in groups.values()):
        assert pairs.iou.sum() == pytest.approx(sum(best(edges) for edges in groups.values()))
    assert len({*zip(pairs.left, shapes.annotator[pairs.right], strict=True)}) == len(pairs)
    assert len({*zip(pairs.right, shapes.annotator[pairs.left], strict=True)}) == len(pairs)


@settings(max_examples=60)
@given(scenes())
def test_an_annotator_is_in_a_cluster_once(rows: list[Row]) -> None:
    """A cluster lies on one item, holds no annotator twice and overlaps by tau on average."""
    shapes = boxes_of(frame(rows), what="boxes")
    cluster, _ = clusters_of(shapes, 0.5)
    for number in set(cluster.tolist()):
        members = np.flatnonzero(cluster == number)
        pairs = [iou(shapes.bounds[a], shapes.bounds[b]) for a, b in itertools.combinations(members, 2)]

        assert len(set(shapes.item[members].tolist())) == 1
        assert len(set(shapes.annotator[members].tolist())) == len(members)
        assert not pairs or float(np.mean(pairs)) >= 0.5 - 1e-9


def test_the_same_label_decides_between_equal_overlaps() -> None:
    """Of two boxes at the same place the one with the same label is matched."""
    twice: list[Row] = [("i", "a", label, 0.0, 0.0, 5.0, 5.0) for label in ("cat", "dog")]
    for label in ("cat", "dog"):
        found = box_agreement(frame([*twice, ("i", "b", label, 0.0, 0.0, 5.0, 5.0)]), replicates=0)

        assert found.items.select("n_objects").item() == 2
        cluster, _ = clusters_of(
            boxes_of(frame([*twice, ("i", "b", label, 0.0, 0.0, 5.0, 5.0)]), what=""), 0.5
        )
        assert cluster.tolist() == ([0, 1, 0] if label == "cat" else [0, 1, 1])


# ----------------------------------------------------------------------------------- four numbers


def test_the_four_numbers_by_hand() -> None:
    """Existence, localisation, label and joint are what the definitions give on three annotators."""
    rows: list[Row] = [
        ("i", "a", "cat", 0.0, 0.0, 10.0, 10.0),
        ("i", "b", "cat", 0.0, 0.0, 10.0, 10.0),
        ("i", "c", "dog", 0.0, 0.0, 10.0, 8.0),
        ("i", "a", "dog", 100.0, 0.0, 10.0, 10.0),
        ("i", "b", "dog", 100.0, 0.0, 10.0, 10.0),
    ]
    found = box_agreement(frame(rows), replicates=0)
    units = {"1": ["cat", "cat", "dog"], "2": ["dog", "dog", "absent"]}
    labels = pl.DataFrame(
        [(unit, str(n), label) for unit, given in units.items() for n, label in enumerate(given)],
        schema=COLUMNS[:3],
        orient="row",
    )
    joint = krippendorff_alpha(labels, replicates=0).value
    label = krippendorff_alpha(labels.filter(pl.col("label") != "absent"), replicates=0).value

    # Pairs found alike: 3 of three boxes and 1 of two; each of 5 boxes could be found by 2 others.
    assert found.pooled.existence.value == pytest.approx(2 * (3 + 1) / (2 * 5))
    assert found.pooled.localisation.value == pytest.approx((1 + 0.8 + 0.8 + 1) / 4)
    assert found.pooled.label.value == pytest.approx(label)
    assert found.pooled.joint.value == pytest.approx(joint)


def test_who_found_nothing_differs_from_who_did_not_look() -> None:
    """A row of nulls makes a missed object count; without it the item has one annotator and is left out."""
    one: list[Row] = [("i", "a", "cat", 0.0, 0.0, 5.0, 5.0), ("j", "a", "cat", 0.0, 0.0, 5.0, 5.0)]
    both: list[Row] = [*one, ("j", "b", "cat", 0.0, 0.0, 5.0, 5.0)]
    missed = box_agreement(frame([*both, nothing("i", "b")]), replicates=0)
    unseen = box_agreement(frame(both), replicates=0)
    told = box_agreement(frame(both), seen={"item_id": ["i"], "annotator_id": ["b"]}, replicates=0)

    assert missed.pooled.existence.value == pytest.approx(2 / 3)
    assert unseen.pooled.existence.value == 1
    assert (missed.pooled.existence.n_single, unseen.pooled.existence.n_single) == (0, 1)
    assert told.items.equals(missed.items)


def test_rules_for_items_without_a_value() -> None:
    """Empty items and those without variation are left out, or count 1 if asked for; both are counted."""
    rows: list[Row] = [
        nothing("empty", "a"),
        nothing("empty", "b"),
        ("alike", "a", "cat", 0.0, 0.0, 5.0, 5.0),
        ("alike", "b", "cat", 0.0, 0.0, 5.0, 5.0),
        ("missed", "a", "cat", 0.0, 0.0, 5.0, 5.0),
        nothing("missed", "b"),
    ]
    strict = box_agreement(frame(rows), replicates=0)
    lenient = box_agreement(frame(rows), empty="agree", unvaried="agree", replicates=0)

    assert strict.per_item.joint.value == pytest.approx(0)
    assert (strict.per_item.joint.n_items, lenient.per_item.joint.n_items) == (1, 3)
    assert lenient.per_item.joint.value == pytest.approx((1 + 1 + 0) / 3)
    assert strict.per_item.existence.value == 0.5
    assert lenient.per_item.existence.value == pytest.approx(2 / 3)
    assert strict.pooled.joint.value == lenient.pooled.joint.value
    assert strict.pooled.joint.details["empty_items"] == 1
    assert strict.items.sort("item_id")["joint"].to_list() == [None, None, pytest.approx(0)]


@settings(max_examples=30)
@given(rows=scenes(), shuffle=st.randoms(use_true_random=False))
def test_order_does_not_matter(rows: list[Row], shuffle: random.Random) -> None:
    """Rows in another order give the same numbers to the last bit."""
    mixed = list(rows)
    shuffle.shuffle(mixed)
    one, other = (box_agreement(frame(each), replicates=40) for each in (rows, mixed))

    assert one.to_frame().equals(other.to_frame())
    assert one.items.equals(other.items)


def test_names_do_not_matter() -> None:
    """Renaming items, annotators and labels, so that they sort otherwise, changes no number."""
    labels = simulated(40, 3, seed=1)
    renamed = labels.with_columns(
        pl.col("item_id").str.reverse() + "z",
        pl.col("annotator_id").replace({"a0": "z", "a1": "y", "a2": "x"}),
        pl.col("label").replace({"c0": "z", "c1": "y", "c2": "x"}),
    )
    one, other = (box_agreement(each, replicates=100).to_frame() for each in (labels, renamed))

    for name in ("value", "low", "high"):
        assert one[name].to_list() == pytest.approx(other[name].to_list(), rel=1e-9)


def test_intervals_hold_their_value_and_shrink() -> None:
    """The interval is around the value and narrower with four times the items."""
    few, many = (box_agreement(simulated(n, 2, seed=3)).pooled.joint for n in (40, 640))
    assert few.interval is not None
    assert many.interval is not None

    assert few.interval[0] < few.value < few.interval[1]
    assert many.interval[1] - many.interval[0] < 0.6 * (few.interval[1] - few.interval[0])


# ------------------------------------------------------------------------------------ diagnostics


def test_localisation_costs_matches_as_the_threshold_rises() -> None:
    """Existence falls from threshold to threshold where boxes are a little moved."""
    curve = shape_sensitivity(simulated(30, 2, seed=4), taus=(0.3, 0.6, 0.9), replicates=0)
    existence = curve.filter((pl.col("scope") == "pooled") & (pl.col("coefficient") == "existence"))

    assert existence["tau"].to_list() == [0.3, 0.6, 0.9]
    assert existence["value"].is_sorted(descending=True)
    assert existence["value"][0] > existence["value"][2] + 0.1


def test_who_draws_at_random_has_the_lowest_vitality() -> None:
    """Agreement rises when somebody who draws at random is left out, and falls without anybody else."""
    labels = simulated(60, 3, seed=5)
    rng = np.random.default_rng(0)
    scattered = labels.filter(pl.col("annotator_id") == "a0").with_columns(
        pl.lit("random").alias("annotator_id"), pl.col("x") + pl.Series(rng.uniform(100, 900, 1)).item()
    )
    vitality = shape_vitality(pl.concat([labels, scattered]), replicates=200)

    assert vitality["annotator_id"][0] == "random"
    assert vitality["high"][0] < 0 < vitality["low"][1:].min()  # type: ignore[operator]  # floats
    assert shape_vitality(simulated(5, 2, seed=1), replicates=0)["reason"].unique().to_list() == [
        str(Reason.NO_PAIRS)
    ]


def test_polygons_have_the_same_diagnostics() -> None:
    """A column of points makes it polygons; the same rectangles give the same tables."""
    boxes = simulated(8, 3, seed=7).drop_nulls()
    corners = [
        [[x, y], [x + w, y], [x + w, y + h], [x, y + h]] for x, y, w, h in boxes.select(COLUMNS[3:]).rows()
    ]
    drawn = boxes.select(COLUMNS[:3]).with_columns(points=pl.Series(corners))
    for table in (shape_vitality, shape_sensitivity):
        one, other = (table(each, replicates=0)["value"].to_list() for each in (boxes, drawn))

        assert one == pytest.approx(other)


# ------------------------------------------------------------------------- where nothing can be said


def test_undefined_numbers_have_their_reason() -> None:
    """Nothing to compare, nothing found, nothing matched and nothing varied are told apart."""
    box: Row = ("i", "a", "cat", 0.0, 0.0, 5.0, 5.0)
    empty = box_agreement(frame([nothing("i", "a"), nothing("i", "b")]), replicates=0)
    apart = box_agreement(frame([box, ("i", "b", "dog", 50.0, 0.0, 5.0, 5.0)]), replicates=0)
    alike = box_agreement(frame([box, ("i", "b", "cat", 0.0, 0.0, 5.0, 5.0)]), replicates=0)
    alone = box_agreement(frame([box]), replicates=0)

    assert [each.reason for each in box_agreement(frame([])).pooled] == [Reason.NO_LABELS] * 4
    assert shape_vitality(frame([])).shape == (0, 14)
    assert shape_sensitivity(frame([]), taus=[0.5]).shape == (8, 15)
    assert [each.reason for each in empty.pooled] == [Reason.NO_LABELS] * 4
    assert [each.reason for each in alone.pooled] == [Reason.NO_PAIRS] * 4
    assert (apart.pooled.existence.value, apart.pooled.label.reason) == (0.0, Reason.NO_PAIRS)
    assert (alike.pooled.existence.value, alike.pooled.joint.reason) == (1.0, Reason.NO_VARIATION)
    assert all(math.isnan(each.value) for each in alone.per_item)


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"width": [0.0, 5.0]}, "width", "above 0"),
        ({"height": [5.0, -1.0]}, "height", "above 0"),
        ({"x": [5.0, math.nan]}, "x", "a number of pixels"),
        ({"y": [math.inf, 1.0]}, "y", "a number of pixels"),
        ({"x": [5.0, None]}, "x", "null in all of"),
        ({"label": [None, "cat"]}, "label", "null in all of"),
        ({"label": ["cat", "cat"], "x": ["far", "near"]}, "x", "Float64"),
    ],
)
def test_impossible_boxes_are_refused(change: dict[str, list[object]], column: str, expected: str) -> None:
    """The error names the row and the column."""
    good = {"item_id": ["i", "i"], "annotator_id": ["a", "b"], "label": ["cat", "dog"]}
    labels = {**good, **{name: [5.0, 5.0] for name in COLUMNS[3:]}, **change}
    bad = next(n for n in (0, 1) if change[column][n] not in (5.0, 1.0, "cat"))

    with pytest.raises(ColumnError, match=expected) as caught:
        box_agreement(labels)
    assert (caught.value.row, caught.value.column) == (bad, column)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tau": 0}, "tau above 0 and at most 1, found 0"),
        ({"tau": 1.5}, "found 1.5"),
        ({"empty": "drop"}, "empty to be one of"),
        ({"unvaried": 1}, "unvaried to be one of"),
        ({"replicates": 3}, "at least 40"),
        ({"level": 2}, "between 0 and 1"),
        ({"seed": -1}, "from 0 on as seed"),
    ],
    ids=str,
)
def test_impossible_options_are_refused(options: dict[str, float], expected: str) -> None:
    """The error says what was expected and what was found."""
    with pytest.raises(ValueError, match=expected):
        box_agreement(frame([]), **options)  # type: ignore[arg-type]  # on purpose


def test_it_reads_as_a_table() -> None:
    """Eight numbers stand in eight lines and eight rows."""
    found = box_agreement(simulated(10, 2, seed=6), replicates=40)

    assert len(repr(found).splitlines()) == 9
    assert found.to_frame().shape == (8, 14)
    assert found.to_frame()["scope"].to_list() == ["pooled"] * 4 + ["per item"] * 4


def test_turned_boxes_agree_by_the_area_they_share() -> None:
    """The overlap is that of the boxes as turned; a column of zeros changes nothing."""
    boxes = frame([("i", "ada", "cat", 0, 0, 40, 10), ("i", "bob", "cat", 0, 0, 40, 10)])
    upright = box_agreement(boxes, replicates=0)
    alike = box_agreement(boxes.with_columns(rotation=pl.lit(0.0)), replicates=0)
    half = box_agreement(boxes.with_columns(rotation=pl.Series([30.0, 210.0])), replicates=0)
    across = box_agreement(boxes.with_columns(rotation=pl.Series([0.0, 90.0])), replicates=0, tau=0.1)

    assert alike.to_frame().equals(upright.to_frame())
    assert half.pooled.localisation.value == pytest.approx(1)
    assert across.pooled.localisation.value == pytest.approx(100 / 700)
    assert shape_vitality(boxes.with_columns(rotation=pl.Series([0.0, 5.0])), replicates=0).height == 2


@pytest.mark.parametrize("rotation", [None, math.nan, math.inf])
def test_an_impossible_rotation_is_refused(rotation: float | None) -> None:
    """Where there is such a column every box says how it is turned."""
    boxes = frame([("i", "ada", "cat", 0, 0, 4, 4), ("i", "bob", "cat", 0, 0, 4, 4)])
    with pytest.raises(ColumnError) as caught:
        box_agreement(boxes.with_columns(rotation=pl.Series([3.0, rotation])))
    assert (caught.value.row, caught.value.column) == (1, "rotation")
