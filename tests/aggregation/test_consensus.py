"""The default: what it chooses, what stands beside it, and what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import AGGREGATORS
from jupyter_annotate.aggregation.calibration import softened
from jupyter_annotate.aggregation.consensus import aggregate
from jupyter_annotate.aggregation.difficulty import HazyItems
from jupyter_annotate.aggregation.heldout import folds_of, signatures, stacked
from jupyter_annotate.aggregation.reliability import calibration_report
from jupyter_annotate.errors import ColumnError, UnknownNameError
from jupyter_annotate.ratings import ratings_of


def crowd(  # noqa: PLR0913 -- each is named
    n_items: int = 120,
    n_annotators: int = 12,
    overlap: int = 5,
    *,
    skill: tuple[float, float] = (0.6, 0.95),
    n_labels: int = 3,
    seed: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS of annotators of different skill, and gold."""
    rng = np.random.default_rng(seed)
    true = rng.integers(n_labels, size=n_items)
    right = rng.uniform(*skill, size=n_annotators)
    item = np.repeat(np.arange(n_items), overlap)
    annotator = np.concatenate([rng.permutation(n_annotators)[:overlap] for _ in range(n_items)])
    wrong = (true[item] + rng.integers(1, n_labels, size=len(item))) % n_labels
    label = np.where(rng.random(len(item)) < right[annotator], true[item], wrong)
    names = np.array(["cat", "dog", "eel", "fox"])
    labels = pl.DataFrame(
        {
            "item_id": [f"item {n:03d}" for n in item],
            "annotator_id": [f"annotator {n:02d}" for n in annotator],
            "label": names[label],
        }
    )
    gold = pl.DataFrame({"item_id": [f"item {n:03d}" for n in range(n_items)], "label": names[true]})
    return labels, gold


def accuracy(consensus: pl.DataFrame, gold: pl.DataFrame) -> float:
    """Return the share of gold items whose label is right."""
    joined = consensus.join(gold.rename({"label": "gold"}), on="item_id")
    return float((joined["label"] == joined["gold"]).cast(pl.Float64).mean())  # type: ignore[arg-type]  # there are rows


def test_the_majority_stands_beside_it_and_the_differing_items_are_listed() -> None:
    """Every item shows the label and the majority's, and `differing` holds exactly those that differ."""
    labels, _ = crowd(skill=(0.3, 0.95))

    found = aggregate(labels)

    differing = found.consensus.filter(pl.col("label") != pl.col("majority"))
    assert found.consensus["item_id"].to_list() == sorted(set(labels["item_id"]))
    assert 0 < len(differing) == len(found.differing)
    assert found.differing["confidence"].is_sorted(descending=True)


def test_the_probabilities_are_probabilities() -> None:
    """The probabilities of an item add up to 1, and the confidence is that of its label."""
    found = aggregate(crowd()[0])

    sums = found.probabilities.group_by("item_id").agg(pl.col("probability").sum())
    joined = found.consensus.join(found.probabilities, on=["item_id", "label"])
    assert sums["probability"].to_numpy() == pytest.approx(1)
    assert joined["confidence"].to_numpy() == pytest.approx(joined["probability"].to_numpy())


def test_it_is_as_right_as_the_models_are() -> None:
    """Over crowds of mixed skill the default is right as often as the best model, within 1.5 points."""
    names = ("majority", "dawid_skene", "one_coin", "bayesian")
    crowds = [crowd(300, 20, skill=(0.35, 0.95), seed=seed) for seed in (1, 2)]
    single = [
        [accuracy(AGGREGATORS[name]().fit_predict(labels), gold) for name in names] for labels, gold in crowds
    ]
    default = [accuracy(aggregate(labels).consensus, gold) for labels, gold in crowds]

    assert np.mean(default) >= np.mean(single, axis=0).max() - 0.015


def test_rows_in_another_order_give_the_same_to_the_last_bit() -> None:
    """Shuffled rows change nothing."""
    labels, gold = crowd()
    some = gold.head(40)

    shuffled = aggregate(labels.sample(fraction=1, shuffle=True, seed=3), gold=some)

    assert shuffled.consensus.equals(aggregate(labels, gold=some).consensus)


def test_other_names_give_the_same_under_the_renaming() -> None:
    """Names that sort the other way round change nothing but the names."""
    labels, _ = crowd(80)
    renamed = labels.with_columns(
        pl.col("item_id").map_elements(lambda name: f"thing {999 - int(name[-3:])}", pl.String),
        pl.col("annotator_id").map_elements(lambda name: f"person {99 - int(name[-2:])}", pl.String),
        pl.col("label").replace_strict({"cat": "z", "dog": "y", "eel": "x"}),
    )

    one, other = aggregate(labels).consensus, aggregate(renamed).consensus.reverse()

    assert one["confidence"].to_numpy() == pytest.approx(other["confidence"].to_numpy(), abs=1e-6)
    assert (
        one["label"].replace_strict({"cat": "z", "dog": "y", "eel": "x"}).to_list()
        == other["label"].to_list()
    )


def test_gold_is_taken_as_certain() -> None:
    """Items with gold have its label and confidence 1, and the report counts gold without labels."""
    labels, gold = crowd()
    more = pl.concat([gold.head(30), pl.DataFrame({"item_id": ["never seen"], "label": ["cat"]})])

    found = aggregate(labels, gold=more)

    known = found.consensus.join(gold.head(30), on="item_id", suffix="_gold")
    assert known["label"].to_list() == known["label_gold"].to_list()
    assert known["confidence"].to_list() == [1.0] * 30
    assert found.calibration is not None
    assert (found.calibration.n_gold, found.calibration.n_gold_unlabeled) == (30, 1)
    assert "30 gold items" in repr(found)


def test_a_method_by_name_keeps_its_labels() -> None:
    """With a method of the user's choice the labels are its own, and only the confidence is changed."""
    labels, gold = crowd()

    found = aggregate(labels, method="dawid_skene", gold=gold.head(50)).consensus
    own = AGGREGATORS["dawid_skene"]().fit_predict(labels)

    unknown = ~found["item_id"].is_in(gold["item_id"].head(50).implode())
    assert found.filter(unknown)["label"].to_list() == own.filter(unknown)["label"].to_list()
    assert found.filter(unknown)["confidence"].to_list() != own.filter(unknown)["confidence"].to_list()


def test_the_smallest_inputs_are_defined() -> None:
    """One label, one annotator, equal labels and items without labels have results, not errors."""
    one = {"item_id": ["a"], "annotator_id": ["ada"], "label": ["x"]}
    same = {"item_id": ["a", "a", "b"], "annotator_id": ["ada", "bob", "ada"], "label": ["x", "x", "x"]}
    empty = {"item_id": ["a", "b"], "annotator_id": ["ada", "ada"], "label": ["x", None]}

    assert aggregate(one).consensus["label"].to_list() == ["x"]
    assert aggregate(same).consensus["confidence"].to_list() == pytest.approx([1.0, 1.0])
    assert aggregate(empty).consensus["label"].to_list() == ["x", None]
    assert aggregate(one, categories=["x", "y", "z"]).consensus["label"].to_list() == ["x"]


def test_no_label_at_all_and_unknown_methods_are_errors() -> None:
    """Nothing to aggregate is an error that says so, and a method nobody knows lists the known ones."""
    nothing = pl.DataFrame(schema={"item_id": pl.String, "annotator_id": pl.String, "label": pl.String})

    with pytest.raises(ColumnError, match="at least one label"):
        aggregate(nothing)
    with pytest.raises(UnknownNameError, match="dawid_skene"):
        aggregate(crowd()[0], method="dawid_sken")


def test_every_label_of_an_item_is_held_out_in_another_fold() -> None:
    """Labels of one item are never held out together while there are folds."""
    ratings = ratings_of(crowd(overlap=4)[0], what="test")
    fold = folds_of(ratings, 4)

    assert all(sorted(fold[ratings.item == item]) == [0, 1, 2, 3] for item in range(len(ratings.items)))


def test_signatures_know_no_names() -> None:
    """What surrounds a label is the same numbers whatever its item and annotator are called."""
    labels, _ = crowd()
    renamed = labels.with_columns(
        ("x" + pl.col("item_id")).alias("item_id"), pl.col("annotator_id").str.reverse()
    )

    one, other = (signatures(ratings_of(each, what="test")) for each in (labels, renamed))

    assert sorted(one[0]) == sorted(other[0])
    assert (one[1] == other[1]).all()


def test_the_weights_go_to_who_foretells() -> None:
    """A model that foretells every label better has all the weight; two alike share it."""
    good, bad = np.full(50, -0.1), np.full(50, -3.0)

    weights = stacked({"good": good, "bad": bad})

    assert weights["good"] > 0.99
    assert stacked({"one": good, "other": good}) == pytest.approx({"one": 0.5, "other": 0.5})


def test_a_posterior_is_never_surer_than_before() -> None:
    """Mixing in the shares of the votes takes from a unanimous item nothing and from a divided one much."""
    labels = pl.DataFrame(
        {"item_id": ["a"] * 3 + ["b"] * 3, "annotator_id": ["u", "v", "w"] * 2, "label": list("xxxxxy")}
    )
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])

    soft = softened(sure, ratings_of(labels, what="test"))

    assert soft[0, 0] == pytest.approx(1)
    assert soft[1, 0] < 0.95


def test_haze_makes_divided_items_less_sure() -> None:
    """Where some items are hard for all, the model with haze claims less than one without, and is nearer."""
    rng = np.random.default_rng(4)
    n_items, overlap = 400, 7
    true, hard = rng.integers(2, size=n_items), rng.random(n_items) < 0.3
    item = np.repeat(np.arange(n_items), overlap)
    right = np.where(hard[item], 0.52, 0.92)
    label = np.where(rng.random(len(item)) < right, true[item], 1 - true[item])
    labels = {"item_id": item, "annotator_id": np.tile(np.arange(overlap), n_items), "label": label}
    gold = {"item_id": np.arange(n_items), "label": true}

    hazy = calibration_report(HazyItems().fit_predict(labels), gold)
    clear = calibration_report(AGGREGATORS["dawid_skene"]().fit_predict(labels), gold)

    assert hazy.confidence < clear.confidence
    assert hazy.error < clear.error


def entailment(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS and gold of textual entailment by a crowd."""
    rows = pl.read_csv(folder / "event_highlights" / "rte.standardized.csv", infer_schema=False)
    labels = rows.select(item_id="orig_id", annotator_id="!amt_worker_ids", label="response")
    return labels, rows.select(item_id="orig_id", label="gold").unique("item_id")


def pages(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return LABELS and gold of web pages rated by a crowd; most gold pages have no label."""
    data = folder / "adult_content_crowd"
    labels = pl.read_csv(
        data / "labels.txt",
        separator="\t",
        has_header=False,
        new_columns=["annotator_id", "item_id", "label"],
        quote_char=None,
    )
    gold = pl.read_csv(
        data / "gold.txt", separator="\t", has_header=False, new_columns=["item_id", "label"], quote_char=None
    )
    return labels, gold


@pytest.mark.real_data
def test_real_labels_the_default_is_right_and_believable(real_data: Path) -> None:
    """On both public crowds it is within a point of the best model, with half of Dawid-Skene's error."""
    for read, best in ((entailment, 0.929), (pages, 0.781)):
        labels, gold = read(real_data)
        found = aggregate(labels)
        plain = calibration_report(AGGREGATORS["dawid_skene"]().fit_predict(labels), gold)

        assert accuracy(found.consensus, gold) >= best - 0.01
        assert calibration_report(found.consensus, gold).error <= plain.error / 2


@pytest.mark.real_data
def test_real_gold_calibrates_to_five_points(real_data: Path) -> None:
    """With gold, cross-fitted on gold it had not seen, the error of the claims is under five points."""
    for read, n_unlabeled in ((entailment, 0), (pages, 1184)):
        labels, gold = read(real_data)
        found = aggregate(labels, gold=gold).calibration

        assert found is not None
        assert found.after.error < 0.05
        assert found.n_gold_unlabeled == n_unlabeled
