"""What `status(deep=True)` looks at: every byte of the batches, every page of the log, every answer."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from jupyter_annotate.errors import AnnotateError
from jupyter_annotate.events import EventKind
from jupyter_annotate.misfits import misfits
from jupyter_annotate.project import Project
from jupyter_annotate.storage.batch_names import batch_names
from jupyter_annotate.storage.sqlite import SqliteLog

__all__ = ["deep_findings"]

#: So many findings of one kind say enough.
_MOST = 5


def deep_findings(project: Project) -> list[str]:
    """Return what is wrong with a project, each a sentence.

    Parameters
    ----------
    project
        Which.
    """
    findings: list[str] = []
    for look in (_batches, _pages, _answers):
        try:
            found = [*look(project)]
        except (AnnotateError, OSError, pl.exceptions.PolarsError) as error:
            found = [str(error)]
        more = [f"And {len(found) - _MOST} more of this kind."] if len(found) > _MOST else []
        findings += [*found[:_MOST], *more]
    return findings


def _batches(project: Project) -> Iterator[str]:
    store = project._store  # noqa: SLF001 -- two halves of one thing
    for kind, batches in ((EventKind.ITEMS, store.items), (EventKind.PRELABELS, store.prelabels)):
        for digest in batch_names(project.events(), kind):
            try:
                batches.verify(digest)
            except AnnotateError as error:
                yield str(error)


def _pages(project: Project) -> Iterator[str]:
    """Let SQLite look at its own pages: an index may be damaged where every row still reads well."""
    if isinstance(project.log, SqliteLog):
        for problem in project.log.damage():
            yield f"SQLite says of {project.log.location}: {problem}. Copy the folder elsewhere first."


def _answers(project: Project) -> Iterator[str]:
    """Compare the answers that stand with their questions and with what their items show."""
    answers = project.annotations()
    known = pl.Series(project.table.rows_of(answers["item_id"]) >= 0)
    for item_id in answers.filter(~known)["item_id"].unique(maintain_order=True):
        yield f"There are answers to {item_id!r}, and no such item."
    for item_id, who, error in misfits(answers.filter(known), project.schema, project.table.items):
        yield f"The answer of {who!r} on {item_id!r} does not fit: {error}"
