"""What can go wrong between a key press and the store, and at which moment of a submission."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.ui.faults.conftest import Desk, dismiss_dialogs
from tests.ui.faults.witness import stored
from tests.ui.pages import wait_until

#: How many submissions the browser has on its own disk.
_KEPT = """async () => {
  const settled = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await settled(indexedDB.open("jupyter_annotate"));
  const count = await settled(database.transaction("parcels").objectStore("parcels").count());
  database.close();
  return count;
}"""


def nothing(_desk: Desk) -> None:
    """Do nothing: this is over at once."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and what ends it some keys later.

    `blind`: there is no page to press keys on meanwhile.
    """

    name: str
    begin: Callable[[Desk], None]
    end: Callable[[Desk], None] = nothing
    blind: bool = False


def _stop_kernel(desk: Desk) -> None:
    """Stop every thread: one that is still on its way could take a lock along."""
    process = desk.kernel.process
    process.suspend()
    tasks = Path(f"/proc/{process.pid}/task")

    def stopped() -> bool:
        states = (
            each.read_text(encoding="utf-8").rpartition(")")[2].split()[0] for each in tasks.glob("*/stat")
        )
        return set(states) <= {"T", "t", "Z", "X"}

    wait_until(desk.page, stopped, "a kernel that stands still")


def _lose_all(desk: Desk) -> None:
    desk.proxy.reset()
    desk.proxy.heal()


def _reconnect(desk: Desk) -> None:
    """Do not wait for JupyterLab to try again, now that the network is back."""
    desk.proxy.heal()
    dismiss_dialogs(desk.page)
    desk.page.evaluate("() => { void window.jupyterapp.commands.execute('kernelmenu:reconnect-to-kernel') }")


def _reload(desk: Desk) -> None:
    desk.notebook.reload()
    desk.widget = desk.notebook.view()


def _leave(desk: Desk) -> None:
    desk.page.goto("about:blank")


def _come_back(desk: Desk) -> None:
    desk.notebook.open()
    desk.widget = desk.notebook.view()


def rerun(desk: Desk) -> None:
    """Run the cell again, as the widget advises, and save the notebook."""
    desk.rerun()
    desk.notebook.save()


def restart_by_menu(desk: Desk) -> None:
    """Restart the kernel as a person does."""
    desk.page.evaluate("() => { void window.jupyterapp.commands.execute('kernelmenu:restart') }")
    desk.page.locator("dialog.jp-Dialog .jp-mod-accept").click()


def _set_lifecycle(desk: Desk, state: str) -> None:
    session = desk.page.context.new_cdp_session(desk.page)
    session.send("Page.setWebLifecycleState", {"state": state})
    session.detach()


def _fall_asleep(desk: Desk) -> None:
    """Close the lid: the network is gone and no timer runs."""
    desk.proxy.refuse()
    _set_lifecycle(desk, "frozen")


def _wake_up(desk: Desk) -> None:
    desk.proxy.heal()
    _set_lifecycle(desk, "active")


#: Over before the next key, or after some of them.
FAULTS = (
    Fault("bytes held up", lambda desk: desk.proxy.stall(), lambda desk: desk.proxy.heal()),
    Fault("bytes lost", lambda desk: desk.proxy.stall(), _lose_all),
    Fault("network down", lambda desk: desk.proxy.refuse(), _reconnect),
    Fault("connection reset", lambda desk: desk.proxy.reset()),
    Fault("slow network", lambda desk: desk.proxy.slow(0.2), lambda desk: desk.proxy.heal()),
    Fault("kernel stopped", _stop_kernel, lambda d: d.kernel.process.resume()),
    Fault("kernel killed", lambda desk: desk.kernel.kill(), rerun),
    Fault("page reloaded", _reload),
)
#: As the page comes back only when the network does, these cannot be drawn among the others.
LONG_FAULTS = (
    Fault("kernel restarted", restart_by_menu, rerun),
    Fault("page left", _leave, _come_back, blind=True),
    Fault("asleep", _fall_asleep, _wake_up, blind=True),
)


@dataclass(frozen=True)
class Moment:
    """How far a submission has come when something goes wrong.

    Parameters
    ----------
    name
        For people.
    hold
        Let nothing get any further than this; returns what lets it go on.
    reached
        Wait until so many answers have come so far.
    """

    name: str
    hold: Callable[[Desk], Callable[[], None]]
    reached: Callable[[Desk, int], None]


def _lock_of(desk: Desk) -> Path:
    return desk.folder / "log.sqlite.lock"


def _hold_log(desk: Desk) -> Callable[[], None]:
    """Take the first place in the queue of the writers."""
    lock = os.open(_lock_of(desk), os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lambda: os.close(lock)


def _hold_requests(desk: Desk) -> Callable[[], None]:
    desk.proxy.hold("up")
    return desk.proxy.release


def _hold_replies(desk: Desk) -> Callable[[], None]:
    desk.proxy.hold("down")
    return desk.proxy.release


def in_the_browser(desk: Desk, n: int) -> None:
    """Wait until the browser keeps so many answers on its own disk."""
    wait_until(desk.page, lambda: int(desk.page.evaluate(_KEPT)) >= n, "answers that the browser keeps")


def _in_the_queue(desk: Desk, n: int) -> None:
    """Wait until the kernel waits for its turn to write, behind us."""
    in_the_browser(desk, n)
    waiting = re.compile(rf"-> FLOCK .*:{_lock_of(desk).stat().st_ino} ")
    locks = Path("/proc/locks")
    wait_until(desk.page, lambda: bool(waiting.search(locks.read_text(encoding="utf-8"))), "a waiting writer")


def _in_the_store(desk: Desk, n: int) -> None:
    before = desk.n_stored
    wait_until(desk.page, lambda: len(stored(desk.folder)) >= before + n, "answers in the store")


MOMENTS = (
    Moment("nothing on its way", lambda _desk: lambda: None, lambda desk, _n: desk.settle()),
    Moment("requests on their way", _hold_requests, in_the_browser),
    Moment("waiting for the log", _hold_log, _in_the_queue),
    Moment("acknowledgements on their way", _hold_replies, _in_the_store),
)
