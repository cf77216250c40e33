"""Exported folders: what is in them, that they appear whole or not at all, and that a changed byte shows."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ExchangeError, UnknownNameError
from jupyter_annotate.exchange import FORMATS, exporting
from jupyter_annotate.exchange.csv_cells import CsvCells
from jupyter_annotate.storage import Head
from tests.exchange.folders import TEXT, manifest_of, rewrite

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


def test_the_manifest_lists_all_that_csv_changes(tmp_path: Path) -> None:
    """Of every column: how it is written, how many of its cells are guarded, under which header it stands."""
    schema = ja.Schema(ja.Text("text"), ja.Choice("mood", ["glad"]))
    items = pl.DataFrame(
        {
            "item_id": ["=a", "b", "c"],
            "text": ["-1", "'=1", "fine"],
            "@who": ["ada", None, "+1"],
            "tags": [["=1"], [], None],
            "scan": [b"=1", b"", None],
            "parts": [{"raw": b"x"}, None, {"raw": None}],
            "score": [-1.5, float("inf"), None],
            "kind": pl.Series(["=x", "y", None], dtype=pl.Categorical),
            "seen": [True, None, False],
        }
    )
    with ja.Project.open(":memory:", schema=schema, items=items) as project:
        report = ja.export(project, tmp_path / "out", format="csv")
    columns = {c["name"]: c for c in manifest_of(report.folder)["files"][0]["columns"]}
    said = {name: (c["written_as"], c.get("guarded", 0), c.get("header")) for name, c in columns.items()}

    assert said == {
        "item_id": (None, 1, None),
        "text": (None, 2, None),
        "@who": (None, 1, "'@who"),
        "tags": ("JSON", 0, None),
        "scan": ("base64", 0, None),
        "parts": ("JSON, raw: base64", 0, None),
        "score": (None, 0, None),
        "kind": ("text", 1, None),
        "seen": (None, 0, None),
    }
    raw = pl.read_csv(report.folder / "items.csv", infer_schema=False)
    assert raw.columns == [c.get("header", name) for name, c in columns.items()]
    texts = raw.select(pl.col(raw.columns).str.count_matches(r"\A'+[=+\-@\t\r\n]").sum()).row(0)
    assert list(texts) == [c.get("guarded", 0) for c in columns.values()]
    assert raw["score"].to_list() == ["-1.5", "inf", None]
    assert raw["seen"].to_list() == ["true", None, "false"]
    assert manifest_of(report.folder)["format"]["non_finite"] == ["NaN", "inf", "-inf"]
    assert ja.read_export(report.folder)["items"].equals(items)


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
            assert frames["prelabels"].schema == project.prelabels().schema
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


def test_a_folder_whose_manifest_lists_nothing_is_not_replaced(project: ja.Project, tmp_path: Path) -> None:
    """Where a manifest lost its list, every file may be yours."""
    folder = ja.export(project, tmp_path / "out").folder
    rewrite(folder, lambda m: m.pop("files"), seal=False)
    with pytest.raises(ExchangeError, match=r"'annotations\.parquet', which the export did not write"):
        ja.export(project, folder, overwrite=True)

    assert len(list(folder.iterdir())) == 7


def test_an_interrupted_replacement_leaves_the_earlier_export(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever interrupts just as the folders change places has the earlier export, whole."""
    report = ja.export(project, tmp_path / "out", format="csv")
    rename = Path.rename

    def interrupt(path: Path, target: Path) -> Path:
        if path.name.endswith(".partial"):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ja.export(project, tmp_path / "out", overwrite=True)

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert len(ja.read_export(report.folder, digest=report.digest)) == 6


@pytest.mark.parametrize("error", [pl.exceptions.ComputeError("torn"), pl.exceptions.PanicException("torn")])
def test_items_that_cannot_be_read_leave_nothing(
    project: ja.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """A batch that turns out unreadable while it is written is an error of the export, and no folder."""

    def torn(_: pl.DataFrame) -> pl.DataFrame:
        raise error

    broken = project.items().map_batches(torn, schema=project.items().collect_schema())
    monkeypatch.setattr(project.table, "scan", lambda: broken)
    with pytest.raises(ExchangeError, match="nothing was kept"):
        ja.export(project, tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["reviews", pl.DataFrame({"item_id": ["a"]})], ids=["name", "frame"])
def test_what_is_no_project_is_named(tmp_path: Path, wrong: object) -> None:
    """A name or a frame in the project's place is refused before anything is written."""
    with pytest.raises(ExchangeError, match=r"expected a project, found (str|DataFrame)\."):
        ja.export(wrong, tmp_path / "out")  # type: ignore[arg-type]  # that is the slip

    assert list(tmp_path.iterdir()) == []


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
