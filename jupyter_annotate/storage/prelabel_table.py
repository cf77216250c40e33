"""PrelabelTable: all suggestions of a project, from the batches its log names."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from operator import itemgetter
from typing import TypeAlias, final

import polars as pl

from jupyter_annotate.columns import PRELABELS, empty
from jupyter_annotate.storage.batches import Batches

__all__ = ["PrelabelTable"]

#: Puts suggestions into the words of a version of the schema; they come with ``schema`` and ``at``.
Teller: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
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
        self._parts: list[tuple[tuple[int, str, str], str, pl.DataFrame]] = []
        #: All, and those that stand, in the words of each version that was asked for.
        self._known: dict[int, tuple[pl.DataFrame, pl.DataFrame]] = {}

    def add(self, digest: str, source: str, at: int, schema: str) -> None:
        """Take up one more batch.

        Parameters
        ----------
        digest
            Of the batch.
        source
            Who suggests.
        at
            When it was added, microseconds; one merged from another log may come before others.
        schema
            Fingerprint of the one it was checked against.

        Raises
        ------
        IntegrityError
            If the batch is not there or was changed.
        """
        self._batches.verify(digest)
        numbered = pl.lit(f"{digest[:_ID_DIGITS]}:") + pl.int_range(pl.len()).cast(pl.String)
        batch = self._batches.scan(digest).collect().with_columns(source=pl.lit(source), prelabel_id=numbered)
        insort(self._parts, ((at, digest, source), schema, batch.select(*PRELABELS)), key=itemgetter(0))
        self._known.clear()

    def is_last(self, digest: str, source: str, schema: str) -> bool:
        """Tell whether this batch is the last one of its source: adding it again would change nothing."""
        of_source = ((known, under) for (_, known, who), under, _ in reversed(self._parts) if who == source)
        return next(of_source, None) == (digest, schema)

    def frame(self, version: int, tell: Teller | None, *, superseded: bool = False) -> pl.DataFrame:
        """Return PRELABELS: the last of each source for an item and question, or all there ever were.

        Parameters
        ----------
        version
            Of the schema, for which they are kept at hand.
        tell
            Puts them into its words; None where there is only one version.
        superseded
            Whether all are wanted.
        """
        if version not in self._known:
            stored = pl.concat([empty(PRELABELS), *(batch for _, _, batch in self._parts)], rechunk=False)
            if tell is None:
                found = (stored, stored.unique(_OF, keep="last", maintain_order=True))
            else:
                named = stored.with_columns(*self._under())
                last = named.unique(_OF, keep="last", maintain_order=True)
                found = (tell(named).select(*PRELABELS), tell(last).select(*PRELABELS))
            self._known[version] = found
        return self._known[version][0 if superseded else 1]

    def _under(self) -> list[pl.Series]:
        """Return schema and time of each row, by the batch it is from."""
        schemas = [
            pl.repeat(under, len(batch), dtype=pl.String, eager=True) for _, under, batch in self._parts
        ]
        times = [
            pl.repeat(at, len(batch), dtype=pl.Int64, eager=True) for (at, _, _), _, batch in self._parts
        ]
        empty_column = pl.Series(dtype=pl.String), pl.Series(dtype=pl.Int64)
        return [
            pl.concat([none, *parts]).alias(name)
            for name, none, parts in zip(("schema", "at"), empty_column, (schemas, times), strict=True)
        ]
