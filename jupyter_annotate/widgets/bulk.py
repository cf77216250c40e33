"""Several items at once: for which questions that is possible, and how many items there are on a page."""

from __future__ import annotations

from jupyter_annotate.errors import AnnotateError, list_some, shorten
from jupyter_annotate.events import Json
from jupyter_annotate.questions import LabelQuestion, Question
from jupyter_annotate.schema import Schema

__all__ = ["MOST", "bulk_setup"]

#: Items on a page unless a person says otherwise, and at most.
USUAL = 20
LEAST, MOST = 2, 50


def bulk_setup(bulk: object, schema: Schema) -> dict[str, Json]:
    """Return what the page needs to know of it.

    Parameters
    ----------
    bulk
        How many items a page has to begin with several at once; None to begin with one.
    schema
        What is asked.

    Raises
    ------
    AnnotateError
        If it is no such number, or a question asks for something that only one item has.

    Examples
    --------
    >>> from jupyter_annotate import Choice, Spans, Text
    >>> bulk_setup(30, Schema(Text("text"), Choice("mood", ["glad", "sad"])))
    {'bulk': 30, 'together': True, 'prefetch': 30}
    >>> bulk_setup(None, Schema(Text("text"), Spans("who", ["person"])))
    {}
    """
    single = [name for name, question in schema.questions.items() if not _of_any_item(question)]
    if bulk is None:
        return {} if single else {"bulk": USUAL}
    if isinstance(bulk, bool) or not isinstance(bulk, int) or not LEAST <= bulk <= MOST:
        expected = f"bulk= as a number of items from {LEAST} to {MOST}"
        raise AnnotateError(f"Expected {expected}, found {shorten(bulk)}.")
    if single:
        raise AnnotateError(
            "Several items at once need questions to which one answer fits all of them: "
            f"{list_some(single)} asks for what differs from item to item. Leave bulk= out."
        )
    # So many are fetched ahead that a page comes whole.
    return {"bulk": bulk, "together": True, "prefetch": max(USUAL, bulk)}


def _of_any_item(question: Question) -> bool:
    own = isinstance(question, LabelQuestion) and question.labels_from is not None
    return question.of_any_item and not own
