"""Merging: copies of one project come to the same, in any order and however often."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_annotate import Boxes, Choice, Image, Project, Schema, Session, Text
from jupyter_annotate.errors import (
    ColumnError,
    ConflictError,
    LabelError,
    NotSavedError,
    SchemaError,
    StorageError,
)
from jupyter_annotate.events import Event, EventKind, Json, commitment
from jupyter_annotate.merging import merge
from jupyter_annotate.storage import Store, memory
from jupyter_annotate.storage.batches import MemoryBatches
from jupyter_annotate.storage.memory import MemoryLog
from jupyter_annotate.storage.rows import Row
from jupyter_annotate.storage.sqlite import SqliteLog

TONE = Choice("tone", ["high", "low"], required=False)
SCHEMA = Schema(Text("text"), Choice("mood", ["glad", "sad"]), TONE)
ITEMS = {"item_id": ["a", "b", "c"], "text": ["one", "two", "three"]}
PEOPLE = ("ada", "bea", "cleo")
TRAVELS = ("items", "prelabels", "guidelines", "answer", "skip", "undo", "flag", "comment")


def begun(location: str | Path = ":memory:", items: object = ITEMS) -> Project:
    """Begin a project."""
    return Project.open(location, schema=SCHEMA, items=items)


def answer(project: Project, who: str, item_id: str, **answers: str) -> str:
    """Answer one item."""
    return Session(project, annotator=who).submit(dict(answers), item_id=item_id)


def copied(project: Project) -> Project:
    """Copy a project in memory, as copying its folder would."""
    log, source = MemoryLog(), project.log
    assert isinstance(source, MemoryLog)
    log.log_id, log._latest = source.log_id, source._latest
    log._stored, log._by_id = [*source._stored], {**source._by_id}
    items, prelabels = MemoryBatches(), MemoryBatches()
    for mine, theirs in ((items, project._store.items), (prelabels, project._store.prelabels)):
        assert isinstance(theirs, MemoryBatches)
        mine._frames, mine._files = {**theirs._frames}, {**theirs._files}
    return Project(Store(log, items, prelabels), project.schema, log.read())


def said(project: Project) -> pl.DataFrame:
    """Return the annotations, without what differs from log to log."""
    return project.annotations().drop("position").sort("item_id", "annotator_id", "question")


def facts(project: Project) -> dict[str, object]:
    """Return all that has to be equal in merged copies."""
    events = project.events().filter(pl.col("kind").is_in(TRAVELS))
    labels = project.labels("mood").sort("item_id", "annotator_id")
    erased = events.filter(pl.col("value").is_null())["event_id"]
    return {
        "said": said(project).rows(),
        "labels": labels.rows(),
        "ids": sorted(events["event_id"]),
        "erased": sorted(erased),
        "items": sorted(project.items().collect().rows()),
        "prelabels": sorted(project.prelabels().rows()),
    }


# --------------------------------------------------------------------------------- what is promised

ACTIONS = st.sampled_from(["mood", "both", "skip", "undo", "erase", "flag", "take"])
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(PEOPLE),
        ACTIONS,
        st.sampled_from(ITEMS["item_id"]),
        st.sampled_from(["glad", "sad"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


def act(copies: Sequence[Project], step: tuple[int, str, str, str, str, int]) -> None:
    """Do one thing in one of the copies."""
    number, who, action, item_id, mood, other = step
    project = copies[number % len(copies)]
    session = Session(project, annotator=who)
    match action:
        case "mood":
            session.submit({"mood": mood}, item_id=item_id)
        case "both":
            session.submit({"mood": mood, "tone": "low"}, item_id=item_id)
        case "skip":
            session.skip(item_id=item_id)
        case "undo":
            session.undo()
        case "flag":
            session.note(flagged=mood == "glad", item_id=item_id)
        case "erase":
            erase_last(project, who)
        case _:
            merge(project, copies[other % len(copies)], annotator=who)


def erase_last(project: Project, who: str) -> None:
    """Erase the last answer there is, once more if it was erased before."""
    answers = project.events().filter(pl.col("kind") == EventKind.ANSWER)
    if len(answers):
        project.log.erase([answers["position"][-1]], annotator_id=who, reason="asked to")


def expected(copies: Sequence[Project]) -> list[tuple[str, str, str, str]]:
    """Fold the events of all copies the slow way: the last answer that was neither taken back nor erased."""
    rows = {row["event_id"]: row for copy in copies for row in copy.events().iter_rows(named=True)}
    gone = {
        row["event_id"]
        for copy in copies
        for row in copy.events().iter_rows(named=True)
        if row["value"] is None
    }
    undone = {name for row in rows.values() if row["kind"] == "undo" for name in _named(row["value"])}
    answers = [row for row in rows.values() if row["kind"] == "answer"]
    latest: dict[tuple[str, str, str], str | None] = {}
    for row in sorted(answers, key=lambda row: (row["at"], row["event_id"])):
        if row["event_id"] not in undone:
            erased = row["event_id"] in gone
            value = None if erased or row["value"] == "null" else row["value"]
            latest[row["item_id"], row["annotator_id"], row["question"]] = value
    return sorted((*key, value) for key, value in latest.items() if value is not None)


def _named(value: str) -> list[str]:
    names: list[str] = pl.Series([value]).str.json_decode(pl.Struct({"events": pl.List(pl.String)}))[0][
        "events"
    ]
    return names


@settings(max_examples=60)
@given(steps=STEPS, n_copies=st.integers(2, 3), skew=st.sampled_from([0, 900, -900, 40_000]))
def test_copies_come_to_the_same_in_any_order(
    steps: list[tuple[int, str, str, str, str, int]], n_copies: int, skew: int
) -> None:
    """Whoever takes in whom, in whichever order and twice: the same answers, and none is lost."""
    first = begun()
    first.add_prelabels({"item_id": ["a"], "question": ["mood"], "value": ["glad"]}, source="model")
    copies = [copied(first) for _ in range(n_copies)]
    now = time.time_ns()
    for n, step in enumerate(steps):
        clock = SimpleNamespace(time_ns=lambda n=n, of=step[0]: now + 1_000_000 * (n + skew * of))
        with mock.patch.object(memory, "time", clock):
            act(copies, step)
    ids = {name for copy in copies for name in facts(copy)["ids"]}  # type: ignore[attr-defined]  # a list

    found = []
    for order in itertools.permutations(copies):
        target = copied(order[0])
        for other in (*order[1:], *order[1:], *order):
            merge(target, other, annotator="ada")
        target.log.verify()
        found.append(facts(target))
        assert facts(copied(target)) == found[-1]  # read anew it is what it was step by step

    assert all(each == found[0] for each in found)
    assert set(found[0]["ids"]) == ids  # type: ignore[call-overload]  # a list
    answers = [(item, who, question, value) for item, who, _, question, value, _ in found[0]["said"]]  # type: ignore[attr-defined]  # rows
    assert sorted(answers) == expected(copies)


def test_merged_copies_may_take_each_other_in_without_end(tmp_path: Path) -> None:
    """Two copies that exchange what they have are silent from the second time on."""
    begun(tmp_path / "here").log.close()
    shutil.copytree(tmp_path / "here.annotate", tmp_path / "there.annotate")
    with Project.open(tmp_path / "here") as here, Project.open(tmp_path / "there") as there:
        answer(here, "ada", "a", mood="glad")
        answer(there, "bea", "a", mood="sad")
        first = merge(here, there, annotator="ada"), merge(there, here, annotator="bea")
        heads = here.log.head(), there.log.head()

        again = merge(here, there, annotator="ada"), merge(there, here, annotator="bea")

        assert [report.events for report in first] == [1, 1]
        assert [repr(report) for report in again] == ["MergeReport(nothing new)"] * 2
        assert (here.log.head(), there.log.head()) == heads
        assert facts(here) == facts(there)


def test_the_log_says_what_was_merged() -> None:
    """One event names the other log, its head and how many events came."""
    here = begun()
    there = copied(here)
    answer(there, "bea", "a", mood="sad")

    merge(here, there, annotator="ada")

    (note,) = here.events().filter(pl.col("kind") == EventKind.MERGE).iter_rows(named=True)
    head = there.log.head()
    assert note["annotator_id"] == "ada"
    assert note["value"] == (
        f'{{"events":1,"head":{{"digest":"{head.digest}","position":{head.position}}},'
        f'"log_id":"{there.log.log_id}"}}'
    )
    assert here.log.verify().head.position == here.log.head().position


def test_conflicts_are_answers_of_different_people() -> None:
    """Both answers stand; the report shows them, and only them."""
    here = begun()
    there = copied(here)
    answer(here, "ada", "a", mood="glad", tone="low")
    answer(here, "ada", "b", mood="glad")
    answer(there, "bea", "a", mood="sad", tone="low")
    answer(there, "bea", "b", mood="glad")

    report = merge(here, there, annotator="ada")

    shown = report.conflicts.select("item_id", "annotator_id", "question", "value").rows()
    assert shown == [("a", "ada", "mood", '"glad"'), ("a", "bea", "mood", '"sad"')]
    assert repr(report) == "MergeReport(0 new items, 3 new events, 1 items in conflict)"


def test_the_later_answer_of_one_person_counts_in_both_copies() -> None:
    """Somebody who answered in both copies has the later answer, whoever takes in whom."""
    first = begun()
    one, two = copied(first), copied(first)
    answer(two, "ada", "a", mood="sad")
    answer(one, "ada", "a", mood="glad")
    one_before = copied(one)

    assert len(merge(one, two, annotator="x").conflicts) == 0
    merge(two, one_before, annotator="x")

    assert said(one)["value"].to_list() == ['"glad"']
    assert said(one).equals(said(two))


def test_once_merged_a_log_whose_clock_went_back_goes_by_time() -> None:
    """Before, position tells what came last; afterwards time does, in the open project as anew."""
    here = begun()
    there = copied(here)
    salt = b"0" * 16
    of_ada = [
        Row(
            0,
            name,
            at,
            "answer",
            "ada",
            "human",
            "a",
            "mood",
            "",
            commitment(salt, value, "{}"),
            "",
            value,
            "{}",
            salt,
        )
        for name, at, value in (("first", 9_000, '"glad"'), ("second", 5_000, '"sad"'))
    ]
    here.log.adopt(of_ada)
    assert said(here)["value"].to_list() == ['"sad"']
    answer(there, "bea", "b", mood="sad")

    merge(here, there, annotator="ada")

    assert said(here)["value"].to_list() == ['"glad"', '"sad"']
    assert said(here).equals(said(copied(here)))


def test_a_session_sees_what_was_merged() -> None:
    """An open sitting goes on with the answers that its person gave elsewhere."""
    here = begun()
    there = copied(here)
    session = Session(here, annotator="ada")
    answer(there, "ada", "b", mood="sad")

    merge(here, there, annotator="ada")

    assert session.sync().changed == ["b"]
    assert session.progress() == {"done": 1, "skipped": 0, "total": 3}


# -------------------------------------------------------------------------------------- items


def test_items_come_with_their_batches(tmp_path: Path) -> None:
    """New items and suggestions of a copy are shown here, byte for byte those of the copy."""
    with begun(tmp_path / "there") as there, begun() as here:
        there.add_items({"item_id": ["d"], "text": ["four"], "year": [1999]})
        there.add_prelabels({"item_id": ["d"], "question": ["mood"], "value": ["glad"]}, source="model")
        answer(there, "bea", "d", mood="sad")
    before = {path.name: path.read_bytes() for path in (tmp_path / "there.annotate").rglob("*.*")}

    report = merge(here, tmp_path / "there", annotator="ada")

    assert (report.items, report.events) == (1, 4)
    assert here.table.items(["d"]) == [{"item_id": "d", "text": "four", "year": 1999}]
    assert here.prelabels().select("item_id", "source").rows() == [("d", "model")]
    assert {path.name: path.read_bytes() for path in (tmp_path / "there.annotate").rglob("*.*")} == before
    for digest in (path.stem for path in (tmp_path / "there.annotate" / "items").iterdir()):
        assert here._store.items.open(digest).read() == before[f"{digest}.parquet"]


def test_a_copy_in_memory_goes_into_a_folder(tmp_path: Path) -> None:
    """How the other copy is stored does not matter; batches arrive whole and durable."""
    there = begun(items={"item_id": ["d"], "text": ["four"]})
    with begun(tmp_path / "here") as here:
        merge(here, there, annotator="ada")

    with Project.open(tmp_path / "here", read_only=True) as again:
        assert again.table.ids(range(4)) == ["a", "b", "c", "d"]
        again.log.verify()


def test_an_item_with_other_content_is_refused_before_anything_is_written() -> None:
    """One id for two texts cannot be merged: the error names both, and nothing came."""
    here = begun()
    there = begun(items={"item_id": ["d", "b"], "text": ["four", "zwei"]})
    answer(there, "bea", "d", mood="sad")
    head = here.log.head()

    with pytest.raises(ConflictError, match=r"item 'b'.*another text: stored 'two', found 'zwei'"):
        merge(here, there, annotator="ada")

    assert here.log.head() == head
    assert here._store.items._frames.keys() == begun()._store.items._frames.keys()  # type: ignore[attr-defined]  # in memory


def test_a_column_of_another_type_is_refused() -> None:
    """Items that could not be read together are not brought together."""
    here = begun(items={**ITEMS, "year": [1, 2, 3]})
    there = begun(items={"item_id": ["d"], "text": ["four"], "year": ["MCM"]})

    with pytest.raises(ColumnError, match="'year': expected Int64"):
        merge(here, there, annotator="ada")


# ------------------------------------------------------------------------------------ erasures


def test_what_one_copy_erased_is_erased_in_the_other() -> None:
    """An answer that both have loses its payload here, and the log still verifies."""
    here = begun()
    answer(here, "ada", "a", mood="glad")
    there = copied(here)
    position = there.events().filter(pl.col("kind") == EventKind.ANSWER)["position"][0]
    there.log.erase([position], annotator_id="ada", reason="asked to")

    report = merge(here, there, annotator="bea")

    assert repr(report) == "MergeReport(0 new items, 0 new events, 1 erased, 0 items in conflict)"
    assert len(said(here)) == 0
    assert here.log.verify().erased == 1
    assert repr(merge(here, there, annotator="bea")) == "MergeReport(nothing new)"


def test_what_was_erased_here_is_not_brought_back() -> None:
    """A copy that still has the payload leaves the erased answer as it is."""
    here = begun()
    answer(here, "ada", "a", mood="glad")
    there = copied(here)
    position = here.events().filter(pl.col("kind") == EventKind.ANSWER)["position"][0]
    here.log.erase([position], annotator_id="ada", reason="asked to")

    assert repr(merge(here, there, annotator="bea")) == "MergeReport(nothing new)"
    assert here.log.verify().erased == 1


def test_an_answer_erased_elsewhere_comes_without_its_payload(tmp_path: Path) -> None:
    """It keeps its place and its commitment, at another position than in its own log."""
    with begun(tmp_path / "here") as here, begun() as there:
        for _ in range(3):
            answer(here, "ada", "a", mood="glad")
        answer(there, "bea", "b", mood="sad")
        last = there.log.head().position
        there.log.erase([last], annotator_id="bea", reason="asked to")

        assert merge(here, there, annotator="ada").erased == 1

        (came,) = here.events().filter(annotator_id="bea", kind="answer").iter_rows(named=True)
        assert came["value"] is None
        assert came["position"] != last
        assert here.log.verify().erased == 1


# ------------------------------------------------------------------------------ what stays there


def test_leases_and_roles_of_a_copy_stay_there() -> None:
    """Who held which item, or led the project, is true of one log only."""
    here = begun()
    there = copied(here)
    kinds = (EventKind.PLAN, EventKind.ASSIGN, EventKind.RELEASE, EventKind.EXPIRE, EventKind.ROLE)
    there.log.append([Event(kind=kind, annotator_id="bea", item_id="a") for kind in kinds])

    assert repr(merge(here, there, annotator="ada")) == "MergeReport(nothing new)"


# ---------------------------------------------------------------------------------- what is refused


def test_another_schema_is_refused_with_the_difference() -> None:
    """Only copies of one project can be merged; the sentence says what differs."""
    other = Project.open(":memory:", schema=Schema(Text("text"), Choice("mood", ["glad", "sad", "meh"])))

    with pytest.raises(SchemaError, match=r"begun with another schema: .*Nothing was merged"):
        merge(begun(), other, annotator="ada")


def test_times_to_come_are_refused() -> None:
    """A copy from a computer whose clock is a week ahead would push the time of this log a week ahead."""
    here = begun()
    there = copied(here)
    ahead = SimpleNamespace(time_ns=lambda: time.time_ns() + 7 * 86_400 * 10**9)
    with mock.patch.object(memory, "time", ahead):
        answer(there, "bea", "a", mood="sad")
    head = here.log.head()

    with pytest.raises(StorageError, match=r"more than a day in the future.*Nothing was merged"):
        merge(here, there, annotator="ada")

    assert here.log.head() == head


def test_a_copy_that_was_tampered_with_is_refused() -> None:
    """An answer changed in the copy by hand is not taken in."""
    here = begun()
    there = copied(here)
    answer(there, "bea", "a", mood="sad")
    log = there.log
    assert isinstance(log, MemoryLog)
    log._stored[-1] = replace(log._stored[-1], value='"glad"')

    with pytest.raises(StorageError, match=r"was not merged, nothing was changed.*does not verify"):
        merge(here, there, annotator="ada")


def test_an_event_with_other_content_is_refused() -> None:
    """The same id said two things: nothing is merged, and the error names it."""
    here = begun()
    there = copied(here)
    for project, value in ((here, "x"), (there, "y")):
        note = Event(kind=EventKind.COMMENT, annotator_id="bea", item_id="a", value=value, event_id="one")
        project.record([note])

    with pytest.raises(ConflictError, match="event 'one' is already stored with another value"):
        merge(here, there, annotator="ada")


def test_answers_that_hide_from_this_reader_are_not_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without their payload they would come as if they were erased."""
    here = begun()
    there = copied(here)
    answer(there, "bea", "a", mood="sad")
    log = there.log
    assert isinstance(log, MemoryLog)
    log._stored[-1] = replace(log._stored[-1], value=None, context=None, salt=None)
    monkeypatch.setattr(log, "hidden", {"answer"})

    with pytest.raises(StorageError, match=r"holds 1 answers you may not see"):
        merge(here, there, annotator="ada")


def test_an_answer_that_does_not_fit_is_refused() -> None:
    """What went past the gate of the copy does not pass this one."""
    here = begun()
    there = copied(here)
    wrong = Event(kind=EventKind.ANSWER, annotator_id="bea", item_id="a", question="mood", value="meh")
    there.log.append([wrong])

    with pytest.raises(LabelError, match="'meh' is no answer to 'mood'"):
        merge(here, there, annotator="ada")


def test_boxes_on_an_image_that_is_elsewhere_come_all_the_same() -> None:
    """A copy whose images are not here is merged all the same; its boxes were checked before."""
    here = Project.open(":memory:", schema=Schema(Image("image"), Boxes("cells", ["red"])))
    there = copied(here)
    frame = pl.DataFrame({"item_id": ["a"], "image": ["gone.png"]})
    value: Json = {"digest": there._store.items.write(frame), "rows": 1}
    box: Json = {"x": 1.0, "y": 2.0, "width": 30.0, "height": 20.0, "label": "red"}
    there.log.append(
        [
            Event(kind=EventKind.ITEMS, value=value),
            Event(kind=EventKind.ANSWER, annotator_id="bea", item_id="a", question="cells", value=[box]),
        ]
    )

    assert merge(here, there, annotator="ada").events == 2
    assert len(here.labels()) == 1


def test_a_project_that_may_not_be_written_to_says_so(tmp_path: Path) -> None:
    """Taking in needs a project that is open for writing; the copy needs nothing but reading."""
    begun(tmp_path / "here").log.close()
    there = begun()
    answer(there, "bea", "a", mood="sad")

    with (
        Project.open(tmp_path / "here", read_only=True) as here,
        pytest.raises(NotSavedError, match="read-only"),
    ):
        merge(here, there, annotator="ada")


def test_a_copy_of_the_first_format_is_read_as_it_is(tmp_path: Path) -> None:
    """The other copy is only read, so that it is not brought up to date either."""
    begun(tmp_path / "there").log.close()
    with SqliteLog(tmp_path / "there.annotate") as log:
        log._connection().execute("ALTER TABLE head DROP COLUMN at")
        log._connection().execute("PRAGMA user_version=1")
    before = (tmp_path / "there.annotate" / "log.sqlite").read_bytes()

    assert merge(begun(items=None), tmp_path / "there", annotator="ada").items == 3
    assert (tmp_path / "there.annotate" / "log.sqlite").read_bytes() == before
