"""Sample data we wrote ourselves, and simulated annotators to try a project with before people do."""

from __future__ import annotations

from jupyter_annotate.samples.annotators import SimulatedAnnotator
from jupyter_annotate.samples.datasets import (
    CELLS,
    ENTITIES,
    SENTIMENTS,
    TOPICS,
    load_images,
    load_messages,
    load_reviews,
)
from jupyter_annotate.samples.films import EVENTS, load_films
from jupyter_annotate.samples.recordings import SOUNDS, load_recordings

__all__ = [
    "CELLS",
    "ENTITIES",
    "EVENTS",
    "SENTIMENTS",
    "SOUNDS",
    "TOPICS",
    "SimulatedAnnotator",
    "load_films",
    "load_images",
    "load_messages",
    "load_recordings",
    "load_reviews",
]
