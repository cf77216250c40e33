"""Fixtures of the browser tests: one server an application, one browser, a fresh profile for every test."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.ui.pages import Notebook, write_notebook
from tests.ui.servers import App, Server, serve

_HERE = Path(__file__).parent
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class OpenNotebook(Protocol):
    """Write a notebook of code cells, open it in a page of its own and wait for its kernel."""

    def __call__(
        self, cells: Sequence[str], *, context: BrowserContext | None = None, scale: float = 1
    ) -> Notebook:
        """Return the open notebook; `context` is another browser profile, `scale` its device pixels."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder: it needs a browser."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.ui)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the one browser; without any the tests are left out, or fail where they must run."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE")
    path = next(filter(None, map(shutil.which, [named] if named else _NAMES)), None)
    if path is None:
        message = "no Chromium: install it or set PLAYWRIGHT_CHROMIUM_EXECUTABLE"
        if os.environ.get("CI") == "true" or os.environ.get("JA_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


class _Servers:
    """The servers of this run, started when first asked for."""

    def __init__(self, place: Path, closing: contextlib.ExitStack) -> None:
        self._place = place
        self._closing = closing
        self._running: dict[App, Server] = {}

    def __getitem__(self, app: App) -> Server:
        if app not in self._running:
            self._running[app] = self._closing.enter_context(serve(app, self._place / app))
        return self._running[app]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Servers]:
    """Return the servers by application."""
    with contextlib.ExitStack() as closing:
        yield _Servers(tmp_path_factory.mktemp("jupyter"), closing)


@pytest.fixture(params=["lab", "notebook"])
def app(request: pytest.FixtureRequest) -> App:
    """Return the application a test runs in: every test runs in both."""
    name: App = request.param
    return name


@pytest.fixture
def server(app: App, servers: _Servers) -> Iterator[Server]:
    """Return the server of the application; its kernels end with the test."""
    server = servers[app]
    yield server
    server.shut_down_kernels()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a fresh browser profile: no cookies, no storage, no outbox."""
    with contextlib.closing(chromium.new_context(viewport={"width": 1200, "height": 900})) as context:
        yield context


@pytest.fixture
def open_notebook(
    server: Server, chromium: Browser, context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Return a function that opens a new notebook with these cells."""
    default = context
    extra: list[BrowserContext] = []
    count = 0

    def opened(cells: Sequence[str], *, context: BrowserContext | None = None, scale: float = 1) -> Notebook:
        nonlocal count
        count += 1
        context = context or default
        if scale != 1:
            context = chromium.new_context(viewport={"width": 1200, "height": 900}, device_scale_factor=scale)
            extra.append(context)
        words = "".join(each if each.isalnum() else "-" for each in request.node.name).strip("-")
        path = write_notebook(server, f"{words}-{count}", cells)
        notebook = Notebook(server, path, context.new_page())
        notebook.open()
        return notebook

    yield opened
    for each in extra:
        each.close()
