"""An annotator in a browser: logs in to the hub, opens a notebook, labels by keyboard."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playwright.sync_api import Page

from tests.hub.crew import Answer
from tests.hub.hub import Hub
from tests.ui.faults.conftest import Desk
from tests.ui.faults.proxy import Proxy
from tests.ui.pages import PATIENCE, Notebook, wait_until, write_notebook

#: What the guide tells people to write: the hub says where the project is and who they are.
CELL = """
import os
import jupyter_annotate as ja
project = ja.Project.open(os.environ["ANNOTATE_PROJECT"])
ja.annotate(project)
""".strip()
_LONG = 15.0
"""Seconds without a word of the kernel after which a person does more than wait."""


@dataclass(kw_only=True)
class Person(Desk):
    """Somebody at a browser, behind a network that may fail.

    Parameters
    ----------
    hub
        Where they log in.
    chance
        Draws the keys they press.
    """

    hub: Hub
    chance: random.Random
    _silent_since: float | None = None

    @classmethod
    def sit_down(cls, hub: Hub, user: str, page: Page, proxy: Proxy, *, seed: int = 0) -> Person:
        """Log in, start the own server, open a notebook on it and run its cell."""
        outside = f"http://127.0.0.1:{proxy.port}"
        server = replace(hub.server(user), url=f"{outside}/user/{user}")
        path = write_notebook(server, "labeling", [CELL])
        notebook = Notebook(server, path, page)
        hub.log_in(page, user, f"/hub/spawn/{user}?next=/user/{user}/lab/tree/{path}", at=outside)
        page.wait_for_url(f"**/user/{user}/lab/**", timeout=4 * PATIENCE)
        notebook.wait_ready()
        widget = notebook.show()
        notebook.save()
        chance = random.Random(f"{seed} {user}")
        return cls(notebook, proxy, server, hub.home(user), user, widget, hub=hub, chance=chance)

    @property
    def header(self) -> list[int]:
        """The numbers the widget shows: own answers, complete items under a plan, all items."""
        text = self.widget.root.locator(".ja-count").inner_text()
        # Thousands have a separator.
        return [int(re.sub(r"\D", "", each)) for each in re.findall(r"\d[\d.,\s]*", text)]

    def wait_for_header(self, numbers: list[int]) -> None:
        """Wait until the widget shows these numbers: news of others comes within a look or two."""
        what = f"{numbers} in the header of {self.annotator}"
        wait_until(self.page, lambda: self.header == numbers, what)

    def describe(self) -> str:
        """Say what is on the screen, for the report of a test that failed."""
        root = self.widget.root
        if not root.count():
            return f"{self.annotator} has no widget at {self.page.url}"
        notices = root.get_by_role("alert").all_inner_texts()
        return f"{self.annotator} {self.header} {self.widget.status} {self.widget.unsaved} unsaved {notices}"

    @property
    def is_at_end(self) -> bool:
        """Tell whether the widget has no further item."""
        return self.widget.root.locator(".ja-blank-title").count() > 0

    @property
    def is_saved(self) -> bool:
        """Tell whether everything is shown as saved."""
        return self.widget.status == "saved" and self.widget.unsaved == 0

    def label(self, n: int) -> None:
        """Press some keys; at the end of the queue none."""
        for _ in range(n):
            if self.is_at_end:
                return
            self.press(self.chance.choice("123"))

    def heed(self) -> None:
        """Do what the notice says when the kernel is silent for long: load the page again, run the cell."""
        if self.widget.status not in {"unsaved", "waiting"}:
            self._silent_since = None
            return
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if now - self._silent_since > _LONG:
            self._silent_since = None
            self.hub.wait_until_up()
            self.notebook.reload()
            self.rerun()
            self.notebook.save()

    def reload(self) -> None:
        """Load the page again; where the widget stays silent, do what its notice says: run the cell again."""
        self.hub.wait_until_up()
        self.notebook.reload()
        silence = self.notebook.cell(0).get_by_text("The kernel is not answering")
        shown = self.notebook.cell(0).locator(".ja-root[data-ja-serial]:not([data-ja-serial='0'])")
        shown.or_(silence).first.wait_for(timeout=2 * PATIENCE)
        if silence.count():
            self.rerun()
            self.notebook.save()
        self.widget = self.notebook.view()

    def restart_kernel(self) -> None:
        """Restart the kernel as the menu does, and run the cell again."""
        self.hub.wait_until_up()
        self.kernel.restart()
        self.rerun()
        self.notebook.save()

    def restart_server(self) -> None:
        """Leave with answers on their way, stop and start the own server, and open the notebook again."""
        self.hub.wait_until_up()
        self.label(3)
        self.page.goto("about:blank")
        self.hub.stop_server(self.annotator)
        self.hub.start_server(self.annotator)
        self.notebook.open()
        self.rerun()
        self.notebook.save()

    @property
    def pressed(self) -> list[Answer]:
        """The answers the page took."""
        return self._answers(self.account().pressed)

    @property
    def shown_as_saved(self) -> list[Answer]:
        """The answers the page said were saved."""
        return self._answers(self.account().shown_as_saved)

    def _answers(self, found: Sequence[tuple[str, str]]) -> list[Answer]:
        return [Answer(self.annotator, item, label) for item, label in found]
