"""No text of a data set, a schema or a person runs, loads or breaks out of its place, in a real browser."""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext

import jupyter_annotate as ja
from jupyter_annotate.errors import ColumnError, SchemaError
from tests.ui.injected import BULK, Shown, asking, control, everything, looking_on
from tests.ui.pages import Notebook, Widget, write_notebook
from tests.ui.payloads import HOST, PAYLOADS, as_name
from tests.ui.plain_page import PlainPage, Watch, plain_page
from tests.ui.servers import App, Server

_HARMLESS = "harmless words"
_WIDGETS = (everything, asking, looking_on, control)
_PLACES = 84
#: The payloads are dealt out to so many tests, two at a time; all but the first belong to the long run.
_PARTS = 3
_DEALT = [0, *(pytest.param(part, marks=pytest.mark.long_run) for part in range(1, _PARTS))]
_RUN = "window.__pwned = 1"

#: Markup, and what notices it.
MUTANTS = (
    (f"<img src=x onerror='{_RUN}'>", "ran: __pwned"),
    (f"<script>{_RUN}</script>", "ran: __pwned"),
    ("<script>alert(1)</script>", "dialog: 1"),
    (f"<img src=//{HOST}/i.png>", f"request: http://{HOST}/i.png"),
    (f"<p style='background:url(//{HOST}/b.png)'>x</p>", f"request: http://{HOST}/b.png"),
    ("<script>let x</script>", "<script>"),
    ("<iframe srcdoc='x'></iframe>", "<iframe>"),
    ("<a href='javascript:1'>x</a>", "a href=javascript:1"),
    ("<b onclick='1'>x</b>", "b onclick=1"),
    ("<script>document.body.append(document.createElement('p'))</script>", "elements outside"),
    ("<script>throw 1</script>", "failed: "),
    ("<img src=data:image/png,x>", "blocked: img-src"),
)


#: What takes one form only.
REFUSED: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("colour of a label", lambda text: ja.Label("a", color=text)),
    ("key of a label", lambda text: ja.Label("a", key=text)),
    ("name of a question", lambda text: ja.Choice(text, ["a"])),
)
# Not a LazyFrame: polars itself puts the names of its columns into the page as markup.
_FRAMES = """import polars as pl
from tests.ui.injected import bulk
pl.Config.set_tbl_rows(-1), pl.Config.set_fmt_str_lengths(1_000), pl.Config.set_fmt_table_cell_list_len(-1)
project = bulk()
display(project.items().collect(), project.events(), project, project.schema, widget)"""
_NOTE = """() => {
  window.noted = [];
  Object.defineProperty(window, "__pwned", { set: (value) => window.noted.push(value) });
}"""


@pytest.fixture
def open_in_lab(servers: Mapping[App, Server], context: BrowserContext) -> Iterator[Notebook]:
    """Return a notebook in JupyterLab: a cell shows all payloads, another one shows frames of them."""
    server = servers["lab"]
    cells = ["from tests.ui.injected import show_bulk\nwidget = show_bulk()\nwidget", _FRAMES]
    notebook = Notebook(server, write_notebook(server, "injection", cells), context.new_page())
    notebook.open()
    yield notebook
    server.shut_down_kernels()


@pytest.fixture(scope="module")
def plain(chromium: Browser) -> Iterator[PlainPage]:
    """Return the plain page."""
    with plain_page(chromium) as page:
        yield page


@pytest.fixture(scope="module")
def spoiled(chromium: Browser) -> Iterator[PlainPage]:
    """Return a plain page for what does harm."""
    with plain_page(chromium) as page:
        yield page


def raw(shown: Shown) -> Callable[[dict[str, Any]], None]:
    """Return what puts into the kernel's messages what our kernel never lets through."""

    def change(message: dict[str, Any]) -> None:
        if not shown.raw:
            return
        if message["kind"] == "state":
            setup = message["setup"]
            setup["notice"] = setup["name"] = shown.raw["notice"]
            for question in setup["schema"]["questions"]:
                for label in question.get("labels", []):
                    label["color"] = shown.raw["color"]
        elif message["kind"] == "blob" and message["blob"].endswith("/picture"):
            message["error"] = shown.raw["error"]

    return change


def go(plain: PlainPage, shown: Shown) -> dict[str, Any]:
    """Mount a widget and go through it."""
    plain.person = shown.person
    with plain.mounted(shown.widget, raw(shown)):
        return plain.go_through(shown.steps)


@pytest.mark.parametrize("part", _DEALT)
def test_a_browser_finds_only_text_in_every_place(part: int, plain: PlainPage) -> None:
    """Each payload is seen in each of 84 places, and none runs, loads, opens or becomes an element."""
    known = set[str]().union(*(go(plain, make(_HARMLESS))["tags"] for make in _WIDGETS))
    payloads = PAYLOADS[part::_PARTS]
    seen: dict[str, list[str]] = {}
    harm: dict[str, list[str]] = {}
    for payload in payloads:
        for make in _WIDGETS:
            found = go(plain, make(payload))
            seen.setdefault(payload, []).extend(found["shown"])
            strange = sorted(set(found["tags"]) - known)
            wrong = [*found["harm"], *(f"<{tag}>" for tag in strange), *plain.watch.take(plain.page)]
            if wrong:
                harm[f"{make.__name__}: {payload}"] = wrong

    assert harm == {}
    assert {len(set(at)) for at in seen.values()} == {_PLACES}
    assert sum(map(len, seen.values())) == _PLACES * len(payloads)


def test_there_are_enough_payloads() -> None:
    """Places times payloads are fifteen thousand, and no payload stands twice."""
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 180
    assert len(PAYLOADS) * _PLACES > 15_000


@pytest.mark.parametrize(("markup", "noticed"), MUTANTS, ids=[noticed for _, noticed in MUTANTS])
def test_the_watch_notices_markup(spoiled: PlainPage, markup: str, noticed: str) -> None:
    """A widget that took a text for markup would be noticed, in each of the ways that are watched."""
    shown = everything(_HARMLESS)
    with spoiled.mounted(shown.widget, raw(shown)):
        spoiled.go_through(shown.steps[:1])
        spoiled.page.evaluate(
            """markup => {
              const place = document.querySelector(".ja-text");
              place.append(document.createRange().createContextualFragment(markup));
            }""",
            markup,
        )
        spoiled.page.wait_for_timeout(150)
        found = [*spoiled.go_through([([], {})])["harm"], *spoiled.watch.take(spoiled.page)]
    assert [each for each in found if noticed in each] != [], found


def test_every_payload_that_is_markup_is_noticed_as_such(spoiled: PlainPage) -> None:
    """Taken for markup, more than half of the payloads are noticed: they are no harmless texts."""
    shown = everything(_HARMLESS)
    noticed = 0
    markup = """text => {
      const place = document.querySelector(".ja-text");
      place.replaceChildren();
      place.innerHTML = text;
    }"""
    with spoiled.mounted(shown.widget, raw(shown)):
        spoiled.go_through(shown.steps[:1])
        # These do away with the page itself, as `open` in a handler is that of the document.
        for payload in (each for each in PAYLOADS if not re.search("<body|http-equiv|=open", each)):
            spoiled.page.evaluate(markup, payload)
            spoiled.page.wait_for_timeout(20)
            noticed += bool(spoiled.go_through([([], {})])["harm"] or spoiled.watch.take(spoiled.page))
    assert noticed > len(PAYLOADS) / 2


_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='8' height='6' "
    f"onload='{_RUN}'><script>{_RUN}</script><image xlink:href='http://{HOST}/i.png' width='8' height='6'/>"
    f"<foreignObject><img xmlns='http://www.w3.org/1999/xhtml' src='x' onerror='{_RUN}'/></foreignObject>"
    f"<style>@import url(http://{HOST}/s.css);</style></svg>"
).encode()
#: A picture to one reader, something else to another.
_PICTURES = {
    "svg": _SVG,
    "xml": b"<?xml version='1.0'?>" + _SVG,
    "html": f"<html><script>{_RUN}</script></html>".encode(),
    "svg after a GIF header": b"GIF89a" + _SVG,
    "svg after a PNG header": b"\x89PNG\r\n\x1a\n" + _SVG,
    "script": f"GIF89a=1;{_RUN}//".encode(),
    "svgz": gzip.compress(_SVG),
}


@pytest.mark.parametrize("data", _PICTURES.values(), ids=_PICTURES)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """No column takes bytes that a browser might run instead of decoding them."""
    with pytest.raises(ColumnError, match="readable PNG, JPEG, GIF or WebP"):
        ja.Image("f").check_column(pl.Series("f", [data]), what="items")


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "image/png"])
@pytest.mark.parametrize("data", _PICTURES.values(), ids=_PICTURES)
def test_bytes_that_are_no_picture_do_nothing(plain: PlainPage, data: bytes, mime: str) -> None:
    """Even where a kernel sends such bytes, under any type, nothing in them runs or is loaded."""
    shown = everything(_HARMLESS)

    def change(message: dict[str, Any]) -> None:
        if message["kind"] == "blob":
            message |= {"mime": mime, "part": 0, "parts": 1, "data": data}

    with plain.mounted(shown.widget, change):
        plain.go_through([([["wait", ".ja-image img, .ja-problem"]], {})])
        plain.page.wait_for_timeout(150)
        found = [*plain.go_through([([["move"]], {})])["harm"], *plain.watch.take(plain.page)]
    assert found == []


@pytest.mark.parametrize(("what", "make"), REFUSED, ids=[what for what, _ in REFUSED])
def test_what_takes_no_text_takes_no_payload(what: str, make: Callable[[str], object]) -> None:
    """A colour, a key and the name of a question are of one form, and no payload has it."""
    taken = []
    for payload in PAYLOADS:
        with contextlib.suppress(SchemaError):
            make(payload)
            taken.append(payload)
    # Names every object has are identifiers too.
    assert [each for each in taken if not (what == "name of a question" and each.isidentifier())] == []


_FOUND_BY_NAME = """async ([box, names]) => {
  const panel = box.closest(".ja-question");
  const lost = [];
  for (const name of names) {
    box.value = name;
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    const shown = [...panel.querySelectorAll(".ja-label-name")].map((each) => each.textContent);
    if (!shown.includes(name)) lost.push(name);
  }
  box.value = "";
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  return lost;
}"""


def not_found_by_name(widget: Widget, place: str, names: list[str]) -> list[str]:
    """Return the labels that are not shown when their whole name is typed into the search."""
    panel = widget.root.locator(BULK[place].removesuffix(" .ja-label-name"))
    box = panel.get_by_label("Find a label").element_handle()
    lost: list[str] = widget.page.evaluate(_FOUND_BY_NAME, [box, names])
    return lost


def test_a_notebook_shows_only_text(open_in_lab: Notebook) -> None:
    """In JupyterLab all payloads at once are seen in every place that takes many, as text."""
    notebook = open_in_lab
    watch = Watch(notebook.page.context)
    notebook.page.evaluate(_NOTE)
    widget = notebook.show(0)
    texts = widget.root.evaluate(
        "(root, places) => Object.fromEntries(Object.entries(places).map(([name, selector]) => "
        "[name, [...root.querySelectorAll(selector)].map((each) => each.textContent)]))",
        BULK,
    )
    wanted = {as_name(each).strip() for each in PAYLOADS}
    missing = {
        name: [each for each in wanted if not any(each in text for text in found)]
        for name, found in texts.items()
    }
    # Of hundreds of labels only so many are shown: the others are found by their name.
    for name in ("label", "option of an item"):
        missing[name] = not_found_by_name(widget, name, missing[name])
    assert {name: lost for name, lost in missing.items() if lost} == {}
    widget.focus()
    widget.press("g", "?")
    notebook.run(1)
    notebook.cell(1).locator(".jp-OutputArea-output").first.wait_for()
    notebook.page.wait_for_timeout(300)
    bad = "script, iframe, object, embed, a, form, [onload], [onerror], [onclick], [onfocus], [href], [src]"
    assert widget.root.locator(bad).count() == 0
    assert notebook.page.evaluate("() => window.noted") == []
    assert watch.found == []
