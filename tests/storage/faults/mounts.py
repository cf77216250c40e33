"""Small disks and read-only ones, made by mounting."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def mount(*options: str) -> None:
    """Call mount, or leave the test out where that is not permitted."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root: run the fault tests as root, in a container say")
    done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this system does not let root mount: {done.stderr.strip()}")


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a disk of so many KiB."""
    folder.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class Share:
    """A folder shown in another place, where it can be made read-only for everybody, root included."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._source = source
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._show(read_only=False)

    def allow_writing(self, *, allowed: bool) -> None:
        """Make it read-only or writable; files that are open do not prevent it."""
        self.hide()
        self._show(read_only=not allowed)

    def hide(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", self.folder], check=True)

    def _show(self, *, read_only: bool) -> None:
        mount("--bind", str(self._source), str(self.folder))
        if read_only:
            mount("-o", "remount,bind,ro", str(self.folder))


@contextlib.contextmanager
def shared(source: Path, folder: Path) -> Iterator[Share]:
    """Show a folder in another place."""
    share = Share(source, folder)
    try:
        yield share
    finally:
        share.hide()
