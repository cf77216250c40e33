"""The power is cut at any moment: whatever is on the disk then opens and holds what was acknowledged."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.storage.faults.disk import Change, Disk, Image
from tests.storage.faults.places import Place, in_every_place, weakened
from tests.storage.faults.promises import Promises, rounds
from tests.storage.faults.tracing import Call, record

STATES = 2_000
#: Problems that show what is wrong.
ENOUGH = 5

pytestmark = pytest.mark.timeout(280)


def cuts(calls: Sequence[Call]) -> Iterator[tuple[Promises, Image]]:
    """Yield what was promised and what may be on the disk, at every call; no state twice."""
    draw, seen, promises = random.Random(5), set[tuple[bytes, int]](), Promises()
    ((folder, own),) = rounds(calls)
    disk = Disk(folder)
    for call in own:
        if not disk.take(call):
            continue
        while disk.told:
            promises.hear(disk.told.pop(0))
        for image in disk.states(draw):
            key = image.digest(), len(promises.saved) + len(promises.erased)
            if key not in seen:
                seen.add(key)
                yield promises, image


def unsynced(place: Place, calls: Sequence[Call]) -> list[str]:
    """Return what was acknowledged although something of it was not synced: the sync-order lint."""
    ((folder, own),) = rounds(calls)
    disk, found = Disk(folder), list[str]()
    for call in own:
        disk.take(call)
        while disk.told:
            said = disk.told.pop(0)
            left = [(each.about, [*each.names]) for each in disk.pending() if not _is_scratch(place, each)]
            if said.startswith(("ACK", "ERASED")) and left:
                found.append(f"{said}: {left}")
    return found


def _is_scratch(place: Place, change: Change) -> bool:
    """Tell whether only names of files change that do no harm if they come back."""
    names = change.names
    return bool(place.scratch and names) and all(each.endswith(place.scratch) for each in names)


@in_every_place
def test_nothing_acknowledged_is_lost_to_a_power_cut(place: Place, tmp_path: Path, memory: Path) -> None:
    """In at least 2,000 states the log opens without help, whole and chained, and takes the next append."""
    calls = record(tmp_path, place.name, "append")
    problems, count = [], 0
    for promises, image in cuts(calls):
        count += 1
        problem = promises.broken_by(place, image, memory / "cut")
        if problem:
            problems.append(f"state {count}, {len(promises.saved)} saved: {problem}")
        if len(problems) == ENOUGH:
            break

    assert problems == []
    assert len(promises.saved) > 30
    assert promises.erased
    assert count >= STATES


@weakened
def test_a_store_that_syncs_too_little_loses_answers(
    place: Place, weakness: str, tmp_path: Path, memory: Path
) -> None:
    """The states are hard enough: a log that syncs less than ours is found out."""
    calls = record(tmp_path, place.name, "append", weakness)
    problems = (
        promises.broken_by(place, image, memory / "cut") for promises, image in cuts(calls) if promises.saved
    )

    assert any(_is_loss(problem) for problem in problems)


def _is_loss(problem: str) -> bool:
    """Tell whether answers are lost, or the whole log cannot be read any more."""
    return problem.startswith(("acknowledged and lost", "StorageError", "IntegrityError"))


@in_every_place
def test_all_is_synced_before_it_is_acknowledged(place: Place, tmp_path: Path) -> None:
    """When an append returns, the last call on each file and folder it changed was a sync."""
    assert unsynced(place, record(tmp_path, place.name, "append")) == []


@weakened
def test_a_missing_sync_is_noticed(place: Place, weakness: str, tmp_path: Path) -> None:
    """The order of syncs is looked at closely: each way of syncing less is noticed at every append."""
    assert len(unsynced(place, record(tmp_path, place.name, "append", weakness))) > 10
