"""Roles: who may do what in a project, as a fold of the log."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from jupyter_annotate.columns import ROLES, empty
from jupyter_annotate.errors import AnnotateError, UnknownNameError, list_some
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.identity import Identity
from jupyter_annotate.project import Project
from jupyter_annotate.views import in_order

__all__ = ["Role", "appoint", "refuse_unless_lead", "roles"]

_APPOINTMENT = pl.Struct({"annotator": pl.String, "role": pl.String})


class Role(StrEnum):
    """What somebody is in a project. Whoever was never appointed is an annotator."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise UnknownNameError("role", value, [role.value for role in cls])


def roles(project: Project) -> pl.DataFrame:
    """Return who has which role, and since when.

    Whoever began the project is its lead, if it was known who that is. Later appointments replace earlier
    ones. In a folder, roles are a record and a courtesy: whoever can write to the folder can write anything
    into it. A database with members enforces its own table of them; what `appoint` changes there stands here
    too, what its administrators change there does not.

    Parameters
    ----------
    project
        Which.

    Returns
    -------
    roles
        annotator_id, role, since; the longest in their role first. Annotators who were never appointed do not
        appear.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Project, Schema, Text
    >>> project = Project.open(":memory:", schema=Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    >>> by = None if roles(project).is_empty() else roles(project)["annotator_id"][0]
    >>> appoint(project, "grace", "reviewer", by=by)
    >>> roles(project).filter(annotator_id="grace")["role"].item()
    'reviewer'
    """
    return _fold(project.events())


def appoint(project: Project, annotator: str, role: str, *, by: str | None = None) -> None:
    """Give somebody a role. The log keeps who did so and when.

    In a folder this is a record and a courtesy, as `roles` says. Where a database knows its members it is the
    database that allows or refuses it, and from then on enforces it.

    Parameters
    ----------
    project
        In which.
    annotator
        To whom.
    role
        ``annotator``, ``reviewer``, ``adjudicator`` or ``lead``.
    by
        Who appoints; by default the environment is asked: see `Identity`.

    Raises
    ------
    UnknownNameError
        If there is no such role.
    AnnotateError
        If there are leads and it is none of them who appoints, or the last lead would be none any more. A
        store with members decides that itself.
    SchemaError
        If a name is blank, no text, or holds characters that cannot be stored.
    StorageError
        If the store refuses it, or cannot be written.
    """
    who, given = Identity.resolve(by, access=project.log), Role(role)
    name = Identity.claimed(annotator, "explicit").annotator_id
    known = project.events()
    event = Event(
        kind=EventKind.ROLE,
        annotator_id=who.annotator_id,
        value={"annotator": name, "role": given.value},
        context=who.context(),
        schema=project.schema.fingerprint,
    )

    def decide(new: pl.DataFrame, _now: int) -> list[Event]:
        held = dict(_fold(pl.concat([known, new])).select("annotator_id", "role").iter_rows())
        if project.log.member is None:
            _refuse(held, who, name, given)
        return [] if held.get(name) == given else [event]

    project.log.appoint(name, given)
    project.log.append_after(known["position"][-1], decide)


def refuse_unless_lead(project: Project, who: Identity, does: str) -> None:
    """Refuse what only a lead does; a store with members decides that itself.

    Parameters
    ----------
    project
        Where.
    who
        Who wants to.
    does
        What it is, as the rest of a sentence about a lead.

    Raises
    ------
    AnnotateError
        If there are leads and this is none of them.
    """
    leads = roles(project).filter(pl.col("role") == Role.LEAD)["annotator_id"].to_list()
    if project.log.member is None and leads and who.annotator_id not in leads:
        message = (
            f"Only a lead {does} here: {list_some(leads)}. You are known as {who.annotator_id!r} "
            f"({who.source}); ask one of them, or say who you are with annotator='your name'."
        )
        raise AnnotateError(message)


def _fold(events: pl.DataFrame) -> pl.DataFrame:
    begun = events.filter(pl.col("kind") == EventKind.SCHEMA).head(1).filter(pl.col("annotator_id") != "")
    given = in_order(events).filter(pl.col("kind") == EventKind.ROLE, pl.col("value").is_not_null())
    appointed = given.select("at", named=pl.col("value").str.json_decode(_APPOINTMENT)).unnest("named")
    held = [
        begun.select("annotator_id", role=pl.lit(Role.LEAD.value), since="at"),
        appointed.select(annotator_id="annotator", role="role", since="at"),
    ]
    last = pl.concat([empty(ROLES), *held]).unique("annotator_id", keep="last", maintain_order=True)
    return last.sort("since", maintain_order=True)


def _refuse(held: dict[str, str], who: Identity, name: str, given: Role) -> None:
    leads = [each for each, role in held.items() if role == Role.LEAD]
    if leads and who.annotator_id not in leads:
        message = (
            f"Only a lead gives roles here: {list_some(leads)}. You are known as {who.annotator_id!r} "
            f"({who.source}); ask one of them, or say who you are with by='your name'."
        )
        raise AnnotateError(message)
    if leads == [name] and given != Role.LEAD:
        raise AnnotateError(f"{name!r} is the only lead of this project: appoint another lead first.")
