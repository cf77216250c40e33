"""Options that questions have in common, and keys of one's own, in JupyterLab and Notebook 7."""

from __future__ import annotations

from tests.ui.conftest import OpenNotebook
from tests.ui.pages import Notebook, wait_until
from tests.ui.test_axe import AXE, violations

_CELL = """
import json
import jupyter_annotate as ja
schema = ja.Schema(
    ja.Text("text"),
    ja.Spans("who", ["person"], attributes={"certainty": ["sure", "unsure"], "source": ["heard"]}),
    ja.Choice("topic", [f"topic {n:03}" for n in range(500)]),
)
items = {"item_id": ["1", "2", "3"], "text": ["Ada met Grace.", "Bob left.", "Eve stayed."]}
project = ja.Project.open(":memory:", schema=schema, items=items)
ja.annotate(project, annotator="ada", keys={"skip": ";"})
""".strip()
_ANSWERS = """{
    f"{item} {question}": json.loads(value)
    for item, question, value in project.annotations().select("item_id", "question", "value").iter_rows()
}"""


def answers(notebook: Notebook) -> dict[str, object]:
    """Return what is stored, by item and question."""
    found: dict[str, object] = notebook.kernel.value(_ANSWERS)
    return found


def test_attributes_a_search_among_hundreds_and_a_copy(open_notebook: OpenNotebook) -> None:
    """Attributes by Shift and digits, one label of 500 by letters, copied; an item skipped by an own key."""
    notebook = open_notebook([_CELL])
    notebook.page.add_script_tag(path=AXE)
    widget = notebook.show(0)
    widget.focus()
    widget.press("ArrowRight", "1", "Shift+Digit2", "Shift+Digit3")
    assert violations(widget) == []
    widget.press("PageDown", "/")
    notebook.page.keyboard.type("417")
    assert widget.root.locator(".ja-labels--many .ja-label").count() == 1
    assert violations(widget) == []
    widget.decide("Enter", "Enter")
    widget.press("Shift+C")
    widget.decide("Enter")
    widget.press("Space")
    assert widget.serial == 3
    widget.press(";")
    widget.wait_saved()

    ada = {"start": 0, "end": 3, "label": "person", "text": "Ada"}
    wanted: dict[str, object] = {
        "1 who": [{**ada, "attributes": {"certainty": "unsure", "source": "heard"}}],
        "1 topic": "topic 417",
        "2 who": [],
        "2 topic": "topic 417",
    }
    wait_until(notebook.page, lambda: answers(notebook) == wanted, "two answers and a skip")
    assert notebook.kernel.value("project.events()['kind'].to_list().count('skip')") == 1
