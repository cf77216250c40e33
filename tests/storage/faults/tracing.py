"""The system calls of the writer, recorded with all they wrote."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
#: Whatever changes a file or a name, or makes it durable. "?": not on every processor.
_CALLS = (
    "?open,openat,?creat,close,?dup2,dup,write,pwrite64,writev,pwritev,ftruncate,truncate,fallocate,sendfile,"
    "copy_file_range,?unlink,unlinkat,?rename,?renameat,renameat2,?link,linkat,symlinkat,?mkdir,mkdirat,?rmdir,"
    "fsync,fdatasync,sync,syncfs,lseek"
)
_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")


@dataclass(frozen=True)
class Call:
    """One system call that succeeded."""

    name: str
    arguments: Sequence[str]
    result: int

    def text(self, number: int) -> bytes:
        """Return an argument that is a string."""
        found = self.arguments[number].strip('"')
        return bytes.fromhex(found.replace("\\x", ""))

    def path(self, number: int) -> str:
        """Return an argument that is a path."""
        return os.fsdecode(self.text(number))

    def number(self, number: int) -> int:
        """Return an argument that is a number."""
        return int(self.arguments[number], 0)


def require(program: str) -> str:
    """Return the path of a program, or leave the test out; `scripts/setup.sh` installs it where it may."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def record(folder: Path, *arguments: str, preload: Path | None = None) -> list[Call]:
    """Run the writer in a folder and return its calls.

    Parameters
    ----------
    folder
        Where everything happens.
    arguments
        Of the writer, but for the folder: the place, what to do, how.
    preload
        A library to load before all others.
    """
    told, trace = folder / "told", folder / "trace"
    place, *rest = arguments
    command = [require("strace"), "-f", "-xx", "-s", "10000000", "-o", str(trace), "-e", f"trace={_CALLS}"]
    if preload is not None:
        command += ["-E", f"LD_PRELOAD={preload}", "-E", f"FAULT_FOLDER={folder / 'store'}"]
    command += [sys.executable, "-m", "tests.storage.faults.writer", place, str(folder / "store"), *rest]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1"}
    with told.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=_ROOT,
            stdout=output,
            stderr=subprocess.PIPE,
            env=environment,
            timeout=240,
            check=False,
        )
    if b"ptrace" in done.stderr and done.returncode:
        pytest.skip("this system does not let a process be traced")
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    with trace.open(encoding="ascii") as lines:
        return list(_parse(lines))


def _parse(lines: Iterator[str]) -> Iterator[Call]:
    begun: dict[str, str] = {}
    for line in lines:
        if found := _BEGUN.match(line):
            begun[found[1]] = found[3]
            continue
        whole, resumed = _WHOLE.match(line), _RESUMED.match(line)
        found = whole or resumed
        if found is None:
            continue
        text = found[3] if whole else begun.pop(found[1]) + found[3]
        if int(found[4]) >= 0:
            yield Call(found[2], text.split(", "), int(found[4]))


@functools.cache
def shim(folder: Path) -> Path:
    """Compile the library that lets calls fail."""
    library = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(
        [require("gcc"), "-shared", "-fPIC", "-Wall", "-Werror", "-O1", "-o", library, source, "-ldl"],
        check=True,
    )
    return library
