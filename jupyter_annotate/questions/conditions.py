"""Conditions: when a question is asked, and the answer of who cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

from jupyter_annotate.errors import SchemaError, shorten
from jupyter_annotate.events import Json, canonical_json

__all__ = ["CANNOT_TELL", "Conditions", "ShowWhen", "conditions_of", "hold", "told"]

#: What is stored where a question allows it and the annotator cannot tell.
CANNOT_TELL: Json = {"cannot_tell": True}

#: Answers that have to be given to other questions, by name; without any, that they are answered at all.
Conditions: TypeAlias = dict[str, list[Json]]
#: As a user writes it.
ShowWhen: TypeAlias = str | Mapping[str, "str | int | Sequence[str | int] | None"]


def conditions_of(show_when: object, *, what: str) -> Conditions | None:
    """Return conditions in canonical form.

    Parameters
    ----------
    show_when
        The name of a question that has to be answered, or ``{"mood": ["sad", "angry"]}``.
    what
        Whose they are, for the error.

    Raises
    ------
    SchemaError
        If it is neither.

    Examples
    --------
    >>> conditions_of("mood", what="'why'"), conditions_of({"mood": "sad"}, what="'why'")
    ({'mood': []}, {'mood': ['sad']})
    """
    match show_when:
        case None:
            return None
        case str():
            return {show_when: []}
        case Mapping() if show_when and all(isinstance(name, str) for name in show_when):
            return {name: _wanted(each, what) for name, each in show_when.items()}
    raise _refused(what, show_when)


def _wanted(given: object, what: str) -> list[Json]:
    match given:
        case None:
            return []
        case str() | int():
            return [given]
        case list() | tuple() if all(isinstance(each, str | int) for each in given):
            return list(given)
    raise _refused(what, given)


def _refused(what: str, found: object) -> SchemaError:
    like = "{'mood': ['sad', 'angry']} or the name of a question"
    return SchemaError(f"{what}: expected show_when like {like}, found {shorten(found)}.")


def hold(conditions: Mapping[str, Sequence[Json]] | None, answers: Mapping[str, Json]) -> bool:
    """Say whether all conditions hold; an answer that could not tell meets none.

    Parameters
    ----------
    conditions
        In canonical form.
    answers
        To the questions before, by name.

    Examples
    --------
    >>> hold({"mood": ["sad", "angry"]}, {"mood": "sad"}), hold({"mood": ["sad"]}, {"mood": "glad"})
    (True, False)
    """
    given = {name: answers.get(name) for name in conditions or {}}
    return all(_meets(given[name], wanted) for name, wanted in (conditions or {}).items())


def _meets(answer: Json, wanted: Sequence[Json]) -> bool:
    if answer is None or answer == CANNOT_TELL:
        return False
    parts = answer if isinstance(answer, list) else [answer]
    # A mark is what its label says.
    found = [part.get("label") if isinstance(part, dict) else part for part in parts]
    return not wanted or any(_same(one, other) for one in found for other in wanted)


def _same(one: Json, other: Json) -> bool:
    """Compare as the browser does: True is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def told(answers: pl.DataFrame) -> pl.DataFrame:
    """Return ANNOTATIONS without the answers of who could not tell."""
    return answers.filter(pl.col("value") != canonical_json(CANNOT_TELL))
