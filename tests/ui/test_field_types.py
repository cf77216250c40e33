"""Every field in JupyterLab and Notebook 7: by keys and by pointer, accessible, in a narrow column."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from jupyter_annotate.fields import FIELDS
from tests.fields.cases import case_of
from tests.ui.one_page import OnePage, wrong_looks
from tests.ui.servers import App, Server

KINDS = sorted(FIELDS)
_START = "from tests.fields.cases import show"


@pytest.fixture(scope="module")
def pages(chromium: Browser, servers: Mapping[App, Server]) -> Iterator[OnePage]:
    """Return the open notebooks by application."""
    with contextlib.ExitStack() as closing:
        yield OnePage(chromium, servers, closing, _START, KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_works_by_keys_and_by_pointer(app: App, kind: str, pages: OnePage) -> None:
    """What a field offers is done by keys and by pointer, items are answered, axe finds nothing."""
    case = case_of(kind)
    widget = pages.show(app, kind)

    case.by_keys(widget)
    case.by_mouse(widget)
    assert wrong_looks(pages[app], widget, kind) == {}
    widget.focus()
    widget.decide("1")
    widget.wait_saved()
