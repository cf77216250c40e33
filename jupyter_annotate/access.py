"""Access: what a store lets this writer see and sign."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["ANYBODY", "Access"]


class Access:
    """What a store lets this writer see and sign.

    A folder cannot tell people apart, so by default everybody sees all and signs as anybody. A database that
    knows its members says otherwise.

    Attributes
    ----------
    member
        Who the store says one is; None if it cannot tell.
    signs_for_others
        Whether that member may sign with other people's names.
    hidden
        Kinds of events whose payload others keep from this reader, as long as it may not see them.
    """

    member: str | None = None
    signs_for_others: bool = False
    hidden: Collection[str] = ()

    def appoint(self, annotator_id: str, role: str) -> None:
        """Give somebody a role where the store enforces it; a folder has nothing to enforce it with.

        Parameters
        ----------
        annotator_id
            Whom.
        role
            One of `jupyter_annotate.roles.ROLES`.
        """


#: What a folder says.
ANYBODY = Access()
