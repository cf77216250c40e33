"""Settled: the items where nobody can have come too late, folded all at once instead of step by step."""

from __future__ import annotations

from typing import final

import polars as pl

from jupyter_annotate.events import EventKind
from jupyter_annotate.workflow.places import Holder, Places, State

__all__ = ["HOLDERS", "Settled", "settle"]

#: One annotator's standing with one item, by row number.
HOLDERS = pl.Schema(
    {"row": pl.Int64(), "annotator_id": pl.String(), "state": pl.Int64(), "since": pl.Int64()}
)
#: The state after a last step of this kind, where everybody found a place.
_AFTER = {
    EventKind.ASSIGN: State.LEASED,
    EventKind.ANSWER: State.DONE,
    EventKind.SKIP: State.SKIPPED,
    EventKind.EXPIRE: State.EXPIRED,
    EventKind.RELEASE: State.EXPIRED,
}


@final
class Settled:
    """Holders of many items, found by row number.

    Parameters
    ----------
    holders
        HOLDERS, sorted by row.
    """

    def __init__(self, holders: pl.DataFrame) -> None:
        self.holders = holders

    def places(self, row: int, overlap: int) -> Places:
        """Return the places of one item, to go on with step by step."""
        rows = self.holders["row"]
        start, end = rows.search_sorted(row, side="left"), rows.search_sorted(row, side="right")
        found = self.holders.slice(int(start), int(end) - int(start))
        return Places(
            overlap,
            {
                name: Holder(State(state), since, None)
                for name, state, since in found.select("annotator_id", "state", "since").iter_rows()
            },
        )


def settle(steps: pl.DataFrame, overlap: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part steps into what follows from the last one of each annotator, and what must be followed one by one.

    Where no more annotators had to do with an item than it has places, and none took anything back, nobody
    was late and the order between annotators does not matter.

    Parameters
    ----------
    steps
        Steps with a column ``row``, from the first of the log on.
    overlap
        Places of an item.

    Returns
    -------
    holders, rest
        HOLDERS sorted by row, and the steps of the other items.
    """
    crowded = pl.col("annotator_id").n_unique().over("row") > overlap
    undone = (pl.col("kind") == EventKind.UNDO).any().over("row")
    plain = ~(crowded | undone)
    # What was decided stands, whatever becomes of a lease afterwards.
    decided = pl.col("kind").is_in([EventKind.ANSWER, EventKind.SKIP])
    plainly = steps.filter(plain).sort(decided, maintain_order=True)
    last = plainly.unique(["row", "annotator_id"], keep="last", maintain_order=True)
    states = {str(kind): int(state) for kind, state in _AFTER.items()}
    holders = last.select(
        "row",
        "annotator_id",
        state=pl.col("kind").replace_strict(states, return_dtype=pl.Int64),
        since=pl.col("at"),
    ).sort("row")
    return holders.cast(dict(HOLDERS)), steps.filter(~plain)  # type: ignore[arg-type]  # no open dtype
