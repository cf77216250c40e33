"""Annotators who share the items of one project."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError, SchemaError

SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))


def items(n: int, start: int = 0) -> dict[str, list[str]]:
    """Make items."""
    names = [f"i{each}" for each in range(start, start + n)]
    return {"item_id": names, "text": names}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ja.Project]:
    """Open a project of thirty items in a folder."""
    with ja.Project.open(tmp_path / "x", schema=SCHEMA, items=items(30)) as opened:
        yield opened


def states(project: ja.Project) -> dict[tuple[str, str], str]:
    """Return who stands where."""
    frame = ja.assignments(project).select("item_id", "annotator_id", "state")
    return {(item, who): state for item, who, state in frame.iter_rows()}


def team(session: ja.Session) -> dict[str, int]:
    """Return how far all are together."""
    found = session.progress()["team"]
    assert isinstance(found, dict)
    return cast("dict[str, int]", found)


def label_all(session: ja.Session, draw: random.Random, skips: float = 0) -> int:
    """Label until nothing is left, with an undo and perhaps a skip here and there."""
    n = 0
    while session.current() is not None:
        if draw.random() < skips:
            session.skip("no idea")
        else:
            session.submit({"mood": draw.choice(["glad", "sad"])})
            n += 1
        if draw.random() < 0.05:
            session.undo()
    return n


def test_without_a_plan_everybody_gets_everything(project: ja.Project) -> None:
    """Two annotators both go through all items, nobody holds anything, and no team is told of."""
    for who in ("ada", "bob"):
        session = ja.Session(project, who)
        for _ in session:
            session.submit({"mood": "glad"})
        assert session.progress() == {"done": 30, "skipped": 0, "total": 30}
    assert ja.assignments(project).is_empty()


def test_each_item_gets_as_many_annotators_as_planned(project: ja.Project) -> None:
    """Five annotators in threads, each with a project of its own: every item ends with exactly three."""
    ja.distribute(project, overlap=3, annotator="lead")
    until = time.monotonic() + 60

    def work(who: str) -> None:
        with ja.Project.open(project.log.location) as own:
            session, draw = ja.Session(own, who), random.Random(who)
            while not all_complete(session) and time.monotonic() < until:
                label_all(session, draw)
                time.sleep(0.01)

    def all_complete(session: ja.Session) -> bool:
        session.sync()
        return team(session)["complete"] == team(session)["total"]

    threads = [threading.Thread(target=work, args=(who,)) for who in ("ada", "bob", "cleo", "dan", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ja.blockers(project).is_empty(), ja.blockers(project)
    counted = [item for (item, _), state in states(project).items() if state == "done"]
    assert sorted(counted) == sorted(3 * items(30)["item_id"])
    assert "late" not in states(project).values()
    ja.verify(project)


def test_nobody_is_shown_an_item_twice_or_one_that_is_taken(project: ja.Project) -> None:
    """What one holds is not in another's queue, and what is complete in nobody's."""
    ja.distribute(project, overlap=1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")

    hers = {item.item_id for item in ada.upcoming(10)}
    his = {item.item_id for item in bob.upcoming(10)}

    assert hers
    assert his
    assert not hers & his


def test_what_a_dead_kernel_held_goes_to_others(project: ja.Project) -> None:
    """After a lease without a sign of life; the answer that comes later all the same is kept as late."""
    ja.distribute(project, overlap=1, lease=0.1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    (held,) = ada.upcoming(1)
    assert held.item_id not in {each.item_id for each in bob.upcoming(1)}

    time.sleep(0.15)
    label_all(bob, random.Random(0))
    ada.submit({"mood": "sad"}, item_id=held.item_id)

    assert states(project)[held.item_id, "bob"] == "done"
    assert states(project)[held.item_id, "ada"] == "late"
    last = project.events().filter(project.events()["kind"] == "answer")["context"][-1]
    assert '"lease":"expired"' in last


def test_a_sign_of_life_keeps_what_is_held(project: ja.Project) -> None:
    """Whoever is looked at by a page keeps the items without answering any."""
    ja.distribute(project, overlap=1, lease=0.3)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    (held,) = ada.upcoming(1)

    until = time.monotonic() + 1
    while time.monotonic() < until:
        ada.sync()
        time.sleep(0.05)

    assert held.item_id not in {each.item_id for each in bob.upcoming(30)}
    assert ja.assignments(project).filter(annotator_id="ada", state="leased")["ends"].is_not_null().all()


def test_released_items_are_free_at_once(project: ja.Project) -> None:
    """Whoever goes home gives back what is held."""
    ja.distribute(project, overlap=1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    hers = {item.item_id for item in ada.upcoming(5)}

    assert ja.release(project, "ada") >= len(hers)
    assert ja.release(project, "ada") == 0

    assert hers <= {item.item_id for item in bob.upcoming(30)}


def test_nobody_gets_more_than_the_quota(project: ja.Project) -> None:
    """A skip does not count for it; progress is told against it."""
    ja.distribute(project, overlap=2, quota=4)
    session = ja.Session(project, "ada")
    session.skip()
    for _ in session:
        session.submit({"mood": "glad"})

    assert session.progress() == {
        "done": 4,
        "skipped": 1,
        "total": 4,
        "team": {"complete": 0, "total": 30, "overlap": 2, "held": 0},
    }


def test_a_skipped_item_goes_to_another(project: ja.Project) -> None:
    """It comes back to nobody who skipped it."""
    ja.distribute(project, overlap=1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    skipped = ada.current()
    assert skipped is not None
    ada.skip()

    assert skipped.item_id in {item.item_id for item in bob.upcoming(1)}
    label_all(ada, random.Random(1))
    assert states(project)[skipped.item_id, "ada"] == "skipped"


def test_what_keeps_an_item_from_being_complete_is_told(project: ja.Project) -> None:
    """Who holds it, who answered it, who passed over it, and how many answers it still wants."""
    ja.distribute(project, overlap=2)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    assert ja.blockers(project).height == 30
    ada.submit({"mood": "glad"})
    bob.skip()

    first = ja.blockers(project).row(0, named=True)
    assert first == {"item_id": "i0", "missing": 1, "held_by": [], "done_by": ["ada"], "skipped_by": ["bob"]}
    label_all(ada, random.Random(0))
    label_all(bob, random.Random(0))
    assert ja.blockers(project)["item_id"].to_list() == ["i0"]


def test_an_answer_taken_back_stays_in_hand(project: ja.Project) -> None:
    """Nobody else gets the item meanwhile, and it is the current one again."""
    ja.distribute(project, overlap=1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    first = ada.current()
    assert first is not None
    ada.submit({"mood": "glad"})
    ada.undo()

    assert ada.current() == first
    assert first.item_id not in {item.item_id for item in bob.upcoming(30)}


def test_a_plan_made_while_people_label_is_followed_with_the_next_item(project: ja.Project) -> None:
    """What was answered before counts, and a larger overlap asks for more."""
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    for session in (ada, bob):
        session.submit({"mood": "glad"}, item_id="i0")
    ja.distribute(project, overlap=1)
    assert states(project) == {("i0", "ada"): "done", ("i0", "bob"): "late"}
    assert "i0" not in {item.item_id for item in ada.upcoming(30)}

    ja.distribute(project, overlap=2)
    assert states(project)["i0", "bob"] == "done"
    before = len(project.events())
    ja.distribute(project, overlap=2)
    assert len(project.events()) == before


def test_items_that_come_or_get_free_are_news(project: ja.Project) -> None:
    """Whoever found too few items is told when there may be more."""
    ja.distribute(project, overlap=1)
    ada, bob = ja.Session(project, "ada"), ja.Session(project, "bob")
    held = ada.upcoming(1)
    label_all(bob, random.Random(2))
    label_all(bob, random.Random(2))
    assert bob.upcoming(1) == []
    assert not bob.sync().more
    assert team(bob)["held"] >= len(held)

    ja.release(project, "ada")
    assert bob.sync().more
    label_all(bob, random.Random(3))
    assert bob.upcoming(1) == []
    project.add_items(items(1, start=99))
    assert bob.sync().more


def test_new_items_are_news_without_a_plan_too(project: ja.Project) -> None:
    """The end of the queue is not the end."""
    session = ja.Session(project, "ada")
    for _ in session:
        session.submit({"mood": "glad"})
    assert session.upcoming(1) == []
    assert not session.sync().more

    project.add_items(items(1, start=99))
    assert session.sync().more


def test_an_erased_answer_gives_its_place_back(project: ja.Project) -> None:
    """What was erased is no answer of the overlap any more."""
    ja.distribute(project, overlap=1)
    ja.Session(project, "ada").submit({"mood": "glad"}, item_id="i0")
    answered = project.events().filter(kind="answer")["position"].to_list()
    project.log.erase(answered, annotator_id="lead", reason="asked for")

    assert states(project).get(("i0", "ada")) != "done"


def test_a_plan_needs_a_project_and_sense() -> None:
    """The name of a project is none, and a plan nobody could follow leaves the log as it was."""
    with pytest.raises(AnnotateError, match="Expected an open project"):
        ja.distribute("reviews")  # type: ignore[arg-type]  # wrong on purpose
    with ja.Project.open(":memory:", schema=SCHEMA) as project:
        with pytest.raises(SchemaError, match="overlap"):
            ja.distribute(project, overlap=0)
        assert project.log.head().position == 1


def test_claims_say_what_the_name_rests_on(project: ja.Project) -> None:
    """Every event of leases and of merging carries the source of the name and its level."""
    ja.distribute(project, overlap=1, annotator="lead")
    ja.Session(project, "ada").upcoming(1)
    ja.release(project, "ada")

    kinds = ["plan", "assign", "release"]
    events = project.events().filter(pl.col("kind").is_in(kinds))
    assert events["kind"].to_list() == kinds
    for context in events["context"]:
        assert json.loads(context) == {"identity": "explicit", "assurance": 0}
