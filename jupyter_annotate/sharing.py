"""Sharing: share the items of a project among its annotators."""

from __future__ import annotations

from jupyter_annotate.claims import Claims
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.standings import book_of
from jupyter_annotate.workflow import Plan

__all__ = ["distribute", "release"]


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
    if book_of(project).plan != plan:
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
    return Claims(project, Identity.resolve(annotator, access=project.log)).release()
