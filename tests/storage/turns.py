"""Four writers at full speed, and what each had had at a moment on the way."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import EventLog

_FORK = multiprocessing.get_context("fork")
_WRITERS = 4


def shares(begin: Callable[[], EventLog], *, each: int, after: int) -> list[int]:
    """Let four processes write so many events each; return how many each had had after so many of all."""
    gate, counts = _FORK.Barrier(_WRITERS), _FORK.Array("i", 2 * _WRITERS)

    def write(number: int) -> None:
        log = begin()
        gate.wait()
        for _ in range(each):
            log.append([Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=str(number))])
            with counts.get_lock():
                counts[number] += 1
                if sum(counts[:]) == after:
                    counts[_WRITERS:] = counts[:_WRITERS]

    writers = [_FORK.Process(target=write, args=(number,)) for number in range(_WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * _WRITERS
    found: list[int] = counts[_WRITERS:]
    assert sum(found) == after
    return found
