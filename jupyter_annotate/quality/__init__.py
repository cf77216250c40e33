"""Quality: how good annotators are, which label would tell most, and canaries of the numbers."""

from __future__ import annotations

from jupyter_annotate.quality.annotators import AnnotatorQuality, annotator_quality
from jupyter_annotate.quality.information import expected_information

__all__ = ["AnnotatorQuality", "annotator_quality", "expected_information"]
