"""Pages are reloaded, closed and doubled while answers are on their way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.ui.faults.conftest import Desk, Desks, keys, suspended
from tests.ui.faults.witness import standing, stored, witnessed
from tests.ui.pages import PATIENCE

in_lab = pytest.mark.parametrize("app", ["lab"], indirect=True)


def queue_answers(desk: Desk, n: int) -> None:
    """Press keys the kernel never hears of: what was on its way is lost with the connection."""
    desk.proxy.stall()
    desk.press(keys(n, 1))
    expect(desk.widget.root).to_have_attribute("data-ja-unsaved", str(n), timeout=PATIENCE)
    desk.no_false_promise()
    desk.proxy.refuse()


def test_a_reload_with_answers_queued(desks: Desks) -> None:
    """The page is left with nothing sent, and loaded anew: the answers and the item are still there."""
    desk = desks()
    desk.press(keys(5))
    desk.settle()
    queue_answers(desk, 5)
    desk.page.goto("about:blank")
    assert len(stored(desk.folder)) == 5
    desk.proxy.heal()
    desk.notebook.open()
    desk.widget = desk.notebook.view()
    desk.settle()
    assert desk.shown() == 11
    desk.press(keys(3))
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 13


@in_lab
def test_a_reload_while_the_kernel_is_stopped(desks: Desks) -> None:
    """The page is loaded anew while the kernel does not answer; what it gets late and again counts once."""
    desk = desks()
    desk.press(keys(5))
    desk.settle()
    with suspended(desk.kernel):
        desk.press(keys(5, 1))
        expect(desk.widget.root).to_have_attribute("data-ja-unsaved", "5", timeout=PATIENCE)
        desk.page.reload(wait_until="commit")
    desk.notebook.wait_ready()
    desk.widget = desk.notebook.view()
    desk.settle()
    assert desk.shown() == 11
    desk.exactly_once()
    assert len(stored(desk.folder)) == 10


def close_tab(desk: Desk) -> None:
    """Close the tab as a person does who does not wait."""
    desk.page.close()


def crash_tab(desk: Desk) -> None:
    """End the process of the tab."""
    with desk.page.expect_event("crash"), contextlib.suppress(Error):
        desk.page.goto("chrome://crash", timeout=2_000)


@in_lab
@pytest.mark.parametrize("end", [close_tab, crash_tab])
def test_a_tab_that_ends(desks: Desks, end: Callable[[Desk], None]) -> None:
    """The tab is closed or crashes with nothing sent; opened again, it sends all and shows the next item."""
    desk = desks()
    desk.press(keys(2))
    desk.settle()
    queue_answers(desk, 4)
    end(desk)
    assert len(stored(desk.folder)) == 2
    desk.proxy.heal()
    reopened = desks.again(desk)
    reopened.settle()
    assert reopened.shown() == 7
    reopened.press("1")
    reopened.settle()
    reopened.exactly_once()
    assert len(stored(desk.folder)) == 7


@in_lab
def test_two_tabs(desks: Desks) -> None:
    """Two tabs show one widget and label in turn: each answer is on the item its tab showed, once."""
    left = desks()
    right = desks.again(left)
    for key in keys(8):
        for desk in (left, right):
            desk.page.bring_to_front()
            desk.press(key)
            desk.settle()
    left.exactly_once()
    agree(left, right)


@in_lab
def test_two_notebooks_of_one_annotator(desks: Desks) -> None:
    """Two notebooks of one person on one project label at once and end with the same answers."""
    left, right = desks(), desks()
    assert left.kernel.kernel_id != right.kernel.kernel_id
    for key in keys(8):
        left.press(key)
        right.press(key)
    left.settle()
    right.settle()
    left.exactly_once()
    agree(left, right)


def agree(left: Desk, right: Desk) -> None:
    """Expect that both count what is in the store."""
    done = len(standing(left.folder))
    for desk in (left, right):
        expect(desk.widget.root.locator(".ja-count")).to_have_text(f"{done} / 1,000", timeout=PATIENCE)


@in_lab
def test_two_annotators(desks: Desks, chromium: Browser) -> None:
    """Two people on one project label the same items at once; each has one answer to each, their own."""
    context = chromium.new_context(viewport={"width": 1100, "height": 800})
    witnessed(context)
    ada, grace = desks(), desks(annotator="grace", context=context)
    for n in range(10):
        ada.press("123"[n % 3])
        grace.press("231"[n % 3])
    for desk in (ada, grace):
        desk.settle()
        desk.exactly_once()
    assert standing(ada.folder, "ada").keys() == standing(ada.folder, "grace").keys()
    assert standing(ada.folder, "ada") != standing(ada.folder, "grace")
    context.close()
