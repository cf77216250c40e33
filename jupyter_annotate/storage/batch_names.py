"""Which batches the events of a log name."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.events import EventKind

__all__ = ["batch_names"]

_NAMED = pl.Struct({"digest": pl.String})


def batch_names(events: pl.DataFrame, kind: EventKind) -> list[str]:
    """Return the digests of the batches that events of this kind name, each once, in order.

    Parameters
    ----------
    events
        EVENTS.
    kind
        ``items`` or ``prelabels``.
    """
    values = events.filter(pl.col("kind") == kind)["value"].str.json_decode(_NAMED)
    names: list[str] = values.struct.field("digest").unique(maintain_order=True).to_list()
    return names
