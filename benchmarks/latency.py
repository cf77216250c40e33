"""From a key to the next item on the screen, in a real JupyterLab, beside two bare widgets in the same page.

Blocks of keys alternate between the widgets, so that whatever else the machine does hits all of them. The
goals: at most 1.5 times the bare widget that picks the next item in the browser, and at most a quarter of
the one that asks the kernel, at the median.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from playwright.sync_api import Browser, Locator

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import in_browser  # noqa: E402 -- runs as a script too
from benchmarks.in_browser import PACE  # noqa: E402 -- as above
from benchmarks.latency_cells import CELLS  # noqa: E402 -- as above
from jupyter_annotate.samples import load_reviews  # noqa: E402 -- as above
from tests.ui.pages import PATIENCE  # noqa: E402 -- as above
from tests.ui.servers import Server  # noqa: E402 -- as above

STOPWATCH = Path(__file__).with_name("latency_stopwatch.js").read_text(encoding="utf-8")
OURS, LOCAL, KERNEL = CELLS
#: At most this many times the other's median.
GOALS = {LOCAL: 1.5, KERNEL: 0.25}


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


def as_listed(n_texts: int) -> str:
    """Return texts as the file from which the bare widgets take them."""
    return json.dumps(texts(n_texts))


def opened(browser: Browser, server: Server, n_texts: int) -> dict[str, Locator]:
    """Open a notebook for each widget, as somebody has who uses it; return its root."""
    listed = as_listed(n_texts)
    roots = {}
    for number, (name, (selector, cell)) in enumerate(CELLS.items()):
        notebook = in_browser.opened(browser, server, f"latency-{number}", [cell], STOPWATCH, texts=listed)
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
    with in_browser.stage() as (server, browser):
        roots = opened(browser, server, (sizes.rounds + 1) * (sizes.keys + 1) + 50)
        for turn in range(sizes.rounds + 1):
            for name, root in roots.items():
                keys = block(root, sizes.keys, chance)
                found[name] += keys if turn else []
    return found


def summary(found: Mapping[str, Sequence[Mapping[str, float | None]]]) -> dict[str, Any]:
    """Return the figures of each widget and how ours compares."""
    figures: dict[str, Any] = {}
    for name, keys in found.items():
        drawn = [key["drawn"] for key in keys if key["drawn"] is not None]
        changed = np.array([key["changed"] for key in keys if key["changed"] is not None], dtype=float)
        figures[name] = {
            "keys": len(keys),
            "without_an_item": len(keys) - len(drawn),
            "changed_p50_ms": round(float(np.median(changed)), 2),
            **in_browser.percentiles(drawn),
        }
    ours = figures[OURS]["p50_ms"]
    ratios = {
        name: {"ratio": round(ours / figures[name]["p50_ms"], 3), "goal": goal}
        for name, goal in GOALS.items()
    }
    return {"widgets": figures, "ours_to": ratios, **in_browser.surroundings()}


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
        section = _SECTION.format(table=table(result), cores=result["cores"])
        in_browser.keep("latency", result, _HEADING, section)


_HEADING = "From a key to the next item on the screen"
_SECTION = """
One JupyterLab, one browser, one page: keys go in blocks to each widget in turn. The clock runs from the time
stamp of the trusted key event to the end of the frame that shows the next item. {cores} cores.

{table}

The figures move with the machine and what else it does; the ratios are what counts.
`benchmarks/latency.py --keep` writes this section and results/latency.json.
"""


if __name__ == "__main__":
    main()
