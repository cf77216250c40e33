"""Choice: exactly one label for an item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import list_some, shorten
from jupyter_annotate.events import Json, canonical_json
from jupyter_annotate.questions.base import LabelQuestion, Renamed, decoded
from jupyter_annotate.questions.cells import plain_cell

__all__ = ["Choice"]


@dataclass(frozen=True)
class Choice(LabelQuestion):
    """Exactly one label for an item. Alone on an item, one key answers and moves on.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.

    Examples
    --------
    >>> mood = Choice("mood", ["glad", "sad"])
    >>> mood.check("glad", {})
    'glad'
    >>> mood.check("meh", {})
    Traceback (most recent call last):
        ...
    jupyter_annotate.errors.LabelError: 'meh' is no answer to 'mood': expected one of ['glad', 'sad'].
    """

    kind: ClassVar[str] = "choice"
    of_any_item: ClassVar[bool] = True

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the label, or refuse one that is not on the list."""
        return self._known(answer, answer)

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the new name of the label; None if it was split."""
        return names.get(self.name, {}).get(str(answer), answer)

    def encode(self, values: pl.Series, contents: Iterable[Mapping[str, Content]]) -> pl.Series:
        """Check many labels at once: plain names, no JSON needed."""
        if self.labels_from is not None:
            return super().encode(_as_json(values), contents)
        known = dict(zip(self.label_names, map(canonical_json, self.label_names), strict=True))
        nested = values.dtype.is_nested() or isinstance(values.dtype, pl.Binary | pl.Object | pl.Duration)
        names = (
            pl.Series(values.name, [None] * len(values), dtype=pl.String)
            if nested
            else values.cast(pl.String)
        )
        encoded = names.replace_strict(known, default=None, return_dtype=pl.String)
        if encoded.null_count():
            row = encoded.is_null().arg_true()[0]
            found = shorten(plain_cell(values[row]))
            raise self._misfit(row, f"one of {list_some(self.label_names)}", found)
        return encoded

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer, ``label`` as text."""
        return decoded(answers, pl.String)


def _as_json(names: pl.Series) -> pl.Series:
    return pl.Series(names.name, [canonical_json(each) for each in names.cast(pl.String)], dtype=pl.String)
