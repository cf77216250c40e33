"""Rebuild the browser bundle and compare it with the committed one.

An install needs no Node because the bundle is committed; this check keeps it the product of its source.
The script is compared unpacked, byte for byte: builds of zlib deflate the same text differently.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "jupyter_annotate" / "static"
_DATA = re.compile(rb'const data="([A-Za-z0-9+/=]+)";')


def unpacked(script: bytes) -> bytes:
    """Return the script inside the committed module."""
    data = _DATA.match(script)
    return zlib.decompress(base64.b64decode(data[1]), wbits=-15) if data else b""


def committed() -> dict[str, bytes]:
    """Return the committed files by name, the script unpacked."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir())}
    return {name: unpacked(data) if name.endswith(".js") else data for name, data in files.items()}


def rebuilt() -> dict[str, bytes]:
    """Return what the sources build now, by name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "js/build.mjs", "--plain", folder], cwd=ROOT, check=True)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def main() -> int:
    """Return 0 when the sources build what is committed."""
    before, after = committed(), rebuilt()
    stale = sorted(name for name in before | after if before.get(name) != after.get(name))
    for name in stale:
        print(
            f"jupyter_annotate/static/{name} is not what its source builds; run: npm run build, and commit it"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
