"""Profiles: LABELS reduced to what a nominal coefficient needs, in memory that grows with what differs.

Two items with the same labels in the same numbers are the same to every coefficient that ignores who is
who. A hundred thousand items with three annotators and five labels have at most 35 profiles, and drawing
items with replacement is a multinomial draw of profiles: a bootstrap costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import LABELS, require
from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["Profiles", "profiles_of"]

_MARKS = ({"start", "end", "text"}, {"x", "y", "width", "height"})
_ANSWER_OF = ["item_id", "annotator_id"]


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Items with two labels or more, by how they were labeled.

    Parameters
    ----------
    items
        How many items have each profile. Shape (k,).
    sizes
        How many labels an item of each profile has. Shape (k,).
    owner, label, count
        Entries of the profiles, sorted by label: which profile, which label (0-based, the most frequent
        first), how often.
    n_categories
        How many different labels there are.
    n_annotators
        Annotators with a label, on whichever item.
    n_single
        Items with one label.
    n_missing
        Rows whose label is null.
    """

    items: NDArray[np.int64]
    sizes: NDArray[np.int64]
    owner: NDArray[np.int64]
    label: NDArray[np.int64]
    count: NDArray[np.int64]
    n_categories: int
    n_annotators: int
    n_single: int
    n_missing: int

    def same_pairs(self) -> NDArray[np.int64]:
        """Count the ordered pairs of equal labels on an item of each profile. Shape (k,)."""
        same = np.zeros_like(self.items)
        np.add.at(same, self.owner, self.count * (self.count - 1))
        return same

    def pairs(self) -> NDArray[np.int64]:
        """Count the ordered pairs of labels on an item of each profile. Shape (k,)."""
        return self.sizes * (self.sizes - 1)


def profiles_of(labels: object, *, what: str) -> Profiles:
    """Reduce LABELS to profiles.

    Parameters
    ----------
    labels
        LABELS: text, whole numbers, booleans, categories or lists (a set of labels, compared as a whole).
        Null is a missing label; any text is a label, also ``"nan"``.
    what
        Whose argument it is, for the error.

    Raises
    ------
    ColumnError
        If an annotator has two labels on an item, or the labels are spans or boxes or cannot be compared.
    """
    frame = require(labels, LABELS, what=what)
    _refuse_marks(frame, what)
    _refuse_duplicates(frame, what)
    given = frame.select(*_ANSWER_OF, _text_of(frame, what)).drop_nulls("label")
    by_item = _by_item(given)
    paired = by_item.filter(pl.col("size") > 1)
    profiles = (
        paired.group_by("codes", "counts", "size").agg(items=pl.len()).sort(_key("codes"), _key("counts"))
    )
    entries = (
        profiles.with_row_index("owner")
        .select("owner", "codes", "counts")
        .explode("codes", "counts")
        .sort("codes", "owner")
    )
    return Profiles(
        items=_integers(profiles["items"]),
        sizes=_integers(profiles["size"]),
        owner=_integers(entries["owner"]),
        label=_integers(entries["codes"]),
        count=_integers(entries["counts"]),
        n_categories=given["label"].n_unique(),
        n_annotators=given["annotator_id"].n_unique(),
        n_single=len(by_item) - len(paired),
        n_missing=len(frame) - len(given),
    )


def _by_item(given: pl.DataFrame) -> pl.DataFrame:
    """Return item_id, codes and counts (which label how often), size; labels coded by frequency, then name.

    The order decides which profile a draw hits, so it must not depend on the order of rows or, as far as
    frequencies differ, on names.
    """
    coded = (
        given.group_by("label")
        .agg(total=pl.len())
        .sort(pl.col("total").cast(pl.Int64), "label", descending=[True, False])
        .with_row_index("code")
        .select("label", "code")
    )
    counted = given.join(coded, on="label").group_by("item_id", "code").agg(count=pl.len())
    return (
        counted.sort("item_id", "code")
        .group_by("item_id", maintain_order=True)
        .agg(codes="code", counts="count", size=pl.col("count").sum())
    )


def _key(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.List(pl.String)).list.join(" ")


def _integers(column: pl.Series) -> NDArray[np.int64]:
    return column.cast(pl.Int64).to_numpy()


def _text_of(frame: pl.DataFrame, what: str) -> pl.Expr:
    """Return the label as text that is equal where labels are equal."""
    label, dtype = pl.col("label"), frame.schema["label"]
    match dtype:
        case pl.List() | pl.Array():
            members = _comparable(label.cast(pl.List(dtype.inner)), dtype.inner)
            members = members.list.unique().list.sort()
            text = pl.struct(members).struct.json_encode()
            return pl.when(label.is_not_null()).then(text).alias("label")
        case pl.Struct() | pl.Binary() | pl.Object():
            expected = "text, whole numbers, booleans, categories or lists of them"
            raise ColumnError(what, expected=expected, found=f"{dtype}", column="label")
    if dtype.is_float() and frame["label"].is_nan().any():
        raise ColumnError(
            what,
            expected="labels, or null where one is missing",
            found="nan",
            row=frame["label"].is_nan().arg_true()[0],
            column="label",
            advice="If nan stands for a missing label: frame.with_columns(pl.col('label').fill_nan(None)).",
        )
    if isinstance(dtype, pl.Duration):
        return label.to_physical().cast(pl.String)
    return (_signless_zero(label) if dtype.is_float() else label).cast(pl.String).alias("label")


def _comparable(members: pl.Expr, dtype: object) -> pl.Expr:
    """Return lists whose members are written alike where they are equal."""
    if dtype in (pl.Float64, pl.Float32):
        return members.list.eval(_signless_zero(pl.element()))
    return members


def _signless_zero(number: pl.Expr) -> pl.Expr:
    """Return 0.0 for -0.0, which is the same label; polars drops the sum with 0.0 that would do it."""
    return pl.when(number == 0).then(pl.lit(0, dtype=pl.Float32)).otherwise(number)


def _refuse_marks(frame: pl.DataFrame, what: str) -> None:
    found = next((marks for marks in _MARKS if marks <= set(frame.columns)), None)
    if found:
        raise ColumnError(
            what,
            expected="one label an item and annotator",
            found=f"marks with the columns {sorted(found)}",
            advice="Agreement on spans and boxes has to match the marks first; this coefficient does not. "
            "If these columns mean something else: labels.select('item_id', 'annotator_id', 'label').",
        )


def _refuse_duplicates(frame: pl.DataFrame, what: str) -> None:
    twice = frame.select(_ANSWER_OF).is_duplicated()
    if not twice.any():
        return
    row = frame.select(pl.struct(_ANSWER_OF).is_first_distinct().not_().arg_true().first()).item()
    item, annotator = frame.select(_ANSWER_OF).row(row)
    raise ColumnError(
        what,
        expected="one label an item and annotator",
        found=f"a second label of {shorten(annotator)} on {shorten(item)}",
        row=row,
        advice="Keep one, for example the last: labels.unique(['item_id', 'annotator_id'], keep='last').",
    )
