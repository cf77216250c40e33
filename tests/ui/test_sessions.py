"""Whole sessions of every label type by keyboard alone: nothing is lost, nothing is pointed at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from jupyter_annotate.questions import QUESTIONS
from tests.questions.cases import Case, case_of
from tests.ui.pages import Notebook, Widget, write_notebook
from tests.ui.servers import Server

KINDS = sorted(QUESTIONS)
#: Answered by one key: a hundred of them take seconds.
QUICK = ("choice",)
_MANY, _FEW = 100, 5
_SESSIONS = [
    *(pytest.param(kind, _MANY if kind in QUICK else _FEW, id=kind) for kind in KINDS),
    *(
        pytest.param(kind, _MANY, id=f"{kind}, long", marks=pytest.mark.long_run)
        for kind in KINDS
        if kind not in QUICK
    ),
]
# A click by Enter or Space on a button has no pointer behind it, and says so: its detail is 0.
_COUNT_POINTING = """root => {
  window.pointed = 0;
  for (const name of ["pointerdown", "mousedown", "touchstart", "wheel", "click", "contextmenu"]) {
    root.addEventListener(name, ev => {
      if (ev.isTrusted && (name !== "click" || ev.detail > 0)) window.pointed++;
    }, { capture: true, passive: true });
  }
}"""
_HAS_FOCUS = "root => root === document.activeElement"


@pytest.fixture(scope="module")
def notebook(chromium: Browser, servers: Mapping[str, Server]) -> Iterator[Notebook]:
    """Return a notebook with a cell for each session, in Notebook 7."""
    server = servers["notebook"]
    cells = ["from tests.questions.cases import people, show", *(f"show({kind!r}, 1)" for kind in KINDS)]
    with contextlib.closing(chromium.new_context(viewport={"width": 1200, "height": 1000})) as context:
        opened = Notebook(server, write_notebook(server, "sessions", cells), context.new_page())
        opened.open()
        opened.run(0)
        yield opened


def begin(notebook: Notebook, kind: str, count: int) -> Widget:
    """Show so many items of a label type, the keyboard in the widget."""
    number = 1 + KINDS.index(kind)
    notebook.page.evaluate(
        "([number, source]) => window.jupyterapp.shell.currentWidget.content.widgets[number]"
        ".model.sharedModel.setSource(source)",
        [number, f"show({kind!r}, {count})"],
    )
    widget = notebook.show(number)
    widget.root.evaluate(_COUNT_POINTING)
    return widget


def answer(widget: Widget, case: Case) -> None:
    """Answer the item shown and submit it with keys, wherever they go, and wait for the next."""
    serial = widget.serial
    case.by_keys(widget)
    if not case.at_once:
        assert widget.root.evaluate(_HAS_FOCUS)
        widget.press("Enter")
    widget.wait_for_item(after=serial)


@pytest.mark.parametrize(("kind", "count"), _SESSIONS)
def test_a_session_by_keyboard_alone(kind: str, count: int, notebook: Notebook) -> None:
    """Item after item, the keys go to the widget without being sent there; each answer is in the project."""
    case = case_of(kind)
    widget = begin(notebook, kind, count)
    for _ in range(count):
        assert widget.root.evaluate(_HAS_FOCUS)
        answer(widget, case)
    widget.root.locator(".ja-blank-title").wait_for()
    widget.wait_saved()
    found = notebook.kernel.value(f"people({kind!r})")
    wrong = {item: given for item, given in found.items() if not case.matches(given, case.answer)}

    assert sorted(found) == sorted(f"i-{n}" for n in range(count))
    assert wrong == {}
    assert notebook.page.evaluate("() => window.pointed") == 0
    assert widget.root.evaluate(_HAS_FOCUS)


def test_pointing_would_be_noticed(notebook: Notebook) -> None:
    """A click on a label is counted."""
    widget = begin(notebook, "choice", 2)
    widget.button("sad").click()
    assert notebook.page.evaluate("() => window.pointed") > 0
