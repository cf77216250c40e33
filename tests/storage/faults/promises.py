"""What the writer was promised, as it said itself, and whether a log keeps it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from jupyter_annotate.errors import AnnotateError
from tests.storage.faults.disk import Image
from tests.storage.faults.places import Place, answers
from tests.storage.faults.tracing import Call


@dataclass
class Promises:
    """What the writer began, and what it was told is saved."""

    log_id: str = ""
    begun: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)

    def hear(self, line: str) -> None:
        """Take in what the writer said."""
        what, *rest = line.split()
        if what == "OPENED":
            self.log_id = rest[0]
        elif what == "START":
            self.begun.update(rest)
        elif what == "ACK":
            self.saved.update(rest)
        elif what == "ERASED":
            self.erased.update(map(int, rest))

    def broken_by(self, place: Place, image: Image, folder: Path) -> str:
        """Open the log as the power cut left it, without help; say what is wrong, "" if nothing is.

        Parameters
        ----------
        place
            What kind of log it is.
        image
            What was on the disk.
        folder
            Where to put it meanwhile.
        """
        image.write(folder)
        try:
            return self._missing(place, folder)
        except AnnotateError as error:
            return f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(folder)

    def _missing(self, place: Place, folder: Path) -> str:
        with place.open(folder, False) as log:
            events = log.read()
            log.verify()
            log.append(answers("after"))
            another = [] if self.log_id in ("", log.log_id) else [log.log_id]
        given = events.filter(pl.col("kind") == "answer")
        ids = set(given["event_id"])
        payloads = given.filter(pl.col("position").is_in([*self.erased]))["value"]
        problems = {
            "acknowledged and lost": sorted(self.saved - ids),
            "never appended": sorted(ids - self.begun),
            "in parts": sorted(_halves(ids)),
            "erased and back": payloads.drop_nulls().to_list(),
            "another log": another,
        }
        return "; ".join(f"{what}: {found}" for what, found in problems.items() if found)


def _halves(ids: set[str]) -> Iterator[str]:
    """Yield the appends of which not all events are there."""
    for (name, n), found in Counter((each.split(".")[0], each.split(".")[2]) for each in ids).items():
        if found != int(n):
            yield name


def rounds(calls: Sequence[Call]) -> Iterator[tuple[Path, list[Call]]]:
    """Split the calls into those of one log after the other; yield the log's folder along."""
    folder, some = Path(), list[Call]()
    for call in calls:
        said = call.text(1) if call.name == "write" and call.number(0) == 1 else b""
        if said.startswith(b"ROUND "):
            if some:
                yield folder, some
            folder, some = Path(said.decode().split()[1]), []
        elif folder.parts:
            some.append(call)
    yield folder, some
