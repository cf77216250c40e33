"""Annotator quality: clickers are found, the few-labeled are not judged, and intervals cover."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.errors import ColumnError
from jupyter_annotate.quality import annotator_quality

SKILLS = {"ada": 0.92, "bob": 0.85, "cleo": 0.75, "dan": 0.88, "eve": 0.7}


def crowd(n_items: int = 200, *, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS of five of known skill, a clicker, a constant clicker and somebody new; and gold."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=n_items)
    rows = []
    for name, skill in SKILLS.items():
        wrong = (true + rng.integers(1, 3, n_items)) % 3
        rows.append((name, np.where(rng.random(n_items) < skill, true, wrong)))
    rows += [("clicker", rng.integers(3, size=n_items)), ("constant", np.full(n_items, 1))]
    frames = [
        pl.DataFrame({"item_id": np.arange(n_items), "annotator_id": name, "label": label})
        for name, label in rows
    ]
    frames.append(pl.DataFrame({"item_id": [0, 1], "annotator_id": "new", "label": (true[:2] + 1) % 3}))
    return pl.concat(frames), pl.DataFrame({"item_id": np.arange(n_items), "label": true})


def verdicts(labels: pl.DataFrame, gold: pl.DataFrame | None) -> dict[str, str]:
    """Return the verdict of each annotator who has one."""
    found = annotator_quality(labels, gold=gold).annotators.drop_nulls("verdict")
    return dict(found.select("annotator_id", "verdict").rows())


@pytest.mark.parametrize("with_gold", [False, True])
def test_clickers_are_found_and_nobody_else(with_gold: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """With gold and without, the random and the constant clicker have a verdict, the others none."""
    labels, gold = crowd()

    assert verdicts(labels, gold if with_gold else None) == {
        "clicker": "tells nothing, like clicking at random",
        "constant": "gives one label always",
    }


def test_skill_without_gold_is_near_the_true_one() -> None:
    """The intervals without gold hold the skill the labels were drawn with, mostly, and are not wide."""
    covered, widths = [], []
    for seed in range(2):
        table = annotator_quality(crowd(seed=seed)[0]).annotators
        for name, low, high in table.select("annotator_id", "skill_low", "skill_high").iter_rows():
            if name in SKILLS:
                covered.append(low <= SKILLS[name] <= high)
                widths.append(high - low)

    assert np.mean(covered) >= 0.8
    assert max(widths) < 0.2


def test_few_labels_make_wide_intervals_and_no_verdict() -> None:
    """Somebody with two labels, both wrong, may still be anything."""
    labels, gold = crowd()
    found = annotator_quality(labels, gold=gold).annotators

    new = found.filter(pl.col("annotator_id") == "new").row(0, named=True)
    ada = found.filter(pl.col("annotator_id") == "ada").row(0, named=True)
    assert new["verdict"] is None
    assert new["skill_high"] - new["skill_low"] > 4 * (ada["skill_high"] - ada["skill_low"])


def test_gold_gives_the_counts_themselves() -> None:
    """With gold everywhere the confusions are the shares of the labels, but for one label of ignorance."""
    labels, gold = crowd(60)
    found = annotator_quality(labels, gold=gold)

    joined = labels.filter(pl.col("annotator_id") == "ada").join(gold, on="item_id", suffix="_true")
    of_first = joined.filter(pl.col("label_true") == 0)
    n_right = len(of_first.filter(pl.col("label") == 0))
    expected = (n_right + 1 / 3) / (len(of_first) + 1)
    cell = (pl.col("annotator_id") == "ada") & (pl.col("true_label") == 0) & (pl.col("label") == 0)
    assert found.confusions.filter(cell)["probability"].item() == pytest.approx(expected)
    assert found.n_gold == 60
    assert found.annotators["n_gold"].to_list() == found.annotators["n_labels"].to_list()


def test_the_overused_label_is_named() -> None:
    """The constant clicker overuses the label always given, with an interval above nothing."""
    found = annotator_quality(crowd()[0])

    row = found.bias.filter((pl.col("annotator_id") == "constant") & (pl.col("label") == 1)).row(
        0, named=True
    )
    assert row["low"] > 0.5
    assert found.annotators.filter(pl.col("annotator_id") == "constant")["overused"].item() == 1


def test_information_ranks_by_skill() -> None:
    """More skill is more bits; a clicker has none, and the interval says so."""
    table = annotator_quality(crowd()[0]).annotators
    bits = dict(table.select("annotator_id", "information").rows())

    assert bits["ada"] > bits["bob"] > bits["cleo"] > bits["clicker"]
    assert table.filter(pl.col("annotator_id") == "clicker")["information_low"].item() < 0.01


def test_order_of_rows_and_seed() -> None:
    """Shuffled rows give the same to the last bit; nothing depends on hidden state."""
    labels, _ = crowd(60)

    one = annotator_quality(labels, seed=2).annotators
    other = annotator_quality(labels.sample(fraction=1, shuffle=True, seed=1), seed=2).annotators

    assert one.equals(other)


def test_nothing_to_judge_is_defined_or_an_error() -> None:
    """One label is a result with the widest interval; none is an error."""
    one = pl.DataFrame({"item_id": ["a"], "annotator_id": ["ada"], "label": ["x"]})

    assert annotator_quality(one).annotators["verdict"].to_list() == [None]
    assert "1 annotators, 0 suspect" in repr(annotator_quality(one))
    with pytest.raises(ColumnError, match="at least one label"):
        annotator_quality(one.clear())


@pytest.mark.real_data
def test_real_skills_without_gold_agree_with_gold(real_data: Path) -> None:
    """On the entailment set the intervals without gold hold nine in ten of the skills with gold."""
    rows = pl.read_csv(real_data / "event_highlights" / "rte.standardized.csv", infer_schema=False)
    labels = rows.select(item_id="orig_id", annotator_id="!amt_worker_ids", label="response")
    gold = rows.select(item_id="orig_id", label="gold").unique("item_id")

    without = annotator_quality(labels).annotators
    joined = without.join(annotator_quality(labels, gold=gold).annotators, on="annotator_id", suffix="_gold")

    inside = joined["skill_gold"].is_between(joined["skill_low"], joined["skill_high"])
    assert inside.mean() >= 0.9  # type: ignore[operator]  # there are rows
