"""Partitions: LABELS that need not fit into memory, cut so that all labels of an item lie in one part.

What agreement and expectation maximization need of labels are sums over items. Labels may come in any number
of files or frames, an item's labels in several of them: they are written to a folder once, cut by a hash of
the item, and then each part is a small frame of whole items.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from jupyter_annotate.columns import LABELS, to_polars
from jupyter_annotate.errors import ColumnError, shorten
from jupyter_annotate.placement import Client, Placement, placement
from jupyter_annotate.ratings import Ratings, ratings_of

__all__ = ["LabelParts", "split_labels"]

#: Rows in a part: a few hundred megabytes of work each.
_ROWS = 4_000_000
#: Parts at most, where it is not known how many rows there are.
_PARTS = 64
_NAMES = list(LABELS)

Source: TypeAlias = object


@dataclass(frozen=True, slots=True, eq=False)
class LabelParts:
    """Labels in a folder, all labels of an item in one part.

    Parameters
    ----------
    folder
        Where they lie.
    n_parts
        How many parts there are.
    annotators, categories
        Of all parts: the annotators sorted, the labels as declared, else sorted.
    n_rows
        How many rows there are, those whose label is null among them.
    declared
        Whether the categories were declared.
    """

    folder: Path
    n_parts: int
    annotators: pl.Series
    categories: pl.Series
    n_rows: int
    declared: bool = False

    def ratings(self, part: int, *, what: str, repeats: Literal["refuse", "keep"]) -> Ratings:
        """Code the labels of a part: items by themselves, annotators and categories as in all parts.

        Raises
        ------
        ColumnError
            If an annotator has two labels on an item and that is refused.
        """
        files = sorted(self.folder.glob(f"*/part={part}/*.parquet"))
        frame = pl.read_parquet(files) if files else self._nothing()
        found = ratings_of(frame, what=what, categories=self.categories.to_list() or None, repeats="keep")
        if found.n_repeated and repeats == "refuse":
            raise _repeated(found, what)
        places = self.annotators.search_sorted(found.annotators).to_numpy().astype(np.int32)
        return replace(
            found,
            annotators=self.annotators,
            # A part without a label does not know their type.
            categories=self.categories,
            annotator=places[found.annotator],
        )

    def _nothing(self) -> pl.DataFrame:
        types = {"annotator_id": self.annotators.dtype, "label": self.categories.dtype}
        return pl.DataFrame(schema={"item_id": pl.String, **types})


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """What is known of one of the frames that labels come in."""

    types: dict[str, pl.DataType]
    annotators: pl.Series
    labels: pl.Series
    n_rows: int


def split_labels(
    source: Source,
    folder: str | Path,
    *,
    n_parts: int | None = None,
    categories: Iterable[object] | None = None,
    client: Client | None = None,
) -> LabelParts:
    """Cut labels by item, so that they can be worked on part by part.

    Parameters
    ----------
    source
        LABELS, of which an item's may lie anywhere: a lazy frame, a Parquet file (or a pattern of names), a
        Dask data frame, any frame, or a list of these.
    folder
        Where the parts are written; it must be empty or not exist. With ``client``, all workers must see it.
    n_parts
        How many parts; None for one for each four million rows. A part must fit into memory.
    categories
        All labels that could have been given, in their order; None for those that were, sorted.
    client
        A ``dask.distributed.Client``, to cut on its workers; None to cut here.

    Returns
    -------
    parts
        What `fit_parts` and `agreement_of_parts` take.

    Raises
    ------
    ColumnError
        If a column is missing or of another type than in the frame before, an id is null or a label nan; with
        the row in its frame.
    FileExistsError
        If the folder is not empty.

    Examples
    --------
    >>> import tempfile
    >>> one = {"item_id": ["a", "b"], "annotator_id": ["ada", "ada"], "label": ["x", "y"]}
    >>> two = {"item_id": ["b", "a"], "annotator_id": ["bob", "eve"], "label": ["y", "x"]}
    >>> parts = split_labels([one, two], tempfile.mkdtemp())
    >>> parts.n_parts, parts.n_rows, parts.annotators.to_list()
    (1, 4, ['ada', 'bob', 'eve'])
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        message = f"Expected an empty folder for the parts, found files in {target}."
        raise FileExistsError(message)
    where = placement(client, keep=False)
    pieces = [piece for each in _listed(source) for piece in _pieces_of(each, where)]
    count = _enough(pieces) if n_parts is None else n_parts
    if count < 1 or not pieces:
        message = f"Expected at least one frame and n_parts of at least 1, found {len(pieces)} and {n_parts}."
        raise ValueError(message)
    cut = partial(_cut, folder=target, n_parts=count)
    found = [where.load(partial(cut, number=number), [piece])[0] for number, piece in enumerate(pieces)]
    return _joined(list(where.each(_itself, found)), target, count, categories)


def _listed(source: Source) -> Sequence[object]:
    return source if isinstance(source, list | tuple) else [source]


def _pieces_of(source: object, where: Placement) -> list[object]:
    if isinstance(source, pl.LazyFrame):
        return [source]
    if isinstance(source, str | Path):
        return [pl.scan_parquet(source)]
    if hasattr(source, "to_delayed"):
        return [where.settle(each) for each in source.to_delayed()]
    return [to_polars(source, what="split_labels()").lazy()]


def _itself(piece: _Piece) -> _Piece:
    return piece


def _enough(pieces: Sequence[object]) -> int:
    if not all(isinstance(piece, pl.LazyFrame) for piece in pieces):
        return min(len(pieces), _PARTS)
    lazy = [piece.select(pl.len()) for piece in pieces if isinstance(piece, pl.LazyFrame)]
    rows = sum(int(each.collect(engine="streaming").item()) for each in lazy)
    return max(1, -(-rows // _ROWS))


def _cut(source: object, *, folder: Path, n_parts: int, number: int) -> _Piece:
    what = f"split_labels(), frame {number}"
    frame = source if isinstance(source, pl.LazyFrame) else to_polars(source, what=what).lazy()
    types = dict(frame.collect_schema())
    missing = next((name for name in _NAMES if name not in types), None)
    if missing is not None:
        raise ColumnError(what, expected=f"the columns {_NAMES}", found=f"{list(types)}", column=missing)
    plain = frame.select(_plain(name, types[name], what) for name in _NAMES)
    _check_cells(plain, what)
    item = pl.col("item_id").hash(seed=0) % n_parts
    plain.with_columns(part=item.cast(pl.Int32)).sink_parquet(
        pl.PartitionBy(folder / f"frame-{number}", key="part", include_key=False),
        compression="lz4",
        mkdir=True,
        engine="streaming",
    )
    found = plain.select(
        pl.col("annotator_id").unique().implode(), pl.col("label").drop_nulls().unique().implode(), n=pl.len()
    ).collect(engine="streaming")
    return _Piece(dict(plain.collect_schema()), found["annotator_id"][0], found["label"][0], found["n"][0])


def _plain(name: str, dtype: pl.DataType, what: str) -> pl.Expr:
    """Return a column whose values mean the same in every frame."""
    if name == "label" and isinstance(dtype, pl.List | pl.Array | pl.Struct | pl.Binary | pl.Object):
        expected = "text, numbers, booleans, categories or dates"
        advice = "If a label is a list: write it as text, pl.col('label').list.sort().list.join(',')."
        raise ColumnError(what, expected=expected, found=f"{dtype}", column="label", advice=advice)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.col(name).cast(pl.String)
    return pl.col(name)


def _check_cells(frame: pl.LazyFrame, what: str) -> None:
    types = frame.collect_schema()
    empty = {name: pl.col(name).is_null() for name in ("item_id", "annotator_id")}
    checks = {**empty, "label": ~pl.col("label").is_finite()} if types["label"].is_float() else empty
    rows = pl.int_range(pl.len())
    firsts = [rows.filter(check).first().alias(name) for name, check in checks.items()]
    found = frame.select(firsts).collect(engine="streaming").row(0, named=True)
    column = next((name for name, row in found.items() if row is not None), None)
    if column is None:
        return
    cell = frame.select(column).slice(found[column], 1).collect().item()
    expected = "labels, or null where one is missing" if column == "label" else "a value in every row"
    raise ColumnError(what, expected=expected, found=shorten(cell), row=found[column], column=column)


def _joined(
    pieces: Sequence[_Piece], folder: Path, n_parts: int, categories: Iterable[object] | None
) -> LabelParts:
    for number, piece in enumerate(pieces):
        _check_types(piece, pieces[0], number)
    given = pl.concat([piece.labels for piece in pieces]).unique()
    return LabelParts(
        folder=folder,
        n_parts=n_parts,
        annotators=pl.concat([piece.annotators for piece in pieces]).unique().sort().rename("annotator_id"),
        categories=_categories(given, categories),
        n_rows=sum(piece.n_rows for piece in pieces),
        declared=categories is not None,
    )


def _check_types(piece: _Piece, first: _Piece, number: int) -> None:
    for name, dtype in piece.types.items():
        if dtype != first.types[name]:
            raise ColumnError(
                f"split_labels(), frame {number}",
                expected=f"{first.types[name]} as in frame 0",
                found=f"{dtype}",
                column=name,
                advice=f"Give all frames the same type: pl.col({name!r}).cast(...).",
            )


def _categories(given: pl.Series, categories: Iterable[object] | None) -> pl.Series:
    """Return all categories in order; a row of this frame is no row of the user's."""
    rows = pl.int_range(len(given), eager=True)
    try:
        frame = pl.DataFrame({"item_id": rows, "annotator_id": rows, "label": given})
        return ratings_of(frame, what="split_labels()", categories=categories).categories.rename("label")
    except ColumnError as error:
        raise ColumnError(
            error.what,
            expected=error.expected,
            found=error.found,
            column=error.column,
            advice=error.advice,
        ) from None


def _repeated(ratings: Ratings, what: str) -> ColumnError:
    """Name the first label that repeats another; parts do not know the rows their labels came from."""
    same = (ratings.item[1:] == ratings.item[:-1]) & (ratings.annotator[1:] == ratings.annotator[:-1])
    first = int(np.flatnonzero(same)[0])
    item, annotator = (
        ratings.items[int(ratings.item[first])],
        ratings.annotators[int(ratings.annotator[first])],
    )
    return ColumnError(
        what,
        expected="one label an item and annotator",
        found=f"a second label of {shorten(annotator)} on {shorten(item)}",
        advice="Keep one, for example the last: labels.unique(['item_id', 'annotator_id'], keep='last').",
    )
