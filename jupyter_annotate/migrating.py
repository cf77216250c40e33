"""Migrating: see what a migration of the schema would do, and do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import polars as pl

from jupyter_annotate.agreement.relabeled import Change, measure_change
from jupyter_annotate.columns import UTC_TIME
from jupyter_annotate.errors import ColumnError, SchemaError, shorten
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json, canonical_json
from jupyter_annotate.identity import Identity
from jupyter_annotate.migration import Migration
from jupyter_annotate.project import Project, history_of
from jupyter_annotate.questions import Question
from jupyter_annotate.questions.conditions import told
from jupyter_annotate.questions.marks import MarkQuestion
from jupyter_annotate.roles import refuse_unless_lead
from jupyter_annotate.schema import Schema
from jupyter_annotate.translation import UNDECIDED, History

__all__ = ["MigrationPreview", "migrate", "preview_migration", "schema_versions"]

#: Gets the item, and the label of an answer, or the whole mark; returns one of its parts, or None.
Rule: TypeAlias = Callable[[dict[str, Any], Any], str | None]
_VERSIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "number": pl.Int64,
    "fingerprint": pl.String,
    "position": pl.Int64,
    "at": UTC_TIME,
    "annotator_id": pl.String,
    "reason": pl.String,
    "changes": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPreview:
    """What a migration does, or did.

    Parameters
    ----------
    migration
        The change.
    before, after
        The schema in force, and the one it becomes.
    counts
        label, before, after (how often it stands, whoever gave it), people_before, people_after.
    undecided, items
        How many answers have to be given again, as a label of them is split or they no longer fit, and on
        how many items.
    agreement
        Of people, before and after.
    suggested
        On how many items a rule suggests what to decide.
    position
        Of the event in the log; None as long as it is a preview.
    """

    migration: Migration
    before: Schema
    after: Schema
    counts: pl.DataFrame
    undecided: int
    items: int
    agreement: Change = field(default_factory=Change)
    suggested: int = 0
    position: int | None = None

    def __repr__(self) -> str:
        """Say it on one screen."""
        return "\n".join(_lines(self))


def preview_migration(project: Project, migration: Migration) -> MigrationPreview:
    """See what a migration would do. Nothing is written.

    Parameters
    ----------
    project
        In which.
    migration
        The change.

    Returns
    -------
    preview
        Counts of labels, what would be undecided, and agreement, before and after.

    Raises
    ------
    SchemaError
        If it does not fit the schema in force.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Schema, Session, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a"], "text": ["Hooray!"]})
    >>> _ = Session(project, annotator="ada").submit({"mood": "glad"})
    >>> preview_migration(project, Migration("mood", rename={"glad": "happy"})).counts["after"].to_list()
    [0, 0, 1]
    """
    _check(migration, "", None)
    return _preview(project, migration)[0]


def migrate(
    project: Project,
    migration: Migration,
    *,
    annotator: str | None = None,
    reason: str = "",
    split_by: Rule | None = None,
) -> MigrationPreview:
    """Change labels. Stored answers stay as they are; from now on they are shown in the new words.

    Whoever used a label that is split decides again: the item is open for them once more. Sittings that are
    open go on in the words they began with, and what is answered there counts as well.

    Parameters
    ----------
    project
        In which.
    migration
        The change.
    annotator
        Who decides that; by default the environment is asked. Where there are leads it has to be one.
    reason
        Why; the log keeps it.
    split_by
        A function of the item and of the label that is split, or of the mark that has it, that returns one
        of its parts, or None where it cannot tell. What it says is a suggestion of its name to whoever
        decides; where the answers of two people lead to different ones there is none.

    Returns
    -------
    done
        What it did, with its position in the log.

    Raises
    ------
    SchemaError
        If it does not fit the schema in force, or the function returns anything else.
    AnnotateError
        If somebody else leads this project.
    StorageError
        If the store refuses it, or cannot be written.

    Nothing is written when one of these is raised.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Schema, Session, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a"], "text": ["Hooray!"]})
    >>> _ = Session(project, annotator="ada").submit({"mood": "glad"})
    >>> lead = project.events()["annotator_id"][0] or None
    >>> done = migrate(project, Migration("mood", rename={"glad": "happy"}), annotator=lead, reason="style")
    >>> project.labels("mood")["label"].to_list(), project.labels("mood", schema=0)["label"].to_list()
    (['happy'], ['glad'])
    """
    _check(migration, reason, split_by)
    who = Identity.resolve(annotator, access=project.log)
    while True:
        last = int(project.events()["position"][-1])
        refuse_unless_lead(project, who, "changes the schema")
        preview, future, undecided = _preview(project, migration)
        suggested = _suggested(project, migration, future, undecided, split_by)
        event = Event(
            kind=EventKind.SCHEMA,
            annotator_id=who.annotator_id if who.is_known else "",
            value={**preview.after.to_json(), "migration": migration.to_json(), "reason": reason},
            context=who.basis(),
            schema=preview.after.fingerprint,
        )
        stored = project.log.append_unless([event], kinds={EventKind.SCHEMA, EventKind.ROLE}, after=last)
        if stored is not None:
            break
    project.events()
    if split_by is not None and len(suggested):
        project.add_prelabels(suggested, source=_name(split_by), kind=AnnotatorKind.FUNCTION)
    return replace(preview, position=stored[0], suggested=suggested["item_id"].n_unique())


def schema_versions(project: Project) -> pl.DataFrame:
    """Return the schemas a project has had.

    Parameters
    ----------
    project
        Which.

    Returns
    -------
    versions
        number (0 for the first), fingerprint, position, at, annotator_id, reason, changes (in words).
        ``project.labels(question, schema=number)`` returns what it did just before the next one came.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Text
    >>> project = Project.open(":memory:", schema=Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    >>> schema_versions(project)["number"].to_list()
    [0]
    """
    project.events()
    rows = [
        {
            **{name: getattr(version, name) for name in _VERSIONS if hasattr(version, name)},
            "changes": str(version.migration) if version.migration else "",
        }
        for version in history_of(project).versions
    ]
    return pl.DataFrame(rows, schema=_VERSIONS | {"at": pl.Int64}).cast({"at": UTC_TIME})


def _check(migration: object, reason: object, split_by: object) -> None:
    if not isinstance(migration, Migration):
        like = "Migration('mood', rename={'sad': 'unhappy'})"
        raise SchemaError(f"Expected a migration like {like}, found {shorten(migration)}.")
    if not isinstance(reason, str):
        raise SchemaError(f"Expected the reason as text, found {shorten(reason)}.")
    if split_by is not None and not (callable(split_by) and migration.split):
        expected = "split_by to be a function, and something to split"
        raise SchemaError(
            f"Expected {expected}, found {shorten(split_by)} and split={dict(migration.split)}."
        )


def _preview(project: Project, migration: Migration) -> tuple[MigrationPreview, History, pl.DataFrame]:
    """Return the preview, the versions with the one to come, and ANNOTATIONS that become undecided."""
    annotations = project.annotations()
    current = history_of(project).current
    future = history_of(project).with_next(migration)
    rows = annotations.with_columns(schema=pl.lit(current.fingerprint), at=pl.lit(current.at))
    said = future.told(rows)
    changed = annotations.with_columns(value=said["value"], fate=said["fate"])
    undecided = annotations.filter(changed["fate"] == UNDECIDED)
    after = changed.filter(pl.col("fate") != UNDECIDED).drop("fate")
    name = migration.question
    both = [
        (version.schema.question(name), told(frame.filter(pl.col("question") == name)))
        for version, frame in ((current, annotations), (future.current, after))
    ]
    people = [
        (asked, answers.filter(pl.col("annotator_kind") == AnnotatorKind.HUMAN)) for asked, answers in both
    ]
    preview = MigrationPreview(
        migration=migration,
        before=current.schema,
        after=future.current.schema,
        counts=_counts(both, people),
        undecided=len(undecided),
        items=undecided["item_id"].n_unique(),
        agreement=measure_change(*(asked.labels_frame(answers) for asked, answers in people)),
    )
    return preview, future, undecided


def _counts(
    everybody: list[tuple[Question, pl.DataFrame]], people: list[tuple[Question, pl.DataFrame]]
) -> pl.DataFrame:
    """Count how often each label stands."""
    names = [name for asked, _ in everybody for name in getattr(asked, "label_names", ())]
    frame = pl.DataFrame({"label": list(dict.fromkeys(names))}, schema={"label": pl.String})
    columns = ("before", "after", "people_before", "people_after")
    for column, (asked, answers) in zip(columns, [*everybody, *people], strict=True):
        counted = _count(asked, answers).rename({"n": column})
        frame = frame.join(counted, on="label", how="left", maintain_order="left")
    return frame.with_columns(pl.col(columns).fill_null(0))


def _count(asked: Question, answers: pl.DataFrame) -> pl.DataFrame:
    """Count the labels of answers; where LABELS do not name them, the answers that do."""
    labels = asked.labels_frame(answers).select("label")
    if labels["label"].dtype.is_nested():
        labels = labels.explode("label")
    counted = labels.drop_nulls().group_by("label").agg(n=pl.len().cast(pl.Int64))
    names = list(getattr(asked, "label_names", ()))
    if counted["label"].is_in(names).all():
        return counted
    said = [answers["value"].str.contains(canonical_json(name), literal=True).sum() for name in names]
    return pl.DataFrame({"label": names, "n": said}, schema={"label": pl.String, "n": pl.Int64})


# ---------------------------------------------------------------------------------- split by a rule


def _suggested(
    project: Project, migration: Migration, future: History, undecided: pl.DataFrame, rule: Rule | None
) -> pl.DataFrame:
    """Return what a rule says of the answers to decide again: one suggestion an item, or none."""
    mine = (
        undecided.filter(pl.col("question") == migration.question)
        .select("item_id", "value")
        .unique(maintain_order=True)
    )
    found: list[tuple[str, str]] = []
    if rule is not None and len(mine):
        asked = future.current.schema.question(migration.question)
        ids = mine["item_id"].unique(maintain_order=True).to_list()
        items = {item["item_id"]: item for item in project.table.items(ids)}
        names = migration.names(future.versions[-2].schema)[migration.question]
        decide = _Decider(asked, migration, names, rule)
        for item_id, value in mine.iter_rows():
            answer = decide(items[item_id], json.loads(value))
            if answer is not None:
                found.append((item_id, _cell(asked, answer)))
    frame = pl.DataFrame(found, schema={"item_id": pl.String, "value": pl.String}, orient="row").unique(
        maintain_order=True
    )
    one = frame.filter(pl.col("value").n_unique().over("item_id") == 1)
    return one.with_columns(question=pl.lit(migration.question))


def _cell(asked: Question, answer: Json) -> str:
    """Return an answer as a cell of pre-labels: names alone where the question takes them so."""
    if isinstance(answer, str):
        with suppress(ColumnError):
            asked.encode(pl.Series([answer]), [{}])
            return answer
    return canonical_json(answer)


@dataclass(frozen=True, slots=True)
class _Decider:
    """Puts what a rule says in place of labels that are split."""

    asked: Question
    migration: Migration
    names: Mapping[str, str | None]
    rule: Rule

    def __call__(self, item: dict[str, Any], answer: Json) -> Json:
        """Return the answer in the new words, None where the rule cannot tell."""
        if isinstance(self.asked, MarkQuestion) and isinstance(answer, list):
            marks = [self._mark(item, mark) for mark in answer]
            return None if None in marks else self.asked.relabeled(marks, {})
        chosen = {
            label: self._part(item, label, label)
            for label in self.migration.split
            if self._uses(answer, label)
        }
        return self._said(answer, chosen)

    def _mark(self, item: dict[str, Any], mark: Any) -> Json:  # noqa: ANN401 -- a mark
        label = mark["label"]
        chosen = {label: self._part(item, label, dict(mark))} if label in self.migration.split else {}
        said = self._said([mark], chosen)
        return said[0] if isinstance(said, list) and said else None

    def _part(self, item: dict[str, Any], label: str, given: Any) -> str | None:  # noqa: ANN401 -- a label or mark
        part, parts = self.rule(item, given), self.migration.split[label]
        if part is not None and part not in parts:
            expected = f"one of {list(parts)} or None"
            raise SchemaError(
                f"{_name(self.rule)} returned {shorten(part)} for {label!r} on {item['item_id']!r}: expected "
                f"{expected}. Nothing was changed."
            )
        return part

    def _uses(self, answer: Json, label: str) -> bool:
        parts = {each: of[0] for each, of in self.migration.split.items()}
        return self._said(answer, parts) is not None and self._said(answer, {**parts, label: None}) is None

    def _said(self, answer: Json, chosen: Mapping[str, str | None]) -> Json:
        return self.asked.relabeled(answer, {self.migration.question: {**self.names, **chosen}})


def _name(rule: Rule) -> str:
    return str(getattr(rule, "__name__", type(rule).__name__))


# ------------------------------------------------------------------------------------------- shown


def _lines(preview: MigrationPreview) -> Iterator[str]:
    done = "not done yet" if preview.position is None else f"done at position {preview.position:,}"
    yield f"{preview.migration} ({done})"
    for label, before, after in preview.counts.select("label", "before", "after").iter_rows():
        yield f"  {label}: {before:,} -> {after:,}"
    yield f"  to decide again: {preview.undecided:,} answers on {preview.items:,} items" + (
        f", suggestions on {preview.suggested:,}" if preview.suggested else ""
    )
    agreement = preview.agreement
    if agreement.before is not None and agreement.after is not None:
        yield f"  agreement before: {agreement.before!r}"
        yield f"  agreement after: {agreement.after!r}"
    if agreement.difference is not None:
        yield f"  difference: {agreement.difference!r}"
    if agreement.reason:
        yield f"  agreement: {agreement.reason}"
