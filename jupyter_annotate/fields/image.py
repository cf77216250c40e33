"""Image: a column of file names below a folder, or of encoded bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import ColumnError, ExchangeError
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import Blob, Field, blob_name
from jupyter_annotate.fields.image_header import ImageHeader, read_header
from jupyter_annotate.paths import inside

__all__ = ["Image"]

#: What stands for an image that cannot be read; the browser keeps this place free and shows a sentence in it.
_UNREADABLE = ImageHeader("application/octet-stream", 640, 480)


@dataclass(frozen=True)
class Image(Field):
    """A column of images: encoded bytes (PNG, JPEG, GIF, WebP) or file names below a folder.

    Parameters
    ----------
    name
        The column.
    title
        A heading above it; none by default.
    root
        Folder that file names are relative to; by default the folder that is the current one when the field
        is made. It is no part of the schema: the same project opens elsewhere with another root.

    Examples
    --------
    >>> Image("scan").to_json()
    {'kind': 'image', 'name': 'scan', 'title': None}
    """

    kind: ClassVar[str] = "image"

    root: Path | str = field(default=".", compare=False)

    def __post_init__(self) -> None:
        """Hold the folder itself, so that it stays the same wherever the current folder goes."""
        super().__post_init__()
        object.__setattr__(self, "root", Path(self.root).absolute())

    def check_column(self, column: pl.Series, *, what: str) -> None:
        """Read the header of every image; the first that cannot be shown is named."""
        if column.dtype not in (pl.String, pl.Binary):
            raise ColumnError(
                what,
                expected="file names (text) or encoded images (binary)",
                found=f"{column.dtype}",
                column=self.name,
            )
        for row, cell in enumerate(column):
            try:
                self._read(cell)
            except ExchangeError as error:
                raise ColumnError(
                    what,
                    expected="a readable PNG, JPEG, GIF or WebP image",
                    found=f"{error}".rstrip("."),
                    row=row,
                    column=self.name,
                    advice=f"File names are looked up below {str(self.root)!r}; "
                    f"pass Image({self.name!r}, root=...) for another folder.",
                ) from error

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the size as displayed.

        Raises
        ------
        ExchangeError
            If the image cannot be read.
        """
        _, header = self._read(cell)
        return ImageSize(header.width, header.height)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell
        """Return where the bytes are to be had and how large the image will be.

        One that cannot be read has a place to itself as well; asking for its bytes tells why there are none.
        """
        try:
            _, header = self._read(cell)
        except ExchangeError:
            header = _UNREADABLE
        return {
            "blob": blob_name(item_id, self.name),
            "width": header.width,
            "height": header.height,
            "mime": header.mime,
        }

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
            If the image cannot be read.
        """
        data, header = self._read(cell)
        return Blob(data, header.mime)

    def _read(self, cell: object) -> tuple[bytes, ImageHeader]:
        data = self._bytes(cell)
        return data, read_header(data, name=ascii(cell) if isinstance(cell, str) else "image")

    def _bytes(self, cell: object) -> bytes:
        match cell:
            case bytes():
                return cell
            case str():
                return self._file(cell)
        raise ExchangeError(repr(cell), "no image here.", field=self.name)

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
