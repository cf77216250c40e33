"""Agreement before and after labels change: which measure, and how sure the difference is."""

from __future__ import annotations

import math
from statistics import stdev

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.agreement.quantiles import t_quantile
from jupyter_annotate.agreement.relabeled import _jackknifed, measure_change


def mean_of_labels(labels: pl.DataFrame, **_: object) -> ja.Agreement:
    """Measure something whose variance is known."""
    return ja.Agreement(coefficient="mean", value=float(labels["label"].mean()))  # type: ignore[arg-type]  # a number


def test_leaving_out_single_items_is_the_jackknife() -> None:
    """With as many groups as items a mean has the standard error of the textbook, sd / sqrt(n)."""
    before = pl.DataFrame(
        {"item_id": [f"{n:02}" for n in range(20)], "label": [float(n % 7) for n in range(20)]}
    )
    after = before.with_columns(pl.col("label") + pl.Series([float(n * n % 5) for n in range(20)]))
    gains = (after["label"] - before["label"]).to_list()

    found = _jackknifed(mean_of_labels, before, after, [mean_of_labels(each) for each in (before, after)])

    assert found is not None
    assert found.interval is not None
    reach = t_quantile(0.975, 19) * stdev(gains) / math.sqrt(20)
    assert found.difference == pytest.approx(sum(gains) / 20)
    assert found.interval[1] - found.difference == pytest.approx(reach)


def spans(shift: int) -> pl.DataFrame:
    """Return spans of two people who differ in a label now and then, and in a place."""
    rows = [
        (
            str(n),
            who,
            "city" if n % 3 or who == "ada" else "town",
            n + (shift if n % 5 == 0 and who == "bob" else 0),
        )
        for n in range(60)
        for who in ("ada", "bob")
    ]
    frame = pl.DataFrame(rows, schema=["item_id", "annotator_id", "label", "start"], orient="row")
    return frame.with_columns(end=pl.col("start") + 4)


def test_spans_have_f1_and_an_interval_of_the_difference() -> None:
    """Merging the labels that people mix up makes spans agree more, by an interval above 0."""
    before = spans(1)
    change = measure_change(before, before.with_columns(pl.col("label").replace("town", "city")))

    assert change.before is not None
    assert change.after is not None
    assert change.difference is not None
    assert change.before.value == ja.span_f1(before).value
    assert change.difference.difference == change.after.value - change.before.value > 0
    assert change.difference.interval is not None
    assert 0 < change.difference.interval[0] < change.difference.difference < change.difference.interval[1]
    assert 0 < change.difference.p < 0.05


def test_boxes_have_the_joint_alpha() -> None:
    """Boxes are measured as `box_agreement` does, over all objects."""
    boxes = (
        spans(1)
        .rename({"start": "x", "end": "y"})
        .with_columns(pl.col("x", "y").cast(pl.Float64), width=pl.lit(8.0), height=pl.lit(8.0))
    )
    change = measure_change(boxes, boxes.with_columns(pl.col("label").replace("town", "city")))

    assert change.before is not None
    assert change.before.value == ja.box_agreement(boxes).pooled.joint.value
    assert change.before.interval is not None


def test_what_has_no_measure_says_so() -> None:
    """Answers of a form that no measure takes, and none at all, have a reason instead of a number."""
    points = spans(1).rename({"start": "x", "end": "y"})

    assert measure_change(points, points).reason == "no measure of agreement takes answers of this form"
    assert "nobody has answered" in measure_change(points.clear(), points.clear()).reason


def test_equal_frames_have_no_interval() -> None:
    """Where nothing changes the difference is 0, and no interval is made up."""
    change = measure_change(spans(1), spans(1))

    assert change.difference is not None
    assert change.difference.difference == 0
    assert change.difference.interval is None
