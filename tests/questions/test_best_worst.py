"""BestWorst: two of a few, and the pairs they decide."""

from __future__ import annotations

import pytest

import jupyter_annotate as ja
from jupyter_annotate import BestWorst, Project, Schema, Session, Text
from jupyter_annotate.errors import LabelError


def test_of_two_options_one_pair_is_decided() -> None:
    """The smallest case has one pair; five options decide seven of ten."""
    for n, pairs in ((2, 1), (3, 3), (5, 7)):
        names = [f"option {k}" for k in range(n)]
        schema = Schema(Text("text"), BestWorst("q", names))
        with Project.open(":memory:", schema=schema, items={"item_id": ["1"], "text": ["?"]}) as project:
            Session(project, "ada").submit({"q": {"best": names[0], "worst": names[-1]}})

            assert project.labels("q").height == pairs


def test_options_may_be_those_of_each_item() -> None:
    """What was among the options of its item is kept with the answer."""
    schema = Schema(Text("text"), BestWorst("q", labels_from="words"))
    items = {"item_id": ["1"], "text": ["?"], "words": [["x", "y", "z"]]}
    with Project.open(":memory:", schema=schema, items=items) as project:
        session = Session(project, "ada")
        with pytest.raises(LabelError, match=r"expected one of \['x', 'y', 'z'\]"):
            session.submit({"q": {"best": "x", "worst": "w"}})
        session.submit({"q": {"best": "z", "worst": "x"}})

        assert project.labels("q").select("left", "right").rows() == [("z", "x"), ("z", "y"), ("y", "x")]


def test_bradley_terry_orders_the_options() -> None:
    """From who was best and worst follows the order of all."""
    words = ["big", "huge", "small", "vast"]
    schema = Schema(Text("text"), BestWorst("q", words))
    items = {"item_id": [str(k) for k in range(6)], "text": ["?"] * 6}
    with Project.open(":memory:", schema=schema, items=items) as project:
        session = Session(project, "ada")
        for item, best in enumerate(("vast", "vast", "huge", "vast", "huge", "vast")):
            session.submit({"q": {"best": best, "worst": "small"}}, item_id=str(item))
        found = ja.BradleyTerry().fit(project.labels("q")).consensus_

    order = found.sort("rank")["option"].to_list()
    assert (order[:2], order[-1]) == (["vast", "huge"], "small")
