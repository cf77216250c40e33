"""Steps: what the log says about who may answer what, one row for each item and annotator it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from jupyter_annotate.events import AnnotatorKind, EventKind

__all__ = ["STEPS", "Step", "step_frame", "steps_of"]

#: ``kind``: assign, expire, release, answer, skip or undo; ``named``: what an undo takes back.
STEPS = pl.Schema(
    {
        "position": pl.Int64(),
        "at": pl.Int64(),
        "kind": pl.String(),
        "item_id": pl.String(),
        "annotator_id": pl.String(),
        "decision": pl.String(),
        "named": pl.List(pl.String()),
    }
)
_DECISIONS = [EventKind.ANSWER, EventKind.SKIP, EventKind.UNDO]
_OF_MANY = [EventKind.ASSIGN, EventKind.EXPIRE, EventKind.RELEASE]
_NAMED = pl.Struct({"submission": pl.String, "events": pl.List(pl.String)})
_HELD = pl.Struct({"annotator": pl.String, "items": pl.List(pl.String)})


class Step(NamedTuple):
    """One step, as a row of STEPS."""

    item_id: str
    kind: str
    annotator_id: str
    at: int
    decision: str
    named: list[str] | None


def steps_of(events: pl.DataFrame) -> Iterator[Step]:
    """Yield the steps in a few EVENTS, in the order of the log: the newest ones, while others wait.

    Parameters
    ----------
    events
        EVENTS.
    """
    wanted = events.select(
        "kind",
        "item_id",
        "annotator_id",
        "annotator_kind",
        "event_id",
        "question",
        "value",
        pl.col("at").cast(pl.Int64),
    )
    for kind, item_id, annotator_id, annotator_kind, event_id, question, value, at in wanted.iter_rows():
        if kind in _OF_MANY and value is not None:
            held = json.loads(value)
            yield from (Step(each, kind, held["annotator"], at, "", None) for each in held["items"])
        elif kind in _DECISIONS and annotator_kind == AnnotatorKind.HUMAN:
            decision = event_id.removesuffix(f".{question}") if question else event_id
            yield Step(item_id, kind, annotator_id, at, decision, _taken_back(kind, value))


def _taken_back(kind: str, value: str | None) -> list[str] | None:
    if kind != EventKind.UNDO or value is None:
        return None
    undo = json.loads(value)
    return [undo.get("submission") or "", *undo["events"]]


def step_frame(events: pl.DataFrame) -> pl.DataFrame:
    """Return the steps in many EVENTS as STEPS, in the order of the log.

    What a model, a function or an LLM answers takes nobody's place.

    Parameters
    ----------
    events
        EVENTS, all or any part.
    """
    taken_back = pl.col("value").str.json_decode(_NAMED)
    human = pl.col("annotator_kind") == AnnotatorKind.HUMAN
    decided = events.filter(pl.col("kind").is_in(_DECISIONS), human).with_columns(
        pl.col("at").cast(pl.Int64),
        # All answers of one submission are one decision; an id is 'submission' or 'submission.question'.
        decision=pl.when(pl.col("question") == "")
        .then(pl.col("event_id"))
        .otherwise(pl.col("event_id").str.strip_suffix(pl.lit(".") + pl.col("question"))),
        named=pl.lit(None, dtype=pl.List(pl.String)),
    )
    undone = decided.filter(pl.col("kind") == EventKind.UNDO).with_columns(
        named=pl.concat_list(
            taken_back.struct.field("submission").fill_null(""), taken_back.struct.field("events")
        )
    )
    decided = pl.concat([decided.filter(pl.col("kind") != EventKind.UNDO), undone])
    held = pl.col("value").str.json_decode(_HELD)
    of_many = (
        events.filter(pl.col("kind").is_in(_OF_MANY), pl.col("value").is_not_null())
        .with_columns(
            pl.col("at").cast(pl.Int64),
            item_id=held.struct.field("items"),
            annotator_id=held.struct.field("annotator"),
            decision=pl.lit(""),
            named=pl.lit(None, dtype=pl.List(pl.String)),
        )
        .explode("item_id")
        .filter(pl.col("item_id").is_not_null())
    )
    return pl.concat([decided.select(*STEPS), of_many.select(*STEPS)]).sort("position", maintain_order=True)
