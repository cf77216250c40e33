"""The table of items: any row of any batch, in the order asked, without reading the rest."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_annotate.errors import ColumnError, IntegrityError, StorageError, UnknownNameError
from jupyter_annotate.storage import id_index, item_table
from jupyter_annotate.storage.batches import Batches, FolderBatches, MemoryBatches
from jupyter_annotate.storage.item_table import ItemTable


def frame(start: int, stop: int, **more: object) -> pl.DataFrame:
    """Make items with these numbers."""
    numbers = range(start, stop)
    return pl.DataFrame({"item_id": [f"i{n}" for n in numbers], "n": list(numbers)}).with_columns(
        **{name: pl.lit(value) for name, value in more.items()}
    )


def table_of(*frames: pl.DataFrame, batches: Batches | None = None) -> ItemTable:
    """Make a table over these batches."""
    place = batches or MemoryBatches()
    return ItemTable(place, [(place.write(each), len(each)) for each in frames])


def test_rows_count_through_all_batches(tmp_path: Path) -> None:
    """Row numbers go on from batch to batch, and come back in the order asked, doubled where asked twice."""
    table = table_of(frame(0, 250), frame(250, 251), frame(251, 900), batches=FolderBatches(tmp_path))
    rows = [899, 0, 250, 249, 251, 0, 700]

    assert len(table) == 900
    assert table.fetch(rows)["n"].to_list() == rows
    assert table.ids(rows) == [f"i{n}" for n in rows]
    assert table.rows_of(["i899", "nobody", "i0", ""]).tolist() == [899, -1, 0, -1]
    assert [item["n"] for item in table.items(["i5", "i899"])] == [5, 899]
    assert table.scan().select("n").collect()["n"].to_list() == list(range(900))


def test_an_empty_table_answers() -> None:
    """Nothing asked of nothing is nothing, with the columns of items."""
    table = table_of()

    assert len(table) == 0
    assert table.rows_of(["a"]).tolist() == [-1]
    assert table.rows_of([]).tolist() == []
    assert table.ids([]) == []
    assert table.fetch([]).columns == table.columns == ["item_id"]
    assert table.scan().collect().is_empty()


def test_columns_of_all_batches_are_there() -> None:
    """A batch with more columns adds them to all rows; numbers and their finer kinds meet."""
    table = table_of(frame(0, 3), frame(3, 6, text="x"), frame(6, 9).with_columns(n=pl.lit(0.5)))

    assert table.columns == ["item_id", "n", "text"]
    assert table.fetch([0]).to_dicts() == [{"item_id": "i0", "n": 0.0, "text": None}]
    assert table.fetch([8, 4]).to_dicts() == [
        {"item_id": "i8", "n": 0.5, "text": None},
        {"item_id": "i4", "n": 4.0, "text": "x"},
    ]
    assert table.fetch([]).columns == table.columns


def test_a_batch_added_later_is_found() -> None:
    """Ids, rows and columns know the new batch at once."""
    batches = MemoryBatches()
    table = table_of(frame(0, 10), batches=batches)
    assert table.rows_of(["i12"]).tolist() == [-1]

    more = frame(10, 20, text="new")
    table.add(batches.write(more), len(more))

    assert table.rows_of(["i12", "i3"]).tolist() == [12, 3]
    assert table.fetch([12, 3])["text"].to_list() == ["new", None]


def test_a_row_that_is_not_there_is_refused() -> None:
    """Row numbers never wrap around."""
    table = table_of(frame(0, 3))

    for row in (-1, 3):
        with pytest.raises(IndexError, match="expected rows from 0 to 2"):
            table.fetch([row])


def test_an_unknown_item_is_named_with_known_ones() -> None:
    """The error lists a few ids that exist."""
    with pytest.raises(UnknownNameError, match="no item 'i7'; known: 'i0', 'i1', 'i2'"):
        table_of(frame(0, 3)).items(["i1", "i7"])


def test_many_rows_are_read_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """More pages than are kept come in the order asked just the same."""
    monkeypatch.setattr(item_table, "_MOST_PAGES", 3)
    table = table_of(frame(0, 1200), frame(1200, 2000))
    rows = np.random.default_rng(1).integers(0, 2000, 3000)

    assert table.fetch(rows)["n"].to_list() == rows.tolist()
    assert not table._pages


def test_kept_pages_stay_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the items are, what is kept of them is bounded, and what is asked is answered."""
    monkeypatch.setattr(item_table, "_KEPT_BYTES", 300_000)
    table = table_of(frame(0, 2000).with_columns(text=pl.lit("x" * 1000) + pl.col("n").cast(pl.String)))

    for row in range(0, 2000, 37):
        assert table.fetch([row, (row * 7) % 2000])["n"].to_list() == [row, (row * 7) % 2000]
        assert sum(page.estimated_size() for page in table._pages.values()) <= 300_000


def test_ids_that_share_a_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The id itself decides: even with four hashes in all, each id finds its own row and no other."""

    def coarse(ids: pl.Series) -> NDArray[np.uint64]:
        return (ids.hash() % 4).to_numpy()

    monkeypatch.setattr(id_index, "_hash", coarse)
    table = table_of(frame(0, 60), frame(60, 100))

    assert table.rows_of([f"i{n}" for n in range(100)]).tolist() == list(range(100))
    assert table.rows_of([f"j{n}" for n in range(100)]).tolist() == [-1] * 100


@given(
    sizes=st.lists(st.integers(1, 230), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(0, 60),
)
def test_any_rows_of_any_batches_come_back(sizes: list[int], seed: int, n_rows: int) -> None:
    """For every division into batches, rows, ids and content belong together."""
    ends = np.cumsum([0, *sizes]).tolist()
    table = table_of(*(frame(a, b) for a, b in itertools.pairwise(ends)))
    rows = np.random.default_rng(seed).integers(0, len(table), n_rows)

    found = table.fetch(rows)

    assert found["n"].to_list() == rows.tolist()
    assert found["item_id"].to_list() == table.ids(rows)
    assert table.rows_of(found["item_id"]).tolist() == rows.tolist()


def test_threads_share_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While some read at random and pages come and go, another adds batches; every answer is right."""
    monkeypatch.setattr(item_table, "_KEPT_BYTES", 20_000)
    batches = FolderBatches(tmp_path)
    table = table_of(frame(0, 3000), batches=batches)
    wrong: list[object] = []

    def read(seed: int) -> None:
        draw = np.random.default_rng(seed)
        for _ in range(40):
            rows = draw.integers(0, len(table), 7)
            if table.fetch(rows)["n"].to_list() != rows.tolist():
                wrong.append(rows)
            ids = [f"i{n}" for n in rows]
            if table.rows_of(ids).tolist() != rows.tolist():
                wrong.append(ids)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for start in range(3000, 3500, 100):
        more = frame(start, start + 100)
        table.add(batches.write(more), 100)
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(table) == 3500


def test_an_id_that_stands_already_is_served_once(tmp_path: Path) -> None:
    """Of several rows with one id the first counts: no other is counted, numbered, fetched or scanned."""
    batches = FolderBatches(tmp_path)
    frames = [frame(0, 10, of="1"), frame(5, 15, of="2"), frame(0, 3, of="3"), frame(14, 20, of="4")]
    table = table_of(*frames, batches=batches)

    assert len(table) == 20
    assert table.ids(range(20)) == [f"i{n}" for n in range(20)]
    assert table.rows_of([f"i{n}" for n in range(20)]).tolist() == list(range(20))
    whole = table.fetch(range(20))
    assert whole["n"].to_list() == list(range(20))
    assert whole["of"].to_list() == ["1"] * 10 + ["2"] * 5 + ["4"] * 5
    assert table.scan().collect().equals(whole)
    assert [item["of"] for item in table.items(["i19", "i5", "i14"])] == ["4", "1", "2"]


def test_an_id_that_comes_again_later_is_not_counted() -> None:
    """A batch added to a table in use brings only its new ids, and the rows that stood keep their numbers."""
    batches = MemoryBatches()
    table = table_of(frame(0, 4), batches=batches)
    assert table.rows_of(["i3"]).tolist() == [3]

    for start, stop in ((2, 6), (0, 6), (6, 8)):
        table.add(batches.write(frame(start, stop, of="late")), stop - start)

    assert len(table) == 8
    assert table.rows_of([f"i{n}" for n in range(8)]).tolist() == list(range(8))
    assert table.fetch(range(8))["of"].to_list() == [None] * 4 + ["late"] * 4
    assert table.scan().select("n").collect()["n"].to_list() == list(range(8))


@given(st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), min_size=1, max_size=5))
def test_whatever_ids_come_again(batches: list[list[int]]) -> None:
    """For every way in which ids repeat, the table is that of the first of each."""
    frames = [
        pl.DataFrame({"item_id": [f"i{n}" for n in part], "n": part, "batch": [number] * len(part)}).cast(
            {"item_id": pl.String, "n": pl.Int64, "batch": pl.Int64}
        )
        for number, part in enumerate(batches)
    ]
    expected = pl.concat(frames).unique("item_id", keep="first", maintain_order=True)
    table = table_of(*frames)

    assert len(table) == len(expected)
    assert table.fetch(range(len(table))).equals(expected)
    assert table.scan().collect().equals(expected)
    assert table.rows_of(expected["item_id"]).tolist() == list(range(len(expected)))


def test_columns_of_another_type_are_refused() -> None:
    """A new column that would be read with a loss is refused with its name and both types; others pass."""
    table = table_of(frame(0, 3, image="a.png"), frame(3, 6, score=0.5))

    for column, values, found in (
        ("image", [b"x"], "Binary"),
        ("n", [[1]], "List(Int64)"),
        ("n", ["1"], "String"),
    ):
        with pytest.raises(ColumnError) as error:
            table.refuse_types(pl.DataFrame({"item_id": ["x"], column: values}), what="items")
        there = "String" if column == "image" else "Int64"
        expected = (
            f"items, column '{column}': expected {there}, as in the items that are there, found {found}. "
        )
        assert str(error.value).startswith(expected)
    for number in (None, 7, 0.5):
        table.refuse_types(pl.DataFrame({"item_id": ["x"], "n": [number], "new": [[1]]}), what="items")
    with pytest.raises(ColumnError, match=r"column 'score': expected Float64.*found Int64"):
        table.refuse_types(pl.DataFrame({"item_id": ["x"], "score": [2**53 + 1]}), what="items")
    table_of().refuse_types(pl.DataFrame({"item_id": ["x"], "n": [object()]}), what="items")


def test_a_table_that_cannot_be_read_without_loss_says_so() -> None:
    """Where batches of old hold types that do not go together, the column is named instead of changed."""
    table = table_of(frame(0, 3, image="a.png"), frame(3, 6).with_columns(image=pl.lit(b"\xff")))

    for ask in (table.scan, lambda: table.fetch([0]), lambda: table.items(["i4"]), lambda: table.columns):
        with pytest.raises(StorageError, match=r"column 'image' has another type .*String, Binary"):
            ask()
    assert table.ids([4]) == ["i4"]


def test_large_rows_are_read_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is as many rows as its bytes allow, and the last page is kept however large it is."""
    draw = np.random.default_rng(5)
    images = [draw.bytes(1_000_000) for _ in range(12)]
    table = table_of(frame(0, 12).with_columns(image=pl.Series(images)), batches=FolderBatches(tmp_path))

    assert [item["image"] for item in table.items(["i7", "i2"])] == [images[7], images[2]]
    assert max(map(len, table._pages.values())) <= 4
    monkeypatch.setattr(item_table, "_KEPT_BYTES", 10)
    table.fetch([11])
    assert len(table._pages) == 1


def test_many_large_rows_are_read_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows at once come whole and in order however few of them are read together."""
    monkeypatch.setattr(item_table, "_MOST_PAGES", 1)
    monkeypatch.setattr(item_table, "_STRETCH_BYTES", 500)
    table = table_of(frame(0, 300), frame(250, 700))
    rows = np.random.default_rng(1).integers(0, 700, 2000)

    assert table.fetch(rows)["n"].to_list() == rows.tolist()


def alter(folder: Path, digest: str) -> None:
    """Put other items in the place of a batch, as valid Parquet."""
    path = folder / f"{digest}.parquet"
    pl.read_parquet(path).with_columns(n=pl.col("n") + 1).write_parquet(path)


def test_an_altered_batch_is_not_taken_up(tmp_path: Path) -> None:
    """A batch that reads well but is another is found when it is added."""
    batches = FolderBatches(tmp_path)
    digest = batches.write(frame(0, 500))
    alter(tmp_path, digest)

    with pytest.raises(IntegrityError, match=rf"{digest}.* was changed: its digest is"):
        ItemTable(FolderBatches(tmp_path), [(digest, 500)])


def test_a_batch_altered_meanwhile_is_not_served(tmp_path: Path) -> None:
    """A batch changed under an open table is found before the next rows of it are read."""
    batches = FolderBatches(tmp_path)
    table = table_of(frame(0, 500), batches=batches)
    table.fetch([0])
    (path,) = tmp_path.iterdir()
    alter(tmp_path, path.stem)

    for ask in (table.scan, lambda: table.fetch([400]), lambda: table.fetch(range(0, 500, 2))):
        with pytest.raises(IntegrityError, match="was changed: its digest is"):
            ask()


def test_a_large_batch_is_compared_before_its_rows_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long to compare does not slow down opening, and is compared before any of it is shown."""
    monkeypatch.setattr("jupyter_annotate.storage.batches._AT_ONCE_BYTES", 100)
    digest = FolderBatches(tmp_path).write(frame(0, 500))
    alter(tmp_path, digest)
    table = ItemTable(FolderBatches(tmp_path), [(digest, 500)])

    with pytest.raises(IntegrityError, match="was changed: its digest is"):
        table.fetch([0])


@pytest.mark.parametrize("damage", ["cut", "flip", "gone", "other"])
def test_a_damaged_batch_is_named(tmp_path: Path, damage: str) -> None:
    """A batch that cannot be read, or is another, is an error that names it, not a wrong item."""
    batches = FolderBatches(tmp_path)
    digest = batches.write(frame(0, 500))
    path = tmp_path / f"{digest}.parquet"
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other":
        frame(0, 499).write_parquet(path)
    else:
        path.write_bytes(data[:200] if damage == "cut" else data[:-20] + bytes(20))

    with pytest.raises((IntegrityError, StorageError), match=digest):
        ItemTable(batches, [(digest, 500)])
