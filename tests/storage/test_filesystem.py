"""Network file systems are told by their type."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_annotate.errors import StorageError
from jupyter_annotate.events import Event, EventKind
from jupyter_annotate.storage import filesystem, open_store
from jupyter_annotate.storage.filesystem import network_filesystem
from jupyter_annotate.storage.segments import SegmentLog
from jupyter_annotate.storage.sqlite import SqliteLog

MOUNTS = """22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
40 22 0:40 / /home rw shared:1 - nfs4 filer:/home rw
41 22 0:41 / /mnt/with\\040space rw - cifs //filer/x rw
42 40 254:2 / /home/local rw - xfs /dev/vdb rw
43 22 0:43 / /data rw - fuse.sshfs host:/ rw
44 22 0:44 / /scratch rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ada/x", "nfs4"),
        ("/home/local/x", None),
        ("/mnt/with space/x", "cifs"),
        ("/data", "fuse.sshfs"),
        ("/scratch/x", None),
        ("/srv", None),
        ("/homes/x", None),
    ],
)
def test_network_file_systems_are_told_by_type(path: str, kind: str | None) -> None:
    """The innermost mount decides, and its type tells; a probe on one host could not."""
    assert network_filesystem(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "virtiofs",
        "lustre",
        "gpfs",
        "beegfs",
        "ceph",
        "fuse.glusterfs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.gvfsd-fuse",
        "fuse",
        "vboxsf",
    ],
)
def test_each_network_type_is_known(kind: str) -> None:
    """Whatever a share is mounted as, it is told from a disk."""
    assert (
        network_filesystem(Path("/share/x"), f"9 1 0:9 / /share rw shared:3 master:1 - {kind} host:/x rw")
        == kind
    )


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "fuse.fuse-overlayfs"]
)
def test_disks_are_no_network(kind: str) -> None:
    """Disks, memory, containers and NTFS through user space are not refused."""
    assert network_filesystem(Path("/x"), f"9 1 0:9 / / rw - {kind} dev rw") is None


def test_a_mount_point_in_any_script_is_found() -> None:
    """Only space, tab, newline and backslash are escaped; other characters stand as they are."""
    line = "9 1 0:9 / /mnt/Größe\\040\\134数 rw - nfs4 host:/x rw"

    assert network_filesystem(Path("/mnt/Größe \\数/x"), line) == "nfs4"


def test_the_last_of_several_mounts_on_one_point_counts() -> None:
    """A disk mounted over a share hides it, and the other way round."""
    share, disk = "9 1 0:9 / /m rw - nfs4 h:/x rw\n", "8 1 8:1 / /m rw - ext4 dev rw\n"

    assert network_filesystem(Path("/m/x"), share + disk) is None
    assert network_filesystem(Path("/m/x"), disk + share) == "nfs4"


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let everything look as if it were mounted over a network."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text("9 1 0:9 / / rw - nfs4 host:/x rw\n", encoding="utf-8")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)
    return tmp_path


def test_a_new_project_on_a_share_is_kept_in_segments(
    share: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says so when it is begun; afterwards what is there decides, wherever it is copied to."""
    with open_store(share / "x").log as log:
        assert isinstance(log, SegmentLog)
        log.append([Event(kind=EventKind.COMMENT, annotator_id="ada", value="a")])
    assert capsys.readouterr().out.count("network file system (nfs4)") == 1
    assert not (share / "x.annotate" / "log.sqlite").exists()

    with open_store(share / "x", begin=False).log as again:
        assert again.head().position == 1
    assert capsys.readouterr().out == ""


def test_segments_are_recognised_on_a_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A project that comes from a share goes on in segments; a new one on a disk is SQLite."""
    open_store(f"segments://{tmp_path / 'x'}").log.close()

    assert isinstance(open_store(tmp_path / "x").log, SegmentLog)
    assert isinstance(open_store(tmp_path / "y").log, SqliteLog)
    assert capsys.readouterr().out == ""


def test_whoever_vouches_for_a_share_has_sqlite_on_it(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable decides for new projects, and opens those there are."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_SQLITE_ON_NETWORK", "1")
    open_store(share / "x").log.close()
    assert (share / "x.annotate" / "log.sqlite").exists()

    monkeypatch.delenv("JUPYTER_ANNOTATE_SQLITE_ON_NETWORK")
    with pytest.raises(StorageError, match="network file system"):
        open_store(share / "x")


def test_a_log_in_sqlite_on_a_share_is_refused_unless_told_otherwise(share: Path) -> None:
    """The sentence names the type and the ways out; nothing is made."""
    with pytest.raises(
        StorageError, match=r"network file system \(nfs4\).*local disk.*annotate merge.*ON_NETWORK=1"
    ):
        SqliteLog(share / "x")

    assert not (share / "x").exists()
    with SqliteLog(share / "x", sqlite_on_network=True) as log:
        assert log.head().position == 0
