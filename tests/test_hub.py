"""Hub: what a JupyterHub says about a token, and which level of assurance that gives."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from jupyter_annotate.hub import whoami
from jupyter_annotate.identity import Assurance, Identity

TOKEN = "b5f1c0ffee"  # noqa: S105 -- of the hub in this file

Answer = tuple[int, object, dict[str, str]]


class Hub(http.server.ThreadingHTTPServer):
    """A hub API on loopback that gives one answer, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.answer = answer
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.server_port}/hub/api"


class Asked(http.server.BaseHTTPRequestHandler):
    """One request to the hub."""

    server: Hub

    def do_GET(self) -> None:
        """Answer as the hub is told to."""
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        status, body, headers = self.server.answer()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(answer: Callable[[], Answer]) -> Iterator[Hub]:
    """Run a hub as long as the block lasts."""
    hub = Hub(answer)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


def kernel(url: str, user: str = "ada", token: str = TOKEN) -> dict[str, str]:
    """Return the environment of a kernel on a hub."""
    return {"JUPYTERHUB_USER": user, "JUPYTERHUB_API_URL": url, "JUPYTERHUB_API_TOKEN": token}


def person(name: object, **more: object) -> Callable[[], Answer]:
    """Let the hub say whose token it is."""
    return lambda: (200, {"kind": "user", "name": name, "admin": False, **more}, {})


def refusing(status: int) -> Callable[[], Answer]:
    """Let the hub refuse the token."""
    return lambda: (status, {"status": status, "message": "Forbidden"}, {})


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        pytest.param(person("ada"), Assurance.HUB_CHECKED, id="valid"),
        pytest.param(refusing(403), Assurance.ENVIRONMENT, id="expired"),
        pytest.param(person("grace"), Assurance.ENVIRONMENT, id="another user's"),
        pytest.param(refusing(401), Assurance.ENVIRONMENT, id="revoked"),
        pytest.param(
            lambda: (200, {"kind": "user"}, {}), Assurance.ENVIRONMENT, id="no scope to read the name"
        ),
        pytest.param(person("ada", kind="service"), Assurance.ENVIRONMENT, id="a service called like her"),
        pytest.param(person(["ada"]), Assurance.ENVIRONMENT, id="no name"),
        pytest.param(lambda: (200, b"<html>", {}), Assurance.ENVIRONMENT, id="no JSON"),
        pytest.param(lambda: (200, b"[" * 100_000, {}), Assurance.ENVIRONMENT, id="nested too deeply"),
        pytest.param(refusing(500), Assurance.ENVIRONMENT, id="broken"),
    ],
)
def test_the_hub_confirms_its_own(answer: Callable[[], Answer], level: Assurance) -> None:
    """A name is checked if the hub says that the kernel's token is that person's, and in no other case."""
    with running(answer) as hub:
        assert Identity.resolve(None, kernel(f"{hub.url}/")) == Identity("ada", "hub_env", level)
        assert hub.asked == [("/hub/api/user", f"token {TOKEN}")]


def test_a_hub_that_is_slow() -> None:
    """A hub that does not answer within two seconds leaves the name unchecked and holds nobody up."""
    gone = threading.Event()

    def wait() -> Answer:
        gone.wait(20)
        return person("ada")()

    with running(wait) as hub:
        try:
            assert Identity.resolve(None, kernel(hub.url)).assurance == Assurance.ENVIRONMENT
            assert not gone.is_set()
        finally:
            gone.set()


def test_a_hub_that_is_down() -> None:
    """A hub that is not there leaves the name unchecked."""
    with running(person("ada")) as hub:
        url = hub.url
    assert Identity.resolve(None, kernel(url)).assurance == Assurance.ENVIRONMENT


def test_a_changed_name_is_never_checked() -> None:
    """Whoever sets JUPYTERHUB_USER in the kernel gets no more than the level of the environment."""
    with running(person("ada")) as hub:
        for name in ("grace", "Ada", "ada ", "admin"):
            assert Identity.resolve(None, kernel(hub.url, user=name)).assurance == Assurance.ENVIRONMENT


def test_only_the_name_of_the_hub_is_checked() -> None:
    """A name from a cell or another variable stays a claim, though the hub would confirm it."""
    with running(person("ada")) as hub:
        assert Identity.resolve("ada", kernel(hub.url)).assurance == Assurance.CLAIMED
        environment = kernel(hub.url) | {"JUPYTER_ANNOTATE_USER": "ada"}
        assert Identity.resolve(None, environment).assurance == Assurance.CLAIMED
        assert hub.asked == []


def test_a_redirect_gets_no_token() -> None:
    """A hub that sends the kernel elsewhere is not followed: the token goes nowhere else."""
    with running(person("ada")) as elsewhere:
        with running(lambda: (302, {}, {"Location": f"{elsewhere.url}/user"})) as hub:
            assert whoami(kernel(hub.url)) is None
            assert len(hub.asked) == 1
        assert elsewhere.asked == []


def test_a_proxy_gets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub is asked directly, whatever proxy the environment names."""
    with running(person("ada")) as hub, running(person("ada")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert whoami(kernel(hub.url)) == "ada"
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("", TOKEN),
        ("http://127.0.0.1:1/hub/api", ""),
        ("file:///etc", TOKEN),
        ("127.0.0.1:8081/hub/api", TOKEN),
        ("http://127.0.0.1:notaport/hub/api", TOKEN),
        ("http://[::1/hub/api", TOKEN),
        ("http:///hub/api", TOKEN),
        ("http://127.0.0.1:1/hub/\napi", TOKEN),
        ("http://127.0.0.1:1/hub api", TOKEN),
        ("http://127.0.0.1:1/hub/api", "line\nbreak"),
        ("http://127.0.0.1:1/hub/api", "\udc00"),
        ("http://" + "a" * 300 + "/hub/api", TOKEN),
    ],
)
def test_what_no_hub_can_be_asked_with(url: str, token: str) -> None:
    """Where address or token are missing or make no sense, nothing is confirmed, and nothing raised."""
    assert whoami(kernel(url, token=token)) is None
