"""Every fault at every moment of a submission: what was pressed is stored once, and nothing false is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext

from tests.ui.faults.conftest import Desk, Desks, keys
from tests.ui.faults.faults import FAULTS, LONG_FAULTS, MOMENTS, Fault, Moment, rerun
from tests.ui.faults.proxy import Proxy
from tests.ui.faults.witness import stored
from tests.ui.servers import Server, serve

WIRE = Path(__file__).with_name("wire.js").read_text(encoding="utf-8")
#: A page that is loaded again in the middle of something is one that was left then.
CROSSED = tuple(fault for fault in FAULTS + LONG_FAULTS if fault.name != "page reloaded")
#: What a channel does to messages, each way.
WIRES = (
    {"up": "twice"},
    {"up": "swapped"},
    {"down": "twice"},
    {"down": "swapped"},
    {"up": "twice", "down": "swapped"},
    {"up": "swapped", "down": "twice"},
)

#: A server that is gone takes its kernels along: what matters is how far the answers were.
ON_THEIR_WAY = tuple(each for each in MOMENTS if each.name.endswith("on their way"))

in_lab = pytest.mark.parametrize("app", ["lab"], indirect=True)
at_every_moment = pytest.mark.parametrize("moment", MOMENTS, ids=[each.name for each in MOMENTS])
pytestmark = pytest.mark.timeout(280)


def test_there_are_enough_schedules() -> None:
    """Faults and moments make at least 36 schedules, no two the same."""
    crossed = {(fault.name, moment.name) for fault in CROSSED for moment in MOMENTS}
    with_tabs, with_servers = len(MOMENTS), len(ON_THEIR_WAY)

    assert len(crossed) == 40
    assert len(crossed) + len(WIRES) + with_tabs + with_servers == 52


def answer_until(moment: Moment, desk: Desk, n: int) -> Callable[[], None]:
    """Press keys until the answers have come so far; return what lets them go on."""
    desk.n_stored = len(stored(desk.folder))
    let_go = moment.hold(desk)
    desk.press(keys(n))
    moment.reached(desk, n)
    return let_go


def play(desk: Desk, moment: Moment, fault: Fault) -> None:
    """Press keys, let something go wrong when they have come so far, press more, and expect each once."""
    let_go = answer_until(moment, desk, 2)
    fault.begin(desk)
    let_go()
    if not fault.blind:
        desk.press(keys(2, 1))
        desk.no_false_promise()
    fault.end(desk)
    desk.press(keys(1, 2))
    desk.settle()
    desk.exactly_once()
    assert len(stored(desk.folder)) >= desk.n_stored + 3


@in_lab
@at_every_moment
def test_a_fault_at_every_moment(desks: Desks, moment: Moment) -> None:
    """Ten faults one after the other, each when the answers have come just so far."""
    desk = desks()
    for fault in CROSSED:
        print(fault.name)  # noqa: T201 -- shown when it fails
        play(desk, moment, fault)


@in_lab
def test_two_tabs_at_every_moment(desks: Desks) -> None:
    """While the answers of one tab have come just so far, another tab of the same person answers."""
    left = desks()
    right = desks.again(left)
    for moment in MOMENTS:
        print(moment.name)  # noqa: T201 -- shown when it fails
        left.page.bring_to_front()
        let_go = answer_until(moment, left, 2)
        right.page.bring_to_front()
        right.press(keys(2, 1))
        let_go()
        for desk in (right, left):
            desk.page.bring_to_front()
            desk.settle()
        left.exactly_once()


@in_lab
def test_messages_twice_and_in_another_order(desks: Desks, context: BrowserContext) -> None:
    """Messages that arrive twice, or in another order, each way: every answer is stored once, on its item."""
    context.add_init_script(WIRE)
    desk = desks()
    for wire in WIRES:
        print(wire)  # noqa: T201 -- shown when it fails
        desk.page.evaluate("wire => Object.assign(window.wire, { up: 'once', down: 'once' }, wire)", wire)
        before = desk.page.evaluate("window.wire.meddled")
        desk.press(keys(6))
        desk.settle()
        desk.exactly_once()
        assert desk.page.evaluate("window.wire.meddled") >= before + 3
    assert len(stored(desk.folder)) == 6 * len(WIRES)


def test_the_server_is_restarted(context: BrowserContext, tmp_path: Path) -> None:
    """The server and its kernels die and come back: with page and cell run again all is stored."""
    proxy = Proxy(0)
    with proxy.running():
        desk = None
        for moment in (*ON_THEIR_WAY, None):
            with serve("lab", tmp_path) as server:
                proxy.retarget(server.port)
                desk = _begin_or_go_on(desk, server, Desks(server, proxy, context, "restarted"))
                if moment is None:
                    desk.exactly_once()
                    assert len(stored(desk.folder)) == 3 * len(ON_THEIR_WAY)
                    return
                print(moment.name)  # noqa: T201 -- shown when it fails
                let_go = answer_until(moment, desk, 3)
                for process in (*psutil.Process(server.process.pid).children(recursive=True), server.process):
                    process.kill()
                server.process.wait()
            let_go()
            desk.no_false_promise()


def _begin_or_go_on(desk: Desk | None, server: Server, desks: Desks) -> Desk:
    if desk is None:
        return desks()
    desk.server = server
    desk.notebook.reload()
    rerun(desk)
    desk.settle()
    return desk
