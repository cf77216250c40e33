"""Workflow: who gets which item, as pure decisions over the log."""

from __future__ import annotations

from jupyter_annotate.workflow.book import LeaseBook
from jupyter_annotate.workflow.places import State
from jupyter_annotate.workflow.plan import Plan

__all__ = ["LeaseBook", "Plan", "State"]
