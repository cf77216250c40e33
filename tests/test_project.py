"""Project: beginning, resuming, adding items and pre-labels, and refusing what does not fit."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pandas as pd
import PIL.Image
import polars as pl
import pyarrow as pa
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import (
    AnnotateError,
    ColumnError,
    ConflictError,
    IntegrityError,
    LabelError,
    SchemaError,
    StorageError,
    UnknownNameError,
)
from jupyter_annotate.events import Event, EventKind

SCHEMA = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]))
ITEMS = pl.DataFrame(
    {"item_id": ["a", "b", "c"], "text": ["Hooray!", "Oh no.", "שלום 👩‍👩‍👧\r\n"], "year": [1, 2, 3]}
)


def begin(location: str | Path = ":memory:", items: object = ITEMS) -> ja.Project:
    """Begin a project."""
    return ja.Project.open(location, schema=SCHEMA, items=items)


def answer(item_id: str, value: str, annotator: str = "ada") -> Event:
    """Make an answer."""
    return Event(kind=EventKind.ANSWER, item_id=item_id, annotator_id=annotator, question="mood", value=value)


@pytest.mark.parametrize(
    "frame",
    [
        ITEMS,
        ITEMS.lazy(),
        ITEMS.to_pandas(),
        ITEMS.to_arrow(),
        ITEMS.to_dict(as_series=False),
        pd.DataFrame(ITEMS.to_dicts(), index=["x", "y", "z"]),
    ],
    ids=["polars", "lazy", "pandas", "pyarrow", "dict", "pandas with an index"],
)
def test_items_come_from_any_frame(frame: object) -> None:
    """polars, pandas, pyarrow and plain columns give the same items, with the user's own columns."""
    with begin(items=frame) as project:
        assert project.items().collect().select(ITEMS.columns).equals(ITEMS)


def test_running_the_cell_again_resumes(tmp_path: Path) -> None:
    """Opening with the same schema and items changes nothing and keeps the answers."""
    with begin(tmp_path / "reviews") as project:
        project.record([answer("a", "glad")])
        head = project.log.head()
    with begin(tmp_path / "reviews") as project:
        assert project.log.head() == head
        assert project.labels()["label"].to_list() == ["glad"]
        assert len(project.table) == 3


def test_the_schema_is_in_the_log(tmp_path: Path) -> None:
    """Opening without a schema takes the stored one; another one is refused with both named."""
    begin(tmp_path / "reviews").log.close()
    with ja.Project.open(tmp_path / "reviews") as project:
        assert project.schema == SCHEMA
    other = ja.Schema(ja.Text("text"), ja.Choice("mood", ["up", "down"]))
    with pytest.raises(SchemaError, match="was begun with another schema"):
        ja.Project.open(tmp_path / "reviews", schema=other)


def test_a_new_project_needs_a_schema(tmp_path: Path) -> None:
    """Without a schema nothing can begin, and the error shows one; no folder is made."""
    with pytest.raises(StorageError, match=r"There is no project in .*reviews.annotate.*pass schema=Schema"):
        ja.Project.open(tmp_path / "reviews")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"schema": ja.Schema(ja.Text("txt"), ja.Choice("mood", ["glad"])), "items": ITEMS}, "'txt'"),
        ({"schema": SCHEMA, "items": {"item_id": ["a", "a"], "text": ["x", "y"]}}, "every item_id once"),
        ({"schema": "mood"}, "Expected schema="),
        ({"schema": SCHEMA, "location": "nul\0"}, "is no name for a project"),
        ({"schema": SCHEMA, "location": None}, "Expected the name of a project"),
        ({"schema": SCHEMA, "location": ":memory:", "read_only": True}, "always begins anew"),
    ],
)
def test_a_beginning_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], problem: str
) -> None:
    """A typo in the first call can be corrected in the next: no schema, no folder, no file is left of it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AnnotateError, match=problem):
        ja.Project.open(**{"location": "reviews", **arguments})
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_current_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project opened by a relative name stays where it is when the current folder changes."""
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    with begin("reviews") as project:
        monkeypatch.chdir(tmp_path / "sub")
        assert project.add_items({"item_id": ["d"], "text": ["late"], "year": [4]}) == 1
        assert ja.Session(project, "ada").current() is not None
    monkeypatch.chdir(tmp_path)
    with ja.Project.open("reviews") as project:
        assert len(project.table) == 4


def test_new_items_join_the_old_ones() -> None:
    """Items there already stay, new ones come after them."""
    with begin() as project:
        added = project.add_items({"item_id": ["c", "d"], "text": [ITEMS["text"][2], "new"], "year": [3, 4]})

        assert added == 1
        assert project.items().collect()["item_id"].to_list() == ["a", "b", "c", "d"]


def test_an_item_never_changes() -> None:
    """The same id with another text is refused, and nothing is written."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(ConflictError, match="item 'b' is already stored with another text"):
            project.add_items({"item_id": ["b", "x"], "text": ["Oh yes.", "new"]})

        assert project.log.head() == head


BAD_ITEMS = [
    ({"text": ["a"]}, "column 'item_id': expected the columns"),
    ({"item_id": ["1"], "body": ["a"]}, "column 'text': expected the columns"),
    ({"item_id": ["1", "2", "1"], "text": ["a", "b", "c"]}, r"row 2, column 'item_id'.*in the rows \[0, 2\]"),
    ({"item_id": ["1", None], "text": ["a", "b"]}, "row 1, column 'item_id': expected a value"),
    ({"item_id": ["1", ""], "text": ["a", "b"]}, "row 1, column 'item_id': expected a printable id"),
    ({"item_id": ["1", "2\n"], "text": ["a", "b"]}, "row 1, column 'item_id': expected a printable id"),
    ({"item_id": ["1", "2"], "text": ["a", None]}, "row 1, column 'text': expected text, found null"),
    ({"item_id": ["1", "2"], "text": ["a", "b\x00"]}, "row 1, column 'text'.*NUL"),
    (
        {"item_id": ["1", "2"], "text": ["a", "b\ud800c"]},
        "row 1, column 'text'.*lone surrogate at character 1",
    ),
    (
        {"item_id": ["1"], "text": [1.5]},
        "column 'text': expected String, as in the items that are there, found Float64",
    ),
    (["1", "2"], "expected a data frame"),
]


@pytest.mark.parametrize(("items", "problem"), BAD_ITEMS)
def test_bad_items_are_named_and_nothing_is_written(items: object, problem: str) -> None:
    """One clear error with row and column; the log and the items stay as they were."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(ColumnError, match=problem):
            project.add_items(items)

        assert project.log.head() == head
        assert len(project.table) == 3


def test_bad_items_leave_no_file(tmp_path: Path) -> None:
    """Nothing of refused items reaches the folder."""
    with begin(tmp_path / "reviews") as project:
        before = sorted(p.name for p in (tmp_path / "reviews.annotate" / "items").iterdir())
        with pytest.raises(ColumnError):
            project.add_items({"item_id": ["x", "x"], "text": ["a", "b"]})

        assert sorted(p.name for p in (tmp_path / "reviews.annotate" / "items").iterdir()) == before


def test_an_answer_outside_the_schema_is_refused_at_the_gate() -> None:
    """record() checks every answer: label, question and item; nothing of the batch is stored."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(LabelError, match="'meh' is no answer to 'mood'"):
            project.record([answer("a", "glad"), answer("b", "meh")])
        with pytest.raises(UnknownNameError, match="no item 'zz'; known: 'a', 'b', 'c'"):
            project.record([answer("zz", "glad")])

        assert project.log.head() == head


def test_models_never_count_as_people() -> None:
    """Pre-labels are shown and are nobody's labels."""
    with begin() as project:
        added = project.add_prelabels(
            {"item_id": ["a", "b"], "value": ["glad", "sad"], "score": [0.9, None]}, source="m-1"
        )

        assert added == 2
        assert project.prelabels().drop("prelabel_id").rows() == [
            ("a", "mood", '"glad"', 0.9, "m-1"),
            ("b", "mood", '"sad"', None, "m-1"),
        ]
        assert project.labels().is_empty()
        assert project.annotations().is_empty()


def test_the_last_pre_label_of_a_source_stands() -> None:
    """A source may suggest again; the same batch twice is one."""
    with begin() as project:
        first = {"item_id": ["a"], "value": ["glad"]}
        project.add_prelabels(first, source="m-1")
        head = project.log.head()
        project.add_prelabels(first, source="m-1")
        assert project.log.head() == head

        project.add_prelabels({"item_id": ["a"], "value": ["sad"]}, source="m-1")
        assert project.prelabels()["value"].to_list() == ['"sad"']


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (
            {"item_id": ["a", "zz"], "value": ["glad", "sad"]},
            "row 1, column 'item_id'.*an item of this project",
        ),
        ({"item_id": ["a", "b"], "value": ["glad", "meh"]}, "row 1, column 'value'.*found 'meh'"),
        ({"item_id": ["a"], "value": [None]}, "row 0, column 'value'"),
        ({"item_id": ["a"], "value": ["glad"], "score": [float("nan")]}, "row 0, column 'score'.*finite"),
        ({"item_id": ["a"]}, "column 'value': expected the columns"),
        (
            {"item_id": ["a"], "value": ["glad"], "question": ["tone"]},
            "row 0, column 'question'.*found 'tone'",
        ),
    ],
)
def test_bad_pre_labels_are_named_and_nothing_is_written(frame: object, problem: str) -> None:
    """Row and column of the first that does not fit; nothing is stored."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises((ColumnError, UnknownNameError), match=problem):
            project.add_prelabels(frame, source="m-1")

        assert project.log.head() == head


def test_a_pre_label_needs_a_source() -> None:
    """Who suggests must be known."""
    with begin() as project, pytest.raises(ColumnError, match="expected a source"):
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]})


def test_two_projects_on_one_folder_see_each_other(tmp_path: Path) -> None:
    """What one records the other reads at its next call."""
    with begin(tmp_path / "reviews") as one, begin(tmp_path / "reviews") as two:
        one.record([answer("a", "glad")])
        one.add_items({"item_id": ["d"], "text": ["new"], "year": [4]})

        assert two.labels()["label"].to_list() == ["glad"]
        assert len(two.table) == 4


def test_threads_share_a_project() -> None:
    """Recording and reading from several threads loses nothing."""
    items = {"item_id": [str(n) for n in range(400)], "text": ["x"] * 400}
    with begin(items=items) as project:

        def label(start: int) -> None:
            for n in range(start, 400, 4):
                project.record([answer(str(n), "glad")])
                project.annotations()

        threads = [threading.Thread(target=label, args=(start,)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(project.labels()) == 400
        assert project.log.verify().head.position == project.log.head().position


def test_erasing_reaches_the_open_project() -> None:
    """An answer erased for good is gone from what an open project shows."""
    with begin() as project:
        (position,) = project.record([answer("a", "glad")])
        assert len(project.labels()) == 1

        project.log.erase([position], annotator_id="ada", reason="asked to")

        assert project.labels().is_empty()
        assert project.log.verify().erased == 1


def test_labels_speak_arrow() -> None:
    """Whatever reads Arrow reads the frames that come out."""
    with begin() as project:
        project.record([answer("a", "glad")])

        assert pa.table(project.labels()).column_names == ["item_id", "annotator_id", "label"]


def test_a_changed_batch_of_pre_labels_is_named(tmp_path: Path) -> None:
    """Pre-labels whose file was changed are refused by digest, not read."""
    with begin(tmp_path / "reviews") as project:
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="m-1")
    (batch,) = (tmp_path / "reviews.annotate" / "prelabels").glob("*.parquet")
    batch.chmod(0o644)
    batch.write_bytes(batch.read_bytes() + b"x")

    with pytest.raises(IntegrityError, match="was changed"):
        ja.Project.open(tmp_path / "reviews")


def test_a_batch_that_cannot_be_read_is_named_each_time(tmp_path: Path) -> None:
    """An open project whose new batch is gone says so until it is back; those before it count once."""
    with begin(tmp_path / "reviews") as project, begin(tmp_path / "reviews") as other:
        folder = tmp_path / "reviews.annotate" / "prelabels"
        project.add_prelabels({"item_id": ["b"], "value": ["sad"]}, source="m-1")
        sound = set(folder.glob("*.parquet"))
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="m-1")
        (batch,) = set(folder.glob("*.parquet")) - sound
        away = batch.rename(tmp_path / "away")
        for _ in range(3):
            with pytest.raises(IntegrityError, match="is missing"):
                other.prelabels()
        away.rename(batch)
        assert other.prelabels(superseded=True)["value"].to_list() == ['"sad"', '"glad"']


def test_verify_looks_at_the_batches_too(tmp_path: Path) -> None:
    """A changed item or suggestion is found by the digest its event names; an old head is an anchor."""
    with begin(tmp_path / "reviews") as project:
        project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="m-1")
        head = project.log.head()
        project.record([answer("a", "glad")])
        assert ja.verify(project, {"position": head.position, "digest": head.digest}).head.position == 4
        for kind in ("items", "prelabels"):
            (batch,) = (tmp_path / "reviews.annotate" / kind).glob("*.parquet")
            honest = batch.read_bytes()
            batch.chmod(0o644)
            pl.read_parquet(batch).with_columns(pl.lit("x").alias("item_id")).write_parquet(batch)
            with pytest.raises(IntegrityError, match="was changed"):
                ja.verify(project)
            batch.write_bytes(honest)
        ja.verify(project)


def test_suggestions_of_a_source_may_come_back() -> None:
    """Of three batches of one source the last stands, also if it equals the first; twice the same is once."""
    first = {"item_id": ["a"], "value": ["glad"]}
    with begin() as project:
        for frame in (first, {"item_id": ["a"], "value": ["sad"]}, first, first):
            project.add_prelabels(frame, source="m-1")
        assert project.prelabels()["value"].to_list() == ['"glad"']
        assert project.prelabels(superseded=True).height == 3
        assert (project.events()["kind"] == EventKind.PRELABELS).sum() == 3


def test_suggestions_of_several_sources_come_all_or_none() -> None:
    """A source that cannot be named keeps out those before it too."""
    frame = {"item_id": ["a", "b"], "value": ["glad", "sad"], "source": ["m-1", "m\x01"]}
    with begin() as project:
        head = project.log.head()
        with pytest.raises(AnnotateError, match="m"):
            project.add_prelabels(frame)
        assert project.log.head() == head


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["x", "y"])])
def test_texts_that_are_coded_are_texts(dtype: pl.DataType) -> None:
    """A column of categories, as pandas makes them of repeated texts, is shown like any text."""
    items = pl.DataFrame({"item_id": ["a", "b"], "text": pl.Series(["x", "y"], dtype=dtype)})
    with begin(items=items) as project:
        assert project.add_items({"item_id": ["c"], "text": ["z"]}) == 1
        assert project.items().collect()["text"].to_list() == ["x", "y", "z"]


def test_the_kind_of_a_suggester_is_a_known_one() -> None:
    """A kind nobody knows is refused with those that are known, and nothing is written."""
    with begin() as project:
        head = project.log.head()
        with pytest.raises(UnknownNameError, match="There is no kind of annotator 'robot'; known: "):
            project.add_prelabels({"item_id": ["a"], "value": ["glad"]}, source="m", kind="robot")  # type: ignore[arg-type]  # that is the point
        assert project.log.head() == head


def test_items_of_another_type_are_refused() -> None:
    """A later batch may not turn a column into another type; the column is named and nothing is written."""
    with begin() as project:
        with pytest.raises(ColumnError, match="'year'"):
            project.add_items({"item_id": ["d"], "text": ["x"], "year": [["a list"]]})
        assert len(project.table) == 3


def test_a_cell_runs_again_though_a_file_is_gone(tmp_path: Path) -> None:
    """Images that are stored already are not looked at again; of new ones the row given is named."""
    for name in ("a.png", "b.png"):
        PIL.Image.new("RGB", (4, 3)).save(tmp_path / name)
    schema = ja.Schema(ja.Image("image", root=tmp_path), ja.Choice("mood", ["glad"]))
    items = {"item_id": ["a", "b"], "image": ["a.png", "b.png"]}
    with ja.Project.open(tmp_path / "x", schema=schema, items=items):
        (tmp_path / "b.png").unlink()
    more = {"item_id": ["a", "b", "c"], "image": ["a.png", "b.png", "c.png"]}
    with ja.Project.open(tmp_path / "x", schema=schema, items=items) as project:
        with pytest.raises(ColumnError, match=r"row 2, column 'image': .*'c.png'"):
            project.add_items(more)
        assert len(project.table) == 2


def test_a_session_needs_a_project() -> None:
    """The name of a project is none; the error says how to open it."""
    with pytest.raises(AnnotateError, match="Expected an open project"):
        ja.Session("reviews", "ada")  # type: ignore[arg-type]  # that is the point
