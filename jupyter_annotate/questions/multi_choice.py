"""Multi-choice: any number of labels for an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, SchemaError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import Label, LabelQuestion, Renamed, decoded, is_whole
from jupyter_annotate.questions.relabeling import chosen

__all__ = ["MultiChoice"]


@dataclass(frozen=True)
class MultiChoice(LabelQuestion):
    """Any number of labels for an item; none is an answer too.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.
    minimum, maximum
        How many labels an answer may have; no limit where ``maximum`` is None.

    Examples
    --------
    >>> MultiChoice("topics", ["food", "price", "staff"]).check(["staff", "food"], {})
    ['food', 'staff']
    """

    kind: ClassVar[str] = "multi_choice"
    of_any_item: ClassVar[bool] = True

    minimum: int = field(default=0, kw_only=True)
    maximum: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse limits that no answer could meet."""
        super().__post_init__()
        most = len(self.labels) if self.maximum is None else self.maximum
        whole = is_whole(self.minimum) and is_whole(most)
        if not whole or not 0 <= self.minimum <= most <= len(self.labels):
            message = (
                f"{self.name!r}: expected 0 <= minimum <= maximum <= {len(self.labels)} labels, "
                f"found {self.minimum!r} and {self.maximum!r}."
            )
            raise SchemaError(message)

    def to_json(self) -> dict[str, Json]:
        """Return the form the schema's fingerprint covers and the browser reads."""
        return {**super().to_json(), "minimum": self.minimum, "maximum": self.maximum}

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the labels in the order of the list, none twice."""
        if not isinstance(answer, list):
            raise LabelError(self.name, answer, expected="a list of labels")
        chosen = {self._known(each, answer) for each in answer}
        most = len(self.labels) if self.maximum is None else self.maximum
        if not self.minimum <= len(chosen) <= most:
            raise LabelError(self.name, answer, expected=f"{self.minimum} to {most} labels")
        return [name for name in self.label_names if name in chosen]

    def migrated(self, labels: Sequence[Label], names: Renamed) -> Self:  # noqa: ARG002 -- what every kind is given
        """Return the question with other labels; no more may be chosen than there are."""
        most = None if self.maximum is None else min(self.maximum, len(labels))
        return replace(self, labels=tuple(labels), maximum=most)

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the labels by their new names, each once; None if one was split or too few are left."""
        found = chosen(answer, names.get(self.name, {}), self.label_names)
        return None if found is None or len(found) < self.minimum else [*found]

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer, ``label`` as a list of text."""
        return decoded(answers, pl.List(pl.String))
