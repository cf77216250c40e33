"""The spool: what could not reach the store waits on this computer, in order, and is handed over once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.drafts import draft
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.spool import Spool, state_folder

Appends = Sequence[Sequence[Row]]


def rows(*values: str) -> list[Row]:
    """Make the rows of one append."""
    return [
        draft(
            Event(
                kind=EventKind.COMMENT,
                annotator_id="ada",
                item_id="é \u2028",
                value=f"{value} é \u2028 \x00",
                event_id=value,
            )
        )
        for value in values
    ]


class Store:
    """Takes what it is handed, and refuses what it is told to."""

    def __init__(self, refuses: str = "") -> None:
        self.taken: list[Row] = []
        self._refuses = refuses

    def __call__(self, appends: Appends) -> Appends:
        """Take the appends of one file."""
        left = [each for each in appends if self._refuses and each[0].event_id == self._refuses]
        self.taken.extend(row for each in appends if each not in left for row in each)
        return left

    @property
    def ids(self) -> list[str]:
        """Ids in the order they came."""
        return [row.event_id for row in self.taken]


def test_what_is_kept_comes_back_in_order(tmp_path: Path) -> None:
    """Every field, salt included, of every append, oldest first; then nothing is left."""
    spool, store = Spool(tmp_path / "log" / "who"), Store()
    assert not spool.holds_any()
    first, second = rows("a", "b"), rows("c")
    spool.keep(first)
    spool.keep(second)
    assert spool.holds_any()

    assert spool.empty(store) == 0

    assert store.taken == [*first, *second]
    assert list((tmp_path / "log" / "who").iterdir()) == []
    spool.keep(rows("d"))
    assert spool.holds_any()


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """Folders and files are for nobody else."""
    spool = Spool(tmp_path / "log" / "who")
    spool.keep(rows("a"))

    for path in [tmp_path / "log", *(tmp_path / "log").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0


def test_what_others_left_is_taken_first(tmp_path: Path) -> None:
    """The files of processes that ended are handed over in the order they were begun, to the millisecond."""
    for value in "abc":
        Spool(tmp_path / "s").keep(rows(value))
        begun = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == begun:
            pass
    spool, store = Spool(tmp_path / "s"), Store()
    spool.keep(rows("d"))

    spool.empty(store)

    assert store.ids == ["a", "b", "c", "d"]


def test_a_store_that_goes_away_again_loses_nothing(tmp_path: Path) -> None:
    """A file goes only when all of it is stored; what was stored before is offered once more."""
    spool, store = Spool(tmp_path / "s"), Store()
    spool.keep(rows("a"))

    def gone(_appends: Appends) -> Appends:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        spool.empty(gone)
    spool.keep(rows("b"))
    spool.empty(store)

    assert store.ids == ["a", "b"]


def test_what_is_kept_while_somebody_takes_it_is_kept(tmp_path: Path) -> None:
    """A line written into a file that was read and removed meanwhile is written once more."""
    one, other, store = Spool(tmp_path / "s"), Spool(tmp_path / "s"), Store()
    one.keep(rows("a"))

    def slow(appends: Appends) -> Appends:
        one.keep(rows("b"))
        return store(appends)

    other.empty(slow)
    other.empty(store)

    assert store.ids == ["a", "b"]


def test_threads_keep_and_take_without_loss(tmp_path: Path) -> None:
    """While three processes' worth of spools fill, a fourth empties them all the time."""
    store, done = Store(), threading.Event()

    def fill(name: str) -> None:
        spool = Spool(tmp_path / "s")
        for n in range(40):
            spool.keep(rows(f"{name}{n}"))

    def take() -> None:
        spool = Spool(tmp_path / "s")
        while not done.is_set():
            spool.empty(store)

    fillers = [threading.Thread(target=fill, args=(name,)) for name in "abc"]
    taker = threading.Thread(target=take)
    for thread in [*fillers, taker]:
        thread.start()
    for thread in fillers:
        thread.join()
    done.set()
    taker.join()
    Spool(tmp_path / "s").empty(store)

    assert set(store.ids) == {f"{name}{n}" for name in "abc" for n in range(40)}


def test_a_torn_line_was_never_promised(tmp_path: Path) -> None:
    """What a kill left at the end of a file is passed over."""
    spool, store = Spool(tmp_path / "s"), Store()
    spool.keep(rows("a"))
    (path,) = (tmp_path / "s").iterdir()
    with path.open("ab") as file:
        file.write(b'[{"event_id": "b')

    assert spool.empty(store) == 0
    assert store.ids == ["a"]


@pytest.mark.parametrize("damage", [b"junk\n", b'[{"event_id": "x"}]\n', b'{"a": 1}\n', b"\xff\n"])
def test_a_damaged_line_holds_nobody_up(tmp_path: Path, damage: bytes) -> None:
    """What cannot be read is set aside as it is, and the rest is handed over."""
    spool, store = Spool(tmp_path / "s"), Store()
    spool.keep(rows("a"))
    (path,) = (tmp_path / "s").iterdir()
    path.write_bytes(damage + path.read_bytes())

    assert spool.empty(store) == 1

    assert store.ids == ["a"]
    (aside,) = (tmp_path / "s").iterdir()
    assert aside.name.endswith(".refused")
    assert aside.read_bytes() == damage
    assert not spool.holds_any()


def test_what_the_store_refuses_is_set_aside(tmp_path: Path) -> None:
    """It is neither lost nor in the way of the others."""
    spool, store = Spool(tmp_path / "s"), Store(refuses="b")
    for value in "abc":
        spool.keep(rows(value))

    assert spool.empty(store) == 1

    assert store.ids == ["a", "c"]
    (aside,) = (tmp_path / "s").iterdir()
    assert [each["event_id"] for each in json.loads(aside.read_text(encoding="utf-8"))] == ["b"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Keeping never pretends."""
    (tmp_path / "s").write_text("a file where the folder should be", encoding="utf-8")

    with pytest.raises(OSError, match="exists"):
        Spool(tmp_path / "s").keep(rows("a"))


def test_the_state_of_the_user_is_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable of ours comes before XDG_STATE_HOME, and that before the home folder."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_STATE", str(tmp_path))
    assert state_folder() == tmp_path
    monkeypatch.delenv("JUPYTER_ANNOTATE_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    assert state_folder() == tmp_path / "xdg" / "jupyter_annotate"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert state_folder() == Path.home() / ".local" / "state" / "jupyter_annotate"
