"""Aggregation: estimators from LABELS to CONSENSUS, by name in `AGGREGATORS`."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.confusion import ConfusionModel
from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.majority import MajorityVote

__all__ = ["AGGREGATORS", "Aggregator", "ConfusionModel", "DawidSkene", "MajorityVote", "Posterior"]

#: What `ja.compare` and the tables know by name.
AGGREGATORS: Mapping[str, type[Aggregator]] = {each.name: each for each in (MajorityVote, DawidSkene)}
