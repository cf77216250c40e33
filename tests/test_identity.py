"""Identity: who the annotator is, and how we know."""

from __future__ import annotations

import getpass

import pytest

from jupyter_annotate.errors import SchemaError
from jupyter_annotate.identity import Identity


@pytest.mark.parametrize(
    ("explicit", "environment", "expected"),
    [
        ("ada", {"JUPYTER_ANNOTATE_USER": "grace", "JUPYTERHUB_USER": "hub"}, Identity("ada", "explicit")),
        (
            None,
            {"JUPYTER_ANNOTATE_USER": "grace", "JUPYTERHUB_USER": "hub"},
            Identity("grace", "environment"),
        ),
        (None, {"JUPYTER_ANNOTATE_USER": "", "JUPYTERHUB_USER": "hub"}, Identity("hub", "hub_env")),
        (None, {}, Identity("lovelace", "os_user")),
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
    assert found == Identity("hub", "hub_env")
