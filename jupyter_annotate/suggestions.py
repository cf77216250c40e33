"""Suggestions: which pre-label an annotator sees, and what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from jupyter_annotate.events import Json

__all__ = ["Suggestion", "outcome", "suggestions_for"]

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One pre-label as shown.

    Parameters
    ----------
    prelabel_id
        Which.
    value
        The suggested answer.
    score
        How sure the source is; None if it does not say.
    source
        Who suggests.
    """

    prelabel_id: str
    value: Json
    score: float | None
    source: str

    def to_json(self) -> dict[str, Json]:
        """Return the form docs/protocol.md describes."""
        return {
            "id": self.prelabel_id,
            "value": self.value,
            "score": self.score,
            "source": self.source,
        }


def suggestions_for(prelabels: pl.DataFrame, item_ids: Sequence[str]) -> dict[str, dict[str, Suggestion]]:
    """Choose the suggestion to show for each item and question: the one added last.

    Parameters
    ----------
    prelabels
        PRELABELS in the order they were added.
    item_ids
        Of which items; one that no item can have has no suggestion.

    Returns
    -------
    suggestions
        By item, then by question.
    """
    possible = [each for each in item_ids if _may_be_stored(each)]
    wanted = prelabels.filter(pl.col("item_id").is_in(pl.Series(possible, dtype=pl.String).implode()))
    last = wanted.unique(["item_id", "question"], keep="last", maintain_order=True)
    chosen: dict[str, dict[str, Suggestion]] = {item_id: {} for item_id in item_ids}
    for row in last.iter_rows(named=True):
        suggestion = Suggestion(row["prelabel_id"], json.loads(row["value"]), row["score"], row["source"])
        chosen[row["item_id"]][row["question"]] = suggestion
    return chosen


def _may_be_stored(item_id: object) -> bool:
    return isinstance(item_id, str) and not _SURROGATE.search(item_id)


def outcome(answer: Json, suggestion: Suggestion, *, dismissed: bool) -> str:
    """Say what became of a suggestion that was on the screen.

    Parameters
    ----------
    answer
        The canonical answer; None if the question was left unanswered.
    suggestion
        What was suggested.
    dismissed
        Whether the annotator took it off the screen first.

    Returns
    -------
    outcome
        ``kept``: the answer is the suggestion. ``refused``: it was dismissed, or the answer is an empty one.
        ``changed``: the annotator answered something else. ``unanswered``: the annotator answered other
        questions of the item and left this one alone.
    """
    if answer == suggestion.value:
        return "kept"
    if answer is None and not dismissed:
        return "unanswered"
    return "refused" if dismissed or answer == [] else "changed"
