"""Text files that a person named: read whole, and written whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import uuid7
from jupyter_annotate.paths import inside

__all__ = ["read_text", "write_text"]

_MOST_BYTES = 16_000_000


def read_text(path: Path) -> str:
    """Return what a text file holds.

    Raises
    ------
    ExchangeError
        If it is no plain file, is larger than 16 MB or no UTF-8, or cannot be read.
    """
    target = inside(path.parent, path.name)
    if not target.exists():
        raise ExchangeError(str(path), "there is no such file. Check the name, or save one there first.")
    _refuse_what_is_no_file(target)
    try:
        with target.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ExchangeError(str(path), f"expected at most {_MOST_BYTES:,} bytes, found more.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"expected text in UTF-8, found another byte at {error.start}; save it as UTF-8."
        raise ExchangeError(str(path), problem) from error
    except OSError as error:
        raise ExchangeError(str(path), f"cannot be read ({error.strerror}).") from error


def write_text(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a text file beside its place and move it there once it is on the disk.

    Raises
    ------
    ExchangeError
        If something stands there that may not be replaced, or it cannot be written.
    """
    target = inside(path.parent, path.name)
    _refuse_to_replace(path, overwrite=overwrite)
    draft = target.with_name(f".{target.name}.{uuid7()[-12:]}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _refuse_to_replace(path, overwrite=overwrite)
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError as error:
        problem = f"cannot be written ({error.strerror}). Make room, or choose another folder."
        raise ExchangeError(str(path), problem) from error
    finally:
        draft.unlink(missing_ok=True)


def _refuse_to_replace(path: Path, *, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise ExchangeError(str(path), f"expected the folder {str(path.parent)!r} to exist; create it first.")
    if path.is_symlink():
        raise ExchangeError(str(path), "is a link. Give the name of the file itself.")
    if not path.exists():
        return
    _refuse_what_is_no_file(path)
    if not overwrite:
        raise ExchangeError(str(path), "exists already. Choose another name, or pass overwrite=True.")


def _refuse_what_is_no_file(path: Path) -> None:
    """Refuse a folder, and a pipe, which never ends."""
    if not path.is_file():
        raise ExchangeError(str(path), "expected a plain file, found something else of this name.")
