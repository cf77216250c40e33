"""BestWorst: the best and the worst of a few options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.errors import LabelError
from jupyter_annotate.events import Json
from jupyter_annotate.questions.base import LabelQuestion, Renamed
from jupyter_annotate.questions.relabeling import chosen

__all__ = ["BestWorst"]


@dataclass(frozen=True)
class BestWorst(LabelQuestion):
    """The best and the worst of a few options (best-worst scaling; Louviere and Woodworth, 1991).

    The options stand in an order by lot, which is kept with the answer.

    Parameters
    ----------
    name
        An identifier.
    labels
        The options; those of each item with ``labels_from=``, three to six of them as a rule.

    Examples
    --------
    >>> BestWorst("vivid", ["a", "b", "c"]).check({"best": "c", "worst": "a"}, {})
    {'best': 'c', 'worst': 'a', 'among': ['a', 'b', 'c']}
    """

    kind: ClassVar[str] = "best_worst"

    def check(self, answer: Json, content: Mapping[str, Content]) -> Json:  # noqa: ARG002 -- same for any item
        """Return the two, and among which they were chosen."""
        names = list(self.label_names)
        expected = f"{{'best': one, 'worst': another}} of {names}"
        if not isinstance(answer, dict) or not {"best", "worst"} <= set(answer) <= {"best", "worst", "among"}:
            raise LabelError(self.name, answer, expected=expected)
        best, worst = (self._known(answer[end], answer) for end in ("best", "worst"))
        if best == worst or answer.get("among", names) != names:
            raise LabelError(self.name, answer, expected=expected)
        return {"best": best, "worst": worst, "among": list(names)}

    def relabeled(self, answer: Json, names: Mapping[str, Renamed]) -> Json:
        """Return the two by their new names; None if an option was split, or they are one now."""
        own, given = names.get(self.name, {}), answer if isinstance(answer, dict) else {}
        among = chosen(given.get("among"), own, self.label_names)
        best, worst = (own.get(str(given[end]), str(given[end])) for end in ("best", "worst"))
        if among is None or best == worst:
            return None
        return {"best": best, "worst": worst, "among": [*among]}

    def labels_frame(self, answers: pl.DataFrame) -> pl.DataFrame:
        """Return one row for each pair of options an answer decides.

        The best one is better than all others, and all others are better than the worst: of ``left`` and
        ``right`` the left one is better, so ``label`` is ``"left"``. That is what `BradleyTerry` takes.
        """
        dtype = pl.Struct({"best": pl.String, "worst": pl.String, "among": pl.List(pl.String)})
        chosen = pl.col("value").str.json_decode(dtype).alias("chosen")
        rows = answers.select("item_id", "annotator_id", chosen)
        each = rows.with_row_index("row").unnest("chosen").explode("among")
        over = each.filter(pl.col("among") != pl.col("best")).select(
            "row", "item_id", "annotator_id", left="best", right="among"
        )
        middle = each.filter(pl.col("among") != pl.col("best"), pl.col("among") != pl.col("worst"))
        under = middle.select("row", "item_id", "annotator_id", left="among", right="worst")
        pairs = pl.concat([over, under]).sort("row", maintain_order=True)
        return pairs.select("item_id", "annotator_id", pl.lit("left").alias("label"), "left", "right")
