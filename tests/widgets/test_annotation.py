"""AnnotationWidget in a plain process: no kernel, its comm is a dummy that keeps what is published."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError, UnknownNameError
from jupyter_annotate.identity import Identity
from jupyter_annotate.session import Session
from jupyter_annotate.widgets import AnnotationWidget, annotate
from tests.widgets.talking import SEEN, begin

Published = list[dict[str, Any]]


def published(widget: AnnotationWidget) -> Published:
    """Return the list that fills with what the widget publishes from now on."""
    found: Published = []

    def keep(_kind: str, data: dict[str, Any], *_: object, **fields: Any) -> None:  # noqa: ANN401 -- the comm's
        found.append({**data, "buffers": fields.get("buffers")})

    widget.comm.publish_msg = keep
    return found


def hear(widget: AnnotationWidget, **message: object) -> None:
    """Let a message arrive as it does in a kernel."""
    content = {"data": {"method": "custom", "content": {"client": "c-1", **message}}}
    widget._handle_msg({"content": content, "buffers": []})


def customs(found: Published) -> list[dict[str, Any]]:
    """Return the custom messages among them."""
    return [each["content"] for each in found if each["method"] == "custom"]


def sitting(widget: AnnotationWidget) -> Session:
    """Return the sitting of a widget whose annotator is known."""
    assert widget.session is not None
    return widget.session


def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this a computer that does not say who sits there."""
    for variable in ("JUPYTER_ANNOTATE_USER", "JUPYTERHUB_USER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "jovyan")


def test_the_kernel_is_silent_until_it_is_greeted() -> None:
    """Nothing is sent before the browser says hello; then its state comes."""
    widget = annotate(begin(), annotator="ada")
    found = published(widget)
    assert customs(found) == []
    hear(widget, kind="hello", view="v", protocol=1, pending=[])
    (state,) = customs(found)
    assert (state["kind"], state["to"], len(state["items"])) == ("state", "c-1", 20)
    assert state["setup"]["annotator"] == {"id": "ada", "source": "explicit", "assurance": 0}


def test_an_answer_arrives_as_a_message() -> None:
    """A submission that comes through the comm is stored and acknowledged through it."""
    project = begin()
    widget = annotate(project, annotator="ada")
    found = published(widget)
    item = sitting(widget).upcoming(1)[0]
    hear(
        widget,
        kind="submit",
        client_seq=1,
        submission="s-1",
        action="answer",
        item=item.item_id,
        hash=item.hash,
        answers={"mood": "sad"},
        seen=SEEN,
    )
    (ack,) = customs(found)
    assert (ack["kind"], ack["submissions"], ack["done"]) == ("ack", ["s-1"], ["r-1"])
    assert project.labels()["label"].to_list() == ["sad"]


def test_traits_hold_nothing_of_anybody() -> None:
    """What a notebook may save of the widget holds no text, label, annotator, name or guideline."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["zufrieden", "verdrossen"]))
    items = {"item_id": ["kennung-1"], "text": ["Geheimer Satz."]}
    project = ja.Project.open(":memory:", schema=schema, items=items)
    widget = annotate(project, annotator="Ada Lovelace", guidelines="Vertrauliche Regeln.")
    found = published(widget)
    hear(widget, kind="hello", view="v", protocol=1, pending=[])
    sitting(widget).submit({"mood": "zufrieden"})
    hear(widget, kind="ping", n=1)
    state = {name: value for name, value in widget.get_state().items() if name not in {"_esm", "_css"}}
    kept = json.dumps(state, default=repr) + json.dumps(
        [each for each in found if each["method"] != "custom"]
    )
    secrets = [
        "Geheim",
        "zufrieden",
        "verdrossen",
        "mood",
        "kennung",
        "Lovelace",
        "Vertraulich",
        project.log.log_id,
    ]
    assert [each for each in secrets if each in kept] == []
    assert "zufrieden" in json.dumps(customs(found))


def test_traits_from_the_browser_change_nothing() -> None:
    """A browser that writes traits cannot change what the widget does."""
    widget = annotate(begin(), annotator="ada")
    update = {"method": "update", "state": {"session": "x", "_conversation": 1}, "buffer_paths": []}
    widget._handle_msg({"content": {"data": update}, "buffers": []})
    assert sitting(widget).progress()["total"] == 40


def test_the_repr_is_the_same_in_every_run() -> None:
    """The text a notebook keeps names project and annotator and says what to do, and has no address in it."""
    program = (
        "import jupyter_annotate as ja\n"
        "schema = ja.Schema(ja.Text('text'), ja.Choice('mood', ['a', 'b']))\n"
        "project = ja.Project.open(':memory:', schema=schema, items={'item_id': ['x'], 'text': ['X']})\n"
        "widget = ja.annotate(project, annotator='ada')\n"
        "print(widget._repr_mimebundle_()[0]['text/plain'])\n"
    )
    root = Path(__file__).parent.parent.parent
    said = {
        run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    }
    (text,) = said
    assert text.startswith("<AnnotationWidget 'memory' for 'ada'>")
    assert "run the cell again" in text
    assert " at 0x" not in text


def test_the_view_is_in_the_bundle() -> None:
    """The output holds the widget's view beside the text."""
    widget = annotate(begin(), annotator="ada")
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(widget)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id


def test_nobody_signs_as_anonymous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the computer does not say who labels, the page is asked; until then there is no sitting."""
    nobody(monkeypatch)
    project = begin()
    widget = annotate(project, guidelines="Read it all.")
    found = published(widget)
    hear(widget, kind="hello", view="v", protocol=1, pending=[])
    assert customs(found) == [{"kind": "who", "to": "c-1", "hub": False, "suggestion": None}]
    assert widget.session is None
    assert "for whoever gives a name in it" in repr(widget)
    assert project.events().filter(kind="guidelines").is_empty()
    hear(widget, kind="identify", name="ada", source="asked")
    state = customs(found)[-1]
    assert (state["kind"], state["setup"]["guidelines"]) == ("state", "Read it all.")
    assert sitting(widget).annotator == Identity("ada", "asked")
    assert "for 'ada'" in repr(widget)
    kept = project.events().filter(kind="guidelines")
    assert kept["annotator_id"].to_list() == ["ada"]
    assert json.loads(kept["context"].item())["identity"] == "asked"


@pytest.mark.parametrize(
    ("variables", "annotator", "asked"),
    [
        ({"JUPYTERHUB_USER": "shared"}, None, {"hub": True, "suggestion": "shared"}),
        ({}, None, {"hub": True, "suggestion": None}),
        ({"JUPYTERHUB_USER": "shared", "JUPYTER_ANNOTATE_USER": "ada"}, None, None),
        ({"JUPYTERHUB_USER": "shared"}, "ada", None),
    ],
)
def test_on_a_shared_server_the_hub_knows_better(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    annotator: str | None,
    asked: dict[str, object] | None,
) -> None:
    """With identity="hub" the browser asks the hub, unless a cell or the environment names the annotator."""
    nobody(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    widget = annotate(begin(), annotator, identity="hub")
    found = published(widget)
    hear(widget, kind="hello", view="v", protocol=1, pending=[])
    (reply,) = customs(found)
    if asked is None:
        assert reply["setup"]["annotator"]["id"] == "ada"
    else:
        assert reply == {"kind": "who", "to": "c-1", **asked}


def test_the_server_names_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without identity="hub", the owner of the server labels, as on a server of one's own."""
    nobody(monkeypatch)
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert sitting(annotate(begin())).annotator.source == "hub_env"


def test_a_member_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the database knows who one is nobody is asked, and another name is refused in the cell."""
    nobody(monkeypatch)
    project = begin()
    project.log.member = "ada"
    for identity in ("environment", "hub"):
        who = sitting(annotate(project, identity=identity)).annotator
        assert (who.annotator_id, who.source, int(who.assurance)) == ("ada", "db_role", 3)
    with pytest.raises(AnnotateError, match="knows you as 'ada', so nothing can be signed 'grace'"):
        annotate(project, "grace")


def test_a_way_to_identify_that_does_not_exist() -> None:
    """Anything but the two ways to find out who labels is refused with their names."""
    with pytest.raises(UnknownNameError, match="known: 'environment', 'hub'"):
        annotate(begin(), identity="hubb")  # type: ignore[arg-type]  # on purpose


def test_media_go_as_binary(tmp_path: Path) -> None:
    """Images travel as buffers beside the message, not in its text."""
    from PIL import Image

    Image.new("RGB", (40, 30), "#cc8844").save(tmp_path / "dish.png")
    schema = ja.Schema(ja.Image("image", root=tmp_path), ja.Boxes("things", ["dish"]))
    items = {"item_id": ["p"], "image": ["dish.png"]}
    widget = annotate(ja.Project.open(":memory:", schema=schema, items=items), annotator="ada")
    found = published(widget)
    hear(widget, kind="blob", blob="p/image")
    (message,) = found
    assert message["content"]["mime"] == "image/png"
    assert b"".join(message["buffers"]) == (tmp_path / "dish.png").read_bytes()


@pytest.mark.parametrize("given", ["reviews", None, {"item_id": ["a"]}])
def test_annotate_says_what_it_expects(given: object) -> None:
    """A name, or anything else that is no project, is refused with the call that is meant."""
    with pytest.raises(AnnotateError, match=r"expects an open project, found .*Project\.open\('reviews'\)"):
        annotate(given)  # type: ignore[arg-type]  # on purpose
