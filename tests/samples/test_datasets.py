"""The sample data hold what they promise: exact gold, odd characters, readable images."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jupyter_annotate.fields import Image, Text
from jupyter_annotate.questions import Boxes, Choice, MultiChoice, Spans
from jupyter_annotate.samples import (
    CELLS,
    ENTITIES,
    SENTIMENTS,
    TOPICS,
    datasets,
    load_images,
    load_messages,
    load_reviews,
)

LOADERS = {"reviews": load_reviews, "messages": load_messages, "images": load_images}
DATA = Path(datasets.__file__).parent / "data"


@pytest.fixture(scope="module")
def reviews() -> pl.DataFrame:
    """Return the reviews."""
    return load_reviews()


@pytest.fixture(scope="module")
def messages() -> pl.DataFrame:
    """Return the messages."""
    return load_messages()


@pytest.fixture(scope="module")
def images() -> pl.DataFrame:
    """Return the images."""
    return load_images()


@pytest.fixture(scope="module")
def texts(reviews: pl.DataFrame, messages: pl.DataFrame) -> list[str]:
    """Return every text of both sets."""
    return [*reviews["text"], *messages["text"]]


# ---------------------------------------------------------------------------------------- frames


@pytest.mark.parametrize("name", LOADERS)
def test_items_have_one_id_each_and_no_gaps(name: str) -> None:
    """Every item has an id of its own, and no cell of any column is null."""
    frame = LOADERS[name]()

    assert frame["item_id"].n_unique() == len(frame)
    assert frame.null_count().transpose().to_series().sum() == 0


@pytest.mark.parametrize(("name", "least"), [("reviews", 300), ("messages", 150), ("images", 12)])
def test_there_is_enough_to_try_things(name: str, least: int) -> None:
    """Each set is as large as promised."""
    assert len(LOADERS[name]()) >= least


@pytest.mark.parametrize("column", ["gold_sentiment", "place"])
def test_no_group_of_reviews_is_rare(reviews: pl.DataFrame, column: str) -> None:
    """Each sentiment and each place has at least a fifth of the reviews."""
    shares = reviews[column].value_counts(normalize=True)["proportion"]

    assert len(shares) == 3
    assert shares.min() >= 0.2  # type: ignore[operator]  # a float: the column is not empty


def test_every_label_is_used(reviews: pl.DataFrame, messages: pl.DataFrame, images: pl.DataFrame) -> None:
    """The lists of labels are exactly the labels that gold answers use."""
    entities = messages["gold_entities"].explode().struct.field("label").drop_nulls()
    cells = images["gold_cells"].explode().struct.field("label").drop_nulls()

    assert set(reviews["gold_sentiment"]) == set(SENTIMENTS)
    assert set(reviews["gold_topics"].explode()) == set(TOPICS)
    assert set(entities) == set(ENTITIES)
    assert set(cells) == set(CELLS)


def test_a_text_stands_once(texts: list[str]) -> None:
    """No two texts are equal or nearly so: of their words at most two thirds are shared."""
    words = [frozenset(re.findall(r"\w+", text.casefold())) for text in texts]
    close = [
        (texts[i], texts[j])
        for (i, a), (j, b) in combinations(enumerate(words), 2)
        if min(len(a), len(b)) > 2 and len(a & b) > 2 / 3 * len(a | b)
    ]

    assert len(set(texts)) == len(texts)
    assert close == []


# ------------------------------------------------------------------------------------------ gold


def test_gold_answers_are_canonical(
    reviews: pl.DataFrame, messages: pl.DataFrame, images: pl.DataFrame
) -> None:
    """The questions accept every gold answer and change nothing but to add the text of a span."""
    choice, topics = Choice("sentiment", SENTIMENTS), MultiChoice("topics", TOPICS)
    spans, boxes = Spans("entities", ENTITIES, on="text"), Boxes("cells", CELLS, on="image")
    size = Image("image").content

    for row in reviews.iter_rows(named=True):
        assert choice.check(row["gold_sentiment"], {}) == row["gold_sentiment"]
        assert topics.check(row["gold_topics"], {}) == row["gold_topics"]
    for row in messages.iter_rows(named=True):
        with_text = [{**s, "text": row["text"][s["start"] : s["end"]]} for s in row["gold_entities"]]
        assert spans.check(row["gold_entities"], {"text": row["text"]}) == with_text
    for row in images.iter_rows(named=True):
        assert boxes.check(row["gold_cells"], {"image": size(row["image"])}) == row["gold_cells"]


def test_gold_spans_are_the_marked_pieces(messages: pl.DataFrame) -> None:
    """Slices at the gold offsets are what was marked, also beside emoji, marks and right-to-left text."""
    pieces = {
        row["text"][s["start"] : s["end"]]
        for row in messages.iter_rows(named=True)
        for s in row["gold_entities"]
    }

    assert {
        "Marisol",
        "Two 🛶",
        "Table 4\ufe0f\u20e3",
        "𝗟𝗮𝗺𝗽 𝗛𝗮𝗹𝗹",
        "Cafe\u0301 du Port",
        "Lake House",
        "דוד כהן",
        "القاهرة",
        "जयपुर",
        "เชียงใหม่",
        "𠮷野家",
        "\u1100\u1175\u11b7 \u1109\u1165\u11ab\u1109\u1162\u11bc\u1102\u1175\u11b7",
        "Gross\u00admarkt",
    } <= pieces


def test_spans_do_not_tear_characters(messages: pl.DataFrame) -> None:
    """No gold span begins or ends inside what a reader sees as one character."""
    for row in messages.iter_rows(named=True):
        for span in row["gold_entities"]:
            for at in (span["start"], span["end"]):
                following = row["text"][at : at + 1]
                assert not following or not unicodedata.combining(following)
                assert following not in {"\u200d", "\ufe0f", "\u20e3"}
                assert row["text"][at - 1 : at] != "\u200d"


def test_some_messages_are_hard(messages: pl.DataFrame) -> None:
    """Some texts hold nothing to mark, and in some a span lies inside another."""
    golds = messages["gold_entities"].to_list()
    nested = [
        gold
        for gold in golds
        if any(a["start"] <= b["start"] and b["end"] <= a["end"] and a != b for a in gold for b in gold)
    ]

    assert sum(not gold for gold in golds) >= 3
    assert len(nested) >= 3


# -------------------------------------------------------------------------- the odd characters

ZOO: dict[str, Callable[[str], object]] = {
    "a family joined by ZWJ": re.compile("[👨👩]\u200d[👨👩]\u200d[👧👦]").search,
    "a skin tone": re.compile("[\U0001f3fb-\U0001f3ff]").search,
    "a flag": re.compile("[\U0001f1e6-\U0001f1ff]{2}").search,
    "a keycap": re.compile("[0-9]\ufe0f\u20e3").search,
    "a combining acute accent": re.compile("e\u0301").search,
    "Devanagari with a vowel sign": re.compile("[क-ह][\u093e-\u094d]").search,
    "Thai with a mark above": re.compile("[ก-ฮ][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]").search,
    "Arabic": re.compile("[\u0621-\u064a]{3}").search,
    "Hebrew": re.compile("[א-ת]{3}").search,
    "both directions": lambda t: re.search("[א-ת\u0621-\u064a]", t) and re.search("[A-Za-z]{3}", t),
    "a directional isolate": re.compile("\u2067.*\u2069").search,
    "Chinese or Japanese": re.compile("[一-鿿]{2}").search,
    "Hangul": re.compile("[가-힣]{2}").search,
    "an ideograph beyond U+FFFF": re.compile("[\U00020000-\U0003ffff]").search,
    "mathematical letters": re.compile("[\U0001d400-\U0001d7ff]").search,
    "CRLF": re.compile("\r\n").search,
    "a tab": re.compile("\t").search,
    "a zero-width space": re.compile("\u200b").search,
    "a zero-width non-joiner": re.compile("\u200c").search,
    "a byte order mark in front": re.compile("\\A\ufeff").search,
    "a soft hyphen": re.compile("\u00ad").search,
    "a no-break space": re.compile("\u00a0").search,
    "outer spaces": lambda t: t != t.strip(" "),
}


@pytest.mark.parametrize("kind", ZOO)
@pytest.mark.parametrize("name", ["reviews", "messages"])
def test_odd_characters_are_there(name: str, kind: str) -> None:
    """Each set of texts holds every kind of character that tends to break software."""
    assert any(ZOO[kind](text) for text in LOADERS[name]()["text"])


def test_texts_hold_nothing_a_text_field_refuses(texts: list[str]) -> None:
    """Texts can be shown: no NUL, no lone surrogate, none empty."""
    Text("text").check_column(pl.Series(texts), what="the samples")

    assert all(text.strip() for text in texts)


@pytest.mark.parametrize("name", ["reviews", "messages"])
def test_files_survive_a_reader_that_splits_lines(name: str) -> None:
    """The JSON Lines file has no line break inside a line, whatever the reader takes for one."""
    raw = (DATA / f"{name}.jsonl").read_bytes().decode()

    assert raw.splitlines() == raw.split("\n")[:-1]


# ---------------------------------------------------------------------------------------- images


def palette_image(data: bytes) -> dict[bytes, bytes]:
    """Return the chunks of a PNG with verified checksums, the image data inflated."""
    chunks, at = {}, 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + body)
        chunks[name] = zlib.decompress(body) if name == b"IDAT" else body
        at += 12 + length
    return chunks


def test_images_decode_to_their_size(images: pl.DataFrame) -> None:
    """Every image is a whole PNG of the size its row gives, with one byte a pixel and sound checksums."""
    for row in images.iter_rows(named=True):
        chunks = palette_image(row["image"])

        assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (row["width"], row["height"])
        assert len(chunks[b"IDAT"]) == row["height"] * (1 + row["width"])
        assert max(chunks[b"IDAT"]) < len(chunks[b"PLTE"]) // 3


def test_boxes_lie_inside(images: pl.DataFrame) -> None:
    """Every gold box lies inside its image and is at least eight pixels wide and high."""
    for row in images.iter_rows(named=True):
        for box in row["gold_cells"]:
            assert 0 <= box["x"] <= box["x"] + box["width"] <= row["width"] + 0.001
            assert 0 <= box["y"] <= box["y"] + box["height"] <= row["height"] + 0.001
            assert min(box["width"], box["height"]) >= 8


def test_images_differ_in_kind(images: pl.DataFrame) -> None:
    """There is a portrait, an empty dish, a crowded one, and one whose cells the edge cuts."""

    def touches(row: dict[str, Any]) -> bool:
        ends = ((b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for b in row["gold_cells"])
        return any(e[0] == 0 or e[1] == 0 or e[2] == row["width"] or e[3] == row["height"] for e in ends)

    counts = images["gold_cells"].list.len()

    assert images.filter(pl.col("height") > pl.col("width")).height >= 1
    assert (counts.min(), counts.max()) == (0, 44)
    assert any(touches(row) for row in images.iter_rows(named=True))


def test_samples_are_small() -> None:
    """The images take less than 400 kB, all sample data less than 500 kB."""
    sizes = {path: path.stat().st_size for path in DATA.rglob("*") if path.is_file()}

    assert sum(size for path, size in sizes.items() if path.suffix == ".png") < 400_000
    assert sum(sizes.values()) < 500_000


def test_samples_load_from_a_zip(tmp_path: Path) -> None:
    """The samples are found when the package itself lies in a zip archive."""
    package = DATA.parent.parent
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(package.parent))
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site.zip')!r})\n"
        "from jupyter_annotate import samples\n"
        "frames = samples.load_reviews(), samples.load_messages(), samples.load_images()\n"
        "print(samples.__file__, *map(len, frames))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ran.stdout.split() == [
        str(tmp_path / "site.zip" / "jupyter_annotate" / "samples" / "__init__.py"),
        "302",
        "150",
        "12",
    ]
