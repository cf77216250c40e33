"""A disk that loses its power: what is on it for sure, and what of the rest may be.

The model of Pillai et al. (OSDI 2014): what no sync has made durable may be there or not, each write, length
and name by itself and in any combination; a write may be there up to any sector; a file may have its new
length and zeros where the bytes should be. A sync of a file does not keep its name: the folder's does.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from tests.storage.faults.tracing import Call

SECTOR: Final = 512
#: With so few changes every combination of them is tried.
_FEW: Final = 4
_RANDOM: Final = 6
#: Of more changes than these only some are looked at one by one.
_MANY: Final = 24
_FOLDER: Final = -1
_GONE: Final = -2


class UnknownCallError(Exception):
    """A program made a call on the store that the model does not follow.

    A test must not pass because the model looked away: whoever meets this teaches the model that call.
    """


@dataclass(frozen=True)
class Change:
    """Something that no sync has made durable: bytes or a length of a file, or names in a folder.

    `about` is what has to be synced, a file's number or a folder's path. Bytes that are `lost` were to become
    durable by a sync that failed: the system takes them for clean, and no later sync writes them.
    """

    about: int | str
    at: int = 0
    data: bytes | None = None
    names: Mapping[str, int] = field(default_factory=dict)
    lost: bool = False

    def covers(self, other: Change) -> bool:
        """Tell whether nothing is left of the other one after this one."""
        if self.names:
            return other.names.keys() <= self.names.keys()
        return (self.at, len(self.data or b"")) == (other.at, len(other.data or b""))

    def torn(self, draw: random.Random, *, grows: bool) -> Iterator[Change]:
        """Yield what may be left of a write: its first sectors; zeros for the rest where the file grows."""
        data = self.data or b""
        cuts = range(SECTOR - self.at % SECTOR, len(data), SECTOR)
        if cuts:
            cut = draw.choice(cuts)
            yield replace(self, data=data[:cut])
            if grows:
                yield replace(self, data=data[:cut].ljust(len(data), b"\0"))


@dataclass
class Image:
    """The names and the bytes on a disk."""

    names: dict[str, int]
    files: dict[int, bytes] = field(default_factory=dict)

    def apply(self, change: Change) -> None:
        """Make a change."""
        for name, file in change.names.items():
            self.names[name] = file
            if file >= 0:
                self.files.setdefault(file, b"")
        if isinstance(change.about, int):
            before = self.files.get(change.about, b"")
            self.files[change.about] = _written(before, change.at, change.data)

    def after(self, changes: Sequence[Change]) -> Image:
        """Return another image with these changes."""
        image = Image(dict(self.names), dict(self.files))
        for change in changes:
            image.apply(change)
        return image

    def visible(self) -> dict[str, bytes | None]:
        """Return the bytes of all files by path, and None for folders, without what no folder leads to."""
        found: dict[str, bytes | None] = {"": None}
        for name, file in sorted(self.names.items()):
            if file != _GONE and _parent(name) in found and found[_parent(name)] is None:
                found[name] = None if file == _FOLDER else self.files.get(file, b"")
        return found

    def digest(self) -> bytes:
        """Return what tells it from other images."""
        found = hashlib.sha256()
        for name, data in self.visible().items():
            found.update(repr((name, data is None, data and hashlib.sha256(data).digest())).encode())
        return found.digest()

    def write(self, folder: Path) -> None:
        """Make the files."""
        for name, data in self.visible().items():
            if data is None:
                (folder / name).mkdir(exist_ok=True)
            else:
                (folder / name).write_bytes(data)


def _written(before: bytes, at: int, data: bytes | None) -> bytes:
    if data is None:
        return before[:at].ljust(at, b"\0")
    return before[:at].ljust(at, b"\0") + data + before[at + len(data) :]


def _parent(name: str) -> str:
    return "" if "/" not in name else str(PurePosixPath(name).parent)


@dataclass
class _Handle:
    about: int | str
    at: int = 0
    appends: bool = False


class Disk:
    """Follows the calls of a program below one folder.

    Attributes
    ----------
    told
        What the program said since this was last emptied.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._durable, self._now = Image({}), Image({})
        self._pending: list[Change] = []
        self._handles: dict[int, _Handle] = {}
        self._count = itertools.count()
        self.told: list[str] = []

    def take(self, call: Call) -> bool:
        """Follow one call; return whether it changed or synced anything, or said something.

        Raises
        ------
        UnknownCallError
            If the model does not know what the call does.
        """
        before = len(self._pending), len(self.told)
        follow = _FOLLOW.get(call.name)
        if follow is not None:
            return bool(follow(self, call)) or before != (len(self._pending), len(self.told))
        if any(self._root.encode().hex() in each.replace("\\x", "") for each in call.arguments):
            raise UnknownCallError(call)
        return False

    def pending(self) -> list[Change]:
        """Return what a power cut may take: all that is not synced and can be reached by a name."""
        named = (each.names.values() for each in self._pending)
        reached = {*self._now.names.values(), *self._durable.names.values(), *itertools.chain(*named)}
        return [each for each in self._pending if not isinstance(each.about, int) or each.about in reached]

    def states(self, draw: random.Random) -> Iterator[Image]:
        """Yield what may be on the disk if the power is cut now."""
        pending = self.pending()
        for chosen in _choices(len(pending), draw):
            kept = [change for change, stays in zip(pending, chosen, strict=True) if stays]
            yield self._durable.after(kept)
            last = next((n for n in reversed(range(len(kept))) if kept[n].data), None)
            if last is not None:
                grows = kept[last].at >= len(self._durable.files.get(kept[last].about, b""))  # type: ignore[arg-type]  # a file's, as it has bytes
                for torn in kept[last].torn(draw, grows=grows):
                    yield self._durable.after([*kept[:last], torn, *kept[last + 1 :]])

    # -- one method a call

    def _open(self, call: Call) -> None:
        flags = call.arguments[2]
        name = self._name(call.path(1))
        if name is None:
            self._handles.pop(call.result, None)
            return
        file = self._now.names.get(name, _GONE) if name else _FOLDER
        if file == _GONE and "O_CREAT" in flags:
            file = next(self._count)
            self._do(Change(_parent(name), names={name: file}))
        if file >= 0 and "O_TRUNC" in flags and self._now.files[file]:
            self._do(Change(file, 0))
        about = name if file == _FOLDER else file
        self._handles[call.result] = _Handle(about, appends="O_APPEND" in flags)

    def _close(self, call: Call) -> None:
        self._handles.pop(call.number(0), None)

    def _write(self, call: Call) -> None:
        handle = self._handles.get(call.number(0))
        data = call.text(1)[: call.result]
        if handle is None:
            if call.number(0) == 1:
                self._hear(data)
            return
        assert isinstance(handle.about, int)
        at = len(self._now.files[handle.about]) if handle.appends else handle.at
        handle.at = at + len(data)
        self._do(Change(handle.about, at, data))

    def _pwrite(self, call: Call) -> None:
        handle = self._handles.get(call.number(0))
        if handle is not None:
            self._do(Change(handle.about, call.number(3), call.text(1)[: call.result]))

    def _truncate(self, call: Call) -> None:
        handle = self._handles.get(call.number(0))
        if handle is not None:
            self._do(Change(handle.about, call.number(1)))

    def _seek(self, call: Call) -> None:
        handle = self._handles.get(call.number(0))
        if handle is not None:
            handle.at = call.result

    def _mkdir(self, call: Call) -> None:
        self._rename_to(call.path(len(call.arguments) - 2), _FOLDER)

    def _unlink(self, call: Call) -> None:
        self._rename_to(call.path(1 if call.name == "unlinkat" else 0), _GONE)

    def _link(self, call: Call) -> None:
        source, target = self._two(call)
        self._do(Change(_parent(target), names={target: self._now.names[source]}))

    def _rename(self, call: Call) -> None:
        source, target = self._two(call)
        file = self._now.names[source]
        if file == _FOLDER or _parent(source) != _parent(target):
            raise UnknownCallError(call)
        self._do(Change(_parent(target), names={source: _GONE, target: file}))

    def _two(self, call: Call) -> tuple[str, str]:
        source, target = (1, 3) if call.name.endswith(("at", "at2")) else (0, 1)
        names = self._name(call.path(source)), self._name(call.path(target))
        if names[0] is None or names[1] is None:
            raise UnknownCallError(call)
        return names[0], names[1]

    def _sync(self, call: Call) -> bool:
        handle = self._handles.get(call.number(0))
        if handle is None:
            return False
        before, self._pending = self._pending, []
        for change in before:
            if change.about != handle.about or change.lost:
                self._pending.append(change)
                continue
            self._durable.apply(change)
            self._pending = [each for each in self._pending if not (each.lost and _undone(each, change))]
        return True

    # -- what they share

    def _rename_to(self, path: str, file: int) -> None:
        name = self._name(path)
        if name:
            self._do(Change(_parent(name), names={name: file}))

    def _do(self, change: Change) -> None:
        self._pending.append(change)
        self._now.apply(change)

    def _name(self, path: str) -> str | None:
        """Return a path below the folder, "" for the folder itself, None for another one."""
        if path == self._root:
            return ""
        return path.removeprefix(f"{self._root}/") if path.startswith(f"{self._root}/") else None

    def _hear(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            self.told.append(line)
            if line.startswith("LOST "):
                self._lose(line.removeprefix("LOST "))

    def _lose(self, path: str) -> None:
        about = self._now.names.get(self._name(path) or "", _FOLDER)
        if about == _FOLDER:
            return  # names are in the journal of the file system, which goes on or ends as a whole
        self._pending = [replace(c, lost=True) if c.about == about else c for c in self._pending]


def _undone(lost: Change, later: Change) -> bool:
    return lost.about == later.about and later.covers(lost)


def _choices(n: int, draw: random.Random) -> Iterator[tuple[bool, ...]]:
    """Yield which of n changes stay: all combinations of a few, of more the simple ones and some drawn."""
    if n <= _FEW:
        yield from itertools.product((False, True), repeat=n)
        return
    for one in range(n) if n <= _MANY else sorted(draw.sample(range(n), _MANY)):
        yield tuple(k == one for k in range(n))
        yield tuple(k != one for k in range(n))
        yield tuple(k <= one for k in range(n))
    for _ in range(_RANDOM):
        yield tuple(draw.random() < 0.5 for _ in range(n))


_FOLLOW: Mapping[str, Callable[[Disk, Call], bool | None]] = {
    "openat": Disk._open,
    "close": Disk._close,
    "write": Disk._write,
    "pwrite64": Disk._pwrite,
    "ftruncate": Disk._truncate,
    "lseek": Disk._seek,
    "mkdir": Disk._mkdir,
    "mkdirat": Disk._mkdir,
    "unlink": Disk._unlink,
    "unlinkat": Disk._unlink,
    "rmdir": Disk._unlink,
    "link": Disk._link,
    "linkat": Disk._link,
    "rename": Disk._rename,
    "renameat": Disk._rename,
    "renameat2": Disk._rename,
    "fsync": Disk._sync,
    "fdatasync": Disk._sync,
}
