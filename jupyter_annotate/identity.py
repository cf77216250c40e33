"""Who the annotator is, and how we know."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import check_text

__all__ = ["Identity"]

#: Account names that say which image is running, not who sits there.
_GENERIC = frozenset({"", "root", "jovyan", "nobody", "user", "ubuntu", "admin"})


@dataclass(frozen=True, slots=True)
class Identity:
    """An annotator's id and what it rests on.

    Parameters
    ----------
    annotator_id
        The name answers are signed with.
    source
        ``explicit``, ``environment``, ``hub_env``, ``os_user`` or ``unspecified``. All are claims: nothing
        here proves who is at the keyboard.
    """

    annotator_id: str
    source: str

    @classmethod
    def resolve(cls, explicit: str | None, environment: Mapping[str, str] | None = None) -> Self:
        """Find out who the annotator is.

        Parameters
        ----------
        explicit
            The name given in a cell; it wins.
        environment
            ``JUPYTER_ANNOTATE_USER``, then ``JUPYTERHUB_USER``; the process's own by default. After them
            comes the system user, unless that is a generic account like ``root`` or ``jovyan``.

        Raises
        ------
        SchemaError
            If the name is blank, no text, or holds characters that cannot be stored.

        Examples
        --------
        >>> Identity.resolve("ada")
        Identity(annotator_id='ada', source='explicit')
        >>> Identity.resolve(None, {"JUPYTERHUB_USER": "grace"}).source
        'hub_env'
        """
        if explicit is not None:
            return cls(_name(explicit, what="The annotator"), "explicit")
        known = os.environ if environment is None else environment
        for variable, source in (("JUPYTER_ANNOTATE_USER", "environment"), ("JUPYTERHUB_USER", "hub_env")):
            if known.get(variable, "").strip():
                return cls(_name(known[variable], what=variable), source)
        return cls._of_system()

    @classmethod
    def _of_system(cls) -> Self:
        try:
            user = getpass.getuser()
        except (KeyError, OSError, ImportError):
            user = ""
        return cls("anonymous", "unspecified") if user in _GENERIC else cls(user, "os_user")


def _name(given: object, *, what: str) -> str:
    """Refuse a name that would sign answers with nothing."""
    if not isinstance(given, str) or not given.strip():
        message = f"{what} needs a name like 'ada', found {shorten(given)}."
        raise SchemaError(message)
    return check_text(given, what=what)
