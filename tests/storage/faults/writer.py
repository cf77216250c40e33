"""The program that is watched: it appends, and says on its standard output when an append has returned.

``python -m tests.storage.faults.writer PLACE FOLDER append [WEAKNESS]`` writes one log, whole.
``python -m tests.storage.faults.writer PLACE FOLDER fail once|on`` writes one log after the other; in the
n-th, the n-th write, sync or change of a name fails, and with it, if told so, all after it.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_annotate.errors import StorageError
from jupyter_annotate.events import Event
from jupyter_annotate.storage.base import EventLog
from tests.storage.faults.places import PLACES, Place, answers

#: The sizes of the appends: small ones, one that fills pages, one of many events.
_APPENDS = [(2, size) for size in (0, 300, 3900, 50, 9000, 10, 0, 700, 3900, 120)] + [(12, 600)]


def say(*words: object) -> None:
    """Tell the test; whoever watches the calls sees when."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def append_all(place: Place, folder: Path) -> None:
    """Begin a log, append to it, open it again, erase from it."""
    say("ROUND", folder)
    with place.open(folder, False) as log:
        say("OPENED", log.log_id)
        for number, (n, size) in enumerate(_APPENDS * place.rounds):
            _append(log, answers(f"a{number}", n, size))
    with place.open(folder, False) as log:
        for number in range(4):
            _append(log, answers(f"b{number}"))
        say("START erase")
        log.erase([3], annotator_id="ada", reason="asked to")
        say("ERASED", 3)


def fail_everywhere(place: Place, folder: Path, *, again: bool) -> None:
    """Let the n-th call fail for every n, until nothing is left to fail."""
    shim = ctypes.CDLL(None)
    for n in _counting():
        say("ROUND", folder / str(n))
        refused = _one_failure(place, folder / str(n), functools.partial(shim.fault_arm, n, again))
        missed = shim.fault_disarm()
        with place.open(folder / str(n), False) as log:
            log.verify()
            for events in refused:
                _append(log, events)
        if missed:
            return


def _one_failure(place: Place, folder: Path, arm: Callable[[], object]) -> list[list[Event]]:
    """Append while calls fail, each a second time if it was refused, and return what was refused twice."""
    refused = []
    with place.open(folder, False) as log:
        _append(log, answers("a"))
        arm()
        for number in range(4):
            events = answers(f"b{number}", 2, 2500)
            if not (_append(log, events) or _append(log, events)):
                refused.append(events)
    return refused


def _append(log: EventLog, events: list[Event]) -> bool:
    ids = " ".join(event.event_id for event in events)
    say("START", ids)
    try:
        log.append(events)
    except StorageError as error:
        say("REFUSED", type(error).__name__, error)
        return False
    say("ACK", ids)
    return True


def _counting() -> Iterator[int]:
    yield from range(1, 300)
    message = "More than 300 calls for four appends."
    raise AssertionError(message)


def _watch_verify() -> None:
    verify = EventLog.verify

    def verified(log: EventLog, *anchor: object) -> object:
        found = verify(log, *anchor)  # type: ignore[arg-type]  # handed through
        say("VERIFIED")
        return found

    EventLog.verify = verified  # type: ignore[method-assign, assignment, misc]  # to see when it is called


def main(name: str, folder: Path, what: str, how: str = "") -> None:
    """Do what the command line says."""
    place = PLACES[name]
    if what == "fail":
        _watch_verify()
        fail_everywhere(place, folder, again=how == "on")
        return
    if how:
        place.weaknesses[how]()
    append_all(place, folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
