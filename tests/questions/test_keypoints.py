"""Keypoints: named points inside the image, and what the statistics make of them."""

from __future__ import annotations

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate import Image, Keypoints, Project, Schema, Session
from jupyter_annotate.errors import SchemaError
from tests.pictures import png


@pytest.mark.parametrize("edges", [[("a", "z")], [("a", "a")], [("a",)], "ab", [3], [("a", "b", "a")]])
def test_edges_join_two_points_of_the_schema(edges: object) -> None:
    """What is no pair of names is refused, with the names there are."""
    with pytest.raises(SchemaError, match=r"expected pairs of \['a', 'b'\] as edges"):
        Keypoints("q", ["a", "b"], edges=edges)  # type: ignore[arg-type]  # what a user could write


def test_a_skeleton_survives_its_json_form() -> None:
    """Edges come back as pairs."""
    question = Keypoints("q", ["a", "b"], edges=[("a", "b")])

    assert Keypoints.from_json(question.to_json()) == question
    assert question.edges == (("a", "b"),)


def test_agreement_is_that_of_numbers() -> None:
    """Interval alpha of the x of one point is that of its definition; the mean place is the consensus."""
    schema = Schema(Image("image"), Keypoints("face", ["nose", "chin"]))
    items = {"item_id": ["1", "2"], "image": [png(100, 80), png(100, 81)]}
    answers = {"ada": (10, 30), "bob": (12, 32)}
    with Project.open(":memory:", schema=schema, items=items) as project:
        for who, xs in answers.items():
            session = Session(project, who)
            for item, x in zip("12", xs, strict=True):
                session.submit({"face": [{"x": x, "y": 5, "label": "nose"}]}, item_id=item)
        nose = project.labels("face").filter(pl.col("label") == "nose")

    places = nose.select("item_id", "annotator_id", label="x")
    every = [each for xs in answers.values() for each in xs]
    expected = sum((a - b) ** 2 for a in every for b in every) / (4 * 3)
    assert ja.krippendorff_alpha(places, metric="interval").value == pytest.approx(1 - 4 / expected)
    assert ja.NumericMean().fit(places).consensus_.sort("item_id")["label"].to_list() == [11.0, 31.0]
