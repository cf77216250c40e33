"""Exported folders: what is in them, that they appear whole or not at all, and that a changed byte shows."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ExchangeError, UnknownNameError
from jupyter_annotate.exchange import FORMATS, exporting
from jupyter_annotate.exchange.csv_cells import CsvCells
from jupyter_annotate.storage import Head

TEXT = "Ada 👩🏽‍🔬 met\r\nGrace"


@pytest.fixture
def project() -> ja.Project:
    """Return a project with a choice, spans and suggestions, labeled by two people and by one again."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad", "sad"]), ja.Spans("who", ["person"]))
    items = pl.DataFrame(
        {"item_id": ["a", "b", "c"], "text": [TEXT, "Nobody.", "Later."], "stars": [5, None, 1]}
    )
    project = ja.Project.open(":memory:", schema=schema, items=items)
    project.add_prelabels(
        {"item_id": ["a"], "question": ["mood"], "value": ["glad"], "score": [0.9]}, source="m-1"
    )
    person: Any = [{"start": 0, "end": 3, "label": "person"}, {"start": 14, "end": 19, "label": "person"}]
    for name in ("ada", "bob"):
        with_marks = ja.Session(project, annotator=name)
        with_marks.submit({"mood": "glad", "who": person})
        with_marks.submit({"mood": "sad", "who": []})
    ja.Session(project, annotator="bob").undo()
    return project


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of an exported folder."""
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return content


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest of an exported folder."""
    content = manifest_of(folder)
    change(content)
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


# -------------------------------------------------------------------------------- what is in it


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_holds_all_of_a_project(project: ja.Project, tmp_path: Path, form: str) -> None:
    """Every frame of a project comes back as the project gives it, in every format."""
    report = ja.export(project, tmp_path / "out", format=form)
    frames = ja.read_export(tmp_path / "out")

    assert list(frames) == ["items", "annotations", "labels_mood", "labels_who", "events", "prelabels"]
    assert frames["items"].equals(project.items().collect())
    assert frames["annotations"].equals(project.annotations())
    assert frames["labels_mood"].equals(project.labels("mood"))
    assert frames["labels_who"].equals(project.labels("who"))
    assert frames["events"].equals(project.events())
    assert frames["prelabels"].equals(project.prelabels())
    assert {file.name for file in report.files} == {f"{name}.{form}" for name in frames}
    assert str(report.losses) == "lossless"


@pytest.mark.parametrize("form", FORMATS)
def test_spans_come_back_as_slices(project: ja.Project, tmp_path: Path, form: str) -> None:
    """Offsets are code points in every format; an item looked at and left empty keeps its row."""
    frames = ja.read_export(ja.export(project, tmp_path / "out", format=form).folder)
    spans = frames["labels_who"].filter(pl.col("annotator_id") == "ada")
    text = frames["items"]["text"][0]

    assert text == TEXT
    assert [text[start:end] for start, end in spans.drop_nulls().select("start", "end").rows()] == [
        "Ada",
        "Grace",
    ]
    assert spans.filter(pl.col("item_id") == "b").rows() == [("b", "ada", None, None, None, None)]


@pytest.mark.parametrize("form", FORMATS)
def test_the_manifest_says_what_there_is(project: ja.Project, tmp_path: Path, form: str) -> None:
    """Schema, head of the log, versions, conventions digests and types stand in the manifest."""
    folder = ja.export(project, tmp_path / "out", format=form).folder
    manifest = manifest_of(folder)

    assert manifest["format"]["name"] == form
    assert manifest["log"]["log_id"] == project.log.log_id
    assert manifest["schema"]["fingerprint"] == project.schema.fingerprint
    assert ja.Schema.from_json(manifest["schema"]) == project.schema
    assert manifest["conventions"]["offset_unit"] == "codepoint"
    assert manifest["software"] == {
        "jupyter_annotate": ja.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
    }
    assert manifest["created"].endswith("Z")
    assert manifest["losses"] == []
    for file in manifest["files"]:
        data = (folder / file["file"]).read_bytes()
        assert (file["sha256"], file["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    at = next(c for c in manifest["files"][1]["columns"] if c["name"] == "at")
    assert at == {
        "name": "at",
        "dtype": {"Datetime": ["us", "UTC"]},
        "written_as": None if form == "parquet" else "ISO 8601, UTC",
    }


def test_the_head_in_the_manifest_anchors_the_log(project: ja.Project, tmp_path: Path) -> None:
    """The log verifies against the head an export kept, also after more was added."""
    head = Head(**manifest_of(ja.export(project, tmp_path / "out").folder)["log"]["head"])
    assert head == project.log.head()
    ja.Session(project, annotator="eve").submit({"mood": "sad", "who": []})

    assert project.log.verify(anchor=head).head != head


def test_the_guard_stands_in_the_manifest_of_csv_alone(project: ja.Project, tmp_path: Path) -> None:
    """Only CSV changes texts, and its manifest says how to undo that."""
    csv, jsonl = (
        manifest_of(ja.export(project, tmp_path / f, format=f).folder)["format"] for f in ("csv", "jsonl")
    )

    assert csv["formula_guard"]["before"] == ["=", "+", "-", "@", "\t", "\r", "\n"]
    assert csv["formula_guard"]["prefix"] == "'"
    assert "formula_guard" not in jsonl


def test_the_same_project_gives_the_same_bytes(project: ja.Project, tmp_path: Path) -> None:
    """Exporting twice gives the same files; only the time in the manifest differs."""
    for form in FORMATS:
        first, second = (ja.export(project, tmp_path / f"{form}{n}", format=form) for n in (1, 2))
        assert [file.sha256 for file in first.files] == [file.sha256 for file in second.files]


def test_a_project_without_answers_can_be_exported(tmp_path: Path) -> None:
    """Nobody has labeled yet: the frames are empty, in their types."""
    schema = ja.Schema(ja.Text("text"), ja.Spans("who", ["person"]))
    with ja.Project.open(":memory:", schema=schema) as project:
        for form in FORMATS:
            frames = ja.read_export(ja.export(project, tmp_path / form, format=form).folder)
            assert frames["labels_who"].schema == project.labels("who").schema
            assert len(frames["labels_who"]) == 0
            assert len(frames["events"]) == 1


def test_an_erased_answer_is_not_exported(project: ja.Project, tmp_path: Path) -> None:
    """A payload that was erased is nowhere in the files; its event is still there."""
    position = project.events().filter(pl.col("value").str.contains("Grace"))["position"].to_list()
    project.log.erase(position, annotator_id="ada", reason="asked to")
    for form in ("jsonl", "csv"):
        folder = ja.export(project, tmp_path / form, format=form).folder
        written = "".join(p.read_text(encoding="utf-8") for p in folder.glob("[ael]*"))

        assert "Grace" not in written
        assert ja.read_export(folder)["events"]["value"].null_count() == len(position)


def test_questions_that_differ_by_case_get_their_own_files(tmp_path: Path) -> None:
    """No file overwrites another where the system ignores case."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["a"]), ja.Choice("Mood", ["b"]))
    with ja.Project.open(":memory:", schema=schema, items={"item_id": ["1"], "text": ["x"]}) as project:
        ja.Session(project, annotator="ada").submit({"mood": "a", "Mood": "b"})
        report = ja.export(project, tmp_path / "out")

    names = [file.name for file in report.files]
    assert len({name.casefold() for name in names}) == len(names)
    frames = ja.read_export(tmp_path / "out")
    assert (frames["labels_mood"]["label"][0], frames["labels_Mood"]["label"][0]) == ("a", "b")


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


# ----------------------------------------------------------------------------- all or nothing


def test_an_existing_folder_is_left_alone(project: ja.Project, tmp_path: Path) -> None:
    """A folder that exists is refused and stays as it is."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("do not lose me")
    for overwrite, why in [(False, "overwrite=True"), (True, "no earlier export")]:
        with pytest.raises(ExchangeError, match=why):
            ja.export(project, tmp_path / "out", overwrite=overwrite)

    assert [path.name for path in tmp_path.rglob("*")] == ["out", "thesis.tex"]


def test_an_earlier_export_is_replaced_when_asked(project: ja.Project, tmp_path: Path) -> None:
    """With overwrite=True an earlier export gives way to the new one, whole."""
    ja.export(project, tmp_path / "out", format="csv")
    with pytest.raises(ExchangeError, match="exists already"):
        ja.export(project, tmp_path / "out")
    ja.export(project, tmp_path / "out", overwrite=True)

    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".parquet", ".json"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_of_yours_in_an_export_is_never_lost(project: ja.Project, tmp_path: Path) -> None:
    """An earlier export into which something was put is not replaced."""
    folder = ja.export(project, tmp_path / "out").folder
    (folder / "notes.md").write_text("mine")
    with pytest.raises(ExchangeError, match=r"'notes\.md', which the export did not write"):
        ja.export(project, folder, overwrite=True)

    assert (folder / "notes.md").read_text() == "mine"
    assert len(ja.read_export(folder)) == 6


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_failed_export_leaves_nothing(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """If the last file cannot be written, there is no folder, and an earlier one is as it was."""
    earlier = ja.export(project, tmp_path / "earlier", format="csv").folder
    digests = [file["sha256"] for file in manifest_of(earlier)["files"]]
    write = CsvCells.write

    def fail_at_the_end(self: CsvCells, frame: pl.LazyFrame, path: Path) -> None:
        if path.stem == "prelabels":
            raise error
        write(self, frame, path)

    monkeypatch.setattr(CsvCells, "write", fail_at_the_end)
    for name in ("new", "earlier"):
        with pytest.raises((ExchangeError, KeyboardInterrupt)):
            ja.export(project, tmp_path / name, format="csv", overwrite=True)

    assert [path.name for path in tmp_path.iterdir()] == ["earlier"]
    assert [file["sha256"] for file in manifest_of(earlier)["files"]] == digests
    assert len(ja.read_export(earlier)) == 6


def test_every_file_is_on_the_disk_before_the_folder_appears(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files and their folder are synced, then the folder gets its name, then its parent is synced."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def note_sync(handle: int) -> None:
        steps.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def note_rename(path: Path, target: Path) -> Path:
        steps.append("rename")
        return rename(path, target)

    if not Path("/proc/self/fd").exists():
        pytest.skip("the names behind file handles are read from /proc")
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note_rename)
    report = ja.export(project, tmp_path / "out")

    at = steps.index("rename")
    assert {file.name for file in report.files} | {"manifest.json"} <= set(steps[:at])
    assert steps[at - 1].endswith(".partial")
    assert steps[at + 1 :] == [tmp_path.name]


def test_a_missing_parent_is_named(project: ja.Project, tmp_path: Path) -> None:
    """A parent that does not exist is most likely a slip and not created."""
    with pytest.raises(ExchangeError, match="nowhere' to exist") as caught:
        ja.export(project, tmp_path / "nowhere" / "out")

    assert "create it first" in str(caught.value)


def test_an_unknown_format_lists_the_known_ones(project: ja.Project, tmp_path: Path) -> None:
    """A format nobody knows is refused with those there are."""
    with pytest.raises(UnknownNameError, match=r"'parquet'.*Did you mean 'csv'"):
        ja.export(project, tmp_path / "out", format="cvs")


def test_a_loss_is_refused_unless_named(tmp_path: Path) -> None:
    """What a format cannot hold stops the export, says where, and nothing is written."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad"]))
    items = {"item_id": ["a", "b"], "text": ["x", "y"], "score": [0.5, float("nan")]}
    with ja.Project.open(":memory:", schema=schema, items=items) as project:
        with pytest.raises(ExchangeError, match=r"allow_loss=\['non_finite'\]") as caught:
            ja.export(project, tmp_path / "out", format="jsonl")
        assert (caught.value.file, caught.value.field) == ("items.jsonl", "score")
        assert list(tmp_path.iterdir()) == []

        report = ja.export(project, tmp_path / "out", format="jsonl", allow_loss=["non_finite"])

    assert manifest_of(report.folder)["losses"] == [
        {
            "kind": "non_finite",
            "frame": "items",
            "column": "score",
            "count": 1,
            "ids": ["b"],
            "example": "nan",
        }
    ]
    assert ja.read_export(report.folder)["items"]["score"].to_list() == [0.5, None]


def test_columns_of_python_objects_are_named(tmp_path: Path) -> None:
    """A column no file can hold is refused by name, in every format."""
    frame = pl.DataFrame({"item_id": ["a"], "thing": pl.Series([object()], dtype=pl.Object)})
    for form in FORMATS.values():
        with pytest.raises(ExchangeError, match=r"field 'thing'.*found Object"):
            exporting._written(form, tmp_path, "items", "items", frame.lazy())


def test_a_report_reads_as_a_list_of_files(project: ja.Project, tmp_path: Path) -> None:
    """The report says what lies where."""
    lines = str(ja.export(project, tmp_path / "out", format="jsonl")).splitlines()

    assert lines[0] == f"{tmp_path / 'out'} (jsonl)"
    assert lines[1].startswith("  items.jsonl: 3 rows, ")
    assert lines[-2:] == ["  manifest.json", "lossless"]


# ------------------------------------------------------------------------------ reading it back


@pytest.mark.parametrize("form", FORMATS)
def test_any_changed_byte_is_noticed(project: ja.Project, tmp_path: Path, form: str) -> None:
    """A file that is not the one exported is refused by name, whatever changed."""
    folder = ja.export(project, tmp_path / "out", format=form).folder
    for file in manifest_of(folder)["files"]:
        path = folder / file["file"]
        data = path.read_bytes()
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        for bad in (bytes(changed), data[:-1], data + b"\n", b""):
            path.write_bytes(bad)
            with pytest.raises(ExchangeError, match="not the ones exported") as caught:
                ja.read_export(folder)
            assert caught.value.file == str(path)
        path.write_bytes(data)

    assert len(ja.read_export(folder)) == 6


def test_a_missing_file_is_named(project: ja.Project, tmp_path: Path) -> None:
    """A file that was deleted is missed, and so is the manifest."""
    folder = ja.export(project, tmp_path / "out").folder
    (folder / "labels_who.parquet").unlink()
    with pytest.raises(ExchangeError, match=r"labels_who\.parquet: cannot be read"):
        ja.read_export(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(ExchangeError, match="with its manifest, found none"):
        ja.read_export(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(version=2), "expected version 1, found 2"),
        (lambda m: m.update(kind="cake"), "found other JSON"),
        (lambda m: m.pop("files"), "complete manifest: 'files'"),
        (lambda m: m["format"].update(name="xls"), "no export format 'xls'"),
        (lambda m: m["files"][0].update(file="../secret"), "found one outside"),
        (lambda m: m["files"][0].update(file="/etc/passwd"), "found one outside"),
        (lambda m: m["files"][0].update(file="a\x00b"), "control characters"),
        (lambda m: m["files"][0].update(rows=9), "expected 9 rows, found 3"),
        (
            lambda m: m["files"][0]["columns"][0].update(dtype="Object"),
            "expected a column type, found 'Object'",
        ),
        (lambda m: m["files"][0]["columns"][0].update(dtype={"List": {"Enum": 7}}), "found {'Enum': 7}"),
        (lambda m: m["files"][0]["columns"][0].update(name="id"), "does not hold the columns"),
        (lambda m: m["log"]["head"].update(position=1), "expected the log to end at"),
        (lambda m: m["log"]["head"].update(digest="0" * 64), "expected the log to end at"),
    ],
)
def test_a_manifest_is_not_trusted(
    project: ja.Project, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    """A manifest that was changed leads nowhere outside, to no other error and to no wrong frame."""
    (tmp_path / "secret").write_text("not yours")
    for form in FORMATS:
        folder = ja.export(project, tmp_path / form, format=form).folder
        rewrite(folder, change)
        with pytest.raises(ExchangeError, match=message):
            ja.read_export(folder)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "[" * 100_000, '{"kind": 1}', "\x00"], ids=lambda c: ascii(c[:9])
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: str) -> None:
    """Broken JSON, other JSON and very deep JSON are one clear error."""
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ExchangeError, match=r"manifest\.json"):
        ja.read_export(tmp_path)


def test_a_link_that_leads_out_is_not_followed(project: ja.Project, tmp_path: Path) -> None:
    """A file replaced by a link to one outside is refused before it is read."""
    folder = ja.export(project, tmp_path / "out").folder
    inside = folder / "items.parquet"
    inside.rename(tmp_path / "elsewhere.parquet")
    inside.symlink_to(tmp_path / "elsewhere.parquet")

    with pytest.raises(ExchangeError, match="found one outside"):
        ja.read_export(folder)
