"""Deciding again after a label was split, in JupyterLab and Notebook 7."""

from __future__ import annotations

from tests.ui.conftest import OpenNotebook
from tests.ui.pages import wait_until

_CELL = """
import json
import jupyter_annotate as ja
schema = ja.Schema(ja.Text("text"), ja.Spans("who", ["PER", "ORG"]))
items = {"item_id": ["1", "2"], "text": ["Ada met Acme.", "Eve."]}
project = ja.Project.open(":memory:", schema=schema, items=items)
lead = project.events()["annotator_id"][0] or None
spans = [{"start": 0, "end": 3, "label": "PER"}, {"start": 8, "end": 12, "label": "ORG"}]
ja.Session(project, annotator="ada").submit({"who": spans}, item_id="1")
split = ja.Migration("who", {"PER": "PERSON"}, split={"ORG": ["COMPANY", "AGENCY"]})
ja.migrate(project, split, annotator=lead)
ja.annotate(project, annotator="ada")
""".strip()
_LABELS = """[
    [item, label] for item, label in project.labels("who").select("item_id", "label").iter_rows()
]"""


def test_a_mark_of_a_split_label_is_where_it_was_and_gets_a_new_one(open_notebook: OpenNotebook) -> None:
    """The marks of before are on the screen; the one to decide has a label of no list until it gets one."""
    notebook = open_notebook([_CELL])
    widget = notebook.show(0)
    widget.focus()
    shown = widget.root.locator(".ja-mark-label")
    assert shown.all_inner_texts() == ["PERSON", "ORG?"]
    widget.press("Enter")
    widget.root.get_by_text("Answer “who” first.").wait_for()
    widget.press("s", "s", "3")
    assert shown.all_inner_texts() == ["PERSON", "AGENCY"]
    widget.decide("Enter")
    widget.wait_saved()

    wanted = [["1", "PERSON"], ["1", "AGENCY"]]
    wait_until(notebook.page, lambda: notebook.kernel.value(_LABELS) == wanted, "the answer in the new words")
