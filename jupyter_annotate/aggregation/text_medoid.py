"""Free text: of an item's texts the one that is most like the others."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.fitting import Estimator, Findings, read, reject, with_codes
from jupyter_annotate.aggregation.groups import ratio
from jupyter_annotate.pairing import pairs_within
from jupyter_annotate.ratings import coded
from jupyter_annotate.text_similarity import similarities

__all__ = ["TextMedoid"]

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_DIGITS = 12


class TextMedoid(Estimator):
    """The text with the highest mean similarity to all texts of its item, each weighted by its annotator.

    An annotator's weight is the mean similarity of their texts to those of others, drawn towards the mean of
    all by one text. Nothing is rewritten: the consensus is a text that somebody gave. Its columns are
    item_id, label, confidence (the weighted mean similarity to the others' texts; null if there are none: one
    text tells nothing of itself), tie and n_labels. Null is a missing text, ``""`` an empty one. Ties go to
    the text that sorts first.

    Parameters
    ----------
    similarity
        ``"edit"`` or ``"token_f1"``, as for `text_agreement`.
    weighted
        Weight annotators; otherwise all count alike.

    Examples
    --------
    >>> texts = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": ["a red car", "a red cat", "blue"],
    ... }
    >>> TextMedoid(similarity="token_f1").fit_predict(texts)["label"].to_list()
    ['a red car']
    """

    name: ClassVar[str] = "text_medoid"

    def __init__(self, *, similarity: Literal["edit", "token_f1"] = "edit", weighted: bool = True) -> None:
        if similarity not in {"edit", "token_f1"}:
            message = f"Expected similarity 'edit' or 'token_f1', found {similarity!r}."
            raise ValueError(message)
        self.similarity: Literal["edit", "token_f1"] = similarity
        self.weighted = weighted

    def _estimate(self, labels: object, what: str) -> Findings:
        frame, items, annotators = with_codes(read(labels, (), what))
        if frame["label"].dtype not in (pl.String, pl.Null):
            reject(frame, frame["label"].is_not_null(), "label", what, expected="text")
        given = frame.drop_nulls("label").with_columns(pl.col("label").cast(pl.String))
        given = given.sort("item", "annotator", "label")
        item, who = given["item"].to_numpy(), given["annotator"].to_numpy()
        first, second = pairs_within(item)
        code, texts = coded(given["label"])
        near = similarities(texts, code[first], code[second], self.similarity)
        weight, mean = _weights(who, first, second, near, len(annotators))
        row_weight = weight[who] if self.weighted else np.ones(len(who))
        n = len(item)
        similar = np.bincount(first, near * row_weight[second], n) + np.bincount(
            second, near * row_weight[first], n
        )
        total = np.bincount(item, row_weight, len(items))[item]
        others = total - row_weight
        score = ratio(similar + row_weight, total, 0.0).round(_DIGITS)
        sure = ratio(similar, others)
        rows = pl.DataFrame({"item": item, "label": given["label"], "score": score, "sure": sure})
        best = _best(rows, items)
        table = {"annotator_id": annotators, "n_labels": np.bincount(who, minlength=len(annotators))}
        return Findings(best, pl.DataFrame({**table, "similarity": mean, "weight": weight}).fill_nan(None))


def _best(rows: pl.DataFrame, items: pl.Series) -> pl.DataFrame:
    """Return the best text of each item; null for items without a text."""
    top = pl.col("score").max().over("item")
    best = (
        rows.with_columns(
            n_labels=pl.len().over("item"),
            tie=pl.col("label").filter(pl.col("score") == top).n_unique().over("item") > 1,
        )
        .filter(pl.col("score") == top)
        .sort("item", "label", "sure", descending=[False, False, True])
        .unique("item", keep="first", maintain_order=True)
    )
    named = best.with_columns(item_id=items.gather(best["item"]))
    every = items.to_frame("item_id").join(named, on="item_id", how="left", maintain_order="left")
    return every.select(
        "item_id",
        "label",
        pl.col("sure").alias("confidence"),
        "tie",
        pl.col("n_labels").fill_null(0).cast(pl.Int64),
    ).fill_nan(None)


def _weights(
    who: _Places, first: _Places, second: _Places, near: _Numbers, n_annotators: int
) -> tuple[_Numbers, _Numbers]:
    """Return each annotator's weight and mean similarity; one annotator's texts do not confirm each other."""
    apart = who[first] != who[second]
    first, second, near = first[apart], second[apart], near[apart]
    n_rows = len(who)
    met = np.bincount(first, minlength=n_rows) + np.bincount(second, minlength=n_rows)
    total = np.bincount(first, near, n_rows) + np.bincount(second, near, n_rows)
    compared = met > 0
    of_row = ratio(total, met, 0.0)
    n = np.bincount(who, compared, n_annotators)
    sums = np.bincount(who, of_row, n_annotators)
    mean = ratio(sums, n)
    overall = sums.sum() / n.sum() if n.sum() else 1.0
    # Where no text is like another, no annotator is better than another.
    weight = (sums + overall) / (n + 1) if overall > 0 else np.ones(n_annotators)
    return weight, mean
