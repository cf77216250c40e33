"""Children that write until they are killed, and what they had acknowledged before."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence

import polars as pl

from jupyter_annotate.events import Event, EventKind

#: How often a test kills; `make test-long` asks for fifty times as many.
ROUNDS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "400"))

#: Says that what has this name is safe.
Acknowledge = Callable[[str], object]
#: Writes until it is killed, and acknowledges each name it is sure of.
Write = Callable[[Acknowledge], None]


def pair(name: str) -> list[Event]:
    """Make the events of one submission: an answer, and a comment that belongs to it.

    The comment makes a file grow: between the header's page and the new last page is the worst moment to die.
    """
    return [
        Event(
            kind=EventKind.ANSWER, annotator_id="ada", item_id="1", question="q", value=name, event_id=name
        ),
        Event(kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value="x" * 3900),
    ]


def pairs(prefix: str, store: Callable[[list[Event]], object], acknowledge: Acknowledge) -> None:
    """Store one submission after the other; acknowledge each only after it was stored."""
    for n in range(1_000_000):
        store(pair(f"{prefix}-{n}"))
        acknowledge(f"{prefix}-{n}")


def kill_round(writes: Sequence[Write], delay: float) -> set[str]:
    """Let children write at once, kill them after a while, and return what they had acknowledged."""
    children = [_begin(write) for write in writes]
    time.sleep(delay)
    for child, _ in children:
        os.kill(child, signal.SIGKILL)
    acknowledged: set[str] = set()
    for child, reader in children:
        os.waitpid(child, 0)
        with os.fdopen(reader, encoding="utf-8") as pipe:
            acknowledged.update(pipe.read().split())
    return acknowledged


def _begin(write: Write) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(lambda name: os.write(writer, f"{name}\n".encode()))
        finally:
            os._exit(1)
    os.close(writer)
    return child, reader


def nothing_lost(acknowledged: set[str], events: pl.DataFrame) -> None:
    """Assert that all that was acknowledged is there, once, and each submission is whole."""
    ids = events.filter(pl.col("kind") == "answer")["event_id"].to_list()
    assert len(acknowledged) > ROUNDS // 10
    assert acknowledged - set(ids) == set()
    assert len(ids) == len(set(ids))
    assert len(events) == 2 * len(ids)
