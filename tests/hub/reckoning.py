"""The final reckoning of the arena: what everybody was promised and shown, against what is in the store."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

import jupyter_annotate as ja
from tests.hub.arena import Arena, Plan
from tests.hub.crew import Answer, Crew
from tests.hub.person import Person
from tests.hub.places import LEAD

_PATIENCE = 20.0
"""Seconds until every screen has to show how things stand."""


def stored(project: ja.Project) -> Mapping[str, Answer]:
    """Return every answer event by its submission."""
    events = project.events().filter(kind="answer")
    rows = events.select("event_id", "annotator_id", "item_id", "value").iter_rows()
    return {
        event_id.removesuffix(".color"): Answer(who, item, json.loads(value))
        for event_id, who, item, value in rows
    }


def nothing_lost(crew: Crew, people: Sequence[Person], found: Mapping[str, Answer]) -> None:
    """Assert that every answer anybody was told is saved is in the store as it was given."""
    for kernel in crew:
        given = kernel.given
        lost = [given[each] for each in kernel.promised if found.get(each) != given[each]]
        assert not lost, f"acknowledged to {kernel.annotator}, not stored: {lost}"
    in_store = Counter(found.values())
    for person in people:
        shown = Counter(person.shown_as_saved)
        assert not shown - in_store, f"shown as saved to {person.annotator}, not stored: {shown - in_store}"


def nothing_invented(crew: Crew, people: Sequence[Person], found: Mapping[str, Answer]) -> None:
    """Assert that nobody has an answer in the store that they did not give."""
    for kernel in crew:
        own = {each: answer for each, answer in found.items() if answer.annotator == kernel.annotator}
        given = kernel.given
        assert own.items() <= given.items(), f"{kernel.annotator}: {own.items() - given.items()}"
    for person in people:
        own_answers = Counter(each for each in found.values() if each.annotator == person.annotator)
        invented = own_answers - Counter(person.pressed)
        assert not invented, f"stored, never pressed by {person.annotator}: {invented}"


def little_unsaved(people: Sequence[Person], found: Mapping[str, Answer], n_left: int) -> None:
    """Assert that a browser forgot no more than the answer under way when its page was left at once.

    The page says "saving" then, and asks before it goes; whoever leaves within milliseconds of a key may be
    faster than the browser's database.
    """
    in_store = Counter(found.values())
    forgotten = [answer for person in people for answer in Counter(person.pressed) - in_store]
    assert len(forgotten) <= n_left, f"pressed and forgotten: {forgotten}"


def nothing_twice(found: Mapping[str, Answer]) -> None:
    """Assert that nobody answered an item twice: nobody in the arena changes an answer."""
    times = Counter((answer.annotator, answer.item) for answer in found.values())
    assert not [each for each, n in times.items() if n > 1]


def all_there(project: ja.Project, plan: Plan) -> None:
    """Assert that every item has as many distinct annotators as it needs, as views count."""
    labels = project.labels("color")
    assert len(labels) == len(labels.unique(["item_id", "annotator_id"]))
    counted = labels.select("item_id", "annotator_id")
    if plan.overlap is not None:
        # A late answer is kept and marked, and counts for no item.
        done = ja.assignments(project).filter(pl.col("state") == "done")
        assert len(done) == len(done.unique(["item_id", "annotator_id"]))
        counted = done.join(counted, on=["item_id", "annotator_id"], how="inner")
        assert len(counted) == len(done)
    needed = plan.overlap or len(plan.annotators)
    n_of = dict(counted.group_by("item_id").len().iter_rows())
    wrong = {item: n for item, n in n_of.items() if n != needed}
    assert len(n_of) == plan.n_items
    assert not wrong, f"items with another number of annotators than {needed}: {wrong}"


def team_at_end(plan: Plan) -> Mapping[str, int] | None:
    """Return what everybody has to be told of the team once nothing is left."""
    if plan.overlap is None:
        return None
    return {"complete": plan.n_items, "total": plan.n_items, "overlap": plan.overlap, "held": 0}


def screens_right(arena: Arena, found: Mapping[str, Answer]) -> None:
    """Assert that every kernel and every widget shows what its annotator and the team have done.

    All of them look for news once a second; on a busy machine a look takes its time.
    """
    done = Counter(answer.annotator for answer in found.values())
    team = team_at_end(arena.plan)
    for kernel in arena.crew:
        own = {"done": done[kernel.annotator], "skipped": 0, "total": arena.plan.n_items}
        right = own if team is None else {**own, "team": team}
        until = time.monotonic() + _PATIENCE
        while kernel.last_progress != right:
            assert time.monotonic() < until, (kernel.annotator, kernel.last_progress, right)
            time.sleep(0.1)
    together = [] if team is None else [team["complete"]]
    for person in arena.people:
        try:
            person.wait_for_header([done[person.annotator], *together, arena.plan.n_items])
        except TimeoutError as error:
            raise AssertionError(_beside(arena, person, found)) from error


def _beside(arena: Arena, person: Person, found: Mapping[str, Answer]) -> str:
    """Tell what a screen shows beside what the store had when it was read, and has now."""
    with ja.Project.open(arena.place.location_of(LEAD), read_only=True) as project:
        now = stored(project)
    new = {each: answer for each, answer in now.items() if answer != found.get(each)}
    forgotten = Counter(person.pressed) - Counter(now.values())
    return (
        f"{person.describe()}; since the store was read it got {new}; "
        f"pressed and not in it: {forgotten}; what happened: {arena.happened}"
    )


def reckon(arena: Arena) -> None:
    """Check everything the arena promises, once nothing is left for anybody."""
    with ja.Project.open(arena.place.location_of(LEAD), read_only=True) as project:
        ja.verify(project)
        found = stored(project)
        assert len(found) == project.events()["kind"].eq("answer").sum()
        nothing_lost(arena.crew, arena.people, found)
        nothing_invented(arena.crew, arena.people, found)
        nothing_twice(found)
        little_unsaved(arena.people, found, arena.n_left)
        all_there(project, arena.plan)
    screens_right(arena, found)
    arena.crew.end()
    assert {answer.annotator for answer in found.values()} == set(arena.plan.annotators)
