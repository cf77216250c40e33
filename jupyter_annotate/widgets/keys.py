"""Keys of the widget itself, as a person sets them, and with what they collide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jupyter_annotate.errors import AnnotateError, UnknownNameError, shorten
from jupyter_annotate.questions import LabelQuestion
from jupyter_annotate.questions.base import KEY_OF_CANNOT_TELL
from jupyter_annotate.schema import Schema

__all__ = ["ACTIONS", "chosen_keys"]

#: What the widget does on a key, and that key unless a person sets another.
ACTIONS: Mapping[str, str] = {
    "submit": "Enter",
    "accept": "a",
    "dismiss": "x",
    "skip": " ",
    "undo": "z",
    "flag": "f",
    "comment": "c",
    "guidelines": "g",
    "full_page": "w",
    "help": "?",
    "previous": ",",
    "next": ".",
}
_NAMED = frozenset({"Enter"})


def chosen_keys(keys: Mapping[str, str] | None, schema: Schema) -> dict[str, str]:
    """Return the keys a person set, by the key they stand for.

    Parameters
    ----------
    keys
        By action, such as ``{"skip": "k"}``.
    schema
        What is asked, whose labels have keys too.

    Raises
    ------
    UnknownNameError
        If there is no such action.
    AnnotateError
        If it is no key, or something else has it; what, and which are free, is said.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Text
    >>> chosen_keys({"skip": "k"}, Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    {' ': 'k'}
    """
    chosen = _read(keys)
    effective = {action: chosen.get(action, key) for action, key in ACTIONS.items()}
    taken = dict(_taken(schema))
    for action, key in chosen.items():
        others = {other for other, its in effective.items() if its == key and other != action}
        owner = f"{min(others)!r} has it" if others else taken.get(key)
        if owner is not None:
            used = {*taken, *effective.values()}
            free = [each for each in "abcdefghijklmnopqrstuvwxyz" if each not in used]
            raise AnnotateError(f"The key {key!r} cannot be that of {action!r}: {owner}. Free: {free}.")
    return {ACTIONS[action]: key for action, key in chosen.items() if ACTIONS[action] != key}


def _read(keys: object) -> dict[str, str]:
    given = {} if keys is None else keys
    if not isinstance(given, Mapping):
        raise AnnotateError(f"Expected keys by action, like {{'skip': 'k'}}, found {shorten(keys)}.")
    for action, key in given.items():
        if action not in ACTIONS:
            raise UnknownNameError("action", action, ACTIONS)
        single = isinstance(key, str) and len(key) == 1 and key.isprintable() and key == key.lower()
        if not single and key not in _NAMED:
            message = (
                f"Expected one small letter, digit or sign as the key of {action!r}, found {shorten(key)}."
            )
            raise AnnotateError(message)
    return dict(given)


def _taken(schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the keys of all questions, each with who has it."""
    for name, question in schema.questions.items():
        for key in question.own_keys:
            yield key, f"the question {name!r} uses it"
        if question.cannot_tell:
            yield KEY_OF_CANNOT_TELL, f"it says that one cannot tell {name!r}"
        if not isinstance(question, LabelQuestion):
            continue
        for digit in "123456789" if question.labels_from else "":
            yield digit, f"labels of the items have it in {name!r}"
        for label in question.labels:
            if not isinstance(label, str) and label.key is not None:
                yield label.key.lower(), f"it is that of the label {label.name!r}"
