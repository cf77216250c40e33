"""Label data in the notebook: durable, measured, exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_annotate import errors, samples
from jupyter_annotate.agreement import Agreement, agreement_table, krippendorff_alpha, observed_agreement
from jupyter_annotate.backups import backup, restore
from jupyter_annotate.exchange import export, read_export
from jupyter_annotate.fields import Image, Text
from jupyter_annotate.health import status
from jupyter_annotate.merging import merge
from jupyter_annotate.project import Project
from jupyter_annotate.questions import Boxes, Choice, Label, MultiChoice, Spans
from jupyter_annotate.roles import Role, appoint, roles
from jupyter_annotate.schedule import backup_every
from jupyter_annotate.schema import Schema
from jupyter_annotate.session import Session
from jupyter_annotate.sharing import distribute, release
from jupyter_annotate.standings import assignments, blockers
from jupyter_annotate.verifying import verify
from jupyter_annotate.views import latest_annotations, progress
from jupyter_annotate.workflow import Plan

if TYPE_CHECKING:
    from jupyter_annotate.widgets import AnnotationWidget, annotate

__version__ = "0.1.0"

__all__ = [
    "Agreement",
    "AnnotationWidget",
    "Boxes",
    "Choice",
    "Image",
    "Label",
    "MultiChoice",
    "Plan",
    "Project",
    "Role",
    "Schema",
    "Session",
    "Spans",
    "Text",
    "agreement_table",
    "annotate",
    "appoint",
    "assignments",
    "backup",
    "backup_every",
    "blockers",
    "distribute",
    "errors",
    "export",
    "krippendorff_alpha",
    "latest_annotations",
    "merge",
    "observed_agreement",
    "progress",
    "read_export",
    "release",
    "restore",
    "roles",
    "samples",
    "status",
    "verify",
]

_WIDGETS = frozenset({"AnnotationWidget", "annotate"})


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- whatever the name stands for
    """Import the widgets only when one is asked for: labels are often read where no browser is."""
    if name not in _WIDGETS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from jupyter_annotate import widgets

    return getattr(widgets, name)


def __dir__() -> list[str]:
    """List the public names, those not yet imported too."""
    return sorted({*globals(), *__all__})
