"""SoftLabel: how probable each label is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from jupyter_annotate.columns import LABELS
from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError, list_some
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import LabelQuestion, Renamed

__all__ = ["SoftLabel"]

#: A sum of shares this close to 1, for each label, is 1: what comes back from the log is not divided again.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SoftLabel(LabelQuestion):
    """Shares of the labels, which sum to 1: what the annotator believes, not one label only.

    Parameters
    ----------
    name
        An identifier.
    labels
        Names or `Label` objects, in the order shown.

    Examples
    --------
    >>> mood = SoftLabel("mood", ["glad", "sad"])
    >>> mood.check({"sad": 1, "glad": 3}, {})
    {'glad': 0.75, 'sad': 0.25}
    """

    kind: ClassVar[str] = "soft_label"
    of_any_item: ClassVar[bool] = True

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the shares above 0, in the order of the schema; weights of any sum are divided by it."""
        expected = f"a weight of 0 or more for some of {list_some(self.label_names)}"
        if not isinstance(answer, dict) or not answer.keys() <= set(self.label_names):
            raise LabelError(self.name, answer, expected=expected)
        weights = {name: answer[name] for name in self.label_names if name in answer}
        if not all(_is_weight(each) for each in weights.values()):
            raise LabelError(self.name, answer, expected=expected)
        total = math.fsum(float(each) for each in weights.values())  # type: ignore[arg-type]  # checked above
        if not 0 < total < math.inf:
            raise LabelError(self.name, answer, expected="weights whose sum is above 0 and finite")
        near = abs(total - 1) <= _ROUNDING * len(self.label_names)
        shares = {
            n: float(w) if near else round(float(w) / total, 6)  # type: ignore[arg-type]  # checked above
            for n, w in weights.items()
        }
        return {name: share for name, share in shares.items() if share > 0}

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the shares by the new names, those of merged labels added; None if one was split."""
        own, given = names.get(self.name, {}), answer if isinstance(answer, dict) else {}
        parts: dict[str | None, list[float]] = {}
        for name, share in given.items():
            parts.setdefault(own.get(name, name), []).append(float(share))  # type: ignore[arg-type]  # a share
        if None in parts:
            return None
        # A share that was not added to stays as it is, to the last digit.
        sums = {
            to: shares[0] if len(shares) == 1 else round(math.fsum(shares), 12)
            for to, shares in parts.items()
        }
        return {name: sums[name] for name in self.label_names if name in sums}

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row an answer: the label with the greatest share, that share, and all shares.

        Of several with the greatest share ``label`` is the first in the order of the schema.
        """
        names = self.label_names
        dtype = pl.Struct(dict.fromkeys(names, pl.Float64))
        shares = pl.col("value").str.json_decode(dtype)
        rows = answers.select("item_id", "annotator_id", shares.alias("shares"))
        filled = pl.struct(pl.col("shares").struct.field(n).fill_null(0.0).alias(n) for n in names)
        listed = pl.concat_list(pl.col("shares").struct.field(n) for n in names)
        most = listed.list.arg_max()
        return rows.with_columns(shares=filled).select(
            *(name for name in LABELS if name != "label"),
            most.replace_strict(dict(enumerate(names)), return_dtype=pl.String).alias("label"),
            listed.list.max().alias("share"),
            "shares",
        )


def _is_weight(weight: object) -> bool:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        return False
    return 0 <= weight < math.inf
