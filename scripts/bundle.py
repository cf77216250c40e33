"""Rebuild the browser bundle and compare it with the committed one, byte for byte.

An install needs no Node because the bundle is committed; this check keeps it the product of its source.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMITTED = ROOT / "jupyter_annotate" / "static" / "widget.json"


def rebuilt() -> bytes:
    """Return what the sources build now."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "js/build.mjs", "--into", folder], cwd=ROOT, check=True)
        return (Path(folder) / COMMITTED.name).read_bytes()


def main() -> int:
    """Return 0 when the sources build what is committed."""
    if rebuilt() == COMMITTED.read_bytes():
        return 0
    name = COMMITTED.relative_to(ROOT).as_posix()
    print(f"{name} is not what its sources build; run: npm run build, and commit it")
    return 1


if __name__ == "__main__":
    sys.exit(main())
