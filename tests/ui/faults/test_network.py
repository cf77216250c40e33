"""The network between browser and server stalls, breaks or slows down."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.ui.faults.conftest import Desk, Desks, dismiss_dialogs, keys
from tests.ui.faults.witness import stored
from tests.ui.pages import PATIENCE

pytestmark = pytest.mark.parametrize("app", ["lab"], indirect=True)

_CUT = 5_000
"""Milliseconds without network."""


def unsaved(desk: Desk, n: int) -> None:
    """Expect that the widget counts so many answers as not saved."""
    expect(desk.widget.root).to_have_attribute("data-ja-unsaved", str(n), timeout=PATIENCE)


def test_a_silent_cut(desks: Desks) -> None:
    """For five seconds bytes vanish and nobody is told: the answers are sent again when all is well."""
    desk = desks()
    desk.press(keys(3))
    desk.settle()
    desk.proxy.stall()
    desk.press(keys(5))
    unsaved(desk, 5)
    expect(desk.widget.root).not_to_have_attribute("data-ja-status", "saving", timeout=2_000)
    desk.page.wait_for_timeout(_CUT)
    desk.no_false_promise()
    assert len(stored(desk.folder)) == 3
    # What was held up is lost with its connection.
    desk.proxy.reset()
    desk.proxy.heal()
    desk.settle()
    desk.press(keys(2))
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 10


def test_a_visible_cut(desks: Desks) -> None:
    """The browser goes offline for five seconds: answers wait and arrive when it is back."""
    desk = desks()
    desk.press(keys(3))
    desk.settle()
    desk.page.context.set_offline(True)
    desk.proxy.refuse()
    desk.press(keys(5))
    unsaved(desk, 5)
    desk.page.wait_for_timeout(_CUT)
    dismiss_dialogs(desk.page)
    desk.no_false_promise()
    desk.proxy.heal()
    desk.page.context.set_offline(False)
    desk.settle()
    desk.press(keys(2))
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 10


def test_a_stall_that_ends(desks: Desks) -> None:
    """Everything held up for three seconds arrives at once, also what was sent again: nothing is doubled."""
    desk = desks()
    desk.proxy.stall()
    desk.press(keys(5))
    desk.page.wait_for_timeout(3_000)
    desk.proxy.heal()
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 5


def test_a_slow_network(desks: Desks) -> None:
    """With a third of a second each way labeling goes on at the speed of the keys."""
    desk = desks()
    desk.proxy.slow(0.3)
    for key in keys(15):
        desk.page.keyboard.press(key)
        desk.page.wait_for_timeout(100)
    desk.settle()
    assert [item for item, _ in desk.account().pressed] == [f"i{n}" for n in range(1, 16)]
    desk.exactly_once()


def test_too_long_without_a_kernel(desks: Desks) -> None:
    """After some seconds of silence no further answer is taken, and the person is told."""
    desk = desks()
    desk.press("1")
    desk.settle()
    desk.proxy.stall()
    desk.press("2")
    expect(desk.widget.root.locator(".ja-saving")).to_contain_text("1 not saved", timeout=PATIENCE)
    shown = desk.shown()
    desk.press("3")
    expect(desk.widget.root).to_contain_text("Not taken", timeout=PATIENCE)
    assert desk.shown() == shown
    desk.proxy.heal()
    desk.settle()
    desk.press("3")
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 3
