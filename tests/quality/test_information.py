"""The next best label: what an answer is expected to tell, by definition and by common sense."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation import DawidSkene
from jupyter_annotate.aggregation.heldout import confusions_under
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.quality import expected_information, information


def crowd(n_items: int = 40, seed: int = 0) -> pl.DataFrame:
    """Return LABELS of three who know and one who clicks, each on two thirds of the items."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=n_items)
    right = np.array([0.95, 0.9, 0.7, 1 / 3])
    item, annotator = np.repeat(np.arange(n_items), 4), np.tile(np.arange(4), n_items)
    label = np.where(
        rng.random(len(item)) < right[annotator], true[item], (true[item] + rng.integers(1, 3, len(item))) % 3
    )
    kept = (item + annotator) % 3 > 0
    return pl.DataFrame({"item_id": item, "annotator_id": annotator, "label": label}).filter(pl.Series(kept))


def by_definition(model: DawidSkene) -> dict[tuple[str, str], float]:
    """Compute the mutual information of every pair, answer by answer and true label by true label."""
    ratings, posterior = model._fitted("test")
    confusions = confusions_under(posterior.probabilities, ratings)
    found = {}
    for i, item in enumerate(ratings.items):
        for j, annotator in enumerate(ratings.annotators):
            prior = posterior.probabilities[i]
            total = 0.0
            for answer in range(3):
                joint = prior * confusions[j, :, answer]
                terms = (
                    p * np.log2(p / (q * joint.sum())) for p, q in zip(joint, prior, strict=True) if p > 0
                )
                total += sum(terms)
            found[str(item), str(annotator)] = total
    return found


def test_it_is_the_mutual_information() -> None:
    """Every pair without a label has the value of the definition, and no pair with a label is there."""
    labels = crowd()
    model = DawidSkene().fit(labels)

    found = expected_information(model, top=None)

    defined = by_definition(model)
    given = {(str(item), str(annotator)) for item, annotator, _ in labels.iter_rows()}
    pairs = {(item, annotator): bits for item, annotator, bits in found.iter_rows()}
    assert pairs.keys() == defined.keys() - given
    assert list(pairs.values()) == pytest.approx([defined[pair] for pair in pairs], abs=1e-9)
    assert found["information"].is_sorted(descending=True)


def test_pieces_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computed a few items at a time, the first pairs are the same as of the whole."""
    model = DawidSkene().fit(crowd())
    whole = expected_information(model, top=None)

    monkeypatch.setattr(information, "_AT_ONCE", 30)

    assert expected_information(model, top=7).equals(whole.head(7))


def test_what_is_certain_gains_nothing() -> None:
    """An item on which all agree gains next to nothing; a divided one much."""
    labels = pl.concat(
        [
            crowd(),
            pl.DataFrame({"item_id": [90, 90, 91, 91], "annotator_id": [0, 1] * 2, "label": [1, 1, 0, 2]}),
        ]
    )
    found = expected_information(DawidSkene().fit(labels), items=[90, 91], annotators=[2])

    bits = dict(found.select("item_id", "information").rows())
    assert bits["90"] < 0.02
    assert bits["91"] > 0.1


def test_who_knows_more_gains_more() -> None:
    """On the same items the best annotator is worth more than the worst, and the clicker very little."""
    found = expected_information(crowd(120), top=None)

    mean = dict(found.group_by("annotator_id").agg(pl.col("information").mean()).rows())
    assert mean["0"] > mean["3"]
    assert mean["3"] < 0.2 * mean["0"]


def test_only_those_asked_for() -> None:
    """Items and annotators can be named, and one nobody knows is an error."""
    labels = crowd()

    found = expected_information(labels, items=[3, 6], annotators=["0", "1"], top=None)

    assert set(found["item_id"]) <= {"3", "6"}
    assert set(found["annotator_id"]) <= {"0", "1"}
    with pytest.raises(ColumnError, match="'nobody'"):
        expected_information(labels, annotators=["nobody"])
    with pytest.raises(ValueError, match="top"):
        expected_information(labels, top=0)


def test_nothing_left_to_ask_is_an_empty_table() -> None:
    """If everybody labeled everything there is no pair."""
    labels = {"item_id": ["a", "a"], "annotator_id": ["ada", "bob"], "label": ["x", "y"]}

    assert expected_information(labels).is_empty()
