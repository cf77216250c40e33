"""Who labels, asked in the page where nothing else says it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from jupyter_annotate import Project
from tests.ui.conftest import OpenNotebook
from tests.ui.pages import PATIENCE, Widget

_NOBODY = """
import getpass, os
import jupyter_annotate as ja
os.environ.pop("JUPYTER_ANNOTATE_USER", None)
os.environ.pop("JUPYTERHUB_USER", None)
getpass.getuser = lambda: "jovyan"
items = {"item_id": ["i1", "i2"], "text": ["Text number 1.", "Text number 2."]}
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
project = ja.Project.open("moods", schema=schema, items=items)
widget = ja.annotate(project, identity=IDENTITY)
widget
"""


@pytest.mark.parametrize("identity", ["environment", "hub"])
def test_the_page_asks_and_signs(open_notebook: OpenNotebook, identity: str) -> None:
    """Where nobody is known, and no hub tells, the name that is typed signs; it is asked for once."""
    notebook = open_notebook([_NOBODY.strip().replace("IDENTITY", repr(identity))])
    notebook.run(0)
    root = notebook.cell(0).locator(".ja-root")
    name = root.get_by_label("Who is labeling?").locator("input")
    name.wait_for(timeout=2 * PATIENCE)
    expect(root.locator(".ja-text")).to_have_count(0)
    assert notebook.kernel.value("widget.session is None")

    name.fill("Ada Lovelace")
    name.press("Enter")
    widget: Widget = notebook.view(0)
    expect(widget.root.locator(".ja-text")).to_have_text("Text number 1.", timeout=PATIENCE)
    widget.decide("2")
    widget.wait_saved()

    with Project.open(notebook.file.parent / "moods", read_only=True) as project:
        event = project.events().filter(kind="answer")
    assert event["annotator_id"].to_list() == ["Ada Lovelace"]
    context = json.loads(event["context"].item())
    assert (context["identity"], context["assurance"]) == ("asked", 0)
