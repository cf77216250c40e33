"""Rank aggregation: definitions, exactness, weights, partial rankings, and invariance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from jupyter_annotate.aggregation.rank_aggregation import Borda, Kemeny, PlackettLuce
from jupyter_annotate.errors import ColumnError
from tests.aggregation.changes import bijection, close, doubled, renamed, shuffled

METHODS = [Borda, Kemeny, PlackettLuce]
Method = type[Borda] | type[Kemeny] | type[PlackettLuce]


def frame(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return rankings."""
    schema = {"item_id": pl.String, "annotator_id": pl.String, "label": pl.String, "rank": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def simulated(
    n_options: int, n_annotators: int, *, seed: int, noise: float = 1.0, bad: int = 0
) -> pl.DataFrame:
    """Return rankings by strength and noise, some options left out; bad annotators rank in reverse."""
    rng = np.random.default_rng(seed)
    rows = []
    for item, who in itertools.product(range(3), range(n_annotators)):
        shown = np.flatnonzero(rng.random(n_options) < 0.8)
        felt = -shown + noise * rng.gumbel(size=len(shown))
        order = shown[np.argsort(felt if who < bad else -felt)]
        rows += [
            (f"q{item}", f"w{who}", f"o{option:02d}", rank) for rank, option in enumerate(order.tolist(), 1)
        ]
    return frame(rows)


def cost(rows: pl.DataFrame, order: Sequence[str]) -> int:
    """Count the pairwise preferences of one item that an order contradicts."""
    place = {name: k for k, name in enumerate(order)}
    total = 0
    for _, ranking in rows.group_by("annotator_id"):
        ranked = list(zip(ranking["label"].to_list(), ranking["rank"].to_list(), strict=True))
        total += sum(
            (place[a] - place[b]) * (x - y) < 0 for (a, x), (b, y) in itertools.combinations(ranked, 2)
        )
    return total


@pytest.mark.parametrize("seed", range(3))
def test_kemeny_is_optimal(seed: int) -> None:
    """Dynamic programming finds what a search of all 120 orders finds."""
    labels = simulated(5, 4, seed=seed, noise=4.0).with_columns(rank=(pl.col("rank") / 2).ceil())
    found = Kemeny().fit_predict(labels)

    assert found["exact"].all()
    for (item,), rows in labels.group_by("item_id"):
        order = found.filter(item_id=item)["label"].to_list()
        best = min(cost(rows, each) for each in itertools.permutations(order))
        assert cost(rows, order) == best


def test_local_search_says_so_and_is_no_worse_than_borda() -> None:
    """Above the limit the order is marked as not exact, and contradicts no more than the Borda order."""
    labels = simulated(9, 6, seed=1, noise=6.0)
    found = Kemeny(exact_up_to=3).fit_predict(labels)
    exact, borda = Kemeny().fit_predict(labels), Borda().fit_predict(labels)

    assert not found["exact"].any()
    for (item,), rows in labels.group_by("item_id"):
        best, reached, start = (
            cost(rows, table.filter(item_id=item)["label"].to_list()) for table in (exact, found, borda)
        )
        assert best <= reached <= start


def test_borda_counts_wins() -> None:
    """Scores are the share of the others an option comes before, ties half: x 4 of 4, y 1.5, z 0.5."""
    rows = [
        *(("q", "ada", name, rank) for name, rank in (("x", 1), ("y", 2), ("z", 3))),
        *(("q", "bob", name, rank) for name, rank in (("x", 1), ("y", 2), ("z", 2))),
    ]

    found = Borda().fit_predict(frame(rows))

    assert found["score"].to_list() == [1.0, 1.5 / 4, 0.5 / 4]


def test_plackett_luce_satisfies_its_score_equations() -> None:
    """At the strengths found the expected number of times an option is chosen is the observed one."""
    labels = simulated(5, 40, seed=3).filter(pl.col("item_id") == "q0")
    found = PlackettLuce(prior=1e-9).fit_predict(labels)
    strength = dict(zip(found["label"].to_list(), np.exp(found["score"].to_numpy()).tolist(), strict=True))
    ahead = dict.fromkeys(strength, 0.0)

    for _, ranking in labels.group_by("annotator_id"):
        left = ranking.sort("rank")["label"].to_list()
        while len(left) > 1:
            total = sum(strength[name] for name in left)
            for name in left:
                ahead[name] += (name == left[0]) - strength[name] / total
            left = left[1:]

    assert max(map(abs, ahead.values())) < 1e-4


def test_two_options_are_a_plain_vote_for_plackett_luce() -> None:
    """With three of four for x the strengths are as three to one."""
    rows = [("q", f"w{k}", name, rank) for k in range(4) for name, rank in (("x", k == 0), ("y", k != 0))]

    found = PlackettLuce(prior=1e-9).fit_predict(frame(rows))

    assert np.exp(found["score"][0] - found["score"][1]) == pytest.approx(3, rel=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_the_true_order_is_found(method: Method) -> None:
    """From thirty noisy partial rankings of six options each method finds the order."""
    found = method().fit_predict(simulated(6, 30, seed=4))

    for _, table in found.group_by("item_id"):
        assert table.sort("rank")["label"].to_list() == [f"o{k:02d}" for k in range(6)]


@pytest.mark.parametrize("method", METHODS)
def test_annotators_who_disagree_with_all_lose_their_weight(method: Method) -> None:
    """Weighted by agreement, those who rank the other way round count nothing, and support rises."""
    labels = simulated(6, 10, seed=5, bad=3)
    plain, weighted = method().fit(labels), method(weights="agreement").fit(labels)

    weight = weighted.annotators_.sort("annotator_id")["weight"]
    assert weight[:3].max() == 0
    assert weight[3:].min() > 0.3  # type: ignore[operator]
    assert weighted.consensus_["confidence"].mean() > plain.consensus_["confidence"].mean()  # type: ignore[operator]


def test_given_weights_decide() -> None:
    """A weight of three outvotes two annotators of weight one."""
    rows = [
        *(("q", "ada", name, rank) for name, rank in (("x", 1), ("y", 2))),
        *(("q", who, name, rank) for who in ("bob", "eve") for name, rank in (("x", 2), ("y", 1))),
    ]

    assert Kemeny().fit_predict(frame(rows))["label"].to_list() == ["y", "x"]
    assert Kemeny(weights={"ada": 3.0}).fit_predict(frame(rows))["label"].to_list() == ["x", "y"]


def test_unranked_options_may_come_last() -> None:
    """An option left out by two of three counts as beaten there only if asked."""
    rows = [("q", "ada", "z", 1), ("q", "ada", "x", 2), ("q", "bob", "x", 1), ("q", "eve", "x", 1)]

    assert Borda().fit_predict(frame(rows))["label"].to_list() == ["z", "x"]
    assert Borda(unranked="last").fit_predict(frame(rows))["label"].to_list() == ["x", "z"]


@pytest.mark.parametrize("method", METHODS)
def test_names_and_order_of_rows_change_nothing(method: Method) -> None:
    """Shuffled rows give the same bits; renamed items and annotators the same under their names."""
    labels = simulated(5, 7, seed=6)
    plain = method().fit(labels)
    new = {name: bijection(labels, name) for name in ("item_id", "annotator_id", "label")}
    other = method().fit(renamed(labels, new))
    expected = renamed(plain.consensus_, {name: new[name] for name in ("item_id", "label")})

    assert plain.consensus_.equals(method().fit_predict(shuffled(labels)))
    assert plain.consensus_.filter("tie").is_empty()
    assert close(expected, other.consensus_, by=["item_id", "rank"])


@pytest.mark.parametrize("method", METHODS)
def test_another_scale_of_ranks_and_more_items_change_nothing(method: Method) -> None:
    """Ranks squared and the same rankings of further items give the same order and scores."""
    labels = simulated(5, 7, seed=7)
    plain = method().fit_predict(labels)
    items = labels["item_id"].unique().implode()

    assert plain.equals(method().fit_predict(labels.with_columns(pl.col("rank") ** 2)))
    assert close(
        plain,
        method().fit_predict(doubled(labels)).filter(pl.col("item_id").is_in(items)),
        by=["item_id", "rank"],
    )


@pytest.mark.parametrize("method", METHODS)
def test_rankings_that_say_nothing_have_a_result(method: Method) -> None:
    """One option has no support; all options level are ties; an empty frame has no rows."""
    one = method().fit_predict(frame([("q", "ada", "x", 1)]))
    level = method().fit_predict(frame([("q", "ada", "x", 1), ("q", "ada", "y", 1)]))

    assert one.select("label", "rank", "confidence").rows() == [("x", 1, None)]
    assert level["confidence"].to_list() == [0.5, 0.5]
    assert method().fit_predict(frame([])).is_empty()


def test_level_options_share_their_rank() -> None:
    """Options with the same score have the same rank and are marked as tied."""
    found = Borda().fit_predict(frame([("q", "ada", "x", 1), ("q", "ada", "y", 1)]))

    assert found.select("rank", "tie").rows() == [(1, True), (1, True)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("q", "ada", "y", float("nan")), "rank"),
        (("q", "ada", None, 2.0), "label"),
        (("q", "ada", "x", 2.0), "label"),
    ],
)
def test_impossible_ranks_name_row_and_column(row: tuple[object, ...], column: str) -> None:
    """A rank that is no number, a rank of nothing and an option ranked twice are refused where they stand."""
    with pytest.raises(ColumnError) as caught:
        Borda().fit(frame([("q", "ada", "x", 1.0), row]))

    assert (caught.value.row, caught.value.column) == (1, column)


def test_wrong_parameters_are_refused() -> None:
    """Unknown words and limits that no memory holds are ValueErrors."""
    with pytest.raises(ValueError, match="unranked"):
        Borda(unranked="first")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="weights"):
        Borda(weights={"ada": -1.0})
    with pytest.raises(ValueError, match="exact_up_to"):
        Kemeny(exact_up_to=40)
    with pytest.raises(ValueError, match="prior"):
        PlackettLuce(prior=0)
