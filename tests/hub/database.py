"""A project of the arena in PostgreSQL: every member with a login and a password of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_annotate.storage import postgres_admin
from tests.hub.places import LEAD
from tests.postgres_cluster import Cluster, Team

_DATABASE = "labels"


@dataclass(frozen=True)
class Database:
    """One project on the server of this run.

    Parameters
    ----------
    cluster
        The server.
    team
        The project.
    credentials
        A folder with one password file a member, as the guide has it.
    """

    cluster: Cluster
    team: Team
    credentials: Path
    has_server: bool = True
    _passwords: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def location(self) -> str:
        """What everybody opens: it names neither a login nor a password, both come from the environment."""
        return f"postgresql://127.0.0.1:{self.cluster.port}/{_DATABASE}?project={self.team.project}"

    def add_members(self, annotators: Sequence[str]) -> None:
        """Give each a login that can answer in this name only."""
        self.credentials.mkdir(parents=True)
        owner = self.cluster.url("postgres", self.team.project)
        for annotator in annotators:
            # Logins are those of the whole server: an earlier test may have made this one.
            password = secrets.token_urlsafe(16)
            role = "lead" if annotator == LEAD else "annotator"
            postgres_admin.add_member(owner, annotator, role, password=password)
            self._passwords[annotator] = password
            line = f"127.0.0.1:{self.cluster.port}:{_DATABASE}:{annotator}:{password}\n"
            (self.credentials / f"{annotator}.pgpass").write_text(line, encoding="utf-8")

    def location_of(self, annotator: str) -> str:
        """Return the location with login and password, which only a test may write down."""
        bare = self.location.removeprefix("postgresql://")
        return f"postgresql://{annotator}:{self._passwords[annotator]}@{bare}"

    def environment(self, annotator: str) -> Mapping[str, str]:
        """Return login and password as libpq reads them."""
        return {"PGUSER": annotator, "PGPASSWORD": self._passwords[annotator]}

    def restart(self) -> None:
        """End the server at once and start it again."""
        self.cluster.stop()
        self.cluster.start()
