"""Parts: the fields and questions of a schema from their JSON form, and back in as few words as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from jupyter_annotate.errors import SchemaError, UnknownNameError, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.fields import Field
from jupyter_annotate.questions import Label, Question

__all__ = ["listed", "made", "shortest"]

#: What Python calls ``on``, a word that YAML reads as true, is ``field`` in the JSON form; both are taken.
_ALSO = {"on": "field"}


def listed(spec: object, part: str) -> Sequence[Mapping[str, Any]]:
    """Return the JSON forms of the fields or of the questions of a schema.

    Raises
    ------
    SchemaError
        If there is no list of them.
    """
    found = spec.get(part) if isinstance(spec, Mapping) else None
    if isinstance(found, list) and all(isinstance(each, Mapping) for each in found):
        return found
    raise SchemaError(f"Expected a schema with a list of {part}, found {shorten(found or spec)}.")


def made(registry: Mapping[str, type[Any]], spec: Mapping[str, Any], noun: str) -> Any:  # noqa: ANN401 -- field or question
    """Make the field or question of a JSON form.

    Parameters
    ----------
    registry
        The kinds there are.
    spec
        The JSON form; what it leaves out has its default.
    noun
        ``"field"`` or ``"question"``.

    Raises
    ------
    SchemaError
        If it does not fit its kind.
    UnknownNameError
        If there is no such kind.

    Examples
    --------
    >>> from jupyter_annotate.questions import QUESTIONS
    >>> made(QUESTIONS, {"kind": "choice", "name": "mood", "labels": ["glad", "sad"]}, "question").label_names
    ('glad', 'sad')
    """
    for part in ("kind", "name"):
        if part not in spec:
            raise SchemaError(
                f"Expected a {noun} as Schema.to_json() writes it, found one that lacks {part!r}."
            )
    if not isinstance(spec["kind"], str) or spec["kind"] not in registry:
        raise UnknownNameError(f"{noun} kind", spec["kind"], registry)
    kind = registry[spec["kind"]]
    _refuse_unknown_keys(kind, spec, noun)
    try:
        return kind.from_json(spec)
    except (KeyError, TypeError) as error:
        raise SchemaError(
            f"The {noun} {shorten(spec['name'])} does not fit its kind {spec['kind']!r}: {error}."
        ) from error


def shortest(part: Field | Question) -> dict[str, Json]:
    """Return the JSON form without what is the default anyway; labels that are only a name are text.

    Examples
    --------
    >>> from jupyter_annotate.questions import Choice, Label
    >>> shortest(Choice("mood", ["glad", Label("sad", key="s")]))
    {'kind': 'choice', 'name': 'mood', 'labels': ['glad', {'name': 'sad', 'key': 's'}]}
    """
    full = part.to_json()
    short = {key: value for key, value in full.items() if key != "labels"}
    if "labels" in full:
        short["labels"] = _short_labels(type(part), full)
    for key in [each for each in full if each not in {"kind", "name"}]:
        without = {k: v for k, v in short.items() if k != key}
        if _says_the_same(type(part), without, full):
            short = without
    return short


def _says_the_same(kind: type[Any], spec: Mapping[str, Json], full: dict[str, Json]) -> bool:
    try:
        return canonical_json(kind.from_json(spec).to_json()) == canonical_json(full)
    except (SchemaError, KeyError, TypeError):
        return False


def _short_labels(kind: type[Any], full: Mapping[str, Any]) -> list[Json]:
    """Leave out what is None, and each key that would be handed out anyway."""
    wanted = full["labels"]
    told: set[int] = set()
    while True:
        labels = [_short_label(each, with_key=n in told) for n, each in enumerate(wanted)]
        found: Any = kind.from_json({**full, "labels": labels}).to_json()["labels"]
        other = [n for n, label in enumerate(wanted) if label["key"] != found[n]["key"]]
        if not other:
            return labels
        # A label without a key, where one would be handed out, only stays so if all keys are told.
        told |= set(range(len(wanted))) if wanted[other[0]]["key"] is None else {other[0]}


def _short_label(label: Mapping[str, Json], *, with_key: bool) -> Json:
    left: dict[str, Json] = {k: v for k, v in label.items() if v is not None and (with_key or k != "key")}
    return left["name"] if len(left) == 1 else left


def _refuse_unknown_keys(kind: type[Any], spec: Mapping[str, Any], noun: str) -> None:
    """Refuse keys that mean nothing, naming the one that was meant, and what is no part of a schema."""
    whose = f"The {noun} {shorten(spec['name'])}"
    known = {"kind", *(_ALSO.get(each.name, each.name) for each in fields(kind) if each.compare)}
    elsewhere = {each.name for each in fields(kind) if not each.compare}
    for key in spec:
        if key in elsewhere:
            raise SchemaError(
                f"{whose} has {key!r}, which is no part of a stored schema: give it in Python, with {key}=."
            )
    _refuse_others(whose, [_ALSO.get(key, key) for key in spec], known)
    labels = spec.get("labels")
    for label in labels if isinstance(labels, list) else []:
        if isinstance(label, Mapping):
            _refuse_others(f"{whose}, label {shorten(label.get('name'))}", label, _LABEL)


def _refuse_others(whose: str, keys: Iterable[str], known: Iterable[str]) -> None:
    for key in keys:
        if key not in known:
            raise SchemaError(f"{whose}: {UnknownNameError('key', key, known)}")


_LABEL = tuple(each.name for each in fields(Label))
