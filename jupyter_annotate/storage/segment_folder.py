"""The folder of a log in segments: what lies where, how it is begun, and when it is refused."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from jupyter_annotate.errors import StorageError
from jupyter_annotate.events import uuid7
from jupyter_annotate.storage.permissions import make_folder, sync_folder
from jupyter_annotate.storage.segment_draft import DRAFT, Draft

__all__ = ["SEGMENTS", "Folder"]

SEGMENTS = "segments"
_FORMAT = 1
_NAME = "log.json"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the parts of a log lie.

    Parameters
    ----------
    root
        ``NAME.annotate/segments``.
    """

    root: Path

    @property
    def blocks(self) -> Path:
        """Return the folder of the newest events, a file for each time somebody wrote."""
        return self.root / "blocks"

    @property
    def packs(self) -> Path:
        """Return the folder of older events, many blocks in each file."""
        return self.root / "packs"

    @property
    def writers(self) -> Path:
        """Return the folder of the segments: what is durable and not yet in the log."""
        return self.root / "writers"

    @property
    def queue(self) -> Path:
        """Return the folder in which writers ask for their turn."""
        return self.root / "queue"

    def is_begun(self) -> bool:
        """Tell whether there is a log."""
        return (self.root / _NAME).exists()

    def begin(self) -> None:
        """Make an empty log, unless somebody does the same and is faster.

        Raises
        ------
        StorageError
            If there is something else, which is left as it is.
        OSError
            If that fails. A later call goes on where it stopped.
        """
        self._refuse_foreign()
        for folder in (self.root, self.blocks, self.packs, self.writers, self.queue):
            make_folder(folder)
        content = json.dumps({"format": _FORMAT, "log_id": uuid7()}) + "\n"
        with Draft(self.root) as draft:
            draft.write(content.encode())
            draft.link(self.root / _NAME)
        sync_folder(self.root)  # as well if it was somebody else's, who may not have come so far

    def log_id(self) -> str:
        """Return the id of the log.

        Raises
        ------
        StorageError
            If it is none of ours, or of a later format.
        OSError
            If it cannot be read.
        """
        path = self.root / _NAME
        text = path.read_bytes()
        try:
            found = json.loads(text)
            version, log_id = int(found["format"]), str(found["log_id"])
        except (ValueError, TypeError, LookupError) as error:
            message = f"{path} does not describe a log of ours. Nothing was changed; use another name."
            raise StorageError(message) from error
        if version > _FORMAT:
            raise StorageError(
                f"{path} was written by a later version: expected format {_FORMAT}, found {version}. "
                "Nothing was changed; upgrade jupyter-annotate-kit to open it."
            )
        return log_id

    def may_be_written_to(self) -> bool:
        """Tell whether this user may add to the log."""
        return all(os.access(folder, os.W_OK) for folder in (self.blocks, self.writers))

    def _refuse_foreign(self) -> None:
        ours = {path.name for path in (self.blocks, self.packs, self.writers, self.queue)}
        found = sorted(self.root.iterdir()) if self.root.is_dir() else []
        foreign = [path.name for path in found if path.name not in ours and path.suffix != DRAFT]
        if foreign and not self.is_begun():
            message = f"{self.root} holds {foreign[0]!r} and no log. Nothing was changed; use another name."
            raise StorageError(message)
