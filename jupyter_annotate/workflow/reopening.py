"""Reopening: what a split of labels gives back to those who used them, as steps like an undo."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.events import EventKind
from jupyter_annotate.translation import UNDECIDED, History
from jupyter_annotate.views import stored_annotations
from jupyter_annotate.workflow.steps import STEPS

__all__ = ["reopened", "undecided"]

_OF = ["item_id", "annotator_id"]


def reopened(events: pl.DataFrame) -> pl.DataFrame:
    """Return STEPS that take back all decisions on an item of who has to decide again, as a label was split.

    Each stands where the migration does, or right after an answer that came later in older words.

    Parameters
    ----------
    events
        EVENTS, from the first on.
    """
    history = History(events.filter(pl.col("kind") == EventKind.SCHEMA))
    if len(history.versions) < 2:  # noqa: PLR2004 -- the first is no migration
        return pl.DataFrame(schema=STEPS)
    given = events.filter(pl.col("kind") == EventKind.ANSWER)
    parts = [_by(history, number, events, given) for number in range(1, len(history.versions))]
    open_again = pl.concat(parts).unique([*_OF, "position"], maintain_order=True)
    submission = pl.col("event_id").str.strip_suffix(pl.lit(".") + pl.col("question"))
    decided = events.filter(pl.col("kind").is_in([EventKind.ANSWER, EventKind.SKIP]))
    named = decided.group_by(_OF).agg(named=submission.unique())
    undone = open_again.join(named, on=_OF, maintain_order="left")
    return undone.select(
        "position",
        "at",
        pl.lit(EventKind.UNDO.value).alias("kind"),
        *_OF,
        pl.lit("").alias("decision"),
        "named",
    )


def undecided(fresh: pl.DataFrame, history: History | None) -> pl.Series:
    """Return the items with an answer among a few EVENTS in older words, of which a label was split.

    Parameters
    ----------
    fresh
        EVENTS.
    history
        Versions of the schema; None where it never changed.
    """
    if history is None:
        return fresh["item_id"].clear()
    told = history.told(fresh.filter(pl.col("kind") == EventKind.ANSWER))
    return told.filter(pl.col("fate") == UNDECIDED)["item_id"]


def _by(history: History, number: int, events: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Return item, annotator, position and time of what this migration makes undecided."""
    version = history.versions[number]
    now = history.told(given, number).filter(pl.col("fate") == UNDECIDED).select("position")
    before = history.told(given, number - 1).filter(pl.col("fate") != UNDECIDED).select("position")
    fresh = given.join(now, on="position", how="semi").join(before, on="position", how="semi")
    late = fresh.filter(pl.col("position") > version.position)
    stood = stored_annotations(events.filter(pl.col("position") < version.position)).select("position")
    stopped = fresh.join(stood, on="position", how="semi").with_columns(
        position=pl.lit(version.position, dtype=pl.Int64), at=pl.lit(version.at).cast(given["at"].dtype)
    )
    return pl.concat([stopped, late]).select(*_OF, "position", pl.col("at").cast(pl.Int64))
