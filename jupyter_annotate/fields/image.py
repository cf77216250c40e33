"""Image: a column of file names below a folder, or of encoded bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import AnnotateError, ColumnError, ExchangeError
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import Blob, Field
from jupyter_annotate.fields.image_header import read_header
from jupyter_annotate.paths import inside

__all__ = ["Image"]


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
        Folder that file names are relative to; the current folder by default. It is no part of the schema:
        the same project opens elsewhere with another root.

    Examples
    --------
    >>> Image("scan").to_json()
    {'kind': 'image', 'name': 'scan', 'title': None}
    """

    kind: ClassVar[str] = "image"

    root: Path | str = field(default=".", compare=False)

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
                read_header(self._bytes(cell))
            except (AnnotateError, OSError) as error:
                raise ColumnError(
                    what,
                    expected="a readable PNG, JPEG, GIF or WebP image",
                    found=f"{error}",
                    row=row,
                    column=self.name,
                    advice=f"File names are looked up below {str(Path(self.root).resolve())!r}; "
                    f"pass Image({self.name!r}, root=...) for another folder.",
                ) from error

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the size as displayed."""
        header = read_header(self._bytes(cell))
        return ImageSize(header.width, header.height)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell
        """Return where the bytes are to be had and how large the image will be."""
        header = read_header(self._bytes(cell))
        return {
            "blob": f"{item_id}/{self.name}",
            "width": header.width,
            "height": header.height,
            "mime": header.mime,
        }

    def identity(self, cell: Any) -> str:  # noqa: ANN401 -- a cell
        """Return the SHA-256 of the encoded bytes."""
        return hashlib.sha256(self._bytes(cell)).hexdigest()

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401 -- a cell
        """Return the bytes with the type their content shows."""
        data = self._bytes(cell)
        return Blob(data, read_header(data).mime)

    def _bytes(self, cell: Any) -> bytes:  # noqa: ANN401 -- a cell
        match cell:
            case bytes():
                return cell
            case str():
                return inside(Path(self.root), cell).read_bytes()
        raise ExchangeError(repr(cell), "no image here.", field=self.name)
