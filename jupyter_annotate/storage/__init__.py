"""LOG BACKENDS. To add one: a module here and one line below."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_annotate.errors import MissingExtraError, StorageError, UnknownNameError
from jupyter_annotate.storage.base import EventLog, has_news
from jupyter_annotate.storage.batches import Batches, FolderBatches, MemoryBatches
from jupyter_annotate.storage.filesystem import network_filesystem
from jupyter_annotate.storage.item_table import ItemTable
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.storage.rows import Head
from jupyter_annotate.storage.segment_folder import SEGMENTS, Folder
from jupyter_annotate.storage.segments import SegmentLog
from jupyter_annotate.storage.snapshot import cache_folder
from jupyter_annotate.storage.sqlite import LOG_FILE, SqliteLog
from jupyter_annotate.storage.walk import Verification

__all__ = [
    "BACKENDS",
    "Batches",
    "EventLog",
    "Head",
    "ItemTable",
    "Store",
    "Verification",
    "has_news",
    "is_begun",
    "open_store",
]

_SUFFIX = ".annotate"


@dataclass(frozen=True, slots=True)
class Store:
    """Where a project lies: its log, and the batches its log names."""

    log: EventLog
    items: Batches
    prelabels: Batches


def _memory(_location: str, *, read_only: bool, begin: bool) -> Store:
    if read_only or not begin:
        raise StorageError("A project in memory always begins anew: there is nothing in it to read.")
    return Store(MemoryLog(), MemoryBatches(), MemoryBatches())


def _place(location: str) -> Path:
    # Absolute from the start: a later os.chdir() must not part the log from its batches.
    folder = Path(location).expanduser().absolute()
    if not folder.name or not folder.name.isprintable():
        raise StorageError(f"{location!r} is no name for a project; use one such as 'data/reviews'.")
    return folder if folder.suffix == _SUFFIX else folder.with_name(folder.name + _SUFFIX)


def _sqlite(location: str, *, read_only: bool, begin: bool) -> Store:
    folder = _place(location)
    _refuse_nothing(folder, LOG_FILE, begin=begin)
    log = SqliteLog(folder, read_only=read_only, sqlite_on_network=_on_network())
    return _with_batches(log, folder, read_only=read_only)


def _segments(location: str, *, read_only: bool, begin: bool) -> Store:
    folder = _place(location)
    if (folder / LOG_FILE).exists():
        raise StorageError(f"{folder} holds a log in SQLite already. Nothing was changed; use another name.")
    _refuse_nothing(folder, SEGMENTS, begin=begin)
    _tell_of_the_network(folder)
    return _with_batches(SegmentLog(folder, read_only=read_only), folder, read_only=read_only)


def _tell_of_the_network(folder: Path) -> None:
    """Say, once in the life of a project, why it looks otherwise than on a local disk."""
    kind = network_filesystem(folder)
    if kind is not None and not (folder / SEGMENTS).exists():
        sys.stdout.write(
            f"{folder} is on a network file system ({kind}): its log is kept in files that several computers "
            "can share.\n"
        )


def _refuse_nothing(folder: Path, log: str, *, begin: bool) -> None:
    if not begin and not (folder / log).exists():
        raise StorageError(
            f"There is no project in {folder}. To begin one here, pass schema=Schema(Text('text'), "
            "Choice('mood', [...])); if there should be one, look at the name and the folder."
        )


def _with_batches(log: EventLog, folder: Path, *, read_only: bool) -> Store:
    items = FolderBatches(folder / "items", read_only=read_only)
    return Store(log, items, FolderBatches(folder / "prelabels", read_only=read_only))


def _postgres(location: str, *, read_only: bool, begin: bool) -> Store:  # noqa: ARG001 -- db init begins it
    try:
        from jupyter_annotate.storage.postgres import PgLog
        from jupyter_annotate.storage.postgres_batches import PgBatches
    except ImportError as error:
        raise MissingExtraError("psycopg", extra="postgres", purpose="A project in PostgreSQL") from error
    log = PgLog(location, read_only=read_only)
    copies = cache_folder(log)
    return Store(log, PgBatches(log, copies / "items"), PgBatches(log, copies / "prelabels"))


def _on_network() -> bool:
    """Tell whether somebody vouches for the locks of a network file system."""
    return bool(os.environ.get("JUPYTER_ANNOTATE_SQLITE_ON_NETWORK"))


BACKENDS: dict[str, Callable[..., Store]] = {
    "memory": _memory,
    "postgresql": _postgres,
    "segments": _segments,
    "sqlite": _sqlite,
}
#: Which backend an address is for, by what it begins with.
_SCHEMES = {"postgres": "postgresql", "postgresql": "postgresql", "segments": "segments"}


def _carrier(folder: Path) -> str:
    """Return what the log of a folder is kept in, or is to be: what is there counts, then the file system."""
    if (folder / SEGMENTS).exists() and not (folder / LOG_FILE).exists():
        return "segments"
    is_new = not (folder / LOG_FILE).exists()
    return "segments" if is_new and network_filesystem(folder) and not _on_network() else "sqlite"


def _address(location: str | Path) -> tuple[str, str]:
    """Return the backend and what it is to open."""
    text = str(location)
    if text == ":memory:":
        return "memory", text
    scheme, found, rest = text.partition("://")
    if not found:
        return _carrier(_place(text)), text
    if scheme not in _SCHEMES:
        raise UnknownNameError("storage backend", scheme, BACKENDS)
    backend = _SCHEMES[scheme]
    return backend, text if backend == "postgresql" else rest


def is_begun(location: str | Path) -> bool:
    """Tell whether there is a project at a location."""
    text = str(location)
    if text == ":memory:" or text.partition("://")[0] not in {text, *_SCHEMES}:
        return False
    backend, place = _address(text)
    if backend == "postgresql":
        with open_store(text, read_only=True).log as log:
            return log.head().position > 0
    folder = _place(place)
    return (folder / LOG_FILE).exists() or Folder(folder / SEGMENTS).is_begun()


def open_store(location: str | Path, *, read_only: bool = False, begin: bool = True) -> Store:
    """Open or begin the store of a project.

    Parameters
    ----------
    location
        ``":memory:"``, ``"postgresql://..."``, or a folder; ``.annotate`` is added to its name if it is not
        there. On a network file system a new project is kept in segments; ``"segments://"`` before the folder
        does so anywhere.
    read_only
        Refuse every write.
    begin
        Make it if it is not there.

    Raises
    ------
    UnknownNameError
        If it is an address of a kind nobody knows.
    StorageError
        If it is no name, or there is nothing and none is to be begun. Nothing is made then.
    """
    if not isinstance(location, str | Path):
        raise StorageError(f"Expected the name of a project, such as 'data/reviews', found {location!r}.")
    backend, rest = _address(location)
    return BACKENDS[backend](rest, read_only=read_only, begin=begin)
