"""Image fields: type and size by content, names below a folder."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from jupyter_annotate import Image
from jupyter_annotate.content import ImageSize
from jupyter_annotate.errors import ColumnError, ExchangeError
from jupyter_annotate.fields import split_blob_name
from tests.pictures import jpeg, png


def test_the_first_bad_image_is_named_by_row(tmp_path: Path) -> None:
    """The error names row, column, the problem and where names are looked up."""
    (tmp_path / "a.png").write_bytes(png(2, 2))
    (tmp_path / "b.png").write_bytes(b"no image")
    field = Image("scan", root=tmp_path)

    with pytest.raises(
        ColumnError, match=r"row 1, column 'scan': expected a readable PNG.*it starts with 6e 6f"
    ):
        field.check_column(pl.Series("scan", ["a.png", "b.png"]), what="items")


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "C:\\a.png", "nul", "missing.png", "a\x00.png"])
def test_names_stay_below_the_folder(tmp_path: Path, name: str) -> None:
    """A name that leaves the folder, or is not there, is refused by row."""
    with pytest.raises(ColumnError, match="row 0, column 'scan'"):
        Image("scan", root=tmp_path).check_column(pl.Series("scan", [name]), what="items")


def test_bytes_and_names_show_the_same(tmp_path: Path) -> None:
    """A file and its bytes have the same size, media and identity."""
    (tmp_path / "a.png").write_bytes(png(7, 5))
    field = Image("scan", root=tmp_path)

    assert field.content("a.png") == field.content(png(7, 5)) == ImageSize(7, 5)
    assert field.identity("a.png") == field.identity(png(7, 5))
    assert field.blob("a.png") == field.blob(png(7, 5))


def test_the_browser_is_told_where_the_bytes_are() -> None:
    """The payload holds the blob's name and the size, never the bytes."""
    payload = Image("scan").payload(png(7, 5), item_id="17")

    assert payload == {"blob": "17/scan", "width": 7, "height": 5, "mime": "image/png"}


def test_the_folder_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File names are looked up where the field was made, wherever the current folder goes."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(png(7, 5))
    monkeypatch.chdir(tmp_path)
    field = Image("scan", root="images")
    here = Image("scan")
    monkeypatch.chdir("/")

    assert field.content("a.png") == here.content("images/a.png") == ImageSize(7, 5)
    assert replace(field, title="x").content("a.png") == ImageSize(7, 5)


def test_the_folder_is_no_part_of_the_schema(tmp_path: Path) -> None:
    """Two fields that differ in their folder are the same field."""
    assert Image("scan", root=tmp_path) == Image("scan")
    assert hash(Image("scan", root=tmp_path)) == hash(Image("scan"))
    assert Image("scan", root=tmp_path).to_json() == {"kind": "image", "name": "scan", "title": None}


def odd_file(folder: Path, kind: str) -> None:
    """Put something under the name a.png that is no image."""
    path = folder / "a.png"
    match kind:
        case "pipe":
            if not hasattr(os, "mkfifo"):
                pytest.skip("Windows has no named pipes in folders")
            os.mkfifo(path)
        case "loop":
            path.symlink_to(path)
        case "folder":
            path.mkdir()
        case "text":
            path.write_bytes(b"no image")
        case "cut off":
            path.write_bytes(jpeg(70, 50)[:-3])


ODD = {
    "gone": "there is no such file below",
    "pipe": "this is no plain file below",
    "loop": "'a.png', field 'scan': ",
    "folder": "this is no plain file below",
    "text": "it is no PNG, JPEG, GIF or WebP; it starts with 6e 6f",
    "cut off": "this JPEG is cut off or damaged",
}


@pytest.mark.parametrize("kind", ODD)
def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, kind: str) -> None:
    """A file that is gone, a pipe, a loop of links or no image is named with the problem."""
    odd_file(tmp_path, kind)
    field = Image("scan", root=tmp_path)

    for ask in (field.content, field.blob):
        with pytest.raises(ExchangeError, match=rf"'a\.png'.*{ODD[kind]}" if kind != "loop" else ODD[kind]):
            ask("a.png")
    with pytest.raises(ColumnError, match="row 0, column 'scan': expected a readable PNG"):
        field.check_column(pl.Series("scan", ["a.png"]), what="items")


@pytest.mark.parametrize("kind", ODD)
def test_what_cannot_be_read_has_a_place_and_an_identity(tmp_path: Path, kind: str) -> None:
    """The browser gets a blob to ask for, and the identity is the same each time, for this file only."""
    odd_file(tmp_path, kind)
    field = Image("scan", root=tmp_path)
    payload = field.payload("a.png", item_id="17")

    assert payload == {"blob": "17/scan", "width": 640, "height": 480, "mime": "application/octet-stream"}
    assert field.identity("a.png") == Image("scan", root=tmp_path).identity("a.png")
    assert field.identity("a.png") != field.identity("b.png")


def test_a_name_may_hold_slashes() -> None:
    """Item and field are told apart in a blob's name, whatever is in them."""
    for item_id, name in (("a/b", "img/left"), ("a", "b/img/left"), ("1", "100%2F/%"), ("é", "/")):
        payload = Image(name).payload(png(1, 1), item_id=item_id)
        assert isinstance(payload, dict)
        assert split_blob_name(str(payload["blob"])) == (item_id, name)
