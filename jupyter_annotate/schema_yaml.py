"""Schemas as YAML that people read and write: no anchors, no tags, and no word that could mean two things."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from jupyter_annotate.errors import SchemaError, UnknownNameError, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.fields import FIELDS, Field
from jupyter_annotate.parts import made, shortest
from jupyter_annotate.questions import QUESTIONS, Question

__all__ = ["read", "write"]

_MOST_CHARACTERS = 1_000_000
_DEEPEST = 50
_WIDTH = 100
_LISTS: dict[str, Mapping[str, type[Any]]] = {"fields": FIELDS, "questions": QUESTIONS}
#: How plain words are read. JSON is stricter than YAML: no yes for true, no 010 for 8, no 1:30 for 90.
_READ: dict[str, Callable[[str], Json]] = {
    "str": str,
    "int": json.loads,
    "float": json.loads,
    "bool": lambda word: json.loads(word.lower()),
    "null": lambda _: None,
}
_READ_AS = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
}
_ANY, _TEXT = frozenset(_READ), frozenset({"str"})
#: What stands behind a name may be left out, what stands in a list may not.
_NONE = frozenset({"null"})
#: Parts of a field or question that are text, or hold nothing but text; answers may be numbers as well.
_KINDS = {
    **dict.fromkeys(("kind", "name", "title", "help", "labels", "labels_from"), _TEXT),
    "show_when": frozenset({"str", "int"}),
}
#: Text that some other reader of YAML takes for a number or for yes or no.
_AMBIGUOUS = re.compile(r"[yYnN]|[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_BREAKS = re.compile(r"[\n\r\x85\u2028\u2029]")


def read(text: str) -> list[Field | Question]:
    r"""Return the fields and questions a text describes, in order.

    Parameters
    ----------
    text
        YAML, as `write` makes it or as a person would write it.

    Raises
    ------
    SchemaError
        With line and column of what is wrong.

    Examples
    --------
    >>> read("fields: [{kind: text, name: text}]\nquestions: [{kind: rating, name: quality}]")
    [Text(name='text', title=None), Rating(name='quality', ...)]
    """
    tree = _composed(text)
    if isinstance(tree, yaml.ScalarNode):
        raise _refused(
            tree, "expected fields and questions, found text; to read a file, use Schema.load(path)."
        )
    lists = _entries(tree, "a schema")
    for key, node in lists.items():
        if key not in _LISTS:
            raise _refused(node, f"{UnknownNameError('key of a schema', key, _LISTS)}")
    missing = [key for key in _LISTS if key not in lists]
    if missing:
        raise _refused(tree, f"expected fields and questions, found no {missing[0]}.")
    return [part for key in _LISTS for part in _parts(lists[key], key)]


def write(fields: Sequence[Field], questions: Sequence[Question]) -> str:
    """Return fields and questions as YAML, without what is the default anyway.

    Raises
    ------
    SchemaError
        If the text would be too long to be read again.
    """
    parts = {
        "fields": [shortest(each) for each in fields],
        "questions": [shortest(each) for each in questions],
    }
    written: str = yaml.dump(
        parts, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=_WIDTH
    )
    text = "".join(_functions(questions)) + written
    if len(text) > _MOST_CHARACTERS:
        raise SchemaError(f"As YAML it is longer than {_MOST_CHARACTERS:,} characters; save it as .json.")
    return text


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Composes trees that are as long as their text: an alias would let a line stand for a library."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 -- as PyYAML has it
        """Refuse anchors, aliases, tags and what is nested too deeply."""
        event = self.peek_event()
        if event.anchor is not None:
            raise _refused(
                event, f"expected no anchors (&) or aliases (*), found {event.anchor!r}: repeat it."
            )
        if getattr(event, "tag", None) is not None:
            raise _refused(
                event, f"expected no tags (!), found {event.tag!r}: leave it out, or quote the text."
            )
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _refused(event, f"expected at most {_DEEPEST} levels within each other, found more.")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # as above
    """Writes what is equal twice, instead of an alias."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 -- whatever it is
        """Write it again."""
        return True


def _write_mapping(dumper: _Dumper, mapping: Mapping[str, Json]) -> yaml.Node:
    """Write a field or question line by line, a label in one line."""
    flow = False if "kind" in mapping else None
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping, flow_style=flow)


def _write_text(dumper: _Dumper, text: str) -> yaml.Node:
    """Write lines as they are, and in quotes what could be taken for something else."""
    style = None
    if _AMBIGUOUS.fullmatch(text):
        style = "'"
    elif _BREAKS.search(text):
        style = "|" if _is_plain_lines(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(dict, _write_mapping)
_Dumper.add_representer(str, _write_text)


def _is_plain_lines(text: str) -> bool:
    """Say whether a block of lines would come back just as it is."""
    lines = text.removesuffix("\n").split("\n")
    return lines == text.splitlines() and lines[0] == lines[0].strip() != "" and lines[-1] != ""


def _functions(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        if question.validate is not None:
            yield f"# {question.name}: validate=, a Python function, is no part of this; give it again.\n"


def _composed(text: object) -> Any:  # noqa: ANN401 -- a node of PyYAML
    if not isinstance(text, str):
        raise SchemaError(
            f"Expected YAML as text, found {shorten(text)}; to read a file, use Schema.load(path)."
        )
    if len(text) > _MOST_CHARACTERS:
        raise SchemaError(f"Expected at most {_MOST_CHARACTERS:,} characters of YAML, found {len(text):,}.")
    try:
        tree = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise _refused(error, f"expected YAML, found a mistake {problem}.") from error
    except yaml.YAMLError as error:
        raise SchemaError(f"Expected YAML: {' '.join(str(error).split())}.") from error
    if tree is None:
        raise SchemaError("Expected a schema, like that of Schema.to_yaml(), found an empty text.")
    return tree


def _parts(node: Any, which: str) -> Iterator[Field | Question]:  # noqa: ANN401 -- a node of PyYAML
    if not isinstance(node, yaml.SequenceNode):
        raise _refused(node, f"expected a list of {which}, each with a kind and a name.")
    noun = which.removesuffix("s")
    for each in node.value:
        entries = _entries(each, noun)
        whose = _name_of(entries, noun)
        spec = {
            key: _plain(value, f"{whose}, {key}", _KINDS.get(key, _ANY) | _NONE)
            for key, value in entries.items()
        }
        try:
            yield made(_LISTS[which], spec, noun)
        except (SchemaError, UnknownNameError) as error:
            raise _refused(each, str(error)) from error


def _name_of(entries: Mapping[str, Any], noun: str) -> str:
    name = entries.get("name")
    return f"{noun} {shorten(name.value)}" if isinstance(name, yaml.ScalarNode) else f"a {noun}"


def _entries(node: Any, whose: str) -> dict[str, Any]:  # noqa: ANN401 -- a node of PyYAML
    """Return the nodes of a mapping by their key, which stands once and is text."""
    if not isinstance(node, yaml.MappingNode):
        raise _refused(node, f"{whose}: expected names with values, like 'name: text', found something else.")
    entries: dict[str, Any] = {}
    for key, value in node.value:
        name = _plain(key, whose, _TEXT)
        if not isinstance(name, str):
            raise _refused(key, f"{whose}: expected text before the colon.")
        if name in entries:
            raise _refused(key, f"{whose}: expected each name once, found {shorten(name)} again.")
        entries[name] = value
    return entries


def _plain(node: Any, whose: str, kinds: frozenset[str]) -> Json:  # noqa: ANN401 -- a node of PyYAML
    """Return what a node stands for, if its words are of these kinds."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, whose, kinds - _NONE) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key: _plain(value, whose, kinds | _NONE) for key, value in _entries(node, whose).items()}
    kind = node.tag.rpartition(":")[2]
    if kind in kinds:
        try:
            return _READ[kind](node.value)
        except ValueError:
            pass
    raise _refused(node, f"{whose}: {_misread(node.value, kind, kinds)}")


def _misread(word: str, kind: str, kinds: frozenset[str]) -> str:
    """Say what to write instead of a word that is none."""
    if not word:
        return "expected text, found nothing."
    read_as = _READ_AS.get(kind, "something else")
    instead = {"bool": "true or false", "int": "a number like 10", "float": "a number like 0.5"}
    also = f"; or write {instead[kind]}" if kind in kinds and kind in instead else ""
    return f"expected text, found {word}, which YAML reads as {read_as}: quote it, '{word}'{also}."


def _refused(where: Any, problem: str) -> SchemaError:  # noqa: ANN401 -- what of PyYAML has a mark
    marks = (getattr(where, each, None) for each in ("start_mark", "problem_mark", "context_mark"))
    mark = next(filter(None, marks), None)
    place = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return SchemaError(f"{place}{problem}")
