"""Queue: a courtesy among writers. Who lost a place to somebody else asks for a turn, and is let go first.

Nothing depends on it: places are taken by exclusive links. It only keeps the fast ones from starving the slow
ones, and many from writing blocks of which one is taken. A ticket begins with the position at which it was
drawn, so the one who has waited longest comes first whatever the clocks of the computers say, and whoever is
running anyway may overtake him for a while: to wake another process for each write would take far longer.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import final

from jupyter_annotate.events import uuid7

__all__ = ["Queue"]

#: Positions by which those who wait may be overtaken.
_LAG = 32
#: Seconds for the first one in the queue to take its turn; it may have been killed.
_PATIENCE = 1.0
_DRAWN = re.compile(r"(\d{12})-")
#: Seconds between two looks of the next in the queue; the others look less often, down to this many times.
_PAUSE = 0.001
_FAR = 20


@final
class Queue:
    """The tickets of all writers of a log, and one's own.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ticket = ""

    def draw(self, position: int) -> None:
        """Ask for a turn, once, as somebody who knows the log up to a position."""
        self._ticket = self._ticket or f"{position:012d}-{uuid7()}"
        with contextlib.suppress(OSError):
            os.close(os.open(self._folder / self._ticket, os.O_CREAT | os.O_WRONLY, 0o666))

    def leave(self) -> None:
        """Give up one's turn, taken or not."""
        ticket, self._ticket = self._ticket, ""
        if ticket:
            self._remove(ticket)

    def is_empty(self) -> bool:
        """Tell whether nobody waits."""
        return not self._tickets()

    def is_pressing(self, position: int) -> bool:
        """Tell whether somebody has been overtaken often enough, the log having come to this position."""
        oldest = next((found for found in map(_DRAWN.match, self._tickets()) if found), None)
        return oldest is not None and int(oldest[1]) + _LAG < position

    def clear(self) -> None:
        """Remove all tickets: whoever is alive and still waits draws again."""
        for ticket in self._tickets():
            self._remove(ticket)

    def wait(self, enough: Callable[[], bool]) -> None:
        """Return when it is one's turn, or when something else is enough.

        Parameters
        ----------
        enough
            Looked at again and again.
        """
        first, since, passed_over = "", time.monotonic(), ""
        while not enough():
            ahead = [each for each in self._tickets() if passed_over < each < self._ticket]
            if not ahead:
                return
            if ahead[0] != first:
                first, since = ahead[0], time.monotonic()
            elif time.monotonic() - since > _PATIENCE:
                self._remove(first)
                passed_over = first  # it may be in a folder where only its owner can remove it
            time.sleep(_PAUSE * min(len(ahead), _FAR) * random.uniform(0.5, 1))  # noqa: S311 -- no secret

    def _tickets(self) -> list[str]:
        try:
            return sorted(path.name for path in self._folder.iterdir())
        except OSError:
            return []

    def _remove(self, ticket: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / ticket).unlink()
