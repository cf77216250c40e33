"""Write the platform packages that the registry in use does not carry into package-lock.json.

esbuild, biome and rollup come as one optional package for each platform. npm leaves out of the lock file
what it cannot fetch, and `npm ci` then refuses that file on every machine. An entry made here has a version
and its platform; npm adds the digest when it locks from a registry that carries the package.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "package-lock.json"
SYSTEMS = frozenset(
    ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
)
PROCESSORS = frozenset(["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"])


def missing(packages: dict[str, Any]) -> dict[str, str]:
    """Return the optional packages that something names and nothing locks, with their versions."""
    wanted = {
        f"node_modules/{name}": version
        for package in packages.values()
        for name, version in package.get("optionalDependencies", {}).items()
    }
    return {path: version for path, version in wanted.items() if path not in packages}


def entry(path: str, version: str) -> dict[str, Any]:
    """Return the entry of a platform package, its platform read from its name."""
    words = path.rpartition("/")[2].split("-")
    platform = {
        "cpu": [word for word in words if word in PROCESSORS],
        "os": [word for word in words if word in SYSTEMS],
        "libc": [
            libc for libc, sign in (("musl", "musl"), ("glibc", "gnu")) if sign in words and "linux" in words
        ],
    }
    known = {name: values for name, values in platform.items() if values}
    return {"version": version, "dev": True, "optional": True, **known}


def main() -> int:
    """Complete the lock file; with --check only say what is missing."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    absent = missing(lock["packages"])
    print(f"package-lock.json: {len(absent)} platform packages without an entry")
    if "--check" in sys.argv:
        return 1 if absent else 0
    added = {path: entry(path, version) for path, version in absent.items()}
    lock["packages"] = dict(sorted({**lock["packages"], **added}.items()))
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
