"""The files of a log are damaged, of a later version, or written by a clock that is wrong."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.errors import StorageError
from tests.storage.faults.places import Place, answers, in_every_place

ROUNDS = 2_000
_TEN_YEARS = 10 * 365 * 86_400 * 10**9


def flip(data: bytearray, at: int, _draw: random.Random) -> None:
    """Change one bit."""
    data[at] ^= 1 << at % 8


def zero(data: bytearray, at: int, draw: random.Random) -> None:
    """Overwrite a stretch with zeros."""
    end = min(len(data), at + draw.randint(1, 6000))
    data[at:end] = bytes(end - at)


def cut(data: bytearray, at: int, _draw: random.Random) -> None:
    """Lose the end."""
    del data[at:]


def splice(data: bytearray, at: int, draw: random.Random) -> None:
    """Write a piece of the file over another one."""
    source, n = draw.randrange(len(data)), draw.randint(1, 2000)
    piece = data[source : source + n]
    data[at : at + len(piece)] = piece


def double(data: bytearray, at: int, draw: random.Random) -> None:
    """Have a piece twice, as after a write that was repeated."""
    data[at:at] = data[at : at + draw.randint(1, 2000)]


DAMAGES: tuple[Callable[[bytearray, int, random.Random], None], ...] = (flip, zero, cut, splice, double)


def outcome(place: Place, folder: Path, pristine: pl.DataFrame) -> str:
    """Verify and read a damaged log: the sentence it gives, "whole", or that it lies."""
    try:
        with place.open(folder, True) as log:
            log.verify()
            found = log.read()
    except StorageError as error:
        return "refused" if len(str(error)) > 20 else f"says only {error}"
    return "whole" if found.equals(pristine) else "lies"


@pytest.mark.timeout(280)
@in_every_place
def test_damage_is_told_or_does_not_matter(place: Place, tmp_path: Path, memory: Path) -> None:
    """Each of 2,000 damaged files is refused with a sentence or reads as before, never otherwise."""
    source, draw = tmp_path / "source", random.Random(17)
    with place.open(source, False) as log:
        for n in range(12):
            log.append(answers(f"a{n}", 3, 100 * n))
        pristine = log.read()
    newest = place.newest(source).relative_to(source)
    whole = (source / newest).read_bytes()
    outcomes = dict.fromkeys(("refused", "whole"), 0)
    for n in range(ROUNDS):
        data, damage = bytearray(whole), DAMAGES[n % len(DAMAGES)]
        damage(data, draw.randrange(len(data)), draw)
        shutil.copytree(source, memory / "copy")
        (memory / "copy" / newest).write_bytes(data)
        found = outcome(place, memory / "copy", pristine)
        outcomes[found] = outcomes.get(found, 0) + 1
        shutil.rmtree(memory / "copy")

    assert outcomes.keys() == {"refused", "whole"}
    assert outcomes["refused"] > ROUNDS // 3


@in_every_place
def test_a_tail_of_rubbish_takes_nothing_acknowledged(place: Place, tmp_path: Path) -> None:
    """With bytes after the end, as a crash may leave them, it is refused or all of it is there."""
    for n, rubbish in enumerate((b"\0" * 4096, b"\xff" * 100, b'{"half": ', b"\n\n", b"\0")):
        folder = tmp_path / str(n)
        with place.open(folder, False) as log:
            log.append(answers("a", 4))
            pristine = log.read()
        with place.newest(folder).open("ab") as file:
            file.write(rubbish)

        assert outcome(place, folder, pristine) in {"whole", "refused"}


@in_every_place
@pytest.mark.parametrize("read_only", [False, True])
def test_a_later_version_is_not_touched(place: Place, tmp_path: Path, *, read_only: bool) -> None:
    """A log of a later version says what to do, and not a byte of it changes."""
    place.open(tmp_path / "log", False).close()
    place.later(tmp_path / "log")
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}

    with pytest.raises(StorageError, match=r"later version.*upgrade jupyter-annotate-kit"):
        place.open(tmp_path / "log", read_only)

    assert {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()} == before


@in_every_place
@pytest.mark.parametrize("years", [10, -10])
def test_the_clock_is_set_meanwhile(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    """The clock jumps by ten years and back under two writers: the order stays, all verifies."""
    now, shift = time.time_ns, 0
    monkeypatch.setattr("time.time_ns", lambda: now() + shift)
    with place.open(tmp_path, False) as log, place.open(tmp_path, False) as other:
        for number, shift in enumerate((0, years // 10 * _TEN_YEARS, 0, -years // 10 * _TEN_YEARS, 0)):  # noqa: B007 -- the clock reads it
            log.append(answers(f"a{number}"))
            other.append(answers(f"b{number}"))
    with place.open(tmp_path, False) as log:
        log.append(answers("after"))
        events = log.read()
        assert log.verify().head.position == 22

    names = [event_id.split(".")[0] for event_id in events["event_id"].to_list()[::2]]
    assert names == [f"{who}{n}" for n in range(5) for who in "ab"] + ["after"]
    assert events["at"].diff().drop_nulls().min() > timedelta(0)  # type: ignore[operator]  # not null
