"""An annotator's kernel without a notebook: labels as fast as it can until nothing is left for it.

``python -m tests.hub.labeler LOCATION ANNOTATOR SEED JOURNAL``. Every answer goes into the journal before it
is given and again once it is acknowledged, each line synced to the disk; so whoever kills this process knows
what was promised. When nothing is left it looks for news once a second, until its standard input ends: then
it writes down the progress it would show, and ends.
"""

from __future__ import annotations

import json
import os
import random
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jupyter_annotate import Project, Session
from jupyter_annotate.errors import AwayError, KeptHereError, NotSavedError
from jupyter_annotate.events import Json, uuid7
from jupyter_annotate.served import Served

LABELS = ("red", "green", "blue")
T = TypeVar("T")

_TICK = 1.0
"""Seconds between two looks for news."""
_PATIENCE = 0.2
"""Seconds until a store that is away is asked again."""


class Journal:
    """What a kernel was promised, outside the store.

    Parameters
    ----------
    path
        Its file; a kernel that is started again goes on in it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def note(self, what: str, **facts: Json) -> None:
        """Write one line and wait until it is on the disk."""
        self._file.write(json.dumps({"what": what, **facts}).encode() + b"\n")
        os.fdatasync(self._file.fileno())


def told_to_end(seconds: float) -> bool:
    """Wait so long, or until the standard input ends, and say whether it did."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready)


def patiently(act: Callable[[], T]) -> T:
    """Do something as soon as the store can be reached; a person would press the key again."""
    while True:
        try:
            return act()
        except (AwayError, NotSavedError):
            told_to_end(_PATIENCE)


class Labeler:
    """One annotator at full speed.

    Parameters
    ----------
    session
        The annotator's sitting.
    chance
        Draws the labels.
    journal
        Where promises are written down.
    """

    def __init__(self, session: Session, chance: random.Random, journal: Journal) -> None:
        self._session = session
        self._chance = chance
        self._journal = journal

    def label_all(self) -> None:
        """Label until nothing is left and the standard input has ended."""
        while True:
            item = patiently(self._session.current)
            if item is not None:
                self._label(item)
                continue
            patiently(self._session.sync)
            self._journal.note("resting", progress=patiently(self._session.progress))
            if told_to_end(_TICK):
                return

    def _label(self, item: Served) -> None:
        submission, label = uuid7(), self._chance.choice(LABELS)
        self._journal.note("given", submission=submission, item=item.item_id, label=label)
        kept = False

        def submit() -> None:
            nonlocal kept
            try:
                self._session.submit(
                    {"color": label}, item_id=item.item_id, hash=item.hash, submission=submission
                )
            except KeptHereError:
                # A promise too: the next kernel of this annotator brings it to the store if this one cannot.
                if not kept:
                    self._journal.note("kept", submission=submission)
                kept = True
                raise

        patiently(submit)
        self._journal.note("saved", submission=submission)


def main() -> None:
    """Label, then write down the last progress."""
    location, annotator, seed, journal_file = sys.argv[1:]
    journal = Journal(Path(journal_file))
    # A kernel that was killed goes on with other draws: its last answer may be stored without its knowing.
    chance = random.Random(f"{seed} {annotator} {Path(journal_file).stat().st_size}")
    with patiently(lambda: Project.open(location)) as project:
        session = patiently(lambda: Session(project, annotator))
        journal.note("begun", identity=session.annotator.source)
        Labeler(session, chance, journal).label_all()
        journal.note("ended", progress=patiently(session.progress))


if __name__ == "__main__":
    main()
