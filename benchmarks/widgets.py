"""What a person waits for in a widget: the next item, the frames of a drag, the first screen of a long text.

In one JupyterLab and one browser, in one run: keys of every label type beside the bare widget that picks the
next item in the browser; 500 marks on one item, one of them moved; texts of ten million characters.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import in_browser  # noqa: E402 -- runs as a script too
from benchmarks.latency import LOCAL, as_listed  # noqa: E402 -- as above
from benchmarks.latency_cells import CELLS  # noqa: E402 -- as above
from benchmarks.widgets_cells import FORMS, MARKED, SHORT  # noqa: E402 -- as above
from jupyter_annotate.questions import QUESTIONS  # noqa: E402 -- as above
from tests.questions.cases import Case, case_of  # noqa: E402 -- as above
from tests.ui.pages import Notebook, Widget  # noqa: E402 -- as above
from tests.ui.servers import Server  # noqa: E402 -- as above

STOPWATCH = Path(__file__).with_name("widgets_stopwatch.js").read_text(encoding="utf-8")
#: At most this many times the bare widget's median; milliseconds of a frame, a first screen and a key.
TIMES, FRAME, FIRST, KEY = 2.0, 17.0, 300.0, 50.0
_START = "from benchmarks.widgets_cells import show_kind, show_marks, show_text"
_STALE = (
    "() => document.querySelectorAll('.ja-root').forEach(each => each.setAttribute('data-test-stale', ''))"
)

Figures = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int = 4
    keys: int = 4
    moves: int = 150
    texts: int = 3


def by_keys(browser: Browser, server: Server, sizes: Sizes) -> dict[str, list[float]]:
    """Return milliseconds from the key that ends an item to the next one painted, by label type."""
    kinds, count = sorted(QUESTIONS), (sizes.rounds + 1) * (sizes.keys + 1) + 30
    cells = [_START, *(f"show_kind({kind!r}, {count})" for kind in kinds)]
    ours = in_browser.opened(browser, server, "kinds", cells, STOPWATCH)
    selector, cell = CELLS[LOCAL]
    bare = in_browser.opened(browser, server, "bare", [cell], STOPWATCH, texts=as_listed(count * len(kinds)))
    root = bare.cell(0).locator(selector)
    root.wait_for()
    chance = random.Random(0)
    found: dict[str, list[float]] = {name: [] for name in [LOCAL, *kinds]}
    for number, kind in enumerate(kinds):
        widget = ours.show(1 + number)
        for turn in range(sizes.rounds + 1):
            bare.page.bring_to_front()
            root.focus()
            local = _block(lambda: bare.page.keyboard.press("1"), bare, sizes.keys, chance)
            ours.page.bring_to_front()
            widget.focus()
            block = _block(_submitter(widget, case_of(kind)), ours, sizes.keys, chance)
            found[LOCAL] += local if turn else []
            found[kind] += block if turn else []
    ours.page.close()
    bare.page.close()
    return found


def _submitter(widget: Widget, case: Case) -> Callable[[], None]:
    def submit() -> None:
        case.by_keys(widget)
        if not case.at_once:
            # Whoever types the answer does not submit in the same instant.
            widget.page.wait_for_timeout(in_browser.PACE[0])
            widget.press("Enter")

    return submit


def _block(submit: Callable[[], None], notebook: Notebook, n_keys: int, chance: random.Random) -> list[float]:
    """Submit some items; the first after a change of the page pays for it and does not count."""
    took = []
    for _ in range(n_keys + 1):
        notebook.page.evaluate("() => stopwatch.take()")
        submit()
        notebook.page.wait_for_timeout(in_browser.pause(chance))
        last = notebook.page.evaluate("async () => { await stopwatch.settled(); return stopwatch.take() }")[
            -1
        ]
        assert last["next"] is not None, "The key brought no other item."
        took.append(float(last["next"]))
    return took[1:]


def moved(browser: Browser, server: Server, sizes: Sizes) -> dict[str, Figures]:
    """Move one of many marks; return the frames meanwhile."""
    cells = [_START, *(f"show_marks({kind!r})" for kind in MARKED)]
    notebook = in_browser.opened(browser, server, "marks", cells, STOPWATCH)
    found = {}
    for number, kind in enumerate(MARKED):
        widget = notebook.show(1 + number)
        move = _edge if kind == "spans" else _dragged
        found[kind] = move(widget, kind, sizes.moves)
    notebook.page.close()
    return found


def _dragged(widget: Widget, kind: str, n_moves: int) -> Figures:
    """Drag the first mark with the mouse, a few pixels at a time."""
    page = widget.page
    picture = widget.root.locator(".ja-boxes img, .ja-stage-image").first
    page.wait_for_function("each => each.complete && each.width > 0", arg=picture.element_handle())
    picture.scroll_into_view_if_needed()
    rect = picture.bounding_box()
    assert rect is not None
    scale = rect["width"] / 1000
    inside = 0 if kind == "keypoints" else 15
    x, y = (rect["x"] + (10 + inside) * scale, rect["y"] + (10 + inside) * scale)
    page.wait_for_timeout(500)
    widget.press("s")
    before = page.evaluate("() => stopwatch.state()")
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => stopwatch.frames.start()")
    for turn in range(n_moves):
        page.mouse.move(x + 2 * turn % 200, y + turn % 150)
    frames: Figures = page.evaluate("() => stopwatch.frames.stop()")
    assert page.evaluate("() => stopwatch.state()") != before, f"No {kind} moved."
    page.mouse.up()
    return frames


def _edge(widget: Widget, _: str, n_moves: int) -> Figures:
    """Move the end of the first span with keys, on and back."""
    page = widget.page
    widget.press("s")
    page.evaluate("() => { stopwatch.take(); stopwatch.frames.start(); }")
    for turn in range(n_moves // 3):
        page.keyboard.press("]" if turn % 4 < 2 else "[")
        page.wait_for_timeout(20)
    frames: Figures = page.evaluate("() => stopwatch.frames.stop()")
    keys = page.evaluate("() => stopwatch.take()")
    return {**frames, "keys": [key["drawn"] for key in keys if key["drawn"] is not None]}


def long_texts(browser: Browser, server: Server, sizes: Sizes) -> dict[str, Figures]:
    """Open, scroll and mark long texts; return the figures by form, alone and with spans."""
    found = {}
    for spans in (False, True):
        for form in FORMS:
            name = f"{form}, {'spans' if spans else 'alone'}"
            shows = [
                f"show_text({form!r}, {number}, spans={spans}, n_items=2)"
                for number in range(0, 2 * sizes.texts, 2)
            ]
            title = "".join(each if each.isalnum() else "-" for each in name)
            notebook = in_browser.opened(browser, server, title, [_START, *shows], STOPWATCH)
            found[name] = _long_text(notebook, form, spans=spans, count=sizes.texts)
            notebook.page.close()
            server.shut_down_kernels()
    return found


def _long_text(notebook: Notebook, form: str, *, spans: bool, count: int) -> Figures:
    page = notebook.page
    first, after = [], []
    for number in range(count):
        page.evaluate(_STALE)
        page.evaluate("text => { window.first = stopwatch.firstScreen(text) }", f"Text {2 * number} ")
        notebook.run(1 + number)
        first.append(float(page.evaluate("() => window.first")))
        widget = notebook.view(1 + number)
        page.wait_for_timeout(800)
        if number == count - 1:
            break
        widget.press("Enter" if spans else "1")
        page.wait_for_timeout(800)
        after += [key["next"] for key in page.evaluate("() => stopwatch.take()") if key["next"]]
    figures: Figures = {"first": first, "next": after, "nodes": page.evaluate("() => stopwatch.nodes()")}
    figures["heap"] = page.evaluate("() => Math.round(performance.memory.usedJSHeapSize / 1e6)")
    if form == SHORT:
        return figures
    figures["scroll"] = page.evaluate("() => stopwatch.scroll(120, 150)")
    if spans:
        widget = notebook.view(count)
        figures["keys"] = [took for home in ("ArrowRight", "ArrowLeft") for took in _marked(widget, home)]
    return figures


def _marked(widget: Widget, home: str) -> list[float]:
    """Select at one end of the text and label; return the milliseconds of each key but the first."""
    widget.press(home)
    widget.page.wait_for_timeout(500)
    widget.page.evaluate("() => stopwatch.take()")
    for key in (home, home, "1", "]", home, "2"):
        widget.press(key)
        widget.page.wait_for_timeout(in_browser.PACE[0])
    took = [float(key["drawn"]) for key in widget.page.evaluate("() => stopwatch.take()")]
    # Nothing is chosen then: the next arrow begins at an end of the text.
    widget.press("Escape")
    return took


# ------------------------------------------------------------------------------------- figures


def summary(
    keys: Mapping[str, Sequence[float]], marks: Mapping[str, Figures], texts: Mapping[str, Figures]
) -> Figures:
    """Return medians and percentiles of all that was measured."""
    bare = in_browser.percentiles(keys[LOCAL])["p50_ms"] if keys else 0.0
    by_kind = {
        name: {
            **in_browser.percentiles(took),
            "times": round(in_browser.percentiles(took)["p50_ms"] / bare, 2),
        }
        for name, took in keys.items()
    }
    figures = {
        "keys": by_kind,
        "marks": {name: _measured(each) for name, each in marks.items()},
        "texts": {name: _measured(each) for name, each in texts.items()},
    }
    return {**figures, **in_browser.surroundings()}


def _measured(each: Mapping[str, Any]) -> Figures:
    """Return the percentiles of every list of milliseconds, and what is none as it is."""
    found: Figures = {}
    for name, value in each.items():
        if name == "long":
            found[name] = len(value)
        elif isinstance(value, list):
            found[name] = in_browser.percentiles(value) if value else None
        else:
            found[name] = _measured(value) if isinstance(value, dict) else value
    return found


def _met(value: float, goal: float) -> str:
    return "met" if value <= goal else "MISSED"


def _pair(figures: Mapping[str, float] | None) -> str:
    return f"{figures['p50_ms']:.1f} / {figures['p95_ms']:.1f}" if figures else "-"


def _table(*rows: Sequence[str]) -> str:
    """Return rows as a table; the first one is its head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _key_row(name: str, each: Figures) -> list[str]:
    goal = "" if name == LOCAL else f"{each['times']:.2f} {_met(each['times'], TIMES)}"
    return [name, _pair(each), goal]


def _mark_row(name: str, each: Figures) -> list[str]:
    met = _met(each["deltas"]["p50_ms"], FRAME)
    return [name, f"{_pair(each['deltas'])} {met}", _pair(each["works"]), f"{each['long']}"]


def _text_row(name: str, each: Figures) -> list[str]:
    first, scroll = each["first"], each.get("scroll")
    return [
        name,
        f"{_pair(first)} {_met(first['p50_ms'], FIRST)}",
        _pair(each["next"]),
        _pair(scroll and scroll["deltas"]),
        _pair(each.get("keys")),
        f"{each['nodes']:,}",
        f"{each['heap']}",
    ]


def tables(result: Figures) -> str:
    """Return the figures as three tables: milliseconds, p50 / p95."""
    keys = ["widget", "to the next item", f"times the bare one's, at most {TIMES:.0f}"]
    marks = ["500 marks, one moved", f"frame, at most {FRAME:.0f}", "work in it", "tasks over 50 ms"]
    texts = [
        *("text of ten million characters", f"first screen, at most {FIRST:.0f}", "as the next item"),
        *("frame, scrolling", f"key, at most {KEY:.0f}", "nodes", "heap, MB"),
    ]
    return "\n\n".join(
        _table(head, *(row(name, each) for name, each in result[part].items()))
        for part, head, row in (
            ("keys", keys, _key_row),
            ("marks", marks, _mark_row),
            ("texts", texts, _text_row),
        )
        if result[part]
    )


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=Sizes.rounds)
    parser.add_argument("--only", choices=["keys", "marks", "texts"], action="append")
    parser.add_argument("--keep", action="store_true", help="write the results into the checkout")
    chosen = parser.parse_args()
    parts = chosen.only or ["texts", "keys", "marks"]
    sizes = Sizes(rounds=chosen.rounds)
    measures: dict[str, Callable[[Browser, Server, Sizes], dict[str, Any]]] = {
        "keys": by_keys,
        "texts": long_texts,
        "marks": moved,
    }
    found: dict[str, dict[str, Any]] = {"keys": {}, "marks": {}, "texts": {}}
    with in_browser.stage() as (server, browser):
        for part in parts:
            found[part] = measures[part](browser, server, sizes)
            alone = {each: found[each] if each == part else {} for each in found}
            print(tables(summary(**alone)), "\n", flush=True)
    result = summary(**found)
    if chosen.keep:
        # What was not measured this time stays as it was.
        result = {**in_browser.known("widgets"), **{name: each for name, each in result.items() if each}}
        section = _SECTION.format(tables=tables(result), cores=result["cores"], load=result["load"])
        in_browser.keep("widgets", result, _HEADING, section)


_HEADING = "What a person waits for in each widget"
_SECTION = """
One JupyterLab and one browser; {cores} cores, load {load}; milliseconds, p50 / p95. Keys: from the one that
ends an item to the end of the frame that shows the next one with its image, in blocks beside the bare widget
that picks the next item in the browser. Marks: frames while one of 500 on an item is dragged, or the end of a
span moved with keys. Texts: from the items' data in the browser to the first screen, which includes opening
the outbox; a short text shows what that takes; and from a key to the next such text.

{tables}

`benchmarks/widgets.py --keep` writes this section and results/widgets.json.
"""


if __name__ == "__main__":
    main()
