"""Network file systems are told by their type."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_annotate.errors import StorageError
from jupyter_annotate.storage import filesystem
from jupyter_annotate.storage.filesystem import network_filesystem
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


def test_a_log_on_a_share_is_refused_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the type and both ways out; nothing is made."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text("9 1 0:9 / / rw - nfs4 host:/x rw\n", encoding="utf-8")
    monkeypatch.setattr(filesystem, "_MOUNTS", mounts)

    with pytest.raises(StorageError, match=r"network file system \(nfs4\).*local disk.*ON_NETWORK=1"):
        SqliteLog(tmp_path / "x")

    assert not (tmp_path / "x").exists()
    with SqliteLog(tmp_path / "x", sqlite_on_network=True) as log:
        assert log.head().position == 0
