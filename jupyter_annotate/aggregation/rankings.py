"""Rankings in codes, and the search for the order that contradicts the fewest preferences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import finite, reject, with_codes
from jupyter_annotate.pairing import pairs_within
from jupyter_annotate.ratings import coded

__all__ = ["Rankings", "best_order", "improved_order", "rank_groups", "rankings_of"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

#: Costs that differ by less are equal; the difference is rounding.
_EQUAL = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """One row an option in a ranking, sorted by item, annotator, rank, option."""

    items: pl.Series
    annotators: pl.Series
    options: pl.Series
    item: _Places
    annotator: _Places
    option: _Places
    rank: _Numbers
    ranking: _Places
    cells: _Places
    cell: _Places

    @property
    def n_rankings(self) -> int:
        """Count the rankings."""
        return int(self.ranking[-1]) + 1 if len(self.ranking) else 0

    def pairs(self) -> tuple[_Places, _Places, _Numbers]:
        """Return the rows of each pair of one ranking, the option that comes first in it before the other.

        Returns
        -------
        first, second
            Rows. Shapes (n_pairs,).
        strict
            1, or 0 where the two share their rank.
        """
        first, second = pairs_within(self.ranking)
        return first, second, (self.rank[first] < self.rank[second]).astype(np.float64)


def rankings_of(frame: pl.DataFrame, what: str, *, last: bool) -> Rankings:
    """Return the rankings in codes; rows with a null label or rank rank nothing."""
    frame = frame.with_columns(
        rank=frame["rank"].cast(pl.Float64) if frame["rank"].dtype == pl.Null else "rank"
    )
    reject(frame, frame["label"].is_null() & frame["rank"].is_not_null(), "label", what, expected="an option")
    frame, items, annotators = with_codes(frame)
    given = frame.drop_nulls(["label", "rank"])
    rank = finite(given, "rank", what)
    again = ~given.select(pl.struct("item_id", "annotator_id", "label").is_first_distinct()).to_series()
    reject(given, again, "label", what, expected="each option once in a ranking")
    option, options = coded(given["label"])
    codes = given.select("item", "annotator", option=pl.Series(option, dtype=pl.Int64), rank=pl.Series(rank))
    codes = _with_last(codes) if last else codes
    codes = codes.sort("item", "annotator", "rank", "option")
    place = codes["item"] * max(len(options), 1) + codes["option"]
    ranking = codes.select(pl.struct("item", "annotator").is_first_distinct().cum_sum() - 1).to_series()
    key, cell = np.unique(place.to_numpy(), return_inverse=True)
    return Rankings(
        items=items,
        annotators=annotators,
        options=options,
        item=codes["item"].to_numpy(),
        annotator=codes["annotator"].to_numpy(),
        option=key % max(len(options), 1),
        rank=codes["rank"].to_numpy(),
        ranking=ranking.cast(pl.Int64).to_numpy(),
        cells=key // max(len(options), 1),
        cell=cell.astype(np.int64),
    )


def _with_last(codes: pl.DataFrame) -> pl.DataFrame:
    """Give the options of an item that a ranking of it lacks the rank after its last."""
    rankings = codes.group_by("item", "annotator").agg(last=pl.col("rank").max() + 1)
    every = rankings.join(codes.select("item", "option").unique(), on="item")
    lacking = every.join(codes, on=["item", "annotator", "option"], how="anti")
    return pl.concat([codes, lacking.select("item", "annotator", "option", rank="last")])


def rank_groups(rankings: Rankings) -> tuple[_Places, _Places]:
    """Return for each row where the options of its rank begin, and the number of their group."""
    n = len(rankings.rank)
    new = np.ones(n, dtype=bool)
    new[1:] = (np.diff(rankings.ranking) > 0) | (np.diff(rankings.rank) > 0)
    number = np.cumsum(new) - 1
    return np.flatnonzero(new)[number], number


def best_order(wins: _Numbers) -> list[int]:
    """Return the order that loses least, from the best total of every set of options placed first.

    Held and Karp (1962): the last of a set costs what it wins against those placed before it.
    """
    n = len(wins)
    sets = np.arange(1 << n)
    inside = ((sets[:, None] >> np.arange(n)) & 1).astype(np.float64)
    # Row s, column k: what k, placed after the members of s, is preferred to them.
    loss = inside @ wins.T
    best, last = np.full(1 << n, np.inf), np.zeros(1 << n, dtype=np.int64)
    best[0] = 0.0
    size = inside.sum(axis=1).astype(np.int64)
    for count in range(1, n + 1):
        chosen = sets[size == count]
        # From the last option on, so that of equal ones the later in order is placed last.
        for k in range(n - 1, -1, -1):
            with_k = chosen[(chosen >> k) & 1 == 1]
            rest = with_k ^ (1 << k)
            total = best[rest] + loss[rest, k]
            better = total < best[with_k] - _EQUAL
            best[with_k[better]], last[with_k[better]] = total[better], k
    order, state = [], (1 << n) - 1
    while state:
        order.append(int(last[state]))
        state ^= 1 << order[-1]
    return order[::-1]


def improved_order(wins: _Numbers) -> list[int]:
    """Move one option at a time to where the order loses least, until no move helps."""
    order = list(range(len(wins)))
    improved = True
    while improved:
        improved = False
        for option in range(len(wins)):
            place = order.index(option)
            rest = order[:place] + order[place + 1 :]
            # What changes as the option moves past one more: it now loses to that one.
            change = np.concatenate([[0.0], np.cumsum(wins[option, rest] - wins[rest, option])])
            target = int(change.argmin())
            if change[target] < change[place] - _EQUAL:
                order = [*rest[:target], option, *rest[target:]]
                improved = True
    return order
