"""Standings: who holds, has answered or lost which item, and what items wait for."""

from __future__ import annotations

import polars as pl

from jupyter_annotate.columns import ASSIGNMENTS, empty
from jupyter_annotate.errors import StorageError
from jupyter_annotate.project import Project
from jupyter_annotate.workflow import LeaseBook, State

__all__ = ["assignments", "blockers", "book_of"]


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
    book = book_of(project)
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
    book = book_of(project)
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


def book_of(project: Project) -> LeaseBook:
    """Return the book of a project as of now; nobody's in particular."""
    if not isinstance(project, Project):
        raise StorageError("Expected an open project, such as Project.open('reviews').")
    events = project.events()
    book = LeaseBook("", project.table.rows_of)
    book.grow(len(project.table))
    book.take_in(events, lambda: events)
    return book
