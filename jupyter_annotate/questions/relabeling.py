"""Relabeling: labels of an answer by the names they have after a migration."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Renamed

__all__ = ["chosen"]


def chosen(answer: Json, names: Renamed, order: Sequence[str]) -> list[str] | None:
    """Return the labels of a list by their new names, each once, in the order of the schema.

    Parameters
    ----------
    answer
        A list of labels.
    names
        What became of labels.
    order
        The labels of the new schema.

    Returns
    -------
    labels
        None if one was split.

    Examples
    --------
    >>> chosen(["a", "b"], {"a": "c", "b": "c"}, ["c", "d"])
    ['c']
    """
    given = answer if isinstance(answer, list) else []
    found = {names.get(str(each), str(each)) for each in given}
    return None if None in found else [name for name in order if name in found]
