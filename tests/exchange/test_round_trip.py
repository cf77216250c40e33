"""What is exported comes back equal, or the loss report says what does not."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

from jupyter_annotate import Project, Session
from jupyter_annotate.columns import PRELABELS, empty
from jupyter_annotate.events import Event, EventKind, Json
from jupyter_annotate.exchange import FORMATS, ExportReport, export, read_export
from jupyter_annotate.fields import Text
from jupyter_annotate.questions import Choice
from jupyter_annotate.schema import Schema
from jupyter_annotate.storage.memory import MemoryLog
from tests.questions.cases import VARIANTS, case_of, items_of

ODD_TEXTS = [
    "",
    "null",
    "NaN",
    "'",
    "''=1",
    "=1+1",
    "'=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "a\r\nb",
    "a\rb\nc",
    'she said "hi", twice',
    '""',
    ";|,\t",
    "\\",
    "\\n",
    "\x00",
    "\x1f\x7f",
    "\ufeffmark",
    "\u2028\u2029\x85",
    "e\u0301 \u1112\u1161\u11ab",
    "👩‍👩‍👧‍👦 🇺🇦 👍🏽 1️⃣",
    "שלום עליכם\u202e مرحبا",
    "日本語、𠮷野家",
    "Z̸̢̛a̴l̵g̶o̷",
    "  spaces  ",
]

WORDS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))


@dataclass
class Held:
    """A source that holds these items and answers of one annotator."""

    frame: pl.DataFrame
    answers: list[tuple[str, str]] = field(default_factory=list)
    labels: tuple[str, ...] = ("glad", "sad")
    log: MemoryLog = field(default_factory=MemoryLog)

    def __post_init__(self) -> None:
        """Log the answers."""
        self.schema = Schema(Text("text"), Choice("mood", self.labels))
        self.log.append([Event(kind=EventKind.SCHEMA, value=self.schema.to_json())])
        self.log.append([self._answer(item, label) for item, label in self.answers])

    def items(self) -> pl.LazyFrame:
        """Return the items."""
        return self.frame.rechunk().lazy()

    def events(self) -> pl.DataFrame:
        """Return the log."""
        return self.log.read()

    def prelabels(self) -> pl.DataFrame:
        """Return no suggestions."""
        return empty(PRELABELS)

    @staticmethod
    def _answer(item: str, label: Json) -> Event:
        context: Json = {"comment": item}
        return Event(
            kind=EventKind.ANSWER,
            item_id=item,
            annotator_id="ada",
            question="mood",
            value=label,
            context=context,
        )


def there_and_back(
    source: Held, form: str, allow_loss: tuple[str, ...] = ()
) -> tuple[ExportReport, dict[str, pl.DataFrame]]:
    """Export and read."""
    with tempfile.TemporaryDirectory() as here:
        report = export(source, Path(here) / "out", format=form, allow_loss=allow_loss)
        return report, read_export(report.folder)


def without_non_finite(value: object) -> object:
    """Return a cell as JSON can hold it."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [without_non_finite(each) for each in value]
        case dict():
            return {key: without_non_finite(each) for key, each in value.items()}
    return value


# --------------------------------------------------------------------------------------- values

# Types that polars can draw at random, alone and nested.
SIMPLE_TYPES = [
    *(pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64),
    *(pl.Float32, pl.Float64, pl.String, pl.Binary, pl.List, pl.Struct),
]

# Types that the oldest polars we run with does not have, or does not write to Parquet.
YOUNG_TYPES: dict[str, list[object]] = {
    "Float16": [0.1, -0.0, 65504.0],
    "Int128": [-(2**127), 2**127 - 1],
    "UInt128": [0, 2**128 - 1],
}
HAS_YOUNG_TYPES = all(hasattr(pl, name) for name in YOUNG_TYPES)

ANY_TYPE: list[tuple[pl.DataType | type[pl.DataType], list[object]]] = [
    (pl.Boolean, [True, False]),
    (pl.Int8, [-128, 127]),
    (pl.Int64, [-(2**63), 2**63 - 1]),
    (pl.UInt64, [0, 2**64 - 1]),
    *((getattr(pl, name), values) for name, values in YOUNG_TYPES.items() if HAS_YOUNG_TYPES),
    (pl.Float32, [0.1, -0.0, 1e-45, 3.4028235e38]),
    (pl.Float64, [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3]),
    (pl.String, [*ODD_TEXTS]),
    (pl.Binary, [b"", b"\x89PNG\r\n\x1a\n\x00\xff", b"=1"]),
    (pl.Date, [date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1)]),
    (pl.Time, [time(0), time(23, 59, 59, 999_999)]),
    (pl.Datetime("ms"), [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]),  # noqa: DTZ001 -- a naive one
    (pl.Datetime("us", "UTC"), [datetime(2026, 3, 29, 1, 30, 0, 1, UTC)]),
    (
        pl.Datetime("us", "Europe/Berlin"),
        [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)],
    ),
    (pl.Datetime("ns"), [datetime(1900, 1, 1, 0, 0, 0, 1)]),  # noqa: DTZ001 -- a naive one
    (pl.Duration("us"), [timedelta(days=-3, microseconds=1), timedelta(0)]),
    (pl.Decimal(20, 3), [Decimal("-1.500"), Decimal("99999999999999999.999")]),
    (pl.Categorical, ["=a", "b"]),
    (pl.Enum(["=a", "b"]), ["=a", "b"]),
    (pl.Null, [None]),
    (pl.List(pl.String), [[], ["a", None, ""], [None], ["=1"]]),
    (pl.List(pl.List(pl.Int64)), [[], [[]], [[1], None, []]]),
    (pl.Array(pl.Float64, 2), [[1.5, None], [-0.0, 2.0]]),
    (pl.Array(pl.Int8, (2, 2)), [[[1, 2], [3, 4]]]),
    (pl.Struct({"a": pl.Int64, "b": pl.String}), [{"a": 1, "b": "x\r\ny"}, {"a": None, "b": None}]),
    (
        pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64, "label": pl.String})),
        [[], [{"start": 0, "end": 3, "label": "'=who"}], [{"start": None, "end": None, "label": None}]],
    ),
    (pl.Struct({"at": pl.Datetime("us", "UTC")}), [{"at": datetime(2026, 1, 1, tzinfo=UTC)}, {"at": None}]),
    (pl.List(pl.Binary), [[b"\x00", None], []]),
    (pl.List(pl.Categorical), [["x"], [None]]),
    (pl.List(pl.Enum(["x"])), [["x"], []]),
    (pl.List(pl.Date), [[date(2026, 1, 1)], None]),
    (
        pl.Struct({"in": pl.Struct({"money": pl.Decimal(9, 2)})}),
        [{"in": {"money": Decimal("1.25")}}, {"in": None}],
    ),
]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("dtype", "values"), ANY_TYPE, ids=[str(dtype) for dtype, _ in ANY_TYPE])
def test_every_type_comes_back(form: str, dtype: pl.DataType, values: list[object]) -> None:
    """A column of any type comes back with the same type and values, null among them."""
    cells = [None, *values, None]
    items = pl.DataFrame(
        {"item_id": [str(n) for n in range(len(cells))], "x": pl.Series(cells, dtype=dtype, strict=False)}
    )
    report, frames = there_and_back(Held(items), form)

    assert_frame_equal(frames["items"], items, check_exact=True)
    assert len(report.losses) == 0


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)
@given(
    texts=st.lists(st.one_of(st.none(), WORDS), max_size=12),
    headers=st.lists(WORDS.filter(lambda text: text not in {"item_id", "text"}), unique=True, max_size=3),
    answered=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=8),
)
def test_any_text_comes_back(
    form: str, texts: list[str | None], headers: list[str], answered: list[tuple[int, int]]
) -> None:
    """Text of any kind, in cells, in the names of columns and in the log, comes back as it was."""
    items = pl.DataFrame(
        {"item_id": [str(n) for n in range(len(texts))], "text": texts, **dict.fromkeys(headers, texts)},
        schema_overrides=dict.fromkeys(["item_id", "text", *headers], pl.String),
    )
    labels = ("=cmd|' /C calc'!A0", "שלום, 👋🏽")
    source = Held(items, [(str(n), labels[k]) for n, k in answered], labels)
    _, frames = there_and_back(source, form)

    assert frames["items"].equals(items)
    assert frames["events"].equals(source.events())
    assert (
        frames["labels_mood"]["label"].to_list()
        == frames["annotations"]["value"].str.json_decode(pl.String).to_list()
    )


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)
@given(
    frame=dataframes(
        max_cols=4,
        max_size=6,
        allow_null=True,
        allowed_dtypes=SIMPLE_TYPES,
    )
)
def test_any_frame_comes_back_or_is_reported(form: str, frame: pl.DataFrame) -> None:
    """A frame of random types comes back equal; where it does not, the loss report counts the rows."""
    items = frame.rename({name: f"c {name}" for name in frame.columns})
    items = items.insert_column(0, pl.Series("item_id", [str(n) for n in range(len(items))], pl.String))
    report, frames = there_and_back(Held(items), form, allow_loss=("non_finite",))
    back = frames["items"]

    differing = {
        name: items[name].ne_missing(back[name]).sum()
        for name in items.columns
        if not back[name].equals(items[name])
    }
    assert differing == {loss.column: loss.count for loss in report.losses}
    for loss in report.losses:
        expected = [without_non_finite(value) for value in items[loss.column].to_list()]
        assert back[loss.column].to_list() == expected


# --------------------------------------------------------------------------------------- losses


@pytest.mark.parametrize(("form", "lost"), [("parquet", 0), ("jsonl", 2), ("csv", 1)])
def test_nan_is_reported_where_it_is_lost(form: str, lost: int) -> None:
    """JSON has no nan or infinity: JSON Lines lose them, CSV only inside nested columns, Parquet nowhere."""
    items = pl.DataFrame(
        {
            "item_id": ["a", "b", "c"],
            "score": [math.nan, 0.5, -math.inf],
            "scores": [[0.1], [math.inf, 1.0], None],
        }
    )
    report, frames = there_and_back(Held(items), form, allow_loss=("non_finite",))

    losses = {loss.column: (loss.kind, loss.count, loss.ids) for loss in report.losses}
    expected = {"score": ("non_finite", 2, ("a", "c")), "scores": ("non_finite", 1, ("b",))}
    kept = ["score", "scores"][: 2 - lost]
    assert losses == {column: what for column, what in expected.items() if column not in kept}
    assert all(frames["items"][column].equals(items[column], null_equal=True) for column in kept)
    assert report.losses.to_frame()["count"].to_list() == [count for _, count, _ in losses.values()]


# ----------------------------------------------------------------------------------- the formulas


@settings(max_examples=50)
@given(texts=st.lists(WORDS, min_size=1, max_size=10))
def test_no_cell_of_a_csv_begins_like_a_formula(texts: list[str]) -> None:
    """No text, name of a column or JSON in a CSV begins with what a spreadsheet would run."""
    items = pl.DataFrame(
        {"item_id": [f"={n}" for n in range(len(texts))], "text": texts, "@list": [texts] * len(texts)}
    )
    source = Held(items.with_columns(number=pl.lit(-5)), [("=0", "glad")])
    with tempfile.TemporaryDirectory() as here:
        folder = export(source, Path(here) / "out", format="csv").folder
        cells = pl.concat(
            pl.read_csv(file, infer_schema=False, has_header=False)
            .select(pl.concat_list(pl.all()))
            .to_series()
            .explode()
            for file in folder.glob("*.csv")
        ).drop_nulls()

    dangerous = cells.filter(cells.str.contains(r"\A[=+\-@\t\r\n]"))
    assert set(dangerous) <= {"-5"}


def test_numbers_are_left_alone_by_the_guard(tmp_path: Path) -> None:
    """A negative number is written as one, a text that looks like it gets its apostrophe."""
    items = pl.DataFrame({"item_id": ["a"], "n": [-5], "f": [-0.5], "d": [Decimal("-1.5")], "s": ["-5"]})
    folder = export(Held(items), tmp_path / "out", format="csv").folder

    assert (folder / "items.csv").read_text() == '"item_id","n","f","d","s"\n"a",-5,-0.5,"-1.5","\'-5"\n'


def test_null_and_empty_text_differ_in_every_format(tmp_path: Path) -> None:
    """Null is an empty cell or null, empty text is quoted, and both come back."""
    items = pl.DataFrame({"item_id": ["a", "b"], "text": [None, ""]})
    written = {}
    for form in ("csv", "jsonl"):
        folder = export(Held(items), tmp_path / form, format=form).folder
        written[form] = (folder / f"items.{form}").read_text()
        assert read_export(folder)["items"].equals(items)

    assert written["csv"] == '"item_id","text"\n"a",\n"b",""\n'
    assert [json.loads(line)["text"] for line in written["jsonl"].splitlines()] == [None, ""]


def test_images_come_back_from_base64(tmp_path: Path) -> None:
    """Bytes are base64 in JSON Lines and CSV, and the manifest says so."""
    png = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    items = pl.DataFrame({"item_id": ["a"], "image": [png]})
    for form in ("jsonl", "csv"):
        folder = export(Held(items), tmp_path / form, format=form).folder
        manifest = json.loads((folder / "manifest.json").read_text())
        image = manifest["files"][0]["columns"][1]

        assert image == {"name": "image", "dtype": "Binary", "written_as": "base64"}
        assert read_export(folder)["items"]["image"][0] == png


@pytest.mark.parametrize("kind", VARIANTS)
@pytest.mark.parametrize("name", FORMATS)
def test_marks_with_options_come_back_whole(kind: str, name: str, tmp_path: Path) -> None:
    """How a box is turned, and which pieces a span has, are in every format, and no loss is reported."""
    case = case_of(kind)
    with Project.open(":memory:", schema=case.schema, items=items_of(case, 1)) as project:
        session = Session(project, "ada")
        session.submit({"q": case.good[0][0]}, item_id="i-0")
        report = export(project, tmp_path / "out", format=name)
        labels = project.labels("q")
    found = read_export(tmp_path / "out")

    assert not report.losses
    assert found["labels_q"].select(labels.columns).equals(labels)
