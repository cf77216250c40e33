"""Permissions: whoever may write to a folder may write to what we make in it; and what is made stays.

SQLite makes its files readable by all and writable by their owner alone, whatever the folder says: the second
annotator of a shared folder would be locked out.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

__all__ = ["file_mode", "follow_folder", "make_folder", "sync_folder"]

#: What a folder that a group shares passes on: the group itself, and what the group may do.
_GROUP = stat.S_ISGID | stat.S_IRWXG


def make_folder(folder: Path) -> None:
    """Make a folder, and those around it, durably; in one that a group shares it is shared as well."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    around = folder.parent.stat().st_mode
    if around & stat.S_ISGID:
        with contextlib.suppress(OSError):
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | (around & _GROUP))
    sync_folder(folder.parent)


def file_mode(folder: Path) -> int:
    """Return the permissions a file in this folder should have."""
    return stat.S_IMODE(folder.stat().st_mode) & 0o666


def follow_folder(path: Path) -> None:
    """Give a file the permissions of its folder, which the umask may have cut."""
    with contextlib.suppress(OSError):
        path.chmod(file_mode(path.parent))


def sync_folder(folder: Path) -> None:
    """Make new and renamed entries of a folder durable; not every system lets a folder be opened."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
