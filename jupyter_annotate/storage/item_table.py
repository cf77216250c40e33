"""ItemTable: all items of a project by row number, read lazily from their batches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jupyter_annotate.columns import ITEMS, empty
from jupyter_annotate.errors import IntegrityError, StorageError, UnknownNameError
from jupyter_annotate.storage.batches import Batches

__all__ = ["ItemTable"]

Rows = NDArray[np.int64]

#: Rows that are read and kept together, and how many bytes of them are kept.
_PAGE = 100
_KEPT_BYTES = 64_000_000
#: More pages than this at once are read batch by batch and not kept.
_MOST_PAGES = 200
#: How many known ids an error about an unknown one names.
_SHOWN = 5


@final
class ItemTable:
    """All items of a project, in the order they were added. Threads may share it.

    Only the ids are in memory, as one Arrow column and a sorted array of their hashes; everything else
    is read by page when it is asked for.

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
        self._digests: list[str] = []
        self._starts = np.zeros(1, np.int64)
        self._ids = pl.Series("item_id", [], dtype=pl.String)
        self._index: _Index | None = None
        self._empty: pl.DataFrame | None = None
        self._pages: OrderedDict[tuple[int, int], pl.DataFrame] = OrderedDict()
        for digest, n_rows in parts:
            self.add(digest, n_rows)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, digest: str, n_rows: int) -> None:
        """Take up one more batch after the others.

        Raises
        ------
        IntegrityError
            If the batch is not there, was changed, or has another number of rows.
        """
        ids = self._collect([(digest, self._batches.scan(digest).select("item_id"))])[0]["item_id"]
        if len(ids) != n_rows:
            raise IntegrityError(f"the batch {digest} should hold {n_rows} items and holds {len(ids)}")
        with self._lock:
            self._digests.append(digest)
            self._starts = np.append(self._starts, len(self) + n_rows)
            self._ids = pl.concat([self._ids, ids], rechunk=False)
            self._index = self._empty = None

    @property
    def columns(self) -> list[str]:
        """Names of all columns of all batches."""
        return self._frame().columns

    def scan(self) -> pl.LazyFrame:
        """Return ITEMS with the user's own columns, lazily."""
        frames = [self._batches.scan(digest) for digest in self._digests]
        return pl.concat(frames, how="diagonal_relaxed") if frames else empty(ITEMS).lazy()

    def ids(self, rows: Sequence[int] | range | Rows) -> list[str]:
        """Return the ids at these row numbers."""
        found: list[str] = self._ids.gather(np.asarray(rows, dtype=np.int64)).to_list()
        return found

    def rows_of(self, item_ids: Sequence[str] | pl.Series) -> Rows:
        """Return the row numbers of these ids, -1 for one that is not there."""
        with self._lock:
            if self._index is None:
                self._ids = self._ids.rechunk()
                self._index = _Index(self._ids)
            index = self._index
        return index.rows_of(pl.Series("item_id", item_ids, dtype=pl.String))

    def fetch(self, rows: Sequence[int] | Rows) -> pl.DataFrame:
        """Return the items at these row numbers, in the order asked, with all columns of all batches.

        Raises
        ------
        IntegrityError
            If a batch is gone or was changed.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if not len(wanted):
            return self._frame()
        if wanted.min() < 0 or wanted.max() >= len(self):
            raise IndexError(f"expected rows from 0 to {len(self) - 1}, found {wanted.min()}..{wanted.max()}")
        parts = np.searchsorted(self._starts, wanted, side="right") - 1
        inside = wanted - self._starts[parts]
        keys, which = np.unique(np.stack([parts, inside // _PAGE]), axis=1, return_inverse=True)
        if keys.shape[1] > _MOST_PAGES:
            return self._by_batch(parts, inside)
        with self._lock:
            pages = self._read_pages([(int(part), int(page)) for part, page in keys.T])
        firsts = np.cumsum([0, *map(len, pages)])
        asked: pl.DataFrame = self._together(pages)[firsts[which.reshape(-1)] + inside % _PAGE]
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

    def refuse_types(self, frame: pl.DataFrame, *, what: str) -> None:
        """Stand in."""

    def _frame(self) -> pl.DataFrame:
        """Return a frame with all columns of all batches and no rows."""
        with self._lock:
            if self._empty is None:
                self._empty = self.scan().head(0).collect()
            return self._empty

    def _together(self, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat([self._frame(), *frames], how="diagonal_relaxed")

    def _by_batch(self, parts: Rows, inside: Rows) -> pl.DataFrame:
        """Read whole batches, one after the other: for many rows at once."""
        found, places = [], []
        for part in np.unique(parts):
            here = np.flatnonzero(parts == part)
            digest = self._digests[part]
            found.append(self._collect([(digest, self._batches.scan(digest))])[0][inside[here]])
            places.append(here)
        asked: pl.DataFrame = self._together(found)[np.argsort(np.concatenate(places))]
        return asked

    def _read_pages(self, keys: Sequence[tuple[int, int]]) -> list[pl.DataFrame]:
        missing = [key for key in keys if key not in self._pages]
        slices = [
            (digest, self._batches.scan(digest).slice(page * _PAGE, _PAGE))
            for digest, page in ((self._digests[part], page) for part, page in missing)
        ]
        self._pages.update(zip(missing, self._collect(slices), strict=True))
        for key in keys:
            self._pages.move_to_end(key)
        found = [self._pages[key] for key in keys]
        kept = sum(page.estimated_size() for page in self._pages.values())
        while kept > _KEPT_BYTES:
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


class _Index:
    """Finds rows by id: sorted hashes, each hit compared with the id itself."""

    def __init__(self, ids: pl.Series) -> None:
        hashes = _hash(ids)
        self._ids = ids
        self._rows = np.argsort(hashes)
        self._hashes = hashes[self._rows]

    def rows_of(self, asked: pl.Series) -> Rows:
        if not len(asked) or not len(self._ids):
            return np.full(len(asked), -1, np.int64)
        hashes = _hash(asked)
        at = np.searchsorted(self._hashes, hashes)
        at[at == len(self._ids)] = 0
        rows = self._rows[at]
        same_hash = self._hashes[at] == hashes
        found = same_hash & (self._ids.gather(rows) == asked).to_numpy()
        rows = np.where(found, rows, -1)
        for n in np.flatnonzero(same_hash & ~found):
            rows[n] = self._among_equal_hashes(asked[int(n)], int(at[n]))
        return rows

    def _among_equal_hashes(self, item_id: str, at: int) -> int:
        """Look through ids that share a hash, which hardly ever happens."""
        wanted = self._hashes[at]
        while at < len(self._ids) and self._hashes[at] == wanted:
            if self._ids[int(self._rows[at])] == item_id:
                return int(self._rows[at])
            at += 1
        return -1


def _hash(ids: pl.Series) -> NDArray[np.uint64]:
    return ids.hash().to_numpy()
