"""LossReport: what a file format could not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from jupyter_annotate.events import Json
from jupyter_annotate.exchange.dtypes import made

__all__ = ["Loss", "LossReport", "non_finite"]

_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Loss:
    """Cells of one column that a file does not hold as they were.

    Parameters
    ----------
    kind
        What happened: ``"non_finite"`` (nan or an infinity became null).
    frame, column
        Where.
    count
        How many rows.
    ids
        The items of the first of them.
    example
        One of the values, as text.
    """

    kind: str
    frame: str
    column: str
    count: int
    ids: tuple[str, ...]
    example: str

    def __str__(self) -> str:
        """Return one sentence."""
        where = f"{self.count} rows of {self.frame}, column {self.column!r}"
        items = f", first on the items {list(self.ids)}" if self.ids else ""
        return f"{self.kind}: {where}, like {self.example}{items}"


@dataclass(frozen=True, slots=True)
class LossReport:
    """Every loss of an export; none for most.

    Parameters
    ----------
    losses
        By frame and column.

    Examples
    --------
    >>> report = LossReport((Loss("non_finite", "items", "score", 2, ("a", "f"), "nan"),))
    >>> print(report)
    non_finite: 2 rows of items, column 'score', like nan, first on the items ['a', 'f']
    >>> print(LossReport())
    lossless
    """

    losses: tuple[Loss, ...] = ()

    def __len__(self) -> int:
        return len(self.losses)

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.losses)

    def __str__(self) -> str:
        """Return one line a loss."""
        return "\n".join(map(str, self.losses)) or "lossless"

    def to_frame(self) -> pl.DataFrame:
        """Return one row a loss: kind, frame, column, count, ids, example."""
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "kind": pl.String,
            "frame": pl.String,
            "column": pl.String,
            "count": pl.Int64,
            "ids": pl.List(pl.String),
            "example": pl.String,
        }
        return pl.DataFrame([asdict(loss) for loss in self.losses], schema=schema)

    def to_json(self) -> list[Json]:
        """Return the form the manifest holds."""
        return [{**asdict(loss), "ids": list(loss.ids)} for loss in self.losses]


def non_finite(frame: pl.LazyFrame, name: str, columns: Sequence[str]) -> list[Loss]:
    """Find nan and infinities, which JSON has no way to write.

    Parameters
    ----------
    frame
        What is exported.
    name
        Its name.
    columns
        Where to look.
    """
    schema = frame.collect_schema()
    odd = {c: _non_finite(pl.col(c), schema[c]) for c in columns if _has_floats(schema[c])}
    if not odd:
        return []
    counts = frame.select(e.fill_null(value=False).sum().alias(c) for c, e in odd.items()).collect().row(0)
    found = [(column, count) for column, count in zip(odd, counts, strict=True) if count]
    return [_loss(frame.filter(odd[column]).head(_SAMPLE), name, column, count) for column, count in found]


def _loss(rows: pl.LazyFrame, name: str, column: str, count: int) -> Loss:
    sample = rows.collect()
    ids = sample["item_id"].to_list() if "item_id" in sample.columns else []
    return Loss("non_finite", name, column, count, tuple(ids), str(sample[column][0]))


def _has_floats(dtype: pl.DataType) -> bool:
    match dtype:
        case pl.List() | pl.Array():
            return _has_floats(made(dtype.inner))
        case pl.Struct():
            return any(_has_floats(made(field.dtype)) for field in dtype.fields)
    return dtype.is_float()


def _non_finite(expr: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Tell in which rows a float, however deep in lists and structures, is nan or infinite."""
    match dtype:
        case pl.List() | pl.Array():
            inner = made(dtype.inner)
            members = expr.cast(pl.List(inner))
            return members.list.eval(_non_finite(pl.element(), inner)).list.any()
        case pl.Struct():
            parts = [
                _non_finite(expr.struct.field(field.name), made(field.dtype)).fill_null(value=False)
                for field in dtype.fields
                if _has_floats(made(field.dtype))
            ]
            return pl.any_horizontal(parts)
    return expr.is_finite().not_()
