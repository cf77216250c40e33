"""Moment: everything a source holds, all as of one event."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import polars as pl

from jupyter_annotate.columns import EVENTS, PRELABELS, require
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import EventKind, Json, fingerprint
from jupyter_annotate.exchange.base import ExportSource

__all__ = ["Moment", "schema_of", "taken"]

#: Others may go on adding items and pre-labels: so often they are read anew, after a pause that grows.
_TRIES = 30
_PAUSE = 0.005
_BATCHES = (EventKind.ITEMS, EventKind.PRELABELS, EventKind.SCHEMA)
#: What of the event is the schema; what led to it stands beside it.
_SCHEMA = ("fields", "questions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a source held at its last event.

    Parameters
    ----------
    events
        EVENTS, by position.
    items
        ITEMS that these events register.
    prelabels
        PRELABELS that these events register.
    """

    events: pl.DataFrame
    items: pl.LazyFrame
    prelabels: pl.DataFrame

    @property
    def head(self) -> dict[str, Json]:
        """The last event: what the log is later checked against with ``log.verify(anchor=...)``."""
        return {"position": self.events["position"][-1], "digest": self.events["digest"][-1]}


def taken(source: ExportSource) -> Moment:
    """Read a source as of one event.

    Items and pre-labels are not read at the same instant as the events. They belong to them if no batch was
    registered until both were read; if one was, they are read again.

    Raises
    ------
    ExchangeError
        If the log never rested, or was begun with another schema than the source has.
    """
    events = _events(source)
    for tried in range(_TRIES):
        items, prelabels = source.items().lazy(), require(source.prelabels(), PRELABELS, what="export()")
        later = _events(source)
        if not _registered_after(events, later):
            events = events.sort("position")
            _check_schema(source, events)
            return Moment(events=events, items=items, prelabels=prelabels)
        events = later
        time.sleep(_PAUSE * tried)
    problem = (
        f"items or pre-labels were added during each of {_TRIES} attempts to read the project, so its files "
        "would not belong together. Export again when nobody is adding any."
    )
    raise ExchangeError("export", problem)


def schema_of(events: pl.DataFrame) -> dict[str, Any] | None:
    """Return the JSON form of the last schema in these events, with its fingerprint, or None."""
    schemas = events.filter(pl.col("kind") == EventKind.SCHEMA)["value"]
    try:
        stored: dict[str, Any] = json.loads(schemas[-1])
        spec = {name: stored[name] for name in _SCHEMA}
        return {"fingerprint": fingerprint(spec), **spec}
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        return None


def _events(source: ExportSource) -> pl.DataFrame:
    return require(source.events(), EVENTS, what="export()")


def _registered_after(events: pl.DataFrame, later: pl.DataFrame) -> bool:
    """Tell whether items, pre-labels or a schema were registered after the last of these events."""
    last = events.select(pl.col("position").max().fill_null(0)).item()
    return len(later.filter(pl.col("position") > last, pl.col("kind").is_in(_BATCHES))) > 0


def _check_schema(source: ExportSource, events: pl.DataFrame) -> None:
    stored = schema_of(events)
    found = stored and stored["fingerprint"]
    if found != source.schema.fingerprint:
        problem = (
            f"expected a log that was begun with the schema {source.schema.fingerprint}, found {found}. "
            "Open the project anew."
        )
        raise ExchangeError("export", problem, field="schema")
