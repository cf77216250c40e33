"""What is seen in the notebook. The only part that imports anywidget, ipywidgets, traitlets or IPython."""

from __future__ import annotations

from jupyter_annotate.widgets.annotation import AnnotationWidget, annotate
from jupyter_annotate.widgets.controls import Choices, Control, ImageBoxes, TextPreference, TextSpans

__all__ = ["AnnotationWidget", "Choices", "Control", "ImageBoxes", "TextPreference", "TextSpans", "annotate"]
