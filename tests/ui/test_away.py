"""The team's store goes away while somebody labels, and comes back."""

from __future__ import annotations

import polars as pl
from playwright.sync_api import expect

from jupyter_annotate import Project, verify
from tests.postgres_cluster import shared_cluster
from tests.ui.conftest import OpenNotebook
from tests.ui.pages import PATIENCE

_CELL = """
import warnings
import jupyter_annotate as ja
warnings.simplefilter("ignore", ja.errors.AwayWarning)
items = {"item_id": [f"i{n}" for n in range(40)], "text": [f"Text number {n}." for n in range(40)]}
schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
project = ja.Project.open("LOCATION", schema=schema, items=items)
ja.distribute(project, overlap=2)
widget = ja.annotate(project)
widget
"""


def test_a_database_goes_and_comes_back(open_notebook: OpenNotebook) -> None:
    """Labeling goes on, each answer says where it is, and in the end all are in the database, once."""
    cluster = shared_cluster()
    team = cluster.team(ada="lead", bob="annotator")
    notebook = open_notebook([_CELL.strip().replace("LOCATION", team.url("ada"))])
    widget = notebook.show()
    for key in "121":
        widget.decide(key)
    widget.wait_saved()

    cluster.stop()
    try:
        for key in "212":
            widget.decide(key)
        expect(widget.root).to_have_attribute("data-ja-status", "kept", timeout=PATIENCE)
        expect(widget.root).to_contain_text("3 answers are on this computer and follow by themselves.")
    finally:
        cluster.start()
    widget.wait_saved()
    widget.decide("1")
    widget.wait_saved()

    with Project.open(team.url("ada"), read_only=True) as project:
        answers = project.events().filter(kind="answer")
        assert answers["item_id"].to_list() == [f"i{n}" for n in range(7)]
        assert answers["value"].to_list() == [
            f'"{each}"' for each in ["glad", "sad", "glad", "sad", "glad", "sad", "glad"]
        ]
        assert answers.select(pl.col("context").str.json_path_match("$.assurance").unique()).item() == "3"
        verify(project)
