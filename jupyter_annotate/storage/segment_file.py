"""Segment files: lines that one process appends and everybody reads. No locks, nothing is ever changed.

A segment belongs to the writer that made it. Its name is new (a UUID of version 7, so names sort by the
time they were made), nobody else writes to it, and after a failed write its writer begins another one: what a
full disk or a kill left at the end of a segment is a line without its end, and readers pass over that.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import final

from jupyter_annotate.events import uuid7
from jupyter_annotate.storage.permissions import file_mode, follow_folder, sync_folder

__all__ = ["GONE", "SUFFIX", "SegmentWriter", "read_lines", "sync_data"]

SUFFIX = ".ndjson"
#: What a system says of an open file that another computer removed.
GONE = frozenset({errno.ENOENT, errno.ESTALE})


@final
class SegmentWriter:
    """Appends lines to a segment of its own, each durable before `append` returns.

    Threads must take turns; a process that was forked begins a segment of its own.

    Parameters
    ----------
    folder
        Where segments lie; it exists. The file is made by the first `append`.

    Attributes
    ----------
    path
        The segment being written; None before the first line and after `close`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = -1
        self._owner = 0
        self._length = 0
        self.path: Path | None = None

    def append(self, line: bytes) -> Path:
        """Write one line and return the segment it is in, once it is durable.

        Parameters
        ----------
        line
            Without a line break in it; its end is added.

        Raises
        ------
        ValueError
            If there is a line break in it.
        OSError
            If it did not become durable. No reader will take it for a line, unless the system wrote it whole
            and could not say so.
        """
        if b"\n" in line:
            raise ValueError("a line of a segment holds no line break")
        whole = line + b"\n"
        path = self._begun()
        try:
            self._put(whole)
        except OSError as error:
            if error.errno not in GONE:
                raise
            path = self._begun()  # removed between our look and our write
            self._put(whole)
        return path

    def close(self) -> None:
        """Let go of the segment; a later `append` begins another."""
        handle, self._handle, self.path = self._handle, -1, None
        if handle >= 0:
            os.close(handle)

    def drop_if_removed(self) -> None:
        """Let go of a segment that somebody removed, so that what was in it does not stay on the disk."""
        if self._handle >= 0 and self._is_removed():
            self.close()

    def _begun(self) -> Path:
        """Return the open segment; begin one after a fork, and where somebody removed ours."""
        if self._owner != os.getpid():
            self.close()
        self.drop_if_removed()
        return self._begin() if self.path is None else self.path

    def _is_removed(self) -> bool:
        try:
            return os.fstat(self._handle).st_nlink == 0
        except OSError:
            return True

    def _put(self, whole: bytes) -> None:
        try:
            written = os.write(self._handle, whole)
            if written < len(whole):  # a full disk takes a part without an error; the next write names it
                os.write(self._handle, whole[written:])
            sync_data(self._handle)
        except BaseException:
            self._abandon()
            raise
        self._length += len(whole)

    def _begin(self) -> Path:
        path = self._folder / f"{uuid7()}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._handle, self._owner, self._length = os.open(path, flags, file_mode(path.parent)), os.getpid(), 0
        self.path = path
        try:
            follow_folder(path)
            sync_folder(self._folder)
        except BaseException:
            self.close()
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        return path

    def _abandon(self) -> None:
        """Take back what a failed write left, as far as that works, and never write there again."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, self._length)
        with contextlib.suppress(OSError):
            self.close()


def read_lines(path: Path, offset: int = 0) -> tuple[list[bytes], int]:
    """Return the complete lines from an offset on, without their ends, and the offset after them.

    Parameters
    ----------
    path
        The segment.
    offset
        Where the next line begins: 0, or what an earlier call returned.

    Returns
    -------
    lines, offset
        A line without its end is not among them: its writer is not done with it, or never will be.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    return whole.split(b"\n")[:-1], offset + len(whole)


def sync_data(handle: int) -> None:
    """Make what was written durable; macOS and Windows know no `os.fdatasync`."""
    getattr(os, "fdatasync", os.fsync)(handle)
