"""Run every check of the project, two at a time, and say plainly what passed, failed and was left out.

``python scripts/suites.py`` runs all of it, ``--fast`` leaves out what needs a browser or many minutes,
``--only lint --only unit`` runs the named suites. With ``CI=true`` a suite that cannot run is a failure.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
BIN = Path(sys.executable).parent
NODE_BIN = ROOT / "node_modules" / ".bin"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
#: A skip that starts so is announced, also in CI, and no failure: the data sets are not in the repository.
REAL_DATA = "real data"


@dataclasses.dataclass(frozen=True)
class Suite:
    """One check: a command, what it needs, and whether it wants the machine for itself.

    `junit` is the option that asks for a JUnit report; without its `folder` a suite is left out. One
    that runs `on_request` is run when it is named.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    folder: str | None = None
    junit: str | None = None
    alone: bool = False
    fast: bool = True
    on_request: bool = False
    minutes: float = 10


@dataclasses.dataclass
class Outcome:
    """What became of a suite."""

    suite: Suite
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    skips: list[str] = dataclasses.field(default_factory=list)
    left_out: str | None = None


def _pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", "--no-header", *arguments)


def _node(program: str, *arguments: str) -> tuple[str, ...]:
    return (str(NODE_BIN / program), *arguments)


_JUNIT = "--junitxml={}"
_SLOW = "ui or faults or long or bench or hub or long_run or peers"
PEERS = ROOT / ".peers" / "bin" / "python"

SUITES = (
    Suite("ruff", (str(BIN / "ruff"), "check", ".")),
    Suite("format", (str(BIN / "ruff"), "format", "--check", ".")),
    Suite("layers", (str(BIN / "lint-imports"), "--no-logo")),
    Suite("mypy", (str(BIN / "mypy"),)),
    Suite("biome", _node("biome", "ci", "js"), needs=("node",), folder="js"),
    Suite("tsc", _node("tsc", "--noEmit"), needs=("node",), folder="js"),
    Suite("bundle", (sys.executable, "scripts/bundle.py"), needs=("node",), folder="js"),
    Suite(
        "vitest",
        _node("vitest", "run", "--reporter=default", "--reporter=junit"),
        needs=("node",),
        folder="js/test",
        junit="--outputFile.junit={}",
    ),
    Suite("unit", _pytest("-m", f"not ({_SLOW})"), junit=_JUNIT, minutes=15),
    Suite(
        "faults",
        # The longest of those that share the machine: two processes, so that no core waits for it at the end.
        _pytest(
            "-n", "2", "-m", "(faults or long) and not (ui or bench or hub or long_run or peers)", "tests"
        ),
        junit=_JUNIT,
        fast=False,
        minutes=20,
    ),
    Suite(
        "peers",
        (str(PEERS), *_pytest("-m", "peers", "tests")[1:]),
        needs=("peers",),
        on_request=True,
        junit=_JUNIT,
        fast=False,
    ),
    Suite(
        "notebooks",
        _pytest("--nbval", "--nbval-sanitize-with", "scripts/nbval.cfg", "example_notebooks"),
        folder="example_notebooks",
        junit=_JUNIT,
    ),
    Suite(
        "ui",
        # A browser, two servers and a kernel share two cores: a second try, and it is announced.
        # Two processes: each spends half of its time waiting for what the person would wait for too.
        _pytest(
            *("-n", "2", "--dist", "worksteal"),
            "-m",
            "ui and not (hub or long_run)",
            "--reruns",
            "1",
            "tests",
        ),
        needs=("browser",),
        folder="tests/ui",
        junit=_JUNIT,
        alone=True,
        fast=False,
        minutes=20,
    ),
    Suite(
        "hub",
        _pytest("-m", "hub and not long_run", "tests/hub"),
        needs=("browser", "proxy"),
        folder="tests/hub",
        junit=_JUNIT,
        alone=True,
        fast=False,
        minutes=20,
    ),
    Suite(
        "long-kills",
        _pytest("-n", "2", *(f"tests/storage/test_{kind}kill.py" for kind in ("", "segment_", "postgres_"))),
        junit=_JUNIT,
        fast=False,
        on_request=True,
        minutes=240,
    ),
    Suite(
        "long-run",
        _pytest("-m", "long_run", "tests"),
        needs=("browser", "proxy"),
        junit=_JUNIT,
        alone=True,
        fast=False,
        on_request=True,
        minutes=240,
    ),
)


def _browser() -> bool:
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE")
    return any(map(shutil.which, filter(None, (named, "chromium", "chromium-browser", "google-chrome"))))


def _node_ready() -> bool:
    return shutil.which("node") is not None and (NODE_BIN / "tsc").exists()


def _proxy_ready() -> bool:
    return shutil.which("node") is not None and (NODE_BIN / "configurable-http-proxy").exists()


_ADVICE = {
    "node": (_node_ready, "needs Node 20 and its packages: install Node, then make setup"),
    "proxy": (_proxy_ready, "needs configurable-http-proxy: install Node 20, then make setup"),
    "peers": (PEERS.exists, "needs the packages to compare with: make setup"),
    "browser": (_browser, "needs Chromium: install it or set PLAYWRIGHT_CHROMIUM_EXECUTABLE"),
}


def _reason_to_leave_out(suite: Suite) -> str | None:
    for need in suite.needs:
        present, advice = _ADVICE[need]
        if not present():
            return advice
    if suite.folder and not (ROOT / suite.folder).exists():
        return f"there is no {suite.folder}/"
    return None


def _count(report: Path, outcome: Outcome) -> None:
    """Fill in the counts of a JUnit report, or count the suite as one check if it wrote none."""
    if not report.exists():
        return
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 -- written by our own run
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif skip is None:
            outcome.passed += 1
        elif skip.get("type") != "pytest.xfail":
            message = (skip.get("message") or "skipped").strip()
            outcome.skips.append(message)


_RUNNING: set[int] = set()


def stop_everything(number: int, _frame: object) -> None:
    """End every suite that runs, with its servers and browsers, when this run is interrupted."""
    for group in _RUNNING:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    os._exit(128 + number)


def _run_command(command: list[str], log: Path, minutes: float) -> int:
    """Run in a process group of its own, so that a suite that hangs takes its children along."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )
        _RUNNING.add(process.pid)
        try:
            return process.wait(timeout=minutes * 60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            sink.write(f"\nstopped after {minutes} minutes\n".encode())
            return 124
        finally:
            _RUNNING.discard(process.pid)


def run(suite: Suite, printing: threading.Lock) -> Outcome:
    """Run one suite, print its line, and its whole output when it failed."""
    outcome = Outcome(suite, left_out=_reason_to_leave_out(suite))
    if outcome.left_out:
        return outcome
    report, log = RESULTS / f"{suite.name}.xml", RESULTS / f"{suite.name}.log"
    command = list(suite.command) + ([suite.junit.format(report)] if suite.junit else [])
    started = time.monotonic()
    code = _run_command(command, log, suite.minutes)
    outcome.seconds = time.monotonic() - started
    _count(report, outcome)
    if code:
        outcome.failed = max(1, outcome.failed)
    elif not suite.junit:
        outcome.passed = 1
    with printing:
        _print_line(outcome, log)
    return outcome


def _print_line(outcome: Outcome, log: Path) -> None:
    verdict = "FAILED" if outcome.failed else "ok"
    counts = f"{outcome.passed:5d} passed {outcome.failed:5d} failed"
    print(f"{verdict:<7}{outcome.suite.name:<10}{outcome.seconds:7.1f} s {counts}", flush=True)
    text = log.read_text(encoding="utf-8", errors="replace")
    for tries in re.findall(r"(\d+) rerun", text):
        print(
            f"!! SECOND TRY: {outcome.suite.name}: {tries} tests failed once and were run again", flush=True
        )
    if outcome.failed:
        print(text, flush=True)


def run_all(suites: list[Suite]) -> list[Outcome]:
    """Run the small suites two at a time, then those that want the machine for themselves."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    printing = threading.Lock()
    shared = [suite for suite in suites if not suite.alone]
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(lambda suite: run(suite, printing), shared))
    outcomes += [run(suite, printing) for suite in suites if suite.alone]
    return outcomes


def announce(outcomes: list[Outcome]) -> None:
    """Say loudly which suites were left out and which tests skipped themselves, and why."""
    print()
    for outcome in outcomes:
        if outcome.left_out:
            print(f"!! LEFT OUT: {outcome.suite.name}: {outcome.left_out}")
        for message, times in sorted(Counter(outcome.skips).items()):
            print(f"!! SKIPPED: {outcome.suite.name}: {times} x {message}")


def inexcusable(outcomes: list[Outcome]) -> int:
    """Count what did not run although in CI all of it has to: everything but tests of real data."""
    skips = [message for outcome in outcomes for message in outcome.skips]
    return sum(outcome.left_out is not None for outcome in outcomes) + sum(
        not message.lower().startswith(REAL_DATA) for message in skips
    )


def summarize(outcomes: list[Outcome]) -> int:
    """Print what was left out and the total; return the exit code."""
    announce(outcomes)
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(len(outcome.skips) for outcome in outcomes)
    left_out = sum(outcome.left_out is not None for outcome in outcomes)
    if IN_CI and (missing := inexcusable(outcomes)):
        print(f"CI=true: {missing} left out or skipped count as failed")
        failed += missing
    print(f"{passed} passed, {failed} failed, {skipped} skipped, {left_out} suites left out")
    return 1 if failed else 0


def main() -> int:
    """Choose the suites, run them, sum up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="no browser, no fault rounds")
    parser.add_argument("--only", action="append", choices=[suite.name for suite in SUITES], default=[])
    chosen = parser.parse_args()
    suites = [
        suite
        for suite in SUITES
        if (suite.name in chosen.only if chosen.only else not suite.on_request)
        and (suite.fast or not chosen.fast)
    ]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_everything)
    return summarize(run_all(suites))


if __name__ == "__main__":
    sys.exit(main())
