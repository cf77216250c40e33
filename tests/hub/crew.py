"""The scripted kernels of the arena: started, killed, started again, and what they wrote down."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hub.hub import ROOT
from tests.hub.places import Place

_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """An answer that a kernel or a browser gave."""

    annotator: str
    item: str
    label: str


@dataclass
class Kernel:
    """One annotator's process, as often as it has to be started.

    Parameters
    ----------
    annotator
        Who labels in it.
    place
        Where.
    folder
        For its journal, and for what it says.
    seed
        Of its draws.
    """

    annotator: str
    place: Place
    folder: Path
    seed: int
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _read: int = 0
    _lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        """What it was promised."""
        return self.folder / f"{self.annotator}.jsonl"

    def begin(self) -> None:
        """Start it, or start it again."""
        self.journal.touch()
        command = (self.place.location, self.annotator, str(self.seed), str(self.journal))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PG"))}
        state = {
            "JUPYTER_ANNOTATE_CACHE": str(self.folder / "cache"),
            "JUPYTER_ANNOTATE_STATE": str(self.folder / "state" / self.annotator),
        }
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with (self.folder / f"{self.annotator}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.hub.labeler", *command],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=kept | state | {"PYTHONPATH": path} | dict(self.place.environment(self.annotator)),
            )

    def kill(self) -> None:
        """End it at once (SIGKILL), wherever it is, and start it again."""
        self.check()
        self.close()
        self.kills += 1
        self.begin()

    def check(self) -> None:
        """Raise if it ended by itself: whatever goes wrong, it has to go on."""
        assert self._process is not None
        if self._process.poll() is not None:
            said = (self.folder / f"{self.annotator}.log").read_text(encoding="utf-8")
            message = f"The kernel of {self.annotator} ended with {self._process.returncode}:\n{said[-4000:]}"
            raise AssertionError(message)

    def end(self) -> None:
        """Let it write down its last progress and wait for its end."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait(timeout=_SECONDS)
        assert code == 0, (self.folder / f"{self.annotator}.log").read_text(encoding="utf-8")

    def close(self) -> None:
        """End it at once, if it still runs."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=_SECONDS)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def lines(self) -> Sequence[Mapping[str, Any]]:
        """Return what it wrote down so far; a line cut off by a kill was no promise."""
        with self.journal.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self._lines.append(json.loads(line))
        return self._lines

    @property
    def is_resting(self) -> bool:
        """Tell whether nothing was left for it the last time it looked."""
        lines = self.lines()
        return bool(lines) and lines[-1]["what"] in {"resting", "ended"}

    @property
    def given(self) -> dict[str, Answer]:
        """Every answer it set out to give, by submission."""
        return {
            line["submission"]: Answer(self.annotator, line["item"], line["label"])
            for line in self.lines()
            if line["what"] == "given"
        }

    @property
    def promised(self) -> list[str]:
        """The submissions it was told are safe: in the store, or kept on this computer until they are."""
        return [line["submission"] for line in self.lines() if line["what"] in {"saved", "kept"}]

    @property
    def last_progress(self) -> Mapping[str, Any] | None:
        """What it showed the last time it looked, None while it has something to do."""
        last = self.lines()[-1]
        progress: Mapping[str, Any] | None = last.get("progress")
        return progress


@dataclass
class Crew:
    """All scripted kernels."""

    kernels: Sequence[Kernel]

    def begin(self) -> None:
        """Start all."""
        for kernel in self.kernels:
            kernel.begin()

    def check(self) -> None:
        """Raise if one ended by itself."""
        for kernel in self.kernels:
            kernel.check()

    def kill_one(self, chance: random.Random) -> None:
        """Kill one of those at work, if any is, and start it again."""
        busy = [kernel for kernel in self.kernels if not kernel.is_resting]
        chance.choice(busy or list(self.kernels)).kill()

    @property
    def n_promised(self) -> int:
        """How many answers were acknowledged so far."""
        return sum(len(kernel.promised) for kernel in self.kernels)

    @property
    def is_resting(self) -> bool:
        """Tell whether nobody has anything left."""
        return all(kernel.is_resting for kernel in self.kernels)

    def end(self) -> None:
        """Let all come to their end."""
        for kernel in self.kernels:
            kernel.end()

    def close(self) -> None:
        """End all at once."""
        for kernel in self.kernels:
            kernel.close()

    def __iter__(self) -> Iterator[Kernel]:
        return iter(self.kernels)
