"""Roles: who began a project, who was appointed, and who may appoint."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError, SchemaError, StorageError, UnknownNameError
from jupyter_annotate.events import Event, EventKind

SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> ja.Project:
    """Return a project that ada began."""
    monkeypatch.setenv("JUPYTER_ANNOTATE_USER", "ada")
    return begin()


def begin() -> ja.Project:
    """Begin a project of one item."""
    return ja.Project.open(":memory:", schema=SCHEMA, items={"item_id": ["a"], "text": ["A."]})


@pytest.fixture
def nobodys(monkeypatch: pytest.MonkeyPatch) -> ja.Project:
    """Return a project begun on a computer that does not say who sits there."""
    for variable in ("JUPYTER_ANNOTATE_USER", "JUPYTERHUB_USER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "jovyan")
    return begin()


def held(project: ja.Project) -> dict[str, str]:
    """Return who has which role."""
    return dict(ja.roles(project).select("annotator_id", "role").iter_rows())


def appointments(project: ja.Project) -> list[str]:
    """Return who appointed, one name an event."""
    return project.events().filter(kind=EventKind.ROLE)["annotator_id"].to_list()


def test_who_begins_is_the_lead(begun: ja.Project) -> None:
    """Whoever begins a project is its lead from that moment, and the log says how that was known."""
    assert held(begun) == {"ada": "lead"}
    event = begun.events().filter(kind=EventKind.SCHEMA)
    assert ja.roles(begun)["since"].to_list() == event["at"].to_list()
    assert json.loads(event["context"].item()) == {"identity": "environment", "assurance": 0}


def test_a_project_nobody_signed_has_no_lead(nobodys: ja.Project) -> None:
    """Where it is not known who begins, nobody is the lead, and anybody may appoint the first."""
    assert ja.roles(nobodys).schema == {
        "annotator_id": pl.String,
        "role": pl.String,
        "since": pl.Datetime("us", "UTC"),
    }
    assert ja.roles(nobodys).is_empty()
    ja.appoint(nobodys, "grace", "lead")
    assert held(nobodys) == {"grace": "lead"}
    with pytest.raises(AnnotateError, match=r"Only a lead .*'grace'.* known as 'anonymous'.*by='your name'"):
        ja.appoint(nobodys, "ada", "reviewer")


def test_the_last_appointment_stands(begun: ja.Project) -> None:
    """An appointment takes the place of an earlier one and says since when; the same again adds nothing."""
    for role in ("reviewer", "adjudicator", "adjudicator"):
        ja.appoint(begun, "grace", role)
    assert held(begun) == {"ada": "lead", "grace": "adjudicator"}
    events = begun.events().filter(kind=EventKind.ROLE)
    assert [json.loads(each)["role"] for each in events["value"]] == ["reviewer", "adjudicator"]
    assert ja.roles(begun)["since"][1] == events["at"][1]
    assert json.loads(events["context"][0]) == {"identity": "environment", "assurance": 0}


def test_only_a_lead_appoints(begun: ja.Project) -> None:
    """Others are refused with the names of the leads, and nothing is written; a new lead may then."""
    ja.appoint(begun, "grace", "reviewer")
    head = begun.log.head()
    with pytest.raises(AnnotateError, match=r"Only a lead gives roles here: \['ada'\].*known as 'grace'"):
        ja.appoint(begun, "grace", "lead", by="grace")
    assert begun.log.head() == head
    ja.appoint(begun, "grace", "lead")
    ja.appoint(begun, "ada", "annotator", by="grace")
    assert held(begun) == {"ada": "annotator", "grace": "lead"}
    assert appointments(begun) == ["ada", "ada", "grace"]


def test_the_last_lead_stays(begun: ja.Project) -> None:
    """A project that has a lead keeps one."""
    with pytest.raises(AnnotateError, match="'ada' is the only lead"):
        ja.appoint(begun, "ada", "reviewer")
    assert held(begun) == {"ada": "lead"}


@pytest.mark.usefixtures("begun")
def test_two_kernels_see_each_others_leads(tmp_path: Path) -> None:
    """What another kernel appointed counts at once: the decision is taken on the whole log."""
    location = tmp_path / "reviews"
    with (
        ja.Project.open(location, schema=SCHEMA) as here,
        ja.Project.open(location) as there,
    ):
        ja.appoint(here, "grace", "lead")
        ja.appoint(there, "ada", "annotator", by="grace")
        known, events = here.events(), here.events
        here.events = lambda after=0: known if after == 0 else events(after)  # type: ignore[method-assign]  # stale
        ja.appoint(there, "ada", "lead", by="grace")
        ja.appoint(there, "grace", "annotator", by="ada")
        with pytest.raises(AnnotateError, match=r"Only a lead gives roles here: \['ada'\]"):
            ja.appoint(here, "linus", "lead", by="grace")


@pytest.mark.parametrize(
    ("name", "role", "error"),
    [("", "lead", SchemaError), ("a\nb", "lead", SchemaError), ("ada", "boss", UnknownNameError)],
)
def test_an_appointment_names_somebody_and_a_role(
    begun: ja.Project, name: str, role: str, error: type[Exception]
) -> None:
    """A blank name or an unknown role is refused."""
    with pytest.raises(error):
        ja.appoint(begun, name, role)
    assert appointments(begun) == []


def test_a_role_does_not_come_in_as_an_answer(begun: ja.Project) -> None:
    """Roles have a door of their own: whoever records one as an annotator's event is refused."""
    event = Event(kind=EventKind.ROLE, annotator_id="grace", value={"annotator": "grace", "role": "lead"})
    with pytest.raises(SchemaError, match="'role' is not recorded by an annotator"):
        begun.record([event])


def test_an_erased_appointment_says_nothing(begun: ja.Project) -> None:
    """When an appointment is erased, the one before it stands again."""
    ja.appoint(begun, "grace", "reviewer")
    ja.appoint(begun, "grace", "adjudicator")
    begun.log.erase([begun.log.head().position], annotator_id="ada", reason="a mistake")
    assert held(begun) == {"ada": "lead", "grace": "reviewer"}


def test_a_store_with_members_decides(begun: ja.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that knows its members is told first, whoever is a lead here; its refusal leaves no event."""
    told: list[tuple[str, str]] = []
    begun.log.member = "grace"  # made a lead by whoever runs the database, so the log does not know
    monkeypatch.setattr(begun.log, "appoint", lambda name, role: told.append((name, str(role))))
    ja.appoint(begun, "linus", "reviewer")
    assert told == [("linus", "reviewer")]
    assert appointments(begun) == ["grace"]

    def refuse(_name: str, _role: str) -> None:
        raise StorageError("The database does not know 'edsger': add the member first.")

    monkeypatch.setattr(begun.log, "appoint", refuse)
    with pytest.raises(StorageError, match="add the member first"):
        ja.appoint(begun, "edsger", "reviewer")
    assert held(begun) == {"ada": "lead", "linus": "reviewer"}


def test_a_member_appoints_in_the_own_name(begun: ja.Project) -> None:
    """Where the store knows who one is, no other name appoints."""
    begun.log.member = "grace"
    with pytest.raises(AnnotateError, match="knows you as 'grace'"):
        ja.appoint(begun, "linus", "lead", by="ada")
