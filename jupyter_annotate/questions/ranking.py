"""Ranking: several options in order, ties if you like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, list_some
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import LabelQuestion, Renamed, check_flag, decoded
from jupyter_annotate.questions.relabeling import chosen

__all__ = ["Ranking"]


@dataclass(frozen=True)
class Ranking(LabelQuestion):
    """All options in order, best first. They stand in an order by lot, which is kept with the answer.

    Parameters
    ----------
    name
        An identifier.
    labels
        The options; those of each item with ``labels_from=``.
    ties
        Whether options may share a place.

    Examples
    --------
    >>> Ranking("order", ["a", "b", "c"]).check([["b"], ["c", "a"]], {})
    [['b'], ['a', 'c']]
    """

    kind: ClassVar[str] = "ranking"

    ties: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what is neither True nor False."""
        super().__post_init__()
        check_flag(self.ties, what=f"{self.name!r}: expected ties")

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "ties": self.ties}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the groups, best first; those of a group stand in the order of the schema."""
        like = "groups of options, best first, like [['a'], ['b', 'c']]"
        if not isinstance(answer, list):
            raise LabelError(self.name, answer, expected=like)
        groups = [[each] if isinstance(each, str) else each for each in answer]
        if not groups or not all(isinstance(group, list) and group for group in groups):
            raise LabelError(self.name, answer, expected=like)
        given = [self._known(each, answer) for group in groups for each in group]  # type: ignore[union-attr]  # lists
        if len(given) != len(set(given)) or len(given) != len(self.label_names):
            raise LabelError(self.name, answer, expected=f"each of {list_some(self.label_names)} once")
        if not self.ties and len(groups) < len(given):
            raise LabelError(self.name, answer, expected="no two options in one place")
        place = {name: at for at, name in enumerate(self.label_names)}
        return [sorted(group, key=place.__getitem__) for group in groups]  # type: ignore[arg-type]  # lists of names

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the groups by the new names; None if an option was split, or merged ones stood apart."""
        own, given = names.get(self.name, {}), answer if isinstance(answer, list) else []
        groups = [chosen(group, own, self.label_names) for group in given]
        placed = [name for group in groups for name in group or ()]
        if None in groups or len(placed) > len(set(placed)):
            return None
        return [[*group] for group in groups if group]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an option: ``label`` names it, ``rank`` is its place, 1 for the best."""
        groups = decoded(answers, pl.List(pl.List(pl.String))).with_row_index("row").explode("label")
        placed = groups.with_columns(rank=pl.int_range(1, pl.len() + 1).over("row"))
        return placed.explode("label").select("item_id", "annotator_id", "label", "rank")
