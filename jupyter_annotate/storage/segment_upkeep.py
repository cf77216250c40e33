"""Upkeep: payloads are erased from the files, and blocks are packed. Both may be broken off anywhere.

Anybody may do either at any time and several at once. What was broken off is done by whoever opens the log
next, or packs: a pack holds an erase event only when the payloads it names are gone from every file.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import final

from jupyter_annotate.events import genesis
from jupyter_annotate.storage.rows import Head, Row
from jupyter_annotate.storage.segment_chain import Chain, Source, firsts_in
from jupyter_annotate.storage.segment_draft import Draft, remove, sweep_drafts
from jupyter_annotate.storage.segment_folder import Folder
from jupyter_annotate.storage.segment_rows import decode_rows, encode_rows, is_bare, lines_from, name_of
from jupyter_annotate.storage.walk import Walk

__all__ = ["Upkeep"]

#: Blocks in a pack. A part of the format: who packs at the same time must make the same pack.
_PACKED = 512
#: Blocks after which another writer tries, if the one whose turn it was did not.
_AGAIN = 16
#: Packs whose blocks stay. A computer whose view of a network folder is a minute old still finds their names
#: taken, so it cannot put an event where others are long past.
_KEPT = 8


@final
class Upkeep:
    """What keeps a log small and forgets what it should.

    Parameters
    ----------
    folder
        The log.
    log_id
        Its id.
    chain
        Its order.
    """

    def __init__(self, folder: Folder, log_id: str, chain: Chain) -> None:
        self._folder = folder
        self._log_id = log_id
        self._chain = chain

    def finish_erasures(self) -> None:
        """Remove the payloads that erase events name from every file that holds them.

        Raises
        ------
        IntegrityError
            If a file is damaged.
        OSError
            If a file cannot be rewritten. What was begun is finished by a later call.
        """
        done: set[int] = set()
        while named := self._chain.erased - done:
            for first, path in self._files_with(sorted(named)):
                while not self._strip(first, path):
                    pass
            done |= named
            self._chain.catch_up()  # who did not know the newest erasure may have undone a part of it
        if done:
            sweep_drafts(self._folder.blocks)
            self._chain.erased -= done

    def is_due(self) -> bool:
        """Tell whether there are blocks to be packed, and it is this writer's turn."""
        count = len(self._chain.blocks)
        return count >= _PACKED and count % _AGAIN == 0

    def pack(self) -> None:
        """Put the oldest blocks into packs, and remove blocks that were packed long ago.

        Raises
        ------
        IntegrityError
            If a block is damaged; it stays as it is.
        OSError
            If that fails. Nothing is lost.
        """
        while len(self._chain.blocks) >= _PACKED:
            self.finish_erasures()
            if not self._pack():
                return
            self._chain.look_at_packs()
            self._chain.catch_up()
            self.finish_erasures()
            self._remove_packed()

    def _pack(self) -> bool:
        """Make the next pack; return False if somebody else does, or erases meanwhile."""
        with Draft(self._folder.blocks) as draft:
            self._chain.catch_up()
            blocks = self._chain.blocks[:_PACKED]
            if len(blocks) < _PACKED or self._chain.erased:
                return False
            content = b"".join(block.path.read_bytes() for block in blocks)
            latest = self._walk(content, blocks[0].first)
            draft.write(content)
            name = name_of(blocks[0].first, blocks[-1].last, latest)
            return draft.link(self._folder.packs / name)

    def _walk(self, content: bytes, first: int) -> int:
        """Verify the rows to be packed and return the greatest time of all events up to their end."""
        before = self._chain.row(first - 1).digest if first > 1 else genesis(self._log_id)
        walk = Walk(Head(first - 1, before), None)
        rows = decode_rows(content.split(b"\n")[:-1], first)
        for row in rows:
            walk.step(row)
        packed = self._chain.packs[-1].latest if self._chain.packs else 0
        return max(packed, *(row.at for row in rows))

    def _remove_packed(self) -> None:
        """Remove blocks packed long ago, once they were compared with their packs; the oldest first."""
        old = self._chain.packs[:-_KEPT]
        blocks = self._blocks()
        if not old or not blocks or blocks[0] > old[-1].last:
            return
        gone = [pack for pack in old if self._is_copied(pack, blocks)]
        sweep_drafts(self._folder.blocks)
        firsts = [first for first in blocks if any(pack.first <= first <= pack.last for pack in gone)]
        remove([self._folder.blocks / name_of(first) for first in firsts])

    def _is_copied(self, pack: Source, blocks: Sequence[int]) -> bool:
        """Tell whether the blocks of a pack that are still there are its end."""
        firsts = blocks[bisect.bisect_left(blocks, pack.first) : bisect.bisect_right(blocks, pack.last)]
        content = b"".join((self._folder.blocks / name_of(first)).read_bytes() for first in firsts)
        return bool(firsts) and pack.path.read_bytes().endswith(content)

    def _blocks(self) -> list[int]:
        return sorted(firsts_in(self._folder.blocks))

    def _files_with(self, positions: Sequence[int]) -> Iterator[tuple[int, Path]]:
        """Yield the files that may hold one of these positions, each with its first: blocks, then packs."""
        blocks = self._blocks()
        yield from ((first, self._folder.blocks / name_of(first)) for first in _holding(blocks, positions))
        self._chain.look_at_packs()
        packs = {pack.first: pack.path for pack in self._chain.packs}
        yield from ((first, packs[first]) for first in _holding(list(packs), positions))

    def _strip(self, first: int, path: Path) -> bool:
        """Rewrite a file without the payloads that were erased; return False if it has to be done again."""
        with Draft(self._folder.blocks) as draft:
            self._chain.catch_up()
            try:
                lines = list(itertools.chain.from_iterable(lines_from(path, first, first)))
            except FileNotFoundError:
                return True  # packed and removed meanwhile; packs come after blocks
            named = {position - first for position in self._chain.erased}
            if all(n not in named or is_bare(line) for n, line in enumerate(lines)):
                return True
            rows = [_without_payload(r) if n in named else r for n, r in enumerate(decode_rows(lines, first))]
            draft.write(encode_rows(rows))
            return draft.replace(path)


def _holding(firsts: Sequence[int], positions: Sequence[int]) -> list[int]:
    """Return which of the files that begin at these positions hold one of others."""
    found = {bisect.bisect_right(firsts, position) - 1 for position in positions}
    return [firsts[at] for at in sorted(found) if at >= 0]


def _without_payload(row: Row) -> Row:
    return replace(row, value=None, context=None, salt=None)
