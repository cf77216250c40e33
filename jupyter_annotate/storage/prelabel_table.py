"""PrelabelTable: all suggestions of a project, from the batches its log names."""

from __future__ import annotations

from bisect import insort
from operator import itemgetter
from typing import final

import polars as pl

from jupyter_annotate.columns import PRELABELS, empty
from jupyter_annotate.storage.batches import Batches

__all__ = ["PrelabelTable"]

_OF = ["item_id", "question", "source"]
_ID_DIGITS = 16


@final
class PrelabelTable:
    """All suggestions of a project, in the order they were added, that is by time.

    Parameters
    ----------
    batches
        Where they are.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        #: Time, digest and source of each batch with what it holds, by time.
        self._parts: list[tuple[tuple[int, str, str], pl.DataFrame]] = []
        self._all: pl.DataFrame | None = empty(PRELABELS)
        self._standing: pl.DataFrame | None = None

    def add(self, digest: str, source: str, at: int) -> None:
        """Take up one more batch.

        Parameters
        ----------
        digest
            Of the batch.
        source
            Who suggests.
        at
            When it was added, microseconds; one merged from another log may come before others.

        Raises
        ------
        IntegrityError
            If the batch is not there or was changed.
        """
        self._batches.verify(digest)
        numbered = pl.lit(f"{digest[:_ID_DIGITS]}:") + pl.int_range(pl.len()).cast(pl.String)
        batch = self._batches.scan(digest).collect().with_columns(source=pl.lit(source), prelabel_id=numbered)
        insort(self._parts, ((at, digest, source), batch.select(*PRELABELS)), key=itemgetter(0))
        self._all = self._standing = None

    def is_last(self, digest: str, source: str) -> bool:
        """Tell whether this batch is the last one of its source: adding it again would change nothing."""
        last = next((known for (_, known, who), _ in reversed(self._parts) if who == source), None)
        return last == digest

    def frame(self, *, superseded: bool = False) -> pl.DataFrame:
        """Return PRELABELS: the last of each source for an item and question, or all there ever were."""
        if self._all is None:
            self._all = pl.concat([batch for _, batch in self._parts], rechunk=False)
        if superseded:
            return self._all
        if self._standing is None:
            self._standing = self._all.unique(_OF, keep="last", maintain_order=True)
        return self._standing
