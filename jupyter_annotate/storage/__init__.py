"""LOG BACKENDS. To add one: a module here and one line below."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_annotate.errors import MissingExtraError, StorageError, UnknownNameError
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.batches import Batches, FolderBatches, MemoryBatches
from jupyter_annotate.storage.item_table import ItemTable
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.storage.rows import Head
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


def _folder(location: str, *, read_only: bool, begin: bool) -> Store:
    folder = _place(location)
    if not begin and not (folder / LOG_FILE).exists():
        raise StorageError(
            f"There is no project in {folder}. To begin one here, pass schema=Schema(Text('text'), "
            "Choice('mood', [...])); if there should be one, look at the name and the folder."
        )
    on_network = bool(os.environ.get("JUPYTER_ANNOTATE_SQLITE_ON_NETWORK"))
    log = SqliteLog(folder, read_only=read_only, sqlite_on_network=on_network)
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


BACKENDS: dict[str, Callable[..., Store]] = {
    "memory": _memory,
    "postgres": _postgres,
    "sqlite": _folder,
}
#: Which backend an address is for, by what it begins with.
_SCHEMES = {"postgres": "postgres", "postgresql": "postgres"}


def is_begun(location: str | Path) -> bool:
    """Tell whether there is a project at a location."""
    text = str(location)
    if text.partition("://")[0] in _SCHEMES:
        with open_store(text, read_only=True).log as log:
            return log.head().position > 0
    return text != ":memory:" and "://" not in text and (_place(text) / LOG_FILE).exists()


def open_store(location: str | Path, *, read_only: bool = False, begin: bool = True) -> Store:
    """Open or begin the store of a project.

    Parameters
    ----------
    location
        ``":memory:"``, ``"postgresql://..."``, or a folder; ``.annotate`` is added to its name if it is not
        there.
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
    text = str(location)
    if text == ":memory:":
        return BACKENDS["memory"](text, read_only=read_only, begin=begin)
    scheme, found, _ = text.partition("://")
    if found:
        if scheme not in _SCHEMES:
            raise UnknownNameError("storage backend", scheme, BACKENDS)
        return BACKENDS[_SCHEMES[scheme]](text, read_only=read_only, begin=begin)
    return BACKENDS["sqlite"](text, read_only=read_only, begin=begin)
