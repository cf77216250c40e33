"""Batches: named by their bytes, whole or absent, and readable by anything that reads Parquet."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate.errors import IntegrityError, NotSavedError
from jupyter_annotate.storage import batches as storage_batches
from jupyter_annotate.storage.batches import Batches, FolderBatches, MemoryBatches

KILLS = int(os.environ.get("JUPYTER_ANNOTATE_KILLS", "1000")) // 100

FRAME = pl.DataFrame(
    {
        "item_id": ["a", "b", "ß"],
        "text": ["👩‍👩‍👧\r\n", None, "x\u0000y"],
        "blob": [b"\x00\xff", b"", None],
        "n": [1, None, -(2**62)],
        "tags": [["p", "q"], [], None],
    }
)

MAKE: dict[str, Callable[[Path], Batches]] = {
    "folder": lambda path: FolderBatches(path / "items"),
    "memory": lambda _: MemoryBatches(),
}


@pytest.fixture(params=sorted(MAKE))
def batches(request: pytest.FixtureRequest, tmp_path: Path) -> Batches:
    """Make an empty place for batches, in a folder and in memory."""
    return MAKE[request.param](tmp_path)


def test_a_batch_comes_back_as_it_was(batches: Batches) -> None:
    """Every type, null, emoji and NUL survives."""
    digest = batches.write(FRAME)

    assert batches.scan(digest).collect().equals(FRAME, null_equal=True)
    batches.verify(digest)


def test_the_same_batch_twice_is_one(batches: Batches) -> None:
    """A digest stands for the content, in whatever place it is kept."""
    assert batches.write(FRAME) == batches.write(FRAME.clone()) == MemoryBatches().write(FRAME)
    assert batches.write(FRAME) != batches.write(FRAME.reverse())


def test_an_empty_frame_is_a_batch(batches: Batches) -> None:
    """No rows are rows as well."""
    assert batches.scan(batches.write(FRAME.head(0))).collect().schema == FRAME.schema


def test_a_batch_that_is_not_there_is_named(batches: Batches) -> None:
    """Scanning and verifying say which batch is missing."""
    for ask in (batches.scan, batches.verify):
        with pytest.raises(IntegrityError, match=r"the batch .*0000.* named by the log is missing"):
            ask("0" * 64)


@pytest.mark.parametrize("other", sorted(MAKE))
def test_a_batch_is_taken_from_another_place_byte_for_byte(
    batches: Batches, tmp_path: Path, other: str
) -> None:
    """A file that another version wrote keeps its bytes and its digest, on its way on as well."""
    file = io.BytesIO()
    FRAME.write_parquet(file, compression="uncompressed")
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    batches.take(digest, io.BytesIO(content))
    with batches.open(digest) as taken:
        further = MAKE[other](tmp_path / "further")
        further.take(digest, taken)

    assert further.scan(digest).collect().equals(FRAME, null_equal=True)
    with further.open(digest) as found:
        assert found.read() == content


def test_the_file_of_a_batch_is_the_one_of_its_digest(batches: Batches) -> None:
    """Whoever opens a batch reads what its digest stands for."""
    digest = batches.write(FRAME)

    with batches.open(digest) as file:
        assert hashlib.sha256(file.read()).hexdigest() == digest


def test_a_changed_file_is_not_taken(batches: Batches) -> None:
    """The bytes are compared with the digest before anything of them counts."""
    with pytest.raises(IntegrityError, match="was changed"):
        batches.take("0" * 64, io.BytesIO(b"something else"))

    with pytest.raises(IntegrityError, match="missing"):
        batches.open("0" * 64)


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    """Anybody can check a batch with sha256sum, and nothing else lies in the folder."""
    digest = FolderBatches(tmp_path).write(FRAME)
    (path,) = tmp_path.iterdir()

    assert path.name == f"{digest}.parquet"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_other_engines_find_plain_types(tmp_path: Path) -> None:
    """Text and bytes are plain Parquet columns, and row groups are small enough to read a slice."""
    parquet = pytest.importorskip("pyarrow.parquet")
    digest = FolderBatches(tmp_path).write(pl.DataFrame({"item_id": [str(n) for n in range(2500)]}))
    FolderBatches(tmp_path).write(FRAME)
    file = parquet.ParquetFile(tmp_path / f"{digest}.parquet")

    assert file.metadata.num_row_groups == 3
    assert [file.metadata.row_group(n).num_rows for n in range(3)] == [1000, 1000, 500]
    for path in tmp_path.iterdir():
        types = {str(field.type).removeprefix("large_") for field in parquet.read_schema(path)}
        assert types <= {"string", "binary", "int64", "list<element: large_string>"}


def test_large_rows_make_small_groups(tmp_path: Path) -> None:
    """Rows of 100 kB are grouped by bytes, so that twenty of them do not read hundreds."""
    parquet = pytest.importorskip("pyarrow.parquet")
    digest = FolderBatches(tmp_path).write(pl.DataFrame({"text": [str(n) * 50_000 for n in range(200)]}))
    metadata = parquet.ParquetFile(tmp_path / f"{digest}.parquet").metadata

    assert max(metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)) <= 60


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_changed_batch_is_detected(tmp_path: Path, damage: str) -> None:
    """One bit is enough."""
    batches = FolderBatches(tmp_path)
    digest = batches.write(FRAME)
    path = tmp_path / f"{digest}.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes({"flip": bytes(data), "cut": bytes(data[:-10]), "empty": b""}[damage])

    with pytest.raises(IntegrityError, match="was changed: its digest is"):
        batches.verify(digest)


def test_a_batch_is_compared_once_for_each_state_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it again costs nothing; when its file is another, its bytes decide, not its times."""
    digest = FolderBatches(tmp_path).write(FRAME)
    path = tmp_path / f"{digest}.parquet"
    compared: list[Path] = []
    read = storage_batches._digest

    def count(path: Path) -> str:
        compared.append(path)
        return read(path)

    monkeypatch.setattr(storage_batches, "_digest", count)
    for _ in range(3):
        FolderBatches(tmp_path).scan(digest)
    assert compared == []

    os.utime(path, (1, 1))
    for _ in range(3):
        FolderBatches(tmp_path).scan(digest)
    assert compared == [path]

    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for _ in range(2):
        with pytest.raises(IntegrityError, match="was changed: its digest is"):
            FolderBatches(tmp_path).scan(digest)


def test_verify_always_reads_the_bytes(tmp_path: Path) -> None:
    """Asked to verify, no state of the file is believed."""
    batches = FolderBatches(tmp_path)
    digest = batches.write(FRAME)
    path = tmp_path / f"{digest}.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + b"x")
    storage_batches._compared[path] = storage_batches._state(path)

    with pytest.raises(IntegrityError, match="was changed"):
        batches.verify(digest)


def test_batches_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder given by a relative name is the same folder wherever the current folder goes."""
    monkeypatch.chdir(tmp_path)
    batches = FolderBatches(Path("items"))
    digest = batches.write(FRAME)
    monkeypatch.chdir("/")

    assert batches.scan(digest).collect().equals(FRAME)
    assert batches.n_bytes(digest) == (tmp_path / "items" / f"{digest}.parquet").stat().st_size


def test_read_only_writes_nothing(tmp_path: Path) -> None:
    """Batches opened read-only refuse, and make no folder."""
    with pytest.raises(NotSavedError, match="opened read-only"):
        FolderBatches(tmp_path / "items", read_only=True).write(FRAME)

    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full there is a sentence and no half file."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(NotSavedError, match=r"No space left on device.*Make room in"):
        FolderBatches(tmp_path).write(FRAME)

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_swept_away(tmp_path: Path) -> None:
    """Drafts of yesterday go with the next write; one of just now may still be somebody's."""
    for name, age in (("old.part", 90_000), ("new.part", 10)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))

    digest = FolderBatches(tmp_path).write(FRAME)

    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([f"{digest}.parquet", "new.part"])


def test_threads_write_the_same_batch(tmp_path: Path) -> None:
    """Several at once end up with one whole file."""
    digests: list[str] = []
    batches = FolderBatches(tmp_path)
    threads = [threading.Thread(target=lambda: digests.append(batches.write(FRAME))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(digests) == 8
    assert [f"{digest}.parquet" for digest in set(digests)] == [p.name for p in tmp_path.iterdir()]
    batches.verify(digests[0])


_WRITER = """
import os, sys
import polars as pl
from pathlib import Path
from jupyter_annotate.storage import batches as storage_batches
from jupyter_annotate.storage.batches import FolderBatches
batches = FolderBatches(Path(sys.argv[1]))
for n in range(1_000_000):
    text = [f"{sys.argv[2]} {n} {k}" * 20 for k in range(300)]
    print(batches.write(pl.DataFrame({"item_id": text})), flush=True)
"""


@pytest.mark.faults
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_kill_9_leaves_whole_batches_only(tmp_path: Path) -> None:
    """Whatever is in its place after a kill has its digest, and all that was acknowledged is there."""
    draw, acknowledged = random.Random(3), set[str]()
    for number in range(max(3, KILLS)):
        program = [sys.executable, "-c", _WRITER, str(tmp_path), str(number)]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged.add(writer.stdout.readline().strip())
            time.sleep(draw.uniform(0.0, 0.05))
            writer.kill()
            acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}

    batches = FolderBatches(tmp_path)
    kept = {path.stem for path in tmp_path.glob("*.parquet")}
    for digest in kept:
        batches.verify(digest)
    assert acknowledged - kept == set()
    assert len(acknowledged) >= max(3, KILLS)
