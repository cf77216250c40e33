"""Drafts: files that are written apart and then put in place, whole and durable, by one call of the system.

A place is taken by `os.link`, which fails if somebody has it already: on local disks and on network file
systems alike, without a lock and without a clock (docs/adr/0012).

A draft is made *before* one looks where the log ends. Whoever removes files of the log removes all drafts
first: then nobody who looked before that can put anything in place, however long he slept in between.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Self, final

from jupyter_annotate.errors import StorageError
from jupyter_annotate.events import uuid7
from jupyter_annotate.storage.permissions import file_mode, follow_folder, sync_folder
from jupyter_annotate.storage.segment_file import GONE, sync_data

__all__ = ["DRAFT", "Draft", "remove", "sweep_drafts"]

DRAFT = ".part"
#: What file systems without hard links answer.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@final
class Draft:
    """A file on its way into a folder; whatever happens, nothing of it stays under its own name.

    Parameters
    ----------
    folder
        Where it is written; on the same file system as its place.

    Raises
    ------
    OSError
        If it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{uuid7()}{DRAFT}"
        self._content = b""
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file_mode(folder))
        follow_folder(self._path)

    def __enter__(self) -> Self:
        """Return the draft."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what is left of it."""
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    def write(self, content: bytes) -> None:
        """Write all of it and make that durable.

        Raises
        ------
        OSError
            If that fails.
        """
        self._content = content
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            sync_data(self._handle)
            self._close()
        except OSError as error:
            if error.errno not in GONE:  # swept away: it will find no place, and its writer begins again
                raise

    def link(self, place: Path) -> bool:
        """Take the place; return False if somebody has it, or if the draft was swept away meanwhile.

        Raises
        ------
        StorageError
            If the file system knows no links.
        OSError
            If it is not known to be durable there.
        """
        try:
            os.link(self._path, place)
        except FileExistsError:
            # A server whose answer got lost is asked again and then finds our own link.
            if not _begins_with(place, self._content):
                return False
        except OSError as error:
            if error.errno in GONE:
                return False
            _refuse_without_links(error, place)
            raise
        sync_folder(place.parent)
        return True

    def replace(self, place: Path) -> bool:
        """Stand in for the file that is there; return False if the draft was swept away meanwhile.

        Raises
        ------
        OSError
            If it is not known to be durable there.
        """
        try:
            self._path.rename(place)
        except OSError as error:
            if error.errno in GONE:
                return False
            raise
        sync_folder(place.parent)
        return True

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def sweep_drafts(folder: Path) -> None:
    """Remove all drafts of a folder: those of the dead, and those of the living, who begin again."""
    remove([path for path in folder.iterdir() if path.suffix == DRAFT])


def remove(paths: list[Path]) -> None:
    """Remove files in this order; what is gone already is fine."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _begins_with(place: Path, content: bytes) -> bool:
    try:
        with place.open("rb") as file:
            return bool(content) and file.read(len(content)) == content
    except FileNotFoundError:
        return False


def _refuse_without_links(error: OSError, place: Path) -> None:
    if error.errno in _NO_LINKS:
        raise StorageError(
            f"{place.parent} is on a file system without hard links ({error.strerror}), which a log in "
            "segments needs. Put the project elsewhere, or on PostgreSQL."
        ) from error
