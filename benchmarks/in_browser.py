"""What the benchmarks in a browser share: a JupyterLab, a Chromium, and where their figures are kept."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from tests.ui.pages import Notebook, write_notebook
from tests.ui.servers import Server, serve

__all__ = ["PACE", "chromium", "keep", "known", "opened", "percentiles", "stage", "surroundings"]

_HERE = Path(__file__).parent
#: Milliseconds between two keys: from a quick to a very quick person.
PACE = (150, 250)
_PACKAGES = ("jupyterlab", "anywidget", "ipywidgets", "ipykernel", "playwright")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def chromium() -> str:
    """Return where the browser is."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE")
    found = next(filter(None, map(shutil.which, [named] if named else ["chromium", "google-chrome"])), None)
    if found is None:
        raise SystemExit("No Chromium: install it or set PLAYWRIGHT_CHROMIUM_EXECUTABLE.")
    return found


@contextlib.contextmanager
def stage() -> Iterator[tuple[Server, Browser]]:
    """Run one JupyterLab and one browser for all that is compared."""
    with (
        tempfile.TemporaryDirectory() as place,
        serve("lab", Path(place)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield server, browser
        browser.close()


def opened(
    browser: Browser, server: Server, name: str, cells: Sequence[str], script: str, **files: str
) -> Notebook:
    """Open a notebook in a page of its own, its stopwatch and its files beside it, and run the first cell."""
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    page.add_init_script(script)
    path = write_notebook(server, name, cells)
    for file, content in files.items():
        (server.folder / path).with_name(f"{file}.json").write_text(content, encoding="utf-8")
    notebook = Notebook(server, path, page)
    notebook.open()
    notebook.run(0)
    return notebook


def pause(chance: random.Random) -> int:
    """Return how long a quick person waits before the next key, in milliseconds."""
    return chance.randint(*PACE)


def percentiles(found: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum."""
    values = np.array(found, dtype=float)
    return {
        "p50_ms": round(float(np.median(values)), 2),
        "p95_ms": round(float(np.percentile(values, 95)), 2),
        "max_ms": round(float(values.max()), 2),
    }


def surroundings() -> dict[str, Any]:
    """Return what was measured with, and how busy the machine was besides."""
    versions = {each: importlib.metadata.version(each) for each in _PACKAGES}
    return {"versions": versions, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}


def known(name: str) -> dict[str, Any]:
    """Return the figures kept last, if there are any."""
    file = _HERE / "results" / f"{name}.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def keep(name: str, result: Mapping[str, Any], heading: str, section: str) -> None:
    """Write the figures into results/ and their section into README.md, in its place or at the end."""
    file = _HERE / "results" / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    readme = _HERE / "README.md"
    before, found, rest = readme.read_text(encoding="utf-8").partition(f"## {heading}\n")
    _, *after = rest.split("\n## ", maxsplit=1)
    start = before if found else before.rstrip("\n") + "\n\n"
    others = [f"\n## {each}" for each in after]
    readme.write_text("".join([start, f"## {heading}\n", section, *others]), encoding="utf-8")
