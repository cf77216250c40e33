"""Image: a column of file names below a folder, or of encoded bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from jupyter_annotate.content import Content, ImageSize
from jupyter_annotate.errors import ExchangeError, SchemaError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import Blob, blob_name
from jupyter_annotate.fields.image_header import ImageHeader, read_header
from jupyter_annotate.fields.image_scaling import can_scale, scaled, size_to_send
from jupyter_annotate.fields.media import MediaField

__all__ = ["Image"]

#: What stands for an image that cannot be read; the browser keeps this place free and shows a sentence in it.
_UNREADABLE = ImageHeader("application/octet-stream", 640, 480)


@dataclass(frozen=True)
class Image(MediaField):
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
    most_pixels
        One with more is sent in a smaller size, which needs the extra ``image``; places in it count in the
        pixels of the file all the same. It is no part of the schema either.

    Examples
    --------
    >>> Image("scan").to_json()
    {'kind': 'image', 'name': 'scan', 'title': None}
    """

    kind: ClassVar[str] = "image"

    readable: ClassVar[str] = "a readable PNG, JPEG, GIF or WebP image"

    most_pixels: int = field(default=32_000_000, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no number of pixels."""
        super().__post_init__()
        given: object = self.most_pixels
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise SchemaError(
                f"{self.name!r}: expected most_pixels as a whole number, found {shorten(given)}."
            )

    def mime(self, data: bytes, *, name: str) -> str:
        """Return the type that the content shows.

        Raises
        ------
        ExchangeError
            If it is no image that a browser could show.
        """
        return read_header(data, name=name).mime

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return the size as displayed.

        Raises
        ------
        ExchangeError
            If the image cannot be read.
        """
        header = self._header(cell)
        return ImageSize(header.width, header.height)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell
        """Return where the bytes are to be had and how large the image will be.

        One that cannot be read has a place to itself as well; asking for its bytes tells why there are none.
        """
        try:
            header = self._header(cell)
        except ExchangeError:
            header = _UNREADABLE
        sent = self._size_to_send(header)
        return {
            "blob": blob_name(item_id, self.name),
            "width": header.width,
            "height": header.height,
            "mime": header.mime,
            **({} if sent is None else {"sent": list(sent)}),
        }

    def blob(self, cell: Any) -> Blob | None:  # noqa: ANN401 -- a cell
        """Return the bytes to show, in a smaller size where there are too many pixels.

        Raises
        ------
        ExchangeError
            If they cannot be read, or made smaller.
        """
        data, name = self._named(cell)
        header = read_header(data, name=name)
        sent = self._size_to_send(header)
        return Blob(data, header.mime) if sent is None else Blob(*scaled(data, sent, name=name))

    def _size_to_send(self, header: ImageHeader) -> tuple[int, int] | None:
        return size_to_send(header, self.most_pixels) if can_scale() else None

    def _header(self, cell: object) -> ImageHeader:
        data, name = self._named(cell)
        return read_header(data, name=name)
