"""Translation: the versions of a project's schema, and answers in the words of any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from jupyter_annotate.columns import EVENTS, empty
from jupyter_annotate.errors import SchemaError, UnknownNameError
from jupyter_annotate.events import EventKind, Json, canonical_json
from jupyter_annotate.migration import Migration
from jupyter_annotate.questions.base import Renamed
from jupyter_annotate.questions.conditions import CANNOT_TELL
from jupyter_annotate.questions.marks import MarkQuestion
from jupyter_annotate.schema import Schema

__all__ = ["LATER", "SAID", "UNDECIDED", "History", "Version"]

#: Whether an answer can be said in the words of a version: yes; no, since a label of it was split; no, since
#: it is in the words of a later one.
SAID, UNDECIDED, LATER = "said", "undecided", "later"

_WITHDRAWN = "null"
_OF_EVENT = {
    "kind": pl.String,
    "value": pl.String,
    "position": pl.Int64,
    "at": pl.Int64,
    "annotator_id": pl.String,
}


@dataclass(frozen=True)
class Version:
    """A schema as it was in force.

    Parameters
    ----------
    number
        0 for the first.
    schema
        What was asked.
    position, at
        Of its event, and when that was, in microseconds.
    annotator_id
        Who decided it.
    migration
        What changed; None for the first.
    reason
        Why.
    """

    number: int
    schema: Schema
    position: int
    at: int
    annotator_id: str = ""
    migration: Migration | None = None
    reason: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Of the schema: what answers name."""
        return self.schema.fingerprint


class History:
    """The versions of the schema of one project.

    Parameters
    ----------
    events
        EVENTS, from the first on.
    schema
        The one in force, with the functions and folders that are no part of what is stored.

    Attributes
    ----------
    versions
        In order.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Text
    >>> project = Project.open(":memory:", schema=Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    >>> [version.number for version in History(project.events()).versions]
    [0]
    """

    def __init__(self, events: pl.DataFrame, schema: Schema | None = None) -> None:
        self.versions: list[Version] = []
        self._names: list[dict[str, Renamed]] = []
        self.take_in(events)
        if schema is not None:
            self.versions[-1] = replace(self.versions[-1], schema=schema)

    @property
    def current(self) -> Version:
        """The version in force."""
        return self.versions[-1]

    def take_in(self, events: pl.DataFrame) -> bool:
        """Take in the versions among these events that are not known yet; tell whether there were any."""
        known = self.versions[-1].position if self.versions else 0
        found = events.filter(
            pl.col("kind") == EventKind.SCHEMA, pl.col("value").is_not_null(), pl.col("position") > known
        )
        for row in found.select("value", "position", pl.col("at").cast(pl.Int64), "annotator_id").iter_rows():
            self._add(*row)
        return bool(self.versions) and self.versions[-1].position > known

    def version(self, which: int | str | None = None) -> Version:
        """Return a version by number or fingerprint, the last that has it; the one in force by default.

        Raises
        ------
        UnknownNameError
            If there is no such version.
        """
        if which is None:
            return self.current
        known = [version.fingerprint for version in self.versions]
        if isinstance(which, str) and which in known:
            return self.versions[len(known) - 1 - known[::-1].index(which)]
        if isinstance(which, int) and not isinstance(which, bool) and 0 <= which < len(known):
            return self.versions[which]
        raise UnknownNameError(
            "version of the schema", which, [f"{n} ({f[:12]})" for n, f in enumerate(known)]
        )

    def with_next(self, migration: Migration) -> History:
        """Return these versions and the one that a migration would make of the last.

        Raises
        ------
        SchemaError
            If it does not fit.
        """
        last, made = self.current, History(empty(EVENTS))
        names, schema = migration.names(last.schema), migration.schema(last.schema)
        made.versions = [
            *self.versions,
            Version(last.number + 1, schema, last.position + 1, last.at + 1, "", migration),
        ]
        made._names = [*self._names, names]
        return made

    def end(self, which: int | str | None) -> int | None:
        """Return the position at which the next version took the place of this one, None for the last."""
        following = self.versions[self.version(which).number + 1 :]
        return following[0].position if following else None

    def named(self, fingerprint: str) -> Schema:
        """Return the schema an event names; the one in force where it names none.

        Raises
        ------
        SchemaError
            If this project never had it.
        """
        if not fingerprint:
            return self.current.schema
        for version in reversed(self.versions):
            if version.fingerprint == fingerprint:
                return version.schema
        raise SchemaError(
            f"An event names the schema {fingerprint[:12]}, which this project never had: leave schema= of "
            "the event out."
        )

    def told(self, rows: pl.DataFrame, to: int | None = None) -> pl.DataFrame:
        """Return rows with their answers in the words of a version, each different answer read once.

        Parameters
        ----------
        rows
            question, value, schema and at, of answers.
        to
            Number of the version; the last by default.

        Returns
        -------
        rows
            The same, with the number of the ``version`` they were given under, and ``fate``: `SAID`, or
            `UNDECIDED` or `LATER`, and then the value is null.
        """
        to = self.current.number if to is None else to
        numbered = rows.with_columns(version=self._number_of_row())
        other = pl.col("version") != to
        said = pl.col("value").is_not_null() & (pl.col("value") != _WITHDRAWN) & (pl.col("question") != "")
        distinct = numbered.filter(other & said).select("question", "value", "version").unique()
        if distinct.is_empty():
            return numbered.with_columns(fate=pl.lit(SAID))
        found = [self._answer(*row, to=to) for row in distinct.iter_rows()]
        words = distinct.with_columns(
            told=pl.Series([value for value, _ in found], dtype=pl.String),
            fate=pl.Series([fate for _, fate in found], dtype=pl.String),
        )
        joined = numbered.join(words, on=["question", "value", "version"], how="left", maintain_order="left")
        changed = pl.when(pl.col("fate").is_null()).then(pl.col("value")).otherwise(pl.col("told"))
        told = joined.with_columns(value=changed, fate=pl.col("fate").fill_null(SAID))
        return told.select(*rows.columns, "version", "fate")

    def said(self, rows: pl.DataFrame, to: int | None = None) -> pl.DataFrame:
        """Return the rows that can be said in the words of a version, in its words."""
        return self.told(rows, to).filter(pl.col("fate") == SAID).select(*rows.columns)

    def sketch(self, question: str, value: str, version: int, to: int) -> Json:
        """Return what of an undecided answer can be shown to who decides again, None if that is nothing.

        A mark keeps its place; instead of a label that was split it has one with a question mark, which is
        none.
        """
        answer: Json = json.loads(value)
        if not isinstance(self.versions[to].schema.questions.get(question), MarkQuestion):
            return None
        for number in range(version + 1, to + 1):
            asked = {
                name: {old: f"{old}?" if new is None else new for old, new in own.items()}
                for name, own in self._names[number].items()
            }
            answer = self.versions[number].schema.questions[question].relabeled(answer, asked)
        return answer

    def _add(self, value: str, position: int, at: int, annotator_id: str) -> None:
        spec: dict[str, Any] = json.loads(value)
        migration, last = None, self.versions[-1] if self.versions else None
        if last is not None and not isinstance(spec.get("migration"), dict):
            return  # somebody's second beginning, which changed nothing
        schema, names = Schema.from_json(spec), {}
        if last is not None:
            migration = Migration.from_json(spec["migration"])
            names, mine = migration.names(last.schema), migration.schema(last.schema)
            # Functions and folders are no part of what is stored.
            schema = mine if mine == schema else schema
        number, reason = len(self.versions), str(spec.get("reason") or "")
        self._names.append(names)
        self.versions.append(Version(number, schema, position, at, annotator_id, migration, reason))

    def _number_of_row(self) -> pl.Expr:
        """Tell the version by its fingerprint; by time where several have it, or none."""
        since = pl.col("at").cast(pl.Int64)
        in_force, named = pl.lit(0), pl.lit(None, dtype=pl.Int32)
        seen: set[str] = set()
        for version in self.versions:
            in_force = pl.when(since >= version.at).then(version.number).otherwise(in_force)
            again = version.fingerprint in seen
            is_it = (pl.col("schema") == version.fingerprint) & ((since >= version.at) if again else True)
            named = pl.when(is_it).then(version.number).otherwise(named)
            seen.add(version.fingerprint)
        return pl.coalesce(named, in_force).alias("version")

    def _answer(self, question: str, value: str, version: int, *, to: int) -> tuple[str | None, str]:
        """Return one answer in the words of a version, and what became of it."""
        if version > to:
            same = self.versions[version].fingerprint == self.versions[to].fingerprint
            return (value, SAID) if same else (None, LATER)
        answer: Json = json.loads(value)
        for asked, names in self._steps(question, version, to):
            answer = answer if answer == CANNOT_TELL else asked.relabeled(answer, names)
            if answer is None:
                return None, UNDECIDED
        return canonical_json(answer), SAID

    def _steps(self, question: str, version: int, to: int) -> Iterator[tuple[Any, dict[str, Renamed]]]:
        for number in range(version + 1, to + 1):
            asked = self.versions[number].schema.questions.get(question)
            if asked is not None:
                yield asked, self._names[number]
