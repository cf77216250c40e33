"""What sound and films share: they have a length in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_annotate.content import Content, Recording
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import Json
from jupyter_annotate.fields.base import blob_name
from jupyter_annotate.fields.media import MediaField
from jupyter_annotate.fields.recording import Medium, read_medium

__all__ = ["PlayedField"]

#: More than this is fetched when it is looked at, not ahead.
_LARGE = 8 * 2**20
_UNREADABLE = Medium("application/octet-stream", None)


@dataclass(frozen=True)
class PlayedField(MediaField):
    """A column of recordings."""

    def mime(self, data: bytes, *, name: str) -> str:
        """Return the type that the content shows.

        Raises
        ------
        ExchangeError
            If it is none that a browser could play.
        """
        return read_medium(data, self.kind, name=name).mime

    def content(self, cell: Any) -> Content:  # noqa: ANN401 -- a cell
        """Return how long it is.

        Raises
        ------
        ExchangeError
            If it cannot be read.
        """
        return Recording(self._medium(cell)[0].seconds)

    def payload(self, cell: Any, *, item_id: str) -> Json:  # noqa: ANN401 -- a cell
        """Return where the bytes are to be had, how many they are and how long it takes.

        One that cannot be read has a place to itself as well; asking for its bytes tells why there are none.
        """
        try:
            medium, size = self._medium(cell)
        except ExchangeError:
            medium, size = _UNREADABLE, 0
        return {
            "blob": blob_name(item_id, self.name),
            "mime": medium.mime,
            "seconds": medium.seconds,
            "bytes": size,
            **({"lazy": True} if size > _LARGE else {}),
        }

    def _medium(self, cell: object) -> tuple[Medium, int]:
        data, name = self._named(cell)
        return read_medium(data, self.kind, name=name), len(data)
