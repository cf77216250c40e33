"""Frames: take whatever comes as a frame and return polars, or name the cell that does not fit."""

from __future__ import annotations

from jupyter_annotate.frames.taking import to_polars

__all__ = ["to_polars"]
