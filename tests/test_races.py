"""Races: what two kernels do to one project at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import AnnotateError
from jupyter_annotate.events import EventKind
from jupyter_annotate.storage import EventLog

# Not by a fork: polars has threads, and a fork takes their locks without them.
SPAWN = multiprocessing.get_context("spawn")
LABELS = (["glad", "sad"], ["good", "bad"])


def schema(labels: list[str] = LABELS[0]) -> ja.Schema:
    """Return a schema of one question."""
    return ja.Schema(ja.Text("text"), ja.Choice("mood", labels))


def items(n: int, text: str = "Text") -> dict[str, list[str]]:
    """Return n items."""
    return {"item_id": [f"i{k}" for k in range(n)], "text": [f"{text} {k}." for k in range(n)]}


def _add(place: str, start: Barrier, number: int) -> None:
    with ja.Project.open(place) as project:
        start.wait(60)
        project.add_items(items(3_000 + 5 * number))


def _begin(place: str, start: Barrier, number: int) -> None:
    start.wait(60)
    try:
        with ja.Project.open(place, schema=schema(LABELS[number]), items=items(3)):
            pass
    except AnnotateError as error:
        Path(f"{place}.{number}").write_text(str(error), encoding="utf-8")


def at_once(target: Callable[..., None], place: Path) -> None:
    """Run a function in two processes that start at the same moment."""
    start = SPAWN.Barrier(2)
    processes = [SPAWN.Process(target=target, args=(str(place), start, number)) for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]


@pytest.mark.faults
def test_two_kernels_add_items(tmp_path: Path) -> None:
    """Of two overlapping frames added at once each item stands once, and a sitting comes to its end."""
    with ja.Project.open(tmp_path / "x", schema=schema()):
        pass
    at_once(_add, tmp_path / "x")
    with ja.Project.open(tmp_path / "x") as project:
        ids = project.items().collect()["item_id"]
        assert len(ids) == ids.n_unique() == len(project.table) == 3_005


@pytest.mark.faults
def test_two_kernels_begin_with_other_schemas(tmp_path: Path) -> None:
    """One schema wins; the other kernel is told that the project was begun with another, and what differs."""
    at_once(_begin, tmp_path / "x")
    refusals = [each.read_text(encoding="utf-8") for each in tmp_path.glob("x.[01]")]
    assert len(refusals) == 1
    assert "was begun with another schema" in refusals[0]
    with ja.Project.open(tmp_path / "x") as project:
        assert (project.events()["kind"] == EventKind.SCHEMA).sum() == 1
        assert len(project.table) == 3


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody else act right before the next conditional append."""
    append_unless = EventLog.append_unless

    def late(self: EventLog, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- passed on
        monkeypatch.setattr(EventLog, "append_unless", append_unless)
        act()
        return append_unless(self, *arguments, **named)

    monkeypatch.setattr(EventLog, "append_unless", late)


@pytest.mark.parametrize("more", [0, 2])
def test_items_that_come_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    """Items another kernel adds after we looked and before we write are not added again."""
    with (
        ja.Project.open(tmp_path / "x", schema=schema()) as project,
        ja.Project.open(tmp_path / "x") as other,
    ):
        between(monkeypatch, lambda: other.add_items(items(3)))
        assert project.add_items(items(3 + more)) == more
        assert len(project.table) == 3 + more


def test_other_content_that_comes_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If they have other content, the later kernel is told, and the project stays as the first left it."""
    with (
        ja.Project.open(tmp_path / "x", schema=schema()) as project,
        ja.Project.open(tmp_path / "x") as other,
    ):
        between(monkeypatch, lambda: other.add_items(items(3)))
        with pytest.raises(AnnotateError, match="item 'i0' is already stored with another text"):
            project.add_items(items(3, text="Other"))
        assert project.table.items(["i0"])[0]["text"] == "Text 0."
