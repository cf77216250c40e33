"""FIELDS: what an item shows. To add one: a module here, one line below, and its twin in js/src/fields."""

from __future__ import annotations

from jupyter_annotate.fields.audio import Audio
from jupyter_annotate.fields.base import Blob, Field, split_blob_name
from jupyter_annotate.fields.chat import Chat
from jupyter_annotate.fields.diff import Diff
from jupyter_annotate.fields.image import Image
from jupyter_annotate.fields.markdown import Markdown
from jupyter_annotate.fields.options import Options
from jupyter_annotate.fields.rendered import Rendered
from jupyter_annotate.fields.table import Table
from jupyter_annotate.fields.text import Text
from jupyter_annotate.fields.video import Video

__all__ = [
    "FIELDS",
    "Audio",
    "Blob",
    "Chat",
    "Diff",
    "Field",
    "Image",
    "Markdown",
    "Options",
    "Rendered",
    "Table",
    "Text",
    "Video",
    "split_blob_name",
]

FIELDS: dict[str, type[Field]] = {
    "text": Text,
    "markdown": Markdown,
    "chat": Chat,
    "diff": Diff,
    "table": Table,
    "image": Image,
    "audio": Audio,
    "video": Video,
    "options": Options,
    "rendered": Rendered,
}
