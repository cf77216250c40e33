"""Placing: a folder appears whole and durable under its name, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import uuid7
from jupyter_annotate.exchange.manifest import MANIFEST, foreign_names, is_export, parse_manifest

__all__ = ["new_folder"]


@contextmanager
def new_folder(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside the target, and move it there once everything in it is on the disk.

    Where the block raises, the folder is removed and the target stays as it was.

    Raises
    ------
    ExchangeError
        If the target exists and may not be replaced.
    """
    _refuse(target, overwrite=overwrite)
    draft = target.with_name(f".{target.name}.{uuid7()[-12:]}.partial")
    try:
        draft.mkdir()
        yield draft
        for file in draft.iterdir():
            _sync(file)
        _sync(draft)
        _refuse(target, overwrite=overwrite)
        _move(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _refuse(target: Path, *, overwrite: bool) -> None:
    """Refuse to replace what is not an earlier export, or holds files that are nobody's but the user's."""
    if not target.parent.is_dir():
        raise ExchangeError(
            str(target), f"expected the folder {str(target.parent)!r} to exist; create it first."
        )
    if not target.exists():
        return
    if not overwrite:
        raise ExchangeError(str(target), "exists already. Choose another name, or pass overwrite=True.")
    if not is_export(target):
        raise ExchangeError(str(target), "is no earlier export, so it is not replaced. Choose another name.")
    foreign = foreign_names(target, parse_manifest(target / MANIFEST))
    if foreign:
        problem = (
            f"holds {foreign[0]!r}, which the export did not write. Move it away, or choose another name."
        )
        raise ExchangeError(str(target), problem)


def _move(draft: Path, target: Path) -> None:
    if target.exists():
        old = target.with_name(f".{target.name}.{uuid7()[-12:]}.old")
        try:
            target.rename(old)
            draft.rename(target)
        except BaseException:
            if old.exists() and not target.exists():
                old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    else:
        draft.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    """Bring a file, or on POSIX the names in a folder, onto the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
