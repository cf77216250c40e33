"""Identity: who the annotator is, and how we know."""

from __future__ import annotations

import getpass
import json
import os
import socket

import pytest

from jupyter_annotate.access import Access
from jupyter_annotate.errors import AnnotateError, SchemaError
from jupyter_annotate.identity import Assurance, Identity


@pytest.mark.parametrize(
    ("explicit", "environment", "expected"),
    [
        ("ada", {"JUPYTER_ANNOTATE_USER": "grace", "JUPYTERHUB_USER": "hub"}, Identity("ada", "explicit")),
        (
            None,
            {"JUPYTER_ANNOTATE_USER": "grace", "JUPYTERHUB_USER": "hub"},
            Identity("grace", "environment"),
        ),
        (
            None,
            {"JUPYTER_ANNOTATE_USER": "", "JUPYTERHUB_USER": "hub"},
            Identity("hub", "hub_env", Assurance.ENVIRONMENT),
        ),
        (None, {}, Identity("lovelace", "os_user", Assurance.ENVIRONMENT)),
    ],
)
def test_the_first_that_knows_wins(
    monkeypatch: pytest.MonkeyPatch, explicit: str | None, environment: dict[str, str], expected: Identity
) -> None:
    """A name in the cell goes before the environment, that before the hub, that before the system."""
    monkeypatch.setattr(getpass, "getuser", lambda: "lovelace")
    assert Identity.resolve(explicit, environment) == expected


@pytest.mark.parametrize("account", ["root", "jovyan", "nobody", ""])
def test_a_generic_account_is_nobody(monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    """The account of an image says nothing about the person: the source says so."""
    monkeypatch.setattr(getpass, "getuser", lambda: account)
    assert Identity.resolve(None, {}) == Identity("anonymous", "unspecified")


def test_a_system_without_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose user has no name is anonymous, not an error."""

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert Identity.resolve(None, {}).source == "unspecified"


@pytest.mark.parametrize("name", ["ada\n", "a\x1fda", "a\udc00da"])
def test_a_name_fit_for_the_log(name: str) -> None:
    """A control character or a lone surrogate in a name is refused, wherever it comes from."""
    with pytest.raises(SchemaError, match=r"The annotator .* control character"):
        Identity.resolve(name)
    with pytest.raises(SchemaError, match=r"JUPYTERHUB_USER .* control character"):
        Identity.resolve(None, {"JUPYTERHUB_USER": name})


def test_names_of_people() -> None:
    """Spaces, any script and emoji are names."""
    for name in ("Ada Lovelace", "Ноэль", "陈 🌱", "o'Neil-Ж"):
        assert Identity.resolve(name).annotator_id == name


@pytest.mark.parametrize("name", ["", " ", "\u2003", 5, b"ada", ["ada"]])
def test_a_name_is_text_that_can_be_seen(name: str) -> None:
    """A blank signs nothing, and a number is no name."""
    with pytest.raises(SchemaError, match=r"The annotator needs a name like 'ada', found"):
        Identity.resolve(name)


def test_a_blank_in_the_environment_is_no_name() -> None:
    """The next in order is asked."""
    found = Identity.resolve(None, {"JUPYTER_ANNOTATE_USER": "  ", "JUPYTERHUB_USER": "hub"})
    assert found == Identity("hub", "hub_env", Assurance.ENVIRONMENT)


class Members(Access):
    """A store that knows ada."""

    member = "ada"


class Trusting(Members):
    """A store that lets her sign for others."""

    signs_for_others = True


def test_a_login_wins_over_everything() -> None:
    """Where the database says who one is, no environment and no name in a cell changes that."""
    proven = Identity("ada", "db_role", Assurance.DB_ROLE)
    environment = {"JUPYTER_ANNOTATE_USER": "grace", "JUPYTERHUB_USER": "hub"}
    assert Identity.resolve(None, environment, access=Members()) == proven
    assert Identity.resolve("ada", environment, access=Members()) == proven
    assert Identity.resolve(Identity("ada", "asked"), environment, access=Members()) == proven


def test_another_name_than_the_logins() -> None:
    """Another name is refused with what to do; a member who may sign for others makes a claim with it."""
    with pytest.raises(AnnotateError, match=r"knows you as 'ada'.*'grace': leave annotator= out"):
        Identity.resolve("grace", access=Members())
    assert Identity.resolve("grace", access=Trusting()) == Identity("grace", "explicit")
    assert Identity.resolve(None, access=Trusting()).assurance == Assurance.DB_ROLE


def test_an_identity_found_before_is_kept() -> None:
    """What was found out once is not found out again."""
    found = Identity("ada", "hub_env", Assurance.HUB_CHECKED)
    assert Identity.resolve(found, {"JUPYTER_ANNOTATE_USER": "grace"}) is found


@pytest.mark.parametrize("source", ["explicit", "asked", "hub_person", "environment", "hub_env", "db_role"])
def test_a_chosen_name_stays_a_pseudonym(source: str) -> None:
    """Beside a name stand where it comes from and its level, and nothing of the computer."""
    context = Identity("a-17", source, Assurance.CLAIMED).context()
    assert context == {"identity": source, "assurance": 0}


def test_an_account_is_one_of_a_machine() -> None:
    """A system account goes with its machine and number: the same name elsewhere may be another person."""
    who = Identity("ada", "os_user", Assurance.ENVIRONMENT)
    expected = {"identity": "os_user", "assurance": 1, "host": socket.gethostname(), "uid": os.getuid()}
    assert json.loads(json.dumps(who.context())) == expected
    assert who.basis() == {"identity": "os_user", "assurance": 1}
