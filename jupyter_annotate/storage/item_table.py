"""ItemTable: all items of a project by row number, read lazily from their batches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import polars as pl

from jupyter_annotate.columns import ITEMS, empty
from jupyter_annotate.errors import ColumnError, IntegrityError, StorageError, UnknownNameError
from jupyter_annotate.storage.batches import Batches
from jupyter_annotate.storage.id_index import IdIndex, Rows
from jupyter_annotate.storage.layout import Source, as_laid_out, common_type, lay_out

__all__ = ["ItemTable"]

#: Rows that are read and kept together at most, and about how many bytes: large rows are read one by one.
_PAGE = 100
_PAGE_BYTES = 4_000_000
#: How many bytes of pages are kept.
_KEPT_BYTES = 64_000_000
#: More pages than this at once are read batch by batch and not kept, so many bytes at a time.
_MOST_PAGES = 200
_STRETCH_BYTES = 64_000_000
#: How many known ids an error about an unknown one names.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Part:
    """One batch: its types, the rows of it that count (None: all), and how many are read together."""

    digest: str
    n_rows: int
    schema: Mapping[str, pl.DataType]
    kept: Rows | None
    page: int
    stretch: int

    def __len__(self) -> int:
        return self.n_rows if self.kept is None else len(self.kept)


@dataclass(frozen=True, slots=True)
class _Held:
    """All batches as of one moment. Replaced as a whole, so that a reader never sees half of a new batch."""

    parts: tuple[_Part, ...]
    ids: pl.Series
    index: IdIndex | None

    def places(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the batch of each row, and its row in there."""
        starts = np.cumsum([0, *map(len, self.parts)])
        which = np.searchsorted(starts, rows, side="right") - 1
        inside = rows - starts[which]
        for n, part in enumerate(self.parts):
            if part.kept is not None:
                here = which == n
                inside[here] = part.kept[inside[here]]
        return which, inside


@final
class ItemTable:
    """All items of a project, in the order they were added. Threads may share it.

    Only the ids are in memory, as one Arrow column and a sorted array of their hashes; everything else
    is read by page when it is asked for. Where several batches hold an id, the first one counts and the
    others are as if they were not there.

    Parameters
    ----------
    batches
        Where the items are.
    parts
        Digest and number of rows of each batch, in order.
    """

    def __init__(self, batches: Batches, parts: Iterable[tuple[str, int]]) -> None:
        self._batches = batches
        self._lock = threading.RLock()
        self._held = _Held((), pl.Series("item_id", [], dtype=pl.String), None)
        self._waiting: list[tuple[_Part, pl.Series]] = []
        self._layout: tuple[_Held, dict[str, pl.DataType]] | None = None
        self._pages: OrderedDict[tuple[str, int], pl.DataFrame] = OrderedDict()
        for digest, n_rows in parts:
            self.add(digest, n_rows)

    def __len__(self) -> int:
        return len(self._settled().ids)

    def add(self, digest: str, n_rows: int) -> None:
        """Take up one more batch after the others.

        Raises
        ------
        IntegrityError
            If the batch is not there, was changed, or has another number of rows. (One of 500 MB and more is
            compared with its digest when its rows are first read.)
        """
        batch = self._batches.peek(digest)
        ids = self._collect([(digest, batch.select("item_id"))])[0]["item_id"]
        if len(ids) != n_rows:
            raise IntegrityError(f"the batch {digest} should hold {n_rows} items and holds {len(ids)}")
        a_row = max(1, self._batches.n_bytes(digest) // max(1, n_rows))
        page, stretch = min(_PAGE, max(1, _PAGE_BYTES // a_row)), max(1, _STRETCH_BYTES // a_row)
        with self._lock:
            part = _Part(digest, n_rows, batch.collect_schema(), None, page, stretch)
            self._waiting.append((part, ids))

    def refuse_types(self, frame: pl.DataFrame, *, what: str) -> None:
        """Refuse new items with a column that cannot be read together with the one there without a loss.

        Raises
        ------
        ColumnError
            Naming the column, its type here and the one found.
        """
        held = self._settled()
        there, new = self._sources(held), (frame.lazy(), frame.schema)
        for name, dtype in self._laid_out(held).items():
            if name in frame.columns and common_type(name, [*there, new]) is None:
                raise ColumnError(
                    what,
                    expected=f"{dtype}, as in the items that are there",
                    found=f"{frame.schema[name]}",
                    column=name,
                    advice="Give this column one type before the items are added; nothing was added.",
                )

    @property
    def columns(self) -> list[str]:
        """Names of all columns of all batches."""
        return list(self._laid_out(self._settled()))

    def scan(self) -> pl.LazyFrame:
        """Return ITEMS with the user's own columns, lazily.

        Raises
        ------
        IntegrityError
            If a batch is gone or was changed.
        StorageError
            If no type holds all values of a column without a loss.
        """
        held = self._settled()
        layout = self._laid_out(held)
        frames = [self._rows_that_count(part, layout) for part in held.parts]
        return pl.concat(frames, how="diagonal").select(*layout) if frames else empty(ITEMS).lazy()

    def ids(self, rows: Sequence[int] | range | Rows) -> list[str]:
        """Return the ids at these row numbers."""
        found: list[str] = self._settled().ids.gather(np.asarray(rows, dtype=np.int64)).to_list()
        return found

    def rows_of(self, item_ids: Sequence[str] | pl.Series) -> Rows:
        """Return the row numbers of these ids, -1 for one that is not there."""
        with self._lock:
            held = self._settled()
            index = held.index
            if index is None:
                ids = held.ids.rechunk()
                index = IdIndex(ids)
                self._held = _Held(held.parts, ids, index)
        return index.rows_of(pl.Series("item_id", item_ids, dtype=pl.String))

    def fetch(self, rows: Sequence[int] | Rows) -> pl.DataFrame:
        """Return the items at these row numbers, in the order asked, with all columns of all batches.

        Raises
        ------
        IntegrityError
            If a batch is gone or was changed.
        StorageError
            If no type holds all values of a column without a loss.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        held = self._settled()
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= len(held.ids)):
            found = f"{wanted.min()}..{wanted.max()}"
            raise IndexError(f"expected rows from 0 to {len(held.ids) - 1}, found {found}")
        if not len(wanted):
            return self._together(held, [])
        parts, inside = held.places(wanted)
        sizes = np.array([part.page for part in held.parts])[parts]
        keys, which = np.unique(np.stack([parts, inside // sizes]), axis=1, return_inverse=True)
        if keys.shape[1] > _MOST_PAGES:
            return self._by_stretch(held, parts, inside)
        with self._lock:
            pages = self._read_pages([(held.parts[part], int(page)) for part, page in keys.T])
        firsts = np.cumsum([0, *(len(page) for _, page in pages)])
        asked: pl.DataFrame = self._together(held, pages)[firsts[which.reshape(-1)] + inside % sizes]
        return asked

    def items(self, item_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return these items with all their columns, in the order asked.

        Raises
        ------
        UnknownNameError
            If there is no such item.
        """
        rows = self.rows_of(item_ids)
        for item_id, row in zip(item_ids, rows, strict=True):
            if row < 0:
                raise UnknownNameError("item", item_id, self.ids(range(min(len(self), _SHOWN))))
        return self.fetch(rows).to_dicts()

    # -- batches

    def _settled(self) -> _Held:
        """Take in the batches that wait, all at once: ids that stand already are looked for only then."""
        with self._lock:
            if self._waiting:
                parts = [part for part, _ in self._waiting]
                self._held = self._with(self._held, parts, [ids for _, ids in self._waiting])
                self._waiting.clear()
            return self._held

    @staticmethod
    def _with(held: _Held, parts: list[_Part], ids: list[pl.Series]) -> _Held:
        together = pl.concat([held.ids, *ids], rechunk=False)
        if len(held.parts) + len(parts) == 1:
            return _Held((*held.parts, *parts), together, None)
        together = together.rechunk()
        index = IdIndex(together)
        again = index.repeated()
        if not len(again):
            return _Held((*held.parts, *parts), together, index)
        counts = np.ones(len(together), np.bool_)
        counts[again] = False
        ends = np.cumsum([len(held.ids), *map(len, parts)])[:-1]
        inside = (
            np.flatnonzero(counts[end : end + len(part)]) for end, part in zip(ends, parts, strict=True)
        )
        fresh = [replace(p, kept=k) if len(k) < len(p) else p for p, k in zip(parts, inside, strict=True)]
        return _Held((*held.parts, *fresh), together.filter(pl.Series(counts)), None)

    def _sources(self, held: _Held) -> list[Source]:
        return [(self._batches.peek(part.digest), part.schema) for part in held.parts]

    def _laid_out(self, held: _Held) -> dict[str, pl.DataType]:
        """Return name and type of all columns of all batches."""
        with self._lock:
            if self._layout is None or self._layout[0].parts is not held.parts:
                self._layout = (
                    held,
                    lay_out(self._sources(held)) if held.parts else dict(empty(ITEMS).schema),
                )
            return self._layout[1]

    def _rows_that_count(self, part: _Part, layout: Mapping[str, pl.DataType]) -> pl.LazyFrame:
        batch = self._batches.scan(part.digest)
        if part.kept is not None:
            number = "".join(["row", *part.schema])  # longer than any name, so that it is none of them
            batch = batch.with_row_index(number).filter(pl.col(number).is_in(part.kept.tolist())).drop(number)
        return as_laid_out(batch, part.schema, layout)

    # -- rows

    def _together(self, held: _Held, pieces: Sequence[tuple[_Part, pl.DataFrame]]) -> pl.DataFrame:
        layout = self._laid_out(held)
        fitted = [as_laid_out(frame, part.schema, layout) for part, frame in pieces]
        return pl.concat([pl.DataFrame(schema=layout), *fitted], how="diagonal")

    def _by_stretch(self, held: _Held, parts: Rows, inside: Rows) -> pl.DataFrame:
        """Read long stretches of the batches, one after the other: for many rows at once."""
        found, places = [], []
        for number in np.unique(parts):
            part, of_part = held.parts[number], np.flatnonzero(parts == number)
            stretches = inside[of_part] // part.stretch
            for stretch in np.unique(stretches):
                here = of_part[stretches == stretch]
                start = int(stretch) * part.stretch
                scan = self._batches.scan(part.digest).slice(start, part.stretch)
                found.append((part, self._collect([(part.digest, scan)])[0][inside[here] - start]))
                places.append(here)
        asked: pl.DataFrame = self._together(held, found)[np.argsort(np.concatenate(places))]
        return asked

    def _read_pages(self, asked: Sequence[tuple[_Part, int]]) -> list[tuple[_Part, pl.DataFrame]]:
        missing = [(part, page) for part, page in asked if (part.digest, page) not in self._pages]
        slices = [
            (part.digest, self._batches.scan(part.digest).slice(page * part.page, part.page))
            for part, page in missing
        ]
        keys = [(part.digest, page) for part, page in missing]
        self._pages.update(zip(keys, self._collect(slices), strict=True))
        for part, page in asked:
            self._pages.move_to_end((part.digest, page))
        found = [(part, self._pages[part.digest, page]) for part, page in asked]
        kept = sum(page.estimated_size() for page in self._pages.values())
        while kept > _KEPT_BYTES and len(self._pages) > 1:
            _, oldest = self._pages.popitem(last=False)
            kept -= oldest.estimated_size()
        return found

    def _collect(self, frames: Sequence[tuple[str, pl.LazyFrame]]) -> list[pl.DataFrame]:
        try:
            return pl.collect_all([frame for _, frame in frames])
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            for digest in dict.fromkeys(digest for digest, _ in frames):
                self._batches.verify(digest)
            raise StorageError(f"The items cannot be read ({error}).") from error
