"""Drafts: what becomes of events on their way into a transaction, the same for every backend."""

from __future__ import annotations

import os
from collections.abc import Sequence

import polars as pl

from jupyter_annotate.columns import EVENTS
from jupyter_annotate.errors import ConflictError
from jupyter_annotate.events import Event, EventKind, Json, canonical_json, commitment
from jupyter_annotate.storage.rows import Row, Transaction, linked

__all__ = ["add", "draft", "erase", "frame_of", "fresh_of", "insert"]

_SALT_BYTES = 16
#: How many positions one erase event names: looking each up among the others takes time.
_ERASED_TOGETHER = 2_000
_CLAIM = ("kind", "annotator_id", "annotator_kind", "item_id", "question", "value")


def add(transaction: Transaction, drafts: Sequence[Row]) -> list[int]:
    """Store the drafts whose id is not there yet and return the positions of all.

    Raises
    ------
    ConflictError
        If an id is stored with other content; nothing was inserted then.
    """
    stored = {row.event_id: row for row in insert(transaction, fresh_of(transaction, drafts))}
    known = transaction.find([each.event_id for each in drafts if each.event_id not in stored])
    return [(stored.get(each.event_id) or known[each.event_id]).position for each in drafts]


def fresh_of(transaction: Transaction, drafts: Sequence[Row]) -> list[Row]:
    """Return the drafts whose id is not stored, each once; refuse an id with other content."""
    known = transaction.find([each.event_id for each in drafts])
    fresh: list[Row] = []
    for each in drafts:
        stored = known.get(each.event_id)
        if stored is not None:
            _same(stored, each)
            continue
        known[each.event_id] = each
        fresh.append(each)
    return fresh


def insert(transaction: Transaction, drafts: Sequence[Row]) -> list[Row]:
    """Put drafts at the end. Their time never goes back, whatever the clock does: it orders merged events."""
    if not drafts:
        return []
    at = max(transaction.now(), transaction.latest() + 1)
    rows = linked(drafts, transaction.head(), at)
    transaction.insert(rows)
    return rows


def erase(transaction: Transaction, positions: Sequence[int], *, who: str, reason: str) -> None:
    """Say that these payloads go, and delete them."""
    for start in range(0, len(positions), _ERASED_TOGETHER):
        some = positions[start : start + _ERASED_TOGETHER]
        value: Json = {"positions": [*some], "reason": reason}
        insert(transaction, [draft(Event(kind=EventKind.ERASE, annotator_id=who, value=value))])
        transaction.erase(some)


def draft(event: Event) -> Row:
    """Commit to a payload under a new salt; place and time come later."""
    value, context = canonical_json(event.value), canonical_json(event.context)
    salt = os.urandom(_SALT_BYTES)
    return Row(
        position=0,
        event_id=event.event_id,
        at=0,
        kind=str(event.kind),
        annotator_id=event.annotator_id,
        annotator_kind=str(event.annotator_kind),
        item_id=event.item_id,
        question=event.question,
        schema=event.schema,
        commit=commitment(salt, value, context),
        digest="",
        value=value,
        context=context,
        salt=salt,
    )


def _same(stored: Row, found: Row) -> None:
    """Let a resend pass and refuse other content under the same id; an erased answer is not brought back."""
    for name in _CLAIM:
        before, now = getattr(stored, name), getattr(found, name)
        if before != now and None not in (before, now):
            raise ConflictError("event", stored.event_id, field=name, stored=before, found=now)


def frame_of(rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as EVENTS."""
    columns = {name: [getattr(row, name) for row in rows] for name in EVENTS}
    return pl.DataFrame(columns, schema={**EVENTS, "at": pl.Int64}).cast({"at": EVENTS["at"]})  # type: ignore[dict-item]  # EVENTS has no open dtype
