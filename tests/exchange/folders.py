"""Exported folders: look into their manifest, and change it with or without its digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_annotate.exchange.manifest import MANIFEST, sealed

__all__ = ["TEXT", "Change", "manifest_of", "rewrite"]

TEXT = "Ada 👩🏽‍🔬 met\r\nGrace"

Change = Callable[[dict[str, Any]], object]


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of an exported folder."""
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return content


def rewrite(folder: Path, change: Change, *, seal: bool) -> None:
    """Change the manifest of an exported folder; sealed, it states the digest of what it holds then."""
    content = manifest_of(folder)
    change(content)
    text = json.dumps(sealed(content) if seal else content)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
