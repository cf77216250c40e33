"""Rank aggregation: one ranking of the options of each item, out of full or partial rankings with ties."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import Estimator, Findings, read
from jupyter_annotate.aggregation.groups import grouped_sums, ratio
from jupyter_annotate.aggregation.rankings import (
    Rankings,
    best_order,
    improved_order,
    rank_groups,
    rankings_of,
)

__all__ = ["Borda", "Kemeny", "PlackettLuce"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

#: Exact search holds 2 to this power of numbers.
_MOST_EXACT = 18
#: Scores that differ by less are equal; the difference is rounding.
_DIGITS = 10
_MOST_SWEEPS = 2000
_STILL = 1e-7
_ROUNDS = 10


class _RankAggregator(Estimator):
    """What the three ways to a common ranking share."""

    def __init__(
        self,
        *,
        weights: Literal["equal", "agreement"] | Mapping[str, float] = "equal",
        unranked: Literal["unknown", "last"] = "unknown",
    ) -> None:
        if unranked not in {"unknown", "last"}:
            message = f"Expected unranked to be 'unknown' or 'last', found {unranked!r}."
            raise ValueError(message)
        usable = (
            all(value >= 0 for value in weights.values())
            if isinstance(weights, Mapping)
            else weights in {"equal", "agreement"}
        )
        if not usable:
            message = (
                f"Expected weights 'equal', 'agreement' or numbers >= 0 by annotator, found {weights!r}."
            )
            raise ValueError(message)
        self.weights, self.unranked = weights, unranked

    @abstractmethod
    def _scores(self, rankings: Rankings, weight: _Numbers) -> tuple[_Numbers, NDArray[np.bool_]]:
        """Return a score for each option of each item, higher is better, and whether the item's is optimal.

        ``weight`` is that of each annotator. Shapes (n_cells,), (n_items,).
        """

    def _estimate(self, labels: object, what: str) -> Findings:
        frame = read(labels, ("rank",), what)
        rankings = rankings_of(frame, what, last=self.unranked == "last")
        weight = self._starting_weights(rankings)
        scores, optimal = self._scores(rankings, weight)
        rounds = 0
        while self.weights == "agreement" and rounds < _ROUNDS:
            rounds += 1
            before, weight = weight, np.maximum(_concordance(rankings, scores), 0.0)
            weight = weight if weight.any() else np.ones_like(weight)
            scores, optimal = self._scores(rankings, weight)
            if np.abs(weight - before).max(initial=0) < _STILL:
                break
        given = np.bincount(
            rankings.annotator[np.unique(rankings.ranking, return_index=True)[1]],
            minlength=len(rankings.annotators),
        )
        annotators = pl.DataFrame(
            {
                "annotator_id": rankings.annotators,
                "n_rankings": given,
                "concordance": _concordance(rankings, scores, missing=np.nan),
                "weight": weight,
            }
        ).fill_nan(None)
        return Findings(_consensus(rankings, scores, optimal, weight), annotators, n_iterations=rounds)

    def _starting_weights(self, rankings: Rankings) -> _Numbers:
        if not isinstance(self.weights, Mapping):
            return np.ones(len(rankings.annotators))
        return np.array([self.weights.get(name, 1.0) for name in rankings.annotators.to_list()], dtype=float)


class Borda(_RankAggregator):
    """Rank the options by how many others they come before, as a share of those they were ranked with.

    The labels have the columns item_id, annotator_id, label (the option) and rank (1 is best; the same number
    is a tie; an option that an annotator left out has no row).

    The consensus has item_id, label, rank, score, confidence (the share of the pairwise preferences with this
    option that the consensus agrees with, ties half; null if there are none), tie (another option has the
    same score; they share their rank), exact and n_rankings, the best option of each item first.

    Parameters
    ----------
    weights
        ``"equal"``; ``"agreement"``, each annotator by the concordance with the consensus (tau from 0 to 1,
        those against it count nothing), again and again until it settles; or numbers by annotator.
    unranked
        What it means that an annotator did not rank an option: nothing, or that it comes after all ranked
        ones.

    Examples
    --------
    >>> ranks = {
    ...     "item_id": ["q"] * 4,
    ...     "annotator_id": ["ada", "ada", "bob", "bob"],
    ...     "label": ["x", "y", "x", "y"],
    ...     "rank": [1, 2, 1, 1],
    ... }
    >>> Borda().fit_predict(ranks).select("label", "rank", "confidence").rows()
    [('x', 1, 0.75), ('y', 2, 0.75)]
    """

    name: ClassVar[str] = "borda"

    def _scores(self, rankings: Rankings, weight: _Numbers) -> tuple[_Numbers, NDArray[np.bool_]]:
        return _borda(rankings, weight), np.ones(len(rankings.items), dtype=bool)


class Kemeny(_RankAggregator):
    """The ranking that the fewest pairwise preferences contradict (Kemeny 1959; ties contradict nothing).

    Labels, ``weights`` and ``unranked`` as for `Borda`.

    Parameters
    ----------
    exact_up_to
        With at most this many options it is found exactly, by dynamic programming over sets of options (at
        most 18: memory and time grow as 2^n). With more, by moving single options of the Borda ranking until
        no move helps. The column ``exact`` says which.

    Examples
    --------
    >>> ranks = {
    ...     "item_id": ["q"] * 6,
    ...     "annotator_id": ["ada"] * 3 + ["bob"] * 3,
    ...     "label": ["x", "y", "z", "x", "z", "y"],
    ...     "rank": [1, 2, 3, 1, 2, 3],
    ... }
    >>> Kemeny(weights={"ada": 2.0}).fit_predict(ranks)["label"].to_list()
    ['x', 'y', 'z']
    """

    name: ClassVar[str] = "kemeny"

    def __init__(
        self,
        *,
        weights: Literal["equal", "agreement"] | Mapping[str, float] = "equal",
        unranked: Literal["unknown", "last"] = "unknown",
        exact_up_to: int = 12,
    ) -> None:
        if not 0 <= exact_up_to <= _MOST_EXACT:
            message = f"Expected exact_up_to between 0 and {_MOST_EXACT}, found {exact_up_to}."
            raise ValueError(message)
        super().__init__(weights=weights, unranked=unranked)
        self.exact_up_to = exact_up_to

    def _scores(self, rankings: Rankings, weight: _Numbers) -> tuple[_Numbers, NDArray[np.bool_]]:
        borda = _borda(rankings, weight)
        scores, exact = np.zeros(len(borda)), np.ones(len(rankings.items), dtype=bool)
        first, second, strict = rankings.pairs()
        value = strict * weight[rankings.annotator[first]]
        of_item = rankings.cells
        starts = np.searchsorted(of_item, np.arange(len(rankings.items) + 1))
        bounds = np.searchsorted(rankings.item[first], np.arange(len(rankings.items) + 1))
        for number, (low, high) in enumerate(itertools.pairwise(starts)):
            n, part = int(high - low), slice(bounds[number], bounds[number + 1])
            cell = (rankings.cell[first[part]] - low) * n + rankings.cell[second[part]] - low
            wins = grouped_sums(cell, value[part], n * n).reshape(n, n)
            # By Borda first, so that among rankings that are as good the one nearest to it is found.
            order = np.lexsort((np.arange(n), -borda[low:high].round(_DIGITS)))
            exact[number] = n <= self.exact_up_to
            search = best_order if exact[number] else improved_order
            order = order[search(wins[np.ix_(order, order)])]
            scores[low + order] = np.arange(n, 0, -1)
        return scores, exact


class PlackettLuce(_RankAggregator):
    """The strengths under which the rankings are most probable: each rank is a choice among those left.

    Plackett (1975), fitted by the MM algorithm of Hunter (2004, doi:10.1214/aos/1079120141, section 5).
    Options that share a rank are each chosen from all that are left before any of them is taken (Breslow's
    approximation). Labels, ``weights`` and ``unranked`` as for `Borda`.

    Parameters
    ----------
    prior
        Choices each option is given against a phantom of strength 1, half won and half lost; keeps strengths
        finite.

    Examples
    --------
    >>> ranks = {
    ...     "item_id": ["q"] * 4,
    ...     "annotator_id": ["ada", "ada", "bob", "bob"],
    ...     "label": ["x", "y", "x", "y"],
    ...     "rank": [1, 2, 1, 2],
    ... }
    >>> PlackettLuce().fit_predict(ranks)["label"].to_list()
    ['x', 'y']
    """

    name: ClassVar[str] = "plackett_luce"

    def __init__(
        self,
        *,
        weights: Literal["equal", "agreement"] | Mapping[str, float] = "equal",
        unranked: Literal["unknown", "last"] = "unknown",
        prior: float = 0.1,
    ) -> None:
        if not prior > 0:
            message = f"Expected prior > 0, found {prior}."
            raise ValueError(message)
        super().__init__(weights=weights, unranked=unranked)
        self.prior = prior

    def _scores(self, rankings: Rankings, weight: _Numbers) -> tuple[_Numbers, NDArray[np.bool_]]:
        """Return log-strengths."""
        row_weight = weight[rankings.annotator]
        group, group_of = rank_groups(rankings)
        ends = np.searchsorted(rankings.ranking, rankings.ranking, side="right")
        is_last = np.searchsorted(group_of, group_of, side="right") == ends
        n_cells = len(rankings.cells)
        chosen = np.bincount(rankings.cell, np.where(is_last, 0, row_weight), n_cells) + self.prior / 2
        strength = np.ones(n_cells)
        for _ in range(_MOST_SWEEPS):
            mine = strength[rankings.cell]
            before = np.concatenate([[0.0], np.cumsum(mine)])
            left = before[ends] - before[group]
            stage = np.concatenate([[0.0], np.cumsum(np.where(is_last, 0, row_weight / left))])
            opened = np.searchsorted(rankings.ranking, rankings.ranking)
            shared = stage[np.searchsorted(group_of, group_of, side="right")] - stage[opened]
            tangent = np.bincount(rankings.cell, shared, n_cells) + self.prior / (1 + strength)
            moved = chosen / tangent
            still = np.abs(np.log(moved / strength)).max(initial=0) < _STILL
            strength = moved
            if still:
                break
        return np.log(strength), np.ones(len(rankings.items), dtype=bool)


def _borda(rankings: Rankings, weight: _Numbers) -> _Numbers:
    """Return the share of the others that each option comes before, ties half; 1/2 if ranked with none."""
    first, second, strict = rankings.pairs()
    value = weight[rankings.annotator[first]]
    n = len(rankings.cells)
    a, b = rankings.cell[first], rankings.cell[second]
    won = np.bincount(a, value * (1 + strict) / 2, n) + np.bincount(b, value * (1 - strict) / 2, n)
    met = np.bincount(a, value, n) + np.bincount(b, value, n)
    return ratio(won, met, 0.5)


def _order_within(rankings: Rankings, scores: _Numbers) -> _Places:
    return np.lexsort((rankings.option, -scores.round(_DIGITS), rankings.cells))


def _concordance(rankings: Rankings, scores: _Numbers, missing: float = 0.0) -> _Numbers:
    """Return Kendall's tau of each annotator with the consensus over all pairs that both order."""
    first, second, strict = rankings.pairs()
    ahead = (scores[rankings.cell[first]] - scores[rankings.cell[second]]).round(_DIGITS)
    n, who = len(rankings.annotators), rankings.annotator[first]
    signed = np.bincount(who, np.sign(ahead) * strict, n)
    compared = np.bincount(who, (ahead != 0) * strict, n)
    return ratio(signed, compared, missing)


def _consensus(
    rankings: Rankings, scores: _Numbers, optimal: NDArray[np.bool_], weight: _Numbers
) -> pl.DataFrame:
    """Return the options of each item from the best on."""
    first, second, strict = rankings.pairs()
    value = weight[rankings.annotator[first]]
    n = len(rankings.cells)
    a, b = rankings.cell[first], rankings.cell[second]
    agrees = 0.5 + np.sign((scores[a] - scores[b]).round(_DIGITS)) * strict / 2
    agreeing = np.bincount(a, value * agrees, n) + np.bincount(b, value * agrees, n)
    met = np.bincount(a, value, n) + np.bincount(b, value, n)
    support = ratio(agreeing, met)
    order = _order_within(rankings, scores)
    table = pl.DataFrame(
        {
            "item_id": rankings.items.gather(rankings.cells[order]),
            "label": rankings.options.gather(rankings.option[order]),
            "score": scores[order],
            "confidence": support[order],
            "exact": optimal[rankings.cells[order]],
            "n_rankings": np.bincount(rankings.cell, minlength=n)[order],
        }
    ).fill_nan(None)
    table = table.with_columns(
        rank=pl.col("score").round(_DIGITS).rank("min", descending=True).over("item_id").cast(pl.Int64),
        tie=(pl.col("score").round(_DIGITS).count().over("item_id", pl.col("score").round(_DIGITS)) > 1),
    )
    return table.select("item_id", "label", "rank", "score", "confidence", "tie", "exact", "n_rankings")
