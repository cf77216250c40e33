"""Exported folders read back: what was changed, taken out or put in is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jupyter_annotate as ja
from jupyter_annotate.errors import ExchangeError
from jupyter_annotate.exchange import FORMATS
from tests.exchange.folders import Change, manifest_of, rewrite


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
def test_a_manifest_is_not_trusted(project: ja.Project, tmp_path: Path, change: Change, message: str) -> None:
    """Changed together with its digest, it leads nowhere outside, to no other error and to no wrong frame."""
    (tmp_path / "secret").write_text("not yours")
    for form in FORMATS:
        folder = ja.export(project, tmp_path / form, format=form).folder
        rewrite(folder, change, seal=True)
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


def without(*frames: str) -> Change:
    """Return a change that takes frames out of a manifest."""
    return lambda m: m.update(files=[each for each in m["files"] if each["frame"] not in frames])


EDITS: dict[str, Change] = {
    "a label": lambda m: m["schema"]["questions"][0]["labels"][0].update(name="evil"),
    "head": lambda m: m["log"]["head"].update(position=3),
    "log": lambda m: m["log"].update(log_id="another"),
    "created": lambda m: m.update(created="1999-01-01T00:00:00Z"),
    "losses": lambda m: m.update(losses=[{"kind": "none"}]),
    "an entry more": lambda m: m.update(note="x"),
    "an entry less": lambda m: m.pop("software"),
    "digest": lambda m: m.update(digest="0" * 64),
    "no digest": lambda m: m.pop("digest"),
    "no number": lambda m: m.update(created=float("nan")),
    "lone surrogate": lambda m: m.update(created="\ud800"),
    **{f"without {name}": without(name) for name in ("items", "events", "prelabels", "labels_who")},
}


@pytest.mark.parametrize("edit", EDITS)
def test_any_edit_of_the_manifest_is_noticed(project: ja.Project, tmp_path: Path, edit: str) -> None:
    """The manifest keeps a digest of its own content, so no part of it changes alone."""
    folder = ja.export(project, tmp_path / "out").folder
    rewrite(folder, lambda _: None, seal=False)
    assert len(ja.read_export(folder)) == 6  # other spaces, same content

    rewrite(folder, EDITS[edit], seal=False)
    with pytest.raises(ExchangeError, match=r"manifest\.json.*(states the digest|in JSON)"):
        ja.read_export(folder)


def test_the_digest_of_a_manifest_can_be_recomputed(project: ja.Project, tmp_path: Path) -> None:
    """It is the SHA-256 of the canonical JSON without it, and the report names it too."""
    report = ja.export(project, tmp_path / "out")
    content = manifest_of(report.folder)
    stated = content.pop("digest")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    assert stated == report.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_name_that_stands_twice_in_a_manifest_is_refused(project: ja.Project, tmp_path: Path) -> None:
    """Readers would not agree on which of two entries counts."""
    path = ja.export(project, tmp_path / "out").folder / "manifest.json"
    path.write_text(path.read_text().replace('"log":', '"created": "1999", "log":', 1))
    with pytest.raises(ExchangeError, match="the name 'created' stands twice"):
        ja.read_export(path.parent)


@pytest.mark.parametrize(
    "frame", ["items", "annotations", "labels_mood", "labels_who", "events", "prelabels"]
)
def test_a_frame_taken_out_with_its_file_is_missed(project: ja.Project, tmp_path: Path, frame: str) -> None:
    """Entry and file gone, digest made anew: the frames are still not those of the schema."""
    folder = ja.export(project, tmp_path / "out").folder
    rewrite(folder, without(frame), seal=True)
    (folder / f"{frame}.parquet").unlink()
    with pytest.raises(ExchangeError, match=r"expected the frames \[.*\], found \[") as caught:
        ja.read_export(folder)

    expected, found = str(caught.value).split("found")
    assert repr(frame) in expected
    assert repr(frame) not in found
    assert caught.value.file == str(folder / "manifest.json")


def test_a_question_taken_out_of_schema_and_frames_is_missed(project: ja.Project, tmp_path: Path) -> None:
    """The schema event inside the events says what was asked."""
    folder = ja.export(project, tmp_path / "out").folder

    def forget(manifest: dict[str, Any]) -> None:
        without("labels_who")(manifest)
        manifest["schema"]["questions"].pop()

    rewrite(folder, forget, seal=True)
    (folder / "labels_who.parquet").unlink()
    with pytest.raises(ExchangeError, match="field 'schema': expected 'questions' as the events have it"):
        ja.read_export(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["schema"]["questions"][0]["labels"][0].update(name="evil"), "expected 'questions' as"),
        (lambda m: m["schema"].update(fingerprint="0" * 64), "expected 'fingerprint' as the events have it"),
        (lambda m: m["schema"].update(note="x"), "expected 'note' as the events have it: None, found 'x'"),
        (
            lambda m: m["files"].append({**m["files"][2], "frame": "labels_x"}),
            "found 'labels_mood.parquet' twice",
        ),
        (lambda m: m["files"].append(m["files"][2]), "found 'labels_mood' twice"),
        (lambda m: m["files"][2].update(frame="labels_x"), "found .*'labels_x'"),
        (lambda m: m["schema"].pop("questions"), "complete manifest: 'questions'"),
    ],
)
def test_schema_and_frames_are_those_of_the_events(
    project: ja.Project, tmp_path: Path, change: Change, message: str
) -> None:
    """A manifest whose digest was made anew is still compared with the events."""
    folder = ja.export(project, tmp_path / "out").folder
    rewrite(folder, change, seal=True)
    with pytest.raises(ExchangeError, match=message):
        ja.read_export(folder)


def test_events_without_a_schema_are_refused(project: ja.Project, tmp_path: Path) -> None:
    """Events whose schema was cut out, with every digest made anew, are refused."""
    folder = ja.export(project, tmp_path / "out").folder
    path = folder / "events.parquet"
    for change in (
        pl.read_parquet(path).filter(pl.col("kind") != "schema"),
        pl.read_parquet(path).with_columns(value=pl.lit("[]")),
    ):
        change.write_parquet(path)
        data = path.read_bytes()

        def renew(manifest: dict[str, Any], data: bytes = data, rows: int = len(change)) -> None:
            entry = next(each for each in manifest["files"] if each["frame"] == "events")
            entry.update(sha256=hashlib.sha256(data).hexdigest(), rows=rows)

        rewrite(folder, renew, seal=True)
        with pytest.raises(ExchangeError, match="expected events that begin with a schema, found none"):
            ja.read_export(folder)


def test_foreign_files_are_named(project: ja.Project, tmp_path: Path) -> None:
    """A file or folder put into an export is refused by name; hidden ones, which systems leave, are not."""
    folder = ja.export(project, tmp_path / "out").folder
    (folder / "labels_extra.parquet").write_bytes(b"")
    (folder / "more").mkdir()
    (folder / ".ipynb_checkpoints").mkdir()
    with pytest.raises(ExchangeError, match=r"found \['labels_extra\.parquet', 'more'\] besides") as caught:
        ja.read_export(folder)
    assert caught.value.file == str(folder)

    (folder / "more").rmdir()
    (folder / "labels_extra.parquet").unlink()
    assert len(ja.read_export(folder)) == 6


def test_a_folder_is_compared_with_the_head_kept_elsewhere(project: ja.Project, tmp_path: Path) -> None:
    """A head as the log or a manifest gives it tells an export from an earlier one put in its place."""
    earlier = ja.export(project, tmp_path / "earlier").folder
    ja.Session(project, annotator="eve").submit({"mood": "sad", "who": []})
    later = ja.export(project, tmp_path / "later").folder
    for head in (project.log.head(), manifest_of(later)["log"]["head"]):
        assert len(ja.read_export(later, head=head)) == 6
        with pytest.raises(ExchangeError, match=r"expected the log to end at .*, found") as caught:
            ja.read_export(earlier, head=head)
        assert caught.value.file == str(earlier / "manifest.json")


def test_a_head_that_is_none_is_refused(project: ja.Project, tmp_path: Path) -> None:
    """What is no head compares with nothing, so it is refused."""
    folder = ja.export(project, tmp_path / "out").folder
    wrong: Any
    for wrong in ("0" * 64, {"position": 1}, {"position": "1", "digest": "x"}, 7):
        with pytest.raises(ExchangeError, match="field 'head': expected position and digest"):
            ja.read_export(folder, head=wrong)


def test_a_folder_that_was_rewritten_as_a_whole_is_found_by_its_digest(
    project: ja.Project, tmp_path: Path
) -> None:
    """Labels, manifest and digest changed so that they agree: only the digest kept elsewhere tells."""
    report = ja.export(project, tmp_path / "out")
    path = report.folder / "labels_mood.parquet"
    pl.read_parquet(path).with_columns(label=pl.lit("sad")).write_parquet(path)
    data = path.read_bytes()
    rewrite(
        report.folder,
        lambda m: m["files"][2].update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data)),
        seal=True,
    )

    assert set(ja.read_export(report.folder, head=project.log.head())["labels_mood"]["label"]) == {"sad"}
    with pytest.raises(ExchangeError, match=f"expected the digest '{report.digest}', found") as caught:
        ja.read_export(report.folder, digest=report.digest)
    assert caught.value.file == str(report.folder / "manifest.json")
