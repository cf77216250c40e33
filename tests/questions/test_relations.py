"""Relations: what they stand between."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from jupyter_annotate import Choice, Project, Relations, Schema, Session, Spans, Text
from jupyter_annotate.errors import LabelError, SchemaError
from tests.questions.cases.relations import CASE

WHO = Spans("who", ["person", "place"])
RELATIONS = Relations("q", ["in"], between="who")


@pytest.mark.parametrize(
    "parts",
    [
        (Text("t"), RELATIONS),
        (Text("t"), RELATIONS, WHO),
        (Text("t"), Choice("who", ["a", "b"]), RELATIONS),
        (
            Text("t"),
            Text("u"),
            Spans("who", ["person"], on="t"),
            Relations("q", ["in"], between="who", on="u"),
        ),
        (Text("t"), WHO, Relations("r", ["x"], between="who"), Relations("q", ["in"], between="r")),
    ],
    ids=["none", "later", "no-spans", "another-text", "relations"],
)
def test_they_stand_between_spans_that_are_asked_before(parts: Any) -> None:  # noqa: ANN401 -- parts of a schema
    """The error says what was expected, of which field."""
    with pytest.raises(SchemaError, match="expected between to name a question about spans"):
        Schema(*parts)


def test_relations_between_nothing_are_refused() -> None:
    """The parameter is named."""
    with pytest.raises(SchemaError, match=r"expected between='\.\.\.'"):
        Relations("q", ["in"])


def test_both_ends_are_spans_of_the_same_answer() -> None:
    """An end that is no span is named; without spans there is no relation."""
    relation = CASE.answer[0]
    spans: Any = CASE.beside
    with Project.open(
        ":memory:", schema=CASE.schema, items=pl.DataFrame([{"item_id": "1", **CASE.item}])
    ) as project:
        session = Session(project, "ada")
        with pytest.raises(LabelError, match="expected the tail to be a span of 'who'"):
            session.submit({"who": spans["who"][:1], "q": [relation]}, item_id="1")
        with pytest.raises(LabelError, match="expected the head to be a span of 'who'"):
            session.submit({"who": [], "q": [relation]}, item_id="1")
        session.submit({**spans, "q": [relation]}, item_id="1")
        assert project.labels("q")["tail_label"].to_list() == ["place"]


def test_a_span_is_related_to_itself_only_where_that_is_asked() -> None:
    """Reflexive relations are an option."""
    ada = {"start": 0, "end": 3, "label": "person"}
    answer: Any = [{"head": ada, "tail": ada, "label": "in"}]
    content = {"t": "Ada works"}

    assert Relations("q", ["in"], between="who", on="t", loops=True).check(answer, content)
    with pytest.raises(LabelError, match="two different spans"):
        Relations("q", ["in"], between="who", on="t").check(answer, content)


def test_spans_in_pieces_are_related_by_their_pieces() -> None:
    """Of two spans of one reach the one meant is told by its fragments; other ends have none."""
    of = Relations("of", ["part"], between="parts", on="text")
    whole: Any = {"start": 0, "end": 24, "label": "heart"}
    left: Any = {**whole, "fragments": [[0, 4], [15, 24]]}
    mixed: Any = {**left, "fragments": [[15, 24], [0, 4]], "text": "left ventricle"}
    relation: Any = {"head": mixed, "tail": whole, "label": "part"}

    found = of.check([relation], {"text": "left and right ventricle"})

    assert found == [{"head": left, "tail": whole, "label": "part"}]
    of.check_beside(found, {"parts": [whole, left]})
    with pytest.raises(LabelError, match="the head to be a span of 'parts'"):
        of.check_beside(found, {"parts": [whole]})
