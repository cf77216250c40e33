"""Everything that can go wrong, and what to do about it.

AnnotateError
├── ColumnError (ValueError)        a frame lacks a column or holds an impossible value
├── SchemaError (ValueError)        a field, question or label is not well defined
├── LabelError (ValueError)         an answer does not fit its question
├── UnknownNameError (KeyError)     a name nobody knows; lists the known ones
├── NotFittedError                  an estimator was asked before it was fitted
├── StorageError                    the log or a batch cannot be read or written
│   ├── ConflictError               the same id with other content
│   ├── IntegrityError              the log is not what it was; carries the position
│   ├── AwayError                   the store cannot be reached now; what was read stays true
│   └── NotSavedError               a write did not become durable
│       └── KeptHereError           … but it is safe on this computer and follows by itself
├── PrelabelError                   a pre-labeler gave something unusable; keeps the raw answer
├── ExchangeError                   a file could not be read or written; carries row and field
├── ProtocolError                   a message between browser and kernel is malformed
└── MissingExtraError (ImportError) an optional dependency is not installed; names the extra

HistoryWarning (UserWarning)        a log is not the one this computer saw before
AwayWarning (UserWarning)           the store cannot be reached, so what is shown is not the newest

Each takes facts and builds its sentence from them. An undefined statistic is a value, not an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "AnnotateError",
    "AwayError",
    "AwayWarning",
    "ColumnError",
    "ConflictError",
    "ExchangeError",
    "HistoryWarning",
    "IntegrityError",
    "KeptHereError",
    "LabelError",
    "MissingExtraError",
    "NotFittedError",
    "NotSavedError",
    "PrelabelError",
    "ProtocolError",
    "SchemaError",
    "StorageError",
    "UnknownNameError",
]

_SHOWN = 80


def shorten(value: object) -> str:
    """Show a value in a message without letting it fill the screen."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"<{type(value).__name__}, nested too deeply to show>"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class AnnotateError(Exception):
    """Base of every error this package raises on purpose."""


class ColumnError(AnnotateError, ValueError):
    """A frame lacks a column, or a cell holds a value that cannot be used.

    Parameters
    ----------
    what
        Whose frame it is, for example ``"krippendorff_alpha()"``.
    expected
        What was needed, in words.
    found
        What was there, in words.
    row
        0-based row of the first offending cell, if there is one.
    column
        Column of the offending cell, if there is one.
    advice
        What to do next.
    """

    def __init__(  # noqa: PLR0913 -- each fact has its own name
        self,
        what: str,
        *,
        expected: str,
        found: str,
        row: int | None = None,
        column: str | None = None,
        advice: str = "",
    ) -> None:
        self.what, self.expected, self.found = what, expected, found
        self.row, self.column, self.advice = row, column, advice
        place = "".join([f", row {row}" if row is not None else "", f", column {column!r}" if column else ""])
        sentence = f"{what}{place}: expected {expected}, found {found}."
        super().__init__(f"{sentence} {advice}".strip())

    def at(self, row: int) -> ColumnError:
        """Return the same error at another row: that of the frame which the person knows."""
        facts = {"expected": self.expected, "found": self.found, "column": self.column, "advice": self.advice}
        return ColumnError(self.what, row=row, **facts)  # type: ignore[arg-type]  # each has its type


class SchemaError(AnnotateError, ValueError):
    """A field, question or label is not well defined."""


class LabelError(AnnotateError, ValueError):
    """An answer does not fit its question.

    Parameters
    ----------
    question
        Name of the question; empty for a note, a reason or another text that answers none.
    answer
        The offending answer, or the part of it that is wrong.
    expected
        What would have been accepted.
    """

    def __init__(self, question: str, answer: object, *, expected: str) -> None:
        self.question, self.answer, self.expected = question, answer, expected
        problem = f"is no answer to {question!r}" if question else "cannot be stored"
        super().__init__(f"{shorten(answer)} {problem}: expected {expected}.")


class UnknownNameError(AnnotateError, KeyError):
    """A name nobody knows.

    Parameters
    ----------
    noun
        What kind of thing was looked for, for example ``"question"``.
    name
        The name that was asked for.
    known
        The names that exist.
    """

    def __init__(self, noun: str, name: object, known: Iterable[str]) -> None:
        self.noun, self.name, self.known = noun, name, sorted(known)
        close = difflib.get_close_matches(str(name), self.known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(repr(k) for k in self.known[:20]) or "none"
        more = f" and {len(self.known) - 20} more" if len(self.known) > 20 else ""  # noqa: PLR2004 -- as above
        self.sentence = f"There is no {noun} {shorten(name)}; known: {listed}{more}.{hint}"
        super().__init__(self.sentence)

    def __str__(self) -> str:
        """Return the sentence itself; KeyError would quote it."""
        return self.sentence


class NotFittedError(AnnotateError):
    """An estimator was asked for a result before ``fit``."""

    def __init__(self, estimator: str, attribute: str) -> None:
        super().__init__(f"{estimator} has no {attribute!r} yet: call fit(labels) first.")


class StorageError(AnnotateError):
    """The log, or a batch beside it, cannot be read or written."""


class ConflictError(StorageError):
    """The same id arrived with other content; what was stored stays as it was.

    Parameters
    ----------
    noun
        What carries the id: ``"event"``, ``"item"``.
    name
        The id.
    field
        The field that differs.
    stored, found
        The stored content and the new one.
    """

    def __init__(self, noun: str, name: str, *, field: str, stored: object, found: object) -> None:
        self.noun, self.name, self.field = noun, name, field
        super().__init__(
            f"{noun} {shorten(name)} is already stored with another {field}: stored {shorten(stored)}, "
            f"found {shorten(found)}. Nothing was changed; use a new id for new content."
        )


class IntegrityError(StorageError):
    """The log or a batch is not what was written.

    Parameters
    ----------
    problem
        What is wrong, in words.
    position
        Position of the first event that does not fit, if one can be named.
    """

    def __init__(self, problem: str, *, position: int | None = None) -> None:
        self.position = position
        place = f" at position {position}" if position is not None else ""
        super().__init__(f"The log does not verify{place}: {problem}.")


class AwayError(StorageError):
    """The store cannot be reached now: a server is down, or a network is cut. Try again later."""


class NotSavedError(StorageError):
    """A write did not become durable; nothing of it counts.

    Parameters
    ----------
    cause
        What the system said.
    advice
        What the person should do.
    """

    def __init__(self, cause: str, *, advice: str) -> None:
        super().__init__(f"Not saved: {cause}. {advice}")


class KeptHereError(NotSavedError):
    """The store cannot be reached, so the write is kept on this computer and follows by itself.

    Parameters
    ----------
    cause
        What the system said.
    place
        Where it is kept.
    """

    def __init__(self, cause: str, *, place: str) -> None:
        self.place = place
        advice = f"It is kept on this computer, in {place}, and goes to the store as soon as that answers."
        super().__init__(cause, advice=advice)


class PrelabelError(AnnotateError):
    """A pre-labeler gave something unusable.

    Parameters
    ----------
    problem
        What is wrong with it.
    raw
        The answer as it came, kept for inspection.
    """

    def __init__(self, problem: str, *, raw: object) -> None:
        self.raw = raw
        super().__init__(f"{problem} The answer was {shorten(raw)} (whole in .raw).")


class ExchangeError(AnnotateError):
    """A file could not be read or written.

    Parameters
    ----------
    file
        The file.
    problem
        What is wrong, in words.
    row, field
        Where, as far as it is known.
    """

    def __init__(self, file: str, problem: str, *, row: int | None = None, field: str | None = None) -> None:
        self.file, self.row, self.field = file, row, field
        place = "".join([f", row {row}" if row is not None else "", f", field {field!r}" if field else ""])
        super().__init__(f"{file}{place}: {problem}")


class ProtocolError(AnnotateError):
    """A message between browser and kernel is malformed.

    Parameters
    ----------
    problem
        What is wrong, in words.
    code
        The machine code sent back with it.
    """

    def __init__(self, problem: str, *, code: str = "protocol") -> None:
        self.code = code
        super().__init__(problem)


class MissingExtraError(AnnotateError, ImportError):
    """An optional dependency is not installed.

    Parameters
    ----------
    package
        The package that is missing.
    extra
        The extra that brings it.
    purpose
        What needs it.
    """

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs {package}: run pip install 'jupyter-annotate-kit[{extra}]'.")


class HistoryWarning(UserWarning):
    """The history of a log is not the one this computer saw before."""


class AwayWarning(UserWarning):
    """The store cannot be reached now, so what is shown is what was read before."""


def list_some(names: Sequence[str], most: int = 20) -> str:
    """List names for a message, at most a screenful of them."""
    shown = ", ".join(repr(n) for n in names[:most])
    return f"[{shown}]" if len(names) <= most else f"[{shown}, … {len(names) - most} more]"
