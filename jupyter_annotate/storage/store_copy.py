"""A copy of a store as a folder: the same log row by row, every batch, compared before it has its name."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import polars as pl

from jupyter_annotate.events import EventKind, uuid7
from jupyter_annotate.storage.base import EventLog
from jupyter_annotate.storage.batch_names import batch_names
from jupyter_annotate.storage.batches import Batches, FolderBatches
from jupyter_annotate.storage.permissions import make_folder, sync_folder
from jupyter_annotate.storage.rows import Row, Transaction
from jupyter_annotate.storage.sqlite import LOG_FILE, SqliteLog
from jupyter_annotate.storage.sqlite_file import begin_file

__all__ = ["DRAFT", "Copied", "copy_store"]

#: How the name of a copy ends that is not finished; it begins with a dot.
DRAFT = ".part"


class Copied(Protocol):
    """What is copied: a log and the batches it names."""

    @property
    def log(self) -> EventLog:
        """Return the log."""

    @property
    def items(self) -> Batches:
        """Return its batches of items."""

    @property
    def prelabels(self) -> Batches:
        """Return its batches of suggestions."""


def copy_store(store: Copied, target: Path, *, sqlite_on_network: bool = False) -> None:
    """Copy a store into a folder that can be opened as a project; others may write to the store meanwhile.

    The copy is made beside its place, durable and verified, and moved there whole: a crash leaves either all
    of it or a draft that nobody takes for a copy.

    Parameters
    ----------
    store
        What to copy.
    target
        The folder to be; nothing may be there.
    sqlite_on_network
        Write to a network file system all the same: for a copy that nobody else has open.

    Raises
    ------
    IntegrityError
        If the log or a batch is not what was written. Nothing is left of the copy then.
    StorageError
        If the log cannot be read.
    OSError
        If it could not be written, there is no room, say. Nothing is left of it then.
    """
    make_folder(target.parent)
    draft = target.with_name(f".{target.name}.{uuid7()}{DRAFT}")
    try:
        make_folder(draft)
        _copy_log(store.log, draft, sqlite_on_network=sqlite_on_network)
        with SqliteLog(draft, read_only=True, sqlite_on_network=sqlite_on_network) as log:
            log.verify()
            _copy_batches(store, draft, log.read())
        sync_folder(draft)
        draft.rename(target)
        sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            shutil.rmtree(draft)
        raise


def _copy_batches(store: Copied, folder: Path, events: pl.DataFrame) -> None:
    for kind, batches in ((EventKind.ITEMS, store.items), (EventKind.PRELABELS, store.prelabels)):
        copies = FolderBatches(folder / kind)
        for digest in batch_names(events, kind):
            with batches.open(digest) as file:
                copies.take(digest, file)
            copies.verify(digest)


def _copy_log(log: EventLog, folder: Path, *, sqlite_on_network: bool) -> None:
    if isinstance(log, SqliteLog):
        log.copy(folder / LOG_FILE)
        return
    begin_file(folder / LOG_FILE, log_id=log.log_id)
    with SqliteLog(folder, sqlite_on_network=sqlite_on_network) as copy:
        # Until nothing is new: a payload that was gone already needs the erase event that names it.
        while _replay(log, copy):
            pass


def _replay(log: EventLog, copy: SqliteLog) -> bool:
    """Let what the copy lacks happen to it as it happened to the log, erasures too; tell if there was any."""
    before = copy.head()
    for rows in log._rows(before.position, None):  # noqa: SLF001 -- rows as stored
        for part in _up_to_erasures(rows):
            copy._transact(partial(_repeat, part))  # noqa: SLF001 -- as above
    return copy.head() != before


def _up_to_erasures(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = 0
    for n, row in enumerate(rows, 1):
        if row.kind == EventKind.ERASE or n == len(rows):
            yield rows[start:n]
            start = n


def _repeat(rows: Sequence[Row], transaction: Transaction) -> None:
    transaction.insert(rows)
    if rows[-1].kind == EventKind.ERASE and rows[-1].value is not None:
        transaction.erase(json.loads(rows[-1].value)["positions"])
