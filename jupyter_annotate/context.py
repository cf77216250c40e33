"""Context: what stands beside an answer in the log, that is what the annotator saw when giving it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import polars as pl

from jupyter_annotate.events import Event, EventKind, Json, canonical_json, uuid7
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.served import Served
from jupyter_annotate.suggestions import Suggestion, outcome

__all__ = ["Witness", "seen_context"]


class Witness:
    """What one sitting says beside everything it stores: who, how that is known, and by which guidelines.

    Parameters
    ----------
    identity
        Who labels.
    guidelines
        How to decide, as text.
    """

    def __init__(self, identity: Identity, guidelines: str | None) -> None:
        self._identity = identity
        self._guidelines = guidelines
        self._session = uuid7()

    def keep_guidelines(self, project: Project) -> None:
        """Put the guidelines into the log, unless they are the last ones there."""
        if not self._guidelines:
            return
        kept = project.events().filter(pl.col("kind") == EventKind.GUIDELINES)["value"]
        if not len(kept) or kept[-1] != canonical_json(self._guidelines):
            who, context = self._identity.annotator_id, self.who()
            event = Event(
                kind=EventKind.GUIDELINES, annotator_id=who, value=self._guidelines, context=context
            )
            project.record([event])

    def who(self) -> dict[str, Json]:
        """Return who it is, and what that rests on."""
        return {"session": self._session, **self._identity.context()}

    def saw(
        self,
        item: Served,
        standing: str | None,
        seen: Mapping[str, Json] | None,
        answers: Mapping[str, Json] | None,
        prelabels: pl.DataFrame,
    ) -> dict[str, Json]:
        """Return what was decided on, and what became of the suggestions.

        Parameters
        ----------
        item, seen, answers, prelabels
            As for `seen_context`; without ``seen`` nothing is said of what was on a screen.
        standing
            What the plan says of this annotator and the item; None where there is no plan.
        """
        digest = hashlib.sha256(self._guidelines.encode()).hexdigest() if self._guidelines else None
        context: dict[str, Json] = {**self.who(), "hash": item.hash, "guidelines": digest}
        if standing is not None:
            context["lease"] = standing
        return context if seen is None else {**context, **seen_context(item, seen, answers, prelabels)}


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
