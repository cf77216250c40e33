"""Gate: what may be recorded by an annotator, checked against the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jupyter_annotate.access import Access
from jupyter_annotate.content import Content
from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.schema import Schema

__all__ = ["answered", "beginning", "checked"]

#: What is about an item. Items, schemas, pre-labels, roles and erasures have doors of their own.
_ON_ITEMS = frozenset({EventKind.ANSWER, EventKind.SKIP, EventKind.UNDO, EventKind.FLAG, EventKind.COMMENT})


def beginning(schema: Schema, access: Access) -> Event:
    """Return the event a project begins with, signed by whoever is known to begin it: its first lead.

    Parameters
    ----------
    schema
        What is shown and asked.
    access
        The log it goes to.

    Raises
    ------
    SchemaError
        If the environment names somebody whose name cannot be stored.
    """
    who = Identity.resolve(None, access=access)
    # This event is never erased, so of the person it holds the name alone.
    return Event(
        kind=EventKind.SCHEMA,
        annotator_id=who.annotator_id if who.is_known else "",
        value=schema.to_json(),
        context=who.basis(),
        schema=schema.fingerprint,
    )


def answered(events: Sequence[Event]) -> list[str]:
    """Return the items whose content has to be known to check these events: those with an answer."""
    answers = (each for each in events if each.kind == EventKind.ANSWER and each.value is not None)
    return sorted({each.item_id for each in answers if each.item_id})


def checked(event: Event, schema: Schema, contents: Mapping[str, Mapping[str, Content]]) -> Event:
    """Return an event as it is stored: its answer in canonical form, stamped with the schema.

    Parameters
    ----------
    event
        What an annotator did.
    schema
        What is asked.
    contents
        What the fields of the answered items show, by item.

    Raises
    ------
    LabelError
        If an answer does not fit its question.
    UnknownNameError
        If there is no such question.
    SchemaError
        If it is nothing an annotator does, or says of no item or nobody.
    """
    if event.kind == EventKind.GUIDELINES:
        return replace(event, schema=schema.fingerprint)
    if event.kind not in _ON_ITEMS:
        raise SchemaError(f"An event of kind {event.kind.value!r} is not recorded by an annotator.")
    for name in ("item_id", "annotator_id"):
        if not getattr(event, name):
            raise SchemaError(f"An event of kind {event.kind.value!r} needs {name}, found ''.")
    if event.kind == EventKind.UNDO and not _names_events(event.value):
        expected = "{'submission': ..., 'events': [ids]}"
        raise SchemaError(f"An undo says what it takes back as {expected}, found {shorten(event.value)}.")
    stamped = replace(event, schema=schema.fingerprint)
    if event.kind != EventKind.ANSWER or event.value is None:
        return stamped
    question = schema.question(event.question)
    return replace(stamped, value=question.admit(event.value, contents.get(event.item_id, {})))


def _names_events(value: Json) -> bool:
    events = value.get("events") if isinstance(value, dict) else None
    return isinstance(events, list) and all(isinstance(each, str) for each in events)
