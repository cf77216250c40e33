"""Video: a column of recordings, encoded or as file names below a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jupyter_annotate.fields.played import PlayedField

__all__ = ["Video"]


@dataclass(frozen=True)
class Video(PlayedField):
    """A column of films: encoded bytes or file names below a folder, MP4, WebM and Ogg.

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
    >>> Video("take").to_json()
    {'kind': 'video', 'name': 'take', 'title': None}
    """

    kind: ClassVar[str] = "video"
    readable: ClassVar[str] = "a readable MP4, WebM or Ogg film"
