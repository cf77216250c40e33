"""Taxonomy: labels in a tree, found by walking it or by searching its paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Label, LabelQuestion, Renamed, check_flag, decoded
from jupyter_annotate.questions.relabeling import chosen

__all__ = ["Taxonomy"]


@dataclass(frozen=True)
class Taxonomy(LabelQuestion):
    """One node of a tree of labels, or with ``multiple`` any number of them. A node is named by its path.

    Parameters
    ----------
    name
        An identifier.
    labels
        The tree as mappings within mappings, ``{"animal": {"dog": {}, "cat": {}}}``, or as paths,
        ``["animal/dog", "animal/cat"]``.
    separator
        What stands between the parts of a path.
    leaves_only
        Whether only nodes without nodes below them are answers.
    multiple
        Whether any number of nodes may be chosen.

    Examples
    --------
    >>> what = Taxonomy("what", {"animal": {"dog": {}, "cat": {}}, "plant": {}})
    >>> what.label_names
    ('animal', 'animal/dog', 'animal/cat', 'plant')
    >>> what.check("animal/cat", {})
    'animal/cat'
    >>> what.check("animal", {})
    Traceback (most recent call last):
        ...
    jupyter_annotate.errors.LabelError: 'animal' is no answer to 'what': expected a leaf below it.
    """

    kind: ClassVar[str] = "taxonomy"
    of_any_item: ClassVar[bool] = True

    labels: Sequence[str | Label] | Mapping[str, Any] = ()  # type: ignore[assignment]  # a tree before it is made
    separator: str = field(default="/", kw_only=True)
    leaves_only: bool = field(default=True, kw_only=True)
    multiple: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Make paths of the tree, those of inner nodes too."""
        given: object = self.separator
        if not isinstance(given, str) or not given:
            raise SchemaError(f"{self.name!r}: expected text as separator, found {shorten(given)}.")
        check_flag(self.leaves_only, what=f"{self.name!r}: expected leaves_only")
        check_flag(self.multiple, what=f"{self.name!r}: expected multiple")
        if self.labels_from is not None:
            raise SchemaError(f"{self.name!r}: a taxonomy is the same for every item: no labels_from.")
        tree: object = self.labels
        if isinstance(tree, Mapping):
            tree = tuple(_walked(tree, self.separator, ()))
        # What is no list is refused below, with what it is.
        if isinstance(tree, list | tuple):
            object.__setattr__(self, "labels", tuple(_with_inner(tree, self)))
        super().__post_init__()
        # Keys are those of the places on the screen.
        bare = tuple(Label(each.name, color=each.color, help=each.help) for each in self._nodes())
        object.__setattr__(self, "labels", bare)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        own: dict[str, Json] = {"separator": self.separator, "leaves_only": self.leaves_only}
        return {**super().to_json(), **own, "multiple": self.multiple}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Self:
        """Make the question its JSON form describes; the labels may be a tree of mappings."""
        if isinstance(spec.get("labels"), Mapping):
            return cls(**{k: v for k, v in spec.items() if k != "kind"})
        return super().from_json(spec)

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the path, or the paths in the order of the tree."""
        if not self.multiple:
            return self._node(answer, answer)
        if not isinstance(answer, list):
            raise LabelError(self.name, answer, expected="a list of paths")
        chosen = {self._node(each, answer) for each in answer}
        if len(chosen) < len(answer):
            raise LabelError(self.name, answer, expected="no path twice")
        return [name for name in self.label_names if name in chosen]

    def spread(self, names: Renamed) -> Renamed:
        """Return what becomes of all nodes: those below a node that is renamed or merged move with it.

        Raises
        ------
        SchemaError
            If a node with nodes below it is split: nobody said where they go.
        """
        found = dict(names)
        for name in self.label_names:
            parts = name.split(self.separator)
            above = [self.separator.join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]
            nearest = next((each for each in above if each in names), None)
            if name in names or nearest is None:
                continue
            to = names[nearest]
            if to is None:
                raise SchemaError(
                    f"{self.name!r}: {nearest!r} is split, which leaves open where {name!r} below it goes: "
                    "move what is below it first, with rename, or split one of those."
                )
            found[name] = to + name[len(nearest) :]
        return found

    def migrated(self, labels: Sequence[Label], names: Renamed) -> Self:
        """Return the question with another tree.

        Raises
        ------
        SchemaError
            If what could be chosen became a node above others, which cannot be.
        """
        made = super().migrated(labels, names)
        for name in self.label_names:
            to = names.get(name, name)
            if to is not None and _is_choice(self, name) and not _is_choice(made, to):
                raise SchemaError(
                    f"{self.name!r}: {to!r} would have nodes below it, and only leaves are answers: merge "
                    f"into a node of its own, such as {to + self.separator + 'other'!r}."
                )
        return made

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the path by its new name, or the paths, each once; None if one was split."""
        own = names.get(self.name, {})
        if not self.multiple:
            return own.get(str(answer), answer)
        found = chosen(answer, own, self.label_names)
        return None if found is None else [*found]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer: ``label`` is a path, or a list of paths where there may be several."""
        return decoded(answers, pl.List(pl.String) if self.multiple else pl.String)

    def _nodes(self) -> Iterator[Label]:
        return (each for each in tuple(self.labels) if isinstance(each, Label))

    def _node(self, path: object, answer: Json) -> str:
        known = self._known(path, answer)
        if not _is_choice(self, known):
            raise LabelError(self.name, answer, expected="a leaf below it")
        return known


def _is_choice(question: Taxonomy, name: str) -> bool:
    """Tell whether a node is an answer."""
    below = f"{name}{question.separator}"
    return not question.leaves_only or not any(each.startswith(below) for each in question.label_names)


def _walked(tree: object, separator: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of a tree of mappings, each node before those below it."""
    if not isinstance(tree, Mapping):
        raise SchemaError(f"Expected mappings within mappings as a tree, found {shorten(tree)}.")
    for part, below in tree.items():
        if not isinstance(part, str) or separator in part:
            raise SchemaError(f"Expected text without {separator!r} as a node, found {shorten(part)}.")
        path = (*above, part)
        yield separator.join(path)
        yield from _walked({} if below is None else below, separator, path)


def _with_inner(paths: Sequence[object], question: Taxonomy) -> Iterator[object]:
    """Yield every node once, in order, also those that stand in the paths of others only."""
    seen: set[str] = set()
    for each in paths:
        name = each.name if isinstance(each, Label) else each
        if not isinstance(name, str):
            yield each
            continue
        parts = name.split(question.separator)
        if not all(part.strip() for part in parts):
            raise SchemaError(
                f"{question.name!r}: expected a path without empty parts, found {shorten(name)}."
            )
        for depth in range(1, len(parts)):
            inner = question.separator.join(parts[:depth])
            if inner not in seen:
                seen.add(inner)
                yield inner
        if name not in seen or isinstance(each, Label):
            seen.add(name)
            yield each
