"""Context: what stands beside an answer in the log, that is what the annotator saw when giving it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from jupyter_annotate.events import Json
from jupyter_annotate.served import Served
from jupyter_annotate.suggestions import Suggestion, outcome

__all__ = ["seen_context"]


def seen_context(
    item: Served, seen: Mapping[str, Json], answers: Mapping[str, Json] | None, prelabels: pl.DataFrame
) -> dict[str, Json]:
    """Return what was seen, and what became of each suggestion that was on the screen.

    Parameters
    ----------
    item
        The item as it is served now.
    seen
        What the browser reports; ``prelabels`` names the suggestion shown to each question.
    answers
        The canonical answers; None for a skip.
    prelabels
        PRELABELS, superseded ones too: one may have taken another's place since the item was shown.

    Returns
    -------
    context
        ``seen`` as reported and ``prelabels``: id, score, source and outcome by question. A suggestion nobody
        knows keeps its id and has the outcome ``unknown``.
    """
    shown, dismissed = seen.get("prelabels"), seen.get("dismissed")
    gone = dismissed if isinstance(dismissed, list) else []
    reports: dict[str, Json] = {}
    for name, prelabel_id in (shown if isinstance(shown, dict) else {}).items():
        suggestion = _shown(item, name, str(prelabel_id), prelabels)
        if suggestion is None:
            reports[name] = {"id": str(prelabel_id), "outcome": "unknown"}
            continue
        report = suggestion.to_json()
        del report["value"]
        if answers is not None:
            report["outcome"] = outcome(answers.get(name), suggestion, dismissed=name in gone)
        reports[name] = report
    return {"seen": dict(seen), "prelabels": reports}


def _shown(item: Served, question: str, prelabel_id: str, prelabels: pl.DataFrame) -> Suggestion | None:
    current = item.prelabels.get(question)
    if current is not None and current.prelabel_id == prelabel_id:
        return current
    of_item = prelabels.filter(
        pl.col("prelabel_id") == prelabel_id,
        pl.col("item_id") == item.item_id,
        pl.col("question") == question,
    )
    for row in of_item.head(1).iter_rows(named=True):
        return Suggestion(row["prelabel_id"], json.loads(row["value"]), row["score"], row["source"])
    return None
