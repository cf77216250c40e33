"""Real Jupyter servers for browser tests: JupyterLab and Notebook 7 on the loopback interface."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
from jupyter_client.blocking.client import BlockingKernelClient

from scripts.lab import choose_theme, free_port, wait_until_up

App = Literal["lab", "notebook"]

_PROGRAMS = {
    "lab": ("jupyterlab", "LabApp"),
    "notebook": ("notebook", "JupyterNotebookApp"),
}
_ROOT = Path(__file__).resolve().parent.parent.parent
_SECONDS = 60


@dataclass(frozen=True)
class Kernel:
    """One running kernel of a server, reached beside the browser."""

    server: Server
    kernel_id: str

    @property
    def process(self) -> psutil.Process:
        """The operating system's process, so that a test can kill it."""
        for process in psutil.Process(self.server.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(self.kernel_id in argument for argument in process.cmdline()):
                    return process
        message = f"No process of kernel {self.kernel_id}."
        raise LookupError(message)

    def run(self, code: str, *, wait: bool = True) -> None:
        """Run code as a cell would; raise what it raises, unless it is not waited for."""
        with self._client() as client:
            if not wait:
                client.execute(code, store_history=False)
                return
            reply = client.execute_interactive(
                code, store_history=False, timeout=_SECONDS, output_hook=lambda _: None
            )
            if reply["content"]["status"] != "ok":
                message = "\n".join(reply["content"]["traceback"])
                raise RuntimeError(message)

    def value(self, expression: str) -> Any:  # noqa: ANN401 -- whatever JSON it stands for
        """Return the value of an expression, as JSON carries it."""
        with self._client() as client:
            wanted = {"value": f"__import__('json').dumps({expression})"}
            reply = client.execute_interactive(
                "", user_expressions=wanted, store_history=False, timeout=_SECONDS
            )
            result = reply["content"]["user_expressions"]["value"]
            if result["status"] != "ok":
                message = "\n".join(result["traceback"])
                raise RuntimeError(message)
            # The reply holds the repr of a str that holds JSON.
            return json.loads(ast.literal_eval(result["data"]["text/plain"]))

    def kill(self) -> None:
        """End the process at once, as a crash would (SIGKILL)."""
        self.process.kill()

    def restart(self) -> None:
        """Restart it the way the menu does."""
        self.server.request("POST", f"/api/kernels/{self.kernel_id}/restart")

    @contextlib.contextmanager
    def _client(self) -> Iterator[BlockingKernelClient]:
        file = self.server.state / "runtime" / f"kernel-{self.kernel_id}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels(stdin=False, hb=False)
        try:
            client.wait_for_ready(timeout=_SECONDS)
            yield client
        finally:
            client.stop_channels()


@dataclass(frozen=True)
class Server:
    """One running server.

    `folder` is its root folder, `state` everything else it writes.
    """

    app: App
    url: str
    folder: Path
    state: Path
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def request(self, method: str, path: str) -> Any:  # noqa: ANN401 -- whatever the REST API answers
        """Ask the server's REST API."""
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310 -- our own server
        with urllib.request.urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310 -- our own server
            body = reply.read()
        return json.loads(body) if body else None

    def kernel_of(self, notebook: str) -> Kernel:
        """Return the kernel a notebook runs on."""
        for session in self.request("GET", "/api/sessions"):
            if session["path"] == notebook:
                return Kernel(self, session["kernel"]["id"])
        message = f"No session of {notebook}."
        raise LookupError(message)

    def shut_down_kernels(self) -> None:
        """End all kernels, so that no test meets what another left behind."""
        for session in self.request("GET", "/api/sessions"):
            self.request("DELETE", f"/api/sessions/{session['id']}")
        for kernel in self.request("GET", "/api/kernels"):
            self.request("DELETE", f"/api/kernels/{kernel['id']}")


@contextlib.contextmanager
def serve(app: App, place: Path) -> Iterator[Server]:
    """Run a server without token in a folder of its own; nothing of the user's settings reaches it."""
    folder, state = place / "root", place / "state"
    folder.mkdir(parents=True, exist_ok=True)  # a server that is restarted finds what was there
    state.mkdir(exist_ok=True)
    choose_theme(state, "light")
    port = free_port()
    with (state / "server.log").open("wb") as log:
        process = subprocess.Popen(
            _command(app, folder, port),
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(state),
            cwd=folder,
        )
    try:
        wait_until_up(port, process)
        server = Server(app, f"http://127.0.0.1:{port}", folder, state, process)
        yield server
        if process.poll() is None:  # a test may have killed it
            server.shut_down_kernels()
    finally:
        _end(process)


def _command(app: App, folder: Path, port: int) -> list[str]:
    module, section = _PROGRAMS[app]
    return [
        *(sys.executable, "-m", module, "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True"),
        *(f"--ServerApp.root_dir={folder}", f"--{section}.expose_app_in_browser=True"),
        *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
    ]


def _environment(state: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "XDG_", "PYTEST"))
    }
    places = {
        "HOME": "home",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_CACHE_HOME": "home/.cache",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_ANNOTATE_CACHE": "cache",
    }
    for place in places.values():
        (state / place).mkdir(parents=True, exist_ok=True)
    # The kernels import this checkout, whatever may be installed.
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path} | {name: str(state / place) for name, place in places.items()}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=20)
