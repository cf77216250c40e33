"""Markdown: a text like any other to the kernel."""

from __future__ import annotations

from jupyter_annotate import Choice, Markdown, Project, Schema, Session


def test_the_text_travels_as_it_is() -> None:
    """Marks, HTML and line ends reach the browser unchanged: it is the page that reads them."""
    source = "# A\r\n<script>1</script> **b**"
    schema = Schema(Markdown("f"), Choice("q", ["yes"]))
    with Project.open(":memory:", schema=schema, items={"item_id": ["1"], "f": [source]}) as project:
        item = Session(project, "ada").current()

    assert item is not None
    assert item.fields == {"f": source}
