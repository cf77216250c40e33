"""FileLock: an advisory lock on a side file, so that writers queue fairly.

SQLite's own busy wait lets one of several writers starve for seconds; the kernel's queue does not. The
lock is on a file of its own, because closing any other handle of the database would drop a POSIX lock on it.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import final

from jupyter_annotate.storage.permissions import file_mode, follow_folder

__all__ = ["FileLock"]

try:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

except ImportError:  # Windows
    import msvcrt

    def _lock(handle: int) -> None:
        while not _try_lock(handle):
            pass  # LK_LOCK itself waits, ten seconds at a time

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]


@final
class FileLock:
    """An exclusive lock between processes. Within one, use a lock of threads around it.

    Parameters
    ----------
    path
        The file; made if it is not there, never written to.
    patience
        Seconds to wait for the turn.
    """

    def __init__(self, path: Path, *, patience: float = 30.0) -> None:
        self._path = path
        self._patience = patience
        self._handle: int | None = None

    def __enter__(self) -> None:
        """Wait for the turn.

        Raises
        ------
        TimeoutError
            If another process kept the lock for too long.
        OSError
            If the file cannot be made.
        """
        handle = self._open()
        if not _try_lock(handle):
            _Waiter(handle).wait(self._patience)
        self._handle = handle

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        handle, self._handle = self._handle, None
        if handle is not None:
            _release(handle)

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR)
        except PermissionError:
            return os.open(self._path, os.O_RDONLY)  # enough to lock what another user made
        except FileNotFoundError:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, file_mode(self._path.parent))
            follow_folder(self._path)
            return handle


@final
class _Waiter(threading.Thread):
    """Waits in the kernel's queue in our place, because a place there has no time limit."""

    def __init__(self, handle: int) -> None:
        super().__init__(name="lock-queue", daemon=True)
        self._file = handle
        self._settled = threading.Lock()
        self._turn = threading.Event()
        self._given_up = False

    def run(self) -> None:
        """Queue; pass the turn on at once if nobody waits for it any more."""
        _lock(self._file)
        with self._settled:
            self._turn.set()
            if self._given_up:
                _release(self._file)

    def wait(self, patience: float) -> None:
        """Return when it is our turn."""
        ours = False
        self.start()
        try:
            ours = self._turn.wait(patience)
        finally:
            if not ours:
                self._give_up()
        if not ours:
            message = f"another process has kept the lock for {patience:.0f} s"
            raise TimeoutError(message)

    def _give_up(self) -> None:
        """Leave the handle to the thread, or give the turn back if it came at the last moment."""
        with self._settled:
            self._given_up = True
            if self._turn.is_set():
                _release(self._file)


def _release(handle: int) -> None:
    _unlock(handle)  # by name: a process forked meanwhile may hold the same handle
    os.close(handle)
