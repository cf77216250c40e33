"""Segment files: whole lines, each durable, one writer a file."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest

from jupyter_annotate.storage.segment_file import SegmentWriter, read_lines

FORK = multiprocessing.get_context("fork")


def test_lines_are_read_from_where_one_stopped(tmp_path: Path) -> None:
    """A reader gets each line once, in order, by the offset of its last look."""
    writer = SegmentWriter(tmp_path)
    path = writer.append(b"one")
    first, offset = read_lines(path)
    writer.append("zwölf".encode())

    assert first == [b"one"]
    assert read_lines(path, offset) == (["zwölf".encode()], 4 + 7)
    assert read_lines(path, 4 + 7) == ([], 4 + 7)
    writer.close()


def test_a_line_without_its_end_is_no_line(tmp_path: Path) -> None:
    """What a kill or a power cut left at the end is passed over, until its writer completes it."""
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"one\ntw")

    assert read_lines(path) == ([b"one"], 4)
    path.write_bytes(b"one\ntwo\n")
    assert read_lines(path, 4) == ([b"two"], 8)


def test_a_line_break_would_make_two_lines(tmp_path: Path) -> None:
    """It is refused before a file is made."""
    with pytest.raises(ValueError, match="no line break"):
        SegmentWriter(tmp_path).append(b"a\nb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_after_a_failed_write_another_segment_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """What the failure left is taken back, and what comes next is not appended to it."""
    writer = SegmentWriter(tmp_path)
    first = writer.append(b"one")

    def full(*_: object) -> None:
        if call == "write":
            with first.open("ab") as file:
                file.write(b"tw")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space"):
            writer.append(b"two")
    second = writer.append(b"three")
    writer.close()

    assert read_lines(first) == ([b"one"], 4)
    assert second != first
    assert read_lines(second) == ([b"three"], 6)


def test_a_removed_segment_is_not_written_to(tmp_path: Path) -> None:
    """Somebody who saw that all of it was stored may remove it; its writer begins another."""
    writer = SegmentWriter(tmp_path)
    writer.append(b"one").unlink()

    assert read_lines(writer.append(b"two")) == ([b"two"], 4)
    writer.close()


def test_a_forked_process_has_its_own_segment(tmp_path: Path) -> None:
    """Two processes never write to one file."""
    writer = SegmentWriter(tmp_path)
    path = writer.append(b"parent")
    child = FORK.Process(target=writer.append, args=(b"child",))
    child.start()
    child.join()
    writer.append(b"parent again")
    writer.close()

    assert child.exitcode == 0
    assert read_lines(path)[0] == [b"parent", b"parent again"]
    assert min(read_lines(each)[0] for each in tmp_path.iterdir()) == [b"child"]


def test_whoever_may_write_to_the_folder_may_remove_the_segment(tmp_path: Path) -> None:
    """Its permissions are those of the folder, whatever the umask cuts."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o2770)
    before = os.umask(0o077)
    try:
        path = SegmentWriter(folder).append(b"one")
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("call", ["fstat", "write"])
def test_a_segment_that_another_computer_removed_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Where the system knows files by name, asking about it fails, or writing does: another one is begun."""
    writer = SegmentWriter(tmp_path)
    first = writer.append(b"one")
    first.unlink()
    function, failures = getattr(os, call), [errno.ESTALE]

    def stale(*args: object) -> object:
        if failures:
            raise OSError(failures.pop(), "Stale file handle")
        return function(*args)

    monkeypatch.setattr(os, call, stale)
    assert read_lines(writer.append(b"two")) == ([b"two"], 4)
    writer.close()
