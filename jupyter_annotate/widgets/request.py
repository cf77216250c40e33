"""Request: one message from the browser (docs/protocol.md), and what is said about one that went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from jupyter_annotate.errors import (
    AnnotateError,
    ConflictError,
    ExchangeError,
    KeptHereError,
    LabelError,
    ProtocolError,
    StorageError,
    UnknownNameError,
    shorten,
)
from jupyter_annotate.events import Json

__all__ = ["Message", "Request", "Send", "refusal"]

Message: TypeAlias = dict[str, Json]
Send: TypeAlias = Callable[[Message, Sequence[bytes]], None]

#: Code sent back for an error, the first class that fits.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (LabelError, "bad_answer"),
    (ExchangeError, "bad_answer"),
    (UnknownNameError, "unknown_item"),
    (ConflictError, "conflict"),
    (KeptHereError, "kept"),
    (StorageError, "storage"),
)
#: What is worth another try.
_RETRY = frozenset({"storage", "kept", "unknown_target"})


class Request:
    """One message, read field by field; what is missing or of another type is named."""

    def __init__(self, message: object) -> None:
        if not isinstance(message, dict):
            text = f"Expected a message with a kind, found {shorten(message)}."
            raise ProtocolError(text)
        self._message: dict[str, Any] = message

    @property
    def client(self) -> str:
        """Who asks."""
        return self.text("client")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text field."""
        value = self._message.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def number(self, name: str) -> float:
        """Return a number field."""
        value = self._message.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a field that is a list of texts."""
        value = self._message.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(name, "a list of texts")
        return value

    def mapping(self, name: str) -> dict[str, Json]:
        """Return a field that is an object."""
        value = self._message.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return value

    def truth(self, name: str) -> bool:
        """Return a field that is true or false."""
        value = self._message.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def about(self) -> dict[str, Any]:
        """Return what every submission names: item, hash and itself."""
        return {
            "item_id": self.text("item"),
            "hash": self.text("hash"),
            "submission": self.text("submission"),
        }

    def seen(self) -> dict[str, Any]:
        """Return what a decision names beside itself, and what was seen."""
        sender = {"client": self.client, "client_seq": self.number("client_seq")}
        return {**self.about(), "seen": {**self.mapping("seen"), **sender}}

    def _wrong(self, name: str, expected: str) -> ProtocolError:
        kind, found = shorten(self._message.get("kind")), shorten(self._message.get(name))
        return ProtocolError(f"Message {kind}, field {name!r}: expected {expected}, found {found}.")


def refusal(message: object, error: Exception) -> Message:
    """Return what the browser hears about a message that went wrong.

    Parameters
    ----------
    message
        As it came.
    error
        Why.
    """
    known = message if isinstance(message, dict) else {}
    code = _code(error)
    text = str(error) if isinstance(error, AnnotateError) else f"{type(error).__name__}: {error}"
    reply: Message = {"to": known.get("client"), "code": code, "message": text}
    if known.get("kind") == "submit":
        return reply | {"kind": "nack", "submission": known.get("submission"), "retry": code in _RETRY}
    return reply | {"kind": "refused", "request": known.get("kind")}


def _code(error: Exception) -> str:
    if isinstance(error, ProtocolError):
        return error.code
    if isinstance(error, UnknownNameError) and error.noun != "item":
        return "bad_answer"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "internal")
