"""Snapshots: a beginning of the log kept on this computer, believed only when proved."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.errors import HistoryWarning
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import snapshot
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.storage.snapshot import load_snapshot, save_snapshot, snapshot_position
from jupyter_annotate.storage.sqlite import SqliteLog


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep snapshots in a folder of the test."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    """Open a log of ten notes."""
    with SqliteLog(tmp_path / "x") as opened:
        opened.append([note(f"secret {n}") for n in range(10)])
        yield opened


def note(value: str) -> Event:
    """Make an event."""
    return Event(
        kind=EventKind.COMMENT, annotator_id="ada", item_id="1", value=value, context={"seen": value}
    )


def files(cache: Path) -> list[Path]:
    """Return all files below the cache."""
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_a_snapshot_is_the_beginning_of_the_log(log: SqliteLog) -> None:
    """With the tail read from the log it is the log."""
    save_snapshot(log, log.read())
    log.append([note("later")])

    start = load_snapshot(log)

    assert len(start) == 10
    assert pl.concat([start, log.read(after=10)]).equals(log.read())


def test_without_a_snapshot_there_is_nothing(log: SqliteLog, cache: Path) -> None:
    """An empty frame of the same columns, and no folder is made."""
    assert load_snapshot(log).equals(log.read().head(0))
    assert not cache.exists()


def test_the_newest_is_kept(log: SqliteLog, cache: Path) -> None:
    """A longer snapshot takes the place of the shorter one."""
    save_snapshot(log, log.read(until=5))
    save_snapshot(log, log.read())
    save_snapshot(log, log.read())

    assert len(files(cache)) == 1
    assert len(load_snapshot(log)) == 10


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "junk"])
def test_a_damaged_snapshot_is_never_believed(log: SqliteLog, cache: Path, damage: str) -> None:
    """It is removed without a word, and everything is read from the log."""
    save_snapshot(log, log.read())
    (path,) = files(cache)
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes({"flip": bytes(data), "cut": bytes(data[:-9]), "empty": b"", "junk": b"x" * 99}[damage])

    assert load_snapshot(log).is_empty()
    assert files(cache) == []


def test_a_snapshot_of_another_layout_is_not_used(log: SqliteLog, cache: Path) -> None:
    """One written by another version, with other columns, is removed."""
    folder = cache / log.log_id
    folder.mkdir(parents=True)
    snapshot._write(folder, "place", log.read().drop("context"))

    assert load_snapshot(log).is_empty()
    assert files(cache) == []


def test_copies_of_a_log_keep_their_snapshots_apart(log: SqliteLog, cache: Path, tmp_path: Path) -> None:
    """Two copies labeled apart are two histories from some point on, and neither was tampered with."""
    log.close()
    shutil.copytree(tmp_path / "x", tmp_path / "copy")
    with SqliteLog(tmp_path / "copy") as copy:
        for one in (log, copy):
            one.append([note(one.location)])
            save_snapshot(one, one.read())

        for one in (log, copy):
            assert load_snapshot(one).equals(one.read())
            assert snapshot_position(one) == 11
    assert len(files(cache)) == 2


def test_a_backup_does_not_pass_for_a_log_cut_short(log: SqliteLog, tmp_path: Path) -> None:
    """Opened in its own place, an earlier state is no history that changed."""
    log.close()
    shutil.copytree(tmp_path / "x", tmp_path / "backup")
    log.append([note("later")])
    save_snapshot(log, log.read())

    with SqliteLog(tmp_path / "backup") as backup:
        assert load_snapshot(backup).is_empty()
        assert snapshot_position(backup) is None
    assert len(load_snapshot(log)) == 11


def test_nothing_erased_stays_in_the_snapshot_of_another_place(
    log: SqliteLog, cache: Path, tmp_path: Path
) -> None:
    """A log that was moved and then erased from removes what this computer kept of it before."""
    save_snapshot(log, log.read())
    log.close()
    (tmp_path / "x").rename(tmp_path / "moved")
    with SqliteLog(tmp_path / "moved") as moved:
        assert len(load_snapshot(moved)) == 10
        moved.erase([3], annotator_id="ada", reason="asked to")
        assert load_snapshot(moved).is_empty()

    assert files(cache) == []


def test_a_history_that_changed_is_reported(log: SqliteLog, cache: Path, tmp_path: Path) -> None:
    """A log put back from a backup and written on since is not the one this computer saw."""
    backup = (tmp_path / "x" / "log.sqlite").read_bytes()
    log.append([note("acknowledged, then lost")])
    save_snapshot(log, log.read())
    log.close()
    (tmp_path / "x" / "log.sqlite").write_bytes(backup)
    log.append([note("something else")])

    with pytest.warns(HistoryWarning, match=r"not the one this computer saw up to position 11.*read anew"):
        assert load_snapshot(log).is_empty()
    assert files(cache) == []


def test_a_log_that_became_shorter_is_reported(log: SqliteLog, tmp_path: Path) -> None:
    """A tail that was cut off shows here, although the log alone cannot tell."""
    backup = (tmp_path / "x" / "log.sqlite").read_bytes()
    log.append([note("acknowledged, then lost")])
    save_snapshot(log, log.read())
    log.close()
    (tmp_path / "x" / "log.sqlite").write_bytes(backup)

    assert log.verify().head.position == 10
    with pytest.warns(HistoryWarning):
        assert load_snapshot(log).is_empty()


def test_nothing_erased_comes_back(log: SqliteLog, cache: Path) -> None:
    """An erasure after the snapshot removes its file; the next snapshot does not hold the payload."""
    save_snapshot(log, log.read())
    log.erase([4], annotator_id="ada", reason="asked to")

    assert load_snapshot(log).is_empty()
    assert files(cache) == []
    save_snapshot(log, log.read())
    assert load_snapshot(log)["value"][3] is None


def test_a_frame_from_before_an_erasure_is_saved_without_it(log: SqliteLog, cache: Path) -> None:
    """A reader who had the payload in hand when it was erased does not write it to disk."""
    before = log.read()
    log.erase([4], annotator_id="ada", reason="asked to")

    save_snapshot(log, pl.concat([before, log.read(after=10)]))

    kept = load_snapshot(log)
    assert kept["value"].null_count() == kept["context"].null_count() == 1
    assert pl.read_parquet(files(cache)[0])["value"].str.contains("secret 3").sum() == 0


def test_a_cache_that_cannot_be_written_is_done_without(log: SqliteLog, cache: Path) -> None:
    """A snapshot saves seconds; its absence costs nothing else."""
    cache.write_text("a file where the folder should be", encoding="utf-8")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_snapshot(log, log.read())
        assert load_snapshot(log).is_empty()


def test_a_memory_log_has_no_snapshot(cache: Path) -> None:
    """What ends with the process leaves nothing on disk."""
    with MemoryLog() as log:
        log.append([note("a")])
        save_snapshot(log, log.read())
        assert load_snapshot(log).is_empty()
    assert not cache.exists()


def test_the_cache_of_the_user_is_the_place(
    log: SqliteLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable of ours it is XDG_CACHE_HOME, readable by its owner alone."""
    monkeypatch.delenv("JUPYTER_ANNOTATE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))

    save_snapshot(log, log.read())

    (path,) = files(tmp_path / "home")
    assert path.parent == tmp_path / "home" / "jupyter_annotate" / log.log_id
    assert path.stat().st_mode & 0o077 == 0
