"""What is seen in the notebook. The only part that imports anywidget, ipywidgets, traitlets or IPython."""

from __future__ import annotations

from jupyter_annotate.widgets.annotation import AnnotationWidget, annotate

__all__ = ["AnnotationWidget", "annotate"]
