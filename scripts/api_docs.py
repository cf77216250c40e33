"""Write docs/api.md: every public name with its signature and docstring, by the part it belongs to."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jupyter_annotate as ja

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"
INTRODUCTION = """# The public names

`import jupyter_annotate as ja`; every name below is reached as `ja.<name>`. `make docs` writes this page
from the docstrings, and a test compares it with them. What is not on this page may change without notice.
"""
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", flags=re.MULTILINE)


def part_of(thing: object) -> str:
    """Return the part of the package that defines a name: its first module below the root."""
    module = getattr(thing, "__module__", None) or ""
    return module.split(".")[1] if module.startswith("jupyter_annotate.") else "jupyter_annotate"


def signature(name: str, thing: Any) -> str:  # noqa: ANN401 -- a public name may be anything
    """Return how a thing is called, without the types: the docstring gives their meaning."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return name
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters if p.name != "self"]
    return f"{name}{inspect.Signature(bare)}"


def sections(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield the title and text of each section; the untitled introduction comes first."""
    parts = _SECTION.split(docstring)
    yield "", parts[0].strip()
    yield from zip(parts[1::2], (part.strip("\n") for part in parts[2::2]), strict=True)


def entries(text: str) -> Iterator[str]:
    """Yield one bullet for each entry of a section: the name in code, what is indented below it as prose."""
    for block in re.split(r"\n(?=\S)", text):
        head, _, body = block.partition("\n")
        yield f"- `{head.strip()}`" + (f": {' '.join(body.split())}" if body.strip() else "")


def rendered(docstring: str) -> Iterator[str]:
    """Yield a numpy docstring as Markdown paragraphs."""
    for title, text in sections(docstring):
        prose = text.replace("``", "`")
        if title == "Examples":
            yield f"```pycon\n{text.strip()}\n```"
        elif not title:
            yield prose
        elif title in {"Notes", "References"}:
            yield f"*{title}.* {prose.strip()}"
        else:
            yield f"*{title}*\n\n" + "\n".join(entries(prose))


def methods(thing: type) -> Iterator[str]:
    """Yield one bullet for each public method a class defines itself."""
    for name, member in vars(thing).items():
        function = inspect.unwrap(getattr(member, "__func__", getattr(member, "fget", member)) or member)
        if name.startswith("_") or not inspect.isroutine(function):
            continue
        shown = name if isinstance(member, property) else signature(name, getattr(thing, name))
        summary = (inspect.getdoc(getattr(thing, name)) or "").split("\n\n")[0]
        yield f"- `{shown}`: {' '.join(summary.split())}".replace("``", "`")


def entry(name: str) -> str:
    """Return the part of the page about one name."""
    thing = getattr(ja, name)
    paragraphs = [f"### `{name}`"]
    if isinstance(thing, ModuleType) or callable(thing):
        if callable(thing):
            paragraphs.append(f"```python\n{signature(name, thing)}\n```")
        paragraphs.extend(rendered(inspect.getdoc(thing) or ""))
    if isinstance(thing, type):
        paragraphs.append("\n".join(methods(thing)))
    if not callable(thing) and not isinstance(thing, ModuleType):
        paragraphs.append(f"A {type(thing).__name__}.")
    return "\n\n".join(filter(None, paragraphs))


def page() -> str:
    """Return the whole page."""
    groups: dict[str, list[str]] = {}
    for name in ja.__all__:
        groups.setdefault(part_of(getattr(ja, name)), []).append(name)
    parts = [INTRODUCTION.strip()]
    for part, names in sorted(groups.items()):
        parts.append(f"## {part}")
        parts.extend(entry(name) for name in names)
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(ja.__all__)} names")
