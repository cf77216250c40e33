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

__all__ = [
    "CELLS",
    "ENTITIES",
    "SENTIMENTS",
    "TOPICS",
    "SimulatedAnnotator",
    "load_images",
    "load_messages",
    "load_reviews",
]
