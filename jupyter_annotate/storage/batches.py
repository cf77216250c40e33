"""Batches: bulk data as immutable Parquet files, each named by the SHA-256 of its bytes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Protocol, final

import polars as pl

from jupyter_annotate.errors import IntegrityError, NotSavedError, StorageError
from jupyter_annotate.storage.permissions import follow_folder, make_folder, sync_folder

__all__ = ["Batches", "FolderBatches", "MemoryBatches"]

#: Rows and bytes that are read together at most: small, so that twenty items do not cost a million.
_GROUP_ROWS = 1_000
_GROUP_BYTES = 4_000_000
#: A batch of more bytes is compared with its digest when its rows are read, not when it is first looked at.
_AT_ONCE_BYTES = 500_000_000
#: What a killed writer left is swept away after a day; by then nobody is still writing it.
_STALE_SECONDS = 86_400

#: Which state of a file was compared with its digest in this process, by path.
_compared: dict[Path, tuple[int, ...]] = {}


class Batches(Protocol):
    """Where batches are kept."""

    def write(self, frame: pl.DataFrame) -> str:
        """Keep a batch durably and return its digest; the same batch twice is one."""

    def scan(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, once it is known to be what was written."""

    def peek(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, to look at ids and types; a large one is not compared yet."""

    def n_bytes(self, digest: str) -> int:
        """Return about how many bytes a batch takes."""

    def verify(self, digest: str) -> None:
        """Compare a batch with its digest."""

    def open(self, digest: str) -> IO[bytes]:
        """Return the file of a batch, to be read and closed."""

    def take(self, digest: str, file: IO[bytes]) -> None:
        """Keep the file of a batch of another store durably, byte for byte."""


@final
class MemoryBatches:
    """Batches in memory, gone with the process."""

    def __init__(self) -> None:
        self._frames: dict[str, pl.DataFrame] = {}
        #: The files of batches that another store wrote: written anew, they might be other bytes.
        self._files: dict[str, bytes] = {}

    def write(self, frame: pl.DataFrame) -> str:
        """Keep a batch and return its digest: that of the file it would be."""
        with tempfile.TemporaryFile() as file:
            _write_parquet(frame, file)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._frames[digest] = frame
        return digest

    def scan(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily.

        Raises
        ------
        IntegrityError
            If there is no such batch.
        """
        self.verify(digest)
        return self._frames[digest].lazy()

    def peek(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily."""
        return self.scan(digest)

    def n_bytes(self, digest: str) -> int:
        """Return about how many bytes a batch takes in memory."""
        self.verify(digest)
        return int(self._frames[digest].estimated_size())

    def verify(self, digest: str) -> None:
        """Look whether the batch is there; what is in memory cannot rot.

        Raises
        ------
        IntegrityError
            If there is no such batch.
        """
        if digest not in self._frames:
            raise IntegrityError(f"the batch {digest} named by the log is missing")

    def open(self, digest: str) -> IO[bytes]:
        """Return the file of a batch, to be read and closed.

        Raises
        ------
        IntegrityError
            If there is no such batch.
        """
        self.verify(digest)
        if digest in self._files:
            return io.BytesIO(self._files[digest])
        file = io.BytesIO()
        _write_parquet(self._frames[digest], file)
        file.seek(0)
        return file

    def take(self, digest: str, file: IO[bytes]) -> None:
        """Keep the file of a batch of another store, byte for byte.

        Raises
        ------
        IntegrityError
            If it is not the one of this digest.
        """
        content = file.read()
        _compare(digest, hashlib.sha256(content).hexdigest())
        self._frames[digest], self._files[digest] = pl.read_parquet(io.BytesIO(content)), content


@final
class FolderBatches:
    """Batches as files in a folder.

    Parameters
    ----------
    folder
        Where they are; made when the first is written.
    read_only
        Refuse every write.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder.absolute()
        self._read_only = read_only

    def write(self, frame: pl.DataFrame) -> str:
        """Keep a batch durably and return its digest.

        It is written beside its place and moved there whole, so a crash leaves nothing half written.

        Raises
        ------
        NotSavedError
            If the file could not be written.
        """
        return self._written(partial(_write_parquet, frame))

    def scan(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, once it is known to be what was written.

        The file is compared with its digest once in each process, and again whenever size, times or inode say
        that it is another. (Those are no proof: `verify` always reads the bytes.)

        Raises
        ------
        IntegrityError
            If its file is gone, or its bytes are not those that were written.
        """
        path = self._present(digest)
        if _compared.get(path) != _state(path):
            self.verify(digest)
        return pl.scan_parquet(path, glob=False)

    def peek(self, digest: str) -> pl.LazyFrame:
        """Return a batch, lazily, to look at ids and types; one of 500 MB and more is not compared yet.

        Raises
        ------
        IntegrityError
            If its file is gone, or its bytes are not those that were written.
        """
        large = self.n_bytes(digest) > _AT_ONCE_BYTES
        return pl.scan_parquet(self._path(digest), glob=False) if large else self.scan(digest)

    def n_bytes(self, digest: str) -> int:
        """Return the bytes of its file.

        Raises
        ------
        IntegrityError
            If its file is gone.
        """
        return self._present(digest).stat().st_size

    def verify(self, digest: str) -> None:
        """Compare a batch with its digest.

        Raises
        ------
        IntegrityError
            If its file is gone, or its bytes are not those that were written.
        StorageError
            If its file cannot be read.
        """
        path = self._present(digest)
        try:
            state, found = _state(path), _digest(path)
        except OSError as error:
            raise StorageError(f"The batch {path} cannot be read ({error}).") from error
        if found != digest:
            raise IntegrityError(f"the batch {path} was changed: its digest is {found}")
        _compared[path] = state

    def open(self, digest: str) -> IO[bytes]:
        """Return the file of a batch, to be read and closed.

        Raises
        ------
        IntegrityError
            If its file is gone, or its bytes are not those that were written.
        """
        self.verify(digest)
        return self._path(digest).open("rb")

    def take(self, digest: str, file: IO[bytes]) -> None:
        """Keep the file of a batch of another store durably, byte for byte; one that is there stays.

        Raises
        ------
        IntegrityError
            If it is not the one of this digest.
        NotSavedError
            If the file could not be written.
        """
        if not self._path(digest).exists():
            self._written(partial(shutil.copyfileobj, file), digest)

    def _written(self, write: Callable[[IO[bytes]], None], digest: str | None = None) -> str:
        if self._read_only:
            advice = "Open the project without read_only to write."
            raise NotSavedError(f"{self._folder} was opened read-only", advice=advice)
        try:
            make_folder(self._folder)
            self._sweep()
            return self._keep(write, digest)
        except (OSError, pl.exceptions.PolarsError) as error:
            advice = f"Make room in {self._folder}, or allow writing there, and run the cell again."
            raise NotSavedError(str(error), advice=advice) from error

    def _keep(self, write: Callable[[IO[bytes]], None], expected: str | None) -> str:
        handle, name = tempfile.mkstemp(suffix=".part", dir=self._folder)
        draft = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            _compare(expected or digest, digest)
            follow_folder(draft)
            path = self._path(digest)
            draft.replace(path)
            _compared[path] = _state(path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        sync_folder(self._folder)
        return digest

    def _sweep(self) -> None:
        for draft in self._folder.glob("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - draft.stat().st_mtime > _STALE_SECONDS:
                    draft.unlink()

    def _present(self, digest: str) -> Path:
        path = self._path(digest)
        if not path.exists():
            raise IntegrityError(f"the batch {path} named by the log is missing")
        return path

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.parquet"


def _write_parquet(frame: pl.DataFrame, file: IO[bytes]) -> None:
    rows = max(1, min(_GROUP_ROWS, len(frame) * _GROUP_BYTES // max(1, int(frame.estimated_size()))))
    frame.write_parquet(file, row_group_size=rows, compression="zstd", compression_level=3)


def _compare(expected: str, found: str) -> None:
    if found != expected:
        raise IntegrityError(f"the batch {expected} was changed: its digest is {found}")


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file does, short of somebody's intent."""
    found = path.stat()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
