"""SoftLabel: shares that sum to 1 and stay what they are, and what the statistics make of them."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_annotate as ja
from jupyter_annotate import Project, Schema, Session, SoftLabel, Text

MOOD = SoftLabel("mood", ["glad", "sad", "mixed"])


@given(st.dictionaries(st.sampled_from(MOOD.label_names), st.floats(0, 1e6), min_size=1))
def test_the_canonical_form_is_its_own(weights: dict[str, float]) -> None:
    """Whatever the weights, what is stored sums to 1 and is stored again as it is."""
    if not math.fsum(weights.values()) > 0:
        return
    shares = MOOD.check(dict(weights), {})
    assert isinstance(shares, dict)
    if not shares:
        pytest.fail("no share is left")

    assert math.fsum(shares.values()) == pytest.approx(1, abs=1e-5)  # type: ignore[arg-type]  # floats
    assert MOOD.check(shares, {}) == shares
    assert list(shares) == [name for name in MOOD.label_names if name in shares]


def test_of_equal_shares_the_first_label_counts() -> None:
    """The label of a tie is the first of the schema, whatever order the answer was given in."""
    answers = pl.DataFrame(
        {
            "item_id": ["1", "2"],
            "annotator_id": ["ada"] * 2,
            "value": ['{"mixed":0.5,"sad":0.5}', '{"mixed":1.0}'],
        }
    )

    assert MOOD.labels_frame(answers).select("label", "share").rows() == [("sad", 0.5), ("mixed", 1.0)]


def test_agreement_takes_the_label_and_the_shares_average() -> None:
    """Nominal agreement reads the label with the greatest share; mean shares are a soft consensus."""
    schema = Schema(Text("text"), MOOD)
    items = {"item_id": ["1", "2"], "text": ["a", "b"]}
    answers = {"ada": ({"glad": 3, "sad": 1}, {"sad": 1}), "bob": ({"glad": 1}, {"sad": 1, "mixed": 1})}
    with Project.open(":memory:", schema=schema, items=items) as project:
        for who, given_ in answers.items():
            session = Session(project, who)
            for item, weights in zip("12", given_, strict=True):
                session.submit({"mood": dict(weights)}, item_id=item)
        labels = project.labels("mood")

    assert ja.observed_agreement(labels.select("item_id", "annotator_id", "label")).value == 1
    means = labels.unnest("shares").group_by("item_id").agg(pl.col(*MOOD.label_names).mean()).sort("item_id")
    assert means.rows() == [("1", 0.875, 0.125, 0.0), ("2", 0.0, 0.75, 0.25)]
