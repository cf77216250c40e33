"""Random schedules: somebody labels on while one thing after the other goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from tests.ui.faults.conftest import Desk, Desks
from tests.ui.faults.faults import FAULTS, Fault
from tests.ui.faults.witness import stored

SEEDS = range(10, 20)
_PACE = 60
"""Milliseconds between keys: twice as fast as anybody labels."""


@dataclass(frozen=True)
class Schedule:
    """Keys to press, and the faults between them: at which key each begins and ends."""

    keys: str
    faults: tuple[tuple[int, int, Fault], ...]

    @classmethod
    def draw(cls, seed: int) -> Schedule:
        """Draw 30 to 50 keys and one to three faults, one after the other."""
        chance = random.Random(seed)
        keys = "".join(chance.choices("123", k=chance.randint(30, 50)))
        n_faults = chance.randint(1, 3)
        share = len(keys) // n_faults
        faults = []
        for number in range(n_faults):
            begin = number * share + chance.randrange(share // 2)
            faults.append((begin, begin + chance.randint(2, share // 2), chance.choice(FAULTS)))
        return cls(keys, tuple(faults))

    def play(self, desk: Desk) -> None:
        """Press the keys while the faults come and go."""
        for at, key in enumerate(self.keys):
            for begin, end, fault in self.faults:
                if at == begin:
                    fault.begin(desk)
                if at == end:
                    fault.end(desk)
            desk.press(key)
            desk.page.wait_for_timeout(_PACE)


def test_schedules_differ() -> None:
    """The seeds of this run make every fault happen at least once."""
    drawn = {fault.name for seed in SEEDS for _, _, fault in Schedule.draw(seed).faults}
    assert drawn == {fault.name for fault in FAULTS}


@pytest.mark.long
@pytest.mark.parametrize("app", ["lab"], indirect=True)
def test_random_schedules(desks: Desks) -> None:
    """Whatever goes wrong in whatever order: every answer given is stored once, on the item shown."""
    desk = desks()
    for seed in SEEDS:
        schedule = Schedule.draw(seed)
        print(seed, [(begin, end, fault.name) for begin, end, fault in schedule.faults])  # noqa: T201 -- shown when it fails
        schedule.play(desk)
        desk.no_false_promise()
        desk.settle()
        desk.exactly_once()
    assert len(stored(desk.folder)) >= 25 * len(SEEDS)
