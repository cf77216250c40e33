"""From a key to the next item on the screen, in a real JupyterLab, beside two bare widgets in the same page.

Blocks of keys alternate between the widgets, so that whatever else the machine does hits all of them. The
goals: at most 1.5 times the bare widget that picks the next item in the browser, and at most a quarter of
the one that asks the kernel, at the median.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from playwright.sync_api import Browser, Locator, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.latency_cells import CELLS  # noqa: E402 -- runs as a script too
from jupyter_annotate.samples import load_reviews  # noqa: E402 -- as above
from tests.ui.pages import PATIENCE, Notebook, write_notebook  # noqa: E402 -- as above
from tests.ui.servers import Server, serve  # noqa: E402 -- as above

STOPWATCH = Path(__file__).with_name("latency_stopwatch.js").read_text(encoding="utf-8")
RESULTS = Path(__file__).parent / "results" / "latency.json"
README = Path(__file__).parent / "README.md"
OURS, LOCAL, KERNEL = CELLS
#: At most this many times the other's median.
GOALS = {LOCAL: 1.5, KERNEL: 0.25}
#: Milliseconds between two keys: from a quick to a very quick person.
PACE = (150, 250)
PACKAGES = ("jupyterlab", "anywidget", "ipywidgets", "ipykernel", "playwright")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@dataclass(frozen=True)
class Sizes:
    """How much is measured: rounds over all widgets, keys in each block of a round."""

    rounds: int = 5
    keys: int = 20


def texts(n: int) -> list[str]:
    """Return public comments if they are here, else our own samples; none twice."""
    folder = Path(os.environ.get("JUPYTER_ANNOTATE_REAL_DATA", ROOT.parent / "shared" / "data"))
    file = folder / "youtube_spam" / "train.json"
    if file.exists():
        rows = json.loads(file.read_text(encoding="utf-8")).values()
        found = [row["data"]["text"] for row in rows]
    else:
        found = pl.DataFrame(load_reviews())["text"].to_list()
    distinct = list(dict.fromkeys(str(each).strip() for each in found))
    # Fewer texts than keys: once more, and marked, so that no two in a row are equal.
    return [distinct[k % len(distinct)] + "\u200a" * (k // len(distinct)) for k in range(n)]


def opened(browser: Browser, server: Server, n_texts: int) -> dict[str, Locator]:
    """Open a notebook for each widget, as somebody has who uses it; return its root."""
    listed = json.dumps(texts(n_texts))
    roots = {}
    for number, (name, (selector, cell)) in enumerate(CELLS.items()):
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.add_init_script(STOPWATCH)
        path = write_notebook(server, f"latency-{number}", [cell])
        (server.folder / path).with_name("texts.json").write_text(listed, encoding="utf-8")
        notebook = Notebook(server, path, page)
        notebook.open()
        notebook.run(0)
        root = notebook.cell(0).locator(selector)
        root.locator(".ja-text, .bare-text").filter(has_text=" ").wait_for(timeout=2 * PATIENCE)
        roots[name] = root
    return roots


def block(root: Locator, n_keys: int, chance: random.Random) -> list[dict[str, float]]:
    """Press keys on one widget and return the times of each."""
    page = root.page
    page.bring_to_front()
    root.focus()
    # The first key after a change of the focus pays for it; nobody changes the focus between two labels.
    page.keyboard.press("1")
    page.wait_for_timeout(max(PACE))
    page.evaluate("() => stopwatch.take()")
    for _ in range(n_keys):
        page.keyboard.press(chance.choice("123"))
        page.wait_for_timeout(chance.randint(*PACE))
    page.wait_for_timeout(max(PACE))
    found: list[dict[str, float]] = page.evaluate("() => stopwatch.take()")
    assert len(found) == n_keys
    return found


def measure(sizes: Sizes) -> dict[str, list[dict[str, float]]]:
    """Measure all widgets in turn; the first round warms up and does not count."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CELLS}
    chance = random.Random(0)
    with (
        tempfile.TemporaryDirectory() as place,
        serve("lab", Path(place)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=_chromium(), args=list(_FLAGS))
        roots = opened(browser, server, (sizes.rounds + 1) * (sizes.keys + 1) + 50)
        for turn in range(sizes.rounds + 1):
            for name, root in roots.items():
                keys = block(root, sizes.keys, chance)
                found[name] += keys if turn else []
        browser.close()
    return found


def summary(found: Mapping[str, Sequence[Mapping[str, float | None]]]) -> dict[str, Any]:
    """Return the figures of each widget and how ours compares."""
    figures: dict[str, Any] = {}
    for name, keys in found.items():
        drawn = np.array([key["drawn"] for key in keys if key["drawn"] is not None], dtype=float)
        changed = np.array([key["changed"] for key in keys if key["changed"] is not None], dtype=float)
        figures[name] = {
            "keys": len(keys),
            "without_an_item": len(keys) - len(drawn),
            "changed_p50_ms": round(float(np.median(changed)), 2),
            "p50_ms": round(float(np.median(drawn)), 2),
            "p95_ms": round(float(np.percentile(drawn, 95)), 2),
            "max_ms": round(float(drawn.max()), 2),
        }
    ours = figures[OURS]["p50_ms"]
    ratios = {
        name: {"ratio": round(ours / figures[name]["p50_ms"], 3), "goal": goal}
        for name, goal in GOALS.items()
    }
    versions = {each: importlib.metadata.version(each) for each in PACKAGES}
    return {"widgets": figures, "ours_to": ratios, "versions": versions, "cores": os.cpu_count()}


def table(result: Mapping[str, Any]) -> str:
    """Return the figures as a table."""
    lines = [
        "| widget | keys | p50 ms | p95 ms | max ms | DOM changed, p50 ms |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {each['keys']} | {each['p50_ms']:.1f} | {each['p95_ms']:.1f} | {each['max_ms']:.1f} "
            f"| {each['changed_p50_ms']:.1f} |"
            for name, each in result["widgets"].items()
        ),
        "",
        *(
            f"- {OURS} to the {name}: {each['ratio']:.2f} (goal: at most {each['goal']}) "
            f"{'met' if each['ratio'] <= each['goal'] else 'MISSED'}"
            for name, each in result["ours_to"].items()
        ),
    ]
    return "\n".join(lines)


def _chromium() -> str:
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE")
    found = next(filter(None, map(shutil.which, [named] if named else ["chromium", "google-chrome"])), None)
    if found is None:
        raise SystemExit("No Chromium: install it or set PLAYWRIGHT_CHROMIUM_EXECUTABLE.")
    return found


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=Sizes.rounds)
    parser.add_argument("--keys", type=int, default=Sizes.keys)
    parser.add_argument("--keep", action="store_true", help="write the results into the checkout")
    chosen = parser.parse_args()
    result = summary(measure(Sizes(chosen.rounds, chosen.keys)))
    print(table(result))
    if chosen.keep:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        whole = README.read_text(encoding="utf-8")
        before, rest = whole.split(_HEADING, maxsplit=1)
        _, *after = rest.split("\n## ", maxsplit=1)
        section = _SECTION.format(table=table(result), cores=result["cores"])
        others = [f"\n## {each}" for each in after]
        README.write_text("".join([before, _HEADING, section, *others]), encoding="utf-8")


_HEADING = "## From a key to the next item on the screen\n"
_SECTION = """
One JupyterLab, one browser, one page: keys go in blocks to each widget in turn. The clock runs from the time
stamp of the trusted key event to the end of the frame that shows the next item. {cores} cores.

{table}

The figures move with the machine and what else it does; the ratios are what counts.
`benchmarks/latency.py --keep` writes this section and results/latency.json.
"""


if __name__ == "__main__":
    main()
