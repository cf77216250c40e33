"""What every Jupyter server of ours needs: a free port, a theme, and the moment it answers."""

from __future__ import annotations

import http
import http.client
import json
import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def choose_theme(state: Path, theme: str) -> None:
    """Write the settings of a light or dark JupyterLab that asks nothing when it starts."""
    wanted = {
        "apputils-extension/themes": {"theme": f"JupyterLab {theme.title()}"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    for name, settings in wanted.items():
        path = state / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")


def answers(port: int) -> bool:
    """Tell whether a server answers on a port of the loopback interface."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for the server to answer; raise if it ended instead."""
    for _ in range(300):
        if process.poll() is not None:
            message = f"Jupyter ended with code {process.returncode} before it answered."
            raise RuntimeError(message)
        if answers(port):
            return
        time.sleep(0.2)
    message = "Jupyter did not answer within a minute."
    raise TimeoutError(message)
