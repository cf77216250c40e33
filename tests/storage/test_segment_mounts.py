"""One folder mounted twice, as two computers see it: caches and locks are not shared, the log is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.storage.filesystem import network_filesystem
from jupyter_annotate.storage.segments import SegmentLog

WRITERS = 3
ROUNDS = 20
ITEMS = 90

#: Answers and claims in turn, each named on the output once it is acknowledged.
WRITER = """
import sys
from pathlib import Path
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage.segments import SegmentLog

folder, name, rounds, items = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def claim(seen, now):
    taken = set(seen.filter(seen["kind"] == "assign")["item_id"])
    free = [str(n) for n in range(items) if str(n) not in taken]
    return [Event(kind=EventKind.ASSIGN, annotator_id=name, item_id=each) for each in free[:1]]

with SegmentLog(folder) as log:
    sys.stdin.readline()
    for n in range(rounds):
        answer = Event(kind=EventKind.ANSWER, annotator_id=name, item_id="0", question="q", value=n,
                       event_id=f"{name}-{n}")
        log.append([answer])
        print("answer", answer.event_id, flush=True)
        for position in log.append_after(0, claim):
            print("claim", position, flush=True)
"""


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Mount one folder twice through FUSE."""
    if shutil.which("bindfs") is None or not os.access("/dev/fuse", os.W_OK):
        pytest.skip("two mounts of one folder need bindfs and FUSE")
    shared, *mounts = (tmp_path / name for name in ("shared", "one", "two"))
    for folder in (shared, *mounts):
        folder.mkdir()
    for mount in mounts:
        subprocess.run(["bindfs", "--no-allow-other", shared, mount], check=True)
    yield mounts[0], mounts[1]
    for mount in mounts:
        subprocess.run(["fusermount", "-u", "-z", mount], check=True)


@pytest.mark.faults
def test_two_hosts_without_shared_locks_write_one_history(hosts: tuple[Path, Path]) -> None:
    """Three writers on each host, at full speed: nothing acknowledged is lost, nothing is claimed twice."""
    SegmentLog(hosts[0] / "x").close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, host / "x", f"{host.name}-{n}", str(ROUNDS), str(ITEMS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(WRITERS)
        for host in hosts
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    told = [writer.communicate(timeout=240)[0].split("\n") for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers)

    with SegmentLog(hosts[0] / "x") as one, SegmentLog(hosts[1] / "x") as two:
        events = one.read()
        assert two.read().equals(events)
        assert one.verify() == two.verify()
    acknowledged = {line.split()[1] for lines in told for line in lines if line.startswith("answer")}
    assert len(acknowledged) == 2 * WRITERS * ROUNDS
    assert acknowledged <= set(events["event_id"])
    assert events["event_id"].is_unique().all()
    claimed = events.filter(pl.col("kind") == "assign")
    assert sorted(map(int, claimed["item_id"])) == list(range(ITEMS))
    positions = [int(line.split()[1]) for lines in told for line in lines if line.startswith("claim")]
    assert sorted(positions) == claimed["position"].to_list()


@pytest.mark.faults
def test_a_project_on_such_a_mount_goes_the_whole_way(hosts: tuple[Path, Path], tmp_path: Path) -> None:
    """The type of the file system tells: the project is kept in segments, labeled on two hosts, exported."""
    assert network_filesystem(hosts[0])
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    items = pl.DataFrame({"item_id": ["a", "b", "c"], "text": ["Hooray!", "Oh no.", "Great"]})
    with (
        ja.Project.open(hosts[0] / "x", schema=schema, items=items) as one,
        ja.Project.open(hosts[1] / "x") as two,
    ):
        assert isinstance(one.log, SegmentLog)
        ada, bob = ja.Session(one, annotator="ada"), ja.Session(two, annotator="bob")
        for mood in ("glad", "glad", "sad"):
            ada.submit({"mood": mood})
            bob.submit({"mood": "glad"})
        ada.undo()
        ada.submit({"mood": "glad"})

        assert one.labels("mood").equals(two.labels("mood"))
        assert two.labels("mood")["label"].to_list() == ["glad"] * 6
        assert one.log.verify() == two.log.verify()
        ja.export(two, tmp_path / "handover", format="parquet")
        assert ja.read_export(tmp_path / "handover")["labels_mood"].equals(one.labels("mood"))
