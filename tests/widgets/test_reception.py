"""Who labels is asked in the page, before anything is shown."""

from __future__ import annotations

import json
import threading

import pytest

from jupyter_annotate.errors import AwayError, AwayWarning
from tests.widgets.talking import SEEN, Desk, Message, begin


def test_nothing_is_shown_before_somebody_signs() -> None:
    """A widget that does not know who labels asks every page, and serves nothing until one has answered."""
    desk = Desk(begin(), suggestion="grace")
    who = {"kind": "who", "hub": False, "suggestion": "grace"}
    assert [desk.hello("c-1"), desk.hello("c-2")] == [who | {"to": "c-1"}, who | {"to": "c-2"}]
    (pong,) = desk.say("ping", n=4)
    assert (pong["kind"], pong["n"]) == ("pong", 4)
    (refused,) = desk.say("need", n=3, have=[])
    assert (refused["kind"], refused["code"]) == ("refused", "protocol")
    assert "give a name first" in refused["message"]
    assert desk.session is None


def test_the_answer_brings_the_items_to_every_page() -> None:
    """Once a page has said who labels, all that greeted get the state, without what each still holds."""
    desk = Desk(begin(n=5))
    desk.say("hello", client="c-1", view="v", protocol=1, pending=["r-2"])
    desk.hello("c-2")
    states = desk.identify("Ada Lovelace", client="c-2")
    assert [(each["kind"], each["to"]) for each in states] == [("state", "c-1"), ("state", "c-2")]
    assert [len(each["items"]) for each in states] == [4, 5]
    assert states[0]["setup"]["annotator"] == {"id": "Ada Lovelace", "source": "asked", "assurance": 0}
    assert desk.hello("c-3")["kind"] == "state"


def test_a_page_the_kernel_does_not_know_is_let_in() -> None:
    """After a restart a page may say who labels before it says hello; it is answered all the same."""
    (state,) = Desk(begin()).identify("ada")
    assert (state["kind"], state["to"]) == ("state", "c-1")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name like 'ada'"),
        ("  ", "needs a name like 'ada'"),
        ("a\nda", "holds a control character"),
        (7, "'name': expected text"),
    ],
)
def test_a_name_nobody_can_sign_with_is_refused(name: object, words: str) -> None:
    """A name that cannot stand in the log is refused with a sentence, and the next one is taken."""
    desk = Desk(begin())
    desk.hello()
    (refused,) = desk.identify(name)
    assert (refused["kind"], refused["request"], refused["code"]) == ("refused", "identify", "protocol")
    assert words in refused["message"]
    assert desk.identify("ada")[-1]["kind"] == "state"


def test_another_members_name_is_refused() -> None:
    """Where the store knows who one is, another name is refused, and the own one is proven by the store."""
    project = begin()
    project.log.member = "ada"
    desk = Desk(project)
    (refused,) = desk.identify("grace")
    assert refused["kind"] == "refused"
    assert "The database knows you as 'ada'" in refused["message"]
    (state,) = desk.identify("ada")
    assert state["setup"]["annotator"] == {"id": "ada", "source": "db_role", "assurance": 3}


def test_a_widget_is_signed_for_good() -> None:
    """A second name is refused with a sentence; the same one again, from whatever page, is answered."""
    desk = Desk(begin())
    desk.identify("ada")
    (refused,) = desk.identify("grace", client="c-2")
    assert (refused["kind"], refused["to"], refused["code"]) == ("refused", "c-2", "conflict")
    assert "signed by 'ada'" in refused["message"]
    assert "a notebook of your own" in refused["message"]
    (state,) = desk.identify("ada", client="c-2")
    assert (state["kind"], state["to"]) == ("state", "c-2")
    assert desk.session is not None
    assert desk.session.annotator.annotator_id == "ada"


def test_the_hub_is_asked_only_where_it_was_agreed() -> None:
    """A page may tell what the hub says where the cell asked for that, and nowhere else; it stays a claim."""
    (refused,) = Desk(begin()).identify("ada", "hub_person")
    assert (refused["code"], "expected asked" in refused["message"]) == ("protocol", True)
    desk = Desk(begin(), hub=True)
    assert desk.hello()["hub"] is True
    (state,) = desk.identify("ada", "hub_person")
    assert state["setup"]["annotator"] == {"id": "ada", "source": "hub_person", "assurance": 0}
    assert state["setup"]["hub"] is True
    (typed,) = Desk(begin(), hub=True).identify("ada")
    assert typed["setup"]["hub"] is False


def submission(item: str) -> Message:
    """Make what a page sends that still holds an answer from before."""
    facts = {"client_seq": 1, "submission": "s-1", "action": "answer", "item": item, "hash": "h"}
    return facts | {"answers": {"mood": "glad"}, "seen": SEEN}


def test_an_answer_from_before_waits() -> None:
    """An answer that arrives before anybody has signed is kept by the browser, not refused for good."""
    (nack,) = Desk(begin()).say("submit", **submission("r-1"))
    assert (nack["kind"], nack["submission"], nack["code"], nack["retry"]) == ("nack", "s-1", "storage", True)


def test_every_event_says_what_the_name_rests_on() -> None:
    """The context of an answer names the sitting, the source of the name and its level."""
    desk = Desk(begin())
    desk.identify("ada")
    assert desk.session is not None
    desk.session.submit({"mood": "glad"})
    context = json.loads(desk.project.events()["context"][-1])
    assert (context["identity"], context["assurance"], len(context["session"])) == ("asked", 0, 36)


def test_a_name_can_be_given_while_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before is shown; what is answered says where it is when it is submitted."""
    desk = Desk(begin())

    def away(**_: int) -> None:
        raise AwayError("The server does not answer.")

    monkeypatch.setattr(desk.project.log, "read", away)
    monkeypatch.setattr(desk.project.log, "head", away)
    with pytest.warns(AwayWarning, match="read before"):
        heard = desk.identify("ada")
    assert heard[-1]["kind"] == "state"
    assert heard[-1]["items"]


def test_two_pages_that_answer_at_once() -> None:
    """Two people who sign one widget in the same moment, from two threads: one is in, the other is told."""
    for _ in range(20):
        desk = Desk(begin(n=2))
        start = threading.Barrier(2)

        def sign(name: str, desk: Desk = desk, start: threading.Barrier = start) -> None:
            start.wait(5)
            desk.identify(name, client=f"c-{name}")

        threads = [threading.Thread(target=sign, args=(name,)) for name in ("ada", "grace")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sorted(each["kind"] for each in desk.heard) == ["refused", "state"]
        state = next(each for each in desk.heard if each["kind"] == "state")
        assert desk.session is not None
        assert state["to"] == f"c-{desk.session.annotator.annotator_id}"
