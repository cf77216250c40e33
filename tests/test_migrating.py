"""Migrating a project: old views, open sittings, who decides again, several kernels, and every store."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError, ColumnError, LabelError, SchemaError, UnknownNameError
from jupyter_annotate.events import AnnotatorKind, Event, EventKind, Json
from jupyter_annotate.health import status
from jupyter_annotate.migrating import migrate
from jupyter_annotate.migration import Migration
from jupyter_annotate.session import asked_in
from tests.storage.test_log import PLACES
from tests.widgets.talking import Browser

SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad", "angry"]))
ITEMS = {"item_id": ["a", "b", "c"], "text": ["Hooray!", "Oh no.", "Grr."]}
RENAME = Migration("mood", {"glad": "happy"})
MERGE = Migration("mood", merge={"low": ["sad", "angry"]})
SPLIT = Migration("mood", split={"sad": ["grieved", "gloomy"]})
LEAD = "ada"


@pytest.fixture(autouse=True)
def lead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ada be who begins projects, and so leads them."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_USER", LEAD)


def begun(location: str | Path = ":memory:", schema: ja.Schema = SCHEMA, items: object = ITEMS) -> ja.Project:
    """Open or begin a project that Ada leads."""
    return ja.Project.open(location, schema=schema, items=items)


def answer(project: ja.Project, who: str, **answers: str) -> None:
    """Let somebody answer items with a mood each, in a sitting of their own."""
    session = ja.Session(project, annotator=who)
    for item_id, mood in answers.items():
        session.submit({"mood": mood}, item_id=item_id)


def moods(project: ja.Project, **schema: int) -> dict[tuple[str, str], str]:
    """Return who answered what to which item."""
    rows = project.labels("mood", **schema).select("annotator_id", "item_id", "label").iter_rows()
    return {(who, item): label for who, item, label in rows}


# ------------------------------------------------------------------------------------------- views


@pytest.mark.parametrize("store", sorted(PLACES))
def test_answers_are_shown_in_the_new_words_in_every_store(store: str, tmp_path: Path) -> None:
    """Stored answers stay as they are, views say them anew, and old views what they said, reopened too."""
    place = PLACES[store](tmp_path)
    with begun(place) as project:
        answer(project, "ada", a="glad", b="sad", c="angry")
        before, first = project.events(), SCHEMA.fingerprint
        old = project.annotations(), project.labels("mood")
        migrate(project, RENAME, annotator="ada", reason="style")
        migrate(project, MERGE, annotator="ada")

        assert project.events().head(len(before)).equals(before)
        assert moods(project) == {("ada", "a"): "happy", ("ada", "b"): "low", ("ada", "c"): "low"}
        assert moods(project, schema=1)[("ada", "c")] == "angry"
        for version in (0, first):
            assert project.annotations(schema=version).equals(old[0])
            assert project.labels("mood", schema=version).equals(old[1])
        assert ja.verify(project).head == project.log.head()
        assert status(project, deep=True).warnings == []
    if store != "memory":
        with ja.Project.open(place) as again:
            assert moods(again) == {("ada", "a"): "happy", ("ada", "b"): "low", ("ada", "c"): "low"}
            assert again.labels("mood", schema=0).equals(old[1])


def test_views_of_events_are_in_the_last_words() -> None:
    """The fold of a frame of events translates as the project does, and grows with it one event at a time."""
    project = begun()
    answer(project, "ada", a="glad", b="sad")
    migrate(project, RENAME)
    answer(project, "bob", a="happy", c="angry")
    migrate(project, SPLIT)
    answer(project, "ada", b="gloomy")

    assert project.annotations().sort("position").equals(ja.latest_annotations(project.events()))
    assert moods(project) == {
        ("ada", "a"): "happy",
        ("ada", "b"): "gloomy",
        ("bob", "a"): "happy",
        ("bob", "c"): "angry",
    }


def test_a_project_without_migration_translates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as there is one schema no answer is looked at twice."""

    def forbidden(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("jupyter_annotate.translation.History.told", forbidden)
    project = begun()
    answer(project, "ada", a="glad")

    assert project.annotations() is project.annotations()
    assert moods(project) == {("ada", "a"): "glad"}


def test_each_different_answer_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand equal answers are translated as one."""
    count = 1_000
    project = begun(items={"item_id": [str(n) for n in range(count)], "text": ["x"] * count})
    project.record(
        [
            Event(kind=EventKind.ANSWER, annotator_id="ada", item_id=str(n), question="mood", value="glad")
            for n in range(count)
        ]
    )
    migrate(project, RENAME)
    read: list[object] = []
    relabeled = ja.Choice.relabeled

    def counted(question: ja.Choice, answer: Json, names: Any) -> Json:  # noqa: ANN401 -- as the method
        read.append(answer)
        return relabeled(question, answer, names)

    monkeypatch.setattr(ja.Choice, "relabeled", counted)

    assert project.labels("mood")["label"].unique().to_list() == ["happy"]
    assert len(read) == 1


def test_erased_withdrawn_and_untold_answers_pass() -> None:
    """What was erased, taken back or not told is so in every version."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"], cannot_tell=True))
    project = begun(schema=schema)
    session = ja.Session(project, annotator="ada")
    session.submit({"mood": {"cannot_tell": True}}, item_id="a")
    session.submit({"mood": "sad"}, item_id="b")
    session.skip(item_id="b")
    session.submit({"mood": "sad"}, item_id="c")
    project.log.erase([int(project.events()["position"][-1])], annotator_id="ada", reason="asked for")
    done = migrate(project, SPLIT)

    assert (done.undecided, done.items) == (0, 0)
    assert project.annotations()["value"].to_list() == ['{"cannot_tell":true}']
    assert ja.Session(project, annotator="ada").progress() == {"done": 1, "skipped": 1, "total": 3}


def test_the_versions_are_listed() -> None:
    """Number, fingerprint, position, who, why and what of each schema; unknown ones are refused."""
    project = begun()
    done = migrate(project, RENAME, reason="style")
    versions = ja.schema_versions(project)

    assert versions["number"].to_list() == [0, 1]
    assert versions["fingerprint"].to_list() == [SCHEMA.fingerprint, project.schema.fingerprint]
    assert versions["position"].to_list() == [1, done.position]
    assert versions.row(1, named=True)["annotator_id"] == "ada"
    assert versions.row(1, named=True)["reason"] == "style"
    assert versions["changes"].to_list() == ["", "mood: glad is happy"]
    for unknown in (2, -1, "0" * 64, True):
        with pytest.raises(UnknownNameError, match="version of the schema"):
            project.labels("mood", schema=unknown)


def test_back_and_forth_is_told_by_time() -> None:
    """After a merge and a split back the schema is the first again, and each answer in its words."""
    project = begun()
    answer(project, "ada", a="sad", b="glad")
    migrate(project, MERGE)
    answer(project, "bob", a="low", b="glad")
    migrate(project, Migration("mood", split={"low": ["sad", "angry"]}))
    answer(project, "eve", a="sad")

    assert project.schema.question("mood").to_json()["labels"] != []
    assert moods(project) == {("ada", "b"): "glad", ("bob", "b"): "glad", ("eve", "a"): "sad"}


def test_pre_labels_are_translated_too() -> None:
    """Suggestions made before are in the new words; one of a split label is none, nor is the one before."""
    project = begun()
    first = {"item_id": ["a", "b"], "value": ["sad", "glad"]}
    project.add_prelabels(first, source="m")
    project.add_prelabels({"item_id": ["b"], "value": ["sad"]}, source="m")
    migrate(project, RENAME)
    old = dict(project.prelabels().select("item_id", "value").iter_rows())
    migrate(project, SPLIT)

    assert old == {"a": '"sad"', "b": '"sad"'}
    assert project.prelabels().is_empty()
    assert project.prelabels(superseded=True)["value"].to_list() == ['"happy"']
    assert project.prelabels(schema=0).height == 2
    with pytest.raises(ColumnError, match="sad"):
        project.add_prelabels(first, source="m")


# ------------------------------------------------------------------------------ who decides again


def test_an_item_is_open_again_for_who_used_the_label() -> None:
    """After a split an item comes back to exactly those whose answer named it, which does not count."""
    project = begun()
    answer(project, "ada", a="glad", b="sad", c="angry")
    answer(project, "bob", a="glad", b="glad", c="angry")
    migrate(project, SPLIT)
    ada, bob = (ja.Session(project, annotator=who) for who in ("ada", "bob"))

    assert [item.item_id for item in ada.upcoming(5)] == ["b"]
    assert bob.upcoming(5) == []
    assert ("ada", "b") not in moods(project)
    assert ada.progress() == {"done": 2, "skipped": 0, "total": 3}
    ada.submit({"mood": "gloomy"})
    assert moods(project)["ada", "b"] == "gloomy"
    assert ja.Session(project, annotator="ada").current() is None


def test_an_earlier_answer_does_not_come_back() -> None:
    """Where the last answer is undecided the one before it stays replaced; undone, it stands again."""
    project = begun()
    session = ja.Session(project, annotator="ada")
    session.submit({"mood": "glad"}, item_id="a")
    second = session.submit({"mood": "sad"}, item_id="a")
    migrate(project, SPLIT)
    again = ja.Session(project, annotator="ada")

    assert moods(project) == {}
    assert again.current() is not None
    again.undo(second)
    assert moods(project) == {("ada", "a"): "glad"}


def test_a_skip_settles_what_was_undecided() -> None:
    """Who passes over an item that came back has decided it, and only answered questions of it stay."""
    schema = ja.Schema(
        ja.Text("text"), ja.Choice("mood", ["glad", "sad"]), ja.Choice("topic", ["x", "y"], required=False)
    )
    project = begun(schema=schema)
    session = ja.Session(project, annotator="ada")
    session.submit({"mood": "sad", "topic": "x"}, item_id="a")
    migrate(project, SPLIT)
    again = ja.Session(project, annotator="ada")
    item = again.current()

    assert item is not None
    assert (item.answers, item.unsaid) == ({"topic": "x"}, ("mood",))
    assert project.annotations()["question"].to_list() == ["topic"]
    again.skip(item_id="a")
    assert ja.Session(project, annotator="ada").progress()["skipped"] == 1
    assert project.annotations().is_empty()


def test_marks_keep_their_place() -> None:
    """Who decides again finds the marks where they were; one whose label was split has none that fits."""
    schema = ja.Schema(ja.Text("text"), ja.Spans("who", ["PER", "ORG"]))
    project = begun(schema=schema, items={"item_id": ["a"], "text": ["Ada at Acme"]})
    ada: Json = {"start": 0, "end": 3, "label": "PER"}
    acme: Json = {"start": 7, "end": 11, "label": "ORG"}
    ja.Session(project, annotator="ada").submit({"who": [ada, acme]})
    migrate(project, Migration("who", {"PER": "PERSON"}, split={"ORG": ["COMPANY", "AGENCY"]}))
    session = ja.Session(project, annotator="ada")
    item = session.current()

    assert item is not None
    shown = item.answers["who"]
    assert isinstance(shown, list)
    assert [(mark["label"], mark["text"]) for mark in shown] == [("PERSON", "Ada"), ("ORG?", "Acme")]  # type: ignore[index,call-overload]  # marks
    with pytest.raises(LabelError, match=r"expected one of \['PERSON', 'COMPANY', 'AGENCY'\]"):
        session.submit({"who": shown})


def test_a_rule_suggests_and_a_person_decides() -> None:
    """What the function says is a suggestion of its name; nothing counts until the person has answered."""

    def by_length(item: dict[str, Any], label: str) -> str | None:
        assert label == "sad"
        return {"a": "gloomy", "b": "grieved"}.get(item["item_id"])

    project = begun()
    answer(project, "ada", a="sad", b="sad", c="sad")
    done = migrate(project, SPLIT, split_by=by_length)
    found = project.prelabels().select("item_id", "value", "source")
    registered = project.events().filter(kind=EventKind.PRELABELS).row(0, named=True)
    item = ja.Session(project, annotator="ada").current()

    assert done.suggested == 2
    assert found.rows() == [("a", '"gloomy"', "by_length"), ("b", '"grieved"', "by_length")]
    assert registered["annotator_kind"] == AnnotatorKind.FUNCTION
    assert item is not None
    assert item.prelabels["mood"].value == "gloomy"
    assert moods(project) == {}


def test_a_rule_decides_mark_by_mark() -> None:
    """The function gets each mark with the label; a suggestion with the same marks stands for the draft."""
    schema = ja.Schema(ja.Text("text"), ja.Spans("who", ["PER", "ORG"]))
    items = {"item_id": ["a", "b"], "text": ["Ada, Acme, FBI", "Ada, Acme, FBI"]}
    project = begun(schema=schema, items=items)
    marks: list[Json] = [
        {"start": start, "end": end, "label": label}
        for start, end, label in ((0, 3, "PER"), (5, 9, "ORG"), (11, 14, "ORG"))
    ]
    session = ja.Session(project, annotator="ada")
    session.submit({"who": marks}, item_id="a")
    ja.Session(project, annotator="bob").submit({"who": marks[:2]}, item_id="b")
    session.submit({"who": marks[1:]}, item_id="b")
    split = Migration("who", split={"ORG": ["COMPANY", "AGENCY"]})
    done = migrate(
        project, split, split_by=lambda _item, mark: "AGENCY" if mark["text"].isupper() else "COMPANY"
    )
    item = ja.Session(project, annotator="ada").current()

    assert (done.undecided, done.items, done.suggested) == (3, 2, 1)
    assert item is not None
    assert item.item_id == "a"
    assert item.answers == {}
    suggested = item.prelabels["who"].value
    assert isinstance(suggested, list)
    assert [mark["label"] for mark in suggested] == ["PER", "COMPANY", "AGENCY"]  # type: ignore[index,call-overload]  # marks


def test_a_rule_that_says_something_else_changes_nothing() -> None:
    """A part that is none, an error of the function, or no split at all: refused, and the log stays."""
    project = begun()
    answer(project, "ada", a="sad")
    before = project.log.head()

    def sadly(_item: object, _label: object) -> str:
        return "meh"

    with pytest.raises(SchemaError, match=r"sadly returned 'meh' for 'sad' on 'a': expected one of \['grie"):
        migrate(project, SPLIT, split_by=sadly)
    with pytest.raises(ZeroDivisionError):
        migrate(project, SPLIT, split_by=lambda _item, _label: str(1 / 0))
    with pytest.raises(SchemaError, match="Expected split_by to be a function, and something to split"):
        migrate(project, RENAME, split_by=lambda _item, _label: None)
    assert project.log.head() == before


def test_under_a_plan_the_place_is_held_for_who_decides_again() -> None:
    """An undecided answer gives its place back to its annotator, who holds the item until it is answered."""
    project = begun()
    ja.distribute(project, overlap=1)
    session = ja.Session(project, annotator="ada")
    for item in session:
        session.submit({"mood": "sad" if item.item_id == "b" else "glad"})
    assert ja.Session(project, annotator="bob").current() is None
    migrate(project, SPLIT)
    ada, bob = (ja.Session(project, annotator=who) for who in ("ada", "bob"))
    states = dict(ja.assignments(project).select("item_id", "state").iter_rows())

    assert states == {"a": "done", "b": "leased", "c": "done"}
    assert [item.item_id for item in ada.upcoming(5)] == ["b"]
    assert bob.upcoming(5) == []
    assert session.upcoming(5) == []
    ada.submit({"mood": "gloomy"})
    assert ja.blockers(project).is_empty()
    assert bob.upcoming(5) == []


def test_an_answer_in_old_words_under_a_plan_waits_in_the_new_ones() -> None:
    """A sitting from before takes no item twice, and what it left undecided is held for its annotator."""
    project = begun()
    ja.distribute(project, overlap=1)
    old = ja.Session(project, annotator="ada")
    old.upcoming(3)
    migrate(project, SPLIT)
    served = []
    for item in old:
        served.append(item.item_id)
        old.submit({"mood": "sad"})

    assert served == ["a", "b", "c"]
    assert [item.item_id for item in ja.Session(project, annotator="ada").upcoming(5)] == ["a", "b", "c"]
    assert ja.assignments(project)["state"].unique().to_list() == ["leased"]


# ---------------------------------------------------------------------------------- several kernels


def test_another_kernel_takes_the_new_schema(tmp_path: Path) -> None:
    """A project that was open before shows the new words with its next look, and takes answers in them."""
    here, there = begun(tmp_path / "x"), ja.Project.open(tmp_path / "x")
    answer(there, "bob", a="glad")
    migrate(here, RENAME)

    assert moods(there) == {("bob", "a"): "happy"}
    assert there.schema == here.schema
    answer(there, "bob", b="happy")
    assert moods(here) == {("bob", "a"): "happy", ("bob", "b"): "happy"}


def test_an_open_sitting_goes_on_in_its_own_words(tmp_path: Path) -> None:
    """A sitting from before asks, shows, suggests and stores in its words; nothing it says is lost."""
    here, there = begun(tmp_path / "x"), ja.Project.open(tmp_path / "x")
    there.add_prelabels({"item_id": ["b"], "value": ["glad"]}, source="m")
    old = ja.Session(there, annotator="bob")
    old.submit({"mood": "glad"}, item_id="a")
    migrate(here, RENAME)
    here.add_prelabels({"item_id": ["c"], "value": ["happy"]}, source="n")
    served = old.upcoming(5)

    assert [item.prelabels.get("mood") and item.prelabels["mood"].value for item in served] == ["glad", None]
    old.submit(
        {"mood": "glad"}, item_id="b", seen={"prelabels": {"mood": served[0].prelabels["mood"].prelabel_id}}
    )
    with pytest.raises(LabelError, match="'happy' is no answer"):
        old.submit({"mood": "happy"}, item_id="c")
    context = json.loads(there.events().filter(kind="answer", item_id="b")["context"][0])
    assert context["prelabels"]["mood"]["outcome"] == "kept"
    assert old.go_to("a").answers == {"mood": "glad"}
    assert asked_in(old) == SCHEMA
    assert there.schema != SCHEMA
    assert moods(here) == {("bob", "a"): "happy", ("bob", "b"): "happy"}
    assert here.events().filter(kind="answer")["schema"].unique().to_list() == [SCHEMA.fingerprint]


def test_what_was_said_in_later_words_is_answered_in_an_old_sitting() -> None:
    """An item answered under a later schema is not asked again in a sitting from before."""
    project = begun()
    old = ja.Session(project, annotator="ada")
    migrate(project, RENAME)
    answer(project, "ada", a="happy")

    assert [item.item_id for item in old.upcoming(5)] == ["b", "c"]
    assert old.go_to("a").answers == {}
    old.submit({"mood": "glad"}, item_id="a")
    assert moods(project) == {("ada", "a"): "happy"}


def test_an_answer_under_a_schema_nobody_had_is_refused() -> None:
    """An event that names a schema of another project is refused at the gate."""
    project = begun()
    event = Event(
        kind=EventKind.ANSWER, annotator_id="ada", item_id="a", question="mood", value="glad", schema="f" * 64
    )

    with pytest.raises(SchemaError, match="names the schema ffffffffffff, which this project never had"):
        project.record([event])


@pytest.mark.parametrize(
    ("migrations", "wanted"),
    [((RENAME, RENAME), 1), ((RENAME, MERGE), 2), ((SPLIT, MERGE), 1)],
)
def test_two_migrations_at_once_do_not_undo_each_other(
    migrations: tuple[Migration, Migration], wanted: int, tmp_path: Path
) -> None:
    """Of two kernels that migrate at the same time both win if they can, and else one is told why not."""
    kernels = [begun(tmp_path / "x"), ja.Project.open(tmp_path / "x")]
    answer(kernels[0], "ada", a="glad", b="sad", c="angry")
    begin, errors = threading.Barrier(2), []

    def run(project: ja.Project, migration: Migration) -> None:
        begin.wait()
        try:
            migrate(project, migration)
        except SchemaError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=run, args=pair) for pair in zip(kernels, migrations, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ja.schema_versions(kernels[0])) == wanted + 1
    assert len(errors) == 2 - wanted
    assert all("has no label" in error for error in errors)
    assert kernels[0].annotations().equals(kernels[1].annotations())


def test_a_migration_in_between_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that another kernel stores after this one has looked makes it look again."""
    project = begun()
    append = type(project.log).append_unless
    tried: list[int] = []

    def late(log: Any, events: Any, **limits: Any) -> Any:  # noqa: ANN401 -- as the method
        tried.append(limits["after"])
        if len(tried) == 1:
            migrate(project, RENAME)
        return append(log, events, **limits)

    monkeypatch.setattr(type(project.log), "append_unless", late)
    migrate(project, MERGE)

    assert len(tried) == 3
    assert ja.schema_versions(project)["changes"].to_list()[1:] == [str(RENAME), str(MERGE)]


def test_opening_with_the_old_schema_says_what_happened(tmp_path: Path) -> None:
    """The cell that began a migrated project says that it was migrated; the new schema opens it."""
    with begun(tmp_path / "x") as project:
        migrate(project, RENAME)
        new = project.schema

    with pytest.raises(
        SchemaError, match=r"was migrated since it had this schema \(mood: glad is happy\): leave"
    ):
        ja.Project.open(tmp_path / "x", schema=SCHEMA)
    with pytest.raises(SchemaError, match="was begun with another schema"):
        ja.Project.open(tmp_path / "x", schema=ja.Schema(ja.Text("text"), ja.Choice("mood", ["x"])))
    with ja.Project.open(tmp_path / "x", schema=new, items=ITEMS) as again:
        assert again.schema is new


def test_functions_stay_in_force_in_an_open_project() -> None:
    """A check of one's own still refuses after a migration, in new words and in old ones."""

    def picky(answer: object, _content: object) -> str | None:
        return "not today" if answer == "angry" else None

    project = begun(schema=ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "angry"], validate=picky)))
    old = ja.Session(project, annotator="ada")
    migrate(project, RENAME)

    for session in (old, ja.Session(project, annotator="bob")):
        with pytest.raises(LabelError, match="not today"):
            session.submit({"mood": "angry"})


# ------------------------------------------------------------------------------------ who may, what


def test_only_a_lead_migrates() -> None:
    """Where there are leads it has to be one of them, and the log is as it was if not."""
    project = begun()
    head = project.log.head()

    with pytest.raises(
        AnnotateError, match=r"Only a lead changes the schema here: \['ada'\]. You are known as 'bob'"
    ):
        migrate(project, RENAME, annotator="bob")
    with pytest.raises(SchemaError, match="has no label 'meh'"):
        migrate(project, Migration("mood", {"meh": "x"}))
    with pytest.raises(SchemaError, match="Expected a migration like"):
        migrate(project, {"glad": "happy"})  # type: ignore[arg-type]  # the mistake
    with pytest.raises(SchemaError, match="Expected the reason as text"):
        migrate(project, RENAME, reason=1)  # type: ignore[arg-type]  # the mistake
    assert project.log.head() == head


def test_a_preview_writes_nothing_and_says_what_would_be() -> None:
    """Counts, undecided answers and agreement before and after, with intervals and the paired difference."""
    count = 60
    project = begun(items={"item_id": [str(n) for n in range(count)], "text": ["x"] * count})
    for who, shift in (("ada", 0), ("bob", 1)):
        answer(
            project,
            who,
            **{str(n): ["glad", "sad", "angry"][1 + (n + shift) % 2 if n % 3 else 0] for n in range(count)},
        )
    project.record(
        [
            Event(
                kind=EventKind.ANSWER,
                annotator_id="m",
                annotator_kind=AnnotatorKind.MODEL,
                item_id="0",
                question="mood",
                value="sad",
            )
        ]
    )
    head = project.log.head()
    merged, split = ja.preview_migration(project, MERGE), ja.preview_migration(project, SPLIT)

    assert project.log.head() == head
    assert merged.counts.rows() == [
        ("glad", 40, 40, 40, 40),
        ("sad", 41, 0, 40, 0),
        ("angry", 40, 0, 40, 0),
        ("low", 0, 81, 0, 80),
    ]
    assert (merged.undecided, split.undecided, split.items) == (0, 41, 41)
    before, after, difference = merged.agreement.before, merged.agreement.after, merged.agreement.difference
    assert before is not None
    assert after is not None
    assert difference is not None
    assert after.value == 1.0 > before.value
    assert before.interval is not None
    assert difference.difference == pytest.approx(after.value - before.value)
    assert difference.interval is not None
    assert difference.interval[0] < difference.difference < difference.interval[1]
    assert before.value == ja.krippendorff_alpha(project.labels("mood")).value
    lines = repr(merged).splitlines()
    assert lines[0] == "mood: sad and angry are low (not done yet)"
    assert "  low: 0 -> 81" in lines
    assert "to decide again: 41 answers on 41 items" in repr(split)


@pytest.mark.parametrize(
    "kind", ["spans", "boxes", "multi_choice", "keypoints", "ranking", "best_worst", "taxonomy"]
)
def test_every_kind_has_a_preview(kind: str) -> None:
    """Of every kind a preview counts labels and measures agreement, or says why there is none."""
    from tests.questions.cases import case_of, items_of

    case = case_of(kind)
    project = begun(schema=case.schema, items=items_of(case, 3))
    for who in ("ada", "bob"):
        session = ja.Session(project, annotator=who)
        for n in range(3):
            session.submit({**(case.beside or {}), "q": case.good[0][1]}, item_id=f"i-{n}")
    used = {
        "best_worst": "vast",
        "boxes": "white",
        "keypoints": "chin",
        "multi_choice": "price",
        "ranking": "tea",
        "spans": "person",
        "taxonomy": "plant/oak",
    }
    name = used[kind]
    done = migrate(project, Migration("q", {name: f"{name}-new"}))
    counts = {label: (before, after) for label, before, after, *_ in done.counts.iter_rows()}

    assert counts[name][0] == counts[f"{name}-new"][1] > 0
    assert counts[name][1] == counts[f"{name}-new"][0] == 0
    assert done.agreement.before is not None or "no measure of agreement" in done.agreement.reason
    assert repr(done).count("agreement") > 0


# -------------------------------------------------------------------------- copies, exports, backups


def test_a_copy_from_before_a_migration_is_merged() -> None:
    """Answers given offline in the old words are shown in the new ones; a copy that is ahead is refused."""
    here, there = begun(), begun()
    answer(there, "bob", a="glad", b="sad")
    migrate(here, RENAME)
    migrate(here, SPLIT)

    ja.merge(here, there)
    assert moods(here) == {("bob", "a"): "happy"}
    assert [item.item_id for item in ja.Session(here, annotator="bob").upcoming(5)] == ["b", "c"]
    with pytest.raises(
        SchemaError, match=r"was migrated \(mood: glad is happy\) and .* was not: migrate it likewise"
    ):
        ja.merge(there, here)
    migrate(there, MERGE)
    with pytest.raises(SchemaError, match="was migrated in another way"):
        ja.merge(here, there)


def test_copies_that_were_migrated_alike_are_merged() -> None:
    """Two copies with the same migrations, each of its own, merge as before."""
    here, there = begun(), begun()
    for project in (here, there):
        migrate(project, RENAME)
    answer(there, "bob", a="happy")
    ja.merge(here, there)

    assert moods(here) == {("bob", "a"): "happy"}


def test_an_export_names_the_schema_in_force_and_its_versions(tmp_path: Path) -> None:
    """The files are in the new words, the manifest names every version, and reading it back checks."""
    project = begun()
    answer(project, "ada", a="glad", b="sad")
    migrate(project, RENAME)
    report = ja.export(project, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    frames = ja.read_export(tmp_path / "out", head=project.log.head(), digest=report.digest)

    assert manifest["schema"]["fingerprint"] == project.schema.fingerprint
    assert "migration" not in manifest["schema"]
    assert [each["fingerprint"] for each in manifest["schema_versions"]] == [
        SCHEMA.fingerprint,
        project.schema.fingerprint,
    ]
    assert manifest["schema_versions"][1]["migration"] == RENAME.to_json()
    assert frames["labels_mood"]["label"].to_list() == ["happy", "sad"]
    assert ja.latest_annotations(frames["events"]).equals(frames["annotations"])


def test_a_backup_keeps_the_versions(tmp_path: Path) -> None:
    """A restored backup has the schema in force and the views of before."""
    with begun(tmp_path / "x") as project:
        answer(project, "ada", a="glad")
        migrate(project, RENAME)
        made = ja.backup(project, tmp_path / "backups")
    ja.restore(made, tmp_path / "y")
    with ja.Project.open(tmp_path / "y") as restored:
        assert moods(restored) == {("ada", "a"): "happy"}
        assert moods(restored, schema=0) == {("ada", "a"): "glad"}


def test_the_first_event_reads_as_it_always_did() -> None:
    """The first schema event is as it was, and the later ones hold a schema that the same reader reads."""
    project = begun()
    migrate(project, RENAME, reason="style")
    values = [json.loads(value) for value in project.events().filter(kind=EventKind.SCHEMA)["value"]]

    assert values[0] == SCHEMA.to_json()
    assert ja.Schema.from_json(values[1]) == project.schema
    assert (values[1]["migration"], values[1]["reason"]) == (RENAME.to_json(), "style")
    assert project.events().filter(pl.col("kind") == EventKind.SCHEMA)["annotator_id"].to_list() == [
        "ada",
        "ada",
    ]


def test_an_open_widget_goes_on_and_a_new_one_asks_in_the_new_words() -> None:
    """The page of before is greeted in its own words also after a reload, and its answers count."""
    project = begun(items={"item_id": ["r-1", "r-2"], "text": ["x", "y"]})
    old = Browser(project, "bob")
    old.hello()
    migrate(project, RENAME)
    again, new = old.hello(), Browser(project, "eve").hello()
    (item, *_) = again["items"]
    reply = old.answer(item["item"], "glad")

    assert again["setup"]["schema"] == SCHEMA.to_json()
    assert new["setup"]["schema"] == project.schema.to_json()
    assert reply["kind"] == "ack"
    assert moods(project) == {("bob", "r-1"): "happy"}


def test_suggestions_of_a_kernel_that_has_not_looked_are_of_its_schema(tmp_path: Path) -> None:
    """Pre-labels are stored under the schema they were checked against, and shown in the words in force."""
    here, there = begun(tmp_path / "x"), ja.Project.open(tmp_path / "x")
    migrate(here, RENAME)
    there.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="m")

    assert here.prelabels()["value"].to_list() == ['"happy"']
    assert there.prelabels()["value"].to_list() == ['"happy"']
    assert there.add_prelabels({"item_id": ["a"], "value": ["happy"]}, source="m") == 1


def test_an_answer_that_names_no_schema_is_of_its_time() -> None:
    """What an old log holds without a fingerprint is in the words that were in force when it was said."""
    project = begun()
    said = {"kind": EventKind.ANSWER, "question": "mood", "annotator_id": "ada"}
    project.log.append([Event(**said, item_id="a", value="glad")])  # type: ignore[arg-type]  # each has its type
    migrate(project, RENAME)
    project.log.append([Event(**said, item_id="b", value="happy")])  # type: ignore[arg-type]  # as above

    assert moods(project) == {("ada", "a"): "happy", ("ada", "b"): "happy"}


def test_a_second_beginning_is_no_migration() -> None:
    """A schema event without a migration, which no door of the package stores, changes nothing."""
    project = begun()
    answer(project, "ada", a="glad")
    project.log.append([Event(kind=EventKind.SCHEMA, value=SCHEMA.to_json(), schema=SCHEMA.fingerprint)])

    assert len(ja.schema_versions(project)) == 1
    assert moods(project) == {("ada", "a"): "glad"}
    assert ja.latest_annotations(project.events()).equals(project.annotations())


def test_open_sittings_under_a_plan_follow_a_split() -> None:
    """Who has a widget open sees with the migration, and with each answer in old words, what waits again."""
    project = begun()
    ja.distribute(project, overlap=1)
    ada, bob = (ja.Session(project, annotator=who) for who in ("ada", "bob"))
    for item in ada:
        ada.submit({"mood": "glad" if item.item_id == "a" else "sad"})
    ada.submit({"mood": "glad"}, item_id="c")
    ada.submit({"mood": "sad"}, item_id="b")

    def complete() -> object:
        team = bob.progress()["team"]
        return team["complete"] if isinstance(team, dict) else None

    assert complete() == 3
    migrate(project, SPLIT)
    assert complete() == 2
    ada.submit({"mood": "sad"}, item_id="a")
    assert complete() == 1
    ada.submit({"mood": "glad"}, item_id="b")
    assert complete() == 2
    assert dict(ja.assignments(project).select("item_id", "state").iter_rows()) == {
        "a": "leased",
        "b": "done",
        "c": "done",
    }
