"""Served items: what one annotator sees of them, and the shelf that holds the last ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from jupyter_annotate.content import Content
from jupyter_annotate.desk import Note, Status
from jupyter_annotate.errors import AnnotateError, ExchangeError, ProtocolError, shorten
from jupyter_annotate.events import Json, canonical_json, fingerprint
from jupyter_annotate.project import Project, history_of
from jupyter_annotate.suggestions import Suggestion, suggestions_for

__all__ = ["Served", "Shelf"]

#: How many items a shelf keeps at hand.
_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Served:
    """An item as one annotator sees it.

    Parameters
    ----------
    item_id
        Which item.
    hash
        Digest of what its fields show; an answer to another content is refused.
    number
        1-based row in the project.
    status
        ``open``, ``answered`` or ``skipped``.
    fields
        What each field shows, as JSON.
    prelabels
        The suggestion to each question that has one.
    answers
        The annotator's own standing answers; of one whose label was split what is left of it.
    unsaid
        Questions with a standing answer that cannot be said in the words of the schema.
    flagged, comment
        What the annotator noted.
    submission
        The submission that put the status there, what an undo would name.
    """

    item_id: str
    hash: str
    number: int
    status: Status
    fields: dict[str, Json]
    prelabels: dict[str, Suggestion]
    answers: dict[str, Json]
    flagged: bool
    comment: str | None
    submission: str | None
    unsaid: tuple[str, ...] = ()

    @property
    def standing(self) -> list[str]:
        """The questions with an answer that stands, be it in other words."""
        return [*dict.fromkeys([*self.answers, *self.unsaid])]

    def to_json(self) -> dict[str, Json]:
        """Return the form docs/protocol.md describes."""
        return {
            "item": self.item_id,
            "hash": self.hash,
            "number": self.number,
            "status": self.status.value,
            "fields": self.fields,
            "prelabels": {name: each.to_json() for name, each in self.prelabels.items()},
            "answers": self.answers,
            "flagged": self.flagged,
            "comment": self.comment,
            "submission": self.submission,
        }


@dataclass(frozen=True, slots=True)
class _Page:
    hash: str
    content: dict[str, Content] | None
    problem: str
    fields: dict[str, Json]
    prelabels: dict[str, Suggestion]


class Shelf:
    """The content of the items served last, so that an answer need not read it again.

    It serves what the project has read: whoever asks has caught up with the log before.

    An item that cannot be shown (its image is gone, say) is served all the same: the browser says so in its
    place, and it can be skipped, flagged and commented on. Only answers to it are refused.

    Parameters
    ----------
    project
        Whose items.

    Attributes
    ----------
    version
        Of the schema, the one in force now: it goes on in these words, whatever becomes of the schema.

    Raises
    ------
    AnnotateError
        If it is given anything but a project, such as the name of one.
    """

    def __init__(self, project: Project) -> None:
        given: object = project
        if not isinstance(given, Project):
            message = f"Expected an open project, such as Project.open('reviews'), found {shorten(given)}."
            raise AnnotateError(message)
        project.events()
        self.version = history_of(project).current
        self._project = project
        self._pages: dict[str, _Page] = {}
        self._prelabels: pl.DataFrame | None = None

    def serve(self, item_ids: Sequence[str], notes: Sequence[Note]) -> list[Served]:
        """Return these items with what the annotator noted on them.

        Raises
        ------
        UnknownNameError
            If there is no such item.
        """
        pages = self._load(item_ids)
        rows = self._project.table.rows_of(item_ids)
        together = zip(item_ids, rows, notes, strict=True)
        return [_served(item_id, int(row), note, pages[item_id]) for item_id, row, note in together]

    def content(self, item_id: str) -> dict[str, Content]:
        """Return what the fields of an item show: what answers to it are checked against.

        Raises
        ------
        ProtocolError
            If the item cannot be shown, so that nobody can have seen what the answer is about.
        """
        page = self._load([item_id])[item_id]
        if page.content is None:
            message = (
                f"Item {shorten(item_id)} cannot be shown, so no answer to it is taken: {page.problem} "
                "Skip it or flag it."
            )
            raise ProtocolError(message, code="bad_answer")
        return page.content

    def _load(self, item_ids: Sequence[str]) -> dict[str, _Page]:
        """Return the pages of these items; those that could not be shown are read anew each time."""
        prelabels = self._project.prelabels(look=False, schema=self.version.number)
        if prelabels is not self._prelabels:
            self._prelabels = prelabels
            self._pages.clear()
        pages = {each: self._pages[each] for each in item_ids if each in self._pages}
        missing = [each for each in dict.fromkeys(item_ids) if each not in pages]
        if not missing:
            return pages
        while len(self._pages) > _REMEMBERED:
            del self._pages[next(iter(self._pages))]
        suggestions = suggestions_for(prelabels, missing)
        for item in self._project.table.items(missing):
            page = self._page(item, suggestions[item["item_id"]])
            pages[item["item_id"]] = page
            if page.content is not None:
                self._pages[item["item_id"]] = page
        return pages

    def _page(self, item: Mapping[str, Any], suggestions: dict[str, Suggestion]) -> _Page:
        fields = self._project.schema.fields
        shown: Json = {name: each.identity(item[name]) for name, each in fields.items()}
        payload = {name: f.payload(item[name], item_id=item["item_id"]) for name, f in fields.items()}
        try:
            content, problem = self._project.schema.content(item), ""
        except ExchangeError as error:
            content, problem = None, str(error)
        return _Page(fingerprint(shown)[:16], content, problem, payload, suggestions)


def _served(item_id: str, row: int, note: Note, page: _Page) -> Served:
    # A suggestion that is the same but for its labels says what becomes of them.
    kept = {name: sketch for name, sketch in note.unsaid.items() if sketch is not None}
    sketches = {
        n: s for n, s in kept.items() if n not in page.prelabels or _differs(s, page.prelabels[n].value)
    }
    return Served(
        item_id=item_id,
        hash=page.hash,
        number=row + 1,
        status=note.status,
        fields=page.fields,
        prelabels=page.prelabels,
        answers={**note.answers, **sketches},
        flagged=note.flagged,
        comment=note.comment,
        submission=note.submission,
        unsaid=tuple(note.unsaid),
    )


def _differs(one: Json, other: Json) -> bool:
    """Tell whether two lists of marks differ in more than labels."""
    return _places(one) != _places(other)


def _places(answer: Json) -> list[str]:
    marks = answer if isinstance(answer, list) else []
    return sorted(
        canonical_json(
            {name: part for name, part in mark.items() if name != "label"} if isinstance(mark, dict) else mark
        )
        for mark in marks
    )
