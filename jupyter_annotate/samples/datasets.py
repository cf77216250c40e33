"""The three sample data sets. Each comes as ITEMS with the answers we hold to be right in ``gold_`` columns.

The files are made by scripts/make_samples.py; every text was written and every image drawn for this package.
The town of Ostermoor, its library, its clock museum and its tram do not exist.
"""

from __future__ import annotations

import io
from importlib import resources
from typing import TypeAlias

import polars as pl

__all__ = ["CELLS", "ENTITIES", "SENTIMENTS", "TOPICS", "load_images", "load_messages", "load_reviews"]

#: Labels of ``gold_sentiment`` in `load_reviews`.
SENTIMENTS = ("positive", "neutral", "negative")
#: Labels of ``gold_topics`` in `load_reviews`.
TOPICS = ("staff", "offer", "comfort", "timing", "price", "access", "digital")
#: Labels of ``gold_entities`` in `load_messages`.
ENTITIES = ("person", "place", "date", "time", "quantity")
#: Labels of ``gold_cells`` in `load_images`.
CELLS = ("disc", "ring", "square")

Types: TypeAlias = dict[str, pl.DataType | type[pl.DataType]]

_SPANS = pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64, "label": pl.String}))
_BOXES = pl.List(
    pl.Struct(
        {"x": pl.Float64, "y": pl.Float64, "width": pl.Float64, "height": pl.Float64, "label": pl.String}
    )
)
_REVIEWS: Types = {
    "item_id": pl.String,
    "text": pl.String,
    "place": pl.String,
    "language": pl.String,
    "gold_sentiment": pl.String,
    "gold_topics": pl.List(pl.String),
}
_MESSAGES: Types = {"item_id": pl.String, "text": pl.String, "language": pl.String, "gold_entities": _SPANS}
_IMAGES: Types = {"item_id": pl.String, "width": pl.Int64, "height": pl.Int64, "gold_cells": _BOXES}


def load_reviews() -> pl.DataFrame:
    """Load feedback on a library, a museum and a tram line, for classification.

    Returns
    -------
    items
        item_id, text, place (``"library"``, ``"museum"``, ``"tram"``), language (ISO 639-1), gold_sentiment
        (one of `SENTIMENTS`), gold_topics (any of `TOPICS`, in that order). A good three quarters are
        English; the others, and some of the English ones, hold what breaks software: emoji of several
        code points, combining marks, right-to-left text, text without spaces, tabs, CRLF, invisible
        characters.

    Examples
    --------
    >>> reviews = load_reviews()
    >>> reviews.columns
    ['item_id', 'text', 'place', 'language', 'gold_sentiment', 'gold_topics']
    >>> len(reviews)
    302
    """
    return _read("reviews.jsonl", _REVIEWS)


def load_messages() -> pl.DataFrame:
    """Load booking requests with persons, places, dates, times and quantities marked, for spans.

    Returns
    -------
    items
        item_id, text, language (ISO 639-1), gold_entities: a list of start, end (code points, half open)
        and label (one of `ENTITIES`), ordered by them. Some spans nest; some texts have none.

    Examples
    --------
    >>> message = load_messages().row(1, named=True)
    >>> [message["text"][s["start"] : s["end"]] for s in message["gold_entities"]]
    ['2 nights', '1 March', '3 March', 'Ms Okafor']
    """
    return _read("messages.jsonl", _MESSAGES)


def load_images() -> pl.DataFrame:
    """Load drawings of dishes with discs, rings and squares on them, for boxes.

    Returns
    -------
    items
        item_id, image (PNG bytes), width and height in pixels, gold_cells: a list of x, y, width, height
        (pixels, origin at the top left) and label (one of `CELLS`). One dish is empty, one is in portrait
        format, in one the edge cuts cells off.

    Examples
    --------
    >>> load_images().select("item_id", "width", "height").row(4)
    ('dish-05-portrait', 480, 640)
    """
    rows = _read("images.jsonl", _IMAGES)
    encoded = [_bytes(f"images/{item_id}.png") for item_id in rows["item_id"]]
    return rows.insert_column(1, pl.Series("image", encoded, pl.Binary))


def _read(name: str, schema: Types) -> pl.DataFrame:
    return pl.read_ndjson(io.BytesIO(_bytes(name)), schema=schema)


def _bytes(name: str) -> bytes:
    """Read a file of the package, which may lie in a zip archive."""
    return resources.files(__package__).joinpath("data", *name.split("/")).read_bytes()
