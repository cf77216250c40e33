"""Where a project of the arena lies, and what can happen to that store while people label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LEAD = "lead"
"""Who begins the project and says who gets what."""


class Place(Protocol):
    """A store for many annotators.

    Attributes
    ----------
    location
        What everybody opens.
    credentials
        A folder with one password file a member, if the store asks for passwords.
    has_server
        There is a database server that can be restarted.
    """

    @property
    def location(self) -> str:
        """What everybody opens."""

    @property
    def credentials(self) -> Path | None:
        """A folder with one password file a member, if the store asks for passwords."""

    @property
    def has_server(self) -> bool:
        """Tell whether there is a database server that can be restarted."""

    def add_members(self, annotators: Sequence[str]) -> None:
        """Let these annotators in."""

    def location_of(self, annotator: str) -> str:
        """Return what opens it for an annotator in a process that has no password."""

    def environment(self, annotator: str) -> Mapping[str, str]:
        """Return what an annotator's process needs to get in."""

    def restart(self) -> None:
        """End the database server at once, as a crash would, and start it again."""


@dataclass(frozen=True)
class Folder:
    """A folder that everybody on this computer reaches: SQLite, or segments."""

    location: str
    credentials: Path | None = None
    has_server: bool = False

    def add_members(self, annotators: Sequence[str]) -> None:
        """Do nothing: whoever reaches the folder is in."""

    def location_of(self, annotator: str) -> str:  # noqa: ARG002 -- the same for everybody
        """Return the folder."""
        return self.location

    def environment(self, annotator: str) -> Mapping[str, str]:  # noqa: ARG002 -- the same for everybody
        """Return nothing: no password is asked."""
        return {}

    def restart(self) -> None:
        """Refuse: there is no server, and the arena asks `has_server` first."""
        message = f"{self.location} is a folder and has no server to restart"
        raise RuntimeError(message)
