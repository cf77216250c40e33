"""Geometry: how far boxes and outlines overlap, and which of several annotators mean the same object."""

from __future__ import annotations

from jupyter_annotate.geometry.boxes import iou, sharing
from jupyter_annotate.geometry.clusters import clustered
from jupyter_annotate.geometry.fragments import apart, shaped
from jupyter_annotate.geometry.outlines import outline_of
from jupyter_annotate.geometry.overlaps import Outlines, Overlaps, overlapping
from jupyter_annotate.geometry.polygons import Outline, polygon_iou
from jupyter_annotate.geometry.turned import bounds_of, corners_of, reframed, turned, turned_iou

__all__ = [
    "Outline",
    "Outlines",
    "Overlaps",
    "apart",
    "bounds_of",
    "clustered",
    "corners_of",
    "iou",
    "outline_of",
    "overlapping",
    "polygon_iou",
    "reframed",
    "shaped",
    "sharing",
    "turned",
    "turned_iou",
]
