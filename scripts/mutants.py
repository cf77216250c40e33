"""Break each promise on purpose and show that the tests named for it notice.

``python scripts/mutants.py`` takes every mutant of ``tests/mutants/*.toml``, one after the other: it is
applied to a copy of the project, and each test named for it must fail there. ``--only lease`` takes those
with the word in their name. A mutant that a named test lets pass is a hole, and one that no longer
applies is to be written anew; both fail the run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tests" / "mutants"
#: Seconds for the tests of one mutant; a mutant may also hang.
PATIENCE = 240
#: What pytest and vitest return when tests ran and some failed.
FAILED = 1


@dataclass(frozen=True)
class Edit:
    """One change of a source: a text that stands in it once, and what takes its place."""

    file: str
    before: str
    after: str

    def applied(self, root: Path) -> str:
        """Return the changed source.

        Raises
        ------
        LookupError
            If the text does not stand there exactly once.
        """
        path = root / self.file
        source = path.read_text(encoding="utf-8") if path.exists() else ""
        if source.count(self.before) != 1:
            found = f"found {source.count(self.before)} times in {self.file}" if source else f"no {self.file}"
            raise LookupError(f"{found}: {self.before.strip()!r}")
        return source.replace(self.before, self.after)


@dataclass(frozen=True)
class Mutant:
    """A broken promise, and the tests that notice."""

    name: str
    edits: Sequence[Edit]
    tests: Sequence[str]


def known() -> list[Mutant]:
    """Return all mutants of the tables."""
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(TABLES.glob("*.toml"))]
    return [
        Mutant(each["name"], [Edit(**edit) for edit in each["edit"]], each["tests"])
        for table in tables
        for each in table["mutant"]
    ]


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    """Copy what is under version control, as it is now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        (root / "node_modules").symlink_to((ROOT / "node_modules").resolve())
        yield root


@contextlib.contextmanager
def applied(mutant: Mutant, root: Path) -> Iterator[None]:
    """Apply a mutant to the copy for a while."""
    pristine = {
        edit.file: (root / edit.file).read_bytes() for edit in mutant.edits if (root / edit.file).exists()
    }
    try:
        for edit in mutant.edits:
            (root / edit.file).write_text(edit.applied(root), encoding="utf-8")
        yield
    finally:
        for name, source in pristine.items():
            (root / name).write_bytes(source)


def run(tests: Sequence[str], root: Path) -> subprocess.CompletedProcess[str]:
    """Run tests of one language in the copy."""
    environment = os.environ | {
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_ANNOTATE_KILLS": "60",
    }
    return subprocess.run(
        _command(tests, root),
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _command(tests: Sequence[str], root: Path) -> list[str]:
    if not is_javascript(tests[0]):
        return [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *tests]
    files = sorted({test.partition("::")[0] for test in tests})
    names = [re.escape(test.partition("::")[2]) for test in tests if "::" in test]
    chosen = ["-t", "|".join(names)] if names and len(names) == len(tests) else []
    return [str(root / "node_modules" / ".bin" / "vitest"), "run", "--reporter=dot", *files, *chosen]


def is_javascript(test: str) -> bool:
    """Tell which language a test is written in."""
    return test.startswith("js/")


def sound(mutants: Sequence[Mutant], root: Path) -> bool:
    """Run all named tests without any mutant: they have to pass, or they would notice nothing."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    for language in (False, True):
        some = [test for test in tests if is_javascript(test) is language]
        if some and (done := run(some, root)).returncode:
            print(f"The tests fail without any mutant:\n{done.stdout[-4000:]}")
            return False
    return True


def notices(test: str, root: Path) -> str:
    """Run one test against the mutant; return what is wrong with it, nothing if it noticed."""
    try:
        done = run([test], root)
    except subprocess.TimeoutExpired:
        return f"{test} does not end"
    if done.returncode == FAILED:
        return ""
    if done.returncode == 0:
        return f"SURVIVED {test}"
    return f"{test} did not run:\n{done.stdout[-2000:]}"


def judge(mutant: Mutant, root: Path) -> bool:
    """Apply a mutant, run its tests, say who noticed; return whether all did."""
    started = time.monotonic()
    try:
        with applied(mutant, root):
            problems = {test: notices(test, root) for test in mutant.tests}
    except LookupError as error:
        print(f"NO LONGER APPLIES  {mutant.name}\n    {error.args[0]}", flush=True)
        return False
    caught = not any(problems.values())
    print(f"{'caught' if caught else 'NOT CAUGHT':<10} {time.monotonic() - started:5.1f} s  {mutant.name}")
    for test, problem in problems.items():
        print(f"    {problem or f'by {test}'}", flush=True)
    return caught


def main() -> int:
    """Judge the mutants that the command line names, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a word of the mutant's name")
    only = parser.parse_args().only
    mutants = [mutant for mutant in known() if only.lower() in mutant.name.lower()]
    if not mutants:
        print(f"No mutant has {only!r} in its name.")
        return 1
    with copied() as root:
        if not sound(mutants, root):
            return 1
        caught = [judge(mutant, root) for mutant in mutants]
    print(f"{sum(caught)} of {len(caught)} mutants caught")
    return 0 if all(caught) else 1


if __name__ == "__main__":
    sys.exit(main())
