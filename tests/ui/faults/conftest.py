"""Fixtures of the fault tests: a faulty network before each server, and a desk with one widget on it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.ui.faults.proxy import Proxy
from tests.ui.faults.witness import Account, account_of, exactly_once, no_false_promise, witnessed
from tests.ui.pages import PATIENCE, Notebook, Widget, wait_until, write_notebook
from tests.ui.servers import App, Kernel, Server

_HERE = Path(__file__).parent
_OPEN = """
import jupyter_annotate as ja
numbers = range(1, 1001)
items = {"item_id": [f"i{n}" for n in numbers], "text": [f"Text number {n}." for n in numbers]}
schema = ja.Schema(ja.Text("text"), ja.Choice("color", ["red", "green", "blue"]))
project = ja.Project.open("../%(project)s", schema=schema, items=items)
ja.annotate(project, annotator="%(annotator)s")
"""
_KERNEL_ANSWERS = """async () => {
  const context = window.jupyterapp.shell.currentWidget.sessionContext;
  const kernel = context.session?.kernel;
  if (!kernel || kernel.connectionStatus !== "connected") return false;
  const slow = new Promise(resolve => setTimeout(() => resolve(null), 2000));
  // A kernel that restarts meanwhile takes the question along.
  const reply = await Promise.race([kernel.requestKernelInfo().catch(() => null), slow]);
  return reply?.content?.status === "ok" && kernel.status === "idle";
}"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything below this folder."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


#: Seconds in which every dialog has to go.
_PATIENCE = 60.0


#: Closes every dialog, the topmost first; none has to stand still for it, as one has to for a real click.
_CLOSE_DIALOGS = """() => {
  for (const dialog of [...document.querySelectorAll("dialog.jp-Dialog")].reverse()) {
    // The hub's offer to start a server anew leads away from the page.
    const leads_away = dialog.textContent.includes("Server unavailable");
    const accept = leads_away ? null : dialog.querySelector(".jp-mod-accept");
    // Some have nothing to agree to, but a button that closes them.
    (accept ?? dialog.querySelector(".jp-mod-reject"))?.click();
  }
}"""


def dismiss_dialogs(page: Page) -> None:
    """Agree to whatever the application has to say about a lost kernel or connection."""
    dialogs = page.locator("dialog.jp-Dialog")
    end = time.monotonic() + _PATIENCE
    while dialogs.count():
        if time.monotonic() > end:
            raise TimeoutError(f"a dialog stays: {dialogs.all_inner_texts()}")
        with contextlib.suppress(Error):  # a page that is being left
            page.evaluate(_CLOSE_DIALOGS)
        page.wait_for_timeout(50)


@dataclass
class Desk:
    """A notebook behind a faulty network with a widget in its first cell."""

    notebook: Notebook
    proxy: Proxy
    server: Server
    folder: Path
    annotator: str
    widget: Widget
    #: Answers in the store when the schedule began.
    n_stored: int = 0

    @property
    def page(self) -> Page:
        """The page the notebook is in."""
        return self.notebook.page

    @property
    def kernel(self) -> Kernel:
        """The kernel, reached beside the faulty network."""
        return self.server.kernel_of(self.notebook.path)

    def press(self, keys: str) -> None:
        """Press keys one after the other; one that went to a dialog of the application is pressed again."""
        for key in keys:
            pressed = self._n_pressed()
            while self._n_pressed() == pressed:
                self.take_keyboard()
                self.page.keyboard.press(key)

    def _n_pressed(self) -> int:
        return int(self.page.evaluate("window.witness?.pressed ?? 0"))

    def take_keyboard(self) -> None:
        """Give the widget the keyboard, after any dialog that took it away."""
        if self.page.locator("dialog.jp-Dialog").count():
            dismiss_dialogs(self.page)
        self.widget.root.evaluate("root => root.contains(document.activeElement) || root.focus()")

    def account(self) -> Account:
        """Return what this browser witnessed so far."""
        return account_of(self.page)

    def wait_for_kernel(self) -> None:
        """Wait until the page has a kernel that answers, and agree to dialogs meanwhile."""

        def answers() -> bool:
            dismiss_dialogs(self.page)
            return bool(self.page.evaluate(_KERNEL_ANSWERS))

        wait_until(self.page, answers, "a kernel that answers")

    def rerun(self) -> None:
        """Run the cell again, as the widget advises after a restart."""
        self.wait_for_kernel()
        self.widget = self.notebook.show()

    def settle(self) -> None:
        """Wait until everything is shown as saved."""
        wait_until(self.page, self._saved, f"everything to be saved ({self.widget.unsaved} are not)")

    def _saved(self) -> bool:
        dismiss_dialogs(self.page)
        return self.widget.status == "saved" and self.widget.unsaved == 0

    def no_false_promise(self) -> None:
        """Assert that what was shown as saved is stored, now."""
        no_false_promise(self.folder, self.account(), annotator=self.annotator)

    def exactly_once(self) -> None:
        """Assert that every answer is stored once, on its item."""
        exactly_once(self.folder, self.account(), annotator=self.annotator)

    def shown(self) -> int:
        """Return the number of the item on the screen."""
        text = self.widget.root.locator(".ja-text").inner_text(timeout=PATIENCE)
        return int(text.removeprefix("Text number ").removesuffix("."))


class Desks:
    """Opens desks behind one faulty network."""

    def __init__(self, server: Server, proxy: Proxy, context: BrowserContext, name: str) -> None:
        self._server, self._proxy, self._context, self.name = server, proxy, context, name
        self._count = 0

    def __call__(self, *more: str, annotator: str = "ada", context: BrowserContext | None = None) -> Desk:
        """Open a notebook on the test's project: the widget's cell, then the other cells; save it."""
        self._count += 1
        cells = [(_OPEN % {"project": self.name, "annotator": annotator}).strip(), *more]
        path = write_notebook(self._server, f"{self.name}-{self._count}", cells)
        page = (context or self._context).new_page()
        notebook = Notebook(self._proxied, path, page)
        notebook.open()
        widget = notebook.show()
        notebook.save()
        return self._desk(notebook, annotator, widget)

    def again(self, desk: Desk) -> Desk:
        """Open the notebook of a desk in another tab of the same browser; its output is still there."""
        notebook = Notebook(self._proxied, desk.notebook.path, desk.page.context.new_page())
        notebook.open()
        return self._desk(notebook, desk.annotator, notebook.view())

    @property
    def _proxied(self) -> Server:
        return replace(self._server, url=f"http://127.0.0.1:{self._proxy.port}")

    def _desk(self, notebook: Notebook, annotator: str, widget: Widget) -> Desk:
        folder = self._server.folder / f"{self.name}.annotate"
        return Desk(notebook, self._proxy, self._server, folder, annotator, widget)


@pytest.fixture(scope="session")
def proxies() -> Iterator[dict[App, Proxy]]:
    """Return the proxies by application, each before the one server of its kind."""
    with contextlib.ExitStack() as closing:
        yield _Proxies(closing)


class _Proxies(dict[App, Proxy]):
    def __init__(self, closing: contextlib.ExitStack) -> None:
        super().__init__()
        self.closing = closing


@pytest.fixture
def proxy(app: App, server: Server, proxies: _Proxies) -> Iterator[Proxy]:
    """Return the network before the server; it is sound again after the test."""
    if app not in proxies:
        port = urlsplit(server.url).port
        assert port is not None
        proxies[app] = proxies.closing.enter_context(Proxy(port).running())
    yield proxies[app]
    proxies[app].heal()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a fresh browser profile that keeps account."""
    with contextlib.closing(chromium.new_context(viewport={"width": 1100, "height": 800})) as context:
        witnessed(context)
        yield context


@pytest.fixture
def desks(server: Server, proxy: Proxy, context: BrowserContext, request: pytest.FixtureRequest) -> Desks:
    """Return what opens desks on one project."""
    words = "".join(each if each.isalnum() else "-" for each in request.node.name).strip("-")
    return Desks(server, proxy, context, words)


@contextlib.contextmanager
def suspended(kernel: Kernel) -> Iterator[None]:
    """Stop a kernel's process for a while: it neither answers nor dies."""
    process = kernel.process
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def after(seconds: float, act: object) -> threading.Timer:
    """Do something later, while the test goes on."""
    assert callable(act)
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def keys(n: int, start: int = 0) -> str:
    """Return n label keys that differ from one to the next."""
    return "".join("123"[(start + k) % 3] for k in range(n))


__all__: Sequence[str] = ["Desk", "Desks", "after", "dismiss_dialogs", "keys", "suspended"]
