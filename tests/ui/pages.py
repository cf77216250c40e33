"""A notebook in the browser, and the labeling widget in one of its outputs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from playwright.sync_api import Locator, Page, expect

from tests.ui.servers import Kernel, Server

PATIENCE = 1000 * int(os.environ.get("JUPYTER_ANNOTATE_PATIENCE", "30"))
"""Milliseconds to wait for what takes a moment, on a slow machine; forty kernels make any machine slow."""

_STALE = "data-test-stale"
# Serial 0 is the frame before its first item.
_VIEW = f".ja-root[data-ja-serial]:not([data-ja-serial='0']):not([{_STALE}])"
_PANEL = "window.jupyterapp.shell.currentWidget"
_KERNEL_READY = f"""async () => {{
  const context = {_PANEL}.sessionContext;
  await context.ready;
  await context.session.kernel.info;
}}"""
_CELLS = f"() => {_PANEL}.context.model.toJSON().cells.map(each => [each.cell_type, each.source])"
_GROWN = "([root, serial]) => Number(root.dataset.jaSerial) > serial"


def wait_until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait for something outside the page, while the page goes on."""
    for _ in range(PATIENCE // 50):
        if condition():
            return
        page.wait_for_timeout(50)
    message = f"Waited {PATIENCE / 1000:.0f} s for {what}."
    raise TimeoutError(message)


def write_notebook(server: Server, name: str, cells: Sequence[str]) -> str:
    """Write a notebook of code cells into a folder of its own; return its path on the server."""
    body = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        # Without it the application asks which kernel to start.
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = server.folder / name / "notebook.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")
    return path.relative_to(server.folder).as_posix()


@dataclass(frozen=True)
class Widget:
    """One view of the labeling widget."""

    root: Locator

    @property
    def page(self) -> Page:
        """The page it is on."""
        return self.root.page

    @property
    def status(self) -> str:
        """What it says about saving: saved, saving, waiting or unsaved."""
        return self._data("status")

    @property
    def unsaved(self) -> int:
        """How many submissions it says are not saved."""
        return int(self._data("unsaved"))

    @property
    def serial(self) -> int:
        """How many items it has displayed."""
        return int(self._data("serial"))

    def history(self, number: int) -> Locator:
        """Return the chip of a past decision, by the number of its item."""
        chips = self.root.locator(".ja-history button")
        return chips.filter(has=self.page.locator(f".ja-chip-number:text-is('{number}')"))

    def activate(self, question: str) -> None:
        """Go to a question with the page keys."""
        active = self.root.locator(".ja-question--active .ja-question-title")
        for _ in range(12):
            if active.inner_text().startswith(question):
                return
            self.press("PageDown")
        message = f"The page keys never reached {question!r}."
        raise LookupError(message)

    def focus(self) -> None:
        """Give it the keyboard."""
        self.root.focus()

    def button(self, name: str) -> Locator:
        """Return the button of that accessible name, or whose name contains it."""
        return self.root.get_by_role("button", name=name).first

    def press(self, *keys: str) -> None:
        """Press keys one after the other, on whatever has the focus."""
        for key in keys:
            self.page.keyboard.press(key)

    def decide(self, *keys: str) -> None:
        """Press keys, the last of which brings the next item, and wait for it."""
        serial = self.serial
        self.press(*keys)
        self.wait_for_item(after=serial)

    def wait_for_item(self, *, after: int) -> None:
        """Wait until another item is displayed than the one of that serial number."""
        root = self.root.element_handle()
        self.page.wait_for_function(_GROWN, arg=[root, after], timeout=PATIENCE)

    def wait_saved(self) -> None:
        """Wait until it says that everything is saved."""
        expect(self.root).to_have_attribute("data-ja-unsaved", "0", timeout=PATIENCE)
        expect(self.root).to_have_attribute("data-ja-status", "saved", timeout=PATIENCE)

    def _data(self, name: str) -> str:
        value = self.root.get_attribute(f"data-ja-{name}")
        assert value is not None
        return value


@dataclass(frozen=True)
class Notebook:
    """One notebook open in a page."""

    server: Server
    path: str
    page: Page

    @property
    def kernel(self) -> Kernel:
        """The kernel it runs on."""
        return self.server.kernel_of(self.path)

    @property
    def file(self) -> Path:
        """The notebook's file; its folder is the kernel's current one."""
        return self.server.folder / self.path

    def open(self) -> None:
        """Go to the notebook's page and wait until the kernel is idle."""
        place = "lab/tree" if self.server.app == "lab" else "notebooks"
        reset = "?reset" if self.server.app == "lab" else ""
        self.page.goto(f"{self.server.url}/{place}/{self.path}{reset}", wait_until="commit")
        self.wait_ready()

    def reload(self) -> None:
        """Load the page again, as F5 does; only what was saved of the notebook comes back."""
        self.page.reload(wait_until="commit")
        self.wait_ready()

    def save(self) -> None:
        """Save the notebook and wait for it."""
        self.page.evaluate(f"async () => {{ await {_PANEL}.context.save() }}")

    def wait_ready(self) -> None:
        """Wait until the notebook is there and its kernel answers."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=2 * PATIENCE)
        # The indicator says idle before the kernel has said a word, and a cell run then is lost.
        self.page.evaluate(_KERNEL_READY)
        self._wait_idle()

    def _wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.wait_for_selector(idle, timeout=2 * PATIENCE, state="attached")

    def cell(self, number: int) -> Locator:
        """Return a cell of the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def run(self, number: int) -> None:
        """Start a cell from its editor, as a person would."""
        self.cell(number).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Control+Enter")

    def show(self, number: int = 0) -> Widget:
        """Run a cell and wait for the view of the widget it makes; give that view the keyboard."""
        self.page.evaluate(
            "name => document.querySelectorAll('.ja-root').forEach(each => each.setAttribute(name, ''))",
            _STALE,
        )
        self.run(number)
        return self.view(number)

    def view(self, number: int = 0) -> Widget:
        """Wait for a view that shows an item in the output of a cell; give it the keyboard."""
        cell = self.cell(number)
        widget = Widget(cell.locator(_VIEW))
        failed = cell.locator(
            '[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText pre .ansi-red-fg'
        )
        widget.root.or_(failed).first.wait_for(timeout=2 * PATIENCE)
        if not widget.root.count():
            said = cell.locator(".jp-OutputArea").inner_text()
            message = f"Cell {number} of {self.path} shows no widget but: {said}"
            raise AssertionError(message)
        widget.focus()
        return widget

    def content(self) -> list[tuple[str, str]]:
        """Return type and source of every cell, as the application holds them now."""
        cells = self.page.evaluate(_CELLS)
        return [(kind, source) for kind, source in cast("list[list[str]]", cells)]

    def choose_theme(self, theme: str) -> None:
        """Switch the application to the light or the dark theme and wait for it."""
        wanted = {"theme": f"JupyterLab {theme.title()}"}
        self.page.evaluate(
            "wanted => { void window.jupyterapp.commands.execute('apputils:change-theme', wanted) }", wanted
        )
        light = str(theme == "light").lower()
        body = self.page.locator("body")
        expect(body).to_have_attribute("data-jp-theme-light", light, timeout=PATIENCE)
