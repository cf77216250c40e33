"""The disk is full at every point: what was acknowledged is there, and with room again the log goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_annotate.errors import NotSavedError
from jupyter_annotate.storage.base import EventLog
from tests.storage.faults.mounts import mount, small_disk
from tests.storage.faults.places import Place, answers, in_every_place

SIZES = range(64, 513, 4)
_ADVICE = "The disk is full, or your quota is: make room"


def begin(place: Place, folder: Path) -> EventLog:
    """Begin a log; where there is no room even for that, make some once it has been said."""
    try:
        return place.open(folder, False)
    except NotSavedError as error:
        problem = str(error)
    assert str(folder) in problem
    assert _ADVICE in problem
    mount("-o", "remount,size=2m", str(folder.parent))
    return place.open(folder, False)


def fill(log: EventLog) -> tuple[set[str], str]:
    """Append until the log refuses; return the ids it acknowledged and what it said."""
    saved: set[str] = set()
    for number in range(20_000):
        events = answers(f"a{number}", 2, 1500)
        try:
            log.append(events)
        except NotSavedError as error:
            return saved, str(error)
        saved.update(event.event_id for event in events)
    raise AssertionError(log.location)


def survives(place: Place, disk: Path) -> int:
    """Fill one disk; expect every promise kept. Return how many events found room."""
    folder = disk / "reviews.annotate"
    with begin(place, folder) as log:
        saved, problem = fill(log)
        assert str(folder) in problem
        assert _ADVICE in problem
        with place.open(folder, True) as reader:
            assert set(reader.read()["event_id"]) == saved
            assert reader.verify().head.position == len(saved)
        mount("-o", "remount,size=4m", str(disk))
        late = answers("late")
        assert log.append(late) == [len(saved) + 1, len(saved) + 2]
        assert log.verify().head.position == len(saved) + 2
    return len(saved)


@pytest.mark.timeout(280)
@in_every_place
def test_a_full_disk_takes_nothing_acknowledged(place: Place, tmp_path: Path) -> None:
    """On disks of 113 sizes: one sentence that names folder and remedy, nothing lost, no restart needed."""
    found = []
    for size in SIZES:
        with small_disk(tmp_path / "disk", size) as disk:
            found.append(survives(place, disk))

    assert len(found) == 113
    assert max(found) > 50
