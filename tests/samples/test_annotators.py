"""Simulated annotators are as skilled as they say, and always answer the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError
from jupyter_annotate.questions import Boxes, Spans
from jupyter_annotate.samples import (
    CELLS,
    ENTITIES,
    SENTIMENTS,
    TOPICS,
    SimulatedAnnotator,
    load_images,
    load_messages,
    load_reviews,
)

REVIEWS, MESSAGES, IMAGES = load_reviews(), load_messages(), load_images()
#: Kind of question, ids, gold, labels and contents of each sample.
CASES: dict[str, tuple[pl.Series, pl.Series, Sequence[str], Sequence[Any] | None]] = {
    "choice": (REVIEWS["item_id"], REVIEWS["gold_sentiment"], SENTIMENTS, None),
    "multi_choice": (REVIEWS["item_id"], REVIEWS["gold_topics"], TOPICS, None),
    "spans": (MESSAGES["item_id"], MESSAGES["gold_entities"], ENTITIES, MESSAGES["text"].to_list()),
    "boxes": (IMAGES["item_id"], IMAGES["gold_cells"], CELLS, IMAGES.select("width", "height").rows()),
}


def close_to(share: float, count: int) -> float:
    """Return five standard deviations of the share of successes among so many independent draws."""
    return 5 * sqrt(share * (1 - share) / count)


def overlap(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return intersection over union of two boxes."""
    width = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    height = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    shared = max(width, 0) * max(height, 0)
    return float(shared / (a["width"] * a["height"] + b["width"] * b["height"] - shared))


# --------------------------------------------------------------------------------- all four kinds


@pytest.mark.parametrize("kind", CASES)
def test_skill_one_gives_gold(kind: str) -> None:
    """An annotator of skill 1 reproduces every gold answer exactly."""
    ids, gold, labels, contents = CASES[kind]

    assert SimulatedAnnotator("ada", skill=1.0).answers(kind, ids, gold, labels, contents) == gold.to_list()


@pytest.mark.parametrize("kind", CASES)
def test_answers_do_not_depend_on_the_order_of_items(kind: str) -> None:
    """Asked in reverse, or one item alone, the annotator answers each item as before."""
    ids, gold, labels, contents = CASES[kind]
    bob = SimulatedAnnotator("bob", skill=0.6, seed=3)
    texts = contents or [None] * len(ids)
    rows = list(zip(ids, gold.to_list(), texts, strict=True))
    backwards = [list(column) for column in zip(*reversed(rows), strict=True)]

    together = bob.answers(kind, ids, gold, labels, contents)

    assert bob.answers(kind, backwards[0], backwards[1], labels, backwards[2]) == together[::-1]
    alone = [bob.answers(kind, [i], [g], labels, None if c is None else [c])[0] for i, g, c in rows]
    assert alone == together


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("other", [("bob", 4), ("eve", 3)])
def test_another_seed_or_name_is_another_person(kind: str, other: tuple[str, int]) -> None:
    """Annotators of the same skill err on different items when seed or name differ."""
    ids, gold, labels, contents = CASES[kind]
    bob = SimulatedAnnotator("bob", skill=0.5, seed=3)
    third = SimulatedAnnotator(other[0], skill=0.5, seed=other[1])

    assert bob.answers(kind, ids, gold, labels, contents) != third.answers(kind, ids, gold, labels, contents)


def test_answers_are_the_same_in_another_process() -> None:
    """A fresh interpreter with another hash seed gives the very same answers."""
    program = (
        "from jupyter_annotate.samples import SimulatedAnnotator\n"
        "bob = SimulatedAnnotator('bob', skill=0.5, seed=3)\n"
        "ids = [f'i{n}' for n in range(40)]\n"
        "print(''.join(bob.answers('choice', ids, ['a'] * 40, ['a', 'b', 'c'])))\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert printed == ["caaabbcaaaabaaaaaaacacaaabaabaabbbaaabcc"] * 2


@pytest.mark.parametrize("kind", CASES)
def test_unknown_gold_is_refused(kind: str) -> None:
    """A gold label that is not among the labels is named in the error."""
    ids, gold, labels, contents = CASES[kind]

    with pytest.raises(LabelError, match="is no answer to 'gold': expected one of"):
        SimulatedAnnotator("ada").answers(kind, ids, gold, labels[1:], contents)


def test_unknown_kinds_are_refused() -> None:
    """A kind of question nobody simulates is an error that lists the known ones."""
    with pytest.raises(UnknownNameError, match="'ranking'; known: 'boxes', 'choice'"):
        SimulatedAnnotator("ada").answers("ranking", [], [], [])


@pytest.mark.parametrize("skill", [-0.1, 1.1, float("nan")])
def test_skill_is_a_probability(skill: float) -> None:
    """A skill outside 0 to 1 is refused."""
    with pytest.raises(SchemaError, match="skill from 0 to 1"):
        SimulatedAnnotator("ada", skill=skill)


@pytest.mark.parametrize("weight", [-1.0, float("inf"), float("nan")])
def test_leanings_are_weights(weight: float) -> None:
    """A negative or infinite weight is refused."""
    with pytest.raises(SchemaError, match="weight of 0 or more for 'a'"):
        SimulatedAnnotator("ada", leaning={"a": weight})


# ---------------------------------------------------------------------------- choice, multi-choice


@pytest.mark.parametrize("skill", [0.0, 0.35, 0.8, 0.97])
def test_choices_are_as_accurate_as_the_skill(skill: float) -> None:
    """Among 20,000 choices the share of right ones is the skill, for each gold label."""
    ids = [f"i{n}" for n in range(20_000)]
    gold = [SENTIMENTS[n % 3] for n in range(20_000)]

    answers = SimulatedAnnotator("ada", skill=skill, leaning={"neutral": 4}).answers(
        "choice", ids, gold, SENTIMENTS
    )
    accuracy = (
        pl.DataFrame({"gold": gold, "right": np.array(answers) == np.array(gold)})
        .group_by("gold")
        .agg(pl.col("right").mean())["right"]
    )

    assert (accuracy - skill).abs().max() <= close_to(skill, 6_666)  # type: ignore[operator]  # not empty


def test_errors_follow_the_confusion_matrix() -> None:
    """Each wrong answer is as frequent as the annotator's confusion matrix says."""
    ada = SimulatedAnnotator("ada", skill=0.6, leaning={"c": 3.0})
    answers = ada.answers("choice", [f"i{n}" for n in range(20_000)], ["a"] * 20_000, ["a", "b", "c"])
    shares = np.array([answers.count(label) for label in "abc"]) / 20_000

    assert ada.confusion(["a", "b", "c"])[0] == pytest.approx([0.6, 0.1, 0.3])
    assert np.abs(shares - [0.6, 0.1, 0.3]).max() <= close_to(0.5, 20_000)


@pytest.mark.parametrize("leaning", [{}, {"a": 0.0}, {"a": 0, "b": 0, "c": 0}, {"c": 1e9}])
def test_every_row_of_a_confusion_matrix_is_a_distribution(leaning: dict[str, float]) -> None:
    """Rows sum to 1 with the skill on the diagonal, also when no other label has weight."""
    matrix = SimulatedAnnotator("ada", skill=0.7, leaning=leaning).confusion(["a", "b", "c"])

    assert matrix.sum(axis=1) == pytest.approx([1, 1, 1])
    assert matrix.diagonal() == pytest.approx([0.7, 0.7, 0.7])


def test_a_single_label_cannot_be_wrong() -> None:
    """With one label even the unskilled give it."""
    assert SimulatedAnnotator("ada", skill=0).choice("i", "a", ["a"]) == "a"


def test_errors_of_two_annotators_are_independent() -> None:
    """Two annotators of skill 0.8 are both right on 64 % of the items, as independent errors have it."""
    ids = [f"i{n}" for n in range(20_000)]
    right = [
        np.array(SimulatedAnnotator(n, skill=0.8).answers("choice", ids, ["a"] * 20_000, ["a", "b"])) == "a"
        for n in ("ada", "bob")
    ]

    assert abs((right[0] & right[1]).mean() - 0.64) <= close_to(0.64, 20_000)


@pytest.mark.parametrize("skill", [0.5, 0.9])
def test_each_topic_is_as_accurate_as_the_skill(skill: float) -> None:
    """Each label of a multi-choice is rightly given or rightly left out with the skill's probability."""
    ids = [f"i{n}" for n in range(5_000)]
    gold = [[TOPICS[n % 7], TOPICS[6]] if n % 7 < 6 else [] for n in range(5_000)]
    answers = SimulatedAnnotator("ada", skill=skill).answers("multi_choice", ids, gold, TOPICS)

    for topic in TOPICS:
        right = [(topic in a) == (topic in g) for a, g in zip(answers, gold, strict=True)]
        assert abs(np.mean(right) - skill) <= close_to(skill, 5_000)


# ------------------------------------------------------------------------------------------ spans


def test_spans_are_as_accurate_as_the_skill() -> None:
    """Over many annotators a gold span is exactly right with the skill's probability."""
    hits = total = 0
    for seed in range(12):
        ada = SimulatedAnnotator("ada", skill=0.75, seed=seed)
        found = ada.answers("spans", *CASES["spans"])
        for gold, spans in zip(MESSAGES["gold_entities"].to_list(), found, strict=True):
            hits += sum(span in spans for span in gold)
            total += len(gold)

    assert total > 5_000
    assert abs(hits / total - 0.75) <= close_to(0.75, total)


def test_spans_go_wrong_in_three_ways() -> None:
    """Among the errors are missed spans, other labels at the same place, and ends off by a word."""
    gold = [{"start": 4, "end": 16, "label": "person"}]
    text = "Ask Ada Lovelace today"
    answers = [
        SimulatedAnnotator("ada", skill=0.0, seed=seed).spans("i", gold, ["person", "date"], text)
        for seed in range(300)
    ]
    kinds = {tuple((text[s["start"] : s["end"]], s["label"]) for s in spans) for spans in answers}

    assert kinds == {
        (),
        (("Ada Lovelace", "date"),),
        (("Lovelace", "person"),),
        (("Ada", "person"),),
        (("Ada Lovelace today", "person"),),
    }
    assert abs(sum(not spans for spans in answers) / 300 - 1 / 3) <= close_to(1 / 3, 300)


def test_wrong_labels_of_marks_lean_too() -> None:
    """A span with a wrong label carries the label the annotator leans to."""
    gold = [{"start": 0, "end": 3, "label": "person"}]
    found = [
        SimulatedAnnotator("ada", skill=0, seed=seed, leaning={"time": 0}).spans("i", gold, ENTITIES, "Ada")
        for seed in range(500)
    ]

    assert {span["label"] for spans in found for span in spans} == {"place", "date", "quantity"}


@pytest.mark.parametrize("skill", [0.0, 0.5])
def test_spans_fit_their_question(skill: float) -> None:
    """Even a careless annotator's spans fit a question, and do not overlap where gold does not."""
    free = Spans("entities", ENTITIES, on="text")
    strict = Spans("entities", ENTITIES, on="text", overlap=False)
    flat = 0
    for row in MESSAGES.iter_rows(named=True):
        gold = row["gold_entities"]
        nested = any(a["end"] > b["start"] for a, b in pairwise(gold))
        for seed in range(5):
            ada = SimulatedAnnotator("ada", skill=skill, seed=seed)
            spans = ada.spans(row["item_id"], gold, ENTITIES, row["text"])
            (free if nested else strict).check(list(spans), {"text": row["text"]})
            flat += not nested

    assert flat > 500


# ------------------------------------------------------------------------------------------ boxes


def test_boxes_are_as_accurate_as_the_skill() -> None:
    """Over many annotators a gold box is found and rightly labeled with the skill's probability."""
    hits = total = 0
    for seed in range(12):
        found = SimulatedAnnotator("ada", skill=0.7, seed=seed).answers("boxes", *CASES["boxes"])
        for gold, boxes in zip(IMAGES["gold_cells"].to_list(), found, strict=True):
            hits += sum(any(b["label"] == g["label"] and overlap(b, g) > 0.6 for b in boxes) for g in gold)
            total += len(gold)

    assert total > 1_500
    assert abs(hits / total - 0.7) <= close_to(0.7, total)


def test_boxes_wobble_with_skill() -> None:
    """The less skilled, the farther the edges are off; they are never exactly right below skill 1."""

    def mean_overlap(skill: float) -> float:
        found = SimulatedAnnotator("ada", skill=skill).answers("boxes", *CASES["boxes"])
        best = [
            max((overlap(b, g) for b in boxes), default=0.0)
            for gold, boxes in zip(IMAGES["gold_cells"].to_list(), found, strict=True)
            for g in gold
        ]
        return float(np.mean([each for each in best if each > 0.6]))

    assert 1 > mean_overlap(0.99) > mean_overlap(0.9) > mean_overlap(0.8) > 0.7


def test_boxes_go_wrong_in_three_ways() -> None:
    """Among the errors are missed boxes, other labels and boxes where nothing is."""
    gold = [{"x": 100.0, "y": 100.0, "width": 50.0, "height": 40.0, "label": "disc"}]
    drawn = [
        SimulatedAnnotator("ada", skill=0.5, seed=seed).boxes("i", gold, ["disc", "ring"], (640, 480))
        for seed in range(3_000)
    ]
    here = [[b for b in boxes if overlap(b, gold[0]) > 0.6] for boxes in drawn]
    elsewhere = sum(len(boxes) - len(at) for boxes, at in zip(drawn, here, strict=True))

    missed = np.mean([not at for at in here])
    confused = np.mean([at[:1] != [] and at[0]["label"] == "ring" for at in here])

    assert abs(missed - 1 / 4) <= close_to(1 / 4, 3_000)
    assert abs(confused - 1 / 4) <= close_to(1 / 4, 3_000)
    assert abs(elsewhere / 6_000 - 1 / 8) <= close_to(1 / 8, 6_000)


@pytest.mark.parametrize("skill", [0.0, 0.5, 0.99])
def test_boxes_fit_their_question(skill: float) -> None:
    """Even a careless annotator's boxes lie inside the image and keep their smallest size."""
    question = Boxes("cells", CELLS, on="image")
    for row in IMAGES.iter_rows(named=True):
        size = row["width"], row["height"]
        for seed in range(5):
            ada = SimulatedAnnotator("ada", skill=skill, seed=seed)
            boxes = ada.boxes(row["item_id"], row["gold_cells"], CELLS, size)
            assert question.check(list(boxes), {"image": ImageSize(*size)}) == boxes


def test_a_tiny_box_stays_drawable() -> None:
    """A box of one pixel is not wobbled below one pixel."""
    gold = [{"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "label": "disc"}]
    for seed in range(50):
        for box in SimulatedAnnotator("ada", skill=0.5, seed=seed).boxes("i", gold, ["disc"], (4, 4)):
            assert min(box["width"], box["height"]) >= 1
            assert max(box["x"] + box["width"], box["y"] + box["height"]) <= 4
