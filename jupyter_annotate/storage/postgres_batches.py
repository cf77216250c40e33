"""PgBatches: batches in the database, read through a folder on this computer."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar, final

import polars as pl
import psycopg

from jupyter_annotate.errors import IntegrityError, NotSavedError, StorageError
from jupyter_annotate.storage.batches import FolderBatches
from jupyter_annotate.storage.postgres import PgLog

__all__ = ["PgBatches"]

_T = TypeVar("_T")

_CHUNK = 1 << 20
_KNOWN = "SELECT count(*) FROM {}.batches WHERE digest = %s"
_KEEP = "SELECT {}.keep_batch(%s, %s, %s)"
_READ = "SELECT bytes FROM {}.batches WHERE digest = %s AND number = %s"
_DIGESTS = "SELECT number, sha256(bytes) FROM {}.batches WHERE digest = %s ORDER BY number"


@final
class PgBatches:
    """Batches in the database of a log. Each is fetched once and then read from this computer.

    Parameters
    ----------
    log
        Whose connection is used.
    folder
        Where copies lie. It may be deleted at any time.
    """

    def __init__(self, log: PgLog, folder: Path) -> None:
        self._log = log
        self._folder = folder
        self._copies = FolderBatches(folder)

    def write(self, frame: pl.DataFrame) -> str:
        """Keep a batch in the database, all or none, and return its digest.

        Raises
        ------
        NotSavedError
            If it could not be written, here or there.
        AwayError
            If the server cannot be reached.
        """
        self._log._refuse_reader()  # noqa: SLF001 -- two halves of one thing
        self._make_folder()
        digest = self._copies.write(frame)
        self._log._ask(lambda connection: self._send(connection, digest), writing=True)  # noqa: SLF001 -- as above
        return digest

    def scan(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, once it is known to be what was written.

        Raises
        ------
        IntegrityError
            If it is gone, or its bytes are not those that were written.
        """
        return self._mended(digest, self._copies.scan)

    def peek(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, to look at ids and types; a large one is not compared yet.

        Raises
        ------
        IntegrityError
            If it is gone, or its bytes are not those that were written.
        """
        return self._mended(digest, self._copies.peek)

    def n_bytes(self, digest: str) -> int:
        """Return the bytes of a batch.

        Raises
        ------
        IntegrityError
            If it is gone.
        """
        return self._mended(digest, self._copies.n_bytes)

    def verify(self, digest: str) -> None:
        """Compare a batch with its digest: the copy here, and what the database holds.

        Raises
        ------
        IntegrityError
            If it is gone, or its bytes are not those that were written.
        """
        self._mended(digest, self._copies.verify)
        there = self._run(_DIGESTS, digest)
        here = [(n, hashlib.sha256(chunk).digest()) for n, chunk in enumerate(self._chunks(digest))]
        if there != here:
            raise IntegrityError(f"the batch {digest} in {self._log.location} is gone or was changed")

    def _mended(self, digest: str, read: Callable[[str], _T]) -> _T:
        """Read the copy on this computer; fetch it where there is none, and again where it is damaged."""
        fresh = not self._path(digest).exists()
        if fresh:
            self._fetch(digest)
        try:
            return read(digest)
        except IntegrityError:
            if fresh:
                raise
        self._path(digest).unlink(missing_ok=True)
        self._fetch(digest)
        return read(digest)

    def open(self, digest: str) -> IO[bytes]:
        """Return the file of a batch, to be read and closed.

        Raises
        ------
        IntegrityError
            If it is gone, or its bytes are not those that were written.
        """
        self._mended(digest, self._copies.verify)
        return self._path(digest).open("rb")

    def take(self, digest: str, file: IO[bytes]) -> None:
        """Keep the file of a batch of another store in the database, byte for byte.

        Raises
        ------
        IntegrityError
            If it is not the one of this digest.
        NotSavedError
            If it could not be written, here or there.
        AwayError
            If the server cannot be reached.
        """
        self._log._refuse_reader()  # noqa: SLF001 -- as above
        self._copy(digest, iter(partial(file.read, _CHUNK), b""))
        try:
            self._copies.verify(digest)
        except IntegrityError:
            self._path(digest).unlink()
            raise
        self._log._ask(lambda connection: self._send(connection, digest), writing=True)  # noqa: SLF001 -- as above

    def _fetch(self, digest: str) -> None:
        chunks = (self._run(_READ, digest, number) for number in range(self._n_chunks(digest)))
        self._copy(digest, (chunk for rows in chunks for (chunk,) in rows))

    def _copy(self, digest: str, chunks: Iterable[bytes]) -> None:
        """Write a file whole or not at all; whoever reads it compares it with its digest."""
        self._make_folder()
        handle, name = tempfile.mkstemp(suffix=".part", dir=self._folder)
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
            draft.replace(self._path(digest))
        except OSError as error:
            message = f"The batch {digest} cannot be kept in {self._folder} ({error}). Make room there."
            raise StorageError(message) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def _n_chunks(self, digest: str) -> int:
        ((count,),) = self._run(_KNOWN, digest)
        if not count:
            raise IntegrityError(f"the batch {digest} named by the log is not in {self._log.location}")
        return int(count)

    def _send(self, connection: psycopg.Connection[Any], digest: str) -> None:
        ask = self._log._fetch  # noqa: SLF001 -- as above
        if ask(connection, _KNOWN, (digest,))[0][0]:
            return
        connection.execute("BEGIN")
        for number, chunk in enumerate(self._chunks(digest)):
            ask(connection, _KEEP, (digest, number, chunk))
        connection.execute("COMMIT")

    def _run(self, query: str, *values: object) -> list[Any]:
        log = self._log
        return log._ask(lambda connection: log._fetch(connection, query, values))  # noqa: SLF001 -- as above

    def _chunks(self, digest: str) -> Iterator[bytes]:
        with self._path(digest).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.parquet"

    def _make_folder(self) -> None:
        """Make the folder for its owner alone: what annotators are shown may not be for everybody."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            advice = "Make it writable, or name another folder in JUPYTER_ANNOTATE_CACHE."
            raise NotSavedError(f"{self._folder} cannot be made ({error})", advice=advice) from error
