"""Read this first: the whole way of a label, as one story."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import jupyter_annotate as ja


def test_the_whole_way_of_a_label(tmp_path: Path) -> None:
    """Two people label, come back, correct, agree, and hand over what they did."""
    # What is shown and what is asked.
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    items = pl.DataFrame(
        {"item_id": ["a", "b", "c", "d"], "text": ["Hooray!", "Oh no.", "Great 👏", "Alas…"]}
    )
    where = tmp_path / "reviews"

    # A model suggests; its suggestions are shown and never count as anybody's labels.
    project = ja.Project.open(where, schema=schema, items=items)
    project.add_prelabels(
        {"item_id": ["a", "b"], "value": ["glad", "glad"], "score": [0.9, 0.6]}, source="m-1"
    )

    # Ada labels two items and closes her laptop. In a notebook, ja.annotate(project) does this by key press.
    ada = ja.Session(project, annotator="ada")
    ada.submit({"mood": "glad"})
    ada.submit({"mood": "glad"})
    project.log.close()

    # She comes back: the second was a slip. Undo takes it back as an event; nothing is overwritten.
    project = ja.Project.open(where)
    ada = ja.Session(project, annotator="ada")
    assert (ada.progress()["done"], ada.undo()) == (2, "b")
    for item in ada:
        ada.submit({"mood": "glad" if item.item_id in {"a", "c"} else "sad"})

    # Bob labels too, and skips one.
    bob = ja.Session(project, annotator="bob")
    for item in bob:
        if item.item_id == "d":
            bob.skip("cannot tell")
        else:
            bob.submit({"mood": "glad" if item.item_id == "a" else "sad"})

    # The next cell: how well do they agree, and how sure is that?
    labels = project.labels("mood")
    alpha = ja.krippendorff_alpha(labels)
    assert labels.sort("item_id", "annotator_id")["label"].to_list() == [
        "glad", "glad", "sad", "sad", "glad", "sad", "sad"
    ]  # fmt: skip
    assert alpha.n_items == 3
    assert round(alpha.value, 3) == 0.444

    # Everything that happened is still there, and holds together.
    kinds = project.events()["kind"].value_counts().sort("kind")
    assert dict(kinds.iter_rows()) == {
        "answer": 8,
        "items": 1,
        "prelabels": 1,
        "schema": 1,
        "skip": 1,
        "undo": 1,
    }
    assert project.log.verify().head == project.log.head()

    # Hand it over, with a manifest that names the schema, the head of the log and every file's digest.
    ja.export(project, tmp_path / "handover", format="parquet")
    assert ja.read_export(tmp_path / "handover")["labels_mood"].equals(labels)
    project.log.close()
