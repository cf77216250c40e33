"""Several items at once: where that is possible, and what the page is told."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError
from jupyter_annotate.questions import QUESTIONS
from jupyter_annotate.widgets.bulk import MOST, USUAL, bulk_setup
from tests.questions.cases import case_of

MOOD = ja.Choice("mood", ["glad", "sad"])


def schema(*questions: ja.Question) -> ja.Schema:
    """Return a schema over a text."""
    return ja.Schema(ja.Text("text"), *questions)


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_a_kind_that_speaks_of_places_or_options_of_an_item_is_one_at_a_time(kind: str) -> None:
    """What the case of each kind asks has a field of its own exactly where one answer cannot fit all."""
    asked = case_of(kind).schema
    apart = any(question.draws_on or question.reads for question in asked.questions.values())
    if apart:
        assert bulk_setup(None, asked) == {}
    elif bulk_setup(None, asked):
        assert bulk_setup(30, asked) == {"bulk": 30, "together": True, "prefetch": 30}


def test_a_page_is_offered_and_begun_on_request() -> None:
    """The page that comes whole is fetched ahead."""
    assert bulk_setup(None, schema(MOOD)) == {"bulk": USUAL}
    assert bulk_setup(2, schema(MOOD)) == {"bulk": 2, "together": True, "prefetch": USUAL}
    assert bulk_setup(MOST, schema(MOOD)) == {"bulk": MOST, "together": True, "prefetch": MOST}


@pytest.mark.parametrize("bulk", [1, MOST + 1, True, 12.0, "12", -3])
def test_what_is_no_number_of_items_is_refused(bulk: object) -> None:
    """With what would be one."""
    with pytest.raises(AnnotateError, match=f"a number of items from 2 to {MOST}"):
        bulk_setup(bulk, schema(MOOD))


def test_labels_of_each_item_are_one_at_a_time() -> None:
    """The question is named."""
    own = ja.Choice("which", labels_from="options")
    asked = ja.Schema(ja.Text("text"), MOOD, own)
    assert bulk_setup(None, asked) == {}
    with pytest.raises(AnnotateError, match="which"):
        bulk_setup(5, asked)


def test_annotate_tells_the_page() -> None:
    """And refuses before it shows anything."""
    items = {"item_id": ["1"], "text": ["a"]}
    with ja.Project.open(":memory:", schema=schema(MOOD), items=items) as project:
        widget = ja.annotate(project, annotator="ada", bulk=12)
        sent: list[dict[str, object]] = []
        widget.send = lambda message, _buffers=None: sent.append(message)
        widget._hear(
            widget,
            {"kind": "hello", "client": "c", "view": "v", "protocol": 1, "pending": []},
            [],
        )
        setup = sent[-1]["setup"]
        assert isinstance(setup, dict)
        assert (setup["bulk"], setup["together"], setup["prefetch"]) == (12, True, USUAL)
        with pytest.raises(AnnotateError, match="bulk="):
            ja.annotate(project, annotator="ada", bulk=1)
