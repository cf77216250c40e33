"""The kernel's side of the conversation, driven by plain messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.desk import Synced
from jupyter_annotate.errors import AwayError, KeptHereError, NotSavedError
from jupyter_annotate.events import Event, EventKind, uuid7
from jupyter_annotate.storage import Head
from jupyter_annotate.widgets.protocol import MESSAGE, PART
from tests.pictures import png
from tests.widgets.talking import SEEN, Browser, Desk, Message, begin, messages

# ------------------------------------------------------------- what both languages agree on


def illustrated(n_bytes: int = 0) -> ja.Project:
    """Begin a project of texts with images."""
    ids = [f"r-{k}" for k in range(1, 41)]
    items = pl.DataFrame({"item_id": ids, "text": ids, "image": [png(4, 3, n_bytes=n_bytes)] * len(ids)})
    schema = ja.Schema(ja.Text("text"), ja.Image("image"), ja.Choice("mood", ["glad", "sad"]))
    return ja.Project.open(":memory:", schema=schema, items=items)


def test_every_request_is_accepted() -> None:
    """Every message the browser may send is answered with the reply the protocol names."""
    browser = Browser(illustrated())
    browser.project.add_prelabels({"item_id": ["r-1"], "value": ["glad"]}, source="model")
    expected = {
        "hello": "state",
        "submit": "ack",
        "sync": "ack",
        "need": "items",
        "open": "item",
        "blob": "blob",
        "ping": "pong",
        "identify": "state",
    }
    for message in messages("requests"):
        known = {"hash": browser.hash_of(message["item"])} if "hash" in message else {}
        known |= {"name": "ada"} if message["kind"] == "identify" else {}
        replies = browser.send(message | known)
        assert [reply["kind"] for reply in replies] == [expected[message["kind"]]], message
    kinds = browser.project.events()["kind"].to_list()
    assert kinds[-5:] == ["answer", "skip", "undo", "flag", "comment"]


def counts(done: int, skipped: int, total: int) -> Message:
    """Return the progress of an annotator where everybody labels everything."""
    return {"done": done, "skipped": skipped, "total": total, "team": None}


def shape(value: object) -> object:
    """Return the names and kinds of a JSON value, without what it says."""
    match value:
        case dict():
            return {name: shape(each) for name, each in value.items()}
        case list():
            return [shape(value[0])] if value else []
        case bool() | str():
            return type(value).__name__
        case int() | float():
            return "number"
        case _:
            return None


def replies() -> list[Message]:
    """Have a conversation in which the kernel says everything it can say."""
    project = begin()
    project.add_prelabels({"item_id": ["r-1"], "value": ["glad"], "score": [0.9]}, source="model")
    browser = Browser(project)
    browser.answer("r-3")
    browser.say("open", item="r-1")
    browser.hello()
    browser.say("need", n=2, have=[])
    browser.answer("r-1", "meh")
    browser.say("blob", blob="r-1/text")
    browser.say("ping", n=1)
    browser.say("open", item="r-99")
    pictures = Browser(illustrated())
    pictures.say("blob", blob="r-1/image")
    asked = Desk(project)
    asked.say("hello", view="v-1", protocol=1, pending=[])
    return browser.heard + pictures.heard + asked.heard


def one_of_each(heard: list[Message]) -> dict[tuple[str, bool], Message]:
    """Return a message of every kind; a failed blob is another kind than a blob."""
    return {(each["kind"], "error" in each): each for each in heard}


def test_every_reply_has_the_documented_fields() -> None:
    """What the kernel says has the fields the browser's tests read, no more and no fewer."""
    said = one_of_each(replies())
    documented = one_of_each(messages("replies"))
    assert said.keys() == documented.keys()
    for kind, expected in documented.items():
        assert said[kind].keys() == expected.keys() - {"more"}, kind
    item, wanted = said["item", False]["item"], documented["item", False]["item"]
    assert item.keys() == wanted.keys()
    state, wanted = said["state", False], documented["state", False]
    assert state["setup"]["annotator"].keys() == wanted["setup"]["annotator"].keys()
    assert state["progress"].keys() == wanted["progress"].keys()
    assert shape(state["items"][0]) == shape(wanted["items"][0])
    assert state["setup"].keys() == wanted["setup"].keys()
    assert state["history"][0].keys() == wanted["history"][0].keys()
    assert shape(state["setup"]["schema"]["questions"][0]["labels"][0]) == {
        "name": "str",
        "key": "str",
        "color": None,
        "help": None,
    }


# ------------------------------------------------------------------------------- submissions


def test_an_ack_follows_the_commit() -> None:
    """When the acknowledgement leaves, another reader of the log already finds the answer."""
    browser = Browser(begin())
    seen: list[int] = []
    hear = browser.conversation._send

    def look(message: Message, buffers: Any) -> None:  # noqa: ANN401 -- passed on
        if message["kind"] == "ack":
            seen.append(browser.project.log.read()["kind"].to_list().count("answer"))
        hear(message, buffers)

    browser.conversation._send = look
    browser.answer("r-1")
    browser.answer("r-2")
    assert seen == [1, 2]


def test_a_submission_sent_again_is_stored_once() -> None:
    """The same submission, in the same session or a later one, is acknowledged and stored once."""
    project = begin()
    first = Browser(project)
    message = first.submission("r-1", action="answer", answers={"mood": "sad"})
    later = Browser(project, client="c-2")
    for browser in (first, first, later):
        reply = browser.send(message)[-1]
        assert (reply["kind"], reply["submissions"]) == ("ack", [message["submission"]])
    assert project.events()["kind"].to_list().count("answer") == 1


@pytest.mark.parametrize("action", ["skip", "undo", "flag", "comment"])
def test_every_action_can_be_sent_again(action: str) -> None:
    """No action is stored twice, whatever came between."""
    project = begin()
    browser = Browser(project)
    answered = browser.answer("r-1")["submissions"][0]
    fields = {
        "skip": {},
        "undo": {"target": answered},
        "flag": {"on": True},
        "comment": {"text": "hm"},
    }[action]
    message = browser.submission("r-1", action=action, **fields)
    before = len(project.events())
    browser.send(message)
    stored = len(project.events()) - before
    browser.answer("r-1", "sad")
    assert browser.send(message)[-1]["kind"] == "ack"
    assert len(project.events()) - before == stored + 1


def test_a_resend_after_an_undo_does_not_answer_again() -> None:
    """A late double of an answer that was taken back leaves the item open."""
    browser = Browser(begin())
    message = browser.submission("r-1", action="answer", answers={"mood": "sad"})
    browser.send(message)
    browser.submit("r-1", action="undo", target=message["submission"])
    reply = browser.send(message)[-1]
    assert (reply["done"], reply["reopened"]) == ([], ["r-1"])
    assert browser.labels() == {}


def broken(browser: Browser, **change: object) -> Message:
    """Answer an item with something wrong in the message."""
    message = browser.submission("r-1", action="answer", answers={"mood": "glad"})
    return browser.send({name: each for name, each in (message | change).items() if each is not None})[-1]


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"answers": {"mood": "meh"}}, "bad_answer", "expected one of ['glad', 'sad']"),
        ({"answers": {}}, "bad_answer", "the question is required"),
        ({"answers": {"mode": "glad"}}, "bad_answer", "Did you mean 'mood'?"),
        ({"answers": {"mood": {"nested": [1]}}}, "bad_answer", "expected one of"),
        ({"item": "r-99"}, "unknown_item", "There is no item 'r-99'"),
        ({"hash": "another"}, "stale_item", "look at it again"),
        ({"action": "undo", "target": "nobody's"}, "unknown_target", "no submission"),
        ({"action": "erase"}, "protocol", "found 'erase'"),
        ({"action": "flag", "on": "yes"}, "protocol", "'on': expected true or false"),
        ({"action": "comment", "text": 7}, "protocol", "'text': expected text"),
        ({"action": "flag", "on": True, "hash": "another"}, "stale_item", "look at it again"),
        ({"answers": None}, "protocol", "'answers': expected an object"),
        ({"seen": None}, "protocol", "'seen': expected an object"),
        ({"hash": None}, "protocol", "'hash': expected text"),
        ({"client_seq": True}, "protocol", "'client_seq': expected a number"),
        ({"seen": SEEN | {"shown_ms": float("nan")}}, "bad_answer", "NaN"),
    ],
)
def test_what_is_wrong_is_refused_by_name(change: Message, code: str, words: str) -> None:
    """A submission that does not fit is refused with a code and a sentence, and nothing is stored."""
    browser = Browser(begin())
    before = len(browser.project.events())
    reply = broken(browser, **change)
    assert (reply["kind"], reply["code"]) == ("nack", code)
    assert words in reply["message"]
    assert reply["retry"] is (code == "unknown_target")
    assert len(browser.project.events()) == before


def test_an_undo_names_its_own_item() -> None:
    """An undo whose target is about another item is refused: something is mixed up."""
    browser = Browser(begin())
    target = browser.answer("r-1")["submissions"][0]
    reply = browser.submit("r-2", action="undo", target=target)
    assert (reply["kind"], reply["code"], reply["retry"]) == ("nack", "conflict", False)
    assert browser.labels() == {"r-1": "glad"}


def test_one_id_with_two_contents_is_a_conflict() -> None:
    """The same submission id with another answer is refused; what was stored stays."""
    browser = Browser(begin())
    message = browser.submission("r-1", action="answer", answers={"mood": "sad"})
    browser.send(message)
    reply = browser.send(message | {"answers": {"mood": "glad"}})[-1]
    assert (reply["kind"], reply["code"], reply["retry"]) == ("nack", "conflict", False)
    assert browser.labels() == {"r-1": "sad"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotSavedError("the disk is full", advice="Make room."), "storage"),
        (AwayError("The server does not answer."), "storage"),
        (KeptHereError("the server does not answer", place="a folder"), "kept"),
    ],
)
def test_a_store_that_refuses_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """While the store refuses, the browser is told to keep the answer; the same message is taken later."""
    browser = Browser(begin())
    message = browser.submission("r-1", action="answer", answers={"mood": "sad"})

    def refuse(_events: object) -> list[int]:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(browser.project, "record", refuse)
        reply = browser.send(message)[-1]
    assert (reply["kind"], reply["code"], reply["retry"]) == ("nack", code, True)
    assert reply["message"] == str(error)
    assert browser.send(message)[-1]["kind"] == "ack"
    assert browser.labels() == {"r-1": "sad"}


def test_what_goes_wrong_inside_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw reaches the browser; the conversation goes on."""
    browser = Browser(begin())

    def fail(_item: str) -> None:
        raise ZeroDivisionError("one by nothing")

    with monkeypatch.context() as patched:
        patched.setattr(browser.session, "go_to", fail)
        reply = browser.say("open", item="r-1")[-1]
    assert reply == {
        "kind": "refused",
        "to": "c-1",
        "request": "open",
        "code": "internal",
        "message": "ZeroDivisionError: one by nothing",
    }
    assert browser.answer("r-1")["kind"] == "ack"


@pytest.mark.parametrize(
    "message",
    [
        None,
        7,
        "hello",
        [],
        {},
        {"kind": 3},
        {"kind": "hallo", "client": "c"},
        {"kind": "ping", "client": "c"},
    ],
)
def test_nonsense_is_refused(message: object) -> None:
    """Whatever arrives is answered with a sentence, and nothing is raised in the kernel."""
    (reply,) = Browser(begin()).send(message)
    assert (reply["kind"], reply["code"]) == ("refused", "protocol")
    assert reply["message"].startswith(("Expected", "Message"))


# ------------------------------------------------------------------------- undo and skip


def test_redo_is_another_answer() -> None:
    """Answer, undo, answer again, in the order the kernel got them: the last answer stands."""
    browser = Browser(begin())
    first = browser.answer("r-1", "glad")["submissions"][0]
    reply = browser.submit("r-1", action="undo", target=first)
    assert (reply["done"], reply["reopened"]) == ([], ["r-1"])
    second = browser.answer("r-1", "sad")["submissions"][0]
    assert browser.labels() == {"r-1": "sad"}
    browser.submit("r-1", action="undo", target=first)
    assert browser.labels() == {"r-1": "sad"}
    browser.submit("r-1", action="undo", target=second)
    assert browser.labels() == {}


def test_undo_brings_the_earlier_answer_back() -> None:
    """Where an answer was corrected, taking the correction back leaves the first answer standing."""
    browser = Browser(begin())
    browser.answer("r-1", "glad")
    correction = browser.answer("r-1", "sad")["submissions"][0]
    reply = browser.submit("r-1", action="undo", target=correction)
    assert (reply["done"], reply["reopened"]) == (["r-1"], [])
    assert browser.labels() == {"r-1": "glad"}


def test_a_skip_withdraws_the_answer() -> None:
    """Skipping an answered item takes the answer out of the annotations; undoing the skip restores it."""
    browser = Browser(begin())
    browser.answer("r-1", "glad")
    reply = browser.submit("r-1", action="skip", text="cannot tell")
    assert reply["progress"] == counts(0, 1, 40)
    assert browser.labels() == {}
    assert browser.hello()["history"][-1]["status"] == "skipped"
    reply = browser.submit("r-1", action="undo", target=reply["submissions"][0])
    assert reply["progress"] == counts(1, 0, 40)
    assert browser.labels() == {"r-1": "glad"}


# ------------------------------------------------------------------------------- the queue


def ids(message: Message) -> list[str]:
    """Return the items of a message."""
    return [item["item"] for item in message["items"]]


def test_state_begins_where_the_annotator_stopped() -> None:
    """The first open item comes first, then the queue, without those that are still on their way."""
    browser = Browser(begin(n=30))
    browser.answer("r-1")
    state = browser.hello("r-3")
    assert ids(state)[:3] == ["r-2", "r-4", "r-5"]
    assert len(state["items"]) == 20
    assert [entry["item"] for entry in state["history"]] == ["r-1"]


def test_an_opened_item_is_the_cursor() -> None:
    """A reload comes back to the item that was opened last, with its answer."""
    browser = Browser(begin())
    browser.answer("r-1", "sad")
    browser.say("open", item="r-1")
    first = browser.hello()["items"][0]
    assert (first["item"], first["status"], first["answers"]) == ("r-1", "answered", {"mood": "sad"})
    browser.answer("r-1", "glad")
    assert ids(browser.hello())[0] == "r-2"


def test_need_leaves_out_what_the_browser_has() -> None:
    """Asking for more brings the next open items, and says when there are none left."""
    browser = Browser(begin(n=8))
    browser.answer("r-2")
    reply = browser.say("need", n=3, have=["r-1", "r-3"])[-1]
    assert (ids(reply), reply["exhausted"]) == (["r-4", "r-5", "r-6"], False)
    reply = browser.say("need", n=30, have=["r-1", "r-3"])[-1]
    assert (ids(reply), reply["exhausted"]) == (["r-4", "r-5", "r-6", "r-7", "r-8"], True)
    assert len(Browser(begin(n=300)).say("need", n=10**9, have=[])[-1]["items"]) == 100


def test_long_texts_come_one_by_one() -> None:
    """A message of items holds four million characters of text, or one item; none is left out in the end."""
    texts = ["x" * 3_000_000, "short", "y" * 3_000_000, "z" * 9_000_000, "short", "short"]
    items = {"item_id": [f"r-{n}" for n in range(6)], "text": texts}
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    browser = Browser(ja.Project.open(":memory:", schema=schema, items=items))
    sent = [ids(browser.hello())]
    exhausted = False
    while not exhausted:
        reply = browser.say("need", n=40, have=[each for some in sent for each in some])[-1]
        sent.append(ids(reply))
        exhausted = reply["exhausted"]

    assert sent[0][0] == "r-0"
    assert [each for some in sent for each in some] == items["item_id"]
    lengths = [[len(texts[items["item_id"].index(each)]) for each in some] for some in sent]
    assert all(len(some) <= 1 or sum(some) <= MESSAGE for some in lengths)


def test_items_added_later_are_served() -> None:
    """Items that a cell adds while the widget is open come at the end of the queue."""
    project = begin(n=1)
    browser = Browser(project)
    assert browser.hello()["progress"]["total"] == 1
    project.add_items({"item_id": ["late"], "text": ["Late."]})
    browser.say("ping", n=1)
    assert ids(browser.say("need", n=5, have=["r-1"])[-1]) == ["late"]


def test_answers_of_others_are_not_shown() -> None:
    """Another annotator's answers change neither queue, nor progress, nor history."""
    project = begin(n=3)
    grace = Browser(project, "grace")
    grace.answer("r-1")
    grace.submit("r-2", action="flag", on=True)
    grace.submit("r-2", action="comment", text="hm")
    state = Browser(project, "ada").hello()
    assert state["progress"] == counts(0, 0, 3)
    assert state["history"] == []
    assert [(item["status"], item["flagged"], item["comment"]) for item in state["items"]] == [
        ("open", False, None)
    ] * 3


# --------------------------------------------------------------------- two on one log


def test_two_conversations_converge(tmp_path: Path) -> None:
    """Two notebooks of one annotator learn of each other's answers, skips and undos through the heartbeat."""
    with begin(tmp_path / "reviews") as here, ja.Project.open(tmp_path / "reviews") as there:
        left, right = Browser(here, client="left"), Browser(there, client="right")
        first = left.answer("r-1", "glad")["submissions"][0]
        left.submit("r-2", action="skip")
        pong, ack = right.say("ping", n=1)
        assert (pong["kind"], pong["to"], pong["n"]) == ("pong", "right", 1)
        assert (ack["kind"], ack["to"], ack["done"]) == ("ack", None, ["r-1", "r-2"])
        assert [reply["kind"] for reply in right.ping()] == ["pong"]
        right.submit("r-1", action="undo", target=first)
        right.answer("r-3")
        ack = left.say("ping", n=1)[-1]
        assert (ack["done"], ack["reopened"]) == (["r-3"], ["r-1"])
        assert left.hello()["progress"] == right.hello()["progress"] == counts(1, 1, 40)
        assert ids(left.hello()) == ids(right.hello())


def test_the_last_answer_in_the_log_stands_everywhere() -> None:
    """When two notebooks answer one item at once, both end with the answer that came last in the log."""
    project = begin()
    left, right = Browser(project, client="left"), Browser(project, client="right")
    record = project.record

    def overtaken(events: list[Event]) -> list[int]:
        project.record = record  # type: ignore[method-assign]  # once
        right.answer("r-1", "sad")
        return record(events)

    left.hash_of("r-1")
    project.record = overtaken  # type: ignore[assignment, method-assign]  # the other is quicker
    left.answer("r-1", "glad")
    assert project.labels()["label"].to_list() == ["glad"]
    for browser in (left, right):
        browser.say("ping", n=1)
        assert browser.say("open", item="r-1")[-1]["item"]["answers"] == {"mood": "glad"}


def test_what_a_cell_answers_reaches_the_views() -> None:
    """Answers given through the widget's session in a cell are told to the open views."""
    browser = Browser(begin())
    browser.hello()
    browser.session.submit({"mood": "glad"}, item_id="r-1")
    ack = browser.say("ping", n=1)[-1]
    assert (ack["kind"], ack["done"]) == ("ack", ["r-1"])


@pytest.mark.parametrize(
    ("first", "fields"),
    [("hello", {"view": "v", "protocol": 1, "pending": []}), ("sync", {"submissions": []})],
)
def test_news_reaches_every_view(first: str, fields: Message) -> None:
    """News that arrives with one view's hello or sync is told to all of them."""
    project = begin()
    browser = Browser(project)
    Browser(project, client="elsewhere").answer("r-1")
    told = browser.say(first, **fields)
    assert [each["done"] for each in told if each["kind"] == "ack" and not each["to"]] == [["r-1"]]


def test_sync_names_what_is_stored() -> None:
    """Of the submissions asked about, those in the log are acknowledged, also after a restart."""
    project = begin()
    stored = Browser(project).answer("r-1")["submissions"][0]
    reply = Browser(project).say("sync", submissions=["never-sent", stored])[-1]
    assert (reply["kind"], reply["submissions"]) == ("ack", [stored])


def kinds(heard: list[Message]) -> list[str]:
    """Return what kinds of messages these are."""
    return [each["kind"] for each in heard]


def test_progress_that_changed_is_told() -> None:
    """Items added meanwhile change the progress; the next heartbeat tells all views, once."""
    project = begin()
    browser = Browser(project)
    browser.hello()
    project.add_items({"item_id": ["late"], "text": ["Late."]})
    pong, ack = browser.ping()
    assert (pong["kind"], ack["kind"], ack["to"], ack["submissions"]) == ("pong", "ack", None, [])
    assert ack["progress"] == counts(0, 0, 41)
    assert kinds(browser.ping()) == ["pong"]


def test_what_the_session_says_of_the_team_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of the team go to the browser as they are, and again whenever they differ."""
    browser = Browser(begin())
    team = {"complete": 3, "total": 40, "overlap": 2, "held": 1}
    monkeypatch.setattr(browser.session, "progress", lambda: {**counts(0, 0, 40), "team": dict(team)})
    assert browser.hello()["progress"]["team"] == team
    assert kinds(browser.ping()) == ["pong"]
    team["complete"] = 4
    assert browser.ping()[-1]["progress"]["team"] == team


def test_news_of_items_that_came_free_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there may be items where the queue had ended, the browser is told with whatever comes next."""
    browser = Browser(begin())
    message = browser.submission("r-1", action="answer", answers={"mood": "sad"})
    browser.hello()
    with monkeypatch.context() as patched:
        patched.setattr(browser.session, "sync", lambda _submissions=(): Synced([], [], more=True))
        heard = [browser.ping(), browser.send(message), browser.say("sync", submissions=[])]
    assert [each[-1].get("more") for each in heard] == [True, True, True]
    browser.ping()
    assert kinds(browser.ping()) == ["pong"]


def test_many_heartbeats_are_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many views ask, the kernel looks for news once a second, and reads no event twice."""
    project = begin()
    browsers = [Browser(project, f"annotator-{n}") for n in range(40)]
    for browser in browsers:
        browser.hello()
    looks: list[Head] = []
    head = project.log.head

    def counted() -> Head:
        looks.append(head())
        return looks[-1]

    def forbidden(*_: object) -> pl.DataFrame:
        raise AssertionError("read, or folded the whole log")

    monkeypatch.setattr(project.log, "head", counted)
    monkeypatch.setattr(project.log, "read", forbidden)
    monkeypatch.setattr("jupyter_annotate.views.fold_tail", forbidden)
    monkeypatch.setattr("jupyter_annotate.views.latest_annotations", forbidden)
    for browser in browsers:
        heard = [*browser.ping(), *browser.ping(after=0.3), *browser.ping(after=0.6)]
        assert kinds(heard) == ["pong"] * 3
    # One for what happened, one for the progress.
    assert len(looks) == 2 * len(browsers)


def test_a_store_that_is_away_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store cannot be reached every heartbeat is answered, one sentence said, and news follow."""
    browser = Browser(begin())
    browser.hello()

    def away(_submissions: object = ()) -> Synced:
        raise AwayError("The server does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(browser.session, "sync", away)
        heard = [each for _ in range(20) for each in browser.ping()]
    assert kinds(heard).count("pong") == 20
    (complaint,) = [each for each in heard if each["kind"] != "pong"]
    assert complaint == {
        "kind": "refused",
        "to": None,
        "request": "ping",
        "code": "storage",
        "message": "The server does not answer.",
    }
    browser.session.submit({"mood": "glad"}, item_id="r-1")
    assert browser.ping(after=5.0)[-1]["done"] == ["r-1"]
    with monkeypatch.context() as patched:
        patched.setattr(browser.session, "sync", away)
        assert kinds(browser.ping()) == ["pong", "refused"]


# ----------------------------------------------------------------------------------- media


def test_media_come_in_parts() -> None:
    """A file comes whole, in parts of at most one mebibyte, numbered."""
    data = png(4, 3, n_bytes=2 * PART + 5)
    browser = Browser(illustrated(2 * PART + 5))
    replies = browser.say("blob", blob="r-1/image")
    assert [(each["part"], each["parts"], each["mime"]) for each in replies] == [
        (n, 3, "image/png") for n in range(3)
    ]
    assert max(map(len, browser.buffers)) <= PART == 1024 * 1024
    assert b"".join(browser.buffers) == data


@pytest.mark.parametrize("name", ["r-1/text", "r-1/sound", "r-99/image", "image", "", "../../etc/passwd"])
def test_media_that_are_not_there(name: str) -> None:
    """Asking for media that are not there brings one sentence and no bytes."""
    browser = Browser(illustrated())
    (reply,) = browser.say("blob", blob=name)
    assert (reply["kind"], reply["blob"], browser.buffers) == ("blob", name, [])
    assert reply["error"].endswith(".")


def test_media_of_a_name_with_slashes() -> None:
    """A field and an item may have slashes in their names; what the item names is what the kernel finds."""
    schema = ja.Schema(ja.Image("left"), ja.Image("img/left"), ja.Choice("mood", ["glad", "sad"]))
    ids = ["x", "x/img"]
    items = pl.DataFrame({"item_id": ids, "left": [png(1, 1), png(2, 2)], "img/left": [png(3, 3), png(4, 4)]})
    browser = Browser(ja.Project.open(":memory:", schema=schema, items=items))
    found = {}
    for item_id in ids:
        (reply,) = browser.say("open", item=item_id)
        for name, value in reply["item"]["fields"].items():
            browser.buffers.clear()
            browser.say("blob", blob=value["blob"])
            found[item_id, name] = b"".join(browser.buffers)

    assert found == {
        ("x", "left"): png(1, 1),
        ("x", "img/left"): png(3, 3),
        ("x/img", "left"): png(2, 2),
        ("x/img", "img/left"): png(4, 4),
    }


def with_a_file_gone(folder: Path) -> Browser:
    """Open a project of two image files, then take the first away."""
    for name in ("a.png", "b.png"):
        (folder / name).write_bytes(png(4, 3))
    schema = ja.Schema(ja.Image("image", root=folder), ja.Choice("mood", ["glad", "sad"]))
    items = {"item_id": ["r-1", "r-2"], "image": ["a.png", "b.png"]}
    browser = Browser(ja.Project.open(":memory:", schema=schema, items=items))
    (folder / "a.png").unlink()
    return browser


def test_a_missing_image_stops_nobody(tmp_path: Path) -> None:
    """A file that is gone leaves the other items as they were; its own says why and takes no answer."""
    browser = with_a_file_gone(tmp_path)
    state = browser.hello()
    (blob,) = browser.say("blob", blob=state["items"][0]["fields"]["image"]["blob"])
    refused, answered = browser.answer("r-1"), browser.answer("r-2")

    assert [each["item"] for each in state["items"]] == ["r-1", "r-2"]
    assert "'a.png', field 'image': there is no such file" in blob["error"]
    assert (refused["kind"], refused["code"], refused["retry"]) == ("nack", "bad_answer", False)
    assert "'a.png', field 'image': there is no such file" in refused["message"]
    assert answered["kind"] == "ack"
    assert browser.labels() == {"r-2": "glad"}


def test_an_item_without_its_image_can_be_passed_over(tmp_path: Path) -> None:
    """Flag, comment, skip and undo need no image."""
    browser = with_a_file_gone(tmp_path)
    flagged = browser.submit("r-1", action="flag", on=True)
    commented = browser.submit("r-1", action="comment", text="the image is gone")
    skipped = browser.submission("r-1", action="skip")
    passed = browser.send(skipped)[-1]
    undone = browser.submit("r-1", action="undo", target=skipped["submission"])

    assert [each["kind"] for each in (flagged, commented, passed, undone)] == ["ack"] * 4
    assert (passed["done"], undone["reopened"]) == (["r-1"], ["r-1"])


# --------------------------------------------------------------------------------- threads


def together(*works: Callable[[], None]) -> None:
    """Do these at once and raise what any of them raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- raised again below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def answering(browser: Browser, numbers: range) -> Callable[[], None]:
    """Return what answers these items, with the messages made beforehand."""
    made = [
        browser.submission(f"r-{n}", action="answer", answers={"mood": "sad" if n % 3 else "glad"})
        for n in numbers
    ]

    def work() -> None:
        for message in made:
            browser.conversation.receive(message)

    return work


def stored_once(project: ja.Project, n: int) -> None:
    """Assert that each of n items was answered once, as it should be, and that the chain verifies."""
    answers = project.events().filter(kind=EventKind.ANSWER)
    assert len(answers) == n == answers["item_id"].n_unique()
    found = dict(project.labels().select("item_id", "label").iter_rows())
    assert found == {f"r-{k}": "sad" if k % 3 else "glad" for k in range(1, n + 1)}
    project.log.verify()


@pytest.mark.long
def test_a_handler_in_two_threads_loses_nothing() -> None:
    """10,000 answers through one conversation from two threads at once: all stored once, all acknowledged."""
    n = 10_000
    browser = Browser(begin(n=n))
    hashes = browser.session.upcoming(n)
    browser._hashes = {item.item_id: item.hash for item in hashes}
    together(answering(browser, range(1, n + 1, 2)), answering(browser, range(2, n + 1, 2)))
    acknowledged = [
        each for reply in browser.heard if reply["kind"] == "ack" for each in reply["submissions"]
    ]
    assert len(set(acknowledged)) == n
    assert not [reply for reply in browser.heard if reply["kind"] in {"nack", "refused"}]
    stored_once(browser.project, n)


def test_two_conversations_in_two_threads(tmp_path: Path) -> None:
    """Two notebooks write to one file at once, while a third thread reads: nothing is lost or doubled."""
    n = 200
    with begin(tmp_path / "reviews", n=n) as here, ja.Project.open(tmp_path / "reviews") as there:
        left, right = Browser(here, client="left"), Browser(there, client="right")
        works = [answering(left, range(1, n + 1, 2)), answering(right, range(2, n + 1, 2))]

        def read() -> None:
            for _ in range(50):
                assert here.annotations()["value"].null_count() == 0

        together(*works, read)
        heard = left.heard + right.heard
        assert not [reply for reply in heard if reply["kind"] in {"nack", "refused"}]
        stored_once(here, n)
        assert left.hello()["progress"] == right.hello()["progress"] == counts(n, 0, n)


def test_two_annotators_in_two_threads() -> None:
    """Two widgets of one project in one kernel are used from two threads; each keeps its own answers."""
    project = begin(n=200)
    ada, grace = Browser(project, "ada"), Browser(project, "grace")
    together(answering(ada, range(1, 201)), answering(grace, range(1, 201)))
    assert len(ada.labels()) == len(grace.labels()) == 200
    assert not [each for each in ada.heard + grace.heard if each["kind"] in {"nack", "refused"}]


def test_an_answer_costs_no_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the log is, an answer does not read it again."""
    project = begin()
    project.record(
        [
            Event(kind=EventKind.ANSWER, annotator_id="bob", item_id="r-1", question="mood", value="sad")
            for _ in range(1_000)
        ]
    )
    browser = Browser(project)
    browser.hello()
    rows: list[int] = []
    read = project.log.read

    def counted(after: int = 0, until: int | None = None) -> pl.DataFrame:
        found = read(after, until)
        rows.append(len(found))
        return found

    def forbidden(*_: object) -> pl.DataFrame:
        raise AssertionError("folded the whole log")

    monkeypatch.setattr(project.log, "read", counted)
    monkeypatch.setattr("jupyter_annotate.views.fold_tail", forbidden)
    monkeypatch.setattr("jupyter_annotate.views.latest_annotations", forbidden)
    for n in range(1, 21):
        browser.answer(f"r-{n}")
    assert sum(rows) == 20


def test_ids_are_made_by_the_browser() -> None:
    """The event in the log carries the browser's submission, so any later resend finds it."""
    browser = Browser(begin())
    submission = uuid7()
    browser.answer("r-1", submission=submission)
    assert browser.project.events()["event_id"][-1] == f"{submission}.mood"
