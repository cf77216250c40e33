"""Event: one fact that happened, its canonical form and its place in the digest chain.

The chain covers a salted commitment to the payload (value and context), not the payload itself, so a payload
can be erased for good while every later digest still verifies (docs/adr/0001).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from jupyter_annotate.errors import LabelError, SchemaError, UnknownNameError, shorten

__all__ = [
    "AnnotatorKind",
    "Event",
    "EventKind",
    "Json",
    "canonical_json",
    "chain",
    "check_text",
    "commitment",
    "fingerprint",
    "genesis",
    "uuid7",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

FORMAT = "ja1"
_SEPARATOR = "\x1f"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class EventKind(StrEnum):
    """What can happen."""

    SCHEMA = "schema"
    ITEMS = "items"
    PRELABELS = "prelabels"
    GUIDELINES = "guidelines"
    ANSWER = "answer"
    SKIP = "skip"
    UNDO = "undo"
    FLAG = "flag"
    COMMENT = "comment"
    ERASE = "erase"
    PLAN = "plan"
    ASSIGN = "assign"
    RELEASE = "release"
    EXPIRE = "expire"
    ROLE = "role"
    MERGE = "merge"


class AnnotatorKind(StrEnum):
    """Who can answer."""

    HUMAN = "human"
    MODEL = "model"
    FUNCTION = "function"
    LLM = "llm"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise UnknownNameError("kind of annotator", value, [kind.value for kind in cls])


def uuid7() -> str:
    """Make a UUID of version 7 (RFC 9562 section 5.7): sortable by creation time.

    Examples
    --------
    >>> a, b = uuid7(), uuid7()
    >>> len(a), a[14]
    (36, '7')
    """
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    number = (milliseconds << 80) | (7 << 76) | ((tail >> 68) & 0xFFF) << 64
    number |= (0b10 << 62) | (tail & 0x3FFF_FFFF_FFFF_FFFF)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def canonical_json(value: Json) -> str:
    r"""Write JSON with sorted keys, no spaces and control characters escaped.

    Raises
    ------
    LabelError
        If it holds NaN, an infinity or a lone surrogate, which no other reader would accept.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": ["é", "\n"]})
    '{"a":["é","\\n"],"b":1.0}'
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise LabelError("", value, expected=f"JSON without NaN or infinity ({error})") from None
    lone = _SURROGATE.search(text)
    if lone:
        around = text[max(0, lone.start() - 20) : lone.end() + 20]
        raise LabelError("", around, expected="text without lone surrogates")
    return text


def fingerprint(value: Json) -> str:
    """Return the SHA-256 of the canonical JSON, as 64 hex digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def check_text(value: str, *, what: str) -> str:
    """Return a short name or id unchanged, or refuse it.

    Raises
    ------
    SchemaError
        If it holds control characters or lone surrogates: they would make the canonical form ambiguous.
    """
    if _CONTROL.search(value) or _SURROGATE.search(value):
        message = f"{what} {shorten(value)} holds a control character or a lone surrogate; remove it."
        raise SchemaError(message)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact, before a log gave it its position.

    Parameters
    ----------
    kind
        What happened.
    annotator_id, annotator_kind
        Who did it.
    item_id, question
        About what; empty where it is about none.
    value
        The answer or the fact itself.
    context
        What the annotator saw, and how it was established who it is.
    schema
        Fingerprint of the schema in force; empty before there is one.
    event_id
        Made by the writer, so that a resend finds its own row.
    """

    kind: EventKind
    annotator_id: str = ""
    annotator_kind: AnnotatorKind = AnnotatorKind.HUMAN
    item_id: str = ""
    question: str = ""
    value: Json = None
    context: Json = None
    schema: str = ""
    event_id: str = field(default_factory=uuid7)

    def __post_init__(self) -> None:
        """Refuse what the canonical form could not carry."""
        for name in ("event_id", "annotator_id", "item_id", "question", "schema"):
            check_text(getattr(self, name), what=name)

    def claim(self) -> tuple[str, ...]:
        """Return what must be equal when the same event is sent twice.

        The context is left out: a resend after a restart is the same answer from another session.
        """
        return (
            self.kind,
            self.annotator_id,
            self.annotator_kind,
            self.item_id,
            self.question,
            canonical_json(self.value),
        )


def commitment(salt: bytes, value: str, context: str) -> str:
    """Commit to a payload: HMAC-SHA256 of value and context under a random salt, in hex."""
    payload = f"{value}{_SEPARATOR}{context}".encode()
    return hmac.new(salt, payload, hashlib.sha256).hexdigest()


def chain(previous: str, fields: tuple[str, ...]) -> str:
    """Link one event to the one before.

    Parameters
    ----------
    previous
        Digest of the event before, 64 hex digits.
    fields
        Every stored field in order, with the commitment in the payload's place. None holds U+001F, so the
        join is unambiguous.

    Returns
    -------
    digest
        ``sha256(previous || sha256("ja1" U+001F field U+001F ...))`` in hex.
    """
    content = hashlib.sha256(_SEPARATOR.join((FORMAT, *fields)).encode()).digest()
    return hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()


def genesis(log_id: str) -> str:
    """Return what stands before the first event of a log, so that no event fits another log."""
    return hashlib.sha256(f"{FORMAT}{_SEPARATOR}genesis{_SEPARATOR}{log_id}".encode()).hexdigest()
