"""Canaries: they live on sound labels, say when they cannot be flown, and die where something is wrong."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.agreement.base import Agreement
from jupyter_annotate.errors import ColumnError
from jupyter_annotate.quality.canaries import canaries

NAMES = ["shuffled", "duplicated", "renamed", "reordered", "clicker"]


def crowd(n_items: int, skills: list[float], *, seed: int, balance: float = 0.5) -> pl.DataFrame:
    """Return LABELS of annotators who know one of three labels with their skill, else guess."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n_items, p=[balance, (1 - balance) / 2, (1 - balance) / 2])[:, None]
    guess = rng.integers(3, size=(n_items, len(skills)))
    label = np.where(rng.random(guess.shape) < np.array(skills), truth, guess)
    item, annotator = np.indices(label.shape)
    names = np.array(["glad", "sad", "calm"])
    return pl.DataFrame(
        {
            "item_id": item.ravel(),
            "annotator_id": [f"a{n}" for n in annotator.ravel()],
            "label": names[label.ravel()],
        }
    )


def verdicts(labels: object, **options: object) -> dict[str, bool | None]:
    """Return which canary lives."""
    table = canaries(labels, **options)  # type: ignore[arg-type]  # by name
    return dict(table.select("canary", "passed").rows())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("balance", [0.34, 0.9])
def test_all_live_on_sound_labels(seed: int, balance: float) -> None:
    """With annotators who know what they do, all five live, whatever the seed and the balance."""
    labels = crowd(200, [0.9, 0.7, 0.5], seed=seed, balance=balance)

    assert verdicts(labels, seed=seed) == dict.fromkeys(NAMES, True)


def test_shuffled_labels_hardly_ever_seem_to_agree() -> None:
    """Of 15 seeds, the canary of shuffled labels lives in all."""
    labels = crowd(60, [0.9, 0.8, 0.6], seed=1)

    assert all(verdicts(labels, seed=seed)["shuffled"] for seed in range(15))


def test_real_clickers_are_named() -> None:
    """Annotators who are as random as the planted one kill the last canary, which names them."""
    labels = crowd(400, [0.9, 0.8, 0.8, -1.0], seed=2)
    opposed = labels.with_columns(
        label=pl.when(pl.col("annotator_id") == "a3").then(pl.lit("never")).otherwise("label")
    )
    table = canaries(opposed)
    row = table.row(4, named=True)

    assert table["passed"].to_list() == [True, True, True, True, False]
    assert "no more have 1: ['a3']" in row["found"]
    assert "look at their labels" in row["advice"]


def test_labels_without_any_knowledge_kill_the_clicker() -> None:
    """Where all click at random, nobody stands out, whoever happens to be the lowest."""
    verdict = [verdicts(crowd(300, [0.0, 0.0, 0.0], seed=seed), seed=seed)["clicker"] for seed in range(8)]

    assert verdict == [False] * 8


def test_a_model_of_skill_finds_the_clicker_too() -> None:
    """With an aggregator, its skill is what the clicker must be lowest in."""
    row = canaries(crowd(300, [0.9, 0.8, 0.6], seed=3), aggregator=MajorityVote()).row(4, named=True)

    assert row["passed"]
    assert row["found"].startswith("skill 0.")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], [None] * 5),
        ([("1", "a", "x")], [None, True, None, None, None]),
        (
            [("1", "a", "x"), ("2", "a", "x"), ("1", "b", "x"), ("2", "b", "x")],
            [None, True, None, None, None],
        ),
    ],
    ids=["nothing", "one label", "one category"],
)
def test_what_cannot_be_flown_is_said(rows: list[tuple[str, str, str]], expected: list[bool | None]) -> None:
    """Where the labels do not allow a test, it has no verdict and says what would allow it."""
    schema = dict.fromkeys(["item_id", "annotator_id", "label"], pl.String)
    table = canaries(pl.DataFrame(rows, schema=schema, orient="row"))

    assert table["passed"].to_list() == expected
    assert all("do not allow" in advice for advice in table.filter(pl.col("passed").is_null())["advice"])


def test_the_table_is_the_same_for_the_same_seed() -> None:
    """Rows in another order give the same table; another seed gives another clicker."""
    labels = crowd(100, [0.9, 0.7], seed=4)
    shuffled = labels.sample(fraction=1, shuffle=True, seed=9)

    assert canaries(labels, seed=7).equals(canaries(shuffled, seed=7))
    assert canaries(labels, seed=7)["found"][4] != canaries(labels, seed=8)["found"][4]


def test_a_coefficient_that_knows_names_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a coefficient depended on the names and the order of labels, four canaries would die of it."""

    def broken(labels: pl.DataFrame, **_: object) -> Agreement:
        first = float(labels["label"].head(50).cast(pl.Int64).sum())
        return Agreement(coefficient="broken", value=first, interval=(first, first + 1), n_items=2)

    monkeypatch.setattr("jupyter_annotate.quality.canaries.krippendorff_alpha", broken)
    table = canaries(crowd(100, [0.9, 0.7], seed=5))

    assert table["passed"].to_list()[:4] == [False] * 4
    assert all("report it" in advice for advice in table["advice"].to_list()[:4])


def test_unusable_labels_are_refused() -> None:
    """A second label of an annotator is named with its row."""
    labels = {"item_id": ["1", "1"], "annotator_id": ["a", "a"], "label": ["x", "y"]}

    with pytest.raises(ColumnError, match=r"canaries\(\), row 1"):
        canaries(labels)
