"""Migration: labels of one question get other names, are merged, or split. Answers stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from jupyter_annotate.errors import SchemaError, list_some, shorten
from jupyter_annotate.events import Json, fingerprint
from jupyter_annotate.questions import Label, LabelQuestion, Question
from jupyter_annotate.questions.base import Renamed
from jupyter_annotate.schema import Schema

__all__ = ["Migration"]

_LIKE = {
    "rename": "{'PER': 'PERSON'}",
    "merge": "{'PLACE': ['CITY', 'COUNTRY']}",
    "split": "{'ORG': ['COMPANY', 'AGENCY']}",
}


@dataclass(frozen=True, slots=True)
class Migration:
    """A change of the labels of one question.

    Parameters
    ----------
    question
        Its name.
    rename
        From a label to its new name. In a taxonomy a label is a path, and what is below it moves with it.
    merge
        From a new label to the labels it takes the place of; it may have the name of one of them.
    split
        From a label to the labels that take its place; one of them may keep its name. Who used it has to
        decide again.

    Raises
    ------
    SchemaError
        If nothing changes, a label stands in two of the three, one is merged alone, or split into one.

    Examples
    --------
    >>> from jupyter_annotate import Schema, Spans, Text
    >>> before = Schema(Text("text"), Spans("who", ["PER", "CITY", "COUNTRY", "ORG"]))
    >>> migration = Migration("who", rename={"PER": "PERSON"}, merge={"PLACE": ["CITY", "COUNTRY"]})
    >>> migration
    Migration(who: PER is PERSON; CITY and COUNTRY are PLACE)
    >>> migration.schema(before).question("who").label_names
    ('PERSON', 'PLACE', 'ORG')
    """

    question: str
    rename: Mapping[str, str] = field(default_factory=dict)
    merge: Mapping[str, Sequence[str]] = field(default_factory=dict)
    split: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what says two things, or nothing."""
        if not isinstance(self.question, str):
            raise SchemaError(f"Expected the name of a question to migrate, found {shorten(self.question)}.")
        object.__setattr__(self, "rename", _texts(self.rename, "rename"))
        for what in ("merge", "split"):
            object.__setattr__(self, what, _lists(getattr(self, what), what))
        given = [*self.rename, *(part for parts in self.merge.values() for part in parts), *self.split]
        twice = [name for name in dict.fromkeys(given) if given.count(name) > 1]
        if twice:
            raise SchemaError(
                f"The label {twice[0]!r} stands twice in rename, merge and split: say once what becomes of "
                "it, and the rest in a second migration."
            )
        if not given:
            like = f"Migration({self.question!r}, rename={_LIKE['rename']})"
            raise SchemaError(f"A migration needs something to rename, merge or split, like {like}.")

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(fingerprint(self.to_json()))

    def __repr__(self) -> str:
        """Say what becomes of what."""
        return f"Migration({self})"

    def __str__(self) -> str:
        """Say what becomes of what, in words."""
        said = [f"{old} is {new}" for old, new in self.rename.items()]
        said += [f"{_and(parts)} are {new}" for new, parts in self.merge.items()]
        said += [f"{old} is {_and(parts, 'or')}" for old, parts in self.split.items()]
        return f"{self.question}: {'; '.join(said)}"

    def schema(self, before: Schema) -> Schema:
        """Return the schema that this one becomes.

        Labels stay in their order: a renamed one stays where it was with its key, colour and help, a merged
        one stands where its first part was and has what that had, the first part of a split one has its key.
        Conditions that name a label follow.

        Parameters
        ----------
        before
            The schema in force.

        Raises
        ------
        SchemaError
            If there is no such question or label, a new name is another label's already, or a condition
            names a label that is split.
        """
        names = self.names(before)
        asked = _asked(before, self.question)
        made = asked.migrated([*self._labels(asked, names[self.question])], names[self.question])
        questions = [made if each.name == self.question else each for each in before.questions.values()]
        followed = [_followed(each, self, names[self.question]) for each in questions]
        after = Schema(*before.fields.values(), *followed)
        if after == before:
            raise SchemaError(f"{self}: that changes nothing.")
        return after

    def names(self, before: Schema) -> dict[str, Renamed]:
        """Return what becomes of the labels of the question, by question: what `Question.relabeled` takes.

        Parameters
        ----------
        before
            The schema in force.

        Raises
        ------
        SchemaError
            As for `schema`.
        """
        asked = _asked(before, self.question)
        own: dict[str, str | None] = {**self.rename, **dict.fromkeys(self.split)}
        own |= {part: new for new, parts in self.merge.items() for part in parts}
        unknown = [name for name in own if name not in asked.label_names]
        if unknown:
            known = list_some(asked.label_names)
            raise SchemaError(f"{self.question!r} has no label {unknown[0]!r} to change: it has {known}.")
        spread = asked.spread(own)
        self._refuse_taken(asked.label_names, own, spread)
        return {self.question: spread}

    def to_json(self) -> dict[str, Json]:
        """Return the form that the log keeps."""
        merge: dict[str, Json] = {new: [*parts] for new, parts in self.merge.items()}
        split: dict[str, Json] = {old: [*parts] for old, parts in self.split.items()}
        return {"question": self.question, "rename": dict(self.rename), "merge": merge, "split": split}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the migration its JSON form describes."""
        return cls(spec["question"], spec.get("rename", {}), spec.get("merge", {}), spec.get("split", {}))

    def _labels(self, asked: LabelQuestion, names: Renamed) -> Iterator[Label]:
        """Yield the new labels in the order of the old ones."""
        done: set[str] = set()
        for label in asked.labels:
            if not isinstance(label, Label):  # never: a question completes its labels
                continue
            to = names.get(label.name, label.name)
            if to is None:
                first, *others = self.split[label.name]
                yield Label(first, key=label.key)
                yield from map(Label, others)
            elif to not in done:
                done.add(to)
                yield replace(label, name=to)

    def _refuse_taken(self, known: Sequence[str], own: Renamed, spread: Renamed) -> None:
        """Refuse a new name that another label has, or gets."""
        came: dict[str, list[str]] = {}
        for name in known:
            to = spread.get(name, name)
            for each in self.split[name] if to is None else [to]:
                came.setdefault(each, []).append(name)
        for to, olds in came.items():
            merged = set(olds) <= set(self.merge.get(to, ()))
            moved = all(old in spread and old not in own for old in olds)
            if len(olds) > 1 and not merged and not moved:
                raise SchemaError(
                    f"{self.question!r}: the new name {to!r} would be that of {_and(olds)}: choose another "
                    f"name, or say merge={{{to!r}: {olds}}}."
                )


def _asked(schema: Schema, name: str) -> LabelQuestion:
    """Return the question, if its labels can be changed."""
    asked = schema.questions.get(name)
    if asked is None:
        raise SchemaError(
            f"There is no question {name!r} to migrate: known are {list_some(list(schema.questions))}."
        )
    if not isinstance(asked, LabelQuestion):
        raise SchemaError(f"{name!r} is a {asked.kind} and has no labels to rename, merge or split.")
    if asked.labels_from is not None:
        raise SchemaError(
            f"{name!r} has labels from the column {asked.labels_from!r}, and items never change: begin a "
            "new project with other items."
        )
    return asked


def _followed(question: Question, migration: Migration, names: Renamed) -> Question:
    """Return a question whose condition names labels as they are called now."""
    wanted = (question.conditions or {}).get(migration.question)
    if not wanted or not any(each in names for each in wanted if isinstance(each, str)):
        return question
    to = [names.get(each, each) if isinstance(each, str) else each for each in wanted]
    if None in to:
        split = wanted[to.index(None)]
        raise SchemaError(
            f"{question.name!r} is asked when {migration.question!r} is {split!r}, and after a split it is "
            "open for which part: split a label that no condition names, or begin a new project."
        )
    given = {**(question.conditions or {}), migration.question: list(dict.fromkeys(to))}
    return replace(question, show_when=given)  # type: ignore[arg-type]  # as it was, but for names


def _texts(given: object, what: str) -> dict[str, str]:
    """Return names by label, or refuse them."""
    found = dict(given) if isinstance(given, Mapping) else {"": None}
    if not all(isinstance(name, str) and name for pair in found.items() for name in pair):
        raise SchemaError(f"Expected {what}={_LIKE[what]}, found {shorten(given)}.")
    return found  # type: ignore[return-value]  # checked above


def _lists(given: object, what: str) -> dict[str, tuple[str, ...]]:
    """Return several labels by label, or refuse them."""
    found = dict(given) if isinstance(given, Mapping) else {"": ()}
    for name, parts in found.items():
        listed = isinstance(parts, list | tuple) and all(isinstance(each, str) and each for each in parts)
        if not isinstance(name, str) or not name or not listed:
            raise SchemaError(f"Expected {what}={_LIKE[what]}, found {shorten(given)}.")
        if len(parts) < 2 or len(set(parts)) < len(parts):  # noqa: PLR2004 -- two or more
            does = "takes the place of" if what == "merge" else "is split into"
            advice = "To give a label another name use rename."
            raise SchemaError(
                f"{what}: {name!r} {does} {list(parts)}: expected two different labels or more. {advice}"
            )
    return {name: tuple(parts) for name, parts in found.items()}


def _and(names: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
