"""Columns that say something about items: the cluster, the weight, whether it was chosen by lot.

Adaptive overlap. Where items get a second label because they look hard, the doubly labeled ones agree less
than all would, and every coefficient is biased. Two ways out, both from what is known when the second label
is asked for:

- ``random="by_lot"``: true for items whose second label was decided by lot. `distribute(overlap=2)` asks for
  it on every item alike, so all of them are; a policy that asks for more on some items should keep a random
  share and say which it is.
- ``item_weights="weight"``: one over the probability with which the item got its second label. A policy
  writes it, as ``propensity``, into the context of the event that asks (`views.annotations` shows contexts);
  ``weight = 1 / propensity``. Probabilities of 0 cannot be weighted away: such items are in no estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from jupyter_annotate.agreement.profiles import Floats, Integers
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.ratings import coded

__all__ = ["check_columns", "chosen_by_lot", "clusters_of", "item_weights_of"]


def check_columns(frame: pl.DataFrame, names: list[str], what: str) -> None:
    """Refuse a frame that lacks one of the columns, or holds null in one.

    Raises
    ------
    ColumnError
        With row and column.
    """
    for name in names:
        if name not in frame.columns:
            raise ColumnError(
                what, expected=f"a column {name!r}", found=f"{frame.columns}", column=name, advice=_JOIN
            )
        if frame[name].null_count():
            row = frame[name].is_null().arg_true()[0]
            raise ColumnError(what, expected="a value in every row", found="null", row=row, column=name)


_JOIN = "A property of items is joined on: labels.join(items.select('item_id', ...), on='item_id')."


def chosen_by_lot(frame: pl.DataFrame, name: str | None, what: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Keep the rows of items that were chosen by lot, and say how many items that are."""
    if name is None:
        return frame, {}
    if frame.schema[name] != pl.Boolean:
        found = f"{frame.schema[name]}"
        raise ColumnError(what, expected="booleans: true if by lot", found=found, column=name)
    _of_items(frame, name, what)
    kept = frame.filter(name)
    n_all, n_kept = frame["item_id"].n_unique(), kept["item_id"].n_unique()
    return kept, {"overlap": f"the {n_kept:,} of {n_all:,} items chosen by lot ({name!r})"}


def clusters_of(frame: pl.DataFrame, name: str | None, what: str) -> Integers | None:
    """Return the code of the cluster of each item, in the order of their ids. Shape (n_items,)."""
    if name is None:
        return None
    return coded(_of_items(frame, name, what))[0].astype(np.int64)


def item_weights_of(frame: pl.DataFrame, name: str | None, what: str) -> tuple[Floats | None, dict[str, Any]]:
    """Return what each item counts, in the order of their ids, and how unequal that is. Shape (n_items,)."""
    if name is None:
        return None, {}
    column = frame[name]
    if not column.dtype.is_numeric():
        raise ColumnError(what, expected="numbers above 0", found=f"{column.dtype}", column=name)
    numbers = column.cast(pl.Float64)
    wrong = ~(numbers.is_finite() & (numbers > 0))
    if wrong.any():
        row = wrong.arg_true()[0]
        advice = "An item that could not get a second label stands for no other: leave it out."
        found = f"{column[row]}"
        raise ColumnError(what, expected="a number above 0", found=found, row=row, column=name, advice=advice)
    weights = _of_items(frame, name, what).cast(pl.Float64).to_numpy()
    said = {"overlap": f"items weighted by {name!r}, from {weights.min():g} to {weights.max():g}"}
    return weights / weights.mean(), said if len(weights) else {}


def _of_items(frame: pl.DataFrame, name: str, what: str) -> pl.Series:
    """Return the value of each item, sorted by item_id as `ratings_of` sorts."""
    items, names = coded(frame["item_id"])
    first = np.empty(len(names), dtype=np.int64)
    first[items[::-1]] = np.arange(len(items))[::-1]
    values = frame[name].gather(first)
    other = frame[name] != values.gather(items)
    if other.any():
        row = other.arg_true()[0]
        raise ColumnError(
            what,
            expected=f"the same {name} in all rows of an item, here {shorten(values[int(items[row])])}",
            found=shorten(frame[name][row]),
            row=row,
            column=name,
        )
    return values
