"""An export is of one event, whatever others do while it is made."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.events import Event, EventKind
from tests.exchange.folders import manifest_of


def add(project: ja.Project, name: str) -> None:
    """Add one item and one suggestion for it."""
    project.add_items({"item_id": [name], "text": [name]})
    project.add_prelabels({"item_id": [name], "question": ["mood"], "value": ["sad"]}, source="m-2")


def registered(events: pl.DataFrame, kind: EventKind) -> int:
    """Count the rows that the batches of these events hold."""
    values = events.filter(pl.col("kind") == kind)["value"]
    return sum(json.loads(value)["rows"] for value in values)


def together(folder: Path) -> dict[str, pl.DataFrame]:
    """Read an export, and see that its items and suggestions are those its events register."""
    frames = ja.read_export(folder)
    events = frames["events"]
    assert len(frames["items"]) == registered(events, EventKind.ITEMS)
    assert len(frames["prelabels"]) == registered(events, EventKind.PRELABELS)
    head = {"position": events["position"][-1], "digest": events["digest"][-1]}
    assert manifest_of(folder)["log"]["head"] == head
    return frames


def test_a_log_that_grows_meanwhile_is_exported_as_of_one_event(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever labels during an export: annotations, labels, events and head belong together."""
    eve, scan = ja.Session(project, annotator="eve"), project.table.scan

    def scan_while_eve_labels() -> pl.LazyFrame:
        eve.submit({"mood": "sad", "who": []})
        return scan()

    monkeypatch.setattr(project.table, "scan", scan_while_eve_labels)
    before = project.log.head()
    frames = ja.read_export(ja.export(project, tmp_path / "out").folder)

    assert project.log.head().position > before.position == frames["events"]["position"][-1]
    assert "eve" not in [*frames["annotations"]["annotator_id"], *frames["labels_mood"]["annotator_id"]]


@pytest.mark.parametrize("door", ["items", "prelabels"])
def test_items_and_suggestions_added_between_the_reads_come_with_their_events(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """Whatever is added after the events were read: all frames are of the later head, or none is."""
    read: Callable[[], pl.DataFrame] = getattr(project, door)
    waiting = ["late", "later"]

    def read_after_others_added() -> pl.DataFrame:
        if waiting:
            add(project, waiting.pop(0))
        return read()

    monkeypatch.setattr(project, door, read_after_others_added)
    frames = together(ja.export(project, tmp_path / "out").folder)

    assert frames["items"]["item_id"].to_list() == ["a", "b", "c", "late", "later"]
    assert frames["events"]["position"][-1] == project.log.head().position


def test_another_kernel_may_add_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another kernel registers between the reads is in every frame or in none."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
    here = ja.Project.open(tmp_path / "p", schema=schema, items={"item_id": ["a"], "text": ["x"]})
    there = ja.Project.open(tmp_path / "p")
    with here, there:
        items, waiting = here.items, ["late"]

        def items_after_the_other_kernel_added() -> pl.LazyFrame:
            if waiting:
                add(there, waiting.pop())
            return items()

        monkeypatch.setattr(here, "items", items_after_the_other_kernel_added)
        frames = together(ja.export(here, tmp_path / "out").folder)

    assert frames["items"]["item_id"].to_list() == ["a", "late"]
    assert frames["prelabels"]["item_id"].to_list() == ["late"]


def test_a_thread_may_add_while_exports_are_made(project: ja.Project, tmp_path: Path) -> None:
    """Exports made while a thread adds items and suggestions each hold together."""
    done, added = threading.Event(), threading.Event()

    def keep_adding() -> None:
        number = 0
        # Seldom enough that a busy machine reads the project in between.
        while not done.wait(0.1):
            add(project, f"n{number}")
            added.set()
            number += 1

    thread = threading.Thread(target=keep_adding)
    thread.start()
    try:
        added.wait()
        sizes: list[int] = []
        while len(sizes) < 8 or (sizes[-1] == sizes[0] and len(sizes) < 100):
            folder = ja.export(project, tmp_path / f"x{len(sizes)}").folder
            sizes.append(len(together(folder)["items"]))
    finally:
        done.set()
        thread.join()

    assert sizes[-1] > sizes[0] > 3


def test_a_project_that_never_rests_is_refused(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where items arrive during every attempt, the export says so and leaves nothing."""
    items, names = project.items, iter(range(1_000))

    def one_more_each_time() -> pl.LazyFrame:
        add(project, f"n{next(names)}")
        return items()

    monkeypatch.setattr(project, "items", one_more_each_time)
    monkeypatch.setattr("jupyter_annotate.exchange.moment._PAUSE", 0)
    with pytest.raises(ExchangeError, match=r"each of 30 attempts.*Export again when nobody is adding any"):
        ja.export(project, tmp_path / "out")

    assert next(names) == 30
    assert list(tmp_path.iterdir()) == []


def test_a_log_with_another_schema_is_refused(project: ja.Project, tmp_path: Path) -> None:
    """A log that was begun anew behind the project's back is not exported under the project's schema."""
    other = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad"]))
    project.log.append([Event(kind=EventKind.SCHEMA, value=other.to_json(), schema=other.fingerprint)])
    with pytest.raises(
        ExchangeError, match=r"field 'schema': expected a log that was begun with .* found"
    ) as caught:
        ja.export(project, tmp_path / "out")

    assert other.fingerprint in str(caught.value)
    assert list(tmp_path.iterdir()) == []
