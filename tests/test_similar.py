"""Items like another one, and the same answer for them."""

from __future__ import annotations

import json
from collections import Counter
from math import log, sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_annotate as ja
from jupyter_annotate import Choice, Project, Schema, Session, Spans, Text
from jupyter_annotate.errors import AnnotateError, UnknownNameError

SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]))


def project_of(texts: list[str]) -> Project:
    """Return a project with these texts."""
    items = {"item_id": [f"i-{n}" for n in range(len(texts))], "text": texts}
    return Project.open(":memory:", schema=SCHEMA, items=items)


def cosine(texts: list[str], one: int, other: int) -> float:
    """Compute the similarity by its definition."""
    padded = [f" {' '.join(text.lower().split())} " for text in texts]
    grams = [Counter(text[at : at + 3] for at in range(max(1, len(text) - 2))) for text in padded]
    df = Counter(gram for each in grams for gram in each)
    weights = [{g: (1 + log(tf)) * log(1 + len(texts) / df[g]) for g, tf in each.items()} for each in grams]
    product = sum(weights[one].get(gram, 0) * weight for gram, weight in weights[other].items())
    lengths = [sqrt(sum(weight**2 for weight in weights[at].values())) for at in (one, other)]
    return product / (lengths[0] * lengths[1]) if all(lengths) else 0.0


@given(st.lists(st.text(st.sampled_from("abc é"), min_size=1, max_size=12), min_size=2, max_size=6))
def test_similarity_is_that_of_its_definition(texts: list[str]) -> None:
    """For any texts, and in order."""
    texts = [" ".join(text.split()) or "a" for text in texts]
    found = ja.find_similar(project_of(texts), "i-0", least=1e-9, n=99)
    expected = {f"i-{at}": cosine(texts, 0, at) for at in range(1, len(texts))}

    assert dict(found.select("item_id", "similarity").iter_rows()) == pytest.approx(
        {name: value for name, value in expected.items() if value >= 1e-9}, abs=1e-12
    )
    assert found["similarity"].is_sorted(descending=True)


def test_what_is_answered_is_not_found_again() -> None:
    """Only open items are, up to as many as asked for."""
    project = project_of(["late tram", "late trams", "the late tram", "museum"])
    session = Session(project, "ada")
    session.submit({"mood": "sad"}, item_id="i-1")

    assert ja.find_similar(project, "i-0", session=session)["item_id"].to_list() == ["i-2"]
    assert ja.find_similar(project, "i-0", n=0).is_empty()


def test_each_copy_is_a_submission_of_its_own_that_says_so() -> None:
    """The log names where it comes from, and undo takes back one."""
    project = project_of(["late tram", "late trams", "the late tram"])
    session = Session(project, "ada")
    session.submit({"mood": "sad"}, item_id="i-0")

    assert (
        ja.apply_answers(project, session, "i-0", ja.find_similar(project, "i-0", session=session)["item_id"])
        == 2
    )
    copied = [
        json.loads(context)["seen"]
        for item, context in project.events().select("item_id", "context").iter_rows()
        if item in ("i-1", "i-2")
    ]
    assert copied == [{"via": "copied", "copied_from": "i-0"}] * 2
    assert session.progress()["done"] == 3
    session.undo()
    assert session.progress()["done"] == 2


def test_what_cannot_be_copied_is_refused_before_anything_is_written() -> None:
    """No answer of one's own; an answer about places in a text."""
    project = project_of(["late tram", "late trams"])
    session = Session(project, "ada")
    with pytest.raises(AnnotateError, match="'ada' has not answered 'i-0'"):
        ja.apply_answers(project, session, "i-0", ["i-1"])
    items = pl.DataFrame({"item_id": ["a", "b"], "text": ["Ada", "Bob"]})
    schema = Schema(Text("text"), Spans("who", ["person"]))
    with Project.open(":memory:", schema=schema, items=items) as project:
        spans = Session(project, "ada")
        spans.submit({"who": [{"start": 0, "end": 3, "label": "person"}]}, item_id="a")
        with pytest.raises(AnnotateError, match="about places in one text"):
            ja.apply_answers(project, spans, "a", ["b"])


def test_unknown_items_and_fields_are_named() -> None:
    """With those there are."""
    project = project_of(["late tram", "late trams"])
    with pytest.raises(UnknownNameError, match="i-9"):
        ja.find_similar(project, "i-9")
    with pytest.raises(UnknownNameError, match="text"):
        ja.find_similar(project, "i-0", field="title")
