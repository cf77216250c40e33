"""Both languages mean the same place in a text by the same number, for any text."""

from __future__ import annotations

import json
import random
import subprocess
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from jupyter_annotate import Spans
from jupyter_annotate.events import Json
from tests.strings import nasty_texts

_ROOT = Path(__file__).resolve().parent.parent
_ESBUILD = _ROOT / "node_modules" / ".bin" / "esbuild"
_COUNT = 100_000
_SEED = 20_260_726
#: Reads texts with two offsets each; writes what the browser makes of them.
_PROGRAM = """
import { createInterface } from "node:readline";
import { offsetsOf } from "./js/src/text/offsets";

const out: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [text, start, end] = JSON.parse(line) as [string, number, number];
  const offsets = offsetsOf(text);
  const units = [offsets.toUnit(start), offsets.toUnit(end)];
  const inside: number[] = [];
  const points: number[] = [];
  for (let unit = 0; unit <= text.length; unit++) {
    try {
      points.push(offsets.toCodePoint(unit));
    } catch {
      inside.push(unit);
    }
  }
  const all = Array.from({ length: offsets.codePoints + 1 }, (_, point) => offsets.toUnit(point));
  // In the other direction: a piece of the text as the browser selects it, in code points.
  const back = units.map(offsets.toCodePoint);
  out.push(JSON.stringify([offsets.codePoints, units, offsets.slice(start, end), back, all, points, inside]));
}
process.stdout.write(`${out.join("\\n")}\\n`);
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program, bundled from the sources of the front end."""
    if not _ESBUILD.exists():
        pytest.skip("esbuild is missing: npm ci")
    built = tmp_path_factory.mktemp("offsets") / "offsets.mjs"
    options = ("--bundle", "--format=esm", "--platform=node", "--loader=ts", f"--outfile={built}")
    subprocess.run(
        [_ESBUILD, *options], input=_PROGRAM, text=True, cwd=_ROOT, check=True, capture_output=True
    )
    return built


def drawn() -> list[tuple[str, int, int]]:
    """Return the texts with two offsets in order each, in code points."""
    draw = random.Random(_SEED)
    places = ((text, sorted(draw.choices(range(len(text) + 1), k=2))) for text in nasty_texts(_SEED, _COUNT))
    return [(text, start, end) for text, (start, end) in places]


def in_python(text: str, start: int, end: int) -> list[Any]:
    """Return what the browser must find, from Python's own counting and UTF-16 alone."""
    lengths = [len(each.encode("utf-16-le")) // 2 for each in text]
    units = [0, *accumulate(lengths)]
    borders = set(units)
    inside = [unit for unit in range(units[-1] + 1) if unit not in borders]
    here = [units[start], units[end]]
    return [len(text), here, text[start:end], [start, end], units, list(range(len(text) + 1)), inside]


def test_a_hundred_thousand_texts_agree_between_both_languages(program: Path) -> None:
    """Every offset of every text, both ways, and a slice of each are the same in Python and TypeScript."""
    texts = drawn()
    lines = "".join(f"{json.dumps(each)}\n" for each in texts)
    done = subprocess.run(["node", program], input=lines.encode(), capture_output=True, check=True)
    found = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]

    assert len({text for text, _, _ in texts}) > 0.9 * _COUNT
    assert len(found) == _COUNT
    differing = [each for each, got in zip(texts, found, strict=True) if got != in_python(*each)]
    assert differing == []


def test_the_kernel_keeps_the_slices_the_browser_shows() -> None:
    """The text a span is stored with is the slice both languages agree on."""
    question = Spans("q", ["x"], on="text")
    for text, start, end in drawn()[:5_000]:
        if start < end:
            span: dict[str, Json] = {"start": start, "end": end, "label": "x"}
            assert question.check([span], {"text": text}) == [{**span, "text": text[start:end]}]


def test_the_texts_are_nasty() -> None:
    """Most hold characters of two units, many lines of any kind, joiners, marks or letters from the right."""
    texts = [text for text, _, _ in drawn()[:10_000]]
    shares = {
        kind: sum(any(each in text for each in kind) for text in texts) / len(texts)
        for kind in ("\u200d\ufe0f", "\u0301\u0308", "\r", "\u05d0\u0627", "\u200b\ufeff\u2060")
    }

    assert sum(any(ord(each) > 0xFFFF for each in text) for text in texts) / len(texts) > 0.5
    assert {kind: share for kind, share in shares.items() if share < 0.05} == {}
