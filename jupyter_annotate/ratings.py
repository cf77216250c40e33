"""Ratings: LABELS as whole numbers, which is what agreement and aggregation compute with.

Codes depend on what the labels say, never on the order of rows: the same labels in another order give the
same arrays, and so the same statistics to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import LABELS, to_polars
from jupyter_annotate.errors import ColumnError, shorten

__all__ = ["Codes", "Ratings", "as_labels", "coded", "ratings_of"]

Codes = NDArray[np.int32]

_MARKS = ({"start", "end", "text"}, {"x", "y", "width", "height"})
#: A column of whole numbers is coded by a table if it spans at most this many numbers a row.
_SPAN = 4


def as_labels(
    frame: object, *, item: str = "item_id", annotator: str = "annotator_id", label: str = "label"
) -> pl.DataFrame:
    """Take anybody's crowd data as LABELS: say which of its columns is which.

    Parameters
    ----------
    frame
        Any frame: polars, pandas, pyarrow, a mapping of columns, ... One row a label.
    item, annotator, label
        Names of its columns.

    Returns
    -------
    labels
        LABELS: item_id, annotator_id, label, then the other columns.

    Raises
    ------
    ColumnError
        If a column is missing.

    Examples
    --------
    >>> as_labels(
    ...     {"task": ["a"], "worker": ["w1"], "answer": ["cat"]},
    ...     item="task",
    ...     annotator="worker",
    ...     label="answer",
    ... )
    shape: (1, 3)
    ┌─────────┬──────────────┬───────┐
    │ item_id ┆ annotator_id ┆ label │
    │ ---     ┆ ---          ┆ ---   │
    │ str     ┆ str          ┆ str   │
    ╞═════════╪══════════════╪═══════╡
    │ a       ┆ w1           ┆ cat   │
    └─────────┴──────────────┴───────┘
    """
    table = to_polars(frame, what="as_labels()")
    named = dict(zip((item, annotator, label), LABELS, strict=True))
    missing = next((name for name in named if name not in table.columns), None)
    if missing is not None or len(named) < len(LABELS):
        expected = f"three columns named {[item, annotator, label]}"
        raise ColumnError("as_labels()", expected=expected, found=f"{table.columns}", column=missing)
    others = [name for name in table.columns if name not in named and name not in LABELS]
    return table.select(*(pl.col(old).alias(new) for old, new in named.items()), *others)


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Who gave which item which label, in codes, sorted by item, then annotator, then label.

    Parameters
    ----------
    items, annotators, categories
        What each code stands for, in the dtype it came in: items and annotators sorted; labels as declared,
        else sorted. Items and annotators whose every label is null are among them.
    item, annotator, label
        The labels that are not null. Shape (n,), int32.
    n_missing
        Rows whose label is null.
    n_repeated
        Labels beyond the first of an annotator on an item.
    """

    items: pl.Series
    annotators: pl.Series
    categories: pl.Series
    item: Codes
    annotator: Codes
    label: Codes
    n_missing: int = 0
    n_repeated: int = 0

    def __len__(self) -> int:
        return len(self.item)

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many items, annotators and different labels there are."""
        return len(self.items), len(self.annotators), len(self.categories)

    def starts(self) -> NDArray[np.int64]:
        """Return where the labels of each item begin, and the end. Shape (n_items + 1,)."""
        return np.append(0, np.cumsum(self.sizes()))

    def sizes(self) -> NDArray[np.int64]:
        """Count the labels of each item. Shape (n_items,)."""
        return np.bincount(self.item, minlength=len(self.items))

    def counts(self) -> NDArray[np.int64]:
        """Count each label of each item. Shape (n_items, n_categories)."""
        n_items, _, n_labels = self.shape
        cell = self.item.astype(np.int64) * n_labels + self.label
        return np.bincount(cell, minlength=n_items * n_labels).reshape(n_items, n_labels)


def ratings_of(
    labels: object,
    *,
    what: str,
    categories: Iterable[object] | None = None,
    repeats: Literal["refuse", "keep"] = "refuse",
) -> Ratings:
    """Code LABELS.

    Parameters
    ----------
    labels
        LABELS: item_id, annotator_id, label. Text, numbers, booleans, categories, dates or lists (a set of
        labels, compared as a whole). Null is a missing label; any text is a label, also ``"nan"``.
    what
        Whose argument it is, for the error.
    categories
        All labels that could have been given, in their order; None for those that were, sorted.
    repeats
        Whether a second label of an annotator on an item is refused or kept as a further answer.

    Raises
    ------
    ColumnError
        If a column is missing, an id is null, a label is nan, cannot be compared or is not among the
        categories, the rows are spans or boxes, or a label is repeated and that is refused.
    """
    frame = _checked(labels, what)
    item, items = coded(frame["item_id"])
    annotator, annotators = coded(frame["annotator_id"])
    label, named = _coded_labels(frame["label"], categories, what)
    key = item.astype(np.int64) * len(annotators) + annotator
    given = frame["label"].is_not_null().to_numpy()
    if not given.all():
        item, annotator, label, key = (each[given] for each in (item, annotator, label, key))
    order = _order(key * max(len(named), 1) + label)
    if order is not None:
        item, annotator, label, key = (each[order] for each in (item, annotator, label, key))
    n_repeated = int((key[1:] == key[:-1]).sum())
    if n_repeated and repeats == "refuse":
        raise _repeated(frame, what)
    return Ratings(
        items=items,
        annotators=annotators,
        categories=named,
        item=item,
        annotator=annotator,
        label=label,
        n_missing=len(frame) - len(item),
        n_repeated=n_repeated,
    )


def coded(column: pl.Series) -> tuple[Codes, pl.Series]:
    """Give each different value of a column a number, in their order; null is -1.

    The order of an Enum is that of its categories, all others sort.

    Returns
    -------
    codes
        Shape (n,).
    values
        What each code stands for, sorted.
    """
    if column.dtype.is_integer() and len(column) and not column.null_count():
        low, high = int(column.min()), int(column.max())  # type: ignore[arg-type]  # there are values
        if high - low < _SPAN * len(column):
            return _coded_by_table(column, low, high)
    if isinstance(column.dtype, pl.Enum):
        ranks, physical = coded(column.to_physical())
        return ranks, column.dtype.categories.gather(physical).cast(column.dtype).alias(column.name)
    if column.dtype.is_float() and not column.null_count():
        # Measured numbers hardly repeat: to sort them is several times faster than to look each one up.
        numbers, places = np.unique(column.to_numpy(), return_inverse=True)
        return places.astype(np.int32), pl.Series(column.name, numbers)
    plain = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical) else column
    values = plain.drop_nulls().unique().sort()
    order = pl.int_range(len(values), dtype=pl.Int32, eager=True)
    codes = plain.replace_strict(values, order, default=-1, return_dtype=pl.Int32)
    return codes.to_numpy(), values


def _coded_by_table(column: pl.Series, low: int, high: int) -> tuple[Codes, pl.Series]:
    offsets = column.to_numpy().astype(np.int64) - low
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[offsets] = True
    table = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return table[offsets], pl.Series(column.name, np.flatnonzero(seen) + low).cast(column.dtype)


def _order(key: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return what sorts the keys, or None if they are in order."""
    return None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")


def _checked(labels: object, what: str) -> pl.DataFrame:
    frame = to_polars(labels, what=what)
    missing = [name for name in LABELS if name not in frame.columns]
    if missing:
        advice = (
            "Say which of your columns is which: ja.as_labels(frame, item=..., annotator=..., label=...)."
        )
        expected = f"the columns {list(LABELS)}"
        raise ColumnError(what, expected=expected, found=f"{frame.columns}", column=missing[0], advice=advice)
    _refuse_marks(frame, what)
    for name in ("item_id", "annotator_id"):
        _check_id(frame[name], what)
    return frame


def _check_id(column: pl.Series, what: str) -> None:
    dtype = column.dtype
    named = isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Datetime)
    if column.null_count():
        row = column.is_null().arg_true()[0]
        raise ColumnError(what, expected="a value in every row", found="null", row=row, column=column.name)
    if len(column) and not named and not dtype.is_integer():
        found = f"{shorten(column[0])} ({dtype})"
        expected = "text, whole numbers, categories or dates"
        raise ColumnError(what, expected=expected, found=found, row=0, column=column.name)


def _coded_labels(
    column: pl.Series, categories: Iterable[object] | None, what: str
) -> tuple[Codes, pl.Series]:
    plain = _comparable(column, what)
    codes, values = coded(plain)
    if isinstance(column.dtype, pl.List | pl.Array):
        firsts = plain.is_first_distinct() & plain.is_not_null()
        values = column.filter(firsts).gather(plain.filter(firsts).arg_sort())
    if categories is None:
        return codes, values
    values = values.cast(pl.String) if isinstance(values.dtype, pl.Enum) else values
    declared = _declared(categories, values, what)
    places = values.to_frame("label").join(declared, on="label", how="left", maintain_order="left")["code"]
    if places.null_count():
        found = values.filter(places.is_null())[0]
        row = (column == found).arg_true()[0]
        expected = f"one of the categories {shorten(declared['label'].to_list())}"
        raise ColumnError(what, expected=expected, found=shorten(found), row=row, column="label")
    table = np.append(places.to_numpy().astype(np.int32), np.int32(-1))
    return table[codes], declared["label"]


def _declared(categories: Iterable[object], values: pl.Series, what: str) -> pl.DataFrame:
    listed = list(categories)
    try:
        named = pl.Series("label", listed, strict=True)
        named = named.cast(values.dtype) if len(values) else named
    except (TypeError, pl.exceptions.PolarsError):
        expected = f"categories of the type of the labels ({values.dtype})"
        raise ColumnError(what, expected=expected, found=shorten(listed), column="label") from None
    if named.n_unique() < len(named) or named.null_count():
        raise ColumnError(what, expected="each category once", found=shorten(listed), column="label")
    return named.to_frame().with_columns(code=pl.int_range(len(named), dtype=pl.Int32))


def _comparable(column: pl.Series, what: str) -> pl.Series:
    """Return values that are equal exactly where the labels are, and can be sorted."""
    dtype = column.dtype
    if isinstance(dtype, pl.List | pl.Array):
        return _as_text(column.cast(pl.List(dtype.inner)), what)
    if isinstance(dtype, pl.Struct | pl.Binary | pl.Object):
        expected = "text, numbers, booleans, categories or lists of them"
        raise ColumnError(what, expected=expected, found=f"{dtype}", column="label")
    if dtype.is_float():
        _refuse_broken(column, column.is_nan() | column.is_infinite(), what)
        return column.to_frame().select(_signless_zero(pl.col(column.name))).to_series()
    return column


def _as_text(sets: pl.Series, what: str) -> pl.Series:
    """Write sets as text that is equal exactly where they have the same members."""
    members = sets
    if isinstance(sets.dtype, pl.List) and sets.dtype.inner.is_float():
        element = pl.element()
        broken = sets.list.eval(element.is_nan() | element.is_infinite()).list.any()
        _refuse_broken(sets, broken, what)
        members = sets.list.eval(_signless_zero(element))
    members = members.list.unique().list.sort()
    text = pl.select(pl.struct(members).struct.json_encode()).to_series()
    return text.zip_with(sets.is_not_null(), pl.Series([None], dtype=pl.String)).alias("label")


def _refuse_broken(column: pl.Series, broken: pl.Series, what: str) -> None:
    """Refuse numbers that are none, or infinite."""
    if broken.any():
        row = broken.arg_true()[0]
        raise ColumnError(
            what,
            expected="labels, or null where one is missing",
            found=f"{column.slice(row, 1).to_list()[0]}",
            row=row,
            column="label",
            advice="If nan stands for a missing label: frame.fill_nan(None).",
        )


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
            advice="Agreement on spans and boxes has to match the marks first; this does not. "
            "If these columns mean something else: labels.select('item_id', 'annotator_id', 'label').",
        )


def _repeated(frame: pl.DataFrame, what: str) -> ColumnError:
    """Name the first row that repeats a label that is not null."""
    given = frame.with_row_index("row").filter(pl.col("label").is_not_null())
    again = given.filter(~pl.struct("item_id", "annotator_id").is_first_distinct())
    row, item, annotator = again.select("row", "item_id", "annotator_id").row(0)
    return ColumnError(
        what,
        expected="one label an item and annotator",
        found=f"a second label of {shorten(annotator)} on {shorten(item)}",
        row=row,
        advice="Keep one, for example the last: labels.unique(['item_id', 'annotator_id'], keep='last').",
    )
