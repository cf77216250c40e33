"""FIELDS: what an item shows. To add one: a module here, one line below, and its twin in js/src/fields."""

from __future__ import annotations

from jupyter_annotate.fields.base import Blob, Field, split_blob_name
from jupyter_annotate.fields.image import Image
from jupyter_annotate.fields.options import Options
from jupyter_annotate.fields.text import Text

__all__ = ["FIELDS", "Blob", "Field", "Image", "Options", "Text", "split_blob_name"]

FIELDS: dict[str, type[Field]] = {
    "text": Text,
    "image": Image,
    "options": Options,
}
