"""Audio: a column of recordings, encoded or as file names below a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jupyter_annotate.fields.played import PlayedField

__all__ = ["Audio"]


@dataclass(frozen=True)
class Audio(PlayedField):
    """A column of sound: encoded bytes or file names below a folder, WAV, MP3, FLAC, Ogg and MP4.

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
    >>> Audio("take").to_json()
    {'kind': 'audio', 'name': 'take', 'title': None}
    """

    kind: ClassVar[str] = "audio"
    readable: ClassVar[str] = "a readable WAV, MP3, FLAC, Ogg or MP4 sound"
