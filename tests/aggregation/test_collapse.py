"""Collapse: each way of failing is seen, and a sound model gives no sign."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import AGGREGATORS
from jupyter_annotate.aggregation.collapse import signs_of_collapse
from jupyter_annotate.aggregation.heldout import HeldOut
from jupyter_annotate.ratings import Ratings, ratings_of


def votes(
    n_items: int = 90, n_annotators: int = 6, *, right: float = 0.9, seed: int = 0
) -> tuple[Ratings, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the labels of annotators of equal skill on three classes, and the true ones."""
    rng = np.random.default_rng(seed)
    true = np.arange(n_items) % 3
    item = np.repeat(np.arange(n_items), n_annotators)
    label = np.where(rng.random(len(item)) < right, true[item], (true[item] + 1) % 3)
    frame = pl.DataFrame(
        {"item_id": item, "annotator_id": np.tile(np.arange(n_annotators), n_items), "label": label}
    )
    return ratings_of(frame, what="test"), true


def kinds(probabilities: np.ndarray[tuple[int, int], np.dtype[np.float64]], ratings: Ratings) -> list[str]:
    """Return the signs by kind."""
    return [sign.kind for sign in signs_of_collapse(probabilities, ratings, name="model")]


def test_a_sound_model_gives_no_sign() -> None:
    """The true labels of a good crowd are no collapse."""
    ratings, true = votes()

    assert kinds(np.eye(3)[true], ratings) == []


def test_a_class_that_swallows_the_others_is_seen() -> None:
    """All items in one class, which has a third of the votes: swallowed, and the others vanished."""
    ratings, true = votes()
    found = np.eye(3)[np.zeros_like(true)]

    signs = signs_of_collapse(found, ratings, name="model")

    assert [sign.kind for sign in signs if sign.is_collapse] == ["swallowed"]
    assert "label 0 has 100% of the posterior but only 33%" in signs[0].sentence
    assert [sign.kind for sign in signs].count("vanished") == 2


def test_labels_turned_round_are_seen() -> None:
    """A model that gives every item a label hardly anybody gave has most annotators below chance."""
    ratings, true = votes()

    assert "flipped" in kinds(np.eye(3)[(true + 2) % 3], ratings)


def test_one_who_mistakes_the_labels_is_named() -> None:
    """One annotator of six who always gives the next label is named, and the model is not blamed."""
    ratings, true = votes(right=1.0)
    label = np.where(ratings.annotator == 4, (ratings.label + 1) % 3, ratings.label)
    frame = pl.DataFrame({"item_id": ratings.item, "annotator_id": ratings.annotator, "label": label})

    signs = signs_of_collapse(np.eye(3)[true], ratings_of(frame, what="test"), name="model")

    assert [sign.kind for sign in signs] == ["below_chance"]
    assert "['4']" in signs[0].sentence
    assert not signs[0].is_collapse


@pytest.mark.parametrize(("expected", "n_signs"), [(0.9, 1), (0.62, 0)])
def test_claims_are_compared_with_labels_held_out(expected: float, n_signs: int) -> None:
    """Where far fewer held-out labels agree than should, the sentence has the figures."""
    ratings, true = votes()
    agrees = np.arange(500) % 10 < 6
    held_out = HeldOut(np.zeros(500), agrees, np.full(500, expected))

    signs = signs_of_collapse(np.eye(3)[true], ratings, name="model", held_out=held_out)

    assert [sign.kind for sign in signs] == ["unfounded"] * n_signs
    assert all("90%" in sign.sentence and "60%" in sign.sentence for sign in signs)


def test_one_class_and_no_labels_are_no_collapse() -> None:
    """Where there is nothing to collapse there is no sign."""
    frame = pl.DataFrame({"item_id": ["a", "b"], "annotator_id": ["u", "u"], "label": ["x", "x"]})

    assert kinds(np.ones((2, 1)), ratings_of(frame, what="test")) == []


def test_the_flips_of_one_coin_are_caught() -> None:
    """On a crowd of which most give one label whatever they see, the one-coin model gives a sign."""
    rng = np.random.default_rng(3)
    n_items, overlap = 200, 10
    true = rng.integers(2, size=n_items)
    item = np.repeat(np.arange(n_items), overlap)
    # Most say yes whatever they see; a few know.
    says_yes = np.where(
        np.tile(np.arange(overlap), n_items) < 7, np.where(true[item] == 1, 0.9, 0.8), true[item]
    )
    labels = pl.DataFrame(
        {
            "item_id": item,
            "annotator_id": np.tile(np.arange(overlap), n_items),
            "label": (rng.random(len(item)) < says_yes).astype(int),
        }
    )
    model = AGGREGATORS["one_coin"]().fit(labels)
    ratings, posterior = model._fitted("test")

    assert signs_of_collapse(posterior.probabilities, ratings, name="one_coin") != []
