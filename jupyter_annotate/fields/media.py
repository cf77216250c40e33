"""Media: columns of encoded bytes, or of file names below a folder."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.errors import ColumnError, ExchangeError
from jupyter_annotate.fields.base import Blob, Field
from jupyter_annotate.paths import inside

__all__ = ["MediaField"]


@dataclass(frozen=True)
class MediaField(Field):
    """A column of media.

    Parameters
    ----------
    root
        Folder that file names are relative to; by default the folder that is the current one when the field
        is made. It is no part of the schema: the same project opens elsewhere with another root.
    """

    #: What a readable cell is, in words.
    readable: ClassVar[str]

    root: Path | str = field(default=".", compare=False)

    def __post_init__(self) -> None:
        """Hold the folder itself, so that it stays the same wherever the current folder goes."""
        super().__post_init__()
        object.__setattr__(self, "root", Path(self.root).absolute())

    @abstractmethod
    def mime(self, data: bytes, *, name: str) -> str:
        """Return the type that the content shows.

        Raises
        ------
        ExchangeError
            If it is none that a browser could show.
        """

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Read the header of every file; the first that cannot be shown is named."""
        if column.dtype not in (pl.String, pl.Binary):
            raise ColumnError(
                what,
                expected=f"file names (text) or encoded {self.kind} (binary)",
                found=f"{column.dtype}",
                column=self.name,
            )
        for row, cell in enumerate(column):
            try:
                self._whole(cell)
            except ExchangeError as error:
                raise ColumnError(
                    what,
                    expected=self.readable,
                    found=f"{error}".rstrip("."),
                    row=row,
                    column=self.name,
                    advice=f"File names are looked up below {str(self.root)!r}; "
                    f"pass {type(self).__name__}({self.name!r}, root=...) for another folder.",
                ) from error

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the SHA-256 of the encoded bytes; the name of a file without any."""
        try:
            return hashlib.sha256(self._bytes(cell)).hexdigest()
        except ExchangeError:
            return f"unreadable: {cell}"

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401 -- a cell
        """Return the bytes with the type their content shows.

        Raises
        ------
        ExchangeError
            If they cannot be read.
        """
        return self._whole(cell)

    def _whole(self, cell: object) -> Blob:
        data, name = self._named(cell)
        return Blob(data, self.mime(data, name=name))

    def _named(self, cell: object) -> tuple[bytes, str]:
        """Return the bytes, and what an error calls them."""
        return self._bytes(cell), ascii(cell) if isinstance(cell, str) else self.kind

    def _bytes(self, cell: object) -> bytes:
        match cell:
            case bytes():
                return cell
            case str():
                return self._file(cell)
        raise ExchangeError(repr(cell), f"no {self.kind} here.", field=self.name)

    def _file(self, name: str) -> bytes:
        """Read a file below the folder; one that is no plain file (a pipe never ends) is not opened."""
        try:
            path = inside(Path(self.root), name)
            if path.is_file():
                return path.read_bytes()
            problem = "this is no plain file" if path.exists() else "there is no such file"
        except OSError as error:
            problem = f"it cannot be read ({error.strerror})"
        except RuntimeError:
            # Before Python 3.13 this is what resolving a loop of links raises.
            problem = "its links lead in a circle"
        raise ExchangeError(
            ascii(name), f"{problem} below {str(self.root)!r}, the root of this field.", field=self.name
        )
