"""Sharing: share the items of a project among its annotators, and see who holds what."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.claims import Claims
from jupyter_annotate.columns import ASSIGNMENTS, empty
from jupyter_annotate.errors import StorageError
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.workflow import LeaseBook, Plan, State

__all__ = ["assignments", "blockers", "distribute", "release"]


def distribute(  # noqa: PLR0913 -- each fact has its own name
    project: Project,
    overlap: int = 1,
    *,
    cap: str = "hard",
    quota: int | None = None,
    lease: float = 900.0,
    annotator: str | None = None,
) -> Plan:
    """Share the items: from now on each goes to so many different annotators, and to nobody else.

    The plan is an event of the log: sessions that are open follow it with their next item, and it may be
    changed later by calling this again. The same plan again changes nothing.

    Parameters
    ----------
    project
        Whose items.
    overlap, cap, quota, lease
        As for `Plan`: answers an item needs; ``"hard"`` or ``"soft"``; items one annotator gets at most;
        seconds without a sign of life after which held items go to others.
    annotator
        Who decides that; by default the environment is asked.

    Returns
    -------
    plan
        The plan in force.

    Raises
    ------
    SchemaError
        If it is a plan nobody could follow.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Schema, Text
    >>> schema = Schema(Text("text"), Choice("mood", ["glad", "sad"]))
    >>> project = Project.open(":memory:", schema=schema, items={"item_id": ["a"], "text": ["Hooray!"]})
    >>> distribute(project, overlap=3).overlap
    3
    """
    plan = Plan(overlap, cap, quota, lease)
    value: Json = plan.to_json()
    if _book(project).plan != plan:
        who = Identity.resolve(annotator, access=project.log)
        event = Event(
            kind=EventKind.PLAN,
            annotator_id=who.annotator_id,
            value=value,
            context=who.context(),
            schema=project.schema.fingerprint,
        )
        project.log.append([event])
    return plan


def assignments(project: Project) -> pl.DataFrame:
    """Return ASSIGNMENTS: who holds, answered, skipped or lost which item, under the plan in force.

    Parameters
    ----------
    project
        Whose items.

    Returns
    -------
    assignments
        item_id, annotator_id, state, since, ends; by item. ``state`` is ``leased`` (held until ``ends``
        unless there is a sign of life), ``done`` (answered, and counts for the overlap), ``late`` (answered
        when all places were taken: kept, beyond the overlap), ``skipped`` or ``expired`` (given back).
        Without a plan there are none.
    """
    book = _book(project)
    if book.plan is None:
        return empty(ASSIGNMENTS)
    holders = book.holders()
    names = {int(state): state.name.lower() for state in State}
    lives = {name: book.seen(name) + book.plan.lease_us for name in holders["annotator_id"].unique()}
    ends = pl.col("annotator_id").replace_strict(lives, return_dtype=pl.Int64)
    frame = holders.select(
        "annotator_id",
        "since",
        item_id=pl.Series(project.table.ids(holders["row"].to_numpy()), dtype=pl.String),
        state=pl.col("state").replace_strict(names, return_dtype=pl.String),
        ends=pl.when(pl.col("state") == State.LEASED).then(ends),
    )
    return frame.select(*ASSIGNMENTS).cast({"since": ASSIGNMENTS["since"], "ends": ASSIGNMENTS["ends"]})  # type: ignore[dict-item]  # no open dtype


def blockers(project: Project) -> pl.DataFrame:
    """Return the items that are not complete, and what each of them waits for.

    An item that everybody has answered or passed over needs one more annotator, or a smaller overlap.

    Parameters
    ----------
    project
        Whose items.

    Returns
    -------
    blockers
        item_id, missing (answers it still wants), held_by, done_by, skipped_by (annotators); in the order of
        the project. None without a plan.
    """
    book = _book(project)
    overlap = 0 if book.plan is None else book.plan.overlap
    names = pl.col("annotator_id")
    of_row = (
        book.holders()
        .group_by("row")
        .agg(
            held_by=names.filter(pl.col("state") == State.LEASED),
            done_by=names.filter(pl.col("state") == State.DONE),
            skipped_by=names.filter(pl.col("state") == State.SKIPPED),
        )
    )
    everything = pl.DataFrame({"item_id": project.table.ids(range(len(project.table)))}).with_row_index("row")
    joined = everything.with_columns(pl.col("row").cast(pl.Int64)).join(of_row, on="row", how="left")
    filled = joined.with_columns(pl.col("held_by", "done_by", "skipped_by").fill_null([])).with_columns(
        missing=overlap - pl.col("done_by").list.len().cast(pl.Int64)
    )
    wanting = filled.sort("row").filter(pl.col("missing") > 0)
    return wanting.select("item_id", "missing", "held_by", "done_by", "skipped_by")


def release(project: Project, annotator: str | None = None) -> int:
    """Give back what an annotator holds and has not answered, so that others get it at once.

    Parameters
    ----------
    project
        Whose items.
    annotator
        Who; by default the environment is asked.

    Returns
    -------
    released
        How many items.
    """
    who = Identity.resolve(annotator, access=project.log).annotator_id
    return Claims(project, who).release()


def _book(project: Project) -> LeaseBook:
    if not isinstance(project, Project):
        raise StorageError("Expected an open project, such as Project.open('reviews').")
    events = project.events()
    book = LeaseBook("", project.table.rows_of)
    book.grow(len(project.table))
    book.take_in(events, lambda: events)
    return book
