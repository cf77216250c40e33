"""The n-th write, sync or change of a name fails, for every n: what is acknowledged is durable."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.storage.faults.disk import Disk
from tests.storage.faults.places import Place, in_every_place
from tests.storage.faults.promises import Promises, rounds
from tests.storage.faults.tracing import Call, record, shim

#: States looked at after each acknowledgement.
_STATES = 12

pytestmark = pytest.mark.timeout(280)


def replay(place: Place, folder: Path, calls: Sequence[Call], memory: Path) -> tuple[list[str], list[str]]:
    """Follow one log through its failure; return what the writer said and what a power cut breaks."""
    disk, promises, draw = Disk(folder), Promises(), random.Random(3)
    said: list[str] = []
    problems: list[str] = []
    for call in calls:
        disk.take(call)
        while disk.told:
            said.append(disk.told.pop(0))
            promises.hear(said[-1])
            if said[-1].startswith("ACK"):
                states = itertools.islice(disk.states(draw), _STATES)
                found = [promises.broken_by(place, image, memory / "cut") for image in states]
                problems += [f"{said}: {each}" for each in found if each]
    return said, problems


def acknowledged_unverified(said: Sequence[str]) -> list[str]:
    """Return what was acknowledged after a refusal before the log was verified."""
    doubtful, found = False, []
    for line in said:
        if line.startswith("REFUSED"):
            doubtful = True
        elif line == "VERIFIED":
            doubtful = False
        elif line.startswith("ACK") and doubtful:
            found.append(line)
    return found


@in_every_place
@pytest.mark.parametrize("how", ["once", "on"])
def test_no_answer_is_acknowledged_on_a_failed_call(
    place: Place, how: str, tmp_path: Path, memory: Path
) -> None:
    """After a failure the log is verified before it takes more, and a power cut takes nothing."""
    calls = record(tmp_path, place.name, "fail", how, preload=shim(tmp_path))
    outcomes = [replay(place, folder, own, memory) for folder, own in rounds(calls)]
    refusals = [[line for line in said if line.startswith("REFUSED")] for said, _ in outcomes]
    saved = [[line for line in said if line.startswith("ACK")] for said, _ in outcomes]

    assert [problem for _, problems in outcomes for problem in problems] == []
    if place.rewrites:
        assert [line for said, _ in outcomes for line in acknowledged_unverified(said)] == []
    # Some calls do not matter alone: that a temporary file goes, that the name of a new journal is synced.
    assert len(outcomes) > 20
    assert refusals.count([]) < len(outcomes) // 3
    for line in itertools.chain(*refusals):
        assert line.startswith("REFUSED NotSavedError Not saved: ")
        assert str(tmp_path) in line
    assert {len(lines) for lines in saved} == {5}
