"""Which file systems are shared over a network, told by their type: a probe on one host cannot tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["filesystem_type", "network_filesystem"]

#: Beginnings of type names: network, cluster and shared-folder file systems, and all of user space.
_NETWORK = (
    "9p",
    "acfs",
    "afs",
    "autofs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "drvfs",
    "fuse.",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncp",
    "nfs",
    "ocfs2",
    "orangefs",
    "panfs",
    "prl_fs",
    "pvfs2",
    "smb",
    "vboxsf",
    "virtiofs",
    "wekafs",
)
#: In user space and local all the same: the root of an unprivileged container, and desktop sandboxes.
_LOCAL = frozenset({"fuse.fuse-overlayfs", "fuse.portal"})
_MOUNTS = Path("/proc/self/mountinfo")
#: Five fields, the fifth the mount point; some more; a dash; the type.
_LINE = re.compile(r"(?:\S+ ){4}(\S+) .*?(?:^| )- (\S+)")
#: Space, tab, newline and backslash stand in octal.
_OCTAL = re.compile(r"\\([0-7]{3})")


def network_filesystem(path: Path, mounts: str | None = None) -> str | None:
    """Return the type of the file system a path lies on if it is a network's, else None.

    Parameters
    ----------
    path
        It need not exist.
    mounts
        Text in the form of ``/proc/self/mountinfo``; the system's own by default. Where there is none, as on
        macOS and Windows, nothing is known and nothing refused.

    Examples
    --------
    >>> network_filesystem(Path("/home/ada/x"), "1 0 0:1 / /home rw - nfs4 host:/home rw")
    'nfs4'
    """
    kind = filesystem_type(path, mounts) or ""
    is_network = kind == "fuse" or (kind.startswith(_NETWORK) and kind not in _LOCAL)
    return kind if is_network else None


def filesystem_type(path: Path, mounts: str | None = None) -> str | None:
    """Return the type of the file system a path lies on, None where nothing is known.

    Parameters
    ----------
    path, mounts
        As for `network_filesystem`.

    Examples
    --------
    >>> filesystem_type(Path("/home/ada/x"), "1 0 0:1 / / rw - ext4 /dev/sda rw")
    'ext4'
    """
    if mounts is None:
        if not _MOUNTS.exists():
            return None
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace")
    target = path.resolve()
    depth, kind = 0, ""
    for point, found in _mounts(mounts):
        # The last of several mounts on one point covers the others.
        if len(point.parts) >= depth and target.is_relative_to(point):
            depth, kind = len(point.parts), found
    return kind or None


def _mounts(text: str) -> Iterator[tuple[Path, str]]:
    """Yield mount point and type of each line, whose form is in proc(5)."""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), match[1])
            yield Path(point), match[2]
