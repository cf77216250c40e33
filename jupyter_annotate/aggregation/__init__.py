"""Aggregation: estimators from LABELS to CONSENSUS, by name in `AGGREGATORS`."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_annotate.aggregation.base import Aggregator, Posterior
from jupyter_annotate.aggregation.bayesian import BayesianConfusion
from jupyter_annotate.aggregation.confusion import ConfusionModel
from jupyter_annotate.aggregation.dawid_skene import DawidSkene
from jupyter_annotate.aggregation.difficulty import HazyItems
from jupyter_annotate.aggregation.glad import GLAD
from jupyter_annotate.aggregation.mace import MACE
from jupyter_annotate.aggregation.majority import MajorityVote, WeightedMajority
from jupyter_annotate.aggregation.mixture import Mixture
from jupyter_annotate.aggregation.one_coin import OneCoin

__all__ = [
    "AGGREGATORS",
    "GLAD",
    "MACE",
    "Aggregator",
    "BayesianConfusion",
    "ConfusionModel",
    "DawidSkene",
    "HazyItems",
    "MajorityVote",
    "Mixture",
    "OneCoin",
    "Posterior",
    "WeightedMajority",
]

_ALL: tuple[type[Aggregator], ...] = (
    MajorityVote,
    WeightedMajority,
    DawidSkene,
    BayesianConfusion,
    OneCoin,
    MACE,
    GLAD,
    HazyItems,
)

#: What `ja.compare` and the tables know by name.
AGGREGATORS: Mapping[str, type[Aggregator]] = {each.name: each for each in _ALL}
