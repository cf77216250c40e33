"""Script: what of the front end a widget sends to the browser, which is what its schema needs."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jupyter_annotate.schema import Schema

__all__ = ["Script", "kinds_of", "script_of"]

Around: TypeAlias = Literal["core", "control"]

_BUILT = Path(__file__).parent.parent / "static" / "widget.json"


@dataclass(frozen=True, slots=True)
class Script:
    """A front end for some label types and fields.

    Parameters
    ----------
    esm
        The module: a loader with its parts, deflated.
    css
        Its style sheet.
    name
        The same exactly if both are the same.
    """

    esm: str
    css: str
    name: str


def kinds_of(schema: Schema) -> frozenset[str]:
    """Return the label types and fields of a schema, as the front end names them."""
    questions = {f"questions/{each.kind}" for each in schema.questions.values()}
    return frozenset(questions | {f"fields/{each.kind}" for each in schema.fields.values()})


@lru_cache(maxsize=16)
def script_of(kinds: frozenset[str], around: Around = "core") -> Script:
    """Return the front end for these label types and fields.

    Parameters
    ----------
    kinds
        Such as ``"questions/choice"``, and ``"modes/bulk"`` for several items at once.
    around
        ``"core"`` is the labeling widget, ``"control"`` one question by itself.

    Examples
    --------
    >>> script = script_of(frozenset({"fields/text", "questions/choice"}))
    >>> len(script.esm) < 60_000
    True
    """
    built = _built()
    entries = [built["entries"][each] for each in sorted(kinds)]
    core = built["entries"][around]
    first = [entry["part"] for entry in entries]
    names = _in_order([*first, core["part"]], built["parts"])
    parts = [[name, built["parts"][name]["text"]] for name in names]
    data = _deflated(json.dumps({"parts": parts, "first": first, "core": core["part"]}))
    esm = f'const data="{data}";{built["loader"]}'
    css = "".join([core["style"], *dict.fromkeys(entry["style"] for entry in entries)])
    return Script(esm, css, hashlib.sha256(f"{esm}\0{css}".encode()).hexdigest()[:16])


@cache
def _built() -> dict[str, Any]:
    built: dict[str, Any] = json.loads(_BUILT.read_text(encoding="utf-8"))
    return built


def _in_order(wanted: Iterable[str], parts: dict[str, Any]) -> list[str]:
    """Return the parts and all they need, each after what it needs."""
    order: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in order:
            for needed in parts[name]["needs"]:
                add(needed)
            order[name] = None

    for name in wanted:
        add(name)
    return list(order)


def _deflated(text: str) -> str:
    packer = zlib.compressobj(level=9, wbits=-15)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()
