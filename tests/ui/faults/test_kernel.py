"""The kernel dies, restarts or is busy while somebody is labeling."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.ui.faults.conftest import Desk, Desks, dismiss_dialogs, keys
from tests.ui.faults.faults import restart_by_menu
from tests.ui.faults.witness import stored
from tests.ui.pages import PATIENCE, wait_until

in_lab = pytest.mark.parametrize("app", ["lab"], indirect=True)


def seconds_until_unsaved(desk: Desk, since: float) -> float:
    """Return how long after a moment the widget no longer claims that all is well."""
    sound = "root => !['saved', 'saving'].includes(root.dataset.jaStatus)"
    root = desk.widget.root.element_handle()
    desk.page.wait_for_function(sound, arg=root, timeout=PATIENCE, polling=20)
    return time.monotonic() - since


def test_the_kernel_is_killed(desks: Desks) -> None:
    """A kernel killed while labeling is told within two seconds; answers wait and are stored once."""
    desk = desks()
    desk.press(keys(5))
    killed = time.monotonic()
    desk.kernel.kill()
    desk.press(keys(3, 1))
    assert seconds_until_unsaved(desk, killed) < 2.0
    expect(desk.widget.root.locator(".ja-saving")).to_contain_text("not saved", timeout=6000)
    desk.no_false_promise()
    assert len(desk.account().pressed) == 8

    desk.rerun()
    desk.press(keys(4))
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 12
    assert desk.shown() == 13


def test_the_kernel_is_restarted(desks: Desks) -> None:
    """A restart takes nothing with it: what was pressed before and after waits for the cell to run again."""
    desk = desks()
    desk.press(keys(4))
    restart_by_menu(desk)
    desk.wait_for_kernel()
    desk.press(keys(4))
    expect(desk.widget.root).not_to_have_attribute("data-ja-status", "saved", timeout=PATIENCE)
    desk.no_false_promise()

    desk.rerun()
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 8


def test_the_kernel_is_restarted_elsewhere(desks: Desks) -> None:
    """A restart by another tab or program: with the page reloaded and the cell run again all is stored.

    JupyterLab goes on sending to a subshell of the old kernel then, until the page is loaded again: the
    notice of the widget names both steps.
    """
    desk = desks()
    desk.press(keys(4))
    desk.kernel.restart()
    desk.wait_for_kernel()
    desk.press(keys(4))
    notice = desk.widget.root.get_by_role("alert")
    advice = "re-run this cell; if that does not help, reload the page and run it again"
    expect(notice).to_contain_text(advice, timeout=PATIENCE)
    desk.no_false_promise()

    desk.notebook.reload()
    desk.rerun()
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) == 8


_ASLEEP = "import time\ntime.sleep(10)"
_AT_WORK = "import time\nend = time.monotonic() + 10\nwhile time.monotonic() < end:\n    sum(range(1000))"


@in_lab
@pytest.mark.parametrize("busy", [_ASLEEP, _AT_WORK], ids=["asleep", "at work"])
def test_a_cell_runs_meanwhile(desks: Desks, busy: str) -> None:
    """While a cell runs for ten seconds answers are saved or said to wait within two; none is lost."""
    desk = desks(busy)
    desk.notebook.run(1)
    expect(desk.notebook.cell(1).locator(".jp-InputPrompt")).to_have_text("[*]:", timeout=PATIENCE)
    desk.press(keys(9))
    wait_until(desk.page, lambda: bool(desk.account().pressed), "the first answer")
    expect(desk.notebook.cell(1).locator(".jp-InputPrompt")).not_to_have_text("[*]:", timeout=PATIENCE)
    desk.settle()
    account = desk.account()
    assert len(account.pressed) == 9
    assert account.longest_promise() < 2.0
    desk.exactly_once()


def test_a_burst_of_keys(desks: Desks) -> None:
    """Thirty keys as fast as they can be pressed are thirty answers on thirty items in a row."""
    desk = desks()
    for key in keys(30):
        desk.page.keyboard.press(key)
    desk.settle()
    assert desk.account().pressed == [(f"i{n + 1}", ("red", "green", "blue")[n % 3]) for n in range(30)]
    desk.exactly_once()


_BURST = """async (root) => {
  const channel = new MessageChannel();
  for (const key of [...Array(30).keys()].map(each => String(each % 3 + 1))) {
    const init = { key, code: `Digit${key}`, bubbles: true, composed: true, cancelable: true };
    root.dispatchEvent(new KeyboardEvent("keydown", init));
    // The next key is another task, as it is with a keyboard, however fast.
    await new Promise(resolve => { channel.port1.onmessage = resolve; channel.port2.postMessage(null); });
  }
}"""


@in_lab
def test_a_burst_without_a_pause(desks: Desks) -> None:
    """Thirty key events with no time between them answer the items shown, one after the other, none twice."""
    desk = desks()
    desk.widget.root.evaluate(_BURST)
    desk.settle()
    pressed = desk.account().pressed
    assert [item for item, _ in pressed] == [f"i{n + 1}" for n in range(30)]
    desk.exactly_once()


@in_lab
def test_a_dead_kernel_is_told_without_a_key(desks: Desks) -> None:
    """Nobody presses a key: a kernel that is gone is still told within about two seconds."""
    desk = desks()
    desk.press("1")
    desk.settle()
    process = desk.kernel.process
    process.suspend()
    try:
        assert seconds_until_unsaved(desk, time.monotonic()) < 2.5
    finally:
        process.resume()
    desk.settle()
    dismiss_dialogs(desk.page)
    desk.exactly_once()
