"""Pending lines: what writers made durable in their segments and nobody has put in order yet.

Whoever writes next takes them along, so a slow writer is stored by a fast one, and what a killed writer left
is stored by whoever comes. Ids tell what is stored already: a line is never there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import final

from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.segment_file import GONE, SUFFIX, read_lines
from jupyter_annotate.storage.segment_rows import decode_line

__all__ = ["Pending"]


@final
class Pending:
    """The segments of all writers, and how far each is stored.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stored: dict[str, int] = {}

    def take(self, store: Callable[[Sequence[Row]], bool]) -> list[Path]:
        """Offer every line that may not be stored yet, oldest segment first.

        Parameters
        ----------
        store
            Called with the rows of a line; returns True if they were stored before.

        Returns
        -------
        segments
            All there are; each complete line in them was offered now or stored before.
        """
        names = sorted(path.name for path in self._folder.iterdir() if path.suffix == SUFFIX)
        self._stored = {name: self._stored.get(name, 0) for name in names}
        for name in names:
            self._take_from(name, store)
        return [self._folder / name for name in names]

    def _take_from(self, name: str, store: Callable[[Sequence[Row]], bool]) -> None:
        start = self._stored[name]
        try:
            lines, _ = read_lines(self._folder / name, start)
        except OSError as error:
            if error.errno not in GONE:
                raise
            return  # all of it is stored: somebody saw that and removed it
        is_stored = True  # all before this line
        for line, rows in zip(lines, map(_rows, lines), strict=True):
            start += len(line) + 1
            # A line that is none was damaged when the whole computer crashed: its writer got no answer.
            is_stored &= not rows or store(rows)
            if is_stored:
                self._stored[name] = start


def _rows(line: bytes) -> list[Row]:
    try:
        return decode_line(line)
    except ValueError:
        return []
