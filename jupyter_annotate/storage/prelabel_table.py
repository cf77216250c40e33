"""PrelabelTable: all suggestions of a project, from the batches its log names."""

from __future__ import annotations

from typing import final

import polars as pl

from jupyter_annotate.columns import PRELABELS, empty
from jupyter_annotate.storage.batches import Batches

__all__ = ["PrelabelTable"]

_OF = ["item_id", "question", "source"]
_ID_DIGITS = 16


@final
class PrelabelTable:
    """All suggestions of a project, in the order they were added.

    Parameters
    ----------
    batches
        Where they are.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._all = empty(PRELABELS)
        self._standing: pl.DataFrame | None = None
        self._last: dict[str, str] = {}

    def add(self, digest: str, source: str) -> None:
        """Take up one more batch after the others.

        Raises
        ------
        IntegrityError
            If the batch is not there or was changed.
        """
        self._batches.verify(digest)
        numbered = pl.lit(f"{digest[:_ID_DIGITS]}:") + pl.int_range(pl.len()).cast(pl.String)
        batch = self._batches.scan(digest).collect().with_columns(source=pl.lit(source), prelabel_id=numbered)
        self._all = pl.concat([self._all, batch.select(*PRELABELS)], rechunk=False)
        self._standing = None
        self._last[source] = digest

    def is_last(self, digest: str, source: str) -> bool:
        """Tell whether this batch is the last one of its source: adding it again would change nothing."""
        return self._last.get(source) == digest

    def frame(self, *, superseded: bool = False) -> pl.DataFrame:
        """Return PRELABELS: the last of each source for an item and question, or all there ever were."""
        if superseded:
            return self._all
        if self._standing is None:
            self._standing = self._all.unique(_OF, keep="last", maintain_order=True)
        return self._standing
