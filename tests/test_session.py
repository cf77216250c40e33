"""Session: a stateful model of one annotator's sitting, and what the model does not reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

import jupyter_annotate as ja
from jupyter_annotate.agenda import Agenda
from jupyter_annotate.errors import (
    ConflictError,
    LabelError,
    ProtocolError,
    StorageError,
    UnknownNameError,
)
from jupyter_annotate.events import Event, EventKind, Json, uuid7
from jupyter_annotate.session import Session

LABELS = ("glad", "sad")
ITEMS = tuple(f"i{n}" for n in range(1, 7))


def begin(n: int = len(ITEMS)) -> ja.Project:
    """Begin a project in memory: two questions, one of them optional."""
    schema = ja.Schema(
        ja.Text("text"), ja.Choice("mood", LABELS), ja.MultiChoice("topics", ["a", "b"], required=False)
    )
    ids = [f"i{k}" for k in range(1, n + 1)]
    items = {"item_id": ids, "text": [f"Text of {each}." for each in ids]}
    return ja.Project.open(":memory:", schema=schema, items=items)


# ------------------------------------------------------------------------------------ the model


@dataclass
class Press:
    """One submission as the model remembers it."""

    submission: str
    item: str
    answers: dict[str, Any] | None
    undone: bool = False


@dataclass
class Model:
    """What a person would say they did: a list, and what follows from it."""

    presses: list[Press] = field(default_factory=list)
    stored: int = 0

    def standing(self, item: str) -> Press | None:
        """Return the last press on an item that was not taken back."""
        found = [press for press in self.presses if press.item == item and not press.undone]
        return found[-1] if found else None

    def answers(self, item: str) -> dict[str, Any]:
        """Return what is answered: the last press decides, for it says all there is to the item."""
        press = self.standing(item)
        return {} if press is None or press.answers is None else press.answers

    def status(self, item: str) -> str:
        """Return where the item stands."""
        press = self.standing(item)
        if press is None:
            return "open"
        return "skipped" if press.answers is None else "answered"


class Sitting(RuleBasedStateMachine):
    """Answer, correct, skip, undo, resend and restart in any order."""

    submissions = Bundle("submissions")

    @initialize()
    def open(self) -> None:
        """Begin, beside another annotator who has answered everything."""
        self.project = begin()
        grace = Session(self.project, "grace")
        for item in grace:
            grace.submit({"mood": "sad"}, item_id=item.item_id)
        self.session = Session(self.project, "ada")
        self.model = Model()

    @rule(
        target=submissions,
        item=st.sampled_from(ITEMS),
        mood=st.sampled_from(LABELS),
        topics=st.none() | st.lists(st.sampled_from(["a", "b"]), unique=True).map(sorted),
    )
    def answer(self, item: str, mood: str, topics: list[str] | None) -> Press:
        """Answer an item, or correct it."""
        answers: dict[str, Any] = {"mood": mood} | ({} if topics is None else {"topics": topics})
        press = Press(self.session.submit(answers, item_id=item), item, answers)
        self.model.presses.append(press)
        return press

    @rule(target=submissions, item=st.sampled_from(ITEMS))
    def skip(self, item: str) -> Press:
        """Skip an item, answered or not."""
        press = Press(self.session.skip("no", item_id=item), item, None)
        self.model.presses.append(press)
        return press

    @rule()
    def undo_last(self) -> None:
        """Take the last standing press back; with none there is nothing to do."""
        standing = [press for press in self.model.presses if not press.undone]
        undone = self.session.undo()
        assert undone == (standing[-1].item if standing else None)
        if standing:
            standing[-1].undone = True
            assert self.current() == standing[-1].item

    @rule(press=submissions)
    def undo_any(self, press: Press) -> None:
        """Take any press back, once more if it was taken back already."""
        self.session.undo(press.submission)
        press.undone = True

    @rule(press=submissions)
    def resend(self, press: Press) -> None:
        """Send a press again, as a browser does that missed the acknowledgement."""
        before = self.project.log.head()
        current = self.current()
        if press.answers is None:
            self.session.skip("no", item_id=press.item, submission=press.submission)
        else:
            self.session.submit(press.answers, item_id=press.item, submission=press.submission)
        assert self.project.log.head() == before
        assert self.current() == current

    @rule(target=submissions, item=st.sampled_from(ITEMS), mood=st.sampled_from(LABELS))
    def answer_elsewhere(self, item: str, mood: str) -> Any:  # noqa: ANN401 -- a bundle's values
        """Answer in another notebook; this session learns of it at the next look."""
        other = Session(self.project, "ada")
        press = Press(other.submit({"mood": mood}, item_id=item), item, {"mood": mood})
        self.model.presses.append(press)
        assert item in self.session.sync().changed
        return multiple(press)

    @rule()
    def restart(self) -> None:
        """Begin anew on the same log."""
        self.session = Session(self.project, "ada")

    @rule(item=st.sampled_from(ITEMS))
    def go_to(self, item: str) -> None:
        """Go to an item: it is the current one now."""
        self.session.go_to(item)
        assert self.current() == item

    @invariant()
    def the_session_says_what_was_done(self) -> None:
        """Status, answers, progress and queue follow from what was pressed."""
        statuses = [self.model.status(item) for item in ITEMS]
        assert self.session.progress() == {
            "done": statuses.count("answered"),
            "skipped": statuses.count("skipped"),
            "total": len(ITEMS),
        }
        still_open = [item for item in ITEMS if self.model.status(item) == "open"]
        assert [item.item_id for item in self.session.upcoming(len(ITEMS))] == still_open
        for item in self.session.history(len(ITEMS)):
            assert item.status.value == self.model.status(item.item_id)
            assert item.answers == self.model.answers(item.item_id)
            press = self.model.standing(item.item_id)
            assert item.submission == (press.submission if press else None)

    @invariant()
    def the_views_say_the_same(self) -> None:
        """Compute the annotations from the log: they are what the session shows."""
        mine = self.project.annotations().filter(annotator_id="ada")
        stored = {(item, question): json.loads(value) for item, question, value in pairs(mine)}
        expected = {
            (item, question): value for item in ITEMS for question, value in self.model.answers(item).items()
        }
        assert stored == expected
        assert self.project.labels("mood").filter(annotator_id="grace").height == len(ITEMS)

    def current(self) -> str | None:
        """Return the current item."""
        found = self.session.current()
        return found.item_id if found else None

    def teardown(self) -> None:
        """Check the chain once at the end: it costs the most."""
        if hasattr(self, "project"):
            self.project.log.verify()


def pairs(annotations: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Return item, question and value of each annotation."""
    return iter(annotations.select("item_id", "question", "value").iter_rows())


TestSitting = Sitting.TestCase
TestSitting.settings = settings(max_examples=40, stateful_step_count=25)


# ------------------------------------------------------------------------------- beside the model


def test_iterating_ends() -> None:
    """The loop over a session yields every open item once, and stops at one that is left as it was."""
    session = Session(begin(3), "ada")
    seen = []
    for item in session:
        seen.append(item.item_id)
        if item.item_id == "i2":
            session.skip()
        else:
            session.submit({"mood": "glad"})
    assert seen == ["i1", "i2", "i3"]
    assert session.current() is None
    assert len(list(Session(begin(3), "ada"))) == 1


def test_with_nothing_open_a_name_is_needed() -> None:
    """Submitting when all is done says so and what to do."""
    session = Session(begin(1), "ada")
    session.submit({"mood": "glad"})
    with pytest.raises(ProtocolError, match=r"No item is open.*item_id="):
        session.submit({"mood": "sad"})
    session.submit({"mood": "sad"}, item_id="i1")
    assert session.history()[0].answers == {"mood": "sad"}


def test_what_does_not_fit_changes_nothing() -> None:
    """A wrong answer, an unknown item and another content are refused; log and session stay as they were."""
    project = begin()
    session = Session(project, "ada")
    head = project.log.head()
    with pytest.raises(LabelError, match="'mood': expected one of"):
        session.submit({"mood": "meh"})
    with pytest.raises(LabelError, match="required"):
        session.submit({"topics": ["a"]})
    with pytest.raises(UnknownNameError, match="no item 'i99'"):
        session.submit({"mood": "glad"}, item_id="i99")
    with pytest.raises(ProtocolError, match="look at it again") as stale:
        session.submit({"mood": "glad"}, item_id="i1", hash="another")
    with pytest.raises(ProtocolError, match="no submission 'x' of 'ada'") as unknown:
        session.undo("x")
    assert (stale.value.code, unknown.value.code) == ("stale_item", "unknown_target")
    assert project.log.head() == head
    assert session.progress()["done"] == 0


def test_nobody_takes_back_what_another_did() -> None:
    """A submission of another annotator cannot be undone."""
    project = begin()
    submission = Session(project, "grace").submit({"mood": "glad"})
    with pytest.raises(ProtocolError, match="of 'ada'"):
        Session(project, "ada").undo(submission)


def test_an_optional_answer_left_out_is_withdrawn() -> None:
    """Correcting an item without repeating an optional answer withdraws it; undo brings both back."""
    project = begin()
    session = Session(project, "ada")
    session.submit({"mood": "glad", "topics": ["a"]}, item_id="i1")
    session.submit({"mood": "sad"}, item_id="i1")
    assert project.annotations().select("question", "value").rows() == [("mood", '"sad"')]
    session.undo()
    assert sorted(project.annotations()["question"]) == ["mood", "topics"]


def test_flags_and_comments_do_not_close_an_item() -> None:
    """A flag and a comment are kept with the item, which stays open; an empty comment takes one back."""
    session = Session(begin(), "ada")
    session.note(flagged=True, item_id="i1")
    session.note(comment="why?", item_id="i1")
    (item,) = session.upcoming(1)
    assert (item.item_id, item.flagged, item.comment, item.submission) == ("i1", True, "why?", None)
    session.note(flagged=False)
    session.note(comment="")
    (item,) = session.upcoming(1)
    assert (item.flagged, item.comment) == (False, None)
    assert session.undo() is None


def test_history_is_the_order_of_decisions() -> None:
    """The newest decision is last, each item stands once, and n cuts at the old end."""
    session = Session(begin(), "ada")
    for item in ("i3", "i1", "i2", "i3"):
        session.submit({"mood": "glad"}, item_id=item)
    assert [each.item_id for each in session.history()] == ["i1", "i2", "i3"]
    assert [each.item_id for each in session.history(2)] == ["i2", "i3"]


def test_far_ahead() -> None:
    """With 20,000 answered, the next open item is found, and an undone one far back comes first again."""
    n = 20_000
    project = begin(n)
    ada = Session(project, "ada")
    project.record([glad(f"i{k}") for k in range(1, n - 1)])
    ada.sync()
    assert [item.item_id for item in ada.upcoming(5)] == [f"i{n - 1}", f"i{n}"]
    assert ada.upcoming(5, have=[f"i{n - 1}", f"i{n}", "nowhere"]) == []
    ada.undo(ada.history(1)[0].submission)
    ada.undo(Session(project, "ada").go_to("i3").submission)
    assert [item.item_id for item in ada.upcoming(2)] == ["i3", f"i{n - 2}"]


def glad(item_id: str) -> Event:
    """Make an answer of ada."""
    return Event(
        kind=EventKind.ANSWER,
        annotator_id="ada",
        item_id=item_id,
        question="mood",
        value="glad",
        event_id=f"{uuid7()}.mood",
    )


# --------------------------------------------------------------------------- what is recorded


def contexts(project: ja.Project, kind: str = "answer") -> list[dict[str, Any]]:
    """Return the contexts of the events of a kind."""
    return [json.loads(each) for each in project.events().filter(kind=kind)["context"]]


def test_an_answer_names_the_guidelines_in_force() -> None:
    """Guidelines are kept once in the log; every answer names their digest, and a new text is kept again."""
    project = begin()
    Session(project, "ada", guidelines="Read twice.").submit({"mood": "glad"})
    Session(project, "ada", guidelines="Read twice.").submit({"mood": "glad"})
    Session(project, "ada", guidelines="Read once.").submit({"mood": "glad"})
    kept = project.events().filter(kind=EventKind.GUIDELINES)["value"].to_list()
    assert kept == ['"Read twice."', '"Read once."']
    digests = [each["guidelines"] for each in contexts(project)]
    assert digests[0] == digests[1] != digests[2]
    assert all(len(each) == 64 for each in digests)


def test_an_answer_says_what_became_of_the_suggestion() -> None:
    """Kept, changed and refused are recorded with id, score and source; one nobody knows keeps its id."""
    project = begin()
    project.add_prelabels(
        {"item_id": list(ITEMS[:5]), "value": ["glad"] * 5, "question": ["mood"] * 5, "score": [0.9] * 5},
        source="model",
    )
    session = Session(project, "ada")
    shown = {item.item_id: item.prelabels["mood"].prelabel_id for item in session.upcoming(5)}

    def answer(item: str, mood: str, **seen: Any) -> None:  # noqa: ANN401 -- JSON
        on_screen = {"prelabels": {"mood": shown[item]}, **seen}
        session.submit({"mood": mood}, item_id=item, seen=on_screen)

    answer("i1", "glad")
    answer("i2", "sad")
    answer("i3", "sad", dismissed=["mood"])
    session.skip(item_id="i4", seen={"prelabels": {"mood": shown["i4"]}})
    answer("i5", "glad", prelabels={"mood": "another:0"})
    reports = [each["prelabels"] for each in contexts(project)]
    expected = [
        {"mood": {"id": shown[item], "score": 0.9, "source": "model", "outcome": how}}
        for item, how in [("i1", "kept"), ("i2", "changed"), ("i3", "refused")]
    ]
    assert reports == [*expected, {"mood": {"id": "another:0", "outcome": "unknown"}}]
    (skipped,) = contexts(project, "skip")
    assert skipped["prelabels"] == {"mood": {"id": shown["i4"], "score": 0.9, "source": "model"}}


def test_a_suggestion_outlives_the_one_that_takes_its_place() -> None:
    """An answer given on a screen of yesterday's suggestions says what became of those, not of today's."""
    project = begin()
    guess = {"item_id": ["i1", "i2"], "question": ["mood"] * 2, "value": ["glad"] * 2, "score": [0.7] * 2}
    project.add_prelabels(guess, source="m")
    session = Session(project, "ada")
    shown = {item.item_id: item.prelabels["mood"].prelabel_id for item in session.upcoming(2)}
    project.add_prelabels({**guess, "value": ["sad"] * 2, "score": [0.8] * 2}, source="m")

    for item_id, mood in (("i1", "glad"), ("i2", "sad")):
        session.submit({"mood": mood}, item_id=item_id, seen={"prelabels": {"mood": shown[item_id]}})

    reports = [each["prelabels"]["mood"] for each in contexts(project)]
    assert [(each["outcome"], each["score"]) for each in reports] == [("kept", 0.7), ("changed", 0.7)]


def test_a_suggestion_left_alone_is_not_refused() -> None:
    """A question that was neither answered nor dismissed is unanswered, whatever was suggested."""
    project = begin()
    guess = {"item_id": ["i1"], "question": ["topics"], "value": ['["a"]']}
    project.add_prelabels(guess, source="m")
    session = Session(project, "ada")
    (item,) = session.upcoming(1)
    session.submit({"mood": "glad"}, seen={"prelabels": {"topics": item.prelabels["topics"].prelabel_id}})
    assert contexts(project)[0]["prelabels"]["topics"]["outcome"] == "unanswered"


def test_items_added_meanwhile_are_found() -> None:
    """Whoever has answered everything finds what was added since, without asking twice."""
    project = begin(1)
    session = Session(project, "ada")
    for item in session:
        session.submit({"mood": "glad"})
        if item.item_id == "i1":
            project.add_items({"item_id": ["late"], "text": ["One more."]})
    assert session.progress() == {"done": 2, "skipped": 0, "total": 2}
    assert session.current() is None


def test_a_submission_is_one_decision() -> None:
    """The same id with more, fewer or other answers, or as a skip, is refused whole; a true resend is not."""
    project = begin()
    session = Session(project, "ada")
    session.submit({"mood": "glad", "topics": ["a"]}, item_id="i1", submission="s-1")
    head = project.log.head()
    others: list[dict[str, Json]] = [{"mood": "glad"}, {"mood": "sad", "topics": ["a"]}]
    for other in others:
        with pytest.raises(ConflictError, match="already stored with another"):
            session.submit(other, item_id="i1", submission="s-1")
    with pytest.raises(ConflictError, match="'s-1' is already stored"):
        session.skip(item_id="i1", submission="s-1")
    assert project.log.head() == head
    session.submit({"mood": "glad", "topics": ["a"]}, item_id="i1", submission="s-1")
    session.submit({"mood": "sad"}, item_id="i1", submission="s-2")
    session.submit({"mood": "sad"}, item_id="i1", submission="s-2")
    assert project.log.head().position == head.position + 2


def test_a_note_is_a_flag_or_a_comment() -> None:
    """Neither, both, and a flag that is no truth value are refused: nothing is dropped in silence."""
    session = Session(begin(), "ada")
    wrongs: list[dict[str, Any]] = [
        {},
        {"flagged": True, "comment": "important"},
        {"flagged": "no"},
        {"comment": 5},
    ]
    for wrong in wrongs:
        with pytest.raises(ProtocolError, match="one of the two"):
            session.note(**wrong)
    assert session.upcoming(1)[0].comment is None


def test_ids_that_are_whole_numbers_are_found() -> None:
    """A frame with numbers for ids can be asked with numbers; what is no id at all is an unknown item."""
    items = {"item_id": [1, 2], "text": ["One.", "Two."]}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", LABELS))
    session = Session(ja.Project.open(":memory:", schema=schema, items=items), "ada")
    session.submit({"mood": "glad"}, item_id=2)  # type: ignore[arg-type]  # as read from a file
    assert session.go_to(2).answers == {"mood": "glad"}  # type: ignore[arg-type]  # as above
    for wrong in ("\ud800", None, 1.5, True):
        with pytest.raises(UnknownNameError, match="There is no item"):
            session.go_to(wrong)  # type: ignore[arg-type]  # that is the point
    assert [each.item_id for each in session.upcoming(5, ["\ud800", "2"])] == ["1"]


def test_an_erased_answer_is_withdrawn_everywhere() -> None:
    """Erasing the last answer brings no earlier one back: not in the views, nor in a session, old or new."""
    project = begin()
    session = Session(project, "ada")
    session.submit({"mood": "glad"}, item_id="i1")
    session.submit({"mood": "sad"}, item_id="i1")
    session.note(comment="call 555", item_id="i1")
    events = project.events().filter(item_id="i1")
    project.log.erase(events["position"].to_list()[1:], annotator_id="ada", reason="asked to")

    for each in (session, Session(project, "ada")):
        (item,) = each.upcoming(1)
        assert (item.item_id, item.answers, item.comment) == ("i1", {}, None)
        assert each.progress()["done"] == 0
    assert project.labels("mood").is_empty()


def test_an_undo_stays_on_record() -> None:
    """It holds nothing but ids, and without it a withdrawn label would come back."""
    project = begin()
    session = Session(project, "ada")
    session.submit({"mood": "glad"}, item_id="i1")
    session.undo()
    with pytest.raises(StorageError, match="'undo' and stays on record"):
        project.log.erase([project.log.head().position], annotator_id="ada", reason="asked to")
    assert project.labels("mood").is_empty()


def test_an_interrupt_after_the_commit_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell stopped between the commit and the bookkeeping leaves the session as the log is."""
    project = begin()
    session = Session(project, "ada")
    mark = Agenda.mark

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Agenda, "mark", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.submit({"mood": "glad"}, item_id="i1")
    monkeypatch.setattr(Agenda, "mark", mark)
    assert session.progress()["done"] == 1
    assert [each.item_id for each in session.upcoming(1)] == ["i2"]
