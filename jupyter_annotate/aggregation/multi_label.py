"""Multi-label: a set of labels an item, each label decided on its own."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.aggregation.base import Aggregator
from jupyter_annotate.aggregation.fitting import Estimator, Findings, read, with_codes
from jupyter_annotate.aggregation.majority import MajorityVote
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import coded

__all__ = ["MultiLabel"]

_Numbers = NDArray[np.float64]

#: Probabilities nearer to one half are a tie; the difference is rounding.
_TIE = 1e-9


class MultiLabel(Estimator):
    """The set of labels of each item, each label yes or no by a model for classes.

    Labels are taken as independent: whether one applies says nothing of another. The labels have the columns
    item_id, annotator_id and label, a list; an empty list says that none applies, null that it is missing.
    The consensus has item_id, label (a sorted list), confidence (the probability that the whole set is right,
    the product over all labels), tie (a label stood at one half and was left out) and n_labels (of
    annotators).

    Parameters
    ----------
    model
        What decides on each label; the majority vote by default.
    labels
        All labels that could have been given; None for those that were.

    Examples
    --------
    >>> votes = {
    ...     "item_id": ["a"] * 3,
    ...     "annotator_id": ["ada", "bob", "eve"],
    ...     "label": [["x"], ["x", "y"], []],
    ... }
    >>> MultiLabel().fit_predict(votes)["label"].to_list()
    [['x']]
    """

    name: ClassVar[str] = "multi_label"

    def __init__(self, model: Aggregator | None = None, *, labels: Iterable[object] | None = None) -> None:
        self.model = MajorityVote() if model is None else model
        self.labels = None if labels is None else list(labels)

    @property
    def probabilities_(self) -> pl.DataFrame:
        """Return item_id, label, probability: of each label on each item that has an answer."""
        return self._found("probabilities_").tables["probabilities"]

    def _estimate(self, labels: object, what: str) -> Findings:
        frame, items, annotators = with_codes(_lists(read(labels, (), what), what))
        given = frame.drop_nulls("label").sort("item", "annotator", "row")
        names = self._names(given, what)
        answered = given["item"].unique().sort().to_numpy()
        probabilities, skills = np.zeros((len(answered), len(names))), []
        for number, name in enumerate(names.to_list()):
            applies = given["label"].list.contains(name)
            votes = given.select(item_id="item", annotator_id="annotator", label=applies)
            if len(votes):
                model = copy.copy(self.model).fit(votes, categories=[False, True])
                table = model.probabilities_.filter("label")
                probabilities[:, number] = table["probability"].to_numpy()
                skills.append(model.annotators_.get_column("skill", default=pl.Series([0.0])))
        consensus = _sets(items, names, answered, probabilities, given["item"].to_numpy())
        tables = {
            "probabilities": pl.DataFrame(
                {
                    "item_id": items.gather(np.repeat(answered, len(names))),
                    "label": names.gather(np.tile(np.arange(len(names)), len(answered))),
                    "probability": probabilities.ravel(),
                }
            )
        }
        return Findings(consensus, _mean_skill(annotators, given["annotator"], skills), tables=tables)

    def _names(self, given: pl.DataFrame, what: str) -> pl.Series:
        """Return all labels, sorted; those that were given must be among those that could have been."""
        _, found = coded(given["label"].explode(empty_as_null=True).drop_nulls())
        if self.labels is None:
            return found
        declared = pl.Series("label", self.labels).unique().sort()
        unknown = given["label"].list.eval(~pl.element().is_in(declared.to_list())).list.any()
        for row in unknown.fill_null(False).arg_true()[:1]:
            expected = f"labels among {shorten(declared.to_list())}"
            found_there = shorten(given["label"][row].to_list())
            raise ColumnError(
                what, expected=expected, found=found_there, row=given["row"][row], column="label"
            )
        return declared


def _lists(frame: pl.DataFrame, what: str) -> pl.DataFrame:
    column = frame["label"]
    if isinstance(column.dtype, pl.Null):
        return frame.with_columns(pl.col("label").cast(pl.List(pl.String)))
    if isinstance(column.dtype, pl.Array):
        return frame.with_columns(pl.col("label").arr.to_list())
    if not isinstance(column.dtype, pl.List):
        place = column.is_not_null().arg_true()
        row = int(place[0]) if len(place) else None
        found = f"{shorten(column[row])} ({column.dtype})" if row is not None else f"{column.dtype}"
        advice = "For one label an item and annotator there are the models for classes."
        raise ColumnError(
            what, expected="lists of labels", found=found, row=row, column="label", advice=advice
        )
    return frame


def _sets(
    items: pl.Series, names: pl.Series, answered: NDArray[np.int64], probabilities: _Numbers, item: _Numbers
) -> pl.DataFrame:
    """Return one set an item; null for items without an answer."""
    chosen = probabilities > 0.5 + _TIE
    row, column = np.nonzero(chosen)
    labels = pl.DataFrame({"row": row, "name": names.gather(column)}, schema_overrides={"row": pl.Int64})
    sets = labels.group_by("row", maintain_order=True).agg(label="name")
    table = pl.DataFrame(
        {
            "item_id": items.gather(answered),
            "row": np.arange(len(answered)),
            "confidence": np.maximum(probabilities, 1 - probabilities).prod(axis=1),
            "tie": (np.abs(probabilities - 0.5) <= _TIE).any(axis=1),
            "n_labels": np.bincount(item.astype(np.int64), minlength=len(items))[answered],
        }
    )
    nothing = pl.lit(pl.Series([[]], dtype=pl.List(names.dtype)))
    table = table.join(sets, on="row", how="left", maintain_order="left").with_columns(
        label=pl.coalesce("label", nothing.first())
    )
    every = items.to_frame("item_id").join(table, on="item_id", how="left", maintain_order="left")
    return every.select("item_id", "label", "confidence", "tie", pl.col("n_labels").fill_null(0))


def _mean_skill(annotators: pl.Series, given: pl.Series, skills: list[pl.Series]) -> pl.DataFrame:
    """Return the mean of each annotator's skill over the labels."""
    counts = np.bincount(given.to_numpy(), minlength=len(annotators))
    skill = np.full(len(annotators), np.nan)
    if skills:
        skill[counts > 0] = np.mean([each.cast(pl.Float64).to_numpy() for each in skills], axis=0)
    table = {"annotator_id": annotators, "n_labels": counts, "skill": skill}
    return pl.DataFrame(table).fill_nan(None)
