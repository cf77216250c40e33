"""A real JupyterHub on the loopback interface: started, stopped, killed and started again.

Its configuration is the one of the guide, docs/hub/jupyterhub_config.py, with a test's ports and users.
"""

from __future__ import annotations

import contextlib
import http
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import Page

from scripts.lab import choose_theme, free_port
from tests.ui.pages import PATIENCE
from tests.ui.servers import Server

ROOT = Path(__file__).resolve().parent.parent.parent
PROXY = ROOT / "node_modules" / ".bin" / "configurable-http-proxy"
GUIDE = ROOT / "docs" / "hub" / "jupyterhub_config.py"

_SECONDS = 120
_CONFIG = """
c = get_config()
load_subconfig({guide!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.db_url = "sqlite:///{place}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{place}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set({users!r})
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{place}/home/{{username}}"
c.Spawner.cmd = {command!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = {seconds}
c.Spawner.environment = {{
    name: lambda spawner, folder=folder: f"{place}/home/{{spawner.user.name}}/{{folder}}"
    for name, folder in {folders!r}.items()
}}
c.JupyterHub.load_groups = {{"team": {{"users": {team!r}}}}}
c.JupyterHub.load_roles = [
    {{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "access:servers"]}},
    {{"name": "collaborate", "groups": ["team"], "scopes": {scopes!r}}},
]
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
"""
_SINGLE_USER = [
    *(sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"),
    *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
]
#: Where a user's processes write, below the user's home.
_FOLDERS = {
    "JUPYTER_RUNTIME_DIR": "state/runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTER_ANNOTATE_CACHE": "state/cache",
    "JUPYTER_ANNOTATE_STATE": "state/annotate",
}


def requires_proxy() -> None:
    """Leave a test out where the proxy's Node package is not installed, or fail it where it must run."""
    if PROXY.exists() and shutil.which("node"):
        return
    message = "no configurable-http-proxy: install Node 20, then make setup"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)


class RefusedError(Exception):
    """A REST API answered with the code of an error.

    Parameters
    ----------
    url
        What was asked.
    code
        Of HTTP.
    """

    def __init__(self, url: str, code: int) -> None:
        self.code = code
        super().__init__(f"{url} answered with {code}.")


@dataclass(frozen=True)
class UserServer(Server):
    """The single-user server of one account; its REST API is asked with the tests' own token."""

    token: str

    def request(self, method: str, path: str) -> Any:  # noqa: ANN401 -- whatever the REST API answers
        """Ask the server's REST API."""
        return _ask(method, self.url + path, self.token)


@dataclass
class Hub:
    """One hub with its users' servers.

    Parameters
    ----------
    place
        Everything it writes: logs, its database, the users' homes.
    users
        Accounts that may log in, with any password.
    project
        What the users' kernels are told to open.
    credentials
        A folder of one password file a user.
    shared
        An account whose server all others may use, as the collaboration accounts of JupyterHub.
    """

    place: Path
    users: tuple[str, ...]
    project: str
    credentials: Path | None = None
    shared: str | None = None
    ports: tuple[int, int, int] = field(default_factory=lambda: (free_port(), free_port(), free_port()))
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its public address: that of the proxy."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def log(self) -> Path:
        """What hub, proxy and users' servers said, over all starts."""
        return self.place / "hub.log"

    def home(self, user: str) -> Path:
        """Return a user's home folder; servers start in it."""
        return self.place / "home" / user

    def begin(self) -> None:
        """Start the hub; it goes on from its own database, with the servers that are up."""
        self.place.mkdir(parents=True, exist_ok=True)
        for user in self.users:
            self.home(user).mkdir(parents=True, exist_ok=True)
            choose_theme(self.home(user), "light")
        config = self.place / "jupyterhub_config.py"
        config.write_text(self._config(), encoding="utf-8")
        config.chmod(0o600)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=self.place,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
            )

    def wait_until_up(self) -> None:
        """Wait for the hub to answer through its proxy."""
        self._wait(self.is_up, "the hub to answer")

    def is_up(self) -> bool:
        """Tell whether the hub answers through its proxy."""
        assert self._process is not None
        if self._process.poll() is not None:
            message = f"JupyterHub ended with code {self._process.returncode}; see {self.log}."
            raise RuntimeError(message)
        with contextlib.suppress(OSError, RefusedError):
            _ask("GET", f"{self.url}/hub/api", self.token, seconds=3)
            return True
        return False

    def stop(self) -> None:
        """End the hub in order; servers of users go on."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the hub at once, as a crash would (SIGKILL); proxy and servers of users go on."""
        self._end(signal.SIGKILL)

    def start_server(self, user: str) -> None:
        """Start a user's server as the control panel does, and wait until it answers."""
        self._ask_hub("POST", user)
        self._wait(lambda: self._is_running(user), f"the server of {user}")

    def stop_server(self, user: str) -> None:
        """Stop a user's server with all its kernels, and wait until it is gone."""
        self._ask_hub("DELETE", user)
        self._wait(lambda: not self._is_running(user), f"the server of {user} to stop")

    def server(self, user: str) -> UserServer:
        """Return a user's server, to open notebooks on."""
        assert self._process is not None
        home = self.home(user)
        return UserServer("lab", f"{self.url}/user/{user}", home, home / "state", self._process, self.token)

    def log_in(self, page: Page, user: str, then: str, *, at: str | None = None) -> None:
        """Log in with the hub's own form, at another address than its own, and go on to a page."""
        page.goto(f"{at or self.url}/hub/login?next={quote(then, safe='')}", wait_until="commit")
        page.locator("#username_input").fill(user, timeout=2 * PATIENCE)
        page.locator("#password_input").fill("any")
        page.locator("#login_submit").click()

    def close(self) -> None:
        """End the hub, its proxy and every server and kernel of its users."""
        with contextlib.suppress(OSError):
            self._end(signal.SIGTERM)
        for pid in self._left_behind():
            with contextlib.suppress(psutil.NoSuchProcess):
                _end_tree(psutil.Process(pid))

    def _config(self) -> str:
        public, hub, api = self.ports
        others = [user for user in self.users if user != self.shared]
        scopes = [f"access:servers!user={self.shared}", f"servers!user={self.shared}"] if self.shared else []
        return _CONFIG.format(
            guide=str(GUIDE),
            proxy=str(PROXY),
            place=self.place,
            public=public,
            hub=hub,
            api=api,
            users=[*self.users],
            command=_SINGLE_USER,
            seconds=_SECONDS,
            folders=_FOLDERS,
            team=others if self.shared else [],
            scopes=scopes,
            token=self.token,
        )

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "IPYTHON", "XDG_", "PYTEST", "PG"))
        }
        # The kernels import this checkout, whatever may be installed.
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        credentials = {"ANNOTATE_CREDENTIALS": str(self.credentials)} if self.credentials else {}
        return kept | {"PYTHONPATH": path, "ANNOTATE_PROJECT": self.project} | credentials

    def _ask_hub(self, method: str, user: str) -> None:
        # 202: it takes a while. 400: it is on its way already.
        try:
            _ask(method, f"{self.url}/hub/api/users/{user}/server", self.token)
        except RefusedError as error:
            if error.code != http.HTTPStatus.BAD_REQUEST:
                raise

    def _is_running(self, user: str) -> bool:
        model = _ask("GET", f"{self.url}/hub/api/users/{user}", self.token)
        return "" in model["servers"] and bool(model["servers"][""]["ready"])

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _SECONDS
        while not condition():
            if time.monotonic() > end:
                message = f"Waited {_SECONDS} s for {what}; see {self.log}."
                raise TimeoutError(message)
            time.sleep(0.1)

    def _end(self, number: int) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.wait(timeout=_SECONDS)

    def _left_behind(self) -> Iterator[int]:
        """Yield the servers that wrote their pid into their runtime folder, and the proxy."""
        for file in self.place.glob("home/*/state/runtime/jpserver-*.json"):
            yield int(json.loads(file.read_text(encoding="utf-8"))["pid"])
        with contextlib.suppress(OSError, ValueError):
            yield int((self.place / "jupyterhub-proxy.pid").read_text(encoding="utf-8"))


def _ask(method: str, url: str, token: str, seconds: float = _SECONDS) -> Any:  # noqa: ANN401 -- any JSON
    """Ask a REST API.

    Raises
    ------
    RefusedError
        If it answers with the code of an error.
    OSError
        If nobody answers.
    """
    headers = {"Authorization": f"token {token}"}
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 -- our own server
    try:
        with urllib.request.urlopen(request, timeout=seconds) as reply:  # noqa: S310 -- our own server
            body = reply.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise RefusedError(url, error.code) from None
    return json.loads(body) if body else None


def _end_tree(process: psutil.Process) -> None:
    whole = [process, *process.children(recursive=True)]
    for each in whole:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(whole, timeout=20)
