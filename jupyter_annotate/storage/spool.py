"""Spool: what could not reach the store, kept durably on this computer until it can.

Files are taken out by renaming, without locks and without asking who still lives: whoever keeps a line looks
afterwards whether its file is still in its place, and keeps the line once more if it is not. Stored twice is
stored once, because every event has its id.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import final

from jupyter_annotate.storage.permissions import follow_folder, sync_folder
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.segment_file import SUFFIX, SegmentWriter, read_lines

__all__ = ["Spool", "state_folder"]

_TAKEN = SUFFIX + ".taken"
_REFUSED = SUFFIX + ".refused"
_FIELDS = (
    "event_id",
    "kind",
    "annotator_id",
    "annotator_kind",
    "item_id",
    "question",
    "schema",
    "commit",
    "value",
    "context",
)


def state_folder() -> Path:
    """Return where this user's computer keeps what must outlive a process."""
    named = os.environ.get("JUPYTER_ANNOTATE_STATE")
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(named) if named else Path(home) / "jupyter_annotate"


@final
class Spool:
    """Appends that wait for their store, in order.

    Parameters
    ----------
    folder
        Where they lie, readable by their owner alone; made by the first `keep`.

    Attributes
    ----------
    folder
        The same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer = SegmentWriter(folder)

    def keep(self, rows: Sequence[Row]) -> None:
        """Keep the rows of one append, all or none, and return once that is durable.

        Raises
        ------
        OSError
            If it did not become durable.
        """
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps([_packed(row) for row in rows], ensure_ascii=False).encode()
        while not self._writer.append(line).exists():  # taken by somebody, with this line or without it
            self._writer.close()

    def holds_any(self) -> bool:
        """Tell whether something waits: of this process, or of one that ended without emptying its own."""
        return next(self._waiting(), None) is not None

    def empty(self, store: Callable[[Sequence[Sequence[Row]]], Sequence[Sequence[Row]]]) -> int:
        """Hand over what waits, oldest first; a file goes when all of it is stored.

        Parameters
        ----------
        store
            Called with the appends of one file; returns those that the store refuses for good. It may raise,
            then everything stays.

        Returns
        -------
        refused
            How many appends were refused. They are set aside in files of their own.
        """
        self._writer.close()
        refused = 0
        for path in sorted(self._waiting()):
            with contextlib.suppress(FileNotFoundError):  # somebody else took it out meanwhile
                refused += self._hand_over(path, store)
        return refused

    def close(self) -> None:
        """Let go of the file being written; what waits stays."""
        self._writer.close()

    def _hand_over(
        self, path: Path, store: Callable[[Sequence[Sequence[Row]]], Sequence[Sequence[Row]]]
    ) -> int:
        taken = path.with_name(path.name.removesuffix(".taken") + ".taken")
        if taken != path:
            path.rename(taken)
            sync_folder(self.folder)
        lines, _ = read_lines(taken)
        appends = [(line, _unpacked(line)) for line in lines]
        refused = store([rows for _, rows in appends if rows is not None])
        left = [line for line, rows in appends if rows is None or rows in refused]
        if left:
            self._set_aside(taken, left)
        taken.unlink()
        return len(left)

    def _set_aside(self, taken: Path, lines: Sequence[bytes]) -> None:
        aside = taken.with_name(taken.name.removesuffix(_TAKEN) + _REFUSED)
        with aside.open("wb") as file:
            file.write(b"".join(line + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        follow_folder(aside)
        sync_folder(self.folder)

    def _waiting(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (path for path in self.folder.iterdir() if path.name.endswith((SUFFIX, _TAKEN)))


def _packed(row: Row) -> dict[str, str]:
    return {name: getattr(row, name) for name in _FIELDS} | {"salt": (row.salt or b"").hex()}


def _unpacked(line: bytes) -> list[Row] | None:
    """Return the rows of a line, None if it is damaged."""
    try:
        return [
            Row(
                position=0,
                at=0,
                digest="",
                salt=bytes.fromhex(packed["salt"]),
                **{name: packed[name] for name in _FIELDS},
            )
            for packed in json.loads(line)
        ]
    except (ValueError, TypeError, KeyError):
        return None
