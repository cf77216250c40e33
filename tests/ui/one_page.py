"""One page an application, with a cell for each kind of a registry; all tests of a file share it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.ui.pages import PATIENCE, Notebook, Widget, write_notebook
from tests.ui.servers import App, Server
from tests.ui.test_axe import AXE, overflow, violations


class OnePage:
    """The notebooks of a registry, opened when first asked for.

    The first cell is `start`; the cell of each kind is ``show("kind")``.
    """

    def __init__(
        self,
        chromium: Browser,
        servers: Mapping[App, Server],
        closing: contextlib.ExitStack,
        start: str,
        kinds: Sequence[str],
    ) -> None:
        self._chromium, self._servers, self._closing = chromium, servers, closing
        self._start, self._kinds = start, kinds
        self._open: dict[App, Notebook] = {}

    def __getitem__(self, app: App) -> Notebook:
        """Return the notebook of an application, its first cell run."""
        if app not in self._open:
            context = self._closing.enter_context(
                contextlib.closing(self._chromium.new_context(viewport={"width": 1200, "height": 1000}))
            )
            server = self._servers[app]
            cells = [self._start, *(f"show({kind!r})" for kind in self._kinds)]
            name = "-".join([*self._kinds[:2], app])
            notebook = Notebook(server, write_notebook(server, name, cells), context.new_page())
            notebook.open()
            notebook.page.add_script_tag(path=AXE)
            notebook.run(0)
            self._open[app] = notebook
        return self._open[app]

    def show(self, app: App, kind: str) -> Widget:
        """Run the cell of a kind."""
        return self[app].show(1 + self._kinds.index(kind))


def wrong_looks(notebook: Notebook, widget: Widget, name: str) -> dict[str, list[str]]:
    """Return what axe finds in both themes, and what sticks out of a narrow column.

    With JUPYTER_ANNOTATE_SHOTS set to a folder, a picture of each state is left there.
    """
    found: dict[str, list[str]] = {}
    folder = os.environ.get("JUPYTER_ANNOTATE_SHOTS")

    def keep(state: str) -> None:
        if folder:
            widget.root.screenshot(path=Path(folder) / f"{name}-{notebook.server.app}-{state}.png")

    for theme in ("dark", "light"):
        notebook.choose_theme(theme)
        expect(widget.root).to_have_attribute("data-ja-theme", theme, timeout=PATIENCE)
        found[theme] = violations(widget)
        keep(theme)
    for width in (320, 600):
        found[f"{width} px"] = overflow(widget, width)
        keep(f"{width}")
    return {place: wrong for place, wrong in found.items() if wrong}
