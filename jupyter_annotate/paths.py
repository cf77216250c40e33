"""The one function that turns a name found in data into a path."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from jupyter_annotate.errors import ExchangeError

__all__ = ["inside"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}


def inside(root: Path, name: str) -> Path:
    """Return the path of a name below a folder, or refuse it.

    An absolute name is accepted only if it lies below the folder as well. Links are followed before the
    check, so none leads out.

    Raises
    ------
    ExchangeError
        If the name is empty, holds control characters, names a Windows device or drive, or leaves the folder.

    Examples
    --------
    >>> inside(Path("/data"), "a/b.png").as_posix()
    '/data/a/b.png'
    >>> inside(Path("/data"), "../etc/passwd")
    Traceback (most recent call last):
        ...
    jupyter_annotate.errors.ExchangeError: '../etc/passwd': expected a file below '/data', found one outside.
    """
    windows = PureWindowsPath(name)
    if not name or _CONTROL.search(name) or windows.drive:
        problem = "expected a plain file name, found an empty one, a drive or control characters."
        raise ExchangeError(ascii(name), problem)
    if any(part.partition(".")[0].rstrip().lower() in _DEVICES for part in windows.parts):
        raise ExchangeError(ascii(name), "expected a file, found the name of a device.")
    base = root.resolve()
    path = (base / name).resolve()
    if path == base or not path.is_relative_to(base):
        raise ExchangeError(ascii(name), f"expected a file below {str(base)!r}, found one outside.")
    return path
