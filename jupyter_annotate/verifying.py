"""Verifying: recompute every digest of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_annotate.events import EventKind
from jupyter_annotate.project import Project
from jupyter_annotate.storage import Head, Verification
from jupyter_annotate.storage.batch_names import batch_names

__all__ = ["verify"]


def verify(project: Project, anchor: Head | Mapping[str, Any] | None = None) -> Verification:
    """Recompute every digest of a project: the chain of its log, and each batch of items and pre-labels.

    Parameters
    ----------
    project
        Which.
    anchor
        A head kept elsewhere, as for `EventLog.verify`.

    Returns
    -------
    verification
        The head, and how many payloads were erased.

    Raises
    ------
    IntegrityError
        If an event or a batch is not what was written, or is gone.
    """
    found = project.log.verify(anchor)
    store = project._store  # noqa: SLF001 -- two halves of one thing
    for kind, batches in ((EventKind.ITEMS, store.items), (EventKind.PRELABELS, store.prelabels)):
        for digest in batch_names(project.events(), kind):
            batches.verify(digest)
    return found
