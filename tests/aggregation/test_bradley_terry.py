"""Bradley-Terry: published strengths, score equations, ties, position, reliability, and invariance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.bradley_terry import BradleyTerry
from jupyter_annotate.aggregation.comparisons import Comparisons, fit_strengths
from jupyter_annotate.errors import ColumnError, NotFittedError
from tests.aggregation.changes import bijection, close, renamed, shuffled

PUBLISHED = json.loads((Path(__file__).parents[1] / "reference" / "preferences.json").read_text("utf-8"))

SWAP = {"left": "right", "right": "left", "tie": "tie"}


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return comparisons."""
    names = ["item_id", "annotator_id", "left", "right", "label"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def games(table: Mapping[str, Any]) -> pl.DataFrame:
    """Return the wins of a published table as comparisons, one a game."""
    rows = [
        (f"{a}-{b}-{game}", "referee", a, b, "left")
        for a, wins in zip(table["teams"], table["wins"], strict=True)
        for b, number in zip(table["teams"], wins, strict=True)
        for game in range(number)
    ]
    return frame(rows)


def simulated(
    *, seed: int, tie: float = 0.0, gamma: float = 1.0, reversing: int = 0, n: int = 1500
) -> pl.DataFrame:
    """Return preferences of nine annotators among five options, the first of them the strongest."""
    rng = np.random.default_rng(seed)
    strength = np.exp(np.linspace(1.5, -1.5, 5))
    rows = []
    for item in range(n):
        a, b = rng.choice(5, 2, replace=False)
        weights = np.array([gamma * strength[a], strength[b], tie * np.sqrt(strength[a] * strength[b])])
        label = ("left", "right", "tie")[rng.choice(3, p=weights / weights.sum())]
        who = int(rng.integers(9))
        rows.append((f"c{item:04d}", f"w{who}", f"o{a}", f"o{b}", SWAP[label] if who < reversing else label))
    return frame(rows)


def scores(fitted: BradleyTerry) -> dict[str, float]:
    """Return the score of each option."""
    table = fitted.consensus_
    return dict(zip(table["option"].to_list(), table["score"].to_list(), strict=True))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_strengths_are_reproduced(name: str) -> None:
    """The log-strengths of teams and journals are those of Turner and Firth (2012), to the printed digits."""
    table = PUBLISHED[name]

    found = scores(BradleyTerry(prior=0).fit(games(table)))

    base = found[table["relative_to"]]
    printed = {team: round(found[team] - base, 4) for team in table["log_strength"]}
    assert printed == pytest.approx(table["log_strength"], abs=1.01e-4)


def test_published_standard_errors_are_reproduced() -> None:
    """The errors of differences between journals are those of Turner and Firth (2012), to their digits."""
    table = PUBLISHED["citations"]
    n, wins = len(table["teams"]), np.array(table["wins"], dtype=float)
    left, right = np.nonzero(np.triu(wins))
    outcomes = np.stack([wins[left, right], wins[right, left], np.zeros(len(left))], axis=1)

    covariance = fit_strengths(Comparisons(left, right, outcomes, n), prior=0).covariance

    assert covariance is not None
    base = table["teams"].index(table["relative_to"])
    variances = np.diag(covariance) + covariance[base, base] - 2 * covariance[base]
    errors = {team: math.sqrt(v) for team, v in zip(table["teams"], variances, strict=True) if v > 1e-9}
    assert errors == pytest.approx(table["standard_error"], abs=6e-5)


def test_the_interval_of_two_options_is_that_of_a_logit() -> None:
    """Of two options the score is half of their difference, whose variance is one over the wins of each."""
    pair = {"teams": ["Biometrika", "JASA"], "wins": [[0, 498], [320, 0]]}

    ranked = BradleyTerry(prior=0).fit_predict(games(pair))

    width = (ranked["high"] - ranked["low"]).to_list()
    assert width == pytest.approx([1.959964 * math.sqrt(1 / 498 + 1 / 320)] * 2, abs=1e-5)


@pytest.mark.parametrize("tie", [0.0, 0.7])
@pytest.mark.parametrize("position", [False, True])
def test_expected_wins_are_the_observed_ones(tie: float, position: bool) -> None:  # noqa: FBT001 -- pytest
    """At the maximum every option is expected to win as often as it did, half of the ties counted."""
    labels = simulated(seed=3, tie=tie, gamma=1.5)
    model = BradleyTerry(prior=0, position=position).fit(labels)
    effect = dict(model.effects_.iter_rows())
    theta = scores(model)
    left = np.exp(labels["left"].replace_strict(theta).to_numpy())
    right = np.exp(labels["right"].replace_strict(theta).to_numpy())
    weights = np.stack(
        [effect.get("position", 1.0) * left, right, effect.get("tie", 0.0) * np.sqrt(left * right)], axis=1
    )
    expected = weights / weights.sum(axis=1, keepdims=True)
    observed = np.stack([(labels["label"] == name).to_numpy() for name in ("left", "right", "tie")], axis=1)

    ahead = observed - expected
    for option in theta:
        first, second = (labels["left"] == option).to_numpy(), (labels["right"] == option).to_numpy()
        half = ahead[:, 2] / 2
        assert (first * (ahead[:, 0] + half) + second * (ahead[:, 1] + half)).sum() == pytest.approx(
            0, abs=1e-5
        )
    assert ahead[:, 2].sum() == pytest.approx(0, abs=1e-5)
    assert not position or ahead[:, 0].sum() == pytest.approx(0, abs=1e-5)


def test_the_advantage_of_the_first_place_is_found() -> None:
    """Where the option shown first is preferred twice as often, gamma is near 2 and the order right."""
    model = BradleyTerry(position=True).fit(simulated(seed=5, gamma=2.0, tie=0.5, n=4000))

    effects = dict(model.effects_.iter_rows())
    assert effects["position"] == pytest.approx(2.0, rel=0.15)
    assert effects["tie"] == pytest.approx(0.5, rel=0.2)
    assert model.consensus_["option"].to_list() == ["o0", "o1", "o2", "o3", "o4"]


def test_who_reverses_preferences_is_found_out() -> None:
    """Annotators who always state the opposite get a low reliability, and the ranking stays right."""
    labels = simulated(seed=7, reversing=3, tie=0.2, n=700)
    model = BradleyTerry(reliability=True).fit(labels)
    naive = BradleyTerry().fit(labels)

    table = model.annotators_.sort("annotator_id")
    assert table["reliability"][:3].max() < 0.4  # type: ignore[operator]
    assert table["reliability"][3:].min() > 0.6  # type: ignore[operator]
    assert model.consensus_["option"].to_list() == ["o0", "o1", "o2", "o3", "o4"]
    assert model.consensus_["score"].max() > 1.5 * naive.consensus_["score"].max()  # type: ignore[operator]
    assert model.log_likelihood_ > naive.log_likelihood_
    assert model.converged_


def test_intervals_cover_the_truth() -> None:
    """In 40 simulations the 95 % intervals hold the true score in nine to ten cases of ten."""
    truth = np.linspace(1.5, -1.5, 5)
    inside = []
    for seed in range(40):
        table = BradleyTerry().fit_predict(simulated(seed=seed, n=300)).sort("option")
        inside += ((table["low"].to_numpy() <= truth) & (truth <= table["high"].to_numpy())).tolist()

    assert 0.92 <= np.mean(inside) <= 0.98


def test_names_and_order_of_rows_change_nothing() -> None:
    """Shuffled rows give the same bits; renamed options, annotators and items the same under their names."""
    labels = simulated(seed=11, tie=0.3, reversing=2, n=300)
    plain = BradleyTerry(reliability=True).fit(labels)
    mixed = BradleyTerry(reliability=True).fit(shuffled(labels))
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "left")}
    new["right"] = new["left"]
    other = BradleyTerry(reliability=True).fit(renamed(labels, new))

    assert plain.consensus_.equals(mixed.consensus_)
    assert plain.annotators_.equals(mixed.annotators_)
    assert close(renamed(plain.consensus_, {"option": new["left"]}), other.consensus_, by="option")
    assert close(
        renamed(plain.annotators_, {"annotator_id": new["annotator_id"]}),
        other.annotators_,
        by="annotator_id",
    )


def test_swapping_the_sides_changes_nothing() -> None:
    """Left and right exchanged together with the labels give the same scores, 1 / gamma and nu / gamma."""
    labels = simulated(seed=13, gamma=1.5, tie=0.4)
    swapped = labels.rename({"left": "right", "right": "left"}).with_columns(pl.col("label").replace(SWAP))
    plain, other = (BradleyTerry(position=True, prior=0).fit(each) for each in (labels, swapped))

    before, after = dict(plain.effects_.iter_rows()), dict(other.effects_.iter_rows())
    assert scores(plain) == pytest.approx(scores(other), abs=1e-6)
    assert after["position"] == pytest.approx(1 / before["position"])
    assert after["tie"] == pytest.approx(before["tie"] / before["position"])


def test_options_without_a_loss_or_a_link_are_finite() -> None:
    """An option that always wins and two that nobody compared with the others get finite, wide intervals."""
    rows = [("1", "a", "x", "y", "left"), ("2", "a", "x", "z", "left"), ("3", "b", "u", "v", "right")]

    table = BradleyTerry().fit_predict(frame(rows))

    assert table["score"].is_finite().all()
    assert (table["high"] - table["low"]).min() > 3  # type: ignore[operator]
    assert table["option"][0] == "x"


def test_without_a_prior_such_options_are_refused() -> None:
    """Maximum likelihood with an unbeaten option is refused with what to do."""
    with pytest.raises(ValueError, match="prior > 0"):
        BradleyTerry(prior=0).fit(frame([("1", "a", "x", "y", "left")]))


def test_only_ties_make_all_options_equal() -> None:
    """Where every comparison is a tie, all scores are 0 and no option of a pair is the stronger."""
    rows = [("1", "a", "x", "y", "tie"), ("2", "b", "y", "z", "tie"), ("3", "b", "z", "x", "tie")]
    model = BradleyTerry(reliability=True).fit(frame(rows))

    assert model.consensus_["score"].to_list() == pytest.approx([0, 0, 0], abs=1e-9)
    assert model.preferences_["label"].to_list() == [None, None, None]
    assert model.annotators_["agreement"].to_list() == [None, None]


def test_no_comparisons_give_no_options() -> None:
    """An empty frame has an empty ranking; skipped comparisons alone leave their options level."""
    assert BradleyTerry().fit_predict(frame([])).is_empty()

    skipped = BradleyTerry().fit_predict(frame([("1", "a", "x", "y", None)]))

    assert skipped.select("option", "score", "n_comparisons").rows() == [("x", 0.0, 0), ("y", 0.0, 0)]


def test_preferences_name_the_stronger_option() -> None:
    """Each comparison is answered with the stronger option, whichever side it stood on."""
    model = BradleyTerry().fit(simulated(seed=17))
    theta = scores(model)

    for _, first, second, label, confidence in model.preferences_.head(20).iter_rows():
        assert theta[label] == max(theta[first], theta[second])
        assert confidence == pytest.approx(1 / (1 + np.exp(-abs(theta[first] - theta[second]))))


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("1", "a", "x", "y", "both"), "label"),
        (("1", "a", "x", "x", "left"), "right"),
        (("1", "a", None, "y", "left"), "left"),
    ],
)
def test_impossible_comparisons_name_row_and_column(row: tuple[object, ...], column: str) -> None:
    """An unknown label, an option against itself or a missing option is refused where it stands."""
    good = ("0", "a", "x", "y", "left")

    with pytest.raises(ColumnError) as caught:
        BradleyTerry().fit(frame([good, row]))

    assert (caught.value.row, caught.value.column) == (1, column)


def test_wrong_parameters_and_early_questions_are_refused() -> None:
    """A negative prior is a ValueError; a result before fit a NotFittedError."""
    with pytest.raises(ValueError, match="prior >= 0"):
        BradleyTerry(prior=-1)
    with pytest.raises(NotFittedError):
        _ = BradleyTerry().consensus_
