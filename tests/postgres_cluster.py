"""A throw-away PostgreSQL server for tests: started once a run, stopped and started again as they wish."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from jupyter_annotate.storage import postgres_admin

__all__ = ["Cluster", "Team", "shared_cluster"]

_IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
_DATABASE = "labels"
_SECONDS = 30
#: The server ends with the pipe's other end, and so with this process, however that ends.
_GUARDED = '"$@" & server=$!; read -r _; kill -QUIT $server; wait $server'
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Team:
    """One project on the server and its members."""

    cluster: Cluster
    project: str

    def url(self, annotator: str, *, port: int | None = None) -> str:
        """Return the location as one of the members; through a port of 127.0.0.1 with its password."""
        login = self.login(annotator)
        if port is not None:
            return f"postgresql://{login}:{login}@127.0.0.1:{port}/{_DATABASE}?project={self.project}"
        return self.cluster.url(login, self.project)

    def login(self, annotator: str) -> str:
        """Return the login of a member."""
        return f"{annotator}_{self.project}"

    def admit(self, annotator: str, role: str = "annotator") -> str:
        """Add a member and return its location."""
        login = self.login(annotator)
        owner = self.cluster.url("postgres", self.project)
        postgres_admin.add_member(owner, annotator, role, login=login, password=login)
        return self.url(annotator)

    def connect(self, login: str) -> psycopg.Connection[Any]:
        """Connect as a login of the server without the package."""
        return self.cluster.connect(login)


class Cluster:
    """A server in a folder of its own, on loopback and a Unix socket."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="ja-pg-"))
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        self.port = 0
        self._guard: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        data = str(self.folder / "data")
        options = ("--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")
        self._run("initdb", "-D", data, "--encoding=UTF8", "--locale=C.UTF-8", *options)

    def start(self) -> None:
        """Start, at the same port as before if there was one, and wait until it answers."""
        self.port = self.port or _free_port()
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        place = [f"--port={self.port}", f"--unix_socket_directories={self.folder}"]
        server = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *place, *settings]
        with (self.folder / "server.log").open("ab") as log:
            self._guard = subprocess.Popen(
                ["sh", "-c", _GUARDED, "sh", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
                start_new_session=True,
            )
        until = time.monotonic() + _SECONDS
        while not self._answers():
            if time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text(encoding="utf-8"))
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once, as a power cut would: what is not on its way to the disk is lost."""
        guard, self._guard = self._guard, None
        if guard is not None and guard.stdin is not None:
            guard.stdin.close()
            guard.wait(_SECONDS)

    @property
    def is_stopped(self) -> bool:
        """Tell whether it was stopped."""
        return self._guard is None

    def remove(self) -> None:
        """Stop and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, login: str, project: str = "annotate") -> str:
        """Return a location through the Unix socket, where the server asks for no password."""
        host = quote(str(self.folder), safe="")
        return f"postgresql://{quote(login)}@{host}:{self.port}/{_DATABASE}?project={project}"

    def connect(self, login: str = "postgres", database: str = _DATABASE) -> psycopg.Connection[Any]:
        """Connect without the package, each statement a transaction."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=login, dbname=database, autocommit=True
        )

    def team(self, **roles: str) -> Team:
        """Begin a project of its own with these members; by default Ada leads."""
        team = Team(self, f"t{next(self._numbers)}")
        postgres_admin.init(self.url("postgres", team.project))
        for annotator, role in (roles or {"ada": "lead"}).items():
            team.admit(annotator, role)
        return team

    def terminate(self, login: str) -> int:
        """End every session of a login and return how many there were."""
        with self.connect() as connection:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
            return len(connection.execute(query, [login]).fetchall())

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            self.connect(database="postgres").close()
            return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command, user=self._user, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _programs() -> Path | None:
    """Return where the server's programs are, the newest of those from 15 on."""
    known = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdigit()
    )
    found = shutil.which("initdb")
    newest = known[-1][1] if known and known[-1][0] >= 15 else None
    return newest or (Path(found).parent if found else None)


@cache
def _started() -> Cluster | str:
    programs = _programs()
    if programs is None:
        return "PostgreSQL 15 or newer is not installed: install it (Debian: apt-get install postgresql)"
    cluster = Cluster(programs)
    atexit.register(cluster.remove)
    cluster.start()
    with cluster.connect(database="postgres") as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE} ENCODING 'UTF8' TEMPLATE template0")
    return cluster


def shared_cluster() -> Cluster:
    """Return the server of this run; without PostgreSQL the test is skipped, and fails in CI."""
    found = _started()
    if isinstance(found, str):
        (pytest.fail if _IN_CI else pytest.skip)(found)
    return found
