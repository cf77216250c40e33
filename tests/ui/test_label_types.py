"""Every label type in JupyterLab and Notebook 7: by keys, by pointer, accessible, in a narrow column."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from jupyter_annotate.questions import QUESTIONS
from tests.questions.cases import VARIANTS, Case, case_of
from tests.ui.one_page import OnePage, wrong_looks
from tests.ui.pages import Widget
from tests.ui.servers import App, Server

KINDS = sorted([*QUESTIONS, *VARIANTS])
_START = "from tests.questions.cases import people, show"


@pytest.fixture(scope="module")
def pages(chromium: Browser, servers: Mapping[App, Server]) -> Iterator[OnePage]:
    """Return the open notebooks by application."""
    with contextlib.ExitStack() as closing:
        yield OnePage(chromium, servers, closing, _START, KINDS)


def submit_by_keys(widget: Widget, case: Case) -> None:
    """Answer the item shown and submit it with keys, and wait for the next."""
    serial = widget.serial
    widget.focus()
    case.by_keys(widget)
    if not case.at_once:
        widget.focus()
        widget.press("Enter")
    widget.wait_for_item(after=serial)


def submit_by_mouse(widget: Widget, case: Case) -> None:
    """Answer the item shown and submit it with the pointer, and wait for the next."""
    serial = widget.serial
    case.by_mouse(widget)
    if not case.at_once:
        widget.button("Submit").click()
    widget.wait_for_item(after=serial)


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_type_works_by_keys_and_by_pointer(app: App, kind: str, pages: OnePage) -> None:
    """Keys alone and the pointer alone give the same answer, stored in canonical form; axe finds nothing."""
    case = case_of(kind)
    widget = pages.show(app, kind)

    submit_by_keys(widget, case)
    submit_by_mouse(widget, case)
    widget.wait_saved()
    found = pages[app].kernel.value(f"people({kind!r})")

    assert set(found) == {"i-0", "i-1"}
    assert [answer for answer in found.values() if not case.matches(answer, case.answer)] == []

    widget.focus()
    if not case.at_once:
        case.by_keys(widget)
    assert wrong_looks(pages[app], widget, kind) == {}
