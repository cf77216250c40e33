"""Health: what is stored, by whom, and how well, in one screen."""

from __future__ import annotations

from jupyter_annotate.health.screen import Health
from jupyter_annotate.health.survey import status

__all__ = ["Health", "status"]
