"""Who the annotator is, and how we know."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from jupyter_annotate.access import ANYBODY, Access
from jupyter_annotate.errors import AnnotateError, SchemaError, shorten
from jupyter_annotate.events import Json, check_text
from jupyter_annotate.hub import whoami

__all__ = ["Assurance", "Identity"]

#: Account names that say which image is running, not who sits there.
_GENERIC = frozenset({"", "root", "jovyan", "nobody", "user", "ubuntu", "admin"})


class Assurance(IntEnum):
    """What stands behind a name, from a bare claim upwards (docs/identity.md).

    Up to `HUB_CHECKED` the kernel says so itself, and whoever has the kernel can make it say anything. From
    `DB_ROLE` on something outside the kernel refuses another name.
    """

    CLAIMED = 0
    ENVIRONMENT = 1
    HUB_CHECKED = 2
    DB_ROLE = 3
    SERVICE_CHECKED = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """An annotator's id and what it rests on.

    Parameters
    ----------
    annotator_id
        The name answers are signed with.
    source
        ``explicit`` (named in a cell), ``environment`` (``JUPYTER_ANNOTATE_USER``), ``hub_env``
        (``JUPYTERHUB_USER``), ``os_user``, ``asked`` (typed into the widget), ``hub_person`` (told to the
        browser by the hub), ``db_role`` (the login of the database) or ``unspecified``.
    assurance
        What stands behind it, as an `Assurance`.
    """

    annotator_id: str
    source: str
    assurance: Assurance = Assurance.CLAIMED

    @classmethod
    def resolve(
        cls,
        explicit: str | Self | None,
        environment: Mapping[str, str] | None = None,
        *,
        access: Access = ANYBODY,
    ) -> Self:
        """Find out who the annotator is.

        Parameters
        ----------
        explicit
            The name given in a cell, or an identity found before; it wins.
        environment
            ``JUPYTER_ANNOTATE_USER``, then ``JUPYTERHUB_USER``; the process's own by default. After them
            comes the system user, unless that is a generic account like ``root`` or ``jovyan``.
        access
            The log: where it knows its members, the own name wins over everything, and no other can be signed
            unless that member may sign for others.

        Raises
        ------
        SchemaError
            If the name is blank, no text, or holds characters that cannot be stored.
        AnnotateError
            If the database knows the annotator by another name.

        Examples
        --------
        >>> Identity.resolve("ada").source
        'explicit'
        >>> Identity.resolve(None, {"JUPYTERHUB_USER": "grace"})
        Identity(annotator_id='grace', source='hub_env', assurance=<Assurance.ENVIRONMENT: 1>)
        """
        given = explicit
        if given is not None and not isinstance(given, cls):
            given = cls.claimed(given, "explicit")
        if access.member is not None:
            return cls._of_member(given, access.member, signs_for_others=access.signs_for_others)
        if given is not None:
            return given
        return cls._of_environment(os.environ if environment is None else environment)

    @classmethod
    def claimed(cls, name: object, source: str) -> Self:
        """Take somebody's word for it.

        Parameters
        ----------
        name
            What the person, or the browser, says.
        source
            How it was said: ``explicit``, ``asked`` or ``hub_person``.

        Raises
        ------
        SchemaError
            If the name is blank, no text, or holds characters that cannot be stored.
        """
        return cls(_name(name, what="The annotator"), source)

    @property
    def is_known(self) -> bool:
        """Whether anything says who it is."""
        return self.source != "unspecified"

    def basis(self) -> dict[str, Json]:
        """Return what the name rests on, without anything more about the person."""
        return {"identity": self.source, "assurance": int(self.assurance)}

    def context(self) -> dict[str, Json]:
        """Return what stands beside every event about who signed it.

        A system account means nothing without its machine, so with it, and only with it, go host and number
        of the account. With a chosen name they would undo a pseudonym.
        """
        if self.source != "os_user":
            return self.basis()
        account = getattr(os, "getuid", None)
        return {**self.basis(), "host": socket.gethostname(), "uid": account() if account else None}

    @classmethod
    def _of_member(cls, given: Self | None, member: str, *, signs_for_others: bool) -> Self:
        if given is None or given.annotator_id == member:
            return cls(member, "db_role", Assurance.DB_ROLE)
        if signs_for_others:
            return given
        message = (
            f"The database knows you as {member!r}, so nothing can be signed {shorten(given.annotator_id)}: "
            "leave annotator= out, or open the project with that person's own login."
        )
        raise AnnotateError(message)

    @classmethod
    def _of_environment(cls, known: Mapping[str, str]) -> Self:
        if known.get("JUPYTER_ANNOTATE_USER", "").strip():
            return cls(_name(known["JUPYTER_ANNOTATE_USER"], what="JUPYTER_ANNOTATE_USER"), "environment")
        if known.get("JUPYTERHUB_USER", "").strip():
            name = _name(known["JUPYTERHUB_USER"], what="JUPYTERHUB_USER")
            is_checked = whoami(known) == name
            return cls(name, "hub_env", Assurance.HUB_CHECKED if is_checked else Assurance.ENVIRONMENT)
        return cls._of_system()

    @classmethod
    def _of_system(cls) -> Self:
        try:
            user = getpass.getuser()
        except (KeyError, OSError, ImportError):
            user = ""
        if user in _GENERIC:
            return cls("anonymous", "unspecified")
        return cls(user, "os_user", Assurance.ENVIRONMENT)


def _name(given: object, *, what: str) -> str:
    """Refuse a name that would sign answers with nothing."""
    if not isinstance(given, str) or not given.strip():
        message = f"{what} needs a name like 'ada', found {shorten(given)}."
        raise SchemaError(message)
    return check_text(given, what=what)
