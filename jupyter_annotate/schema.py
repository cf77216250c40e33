"""Schema: the fields an item shows and the questions asked about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

from jupyter_annotate.content import Content
from jupyter_annotate.errors import (
    ExchangeError,
    LabelError,
    SchemaError,
    UnknownNameError,
    list_some,
    shorten,
)
from jupyter_annotate.events import Json, fingerprint
from jupyter_annotate.fields import FIELDS, Field
from jupyter_annotate.fields.options import Options
from jupyter_annotate.parts import listed, made
from jupyter_annotate.questions import QUESTIONS, LabelQuestion, Question
from jupyter_annotate.questions.conditions import CANNOT_TELL, hold
from jupyter_annotate.questions.marks import MarkQuestion
from jupyter_annotate.text_files import read_text, write_text

__all__ = ["Schema", "difference"]

#: Lists that agree for so long are shown from where they differ.
_SAME_BEGINNING = 10
_SUFFIXES = (".yaml", ".yml", ".json")


class Schema:
    """The fields an item shows and the questions asked about it, in the order shown.

    Parameters
    ----------
    *parts
        Fields and questions.

    Attributes
    ----------
    fields, questions
        By name, in order.
    fingerprint
        SHA-256 of the canonical JSON form, as 64 hex digits.

    Raises
    ------
    SchemaError
        If there is no field or no question, a name stands twice, or a question cannot find its field.

    Examples
    --------
    >>> from jupyter_annotate.fields import Text
    >>> from jupyter_annotate.questions import Choice
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> Schema.from_json(schema.to_json()) == schema
    True
    """

    def __init__(self, *parts: Field | Question) -> None:
        self.fields: dict[str, Field] = {}
        self.questions: dict[str, Question] = {}
        for part in parts:
            self._add(part)
        for question in self.questions.values():
            self._add_options(question)
            missing = [name for name in question.reads if name not in self.fields]
            if missing:
                found = f"no field {missing[0]!r} but {list_some(list(self.fields))}"
                about = f"{question.name!r} is about the fields {list(question.reads)}"
                raise SchemaError(f"{about}: found {found}.")
        if not self.fields or not self.questions:
            like = "Schema(Text('text'), Choice('mood', ['glad', 'sad']))"
            raise SchemaError(f"A schema needs at least one field and one question, like {like}.")
        self.questions = {name: self._placed(q) for name, q in self.questions.items()}
        for name, question in self.questions.items():
            _refuse_what_comes_later(name, question, list(self.questions))
            question.check_basis(dict(takewhile(lambda each: each[0] != name, self.questions.items())))  # noqa: B023 -- used at once
        try:
            self.fingerprint = fingerprint(self.to_json())
        except LabelError as error:
            raise SchemaError(f"A field or question of the schema: {error}") from error

    def __eq__(self, other: object) -> bool:
        """Compare what is asked, not who asks."""
        return isinstance(other, Schema) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        """Hash by fingerprint."""
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        """Show the names and kinds."""
        shown: list[Field | Question] = [*self.fields.values(), *self.questions.values()]
        return f"Schema({', '.join(f'{part.kind} {part.name!r}' for part in shown)})"

    def question(self, name: str | None = None) -> Question:
        """Return the question of this name; the only one where no name is given.

        Raises
        ------
        UnknownNameError
            If there is none, or several and no name.
        """
        if name is None and len(self.questions) == 1:
            return next(iter(self.questions.values()))
        if name is None or name not in self.questions:
            raise UnknownNameError("question", name, self.questions)
        return self.questions[name]

    def check(self, answers: Mapping[str, Json], content: Mapping[str, Content]) -> dict[str, Json]:
        """Return the answers to one item in canonical form, in the order of the questions.

        Parameters
        ----------
        answers
            By name of the question.
        content
            What each field of the item shows.

        Raises
        ------
        LabelError
            If an answer does not fit, a required one is missing, or they are not given by question.
        UnknownNameError
            If there is no such question.
        """
        for name in _by_question(answers):
            self.question(name)
        checked: dict[str, Json] = {}
        for name, question in self.questions.items():
            _refuse_what_is_not_due(question, answers, checked)
            if name in answers:
                checked[name] = question.admit(answers[name], content)
        if not answers:
            raise LabelError(list_some(list(self.questions)), None, expected="at least one answer")
        for name, answer in checked.items():
            if answer != CANNOT_TELL:
                self.questions[name].check_beside(answer, checked)
        return checked

    def content(self, item: Mapping[str, Any]) -> dict[str, Content]:
        """Return what each field of an item shows: what answers to it are checked against."""
        return {name: field.content(item[name]) for name, field in self.fields.items()}

    def to_json(self) -> dict[str, Json]:
        """Return the form the fingerprint covers and the browser reads."""
        return {
            "fields": [f.to_json() for f in self.fields.values()],
            "questions": [q.to_json() for q in self.questions.values()],
        }

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the schema its JSON form describes.

        Raises
        ------
        SchemaError
            If an entry does not fit its kind.
        UnknownNameError
            If there is no such kind.
        """
        fields = [made(FIELDS, each, "field") for each in listed(spec, "fields")]
        questions = [made(QUESTIONS, each, "question") for each in listed(spec, "questions")]
        return cls(*fields, *questions)

    def to_yaml(self) -> str:
        """Return the schema as text for people: what is the default is left out.

        What is no part of a schema is no part of the text: the functions given as ``validate``, of which a
        comment at its beginning tells, and the folder that images are looked up in.

        Examples
        --------
        >>> from jupyter_annotate.fields import Text
        >>> from jupyter_annotate.questions import Choice
        >>> print(Schema(Text("text"), Choice("mood", ["glad", "sad"])).to_yaml())
        fields:
        - kind: text
          name: text
        questions:
        - kind: choice
          name: mood
          labels: [glad, sad]
        <BLANKLINE>

        Raises
        ------
        SchemaError
            If it is so long that it would not be read again.
        """
        from jupyter_annotate import schema_yaml

        return schema_yaml.write(list(self.fields.values()), list(self.questions.values()))

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Make the schema a text describes; what the text leaves out has its default.

        Raises
        ------
        SchemaError
            With line and column of what is wrong.
        """
        from jupyter_annotate import schema_yaml

        return cls(*schema_yaml.read(text))

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the schema into a file, whole or not at all.

        Parameters
        ----------
        path
            Ends with ``.yaml``, ``.yml`` or ``.json``.
        overwrite
            Whether a file that is there may be replaced.

        Raises
        ------
        ExchangeError
            If something stands there already, or it cannot be written.
        """
        whole = json.dumps(self.to_json(), ensure_ascii=False, indent=2) + "\n"
        write_text(Path(path), whole if _is_json(path) else self.to_yaml(), overwrite=overwrite)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Make the schema a file describes, which `save` or a person wrote.

        Raises
        ------
        ExchangeError
            If there is no such file, or it cannot be read.
        SchemaError
            With file, line and column of what is wrong.
        """
        is_json, text = _is_json(path), read_text(Path(path))
        try:
            return cls.from_json(json.loads(text)) if is_json else cls.from_yaml(text)
        except (ValueError, UnknownNameError, RecursionError) as error:
            raise SchemaError(f"{path}: {error}") from error

    def _add(self, part: object) -> None:
        match part:
            case Field(name=name) | Question(name=name) if name in self.fields or name in self.questions:
                raise SchemaError(
                    f"The name {name!r} stands twice; fields and questions need different names."
                )
            case Field():
                self.fields[part.name] = part
            case Question():
                self.questions[part.name] = part
            case _:
                raise SchemaError(f"Expected fields and questions, found {shorten(part)}.")

    def _add_options(self, question: Question) -> None:
        """Add the column that a question has the labels of each item from."""
        column = question.labels_from if isinstance(question, LabelQuestion) else None
        if column is None:
            return
        if column in self.questions or not isinstance(self.fields.get(column, Options(column)), Options):
            expected = "labels from a column that nothing else of the schema shows"
            raise SchemaError(f"{question.name!r}: expected {expected}, found {column!r} elsewhere in it.")
        self.fields.setdefault(column, Options(column))

    def _placed(self, question: Question) -> Question:
        """Let a question that draws on a field know which one."""
        if not isinstance(question, MarkQuestion):
            return question
        fitting = [n for n, f in self.fields.items() if f.kind in question.draws_on]
        if question.on in fitting:
            return question
        if question.on or len(fitting) != 1:
            message = (
                f"{question.name!r} draws on one {' or '.join(question.draws_on)} field: "
                f"found on={question.on!r} and the fields {fitting}."
            )
            raise SchemaError(message)
        return replace(question, on=fitting[0])


def _is_json(path: str | Path) -> bool:
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ExchangeError(str(path), f"expected a name that ends with one of {list_some(_SUFFIXES)}.")
    return suffix == ".json"


def _by_question(answers: object) -> Mapping[str, Json]:
    if not isinstance(answers, Mapping):
        raise LabelError("", answers, expected="answers by question, like {'mood': 'glad'}")
    return answers


def _refuse_what_is_not_due(
    question: Question, answers: Mapping[str, Json], before: Mapping[str, Json]
) -> None:
    """Refuse an answer to what is not asked, and none to what is required; `before` are checked."""
    name, conditions = question.name, question.conditions or {}
    if not hold(conditions, before):
        if name in answers:
            given = {other: before.get(other) for other in conditions}
            raise LabelError(
                name, answers[name], expected=f"no answer: it is asked when {conditions}, found {given}"
            )
    elif question.required and name not in answers:
        raise LabelError(name, None, expected="an answer, as the question is required")


def _refuse_what_comes_later(name: str, question: Question, order: Sequence[str]) -> None:
    """Refuse a condition on what is not asked before."""
    before = order[: order.index(name)]
    for other in question.conditions or {}:
        if other not in before:
            expected = f"a question that stands before it, one of {list_some(list(before))}"
            raise SchemaError(f"{name!r} is shown when {other!r} is answered: expected {expected}.")


def difference(stored: Schema, found: Schema) -> str:
    """Say in words where two schemas first differ.

    Parameters
    ----------
    stored, found
        The one in force and the one given.

    Returns
    -------
    difference
        What differs, in the stored schema and in the one found; empty if nothing does.

    Examples
    --------
    >>> from jupyter_annotate.fields import Text
    >>> from jupyter_annotate.questions import Choice
    >>> stored = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> difference(stored, Schema(Text("text"), Choice("mood", ["glad", "sad", "neutral"])))
    "labels of 'mood': stored ['glad', 'sad'], found ['glad', 'sad', 'neutral']"
    """
    before, now = stored.to_json(), found.to_json()
    return next(_differences("", before, now), "")


def _differences(whose: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two JSON forms, the names in a list before what stands behind each."""
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key), now.get(key)
        if old == new:
            continue
        if not isinstance(old, list) or not isinstance(new, list):
            yield f"{key}{whose}: {_values_differ(old, new)}"
            continue
        old_names, new_names = ([each["name"] for each in part] for part in (old, new))
        if old_names != new_names:
            yield _lists_differ(f"{key}{whose}", old_names, new_names)
        for left, right in zip(old, new, strict=False):
            noun = " label" if key == "labels" else ""
            yield from _differences(f" of{noun} {left['name']!r}{whose}", left, right)


def _values_differ(old: object, new: object) -> str:
    before, now = shorten(old), shorten(new)
    if before == now:
        alike = _alike(str(old), str(new))
        before, now = (f"{shorten(str(each)[alike:])} from character {alike} on" for each in (old, new))
    return f"stored {before}, found {now}"


def _lists_differ(what: str, old: list[str], new: list[str]) -> str:
    alike = _alike(old, new)
    if alike <= _SAME_BEGINNING:
        return f"{what}: stored {list_some(old)}, found {list_some(new)}"
    return (
        f"{what} from number {alike + 1} on: stored {list_some(old[alike:])}, found {list_some(new[alike:])}"
    )


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many elements two sequences begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
